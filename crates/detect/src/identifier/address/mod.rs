//! 住所 (ID-ADDRESS): the names of places with the numbers of a house.
//!
//! A search begins only where something rare stands: a prefecture (read forwards), 丁目, 番地, 番 or figures joined by
//! dashes after a Japanese letter (read backwards). A prefecture or a municipality alone is no address.

mod block;
pub(crate) mod places;

use std::ops::Range;

use self::block::{Block, Strength};
use self::places::{LONGEST, PREFECTURES, Places};
use super::Page;
use crate::finding::{Confidence, Finding, PersonalKind, Signal};
use crate::fold;
use crate::keyword::Topic;
use crate::numeral;
use crate::script::{is_japanese, is_kanji, is_katakana};
use crate::surroundings::{after, backwards, before, forwards, prefix, suffix};

/// Where a search for an address begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cue {
    /// The name of a prefecture.
    Prefecture,
    /// A sign after a number.
    Number,
}

/// The signs after a number at which a search begins.
pub(crate) const NUMBER_SIGNS: &[&str] = &["丁目", "番地", "番"];

/// How far the numbers stand from the municipality at most, in characters.
const TOWN: usize = 24;
/// How far the head of an address is looked for, in characters.
const HEAD: usize = 36;
/// How far a label stands before an address at most, in characters.
const LABEL: usize = 8;

/// Looks for an address round each cue.
pub(crate) fn detect(page: &Page<'_>, places: &Places, cues: &[(Cue, Range<usize>)], findings: &mut Vec<Finding>) {
    for (cue, span) in cues {
        let found = match cue {
            Cue::Prefecture => forward(page, places, span),
            Cue::Number => numeral::start_before(page.text, span.start).and_then(|start| backward(page, places, start)),
        };
        findings.extend(found);
    }
}

/// An address whose numbers are joined by dashes and begin with the digit at `start`.
pub(crate) fn joined(page: &Page<'_>, places: &Places, start: usize) -> Option<Finding> {
    let near = backwards(page.text, start).find(|&c| !fold::is_space(c))?;
    if !is_japanese(near) || "目地番号第約計年月".contains(near) {
        return None;
    }
    backward(page, places, start)
}

/// What is known of an address before it is judged.
#[derive(Debug)]
struct Found {
    start: usize,
    prefecture: bool,
    listed: bool,
    block: Block,
}

impl Found {
    fn judge(self, page: &Page<'_>) -> Option<Finding> {
        let end = block::building(page.text, self.block.end);
        let span = self.start..end;
        let label = page.keywords.labels(page.text, Topic::Postal, &span, LABEL);
        let postal = after_postal_code(page.text, self.start);
        let told = label.is_some() || postal;
        let strength = self.block.strength;
        let confidence = match (self.prefecture, self.listed, told) {
            (true, true, _) | (_, true, true) if strength >= Strength::Joined => Confidence::High,
            (true, ..) | (_, _, true) if strength >= Strength::Quarter => Confidence::Medium,
            (_, true, _) if strength >= Strength::Joined => Confidence::Medium,
            (_, true, _) if strength == Strength::Quarter => Confidence::Low,
            (_, false, _) if strength == Strength::Full => Confidence::Low,
            _ => return None,
        };
        let mut evidence = Vec::new();
        if self.prefecture {
            evidence.push("prefecture");
        }
        evidence.push(if self.listed { "municipality" } else { "form of a municipality" });
        evidence.push(match strength {
            Strength::Full => "丁目, 番地 or 番…号",
            Strength::Joined => "numbers joined",
            Strength::Quarter => "丁目 alone",
            Strength::Bare => "number",
        });
        evidence.extend(label);
        if postal {
            evidence.push("after a postal code");
        }
        Some(finding(span, confidence, evidence))
    }
}

fn finding(span: Range<usize>, confidence: Confidence, evidence: Vec<&'static str>) -> Finding {
    Finding { rule: "ID-ADDRESS", signal: Signal::PersonalData(PersonalKind::Address), span, confidence, evidence }
}

/// Whether a character may stand between the parts of an address: a blank, the edge of a cell, a line break.
fn is_gap(c: char) -> bool {
    fold::is_space(c) || matches!(c, '\t' | '\n' | '\r' | '|' | '｜' | ',' | '"')
}

/// Where the next part begins, after at most four signs of a gap.
fn skip_gap(text: &str, at: usize) -> usize {
    at + forwards(text, at).take(4).take_while(|&c| is_gap(c)).map(char::len_utf8).sum::<usize>()
}

