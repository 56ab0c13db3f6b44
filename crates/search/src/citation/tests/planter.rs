//! Answers with true and planted false statements, made from any passages; the same seed makes the same answers.
//!
//! What is true or false is decided here by how it was made, without asking the code under test: a true quotation is copied at
//! clause edges and leaves out no word that could turn it, a false one differs from all of its passage's text.

use crate::citation::Passage;

/// A statement and whether it is true, with the way it was made.
pub(super) struct Planted {
    pub(super) text: String,
    pub(super) honest: bool,
    pub(super) way: &'static str,
}

pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(super) fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % n.max(1)
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(of.len()))
    }
}

/// Sentences of a passage: by lines, then by stops outside brackets.
pub(super) fn sentences(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    for line in text.lines() {
        let (mut depth, mut sentence) = (0_i32, String::new());
        for c in line.trim().chars() {
            sentence.push(c);
            depth += i32::from("（「(『〔".contains(c)) - i32::from("）」)』〕".contains(c));
            if c == '。' && depth <= 0 {
                depth = 0;
                out.push(std::mem::take(&mut sentence));
            }
        }
        out.push(sentence);
    }
    out.retain(|s| s.chars().count() >= 10 && balanced(s) && !s.contains(['|', '*']));
    out
}

fn balanced(text: &str) -> bool {
    let mut open = Vec::new();
    for c in text.chars() {
        match c {
            '「' => open.push('」'),
            '（' => open.push('）'),
            '(' => open.push(')'),
            '『' => open.push('』'),
            '“' => open.push('”'),
            '〝' | '‘' | '"' | '＂' | '｢' | '﹁' | '﹃' => return false,
            '」' | '』' | '”' | '）' | ')' if open.pop() != Some(c) => return false,
            _ => {}
        }
    }
    open.is_empty()
}

fn bare(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '！'..='～' => char::from_u32(c as u32 - 0xFEE0).unwrap(),
            '『' | '“' => '「',
            '』' | '”' => '」',
            _ => c,
        })
        .collect()
}

/// Letters of which every word that could turn a meaning has one.
const TURNING: &str = "なずぬんざま除限外但禁不未非無否例反ナスヌザサラ除。";

fn honest(random: &mut Random, sentence: &str) -> Option<(String, &'static str)> {
    // Edges of clauses outside brackets.
    let mut edges = vec![0];
    let mut depth = 0_i32;
    for (at, c) in sentence.char_indices() {
        depth += i32::from("（「(『〔".contains(c)) - i32::from("）」)』〕".contains(c));
        if c == '、' && depth == 0 {
            edges.push(at + c.len_utf8());
        }
    }
    let last = edges.len() - 1;
    match random.below(6) {
        0 => Some((sentence.to_owned(), "whole")),
        1 => Some((sentence.trim_end_matches('。').to_owned(), "whole without stop")),
        2 if last >= 2 => {
            let from = random.below(last);
            let to = from + 1 + random.below(last - from);
            let text = &sentence[edges[from]..edges[to]];
            let text = if random.below(2) == 0 { text } else { text.trim_end_matches('、') };
            let open = [
                "こと",
                "ことは",
                "ことを",
                "ことが",
                "ことも",
                "ものと",
                "とは",
                "という",
                "旨",
                "旨を",
                "コト",
                "コトヲ",
                "コトハ",
            ];
            let plain = text.trim_end_matches('、');
            if text.chars().count() < 8
                || open.iter().any(|o| plain.ends_with(o))
                || sentence[edges[to]..].starts_with(['た', '但'])
            {
                return None;
            }
            Some((text.to_owned(), "part"))
        }
        3 if last >= 2 => {
            let from = 1 + random.below(last - 1);
            let to = from + 1 + random.below(last - from);
            let (head, gap, tail) =
                (&sentence[..edges[from]], &sentence[edges[from]..edges[to]], &sentence[edges[to]..]);
            if gap.contains(|c| TURNING.contains(c))
                || gap.contains("ただし")
                || head.chars().count() < 4
                || tail.chars().count() < 4
            {
                return None;
            }
            let mark = random.pick(&["…", "（略）", "……", "（中略）", "・・・"])?;
            Some((format!("{head}{mark}{tail}"), "omission"))
        }
        4 => {
            let wide = |c: char| char::from_u32(c as u32 + 0xFEE0).unwrap();
            let other = |c: char| match c {
                '!'..='~' if !"[]|>#*`<&\\~\"'".contains(c) => wide(c),
                '！'..='～' if !"［］｜＞＃＊｀＂＇～".contains(c) => {
                    char::from_u32(c as u32 - 0xFEE0).unwrap()
                }
                _ => c,
            };
            Some((sentence.chars().map(other).collect(), "width"))
        }
        5 if last >= 1 => {
            let at = edges[1 + random.below(last)];
            let (head, tail) = sentence.split_at(at);
            let word = tail.chars().next().is_some_and(|c| c.is_alphabetic());
            word.then(|| (format!("{head}\n{tail}"), "line break"))
        }
        _ => None,
    }
}

