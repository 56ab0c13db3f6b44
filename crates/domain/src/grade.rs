//! 格付: grades of confidentiality as an ordered list that each body configures.
//!
//! The national list is 機密性1 to 3 (統一基準); the municipal one has five steps since the 令和6.10.2 edition of
//! the Ministry's guideline. Bodies split further (some universities have 2A and 2B), so a grade is a position in a
//! list, never a constant.

use serde::{Deserialize, Serialize};

/// A position in a [`GradeScale`]; higher means more confidential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Grade(pub u8);

/// One step of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GradeLevel {
    /// Short ASCII code for headers and files, such as `C2` or `M3B`.
    pub code: String,
    /// What people call it, such as 機密性2.
    pub label: String,
    /// 要機密情報: the step falls under the rules for information that needs confidentiality.
    pub sensitive: bool,
}

/// The ordered list of grades of one body, least confidential first. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = Vec<GradeLevel>))]
#[serde(try_from = "Vec<GradeLevel>", into = "Vec<GradeLevel>")]
pub struct GradeScale(Vec<GradeLevel>);

/// Why a list of grades or the name of one is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GradeError {
    /// The list has no step or more than 100.
    #[error("a list of grades needs 1 to 100 steps, this one has {0}")]
    Length(usize),
    /// Two steps share a code or a label.
    #[error("the grade `{0}` stands twice in the list")]
    Twice(String),
    /// A step below is sensitive while this one is not.
    #[error("the grade `{0}` stands above a sensitive grade and must be sensitive too")]
    Unordered(String),
    /// No such step.
    #[error("`{given}` is not a grade of this body; its grades are {known}")]
    Unknown {
        /// What was given.
        given: String,
        /// The codes and labels that would be accepted.
        known: String,
    },
}

impl GradeScale {
    /// Checks order and uniqueness.
    pub fn new(levels: Vec<GradeLevel>) -> Result<Self, GradeError> {
        if levels.is_empty() || levels.len() > 100 {
            return Err(GradeError::Length(levels.len()));
        }
        let mut seen = std::collections::BTreeSet::new();
        let mut sensitive_below = false;
        for level in &levels {
            if !seen.insert(&level.code) || (level.label != level.code && !seen.insert(&level.label)) {
                return Err(GradeError::Twice(level.code.clone()));
            }
            if sensitive_below && !level.sensitive {
                return Err(GradeError::Unordered(level.code.clone()));
            }
            sensitive_below |= level.sensitive;
        }
        Ok(Self(levels))
    }

    /// 機密性1 / 2 / 3 of 統一基準.
    pub fn national() -> Self {
        Self(vec![level("C1", "機密性1", false), level("C2", "機密性2", true), level("C3", "機密性3", true)])
    }

    /// 自治体機密性1 / 2 / 3C / 3B / 3A.
    pub fn municipal() -> Self {
        Self(vec![
            level("M1", "自治体機密性1", false),
            level("M2", "自治体機密性2", true),
            level("M3C", "自治体機密性3C", true),
            level("M3B", "自治体機密性3B", true),
            level("M3A", "自治体機密性3A", true),
        ])
    }

    /// All steps, least confidential first.
    pub fn levels(&self) -> &[GradeLevel] {
        &self.0
    }

    /// The step of a grade. A grade beyond the list counts as its highest step, so that nothing is lowered by accident.
    pub fn level(&self, grade: Grade) -> &GradeLevel {
        static NONE: std::sync::LazyLock<GradeLevel> = std::sync::LazyLock::new(|| level("?", "?", true));
        self.0.get(usize::from(grade.0)).or(self.0.last()).unwrap_or(&NONE)
    }

    /// 要機密情報?
    pub fn is_sensitive(&self, grade: Grade) -> bool {
        self.level(grade).sensitive
    }

    /// The least confidential grade.
    pub fn lowest(&self) -> Grade {
        Grade(0)
    }

    /// The most confidential grade.
    pub fn highest(&self) -> Grade {
        Grade(u8::try_from(self.0.len().saturating_sub(1)).unwrap_or(u8::MAX))
    }

    /// The lowest grade that is 要機密情報; the highest when no step is.
    pub fn first_sensitive(&self) -> Grade {
        let at = self.0.iter().position(|l| l.sensitive).unwrap_or(self.0.len().saturating_sub(1));
        Grade(u8::try_from(at).unwrap_or(u8::MAX))
    }

    /// Reads a code (`C2`), a label (機密性2, 機密性2情報) or the tail of a code (`2`, `3B`); letter case does not matter.
    pub fn parse(&self, text: &str) -> Result<Grade, GradeError> {
        let wanted = text.trim().trim_end_matches("情報");
        let position = self.0.iter().position(|l| {
            l.label == wanted
                || l.code.eq_ignore_ascii_case(wanted)
                || l.code.get(1..).is_some_and(|tail| !tail.is_empty() && tail.eq_ignore_ascii_case(wanted))
        });
        match position {
            Some(at) => Ok(Grade(u8::try_from(at).unwrap_or(u8::MAX))),
            None => Err(GradeError::Unknown {
                given: text.chars().take(40).collect(),
                known: self.0.iter().map(|l| format!("{} ({})", l.code, l.label)).collect::<Vec<_>>().join(", "),
            }),
        }
    }
}

fn level(code: &str, label: &str, sensitive: bool) -> GradeLevel {
    GradeLevel { code: code.into(), label: label.into(), sensitive }
}

impl TryFrom<Vec<GradeLevel>> for GradeScale {
    type Error = GradeError;
    fn try_from(levels: Vec<GradeLevel>) -> Result<Self, GradeError> {
        Self::new(levels)
    }
}

impl From<GradeScale> for Vec<GradeLevel> {
    fn from(scale: GradeScale) -> Self {
        scale.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grade_is_read_by_code_label_or_number() {
        let scale = GradeScale::national();
        for text in ["C2", "c2", "機密性2", "機密性2情報", "2", " 2 "] {
            assert_eq!(scale.parse(text), Ok(Grade(1)), "{text}");
        }
        assert_eq!(GradeScale::municipal().parse("3b"), Ok(Grade(3)));
        let error = scale.parse("4").unwrap_err().to_string();
        assert!(error.contains("C3 (機密性3)"), "{error}");
    }

    #[test]
    fn a_grade_above_a_sensitive_one_is_sensitive() {
        let bad = vec![level("A", "甲", true), level("B", "乙", false)];
        assert_eq!(GradeScale::new(bad), Err(GradeError::Unordered("B".into())));
    }

    #[test]
    fn a_grade_beyond_the_list_counts_as_the_highest() {
        assert!(GradeScale::national().is_sensitive(Grade(200)));
    }
}
