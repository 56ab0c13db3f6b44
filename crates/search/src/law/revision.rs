//! The names of files that hold one revision of a law: `<law id>_<day in force>_<amending law id>.xml`.

use std::fmt;

use jiff::civil::Date;

use super::law_id::LawId;

/// One revision of a law, as the names of e-Gov's files and revision ids say it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RevisionName {
    /// The law.
    pub law_id: LawId,
    /// The day from which this text is in force.
    pub enforced: Date,
    /// The law that made this text; `None` (all zeros in the name) for the text as first promulgated.
    pub amending: Option<LawId>,
}

/// Fifteen zeros stand for no amending law.
const NONE: &str = "000000000000000";

impl RevisionName {
    /// Reads a name, with or without folders before it and an extension after it.
    pub fn parse(name: &str) -> Option<Self> {
        let file = name.rsplit(['/', '\\']).next()?;
        let stem = file.split_once('.').map_or(file, |(stem, _)| stem);
        let mut parts = stem.split('_');
        let (law_id, day, amending) = (LawId::new(parts.next()?)?, parts.next()?, parts.next()?);
        if parts.next().is_some() || day.len() != 8 {
            return None;
        }
        let number = |from: usize, to: usize| day.get(from..to).and_then(|digits| digits.parse::<i16>().ok());
        let month = i8::try_from(number(4, 6)?).ok()?;
        let enforced = Date::new(number(0, 4)?, month, i8::try_from(number(6, 8)?).ok()?).ok()?;
        let amending = if amending == NONE { None } else { Some(LawId::new(amending)?) };
        Some(Self { law_id, enforced, amending })
    }
}

impl fmt::Display for RevisionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amending = self.amending.as_ref().map_or(NONE, LawId::as_str);
        write!(f, "{}_{}_{amending}", self.law_id, self.enforced.strftime("%Y%m%d"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_the_law_the_day_and_the_amending_law() {
        let name = RevisionName::parse("all/399AC0000000001_20240401_505AC0000000099.xml").unwrap();
        assert_eq!(name.law_id.as_str(), "399AC0000000001");
        assert_eq!(name.enforced, Date::new(2024, 4, 1).unwrap());
        assert_eq!(name.amending, LawId::new("505AC0000000099"));
        assert_eq!(name.to_string(), "399AC0000000001_20240401_505AC0000000099");
    }

    #[test]
    fn zeros_say_that_nothing_amended_it() {
        let name = RevisionName::parse("399AC0000000001_20240401_000000000000000").unwrap();
        assert_eq!(name.amending, None);
        assert_eq!(RevisionName::parse(&name.to_string()), Some(name));
    }

    #[test]
    fn other_names_are_none() {
        for name in ["", "law.xml", "399AC0000000001.xml", "399AC0000000001_20241301_505AC0000000099", "a_b_c_d"] {
            assert_eq!(RevisionName::parse(name), None, "{name}");
        }
    }
}