fn swap(text: &str, from: &str, to: &str) -> Option<String> {
    text.contains(from).then(|| text.replacen(from, to, 1))
}

fn false_one(
    random: &mut Random,
    passages: &[Passage],
    own: usize,
    sentence: &str,
) -> Option<(String, usize, &'static str)> {
    let number = passages[own].number;
    let chars: Vec<char> = sentence.chars().collect();
    let all = sentences(&passages[own].text);
    let numerals: Vec<usize> =
        (0..chars.len()).filter(|i| "0123456789０１２３４５６７８９".contains(chars[*i])).collect();
    let kanji: Vec<usize> = (0..chars.len()).filter(|i| "一二三四五六七八九".contains(chars[*i])).collect();
    let (text, cited, way) = match random.below(20) {
        0 => {
            let at = *random.pick(&numerals)?;
            let mut changed = chars.clone();
            changed[at] = if changed[at] == '7' || changed[at] == '７' { '3' } else { '7' };
            (changed.iter().collect(), number, "digit")
        }
        1 | 2 => {
            let at = *random.pick(&kanji)?;
            let mut changed = chars.clone();
            changed[at] = if changed[at] == '四' { '六' } else { '四' };
            (changed.iter().collect(), number, "kanji numeral")
        }
        3 => (swap(sentence, "以上", "以下").or_else(|| swap(sentence, "以下", "以上"))?, number, "bound"),
        4 => (
            swap(sentence, "を超える", "未満の")
                .or_else(|| swap(sentence, "未満", "以上"))
                .or_else(|| swap(sentence, "以内", "以上"))?,
            number,
            "bound word",
        ),
        5 => (
            swap(sentence, "できない", "できる")
                .or_else(|| swap(sentence, "しない", "する"))
                .or_else(|| swap(sentence, "てはならない", "なければならない"))
                .or_else(|| swap(sentence, "ません", "ます"))?,
            number,
            "negation out",
        ),
        6 => (
            swap(sentence, "できる", "できない")
                .or_else(|| swap(sentence, "とする", "としない"))
                .or_else(|| swap(sentence, "する", "しない"))?,
            number,
            "negation in",
        ),
        7 => (swap(sentence, "及び", "又は").or_else(|| swap(sentence, "又は", "及び"))?, number, "and or"),
        8 | 9 => {
            let at = random.below(all.len());
            let (first, second) = (all.get(at)?, all.get((at + 2 + random.below(3)) % all.len())?);
            let glue = random.pick(&["", "。", "、"])?;
            (format!("{}{glue}{second}", first.trim_end_matches('。')), number, "joined")
        }
        10 => {
            let (first, second) = (all.first()?, all.get(1 + random.below(all.len()))?);
            let head: String = first.chars().take(first.chars().count() / 2).collect();
            let tail: String = second.chars().skip(second.chars().count() / 2).collect();
            if bare(first).contains(&bare(&tail)) {
                return None;
            }
            (format!("{head}…{tail}"), number, "joined by omission")
        }
        11 | 12 => {
            let other = random.below(passages.len());
            if other == own || bare(&passages[other].text).contains(&bare(sentence)) {
                return None;
            }
            (sentence.to_owned(), passages[other].number, "other passage")
        }
        13 => (sentence.to_owned(), passages.iter().map(|p| p.number).max()? + 1 + random.below(5), "no passage"),
        14 => {
            let mut clauses: Vec<&str> = sentence.trim_end_matches('。').split('、').collect();
            let at = random.below(clauses.len());
            if at + 1 >= clauses.len() {
                return None;
            }
            clauses.swap(at, at + 1);
            (clauses.join("、"), number, "order")
        }
        15 | 16 => {
            let at = 1 + random.below(chars.len().checked_sub(3)?);
            let mut changed = chars.clone();
            changed.remove(at);
            (changed.iter().collect(), number, "dropped")
        }
        17 => {
            let ends = [
                "できないものと",
                "できない",
                "てはならない",
                "しない",
                "ものと解してはならない",
                "ておりません",
                "を除く",
                "に限り",
                "に限る",
                "以外の",
            ];
            let cut = ends.iter().filter_map(|end| sentence.find(end)).min()?;
            let at = cut
                + if random.below(2) == 0 && sentence[cut..].starts_with("できない") { "でき".len() } else { 0 };
            let text = &sentence[..at];
            // A harmless occurrence elsewhere in the passage would make it true; a bare clause is no claim.
            let again = bare(&passages[own].text).matches(&bare(text)).count() != 1;
            if text.ends_with(['、', '。']) || text.chars().count() < 4 || again || !balanced(text) {
                return None;
            }
            return Some((text.to_owned(), number, "cut before negation"));
        }
        18 => {
            let at =
                sentence.find("ないで").or_else(|| sentence.find("を除き")).or_else(|| sentence.find("ないときは"))?;
            let head: String = sentence[..at].chars().rev().skip(3).collect::<Vec<_>>().into_iter().rev().collect();
            let tail: String = sentence[at..].chars().skip(6).collect();
            if head.chars().count() < 4 || tail.chars().count() < 4 {
                return None;
            }
            return Some((format!("{head}…{tail}"), number, "swallowed negation"));
        }
        _ => {
            let at = *kanji.iter().find(|i| {
                **i > 0 && "十百千".contains(chars[**i - 1])
                    || chars.get(**i + 1).is_some_and(|c| "十百千".contains(*c))
            })?;
            let text: String = chars[at + 1..].iter().collect();
            let once = bare(&passages[own].text).matches(&bare(&text)).count() == 1;
            return (once && text.starts_with(['十', '百', '千'])).then_some((text, number, "half a number"));
        }
    };
    let known = passages.iter().find(|p| p.number == cited).is_some_and(|p| bare(&p.text).contains(&bare(&text)));
    (!known && balanced(&text)).then_some((text, cited, way))
}

