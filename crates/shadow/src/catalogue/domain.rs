//! Names that may stand in the catalogue.

/// A domain in lower case ASCII.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain(String);

/// Suffixes under which strangers register names, or on which strangers host theirs. One of these as an entry would
/// count half of a log.
///
/// This is a short list on purpose and not the Public Suffix List: that one is large, changes weekly and is needed to
/// judge any name; here a person reviews every entry, and the list only catches the slip of a hand. Names without a dot
/// are refused anyhow.
const PUBLIC: &[&str] = &[
    "ac.jp",
    "ad.jp",
    "co.jp",
    "ed.jp",
    "go.jp",
    "gr.jp",
    "lg.jp",
    "ne.jp",
    "or.jp",
    "tokyo.jp",
    "osaka.jp",
    "ac.uk",
    "co.uk",
    "gov.uk",
    "org.uk",
    "com.au",
    "net.au",
    "com.br",
    "com.cn",
    "net.cn",
    "org.cn",
    "com.hk",
    "com.sg",
    "com.tw",
    "com.mx",
    "com.tr",
    "co.in",
    "co.kr",
    "or.kr",
    "co.nz",
    "co.za",
    "co.id",
    "co.th",
    "amazonaws.com",
    "appspot.com",
    "azure.com",
    "azurewebsites.net",
    "cloudfront.net",
    "cloudfunctions.net",
    "firebaseapp.com",
    "github.io",
    "gitlab.io",
    "googleapis.com",
    "herokuapp.com",
    "hf.space",
    "netlify.app",
    "notion.site",
    "onrender.com",
    "pages.dev",
    "repl.co",
    "run.app",
    "vercel.app",
    "web.app",
    "windows.net",
    "workers.dev",
];

/// Why a name may not stand in the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DomainError {
    /// A URL, a port, a path.
    #[error("write the host alone, without scheme, port or path")]
    NotAlone,
    /// A star or a dot in front.
    #[error("write the domain itself; what is below it is meant anyhow")]
    Wildcard,
    /// An address.
    #[error("an IP address is no domain")]
    Address,
    /// Letters, lengths.
    #[error("no host can have this name")]
    Malformed,
    /// One under which strangers register.
    #[error("strangers register names under this suffix; write the service's own domain")]
    Public,
}

impl DomainError {
    /// The same in Japanese.
    pub fn japanese(self) -> &'static str {
        match self {
            Self::NotAlone => "ホスト名だけを書いてください（スキーム・ポート・パスは付けません）。",
            Self::Wildcard => "ドメインそのものを書いてください。その下は自動的に含まれます。",
            Self::Address => "IPアドレスはドメインではありません。",
            Self::Malformed => "ホスト名として使えない名前です。",
            Self::Public => "他者も名前を登録する接尾辞です。サービス自身のドメインを書いてください。",
        }
    }
}

impl Domain {
    /// A name as people write it: any case, international letters, a dot at the end.
    ///
    /// # Errors
    /// See [`DomainError`].
    pub fn parse(written: &str) -> Result<Self, DomainError> {
        let name = written.trim();
        if name.contains("://") || name.contains(['/', '?', '#', '@']) || name.starts_with('[') {
            return Err(DomainError::NotAlone);
        }
        if name.starts_with(['*', '.']) {
            return Err(DomainError::Wildcard);
        }
        if name.parse::<std::net::IpAddr>().is_ok() {
            return Err(DomainError::Address);
        }
        if name.contains(':') {
            return Err(DomainError::NotAlone);
        }
        let ascii = idna::domain_to_ascii(name).map_err(|_| DomainError::Malformed)?;
        let ascii = ascii.strip_suffix('.').unwrap_or(&ascii);
        let labels_fit = ascii.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        });
        let last = ascii.rsplit('.').next().unwrap_or_default();
        if !labels_fit || ascii.len() > crate::host::LONGEST || last.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(DomainError::Malformed);
        }
        if !ascii.contains('.') || PUBLIC.contains(&ascii) {
            return Err(DomainError::Public);
        }
        Ok(Self(ascii.to_owned()))
    }

    /// In lower case ASCII.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
