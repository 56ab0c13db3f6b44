//! The numbers of an address: 丁目, 番地, 番, 号 and figures joined by dashes, with building and room.

use crate::fold;
use crate::numeral;
use crate::script::{is_hiragana, is_japanese, is_kanji};
use crate::surroundings::{after, forwards, suffix};

/// How much the form of the numbers says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Strength {
    /// One bare number.
    Bare,
    /// Only a 丁目: a quarter, not yet a house.
    Quarter,
    /// Numbers joined by dashes or の.
    Joined,
    /// 番地, 番…号, or a 丁目 with numbers after it.
    Full,
}

/// The numbers that were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) strength: Strength,
    pub(crate) end: usize,
}

/// What stands after a number.
const SIGNS: &[&str] = &["丁目", "番地の", "番地ノ", "番地", "番", "地割", "号", "条", "線", "の", "ノ", "之"];

/// The most numbers that follow each other.
const MOST: usize = 6;

/// The numbers that begin at `start`.
pub(crate) fn read(text: &str, start: usize) -> Option<Block> {
    let mut at = start;
    let (mut numbers, mut joined, mut quarter, mut house, mut end) = (0, 0, false, false, start);
    let mut last = "";
    while numbers < MOST {
        let (value, after_number) = numeral::read(text, at)?;
        if value > 99_999 {
            return None;
        }
        numbers += 1;
        end = after_number;
        let sign = SIGNS.iter().find(|sign| suffix(text, end, 3).starts_with(**sign)).copied().unwrap_or_default();
        let mut next = end + sign.len();
        match sign {
            "丁目" => quarter = true,
            "番地の" | "番地ノ" | "番地" => house = true,
            "号" => house |= last == "番" || quarter || numbers > 2,
            _ => {}
        }
        let loose = matches!(sign, "の" | "ノ" | "之");
        let mut dash = false;
        if sign.is_empty()
            && let Some(c) = after(text, end).filter(|&c| fold::is_dash(c) || c == '~')
        {
            next = end + c.len_utf8();
            dash = true;
        }
        // After 条 the direction is named: 北1条西2丁目.
        if sign == "条" {
            next += forwards(text, next)
                .take(3)
                .take_while(|&c| "東西南北通".contains(c))
                .map(char::len_utf8)
                .sum::<usize>();
        }
        last = sign;
        let gap = usize::from(!dash && !loose && after(text, next).is_some_and(fold::is_space));
        let gap: usize = forwards(text, next).take(gap).map(char::len_utf8).sum();
        let more = after(text, next + gap).is_some_and(numeral::is_numeral)
            && !(gap > 0 && (sign.is_empty() || matches!(sign, "号" | "番地")))
            && sign != "号";
        let ends = !more || sign.is_empty() && !dash;
        if !(loose || sign.is_empty()) {
            end += sign.len();
        }
        if ends {
            break;
        }
        if dash || loose || matches!(sign, "番地の" | "番地ノ") {
            joined += 1;
        }
        at = next + gap;
    }
    let strength = if house || (quarter && numbers > 1) {
        Strength::Full
    } else if joined > 0 || (last == "番" && numbers > 1) {
        Strength::Joined
    } else if quarter {
        Strength::Quarter
    } else {
        Strength::Bare
    };
    // A number goes on: 1-2年, 3-4人, 5-6月 count something else.
    let counted = after(text, end).is_some_and(|c| "年月日時分秒人件円%％回個点歳才代票台階章条項".contains(c));
    if strength < Strength::Full && counted && last != "階" {
        return None;
    }
    // 番号, 番組, 番目 are words of their own.
    if last == "番" && after(text, end).is_some_and(|c| "号組目付外犬手台街".contains(c)) {
        return None;
    }
    Some(Block { strength, end })
}