/// Reads on from the name of a prefecture.
fn forward(page: &Page<'_>, places: &Places, name: &Range<usize>) -> Option<Finding> {
    let text = page.text;
    let (end, listed) = municipality_at(text, places, skip_gap(text, name.end))?;
    let mut at = end;
    let mut previous = None;
    let mut gaps = 0;
    for c in forwards(text, end).take(TOWN) {
        if numeral::is_numeral(c)
            && !previous.is_some_and(|previous| numeral::is_numeral(previous) || fold::is_dash(previous))
            && let Some(block) = block::read(text, at)
            && block.strength >= Strength::Quarter
        {
            return Found { start: name.start, prefecture: true, listed, block }.judge(page);
        }
        gaps = if is_gap(c) { gaps + 1 } else { 0 };
        if gaps > 3 || gaps == 0 && !is_town(c) {
            break;
        }
        previous = Some(c);
        at += c.len_utf8();
    }
    // Without numbers it is an address only when the text says so.
    let town = town_at(text, end);
    let span = name.start..end + town;
    let mut evidence = vec!["prefecture", if listed { "municipality" } else { "form of a municipality" }];
    match page.keywords.labels(text, Topic::Postal, &span, LABEL) {
        Some(label) => evidence.push(label),
        None if after_postal_code(text, name.start) => evidence.push("after a postal code"),
        None => return None,
    }
    Some(finding(span, Confidence::Medium, evidence))
}

/// The name of a town at `at`, in bytes: kanji and katakana, and が between kanji as in 霞が関.
fn town_at(text: &str, at: usize) -> usize {
    let tail = suffix(text, at, 12);
    let mut letters = tail.chars().peekable();
    let mut length = 0;
    while let Some(c) = letters.next() {
        let joins = c == 'が' && length > 0 && letters.peek().copied().is_some_and(is_kanji);
        if !(is_kanji(c) || is_katakana(c) || joins) {
            break;
        }
        length += c.len_utf8();
    }
    length
}

fn is_town(c: char) -> bool {
    is_japanese(c) || fold::digit(c).is_some() || fold::is_dash(c)
}

/// Where the municipality that begins at `at` ends, and whether its name is listed; a 郡 may stand before it.
fn municipality_at(text: &str, places: &Places, at: usize) -> Option<(usize, bool)> {
    if let Some(end) = listed_at(text, places, at) {
        return Some((end, true));
    }
    let name = suffix(text, at, 6);
    if let Some((district, _)) = name.split_once('郡')
        && !district.is_empty()
        && district.chars().all(is_japanese)
    {
        let from = skip_gap(text, at + district.len() + '郡'.len_utf8());
        if let Some(end) = listed_at(text, places, from) {
            return Some((end, true));
        }
    }
    let mut end = at;
    for (count, c) in name.chars().enumerate() {
        if count > 0 && "市区町村".contains(c) {
            return Some((end + c.len_utf8(), false));
        }
        if !(is_kanji(c) || is_katakana(c)) {
            break;
        }
        end += c.len_utf8();
    }
    None
}

/// Where the longest listed name that begins at `at` ends.
fn listed_at(text: &str, places: &Places, at: usize) -> Option<usize> {
    let tail = suffix(text, at, LONGEST);
    tail.char_indices()
        .filter(|(_, c)| "市区町村".contains(*c))
        .map(|(place, c)| place + c.len_utf8())
        .filter(|&length| tail.get(..length).is_some_and(|name| places.is_municipality(name)))
        .max()
        .map(|length| at + length)
}

/// Reads back from the numbers that begin at `start`.
fn backward(page: &Page<'_>, places: &Places, start: usize) -> Option<Finding> {
    let text = page.text;
    let block = block::read(text, start).filter(|block| block.strength >= Strength::Quarter)?;
    let from = head_start(text, start);
    let head = text.get(from..start)?;
    if let Some((name, end)) = municipality_in(head, places)
        && plausible_town(head.get(end..)?, block.strength)
    {
        let (begin, prefecture) = prefecture_before(head, name);
        return Found { start: from + begin, prefecture, listed: true, block }.judge(page);
    }
    let unlisted = head.char_indices().rev().find(|(at, c)| *at > 0 && "市区町村".contains(*c));
    if let Some((at, c)) = unlisted
        && plausible_town(head.get(at + c.len_utf8()..)?, block.strength)
        && let Some(length) = run_before(head, at)
    {
        let prefecture = PREFECTURES.iter().find_map(|name| head.get(at - length..at)?.find(name));
        let begin = at - length + prefecture.unwrap_or(0);
        return Found { start: from + begin, prefecture: prefecture.is_some(), listed: false, block }.judge(page);
    }
    named_by_label(page, from, start, block)
}

