//! What a law is, and what it is called by: its kind, its era, its number and its id.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

use super::numeral;
use super::window::head;

/// The kinds of laws that the standard law XML tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LawKind {
    /// 憲法
    Constitution,
    /// 法律, and what has the force of one (太政官布告).
    Act,
    /// 政令
    CabinetOrder,
    /// 勅令
    ImperialOrder,
    /// 府令・省令
    MinisterialOrdinance,
    /// 規則
    Rule,
    /// Anything else.
    Misc,
}

impl LawKind {
    /// By the name in the `LawType` attribute; what is not known is [`LawKind::Misc`].
    pub fn from_name(name: &str) -> Self {
        match name {
            "Constitution" => Self::Constitution,
            "Act" => Self::Act,
            "CabinetOrder" => Self::CabinetOrder,
            "ImperialOrder" => Self::ImperialOrder,
            "MinisterialOrdinance" => Self::MinisterialOrdinance,
            "Rule" => Self::Rule,
            _ => Self::Misc,
        }
    }

    /// The kind that the words of a law number say: 法律, 政令, 大蔵省令.
    pub fn from_words(words: &str) -> Self {
        match words {
            "憲法" => Self::Constitution,
            "法律" | "太政官布告" => Self::Act,
            "政令" => Self::CabinetOrder,
            "勅令" => Self::ImperialOrder,
            _ if words.ends_with("府令") || words.ends_with("省令") || words.ends_with("庁令") => {
                Self::MinisterialOrdinance
            }
            _ if words.ends_with("規則") => Self::Rule,
            _ => Self::Misc,
        }
    }

    /// A letter or two for ids: `AC`, `CO`.
    pub(crate) fn letters(self) -> &'static str {
        match self {
            Self::Constitution => "CN",
            Self::Act => "AC",
            Self::CabinetOrder => "CO",
            Self::ImperialOrder => "IO",
            Self::MinisterialOrdinance => "M",
            Self::Rule => "R",
            Self::Misc => "X",
        }
    }
}

/// The eras of Japanese law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Era {
    /// 明治, from 1868.
    Meiji,
    /// 大正, from 1912.
    Taisho,
    /// 昭和, from 1926.
    Showa,
    /// 平成, from 1989.
    Heisei,
    /// 令和, from 2019.
    Reiwa,
}

impl Era {
    const ALL: [(Self, &'static str, &'static str, i16); 5] = [
        (Self::Meiji, "Meiji", "明治", 1867),
        (Self::Taisho, "Taisho", "大正", 1911),
        (Self::Showa, "Showa", "昭和", 1925),
        (Self::Heisei, "Heisei", "平成", 1988),
        (Self::Reiwa, "Reiwa", "令和", 2018),
    ];

    fn row(self) -> (&'static str, i16, usize) {
        let found = Self::ALL.iter().enumerate().find(|(_, row)| row.0 == self);
        found.map_or(("", 0, 0), |(index, row)| (row.2, row.3, index + 1))
    }

    /// By the name in the `Era` attribute, `Showa`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    /// 昭和
    pub fn kanji(self) -> &'static str {
        self.row().0
    }

    /// The Gregorian year of a year of the era.
    pub fn gregorian(self, year: u16) -> Option<i16> {
        i16::try_from(year).ok().filter(|year| *year > 0)?.checked_add(self.row().1)
    }

    /// 1 for 明治 to 5 for 令和, as law ids begin.
    pub(crate) fn digit(self) -> usize {
        self.row().2
    }

    fn leading(text: &str) -> Option<(Self, &str)> {
        Self::ALL.iter().find_map(|row| text.strip_prefix(row.2).map(|rest| (row.0, rest)))
    }
}

