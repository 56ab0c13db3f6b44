use super::*;
use crate::law::law_id::LawId;
use crate::law::name::{LawNames, NameTable};

const ACT: &str = "399AC0000000001";
const ORDER: &str = "399CO0000000001";
const OTHER: &str = "399AC0000000002";

fn names() -> NameTable {
    let law = |id: &str, title: &str, number: &str| LawNames {
        law_id: LawId::new(id).unwrap(),
        title: title.to_owned(),
        number: number.parse().ok(),
        short: Vec::new(),
    };
    NameTable::new([
        law(ACT, "架空法", "令和三年法律第一号"),
        law(ORDER, "架空法施行令", "令和三年政令第一号"),
        law(OTHER, "架空物の管理に関する法律", "令和三年法律第二号"),
    ])
}

fn article(number: &str) -> Spot {
    Spot::Article(number.parse().unwrap())
}

/// What a text of 第五条 refers to, each as `the words -> law id/provision place`.
fn found_in(law: &str, title: &str, text: &str) -> Vec<String> {
    let names = names();
    let units =
        ["1", "2", "3", "4", "5", "5_2", "6"].map(|number| (article(number), if number == "5" { text } else { "" }));
    let book = Book::new(LawId::new(law).unwrap(), title, units, &names);
    let shown = |target: &Target| {
        let id = target.unit_id().map_or_else(|| target.law.to_string(), |id| id.to_string());
        format!("{id}{}", target.address)
    };
    let references = book.references_in(article("5"), text);
    references
        .iter()
        .map(|reference| {
            let words = &text[reference.span.clone()];
            let target = reference.target.as_ref().map_or_else(|why| format!("? {why}"), shown);
            let through =
                reference.through.as_ref().map(|through| format!(" .. {}", shown(through))).unwrap_or_default();
            format!("{words} -> {target}{through}").replace(ACT, "A").replace(ORDER, "O").replace(OTHER, "B")
        })
        .collect()
}

fn found(text: &str) -> Vec<String> {
    found_in(ACT, "架空法", text)
}

#[test]
fn articles_of_the_same_law() {
    assert_eq!(found("第三条の二第一項第二号イに規定する者"), ["第三条の二第一項第二号イ -> A/3_2第一項第二号イ"]);
    assert_eq!(found("第3条第２項の規定"), ["第3条第２項 -> A/3第二項"]);
    assert_eq!(found("第三条及び第四条第二項の規定"), ["第三条 -> A/3", "第四条第二項 -> A/4第二項"]);
    assert_eq!(found("第三条第一項又は第二項の規定"), ["第三条第一項 -> A/3第一項", "第二項 -> A/3第二項"]);
    assert_eq!(found("第二項の規定"), ["第二項 -> A/5第二項"], "of this article");
}

#[test]
fn ranges_are_one_reference() {
    assert_eq!(found("第二条から第四条までの規定"), ["第二条から第四条まで -> A/2 .. A/4"]);
    assert_eq!(found("第三条第一項から第三項まで"), ["第三条第一項から第三項まで -> A/3第一項 .. A/3第三項"]);
    assert_eq!(found("第二条から前条まで及び第一項"), ["第二条から前条まで -> A/2 .. A/4", "第一項 -> A/5第一項"]);
    assert_eq!(found("第二条乃至第四条"), ["第二条乃至第四条 -> A/2 .. A/4"]);
}

#[test]
fn neighbours() {
    assert_eq!(found("前条第二項の規定"), ["前条第二項 -> A/4第二項"]);
    assert_eq!(found("次条の規定"), ["次条 -> A/5_2"], "the next there is, not the next number");
    assert_eq!(found("前二条の規定"), ["前二条 -> A/3 .. A/4"]);
    assert_eq!(found("物。\n２　物。\n３　前項及び前二項"), ["前項 -> A/5第二項", "前二項 -> A/5第一項 .. A/5第二項"]);
    assert_eq!(found("前項の規定"), ["前項 -> ? nothing there before or after it"]);
    assert_eq!(
        found("次の物\n一　甲\n二　前号の物\n三　前各号の物"),
        ["前号 -> A/5第一項第一号", "前各号 -> A/5第一項第一号 .. A/5第一項第二号"]
    );
}

#[test]
fn what_was_named_last() {
    assert_eq!(
        found("第三条第一項及び同条第二項並びに同項第三号"),
        ["第三条第一項 -> A/3第一項", "同条第二項 -> A/3第二項", "同項第三号 -> A/3第二項第三号"]
    );
    assert_eq!(
        found("第三条第一項（第四条において準用する場合を含む。）又は第二項"),
        ["第三条第一項 -> A/3第一項", "第四条 -> A/4", "第二項 -> A/3第二項"],
        "a bracket does not change what stands outside of it"
    );
    assert_eq!(found("同条の規定"), ["同条 -> ? nothing before it that it could mean"]);
}

#[test]
fn other_laws_by_name_and_number() {
    let text = "架空物の管理に関する法律（令和三年法律第二号）第三条及び第四条並びに同法第五条";
    assert_eq!(
        found(text),
        ["架空物の管理に関する法律（令和三年法律第二号）第三条 -> B/3", "第四条 -> B/4", "同法第五条 -> B/5"]
    );
    assert_eq!(found("架空物の管理に関する法律の規定"), ["架空物の管理に関する法律 -> B"]);
    assert_eq!(found("未知法第三条"), ["未知法第三条 -> ? no law is known as `未知法`"]);
    assert_eq!(found("この法律の規定"), ["この法律 -> A"]);
}