/// The kanji and katakana directly before `at`, in bytes.
fn run_before(head: &str, at: usize) -> Option<usize> {
    let length: usize =
        backwards(head, at).take(8).take_while(|&c| is_kanji(c) || is_katakana(c)).map(char::len_utf8).sum();
    (length > 0).then_some(length)
}

/// A town and numbers without a municipality, directly after a label.
fn named_by_label(page: &Page<'_>, from: usize, start: usize, block: Block) -> Option<Finding> {
    let span = start..block::building(page.text, block.end);
    if block.strength < Strength::Joined {
        return None;
    }
    let label = page.keywords.labels(page.text, Topic::Postal, &span, 2 * LABEL)?;
    let head = page.text.get(from..start)?;
    let word = label.trim_start_matches("keyword ");
    let town = head.rfind(word).map_or(0, |at| at + word.len());
    let town = head.get(town..)?.trim_start_matches(|c: char| is_gap(c) || matches!(c, 'は'));
    let plausible = !town.is_empty() && town.chars().all(is_japanese) && plausible_town(town, block.strength);
    plausible
        .then(|| finding(start - town.len()..span.end, Confidence::Medium, vec!["a town with numbers joined", label]))
}

/// Where the letters that may be the head of an address begin.
fn head_start(text: &str, start: usize) -> usize {
    let mut from = start;
    let (mut gaps, mut in_a_row) = (0, 0);
    let mut here = start;
    for c in backwards(text, start).take(HEAD) {
        here -= c.len_utf8();
        if is_gap(c) {
            gaps += 1;
            in_a_row += 1;
            if gaps > 5 || in_a_row > 2 {
                break;
            }
        } else if is_town(c) {
            in_a_row = 0;
            from = here;
        } else {
            break;
        }
    }
    from
}

/// The first listed municipality in `head` after which a town may follow.
fn municipality_in(head: &str, places: &Places) -> Option<(usize, usize)> {
    head.char_indices().filter(|(_, c)| "市区町村".contains(*c)).find_map(|(at, c)| {
        let end = at + c.len_utf8();
        let lead = prefix(head, end, LONGEST);
        let start = lead
            .char_indices()
            .map(|(place, _)| end - lead.len() + place)
            .find(|&start| head.get(start..end).is_some_and(|name| places.is_municipality(name)))?;
        let town = head.get(end..)?;
        (!particles(town)).then_some((start, end))
    })
}

/// Whether words of a sentence stand in what should be the name of a town.
fn particles(town: &str) -> bool {
    let mut chars = town.chars().filter(|&c| !is_gap(c));
    let first = chars.next();
    let second = chars.next();
    town.contains(['を', 'は'])
        || town.contains("番地")
        || ["から", "まで", "では", "には", "とは", "など", "また", "として", "において", "による"]
            .iter()
            .any(|word| town.contains(word))
        || first.is_some_and(|c| "のはがにでともやへ".contains(c)) && !second.is_some_and(crate::script::is_hiragana)
}

fn plausible_town(town: &str, strength: Strength) -> bool {
    let letters = town.chars().filter(|&c| !is_gap(c)).count();
    if letters > TOWN || particles(town) {
        return false;
    }
    // 令和7-8 and 第1-2 are no house numbers; 番地 may follow the municipality directly.
    strength == Strength::Full
        || letters > 0
            && !["令和", "平成", "昭和", "第", "約", "計", "年", "月", "表", "図", "別紙", "様式", "号", "議案", "条例"]
                .iter()
                .any(|word| town.ends_with(word))
}

/// Where the address begins when a prefecture or a 郡 stands before the municipality at `name`.
fn prefecture_before(head: &str, name: usize) -> (usize, bool) {
    let lead = head.get(..name).unwrap_or_default();
    let close = lead.trim_end_matches(is_gap);
    if let Some(prefecture) = PREFECTURES.iter().find(|prefecture| close.ends_with(**prefecture)) {
        return (close.len() - prefecture.len(), true);
    }
    if let Some(district) = close.strip_suffix('郡') {
        for (at, _) in district.char_indices().rev().take(5) {
            let before = district.get(..at).unwrap_or_default().trim_end_matches(is_gap);
            if let Some(prefecture) = PREFECTURES.iter().find(|prefecture| before.ends_with(**prefecture)) {
                return (before.len() - prefecture.len(), true);
            }
        }
        let run: usize =
            backwards(district, district.len()).take(4).take_while(|&c| is_kanji(c)).map(char::len_utf8).sum();
        return (district.len() - run, false);
    }
    (name, false)
}

