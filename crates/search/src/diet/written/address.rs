//! Addresses of the pages on both Houses' sites, built and read.

use crate::diet::house::House;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Which written question: numbers run by House and session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct WrittenRef {
    /// 衆議院 or 参議院.
    pub house: House,
    /// Which Diet (国会回次).
    pub session: u16,
    /// 質問第N号.
    pub number: u32,
}

impl fmt::Display for WrittenRef {
    /// `shugiin-217-3`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.house.slug(), self.session, self.number)
    }
}

/// What a page holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// 質問本文
    Question,
    /// 答弁本文
    Answer,
    /// 経過 (衆議院), 明細 (参議院)
    Progress,
}

/// The 衆議院 keeps older sessions in a database of another name.
const SHUGIIN_RENAMED: u16 = 148;

/// The page's address. Joint meetings take no written questions: [`House::Both`] is addressed as the 衆議院.
pub fn address(at: WrittenRef, kind: Kind) -> String {
    let WrittenRef { house, session, number } = at;
    let file = format!("{session:03}{number:03}");
    if house == House::Sangiin {
        let (folder, letter) = match kind {
            Kind::Question => ("syuh", 's'),
            Kind::Answer => ("touh", 't'),
            Kind::Progress => ("meisai", 'm'),
        };
        return format!(
            "https://www.sangiin.go.jp/japanese/joho1/kousei/syuisyo/{session:03}/{folder}/{letter}{file}.htm"
        );
    }
    let database = if session < SHUGIIN_RENAMED { "itdb_shitsumona" } else { "itdb_shitsumon" };
    let letter = match kind {
        Kind::Question => "a",
        Kind::Answer => "b",
        Kind::Progress => "",
    };
    format!("https://www.shugiin.go.jp/internet/{database}.nsf/html/shitsumon/{letter}{file}.htm")
}

/// Which question's which page an address is of. PDF pages are taken as well; lists and other addresses are none.
pub fn parse_address(url: &str) -> Option<(WrittenRef, Kind)> {
    let path = url.split(['?', '#']).next()?;
    let path = path.strip_prefix("https://").or_else(|| path.strip_prefix("http://")).unwrap_or(path);
    let shugiin = path.contains("shugiin.go.jp/") && path.contains("shitsumon");
    let sangiin = path.contains("sangiin.go.jp/") && path.contains("/syuisyo/");
    let house = match (shugiin, sangiin) {
        (true, false) => House::Shugiin,
        (false, true) => House::Sangiin,
        _ => return None,
    };
    // A few pages of the 参議院 are linked in capitals (`T154006.htm`).
    let file = path.rsplit('/').next()?.to_ascii_lowercase();
    let stem =
        file.strip_suffix(".htm").or_else(|| file.strip_suffix(".html")).or_else(|| file.strip_suffix(".pdf"))?;
    let digits = stem.trim_start_matches(|c: char| c.is_ascii_lowercase());
    let kind = match (house, stem.strip_suffix(digits)?) {
        (House::Shugiin, "a") | (House::Sangiin, "s") => Kind::Question,
        (House::Shugiin, "b") | (House::Sangiin, "t") => Kind::Answer,
        (House::Shugiin, "") | (House::Sangiin, "m") => Kind::Progress,
        _ => return None,
    };
    // Three digits of session; numbers of four digits have happened in no session yet but would follow.
    if !(6..=8).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (session, number) = digits.split_at_checked(3)?;
    let (session, number) = (session.parse().ok()?, number.parse().ok()?);
    (session > 0 && number > 0).then_some((WrittenRef { house, session, number }, kind))
}
