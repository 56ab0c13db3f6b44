//! Heads, roles and directions of speakers that are not.

use super::*;
use crate::unit::UnitId;
use proptest::prelude::*;

fn speech(speaker: &str, position: Option<&str>, group: Option<&str>, text: &str) -> Speech {
    Speech {
        id: UnitId::new("x_001"),
        issue_id: "x".into(),
        order: 1,
        speaker: speaker.into(),
        yomi: None,
        group: group.map(Into::into),
        position: position.map(Into::into),
        role: None,
        text: text.into(),
        start_page: None,
        url: None,
    }
}

/// Head (post, name), body, role.
#[track_caller]
fn reads(speaker: &str, text: &str, post: Option<&str>, name: Option<&str>, body: &str, role: Role) {
    let speech = speech(speaker, None, Some("架空の会"), text);
    let spoken = Spoken::read(&speech);
    let head = spoken.head.expect("a head");
    assert_eq!((head.post, head.name, spoken.body, spoken.role), (post, name, body, role), "{text}");
}

#[test]
fn heads_of_both_houses_are_taken_apart() {
    let said = "お答えします。";
    for (head, post, name, role) in [
        ("国務大臣（架空花子君）", Some("国務大臣"), Some("架空花子"), Role::Government),
        ("内閣総理大臣（架空花子君）", Some("内閣総理大臣"), Some("架空花子"), Role::Government),
        ("政府参考人（架空花子君）", Some("政府参考人"), Some("架空花子"), Role::Government),
        ("政府委員（架空花子君）", Some("政府委員"), Some("架空花子"), Role::Government),
        ("内閣官房長官（架空花子君）", Some("内閣官房長官"), Some("架空花子"), Role::Government),
        ("内閣官房副長官（架空花子君）", Some("内閣官房副長官"), Some("架空花子"), Role::Government),
        ("最高裁判所長官代理者（架空花子君）", Some("最高裁判所長官代理者"), Some("架空花子"), Role::Other),
        ("架空大臣政務官", Some("大臣政務官"), Some("架空"), Role::Government),
        ("架空委員長", Some("委員長"), Some("架空"), Role::Chair),
        ("委員長（架空花子君）", Some("委員長"), Some("架空花子"), Role::Chair),
        ("議長（架空花子君）", Some("議長"), Some("架空花子"), Role::Chair),
        ("理事（架空花子君）", Some("理事"), Some("架空花子"), Role::Chair),
        ("架空（花）委員", Some("委員"), Some("架空（花）"), Role::Questioner),
        ("架空花子君", None, Some("架空花子"), Role::Questioner),
        ("架空　花子君", None, Some("架空　花子"), Role::Questioner),
        ("参考人（架空花子君）", Some("参考人"), Some("架空花子"), Role::Witness),
        ("架空公述人", Some("公述人"), Some("架空"), Role::Witness),
        ("架空花子君（続）", None, Some("架空花子"), Role::Questioner),
        ("参考人（架空花子君）（陳述補佐）", Some("参考人"), Some("架空花子"), Role::Witness),
        ("事務総長（架空花子君）", Some("事務総長"), Some("架空花子"), Role::Other),
        ("衆議院議員（架空花子君）", Some("衆議院議員"), Some("架空花子"), Role::Other),
    ] {
        reads("架空花子", &format!("○{head}　{said}"), post, name, said, role);
        // Archives that fold white space print text right behind the head.
        reads("架空花子", &format!("○{head}{said}"), post, name, said, role);
    }
}

#[test]
fn a_head_without_a_name_and_a_record_of_silence_are_heads() {
    reads("", "○議長　開きます。", Some("議長"), None, "開きます。", Role::Chair);
    reads("", "○参考人　架空です。", Some("参考人"), None, "架空です。", Role::Witness);
    let silent = speech("発言者なし", None, None, "○発言者なし");
    assert_eq!(Spoken::read(&silent).role, Role::Other);
    assert_eq!(Spoken::read(&silent).body, "");
}

#[test]
fn folded_text_that_begins_with_a_word_of_posts_keeps_it() {
    reads(
        "架空花子",
        "○架空委員委員長、大臣、お尋ねします。",
        Some("委員"),
        Some("架空"),
        "委員長、大臣、お尋ねします。",
        Role::Questioner,
    );
    reads(
        "架空花子",
        "○架空委員長い間の課題です。",
        Some("委員"),
        Some("架空"),
        "長い間の課題です。",
        Role::Questioner,
    );
    reads("架空花子", "○架空委員長次に、山川君。", Some("委員長"), Some("架空"), "次に、山川君。", Role::Chair);
    reads(
        "架空花子",
        "○架空参考人架空花子でございます。",
        Some("参考人"),
        Some("架空"),
        "架空花子でございます。",
        Role::Witness,
    );
}

#[test]
fn a_text_without_the_mark_is_all_body() {
    let unmarked = speech("架空花子", Some("架空省架空局長"), None, "お答えします。");
    let spoken = Spoken::read(&unmarked);
    assert_eq!((spoken.head, spoken.body, spoken.role), (None, "お答えします。", Role::Government));
}

#[test]
fn the_post_at_the_time_is_the_apis_else_the_heads() {
    let minister = speech("架空花子", Some("架空大臣"), None, "○架空国務大臣　はい。");
    assert_eq!(Spoken::read(&minister).post(&minister), Some("架空大臣"));
    let expert = speech("架空花子", None, None, "○架空参考人　はい。");
    assert_eq!(Spoken::read(&expert).post(&expert), Some("参考人"));
    let member = speech("架空花子", None, Some("架空の会"), "○架空委員　はい。");
    assert_eq!(Spoken::read(&member).post(&member), None);
}

#[test]
fn directions_are_shown_and_not_searched() {
    let text = "架空税（以下、税という。）を問う。（拍手）\n　　　　〔内閣総理大臣架空花子君登壇〕\n（「そうだ」と呼び、その他発言する者あり）\n　　　　　――――◇―――――\n――つまり、それです……。";
    assert_eq!(searched(text), "架空税（以下、税という。）を問う。\n――つまり、それです……。");
    let whole: String = pieces(text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Said(text) | Piece::Direction(text) => text,
        })
        .collect();
    assert_eq!(whole, text);
}

#[test]
fn long_rules_and_open_brackets_cost_linear_time() {
    for text in ["◇".repeat(50_000), "（".repeat(50_000), "〔".repeat(50_000), "―◇".repeat(50_000)] {
        let _ = searched(&text);
    }
}

proptest! {
    #[test]
    fn no_text_panics_and_nothing_is_lost(text in "\\PC{0,60}", head in "[○（）君架空花子委員長議大臣　 \n―◇〔〕]{0,40}", name in "[架空花子 　]{0,5}") {
        for text in [text.clone(), head.clone(), format!("{head}{text}")] {
            let speech = speech(&name, None, None, &text);
            let spoken = Spoken::read(&speech);
            prop_assert!(text.contains(spoken.body));
            let _ = spoken.searched();
        }
    }
}
