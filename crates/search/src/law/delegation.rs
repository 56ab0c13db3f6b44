//! What a law leaves to orders and rules: 政令で定める, 厚生労働省令で定める.

use std::ops::Range;

use super::law_id::LawKind;
use super::name::is_kanji;
use super::window::head;
use crate::unit::{Link, Unit};

/// A place where a law leaves something to a lower rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delegation {
    /// The bytes of the whole phrase, 厚生労働省令で定める.
    pub span: Range<usize>,
    /// The bytes of the rule's name, 厚生労働省令.
    pub rule: Range<usize>,
    /// What kind of rule it is.
    pub kind: LawKind,
}

/// The words after the rule's name: 政令で定める, 政令で指定する, 政令に委任する, 命令ヲ以テ之ヲ定ム.
const VERBS: [&str; 7] = ["で定め", "で、定め", "で指定", "の定めるところ", "をもつて定め", "をもって定め", "ヲ以テ"];

/// The delegations in a text, from left to right.
pub fn delegations(text: &str) -> Vec<Delegation> {
    let mut found: Vec<Delegation> = VERBS
        .iter()
        .flat_map(|verb| text.match_indices(verb))
        .filter_map(|(at, verb)| {
            let before = text.get(..at)?;
            // A name of a rule is one run of kanji, and of marks between ministries.
            let start = before
                .char_indices()
                .rev()
                .take_while(|(_, c)| is_kanji(*c) || *c == '・')
                .last()
                .map(|(start, _)| start)?;
            let (start, name) = last_word(start, before.get(start..)?);
            let kind = kind(name)?;
            let tail = text.get(at + verb.len()..)?;
            let rest = ["る", "め", "する", "した", "により", "による", "之ヲ定ム"]
                .iter()
                .find(|rest| tail.starts_with(**rest));
            let end = at + verb.len() + rest.map_or(0, |rest| rest.len());
            Some(Delegation { span: start..end, rule: start..at, kind })
        })
        .collect();
    found.sort_by_key(|delegation| delegation.span.start);
    found
}

/// What stands directly before a rule's name without a mark: 当該政令 is 政令.
fn last_word(start: usize, name: &str) -> (usize, &str) {
    for lead in ["当該", "各"] {
        if let Some(rest) = name.strip_prefix(lead) {
            return (start + lead.len(), rest);
        }
    }
    (start, name)
}

fn kind(name: &str) -> Option<LawKind> {
    Some(match name {
        "政令" => LawKind::CabinetOrder,
        "勅令" => LawKind::ImperialOrder,
        "命令" | "省令" | "府令" | "主務省令" => LawKind::MinisterialOrdinance,
        _ if name.ends_with("省令") || name.ends_with("府令") || name.ends_with("庁令") => {
            LawKind::MinisterialOrdinance
        }
        _ if name.ends_with("規則") => LawKind::Rule,
        "条例" => LawKind::Misc,
        _ => return None,
    })
}

/// What carries out what a provision leaves to a lower rule.
#[derive(Clone, Debug, PartialEq)]
pub struct CarriedOut<'u> {
    /// The rule as the provision calls it: 政令, 架空省令.
    pub rule: String,
    /// The provisions that say they decide it, and the paragraph or item they decide it for (第一項第三号; empty for the
    /// whole).
    pub by: Vec<(&'u Unit, String)>,
}

/// How far from a reference its 政令で定める is looked for, in characters: 法第六条第一項（法第九条において準用する場合を含む。）の政令で定める.
const FARTHEST: usize = 120;

/// What a provision leaves to lower rules, each with those of the provisions that cite it which decide it: 法第六条第一項の
/// 政令で定める額は、…. One entry for each rule, in the order of the text.
pub fn carried_out<'u>(unit: &Unit, citing: &'u [Unit]) -> Vec<CarriedOut<'u>> {
    let mut left: Vec<(LawKind, CarriedOut<'u>)> = Vec::new();
    for delegation in delegations(&unit.text) {
        let rule = unit.text.get(delegation.rule).unwrap_or_default();
        if !left.iter().any(|(_, known)| known.rule == rule) {
            left.push((delegation.kind, CarriedOut { rule: rule.to_owned(), by: Vec::new() }));
        }
    }
    for other in citing.iter().filter(|other| other.work() != unit.work()) {
        for link in other.links.iter().filter(|link| link.to.as_str() == unit.id) {
            let Some((rule, kind)) = decides(other, link) else { continue };
            // 主務省令 and 命令 are whichever ministry's ordinance says so.
            let same = |known: &&mut (LawKind, CarriedOut<'u>)| {
                known.1.rule == rule || known.0 == kind && matches!(&*known.1.rule, "主務省令" | "命令" | "省令")
            };
            let Some((_, left)) = left.iter_mut().find(same) else { continue };
            if !left.by.iter().any(|(known, within)| known.id == other.id && *within == link.within) {
                left.by.push((other, link.within.clone()));
            }
        }
    }
    left.into_iter().map(|(_, left)| left).collect()
}

