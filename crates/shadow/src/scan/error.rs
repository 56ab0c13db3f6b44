//! What keeps a scan, or a file, from being read.

use std::io;
use std::path::Path;

use crate::format::MappingError;

/// Why a scan did not begin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScanError {
    /// Nothing there, or no right to read it.
    #[error("`{path}`: {source}; look whether the path is right and may be read")]
    Path {
        /// The path.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// A format that does not exist.
    #[error(transparent)]
    Format(#[from] MappingError),
}

impl ScanError {
    pub(super) fn path(path: &Path, source: io::Error) -> Self {
        Self::Path { path: path.display().to_string(), source }
    }

    /// The same in Japanese.
    pub fn japanese(&self) -> String {
        match self {
            Self::Path { path, source } => {
                format!("{path}: {source}。場所が正しいか、読む権限があるかを確かめてください。")
            }
            Self::Format(error) => error.japanese(),
        }
    }
}

/// Why a file was not read to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unread {
    #[error("cannot be read ({0}); look whether it may be read")]
    Io(io::Error),
    #[error("what is compressed breaks off or is damaged here ({0}); fetch the file again. What came before counts")]
    Cut(io::Error),
    #[error("a symbolic link; name what it leads to if that is to be read")]
    Link,
    #[error("no file")]
    NoFile,
}

impl Unread {
    pub(super) fn japanese(&self) -> String {
        match self {
            Self::Io(error) => format!("読めません（{error}）。読む権限があるかを確かめてください。"),
            Self::Cut(error) => format!(
                "圧縮されたデータがここで途切れているか壊れています（{error}）。取り直してください。ここまでは数えました。"
            ),
            Self::Link => "シンボリックリンクです。リンク先も調べるなら、その場所を指定してください。".to_owned(),
            Self::NoFile => "ファイルではありません。".to_owned(),
        }
    }
}