/// Words that end the name of a building.
const BUILDINGS: &[&str] = &[
    "ビル",
    "ビルディング",
    "マンション",
    "ハイツ",
    "コーポ",
    "アパート",
    "荘",
    "館",
    "棟",
    "タワー",
    "レジデンス",
    "メゾン",
    "団地",
    "庁舎",
    "住宅",
    "ハウス",
    "コート",
    "パレス",
    "寮",
    "会館",
    "センター",
    "プラザ",
    "ヒルズ",
    "テラス",
    "号館",
    "ガーデン",
    "グランド",
    "ヴィラ",
    "シャトー",
    "ドミール",
    "ハイム",
    "方",
];

/// The longest name of a building with its room, in characters.
const LONGEST_BUILDING: usize = 28;

/// The most kanji between the kind of a building and its room.
const MOST_SINCE: usize = 4;
/// The longest when no blank stands before it.
const LONGEST_ATTACHED: usize = 14;

/// Where the building and the room after the numbers end; `at` itself when there are none.
pub(crate) fn building(text: &str, at: usize) -> usize {
    let line = suffix(text, at, LONGEST_BUILDING);
    let line = line.split(['\n', '\r', '\t', ',', '、', '。', '「', '」', '"', '|', '｜']).next().unwrap_or_default();
    let name = line.trim_start_matches(fold::is_space);
    let blank = line.len() - name.len();
    let longest = if blank > 0 { LONGEST_BUILDING } else { LONGEST_ATTACHED };
    let name = suffix(name, 0, longest);
    let mut length = 0;
    let mut best = 0;
    let (mut words, mut since) = (0, 0);
    let mut previous = None;
    for (count, c) in name.chars().enumerate() {
        let folded = fold::width(c);
        words += usize::from(fold::is_space(c));
        since += usize::from(is_kanji(c));
        let letter = is_japanese(c) || folded.is_ascii_alphanumeric() || "・#".contains(c) || fold::is_dash(c);
        // After the building only its quarter and its room may follow, as in コーポ北町２０３.
        let sentence = best > 0 && (is_hiragana(c) || since > MOST_SINCE);
        // 川北方, the house of another
        let far = c == '方' && count > 5;
        if words > 2 || !(letter || fold::is_space(c)) || sentence || far {
            break;
        }
        length += c.len_utf8();
        let here = name.get(..length).unwrap_or_default();
        let figure = previous.is_some_and(|c| fold::digit(c).is_some());
        let room =
            figure && (matches!(c, '階' | '室') || folded == 'F' || c == '号' && best > 0) || here.ends_with("号室");
        if BUILDINGS.iter().any(|word| here.ends_with(word)) || room || fold::digit(c).is_some() && best > 0 {
            best = length;
            since = 0;
        }
        previous = Some(c);
    }
    if best == 0 { at } else { at + blank + best }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_numbers_are_read() {
        for (text, strength) in [
            ("１丁目２番３号", Strength::Full),
            ("一丁目二番三号", Strength::Full),
            ("1丁目2-3", Strength::Full),
            ("1丁目2番地3", Strength::Full),
            ("1-2-3", Strength::Joined),
            ("１－２－３", Strength::Joined),
            ("1ー2ー3", Strength::Joined),
            ("二の三の四", Strength::Joined),
            ("千二百二十六番地", Strength::Full),
            ("123番地の4", Strength::Full),
            ("5番6号", Strength::Full),
            ("1丁目", Strength::Quarter),
            ("1条西2丁目3-4", Strength::Full),
            ("10地割20番地1", Strength::Full),
            ("1-2-3-405", Strength::Joined),
        ] {
            assert_eq!(read(text, 0), Some(Block { strength, end: text.len() }), "{text}");
        }
        for text in ["7-8年", "3-4人", "1番組", "五番号"] {
            assert_eq!(read(text, 0), None, "{text}");
        }
    }

    #[test]
    fn building_and_room_belong_to_the_address() {
        for text in [" 緑荘201号室", "　みどりハイツ　２０３", "北町ビル5階", " コーポ緑 101", "中央合同庁舎第2号館"]
        {
            assert_eq!(building(text, 0), text.len(), "{text}");
        }
        assert_eq!(building("に住む人は多い", 0), 0);
        assert_eq!(building(" 電話03-1234", 0), 0);
    }
}
