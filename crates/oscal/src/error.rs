//! Why a document is not written, or not read: what is wrong, where, what to do.

use crate::document::Model;

/// Why an export cannot be a valid document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    /// OSCAL demands at least one of something that the record has none of.
    #[error("{} cannot be written without {what_en}", model.key())]
    Nothing {
        /// Which document.
        model: Model,
        /// What is missing.
        what_ja: &'static str,
        /// The same in English.
        what_en: &'static str,
    },
    /// Date-times are written from 2000 to 2999.
    #[error("the year {0} cannot be written: date-times reach from 2000 to 2999; check the date")]
    Year(i16),
    /// A line of the crosswalk that says nothing a mapping could carry.
    #[error("line {0} of the crosswalk names no item, or relates one item to nothing; correct or remove it")]
    CrosswalkLine(usize),
    /// The document could not be put into JSON.
    #[error("the document cannot be written as json: {0}")]
    Json(String),
}

impl ExportError {
    /// The same for people.
    pub fn ja(&self) -> String {
        match self {
            Self::Nothing { model, what_ja, .. } => {
                format!(
                    "{what_ja}がないため、{}を OSCAL で書き出せません。先に{what_ja}を入れてください。",
                    model.label()
                )
            }
            Self::Year(year) => {
                format!("{year} 年の日付は OSCAL で書けません（2000 年から 2999 年まで）。日付を確かめてください。")
            }
            Self::CrosswalkLine(n) => {
                format!(
                    "対応表の {n} 行目に項目がないか、相手のない項目に関係が付いています。行を直すか除いてください。"
                )
            }
            Self::Json(why) => format!("JSON として書き出せません（{why}）。"),
        }
    }
}

/// Why a document cannot be read. Paths are written `catalog.groups[0].controls[2].id`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// Too many bytes.
    #[error("the document has {found} bytes; at most {limit} are read; split it")]
    TooLarge {
        /// How many it has.
        found: usize,
        /// How many are read.
        limit: usize,
    },
    /// Not JSON, nested too deeply, too many values, or a key that stands twice.
    #[error("line {line}, column {column}: {what}")]
    Json {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong.
        what: String,
    },
    /// No key of the outermost object names a model of OSCAL.
    #[error("`{found}` is no document that is read here; the outermost key must be one of {}", Model::keys())]
    Root {
        /// The outermost keys, shortened.
        found: String,
    },
    /// Two models in one document.
    #[error("the document holds both `{0}` and `{1}`; put each into a file of its own")]
    TwoModels(&'static str, &'static str),
    /// Another model than was asked for.
    #[error("a `{}` is expected here, the document is a `{}`", expected.key(), found.key())]
    WrongModel {
        /// Asked for.
        expected: Model,
        /// Found.
        found: Model,
    },
    /// Another version of OSCAL.
    #[error("{path}: OSCAL `{found}` is not read; versions 1.0 to 1.2 are; convert the document first")]
    Version {
        /// Where.
        path: String,
        /// What stands there.
        found: String,
    },
    /// Something that must be there is missing.
    #[error("{path} is missing")]
    Missing {
        /// Where.
        path: String,
    },
    /// Something has another form than OSCAL demands.
    #[error("{path}: {expected_en} is expected, found `{found}`")]
    Form {
        /// Where.
        path: String,
        /// What stands there, shortened.
        found: String,
        /// What OSCAL demands.
        expected_ja: &'static str,
        /// The same in English.
        expected_en: &'static str,
    },
}

impl ImportError {
    /// The same for people.
    pub fn ja(&self) -> String {
        match self {
            Self::TooLarge { found, limit } => {
                format!("文書が {found} バイトあります。{limit} バイトまで読み込めます。分けてください。")
            }
            Self::Json { line, column, what } => {
                format!("{line} 行 {column} 桁で JSON として読めません（{what}）。その場所を直してください。")
            }
            Self::Root { found } => format!(
                "`{found}` はここで読み込める文書ではありません。いちばん外側のキーは次のどれかにしてください: {}。",
                Model::keys()
            ),
            Self::TwoModels(one, other) => {
                format!("一つの文書に `{one}` と `{other}` があります。ファイルを分けてください。")
            }
            Self::WrongModel { expected, found } => {
                format!("ここでは{}を読み込みます。この文書は{}です。", expected.label(), found.label())
            }
            Self::Version { path, found } => format!(
                "{path}: OSCAL `{found}` は読み込めません。1.0 から 1.2 までの版に変換してから読み込んでください。"
            ),
            Self::Missing { path } => format!("{path} がありません。加えてください。"),
            Self::Form { path, found, expected_ja, .. } => {
                format!("{path} は{expected_ja}でなければなりません（いまは `{found}`）。")
            }
        }
    }
}