/// The day of an era's year, month and day. Dates before 1873 were lunar; they are taken as written, as e-Gov does.
pub(crate) fn date(era: Era, year: u16, month: u32, day: u32) -> Option<Date> {
    Date::new(era.gregorian(year)?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// The number of a law: 昭和二十二年法律第六十七号. Equal however the figures are written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LawNumber {
    /// The era.
    pub era: Era,
    /// The year of the era, from one.
    pub year: u16,
    /// What it is a number of: 法律, 政令, 大蔵省令, 総理府・大蔵省令.
    pub words: String,
    /// The number itself.
    pub number: u32,
}

impl LawNumber {
    /// The law number at the beginning of a text, and how many bytes it takes. A day of promulgation within it, as in
    /// 昭和二七年七月三一日法律第二七八号, is passed over.
    pub fn leading(text: &str) -> Option<(Self, usize)> {
        let (era, mut rest) = Era::leading(text)?;
        let mut take = |unit: char| -> Option<u32> {
            let (number, after) = match rest.strip_prefix('元') {
                Some(after) => (1, after),
                None => numeral::leading(rest).and_then(|(n, length)| Some((n, rest.get(length..)?)))?,
            };
            rest = after.strip_prefix(unit)?;
            Some(number)
        };
        let year = u16::try_from(take('年')?).ok()?;
        if take('月').is_some() {
            take('日');
        }
        // Longer than the list of ministries of any joint ordinance.
        let (words, _) = head(rest, 80).split_once('第')?;
        let after = rest.get(words.len() + '第'.len_utf8()..)?;
        if words.is_empty() || words.contains(['（', '）', '、', '。', '「', '\n']) {
            return None;
        }
        let (number, length) = numeral::leading(after)?;
        let after = after.get(length..)?.strip_prefix('号')?;
        Some((Self { era, year, words: words.to_owned(), number }, text.len() - after.len()))
    }

    /// The kind its words say.
    pub fn kind(&self) -> LawKind {
        LawKind::from_words(&self.words)
    }

    /// A short form for names of supplements: `505AC63`.
    pub(crate) fn short(&self) -> String {
        format!("{}{:02}{}{}", self.era.digit(), self.year, self.kind().letters(), self.number)
    }
}

/// A text that is no law number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a law number such as 昭和二十二年法律第六十七号")]
pub struct NotALawNumber(String);

impl FromStr for LawNumber {
    type Err = NotALawNumber;

    fn from_str(text: &str) -> Result<Self, NotALawNumber> {
        let whole = Self::leading(text).filter(|(_, length)| *length == text.len());
        whole.map(|(number, _)| number).ok_or_else(|| NotALawNumber(text.to_owned()))
    }
}

impl fmt::Display for LawNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.era.kanji())?;
        match self.year {
            1 => f.write_str("元")?,
            year => f.write_str(&numeral::to_kanji(u32::from(year)))?,
        }
        write!(f, "年{}第{}号", self.words, numeral::to_kanji(self.number))
    }
}

/// The id e-Gov gives a law: `322AC0000000049`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LawId(String);

impl LawId {
    /// Takes an id of letters and figures; `None` for anything else, so that an id is safe in names of files and units.
    pub fn new(id: &str) -> Option<Self> {
        let fits = (8..=40).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        fits.then(|| Self(id.to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LawId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_however_it_is_written() {
        let number: LawNumber = "昭和二十二年法律第六十七号".parse().unwrap();
        assert_eq!((number.era, number.year, number.number), (Era::Showa, 22, 67));
        for text in ["昭和２２年法律第６７号", "昭和22年法律第67号", "昭和二二年四月一七日法律第六七号"]
        {
            assert_eq!(text.parse(), Ok(number.clone()), "{text}");
        }
        assert_eq!(number.to_string(), "昭和二十二年法律第六十七号");
        assert_eq!("令和元年架空省令第三号".parse::<LawNumber>().unwrap().to_string(), "令和元年架空省令第三号");
    }

    #[test]
    fn it_is_found_at_the_beginning_of_a_text() {
        let (number, length) = LawNumber::leading("令和五年架空府・架空省令第十二号。以下同じ").unwrap();
        assert_eq!((number.kind(), length), (LawKind::MinisterialOrdinance, "令和五年架空府・架空省令第十二号".len()));
        for text in ["昭和二十二年", "昭和二十二年四月一日から（第三号）", "二十二年法律第一号", ""]
        {
            assert!(LawNumber::leading(text).is_none(), "{text}");
        }
    }

    #[test]
    fn days_of_eras() {
        assert_eq!(date(Era::Reiwa, 1, 5, 1), Date::new(2019, 5, 1).ok());
        assert_eq!(date(Era::Meiji, 5, 11, 9), Date::new(1872, 11, 9).ok());
        assert_eq!(date(Era::Showa, 22, 2, 30), None);
    }

    #[test]
    fn an_id_is_safe_in_a_file_name() {
        assert!(LawId::new("399AC0000000001").is_some());
        for id in ["", "../../etc/passwd", "399AC 000001", "三九九"] {
            assert!(LawId::new(id).is_none(), "{id}");
        }
    }
}
