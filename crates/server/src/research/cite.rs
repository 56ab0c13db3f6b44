//! How a unit is cited, and where it is read.

use jiff::civil::Date;
use sekisho_search::diet::number::era;
use sekisho_search::unit::{Corpus, Facet, Unit};

/// The citation of a unit in official form.
pub fn cite(corpus: Corpus, unit: &Unit) -> String {
    match corpus {
        Corpus::Law => law(unit),
        Corpus::Diet => speech(unit),
        Corpus::Document => join(&[&unit.title, &unit.number, &unit.caption]),
    }
}

/// `架空法第五条（届出）`
fn law(unit: &Unit) -> String {
    let caption = unit.caption.trim_matches(['（', '）', '(', ')']);
    let caption = if caption.is_empty() { String::new() } else { format!("（{caption}）") };
    format!("{}{}{caption}", unit.title, unit.number)
}

/// `第217回国会 衆議院 予算委員会 第3号 令和7年2月5日 発言12 架空花子（国務大臣）`
fn speech(unit: &Unit) -> String {
    let of = |facet: Facet| unit.facet(facet).unwrap_or_default();
    let session = unit.facet(Facet::Session).map(|session| format!("第{session}回国会")).unwrap_or_default();
    let day = unit.date.map(era).unwrap_or_default();
    let place = if of(Facet::Kind) == "speech" { format!("発言{}", unit.order) } else { String::new() };
    let speaker = match (of(Facet::Speaker), of(Facet::Post)) {
        ("", post) => post.to_owned(),
        (name, "") => name.to_owned(),
        (name, post) => format!("{name}（{post}）"),
    };
    join(&[&session, of(Facet::House), &unit.title, &unit.number, &day, &place, &speaker])
}

fn join(parts: &[&str]) -> String {
    parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" ")
}

/// One part of a path of ours.
pub fn part(text: &str) -> String {
    let mut part = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => part.push(char::from(byte)),
            other => part.push_str(&format!("%{other:02X}")),
        }
    }
    part
}

/// The key of a unit within its work: `709` of `129AC0000000089/709`.
pub fn key(unit: &Unit) -> &str {
    unit.id.strip_prefix(unit.work()).and_then(|rest| rest.strip_prefix('/')).unwrap_or(&unit.id)
}

/// The permanent address of a unit here; of a law's, as in force on a day other than today.
pub fn address(corpus: Corpus, unit: &Unit, as_of: Option<Date>) -> String {
    match corpus {
        Corpus::Law => {
            let day = as_of.map(|day| format!("?as_of={day}")).unwrap_or_default();
            format!("/research/law/{}/{}{day}", part(unit.work()), part(key(unit)))
        }
        Corpus::Diet => {
            format!("/research/diet/{}?at={}#s{}", part(&unit.group), unit.order, unit.order)
        }
        Corpus::Document => format!("/research/document/{}#p{}", part(unit.work()), unit.order),
    }
}

/// The official address, if it is one that may stand in Markdown.
pub fn official(unit: &Unit) -> Option<&str> {
    let plain =
        |url: &&str| url.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'(' | b')' | b'<' | b'>' | b'\\'));
    Some(unit.url.as_str()).filter(|url| url.starts_with("https://") || url.starts_with("http://")).filter(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_cited_in_official_form_and_addresses_hold_nothing_else() {
        let unit = Unit {
            id: "399AC0000000001/5_2".into(),
            title: "架空法".into(),
            number: "第五条の二".into(),
            caption: "（届出）".into(),
            url: "https://example.invalid/law/1)[x](javascript:".into(),
            ..Unit::default()
        };
        assert_eq!(cite(Corpus::Law, &unit), "架空法第五条の二（届出）");
        let day = "2020-04-01".parse().ok();
        let unit = Unit { work: "399AC0000000001".into(), ..unit };
        assert_eq!(address(Corpus::Law, &unit, None), "/research/law/399AC0000000001/5_2");
        assert_eq!(address(Corpus::Law, &unit, day), "/research/law/399AC0000000001/5_2?as_of=2020-04-01");
        assert_eq!(official(&unit), None);
        let strange = Unit { group: "a)b c\n条".into(), order: 3, ..Unit::default() };
        assert_eq!(address(Corpus::Diet, &strange, day), "/research/diet/a%29b%20c%0A%E6%9D%A1?at=3#s3");
    }
}
