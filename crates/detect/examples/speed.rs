//! How fast a scan is: `cargo run --release -p sekisho-detect --example speed [FILE]`.
//!
//! Without a file it measures generated Japanese text, then texts meant to be slow. With a file it also counts the
//! findings of each rule per 100,000 characters, by confidence; `--show RULE` prints where they stand.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use sekisho_detect::{Confidence, Detector};

const ROUNDS: u32 = 5;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut out = io::stdout().lock();
    let begun = Instant::now();
    let detector = Detector::new();
    writeln!(out, "build  {:?}", begun.elapsed())?;
    if let Some(path) = arguments.first() {
        let text = String::from_utf8_lossy(&std::fs::read(path)?).into_owned();
        measure(&mut out, &detector, path, &text)?;
        count(&mut out, &detector, &text)?;
        if let [_, flag, rule] = arguments.as_slice()
            && flag == "--show"
        {
            show(&mut out, &detector, &text, rule)?;
        }
        return Ok(());
    }
    measure(&mut out, &detector, "running text", &ordinary(20 << 20))?;
    measure(&mut out, &detector, "any bytes", &any_bytes(10 << 20))?;
    let insured = format!("被保険者記号・番号{}", "1 ".repeat(5 << 20));
    measure(&mut out, &detector, "boxes of an insured", &insured)?;
    for (name, unit) in HOSTILE {
        measure(&mut out, &detector, name, &unit.repeat((10 << 20) / unit.len()))?;
    }
    Ok(())
}

/// Texts of one repeated piece, each aimed at one of the checks.
const HOSTILE: &[(&str, &str)] = &[
    ("digits", "7"),
    ("boxes", "1 "),
    ("years", "2019 2020 "),
    ("lines", "1234\n"),
    ("numbers", "983205673214 "),
    ("at", "@"),
    ("addresses", "a@b.co "),
    ("long names", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@"),
    ("keywords", "個人番号"),
    ("keyword and digits", "年金番号口座1234567 "),
    ("marks", "機密性"),
    ("secret", "秘"),
    ("stamps", "極 秘\n"),
    ("colons", "a:"),
    ("octets", "1.1.1.1."),
    ("schemes", "http://a:b@"),
    ("keys", "sk-"),
    ("capitals", "AKIA"),
    ("named", "password:a1/"),
    ("long gaps", "1            "),
    ("tokens", "eyJhbGciOiJI."),
    ("heads", "-----BEGIN PRIVATE KEY-----"),
    ("unseen", "1\u{200B}"),
    ("tags", "\u{E0041}"),
    ("zero", "\0"),
    ("prefectures", "東京都"),
    ("prefectures and numbers", "東京都港区1-"),
    ("quarters", "一丁目"),
    ("house numbers", "1番地"),
    ("towns without end", "市区町村"),
    ("dashed", "区1-2-3"),
    ("buildings", "港区芝1-2-3緑荘"),
    ("titles", "様"),
    ("names and titles", "山田太郎様"),
    ("surnames", "山田 "),
    ("full names", "山田太郎、"),
    ("labels of names", "氏名"),
    ("labels and names", "氏名:山田 太郎"),
    ("spaced letters", "山 田 "),
    ("readings", "山田太郎(やまだ "),
    ("katakana", "アイ・"),
    ("labels of births", "生年月日"),
    ("births", "生年月日S55.4.1生まれ"),
    ("dates", "1980.4.1生"),
    ("eras", "昭和"),
    ("kanji figures", "九八三"),
    ("kanji groups", "九八三二-"),
    ("loose groups", "1234.5678/"),
    ("emphasis", "1****"),
    ("hands", "①1²"),
    ("quoted", "\"a"),
    ("quoted at", "\"@"),
    ("blanks and at", " @ "),
    ("passwords", "pw=a1"),
    ("names of secrets", "パスワード「"),
];

fn measure(out: &mut impl Write, detector: &Detector, name: &str, text: &str) -> io::Result<()> {
    let mut best = Duration::MAX;
    let mut found = 0;
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        found = detector.scan(text).len();
        best = best.min(begun.elapsed());
    }
    let megabytes = text.len() as f64 / 1e6;
    let rate = megabytes / best.as_secs_f64();
    writeln!(out, "{rate:8.0} MB/s  {megabytes:6.1} MB in {best:>10.1?}  {found:>8} findings  {name}")
}

fn count(out: &mut impl Write, detector: &Detector, text: &str) -> io::Result<()> {
    let characters = text.chars().count() as f64;
    let mut counts: BTreeMap<&str, [u32; 3]> = BTreeMap::new();
    for finding in detector.scan(text) {
        let [low, medium, high] = counts.entry(finding.rule).or_default();
        *match finding.confidence {
            Confidence::Low => low,
            Confidence::Medium => medium,
            Confidence::High => high,
        } += 1;
    }
    writeln!(out, "{characters} characters; findings: high, medium, low; high and medium per 100,000 characters")?;
    for (rule, [low, medium, high]) in counts {
        let rate = f64::from(high + medium) * 1e5 / characters;
        writeln!(out, "{rule:<18} {high:>7} {medium:>7} {low:>7}  {rate:.3}")?;
    }
    Ok(())
}

fn show(out: &mut impl Write, detector: &Detector, text: &str, rule: &str) -> io::Result<()> {
    let wanted = detector.scan(text).into_iter().filter(|finding| finding.rule == rule);
    for finding in wanted.filter(|finding| finding.confidence > Confidence::Low).take(40) {
        let head = text.get(..finding.span.start).unwrap_or_default();
        let lead: String = head.chars().rev().take(25).collect::<Vec<_>>().into_iter().rev().collect();
        let rest: String = text.get(finding.span.start..).unwrap_or_default().chars().take(40).collect();
        writeln!(out, "{:?} {:?} …{lead:?} >> {rest:?}", finding.confidence, finding.evidence)?;
    }
    Ok(())
}

/// Random bytes, read as text as well as they can be.
fn any_bytes(count: usize) -> String {
    let mut state: u64 = 1;
    let bytes: Vec<u8> = (0..count)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state.to_be_bytes()[0]
        })
        .collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Japanese text with a few numbers, of about `bytes` bytes.
fn ordinary(bytes: usize) -> String {
    const SENTENCES: &[&str] = &[
        "町は来年度の図書館の開館時間を見直し、平日の夜間にも利用できるようにする考えである。",
        "委員からは、窓口の混雑を避けるため予約の仕組みを整えるべきだとの意見があった。\n",
        "令和７年度の事業費は1,250万円で、前年度より3.2％増えた。",
        "担当課は関係する部局と協議し、10月15日までに回答することとした。",
        "なお、詳細については別紙のとおりとし、必要に応じて見直すものとする。\n\n",
        "川沿いの遊歩道は桜の名所として知られ、毎年四月には多くの人が訪れる。",
    ];
    let mut text = String::with_capacity(bytes + 256);
    let mut state: u32 = 1;
    while text.len() < bytes {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let pick = usize::try_from(state >> 16).unwrap_or_default() % SENTENCES.len();
        text.push_str(SENTENCES.get(pick).copied().unwrap_or_default());
    }
    text
}
