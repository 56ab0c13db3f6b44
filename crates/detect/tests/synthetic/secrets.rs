//! Made-up keys and passwords. None of them opens anything.

use super::dice::Dice;

fn token(dice: &mut Dice, alphabet: &[u8], length: usize) -> String {
    let mut text: String = (0..length).map(|_| char::from(dice.pick(alphabet))).collect();
    // A key of some length has a figure in it; the dice need not throw one.
    text.replace_range(1..2, "7");
    text
}

const WORD: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const CAPITALS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const HEX: &[u8] = b"0123456789abcdef";

/// A rule and a value that meets it.
pub(crate) fn secret(dice: &mut Dice) -> (&'static str, String) {
    let mut word = |length| token(dice, WORD, length);
    let forms = [
        ("CR-API-KEY", format!("sk-proj-{}", word(74))),
        ("CR-API-KEY", format!("sk-ant-api03-{}", word(86))),
        ("CR-API-KEY", format!("sk-{}", word(48))),
        ("CR-API-KEY", format!("ghp_{}", word(36))),
        ("CR-API-KEY", format!("github_pat_{}_{}", word(22), word(59))),
        ("CR-API-KEY", format!("xoxb-7{}-{}", word(11), word(24))),
        ("CR-API-KEY", format!("AIza{}", word(35))),
        ("CR-API-KEY", format!("hf_{}", word(34))),
        ("CR-API-KEY", format!("sk_live_{}", word(24))),
        ("CR-API-KEY", format!("npm_{}", word(36))),
        ("CR-API-KEY", format!("glpat-{}", word(20))),
        ("CR-API-KEY", format!("eyJ{}.eyJ{}.{}", word(33), word(60), word(43))),
        ("CR-URL", format!("postgres://app:{}@db.example.lg.jp:5432", word(12))),
        ("CR-URL", format!("https://kawakita:{}@example.jp", word(10))),
        (
            "CR-PRIVATE-KEY",
            format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----", word(70)),
        ),
        ("CR-PRIVATE-KEY", format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----", word(64))),
    ];
    let mut forms = Vec::from(forms);
    forms.push(("CR-API-KEY", format!("AKIA{}", token(dice, CAPITALS, 16))));
    forms.push(("CR-API-KEY", format!("ASIA{}", token(dice, CAPITALS, 16))));
    forms.push(("CR-API-KEY", format!("Zq7{}", token(dice, HEX, 29))));
    let at = dice.throw(forms.len());
    forms.swap_remove(at)
}

/// A document with the secret; a value without a form of its own stands after its name.
pub(crate) fn document(dice: &mut Dice) -> (&'static str, String, std::ops::Range<usize>) {
    let (rule, value) = secret(dice);
    let named = value.starts_with("Zq7");
    let head = if named {
        dice.pick(&[
            "api_key = \"",
            "パスワード：",
            "\"client_secret\": \"",
            "PASSWORD=",
            "aws_secret_access_key=",
            "認証用のAPIキーは",
        ])
    } else {
        dice.pick(&["鍵は", "接続先：", "export KEY=", "\"value\": \"", "| 値 | ", "使うのは「"])
    };
    let tail = dice.pick(&["です", "\n", "\"", " |", "」"]);
    // A tail in letters touches a word only in Japanese.
    let text = format!("{head}{value}{tail}");
    (rule, text, head.len()..head.len() + value.len())
}