/// The rule that a provision says it decides for what a reference names.
fn decides<'t>(unit: &'t Unit, link: &Link) -> Option<(&'t str, LawKind)> {
    let sentence = unit.text.get(link.end as usize..)?.split(['。', '\n']).next()?;
    let after = head(sentence, FARTHEST);
    let delegation = delegations(after).into_iter().next()?;
    Some((after.get(delegation.rule)?, delegation.kind))
}

/// The titles of the laws above one, by the rule that names them, and what it calls them: 架空法施行規則 stands under
/// 架空法 (法) and 架空法施行令 (令).
pub fn parent_titles(title: &str) -> Vec<(&'static str, String)> {
    if let Some(act) = title.strip_suffix("施行令").filter(|act| !act.is_empty()) {
        return vec![("法", act.to_owned())];
    }
    let act = ["施行規則", "施行細則"].iter().find_map(|end| title.strip_suffix(end)).filter(|act| !act.is_empty());
    act.map(|act| vec![("法", act.to_owned()), ("令", format!("{act}施行令"))]).unwrap_or_default()
}

/// The titles that orders and rules under a law have by the same rule: 架空法施行令, 架空法施行規則.
pub fn child_titles(title: &str) -> [String; 2] {
    [format!("{title}施行令"), format!("{title}施行規則")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_law_says_which_rule_shall_decide() {
        let text = "架空物は、政令で定める数を超えない範囲で、厚生労働省令・環境省令で定めるところにより、又は架空委員会規則で定める。";
        let found: Vec<(&str, LawKind)> = delegations(text).iter().map(|d| (&text[d.rule.clone()], d.kind)).collect();
        let expected = [
            ("政令", LawKind::CabinetOrder),
            ("厚生労働省令・環境省令", LawKind::MinisterialOrdinance),
            ("架空委員会規則", LawKind::Rule),
        ];
        assert_eq!(found, expected);
        assert_eq!(&text[delegations(text)[0].span.clone()], "政令で定める");
    }

    fn unit(id: &str, text: &str, cites: &[(&str, &str, &str)]) -> Unit {
        let link = |(words, to, within): &(&str, &str, &str)| {
            let start = text.find(words).unwrap();
            Link {
                start: u32::try_from(start).unwrap(),
                end: u32::try_from(start + words.len()).unwrap(),
                to: crate::unit::UnitId::new(*to),
                within: (*within).to_owned(),
            }
        };
        let group = id.split('/').next().unwrap().to_owned();
        Unit { id: id.into(), group, text: text.into(), links: cites.iter().map(link).collect(), ..Unit::default() }
    }

    #[test]
    fn what_a_law_leaves_to_an_order_leads_to_the_provision_that_decides_it() {
        let law =
            unit("x/6", "入港料は、政令で定める額を超えない範囲で、架空省令で定めるところにより、条例で定める。", &[]);
        let citing = [
            unit("y/3", "法第六条第一項の政令で定める額は、三円とする。", &[("法第六条第一項", "x/6", "第一項")]),
            unit("y/4", "法第六条の規定により納めるものとする。政令で定める。", &[("法第六条", "x/6", "")]),
            unit("z/9", "法第六条の規定による架空省令で定める書類は、次とする。", &[("法第六条", "x/6", "")]),
            unit("x/7", "第六条の政令で定める額", &[("第六条", "x/6", "")]),
        ];
        let found = carried_out(&law, &citing);
        let shown: Vec<(&str, Vec<(&str, &str)>)> = found
            .iter()
            .map(|left| (&*left.rule, left.by.iter().map(|(unit, within)| (&*unit.id, &**within)).collect()))
            .collect();
        assert_eq!(
            shown,
            [("政令", vec![("y/3", "第一項")]), ("架空省令", vec![("z/9", "")]), ("条例", vec![])],
            "a sentence that decides nothing, and the law itself, carry out nothing"
        );
    }

    #[test]
    fn what_others_decide_is_no_delegation() {
        assert!(delegations("大臣が定める基準、条件で定める数、で定める").is_empty());
    }

    #[test]
    fn names_tell_what_stands_above_and_below() {
        let parents = parent_titles("架空法施行規則");
        assert_eq!(parents, [("法", "架空法".to_owned()), ("令", "架空法施行令".to_owned())]);
        assert!(parent_titles("架空法").is_empty() && parent_titles("施行令").is_empty());
        assert_eq!(child_titles("架空法"), ["架空法施行令", "架空法施行規則"]);
    }
}