#[test]
fn a_word_that_only_holds_the_letters_goes_back_to_nothing() {
    assert!(found("共同法人、合同規則、同法人、合同令").is_empty());
    assert_eq!(found("第三条及同条第二項"), ["第三条 -> A/3", "同条第二項 -> A/3第二項"]);
    assert_eq!(found("第三条ノ場合ニハ同条第二項"), ["第三条 -> A/3", "同条第二項 -> A/3第二項"]);
    assert_eq!(found("第三条第二項の場合同項第一号"), ["第三条第二項 -> A/3第二項", "同項第一号 -> A/3第二項第一号"]);
    assert_eq!(found("架空法の規定その他同法第四条の場合同法第六条").len(), 3);
}

#[test]
fn an_order_calls_its_act_by_a_name_it_defines() {
    let text = "架空物の管理に関する法律（令和三年法律第二号。以下「法」という。）第二条\n２　法第三条及び第四条";
    let all = found_in(ORDER, "未知令", text);
    assert_eq!(all[all.len() - 2..], ["法第三条 -> B/3", "第四条 -> B/4"]);
}

#[test]
fn an_order_under_an_act_means_that_act() {
    assert_eq!(found_in(ORDER, "架空法施行令", "法第三条第一項"), ["法第三条第一項 -> A/3第一項"]);
    assert_eq!(found_in(OTHER, "架空法施行規則", "令第三条"), ["令第三条 -> O/3"]);
}

#[test]
fn supplements_and_tables() {
    assert_eq!(found("附則第三条第一項"), ["附則第三条第一項 -> A/s.3第一項"]);
    assert_eq!(found("附則第四項"), ["附則第四項 -> A/s.p第四項"]);
    assert_eq!(found("別表第一の二及び別表"), ["別表第一の二 -> A/table1_2", "別表 -> A/table"]);
    assert_eq!(found("様式第三号による"), ["様式第三号 -> A/form3"]);
}

#[test]
fn numbers_that_are_no_references() {
    assert!(found("第三者、第一種、午前九時、第二章、以前").is_empty());
    assert_eq!(
        found("令和九年架空省令第六十七号"),
        ["令和九年架空省令第六十七号 -> ? no law is known as `令和九年架空省令第六十七号`"]
    );
}

#[test]
fn a_supplement_of_an_amending_law_speaks_of_that_law() {
    let names = names();
    let spot = Spot::Supplement { prefix: "s505AC63".to_owned(), article: "2".parse().ok() };
    let units = [(spot.clone(), "第三条及び附則第一条")];
    let book = Book::new(LawId::new(ACT).unwrap(), "架空法", units, &names);
    let all = book.references_in(spot, "第三条の規定、附則第一条の規定");
    assert_eq!(all[0].target, Err(Unresolved::AmendingLaw));
    assert_eq!(all[1].target.as_ref().unwrap().unit_id().unwrap().as_str(), "399AC0000000001/s505AC63.1");
}

#[test]
fn quoted_words_speak_of_what_they_are_quoted_from() {
    let text = "第三条第二項の規定は、準用する。この場合において、同項中「前項」とあるのは「第四条」と読み替える。";
    assert_eq!(
        found(text),
        [
            "第三条第二項 -> A/3第二項",
            "同項 -> A/3第二項",
            "前項 -> ? within quoted words, which speak of the text they are quoted from",
            "第四条 -> ? within quoted words, which speak of the text they are quoted from",
        ]
    );
}

#[test]
fn a_name_may_be_followed_by_what_it_is_called_from_here_on() {
    let all = found("架空物の管理に関する法律（令和三年法律第二号。以下「管理法」という。）第三条及び管理法第四条");
    assert_eq!(
        all,
        ["架空物の管理に関する法律（令和三年法律第二号。以下「管理法」という。）第三条 -> B/3", "管理法第四条 -> B/4"]
    );
}

#[test]
fn a_definition_may_say_which_law_is_meant() {
    let text = "この規則において「管法」とは、架空物の管理に関する法律（令和三年法律第二号）をいう。\n２　管法第三条";
    assert_eq!(found_in(ORDER, "未知規則", text).last().unwrap(), "管法第三条 -> B/3");
    let text = "この規則において、次の各号に掲げる用語の意義は、当該各号に定めるところによる。\n一　法　架空法をいう。\n２　法第三条";
    assert_eq!(found_in(ORDER, "未知規則", text).last().unwrap(), "法第三条 -> A/3");
}

#[test]
fn the_name_of_a_provision_leads_back_to_its_spot() {
    for key in ["5", "36_2", "p", "s.p", "s.3", "s505AC63.1_2", "table1", "table", "form3_2", "note"] {
        let spot = Spot::of_key(key).unwrap_or_else(|| panic!("{key}"));
        assert_eq!(spot.key().as_deref(), Some(key));
    }
    assert_eq!(Spot::of_key("5#2"), Spot::of_key("5"));
    for key in ["x", "s505AC63.table1", "s.", ".5"] {
        assert_eq!(Spot::of_key(key), None, "{key}");
    }
}