/// One answer: its statements, each a block of its own.
pub(super) fn answer(random: &mut Random, passages: &[Passage], length: usize) -> Vec<Planted> {
    let mut out = Vec::new();
    for _ in 0..length * 20 {
        if out.len() >= length {
            break;
        }
        let own = random.below(passages.len());
        let all = sentences(&passages[own].text);
        let Some(sentence) = random.pick(&all).cloned() else { continue };
        let made = if random.below(5) < 2 {
            honest(random, &sentence).map(|(text, way)| (text, passages[own].number, way, true))
        } else {
            false_one(random, passages, own, &sentence).map(|(text, cited, way)| (text, cited, way, false))
        };
        let Some((quoted, cited, way, honest)) = made else { continue };
        let nested: String = quoted
            .chars()
            .map(|c| {
                if c == '「' {
                    '『'
                } else if c == '」' {
                    '』'
                } else {
                    c
                }
            })
            .collect();
        let text = match random.below(6) {
            0 if !quoted.starts_with(['>', ' ', '「', '―', '─', '—', '–']) && !quoted.contains('\n') => {
                format!("> {quoted}[{cited}]")
            }
            1 => format!("- 架空法は「{nested}」と定める[{cited}]。"),
            2 => format!("| 定め | 「{nested}」【{cited}】 |").replace('\n', " "),
            3 => format!("“{nested}”とされている。（出典：[{cited}]）")
                .replace(['“', '”'], "\"")
                .replacen('"', "「", 1)
                .replacen('"', "」", 1),
            4 => format!("「{nested}」[{cited}]。"),
            _ => format!("答弁では、『{quoted}』とされている[{cited}]。"),
        };
        // A label of a cell is a statement too.
        let text = text.replace("| 定め ", "");
        out.push(Planted { text, honest, way });
    }
    out
}
