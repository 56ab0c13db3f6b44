//! Japanese first; English with `--lang en` or a `LANG` that says so.

/// The language people are spoken to in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Lang {
    /// 日本語.
    Ja,
    /// English.
    En,
}

impl Lang {
    /// The choice of the command line, else of `LANG`; Japanese when neither says.
    pub(crate) fn choose(flag: Option<Self>, lang: Option<&str>) -> Self {
        flag.unwrap_or(match lang {
            Some(lang) if lang.starts_with("en") => Self::En,
            _ => Self::Ja,
        })
    }

    /// One of two texts.
    pub(crate) fn pick<'t>(self, ja: &'t str, en: &'t str) -> &'t str {
        match self {
            Self::Ja => ja,
            Self::En => en,
        }
    }
}
