//! Scans hostile texts until a time is over: `cargo run --release -p sekisho-detect --example endless [SECONDS [SEED]]`.
//!
//! Each text is made from a seed and checked: the scan does not panic, spans are on character boundaries and in order,
//! the time is in proportion to the length, and a stream gives what one scan gives. A failure prints its seed;
//! running with 0 seconds and that seed shows it again.

use std::io::{self, Write};
use std::panic::catch_unwind;
use std::time::{Duration, Instant};

use sekisho_detect::{Detector, Finding, rules};

use generator::dice::Dice;
use generator::long;

#[expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    dead_code,
    reason = "the tests' generator; a panic ends the run"
)]
#[path = "../tests/synthetic/generator.rs"]
mod generator;

/// Slower than this is no longer in proportion; 10 MB take a second at most.
const SLOWEST: f64 = 10e6;
/// Shorter texts say nothing of speed.
const LEAST_TIMED: usize = 200_000;

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u64>().unwrap_or_default());
    let seconds = arguments.next().unwrap_or(60);
    let mut seed = arguments.next().unwrap_or(1);
    let mut out = io::stdout().lock();
    let detector = Detector::new();
    let begun = Instant::now();
    let (mut rounds, mut bytes, mut slowest) = (0_u64, 0, f64::MAX);
    loop {
        match round(&detector, seed) {
            Ok((length, rate)) => {
                bytes += length;
                slowest = slowest.min(rate);
            }
            Err(failure) => {
                writeln!(out, "seed {seed}: {failure}")?;
                std::process::exit(1);
            }
        }
        rounds += 1;
        seed = seed.wrapping_add(1);
        if begun.elapsed() >= Duration::from_secs(seconds) {
            break;
        }
    }
    writeln!(out, "{rounds} texts, {} MB, slowest {:.0} MB/s, next seed {seed}", bytes / 1_000_000, slowest / 1e6)
}

/// Makes and checks one text; its length and, when it is long enough to be timed, its rate.
fn round(detector: &Detector, seed: u64) -> Result<(usize, f64), String> {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let text = text(&mut dice);
    let scan = || {
        let begun = Instant::now();
        catch_unwind(|| detector.scan(&text)).map(|found| (found, begun.elapsed()))
    };
    let (found, mut elapsed) = scan().map_err(|_| "panic in a scan".to_owned())?;
    sound(&text, &found)?;
    let mut rate = f64::MAX;
    if text.len() >= LEAST_TIMED {
        // A second look, because the machine may have been busy.
        for _ in 0..4 {
            rate = text.len() as f64 / elapsed.as_secs_f64();
            if rate >= SLOWEST {
                break;
            }
            elapsed = elapsed.min(scan().map_err(|_| "panic in a scan".to_owned())?.1);
        }
        if rate < SLOWEST {
            let head: String = text.chars().take(40).collect();
            return Err(format!("{:.1} MB/s for {} bytes of {head:?}", rate / 1e6, text.len()));
        }
    }
    if !reaches_far(&text) {
        let longest = 1 + dice.throw(20_000);
        let pieces = long::streamed(detector, &text, &mut dice, longest);
        if let Some(difference) = long::difference(&text, &found, &pieces) {
            return Err(format!("a stream differs: {difference}"));
        }
    }
    Ok((text.len(), rate))
}

fn sound(text: &str, found: &[Finding]) -> Result<(), String> {
    for finding in found {
        let inside = text.get(finding.span.clone()).is_some_and(|inside| !inside.is_empty());
        let known = rules().iter().any(|rule| rule.id == finding.rule);
        if !inside || !known || finding.evidence.is_empty() {
            return Err(format!("unsound {finding:?}"));
        }
    }
    let ordered = found.is_sorted_by_key(|finding| finding.span.start);
    ordered.then_some(()).ok_or_else(|| "out of order".to_owned())
}

/// Pieces that some check looks at.
const PIECES: &[&str] = &[
    "1",
    "12",
    "1234",
    "９８３２",
    "983205673214",
    "①",
    "²",
    "九",
    "〇三",
    "-",
    "ー",
    "－",
    " ",
    "　",
    "\t",
    "\n",
    "\r\n",
    "|",
    ".",
    "/",
    "・",
    "(",
    ")",
    "（",
    "）",
    "*",
    "`",
    "@",
    "＠",
    "a",
    "A",
    "é",
    "sk-",
    "eyJ",
    "password=",
    "パスワード",
    "pw:",
    "://",
    "::",
    ":",
    "-----BEGIN ",
    "PRIVATE KEY-----",
    "-----END ",
    "個人番号",
    "基礎年金番号",
    "口座番号",
    "保険者番号",
    "被保険者記号・番号",
    "旅券",
    "在留カード",
    "電話",
    "〒",
    "住所",
    "東京都",
    "千代田区",
    "大阪市",
    "北区",
    "郡",
    "霞が関",
    "丁目",
    "番地",
    "番",
    "号",
    "の",
    "緑荘",
    "号室",
    "生年月日",
    "昭和",
    "S",
    "55",
    "年",
    "月",
    "日",
    "生まれ",
    "日生",
    "生",
    "氏名",
    "フリガナ",
    "山田",
    "佐々木",
    "林",
    "太郎",
    "花子",
    "さくら",
    "様",
    "さん",
    "課長",
    "ヤマダ",
    "特定秘密",
    "極秘",
    "秘",
    "機密性",
    "自治体",
    "２",
    "取扱注意",
    "TLP:RED",
    "SECRET",
    "【",
    "】",
    "「",
    "」",
    "\u{200B}",
    "\u{202E}",
    "\u{E0041}",
    "\u{FE0F}",
    "\u{FEFF}",
    "を",
    "は",
    "。",
    "、",
    "\"",
    ",",
    "_",
    "+",
    "T",
];

fn text(dice: &mut Dice) -> String {
    let bytes = match dice.throw(4) {
        0 => 40,
        1 => 2_000,
        2 => 40_000,
        _ => 400_000,
    };
    match dice.throw(4) {
        // Everything once, in documents.
        0 => long::text(dice, bytes.min(100_000)),
        // Meaningful pieces at random.
        1 => {
            let mut text = String::new();
            while text.len() < bytes {
                text.push_str(dice.pick(PIECES));
            }
            text
        }
        // A few pieces again and again.
        2 => {
            let unit: String = (0..1 + dice.throw(6)).map(|_| dice.pick(PIECES)).collect();
            unit.repeat(bytes / unit.len() + 1)
        }
        // Any characters.
        _ => {
            let planes = [0x80, 0x3100, 0x1_0000, 0x11_0000];
            let limit = dice.pick(&planes);
            let count = bytes / 3;
            (0..count).filter_map(|_| char::from_u32(u32::try_from(dice.throw(limit)).unwrap_or_default())).collect()
        }
    }
}

/// Whether something in the text reaches further than the window of a stream: a row of digits, blanks or unseen
/// characters without a letter, or a line of blanks, of some thousand bytes.
fn reaches_far(text: &str) -> bool {
    let (mut row, mut longest) = (0, 0);
    for c in text.chars() {
        let letter = c.is_ascii_alphabetic() || matches!(c, '\u{3041}'..='\u{3096}' | '\u{4E00}'..='\u{9FFF}');
        row = if letter { 0 } else { row + c.len_utf8() };
        longest = longest.max(row);
    }
    longest > 2_000
}