/// Whether a postal code stands directly before.
fn after_postal_code(text: &str, start: usize) -> bool {
    let lead = prefix(text, start, 14).trim_end_matches(is_gap);
    let mut digits = 0;
    for c in lead.chars().rev() {
        if fold::digit(c).is_some() {
            digits += 1;
        } else if !(fold::is_dash(c) && digits == 4) {
            return digits == 7 && (c == '〒' || !fold::width(c).is_ascii_alphanumeric());
        }
    }
    digits == 7 && before(text, start).is_some() && after(text, start).is_some()
}

#[cfg(test)]
mod tests {
    use crate::Confidence;
    use crate::detector::shared;

    fn found(text: &str) -> Vec<(Confidence, &str)> {
        shared()
            .scan(text)
            .into_iter()
            .filter(|finding| finding.rule == "ID-ADDRESS")
            .map(|finding| (finding.confidence, &text[finding.span]))
            .collect()
    }

    use Confidence::{High, Low, Medium};

    #[test]
    fn a_prefecture_a_municipality_and_numbers_are_an_address() {
        for address in [
            "東京都千代田区霞が関１丁目２番３号",
            "東京都千代田区霞が関1-2-3",
            "東京都千代田区霞が関一丁目二番三号",
            "東京都港区虎ノ門二の三の四",
            "東京都千代田区霞が関１－２－３",
            "大阪府大阪市北区梅田３丁目４番地５",
            "北海道札幌市中央区北1条西2丁目3-4",
            "北海道虻田郡ニセコ町字富士見47番地",
            "神奈川県茅ケ崎市茅ヶ崎一丁目1番1号",
            "東京都 千代田区 霞が関 1-2-3",
            "京都府京都市中京区寺町通御池上る上本能寺前町488番地",
            "青森県むつ市中央1-2-3",
        ] {
            assert_eq!(found(&format!("住んでいるのは{address}です。")), [(High, address)], "{address}");
        }
    }

    #[test]
    fn building_and_room_are_part_of_it() {
        for address in [
            "埼玉県川口市青木1-2-3 緑ハイツ203号室",
            "埼玉県川口市青木１丁目２番３号　みどり荘２０３",
            "千葉県市川市八幡1-1-1本八幡ビル5階",
        ] {
            assert_eq!(found(&format!("宛先：{address}\n以上")), [(High, address)], "{address}");
        }
    }

    #[test]
    fn the_prefecture_may_be_missing() {
        assert_eq!(found("私は横浜市中区本町6丁目50番地10に住む"), [(Medium, "横浜市中区本町6丁目50番地10")]);
        assert_eq!(found("住所：横浜市中区本町6-50-10"), [(High, "横浜市中区本町6-50-10")]);
        assert_eq!(found("〒231-0005 横浜市中区本町6-50-10"), [(High, "横浜市中区本町6-50-10")]);
        assert_eq!(found("住所　本町6-50-10"), [(Medium, "本町6-50-10")]);
        assert_eq!(found("青空市緑町1丁目2番3号"), [(Low, "青空市緑町1丁目2番3号")], "no such municipality");
        assert_eq!(found("住所：青空市緑町1-2-3")[0].0, Medium);
        assert_eq!(found("住所：東京都千代田区霞が関"), [(Medium, "東京都千代田区霞が関")]);
    }

    #[test]
    fn places_alone_and_other_numbers_are_none() {
        for text in [
            "東京都",
            "大阪市の予算は3,500億円",
            "東京都千代田区で会議を開いた",
            "政策の一丁目一番地として",
            "港区は令和7-8年度の計画を立てた",
            "第1-2号議案",
            "横浜市の1-3月の人口",
            "京都市で一番多い",
            "大阪市が2-1で勝った",
            "福岡県の市町村",
        ] {
            assert!(found(text).is_empty(), "{text}: {:?}", found(text));
        }
    }

    #[test]
    fn cells_and_line_breaks_may_part_it() {
        assert_eq!(found("東京都,千代田区,霞が関1-2-3,以上"), [(High, "東京都,千代田区,霞が関1-2-3")]);
        assert_eq!(found("東京都千代田区\n霞が関1-2-3"), [(High, "東京都千代田区\n霞が関1-2-3")]);
    }
}
