//! The words that turn a meaning round or limit it. A list, not an understanding: what it leaves out is not noticed.

/// Words that hold the letters of a negation and are none.
const HARMLESS: [&str; 25] = [
    "ただし書",
    "なければならない",
    "なければなりません",
    "なければならず",
    "なければいけない",
    "なければいけません",
    "なくてはならない",
    "なくてはなりません",
    "なければなるまい",
    "少ない",
    "少なく",
    "遅滞なく",
    "間もなく",
    "できる限り",
    "行ない",
    "ともない",
    "必ず",
    "まず",
    "はず",
    "わずか",
    "みずから",
    "ざるを得ない",
    "ざるを得ません",
    "つまらない",
    "必要不可欠",
];
const NEGATIONS: [&str; 28] = [
    "ない",
    "なく",
    "なかった",
    "なかろう",
    "なき",
    "なし",
    "ません",
    "ざる",
    "ざれ",
    "ぬ",
    "まい",
    "あらず",
    "ナイ",
    "ナシ",
    "ナク",
    "ズ",
    "ザル",
    "セサル",
    "セス",
    "ラス",
    "得ス",
    "サル",
    "ヌ",
    "ねば",
    "不要",
    "不可",
    "否定",
    "無効",
];
const LIMITS: [&str; 21] = [
    "除く",
    "除き",
    "除いた",
    "除外",
    "除か",
    "除ク",
    "限る",
    "限り",
    "限って",
    "限定",
    "に限",
    "限ル",
    "限リ",
    "以外",
    "ただし",
    "但し",
    "但シ",
    "禁止",
    "禁じ",
    "禁ず",
    "例外",
];
/// Words that limit only what they directly follow.
const CLINGING: [&str; 6] = ["のみ", "だけ", "しか", "以外", "未遂", "ノミ"];

/// Where the negations of a text stand.
pub(crate) fn negations(text: &str) -> Vec<(usize, usize)> {
    found(text, false)
}

/// Where negations and limits of a text stand.
pub(crate) fn turns(text: &str) -> Vec<(usize, usize)> {
    found(text, true)
}

/// Whether a text begins with a word that limits what stands before it.
pub(crate) fn clings(text: &str) -> bool {
    CLINGING.iter().any(|word| text.starts_with(word))
}

/// Whether a sentence is a proviso to the one before it.
pub(crate) fn is_proviso(text: &str) -> bool {
    ["ただし", "但し", "但シ", "但,", "但、"].iter().any(|word| text.starts_with(word))
}

fn found(text: &str, limits: bool) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    // 「セス」 and 「ズ」 deny in the laws written in katakana and are parts of アクセス and クルーズ in the others.
    let modern = text.contains(|c| ('\u{3041}'..='\u{3096}').contains(&c) || c == 'ー');
    let (mut skip, mut before) = (0, None);
    for (at, c) in text.char_indices() {
        let rest = text.get(at..).unwrap_or("");
        let previous = before.replace(c);
        if at < skip || !may_begin(c) || modern && "ナズザセラサヌ".contains(c) {
            continue;
        }
        let length = if let Some(word) = HARMLESS.iter().find(|word| rest.starts_with(**word)) {
            skip = at + word.len();
            continue;
        } else if c == 'ず' {
            // 「せず、」「によらずに」 but not 「ずつ」「いずれ」.
            let after = rest.chars().nth(1);
            let open = after.is_none_or(|a| "、。にとしもは又」)".contains(a));
            if open && previous.is_none_or(|p| !"いま".contains(p)) { c.len_utf8() } else { 0 }
        } else if let Some(word) = NEGATIONS.iter().find(|word| rest.starts_with(**word)) {
            word.len()
        } else if limits {
            LIMITS.iter().find(|word| rest.starts_with(**word)).map_or(0, |word| word.len())
        } else {
            0
        };
        if length > 0 {
            out.push((at, at + length));
            skip = at + length;
        }
    }
    out
}

/// First characters of the words above, so that most of a text is passed over at once.
fn may_begin(c: char) -> bool {
    "なまざぬずあナズザセラ得サヌね不否無除限に以た但禁例少遅間で行と必はわみつ".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn obligations_are_no_negations() {
        assert!(negations("届け出なければならない").is_empty());
        assert!(negations("遅滞なく、少なくとも必ず一部ずつ、いずれか").is_empty());
        assert!(negations("クルーズ船で来る").is_empty() && turns("アクセスの集中").is_empty());
        for text in ["してはならない", "しません", "によらず、", "することを得ス", "許可なく", "ではなかった"]
        {
            assert_eq!(negations(text).len(), 1, "{text}");
        }
        assert_eq!(turns("法人を除く。").len(), 1);
        assert_eq!(negations("法人を除く。").len(), 0);
    }

    #[test]
    fn every_word_can_begin() {
        for word in HARMLESS.iter().chain(&NEGATIONS).chain(&LIMITS) {
            assert!(word.starts_with(may_begin), "{word}");
        }
    }
}
