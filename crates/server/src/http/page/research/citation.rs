//! How a unit is cited in official form.

use super::hit::{heading, key};
use super::sitting;
use crate::http::page::words;
use sekisho_search::diet::citation as diet;
use sekisho_search::diet::house::House;
use sekisho_search::diet::written::{Urls, WrittenQuestion, WrittenRef};
use sekisho_search::law::{Era, LawNumber};
use sekisho_search::source::diet::speech_of;
use sekisho_search::unit::{Corpus, Facet, Unit};

/// 民法（明治二十九年法律第八十九号）第七百九条; of the Diet as [`sekisho_search::diet::citation`] has it.
pub(super) fn of(corpus: Corpus, unit: &Unit, within: &str) -> String {
    match corpus {
        Corpus::Law => {
            let number = law_number(unit.work()).map(|number| format!("（{number}）")).unwrap_or_default();
            format!("{}{number}{}{within}", unit.title, unit.number)
        }
        Corpus::Diet => spoken(unit).or_else(|| written(unit)).unwrap_or_else(|| plain(unit)),
        Corpus::Document => plain(unit),
    }
}

fn plain(unit: &Unit) -> String {
    let day = unit.date.map(|day| format!("（{}）", words::day(day))).unwrap_or_default();
    format!("{}{day}", heading(unit))
}

/// The number of a law whose id says it: 明治二十九年法律第八十九号. Ids of ordinances name their ministry by a code and
/// say nothing of its words.
pub(super) fn law_number(id: &str) -> Option<String> {
    let era = match id.get(..1)? {
        "1" => Era::Meiji,
        "2" => Era::Taisho,
        "3" => Era::Showa,
        "4" => Era::Heisei,
        "5" => Era::Reiwa,
        _ => return None,
    };
    let year = id.get(1..3)?.parse().ok()?;
    let words = match id.get(3..5)? {
        "AC" => "法律",
        "CO" => "政令",
        "IO" => "勅令",
        _ => return None,
    };
    let number = id.get(5..)?.bytes().all(|b| b.is_ascii_digit()).then(|| id.get(6..))??.parse().ok()?;
    era.gregorian(year)?;
    Some(LawNumber { era, year, words: words.to_owned(), number }.to_string())
}

fn spoken(unit: &Unit) -> Option<String> {
    let (meeting, speech) = (sitting::meeting(unit)?, speech_of(unit));
    (unit.facet(Facet::Kind) != Some("written")).then(|| diet::speech(&meeting, &speech).text)
}

/// The reference of a group: `shugiin-217-3`.
fn written_ref(group: &str) -> Option<WrittenRef> {
    let mut parts = group.split('-');
    let house =
        [House::Shugiin, House::Sangiin].into_iter().find(|house| Some(house.slug()) == parts.clone().next())?;
    parts.next();
    let at = WrittenRef { house, session: parts.next()?.parse().ok()?, number: parts.next()?.parse().ok()? };
    parts.next().is_none().then_some(at)
}

fn written(unit: &Unit) -> Option<String> {
    let answers = key(unit).starts_with('a');
    let question = WrittenQuestion {
        at: written_ref(&unit.group)?,
        title: unit.title.clone(),
        submitter: None,
        others: 0,
        group: None,
        submitted: unit.date.filter(|_| !answers),
        forwarded: None,
        answered: unit.date.filter(|_| answers),
        remark: None,
        question: Vec::new(),
        answer: None,
        urls: Urls { question: None, answer: None, progress: None },
    };
    let cited = if answers { diet::written_answer(&question) } else { diet::written_question(&question) };
    Some(cited.text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_law_is_cited_with_its_number() {
        assert_eq!(law_number("129AC0000000089").as_deref(), Some("明治二十九年法律第八十九号"));
        assert_eq!(law_number("415CO0000000507").as_deref(), Some("平成十五年政令第五百七号"));
        for other in ["", "架空", "129", "1", "129AC", "129M50000002005", "999AC0000000001", "129AC00000x0089"] {
            assert_eq!(law_number(other), None, "{other}");
        }
        let unit = Unit {
            id: "129AC0000000089/709".into(),
            group: "129AC0000000089".into(),
            title: "民法".into(),
            number: "第七百九条".into(),
            ..Unit::default()
        };
        assert_eq!(of(Corpus::Law, &unit, "第二項"), "民法（明治二十九年法律第八十九号）第七百九条第二項");
    }

    #[test]
    fn a_written_answer_is_cited_by_its_number() {
        let unit = Unit {
            id: "shugiin-217-3/a1".into(),
            group: "shugiin-217-3".into(),
            title: "架空税に関する質問主意書".into(),
            date: Some(date(2025, 2, 4)),
            facets: vec![(Facet::Kind, "written".into())],
            ..Unit::default()
        };
        let cited = of(Corpus::Diet, &unit, "");
        assert!(cited.contains("答弁書 内閣衆質217第3号（令和7年2月4日受領）"), "{cited}");
    }
}
