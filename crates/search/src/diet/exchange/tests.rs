//! Exchanges in meetings that never met.

use super::*;
use crate::diet::house::House;
use crate::diet::record::{Meeting, Speech};
use jiff::civil::date;
use proptest::prelude::*;

/// A meeting of speeches `(speaker, text)`.
fn sitting(speeches: &[(&str, &str)]) -> Sitting {
    let meeting = Meeting {
        issue_id: "m".into(),
        session: 217,
        house: House::Shugiin,
        name: "架空委員会".into(),
        issue: None,
        date: date(2025, 2, 5),
        closing: false,
        kind: None,
        url: None,
        pdf_url: None,
        header: None,
    };
    let speech = |(at, (speaker, text)): (usize, &(&str, &str))| Speech {
        id: UnitId::new(format!("{}", at + 1)),
        issue_id: "m".into(),
        order: u32::try_from(at).unwrap() + 1,
        speaker: (*speaker).into(),
        yomi: None,
        group: None,
        position: None,
        role: None,
        text: (*text).into(),
        start_page: None,
        url: None,
    };
    Sitting { meeting, speeches: speeches.iter().enumerate().map(speech).collect() }
}

/// `question←begun: answers (questioning)`.
fn told(speeches: &[(&str, &str)]) -> Vec<String> {
    let ids = |ids: &[UnitId]| ids.iter().map(UnitId::as_str).collect::<Vec<_>>().join(",");
    exchanges(&sitting(speeches))
        .iter()
        .map(|e| {
            let begun = if e.begun.is_empty() { String::new() } else { format!("←{}", ids(&e.begun)) };
            format!("{}{begun}: {} ({})", e.question, ids(&e.answers), e.questioning)
        })
        .collect()
}

#[test]
fn a_committee_asks_through_the_chair_and_follows_up() {
    let meeting = [
        ("架空一郎", "○架空委員長　質疑の申出がありますので、順次これを許します。山川花子君。"),
        ("山川花子", "○山川委員　架空税を問います。"),
        ("架空一郎", "○架空委員長　海野大臣。"),
        ("海野太郎", "○海野国務大臣　所管外です。"),
        ("空田次郎", "○空田政府参考人　お答えします。"),
        ("山川花子", "○山川委員　では、いつですか。"),
        ("海野太郎", "○海野国務大臣　検討します。"),
        ("山川花子", "○山川委員　終わります。"),
        ("架空一郎", "○架空委員長　次に、谷三郎君。"),
        ("谷三郎", "○谷委員　架空港を問います。"),
        ("海野太郎", "○海野国務大臣　お答えします。"),
        ("架空一郎", "○架空委員長　これにて質疑は終了いたしました。"),
        ("海野太郎", "○海野国務大臣　趣旨を説明します。"),
    ];
    assert_eq!(told(&meeting), ["2: 4,5 (0)", "6: 7 (0)", "10: 11 (1)"]);
    let all = exchanges(&sitting(&meeting));
    assert_eq!(all[0].later.as_ref().map(UnitId::as_str), Some("6"));
    assert_eq!(all[1].earlier.as_ref().map(UnitId::as_str), Some("2"));
    assert_eq!((&all[1].later, &all[2].earlier), (&None, &None));
}

#[test]
fn in_plenary_one_question_has_the_answers_of_several_ministers() {
    assert_eq!(
        told(&[
            ("架空一郎", "○議長（架空一郎君）　山川花子君。\n　　　　〔山川花子君登壇〕"),
            ("山川花子", "○山川花子君　会派を代表して質問します。（拍手）"),
            ("石川太郎", "○内閣総理大臣（石川太郎君）　お答えします。（拍手）\n　〔国務大臣海野太郎君登壇〕"),
            ("海野太郎", "○国務大臣（海野太郎君）　お答えします。（拍手）"),
            ("空田次郎", "○国務大臣（空田次郎君）　お答えします。（拍手）"),
            ("架空一郎", "○議長（架空一郎君）　谷三郎君。"),
            ("谷三郎", "○谷三郎君　質問します。"),
            ("石川太郎", "○内閣総理大臣（石川太郎君）　お答えします。"),
            ("架空一郎", "○議長（架空一郎君）　討論に入ります。山川花子君。"),
            ("山川花子", "○山川花子君　反対します。"),
        ]),
        ["2: 3,4,5 (0)", "7: 8 (1)"]
    );
}

#[test]
fn experts_answer_as_ministers_do_and_their_statements_before_answer_nothing() {
    assert_eq!(
        told(&[
            ("架空一郎", "○会長（架空一郎君）　まず、空田参考人、お願いします。"),
            ("空田次郎", "○参考人（空田次郎君）　意見を述べます。"),
            ("架空一郎", "○会長（架空一郎君）　次に、質疑を行います。"),
            ("山川花子", "○山川花子君　お二人に問います。"),
            ("空田次郎", "○参考人（空田次郎君）　お答えします。"),
            ("海野太郎", "○参考人（海野太郎君）　お答えします。"),
        ]),
        ["4: 5,6 (0)"]
    );
}

#[test]
fn a_question_cut_by_the_chair_is_one_question() {
    assert_eq!(
        told(&[
            ("山川花子", "○山川委員　いつ決めたのか。"),
            ("架空一郎", "○架空委員長　静粛に願います。"),
            ("山川花子", "○山川委員　お答えください。"),
            ("架空一郎", "○架空委員長　速記を止めてください。"),
            ("海野太郎", "○海野国務大臣　お答えします。"),
        ]),
        ["3←1: 5 (0)"]
    );
}

#[test]
fn a_member_who_answers_for_his_bill_answers() {
    assert_eq!(
        told(&[
            ("山川花子", "○山川委員　提出者に問います。"),
            ("谷三郎", "○谷委員　お答えします。"),
            ("山川花子", "○山川委員　なぜですか。"),
            ("空田次郎", "○空田議員　お答えします。"),
            ("架空一郎", "○架空委員長　次に、海野太郎君。"),
            ("海野太郎", "○海野委員　私は意見を述べます。"),
            ("架空一郎", "○架空委員長　次に、山川花子君。"),
            ("山川花子", "○山川委員　私も述べます。"),
        ]),
        ["1: 2 (0)", "3: 4 (0)"]
    );
}

proptest! {
    #[test]
    fn every_speech_stands_in_one_place_at_most(turns in proptest::collection::vec(0_usize..6, 0..40)) {
        let cast = [("甲", "○甲委員　問"), ("乙", "○乙委員　問"), ("丙", "○丙国務大臣　答"), ("丁", "○丁参考人　答"),
            ("戊", "○戊委員長　次に、甲君。"), ("戊", "○戊委員長　静粛に。")];
        let speeches: Vec<_> = turns.iter().map(|t| cast[*t]).collect();
        let mut seen = std::collections::HashSet::new();
        for exchange in exchanges(&sitting(&speeches)) {
            prop_assert!(!exchange.answers.is_empty());
            for id in exchange.asking().chain(&exchange.answers) {
                prop_assert!(seen.insert(id.clone()));
            }
        }
    }
}
