//! 調達・契約チェックシート: what a sheet lacks, what of it an edition carries over, and what the register keeps.

use crate::town::{CLOUD, FREE, Town, draft, id, sha};
use sekisho_domain::command::{AdoptQuestionSet, Command, CompleteChecklist};
use sekisho_domain::decision::Evidence;
use sekisho_domain::ds920::checklist::{
    Answer, Answers, AppliesWhen, Given, Lack, Question, QuestionSet, SetKind, SheetTally, lacks,
};
use sekisho_domain::ds920::risk_table::RiskLevel;

fn question(name: &str, applies_when: AppliesWhen) -> Question {
    Question {
        id: name.into(),
        category: "ガバナンス".into(),
        requirement: format!("{name} を確かめているか。"),
        applies_when,
        basis: "本プログラムの案".into(),
        evidence: Evidence::D,
    }
}

fn set() -> QuestionSet {
    QuestionSet {
        set: id("mihon"),
        kind: SetKind::Procurement,
        title: "見本".into(),
        edition: "1".into(),
        questions: vec![
            question("a", AppliesWhen::Always),
            question("b", AppliesWhen::Always),
            question("c", AppliesWhen::PossiblyHigh),
        ],
    }
}

fn given(set: &QuestionSet, name: &str, answer: Answer, reason: &str) -> (String, Given) {
    let requirement = set.questions.iter().find(|q| q.id == name).unwrap().requirement.clone();
    let given = Given {
        answer: Some(answer),
        reason: reason.into(),
        evidence: String::new(),
        assessor: id("staff"),
        on: "2026-11-22".parse().unwrap(),
        requirement,
    };
    (name.to_owned(), given)
}

#[test]
fn a_sheet_is_complete_when_all_that_is_asked_is_answered_and_every_other_answer_than_met_has_a_reason() {
    let set = set();
    let mut answers = Answers::from([given(&set, "a", Answer::Met, "")]);
    assert_eq!(lacks(&set, RiskLevel::Low, &answers), [("b", Lack::Answer)]);
    answers.extend([given(&set, "b", Answer::Instead, " ")]);
    assert_eq!(lacks(&set, RiskLevel::Low, &answers), [("b", Lack::Reason)]);
    answers.extend([given(&set, "b", Answer::Instead, "別の手段がある")]);
    assert_eq!(lacks(&set, RiskLevel::Low, &answers), []);
    // What is asked of a high risk only is missing there.
    assert_eq!(lacks(&set, RiskLevel::PossiblyHigh, &answers), [("c", Lack::Answer)]);
    let tally = SheetTally::of(&set, RiskLevel::Low, &answers);
    assert_eq!(tally, SheetTally { met: 1, instead: 1, ..SheetTally::default() });
}

#[test]
fn given_a_new_edition_then_what_was_reworded_or_added_is_missing_and_the_rest_stands() {
    let old = set();
    let answers: Answers = ["a", "b"].map(|name| given(&old, name, Answer::Met, "")).into();
    let mut new = old.clone();
    new.questions[1].requirement = "別の文で尋ねる。".into();
    new.questions.push(question("d", AppliesWhen::Always));
    assert_eq!(lacks(&new, RiskLevel::Low, &answers), [("b", Lack::Reworded), ("d", Lack::Answer)]);
}

#[test]
fn a_set_that_cannot_be_asked_says_which_question_is_wrong() {
    assert_eq!(set().check(), Ok(()));
    let mut wrong = set();
    wrong.questions[1].id = "a".into();
    wrong.questions[2].requirement = " ".into();
    let places: Vec<Option<usize>> = wrong.check().unwrap_err().iter().map(|error| error.question).collect();
    assert_eq!(places, [Some(1), Some(2)]);
    let empty = QuestionSet { questions: Vec::new(), ..set() };
    assert_eq!(empty.check().unwrap_err()[0].question, None);
}

fn adopt(name: &str) -> Command {
    Command::AdoptQuestionSet(AdoptQuestionSet {
        set: id(name),
        kind: SetKind::Procurement,
        title: "架空省の調達の問い".into(),
        edition: "令和8年度版".into(),
        sha256: sha('1'),
        questions: 3,
    })
}

fn complete(change: impl FnOnce(&mut CompleteChecklist)) -> Command {
    let mut sheet = CompleteChecklist {
        sheet: id("cs-1"),
        kind: SetKind::Procurement,
        set: id("mihon"),
        set_sha256: sha('1'),
        service: id(CLOUD),
        application: None,
        level: RiskLevel::Low,
        sha256: sha('2'),
        tally: SheetTally::default(),
    };
    change(&mut sheet);
    Command::CompleteChecklist(sheet)
}

#[test]
fn the_caio_or_the_ciso_adopts_an_edition_and_the_last_one_counts() {
    let mut town = Town::ready();
    for who in ["staff", "approver", "manager"] {
        town.refused(who, adopt("one"), "NOT_ALLOWED");
    }
    town.does("caio", adopt("one"));
    town.refused("ciso", adopt("one"), "EXISTS");
    town.does("ciso", adopt("two"));
    assert_eq!(town.register.ds920().set_in_force(SetKind::Procurement).unwrap().set, id("two"));
    assert!(town.register.ds920().set_in_force(SetKind::Contract).is_none());
    assert!(town.register.ds920().set(&id("one")).is_some(), "sheets filled in by it still name it");
}

#[test]
fn a_sheet_is_completed_for_one_service_and_again_when_its_content_changed() {
    let mut town = Town::ready();
    let application = town.apply_for(draft(CLOUD));
    town.refused("staff", complete(|c| c.service = id("nothing")), "UNKNOWN");
    town.refused("staff", complete(|c| c.sha256 = "x".into()), "INVALID");
    let other = complete(|c| {
        c.service = id(FREE);
        c.application = Some(application.clone());
    });
    town.refused("staff", other, "INVALID");
    let own = |digit| {
        complete(|c| {
            c.application = Some(application.clone());
            c.sha256 = sha(digit);
        })
    };
    town.does("staff", own('2'));
    town.refused("staff", own('2'), "WRONG_STATE");
    town.refused("staff", complete(|c| c.sha256 = sha('3')), "EXISTS");
    town.does("manager", own('3'));
    let history: Vec<String> =
        town.register.ds920().checklist_history(&id("cs-1")).map(|done| done.sheet.sha256.clone()).collect();
    assert_eq!(history, [sha('2'), sha('3')]);
}
