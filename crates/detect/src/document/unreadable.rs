//! Why a file, or something in it, cannot be read.

use serde::Serialize;

/// What cannot be read, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("`{path}`: {reason}")]
pub struct Unreadable {
    /// The file, with the files it lies in: `資料.zip › 名簿.xlsx`.
    pub path: String,
    /// Why.
    pub reason: Reason,
}

/// Why something cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Reason {
    /// It is protected with a password.
    #[error("it is encrypted; remove the password and try again")]
    Encrypted,
    /// It is not what its beginning says, or breaks off.
    #[error("it is broken near {place}: {detail}")]
    Broken {
        /// Byte, member, page or line.
        place: String,
        /// What was expected.
        detail: String,
    },
    /// A format that is not read here.
    #[error("`{format}` is not a format that can be read; save it as PDF, DOCX, XLSX, PPTX or text")]
    Unsupported {
        /// The format, as far as known.
        format: String,
    },
    /// A picture, sound or film.
    #[error("`{format}` holds no text that can be inspected")]
    Media {
        /// The format.
        format: String,
    },
    /// Text in no known encoding.
    #[error("its encoding is unknown (byte {at}); save it as UTF-8")]
    Encoding {
        /// The first byte that fits no encoding.
        at: usize,
    },
    /// Larger than a bound of [`super::Limits`].
    #[error("it is larger than allowed: {limit} is {most}")]
    TooLarge {
        /// Which bound, such as `unpacked_bytes`.
        limit: &'static str,
        /// The bound.
        most: usize,
    },
}

impl Reason {
    /// Stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Encrypted => "ENCRYPTED",
            Self::Broken { .. } => "BROKEN",
            Self::Unsupported { .. } => "UNSUPPORTED",
            Self::Media { .. } => "MEDIA",
            Self::Encoding { .. } => "ENCODING",
            Self::TooLarge { .. } => "TOO_LARGE",
        }
    }

    /// For people, in Japanese, with the remedy.
    pub fn japanese(&self) -> String {
        match self {
            Self::Encrypted => "パスワードで保護されています。保護を外してから渡してください。".into(),
            Self::Broken { place, detail } => format!("{place} 付近で壊れています（{detail}）。"),
            Self::Unsupported { format } => {
                format!(
                    "`{format}` は読めない形式です。PDF、DOCX、XLSX、PPTX、テキストのどれかで保存し直してください。"
                )
            }
            Self::Media { format } => format!("`{format}` は中の文字を検査できません。"),
            Self::Encoding { at } => {
                format!("文字コードが分かりません（{at} バイト目）。UTF-8 で保存し直してください。")
            }
            Self::TooLarge { limit, most } => format!("大きすぎます（{limit} は {most} まで）。分けて渡してください。"),
        }
    }
}
