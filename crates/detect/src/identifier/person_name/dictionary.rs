//! Surnames and the characters of given names (general knowledge, grade K), and how a name is read with them.

use crate::fold;
use crate::script::{hiragana, is_hiragana, is_kana, is_kanji};

const SURNAMES: &str = include_str!("../../../data/surnames.txt");
const GIVEN_NAMES: &str = include_str!("../../../data/given_names.txt");

/// Surnames of one character that a title alone may follow; others are words as often as names.
const SHORT: &str = "林森原関堀辻岡菅柳泉島桂奥谷星浜";

/// Words that are put together like given names and are none.
const NOT_GIVEN: &[&str] = &[
    "行政",
    "財政",
    "国政",
    "大臣",
    "総理",
    "元総理",
    "法人",
    "道路",
    "大学",
    "次官",
    "次三",
    "一次",
    "二次",
    "三次",
    "一二",
    "二三",
    "三四",
    "四五",
    "五六",
    "六七",
    "七八",
    "八九",
    "永代",
    "年月",
    "正月",
    "今月",
    "一月",
    "二月",
    "三月",
    "四月",
    "六月",
    "七月",
    "八月",
    "九月",
    "十月",
    "正式",
    "和平",
    "公平",
    "心理",
    "原理",
    "理性",
    "地理",
    "代理",
    "史実",
    "事実",
    "真実",
    "充実",
    "元年",
    "文章",
    "学年",
    "知人",
    "美人",
    "大人",
    "成人",
    "法律",
    "生花",
    "国道",
    "市道",
    "海道",
    "幸福",
    "和光",
];

/// A set of characters between U+3000 and U+9FFF.
#[derive(Debug)]
struct Characters(Vec<u64>);

impl Characters {
    const FIRST: u32 = 0x3000;
    const COUNT: u32 = 0x7000;

    fn new(chars: impl Iterator<Item = char>) -> Self {
        let mut set = Self(vec![0; 0x7000 / 64]);
        for c in chars {
            if let Some((word, bit)) = Self::place(c)
                && let Some(word) = set.0.get_mut(word)
            {
                *word |= bit;
            }
        }
        set
    }

    /// The characters whose usual form is in one of the sets.
    fn any_form_of(sets: &[&Self]) -> Self {
        let all = (Self::FIRST..Self::FIRST + Self::COUNT).filter_map(char::from_u32);
        Self::new(all.filter(|&c| sets.iter().any(|set| set.contains(usual(c)))))
    }

    fn place(c: char) -> Option<(usize, u64)> {
        let offset = u32::from(c).checked_sub(Self::FIRST)?;
        Some((usize::try_from(offset / 64).ok()?, 1 << (offset % 64)))
    }

    fn contains(&self, c: char) -> bool {
        Self::place(c).is_some_and(|(word, bit)| self.0.get(word).is_some_and(|word| word & bit != 0))
    }
}

/// A set of words of up to four characters, as sorted numbers.
#[derive(Debug)]
struct Short {
    words: Vec<u64>,
    /// One bit for the hash of each word: most rows are none, and this says so at once.
    sieve: Vec<u64>,
}

impl Short {
    fn new<'w>(words: impl Iterator<Item = &'w str>) -> Self {
        let mut packed: Vec<u64> = words.filter_map(|word| pack(&word.chars().collect::<Vec<_>>())).collect();
        packed.sort_unstable();
        packed.dedup();
        let mut sieve = vec![0; 1024];
        for &word in &packed {
            let (place, bit) = Self::place(word);
            if let Some(row) = sieve.get_mut(place) {
                *row |= bit;
            }
        }
        Self { words: packed, sieve }
    }

    /// Where the bit of a word stands in the sieve: sixteen bits of a multiplicative hash.
    fn place(word: u64) -> (usize, u64) {
        let hash = word.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 48;
        (usize::try_from(hash >> 6).unwrap_or(0), 1 << (hash & 63))
    }

    fn contains(&self, word: &[char]) -> bool {
        pack(word).is_some_and(|packed| {
            let (place, bit) = Self::place(packed);
            self.sieve.get(place).is_some_and(|row| row & bit != 0) && self.words.binary_search(&packed).is_ok()
        })
    }
}

/// Up to four characters of the basic plane in one number.
fn pack(word: &[char]) -> Option<u64> {
    if word.is_empty() || word.len() > 4 {
        return None;
    }
    word.iter().try_fold(0, |packed, &c| Some(packed << 16 | u64::from(u16::try_from(u32::from(c)).ok()?)))
}

/// The usual form of a character that names write in old or variant forms.
pub(super) fn usual(c: char) -> char {
    match c {
        '髙' => '高',
        '﨑' | '嵜' | '碕' => '崎',
        '邊' | '邉' => '辺',
        '齋' | '齊' => {
            if c == '齋' {
                '斎'
            } else {
                '斉'
            }
        }
        '澤' => '沢',
        '廣' => '広',
        '濵' | '濱' => '浜',
        '國' => '国',
        '櫻' => '桜',
        '眞' => '真',
        '與' => '与',
        '嶋' | '嶌' => '島',
        '槗' => '橋',
        '舘' => '館',
        '渕' => '淵',
        '瀧' => '滝',
        '嶽' => '岳',
        '會' => '会',
        '龍' => '竜',
        '藪' => '薮',
        '檜' => '桧',
        '峯' => '峰',
        '縣' => '県',
        '圓' => '円',
        '惠' => '恵',
        '榮' => '栄',
        '條' => '条',
        '壽' => '寿',
        '實' => '実',
        '將' => '将',
        '晉' => '晋',
        '曉' => '暁',
        '檢' => '検',
        '靜' => '静',
        '冨' => '富',
        '假' => '仮',
        '萬' => '万',
        '豐' => '豊',
        '鐵' => '鉄',
        '關' => '関',
        '凛' => '凜',
        '𠮷' => '吉',
        _ => c,
    }
}

/// What one look at a character says, as bits: the walk over a text asks it of every run of kanji.
pub(crate) mod class {
    /// A surname may begin with it.
    pub(crate) const HEAD: u8 = 1;
    /// A given name may end with it.
    pub(crate) const TAIL: u8 = 2;
    /// A figure.
    pub(crate) const FIGURE: u8 = 4;
    /// The name of an era begins with it.
    pub(crate) const ERA: u8 = 8;
}

/// How a row of characters is read as a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reading {
    /// The length of the surname, in characters.
    pub(super) surname: usize,
    /// Whether the given name reads as one beyond doubt: written in kana, or ending as given names do.
    pub(super) sure: bool,
}

/// The dictionary, made once.
#[derive(Debug)]
pub(crate) struct Names {
    surnames: Short,
    /// The [`class`] of each character from U+3000 to U+9FFF.
    classes: Vec<u8>,
    /// In any form, what a surname or a given name ends with.
    any_tails: Characters,
    first: Characters,
    last: Characters,
    middle: Characters,
    single: Characters,
    kana: Short,
}

impl Names {
    pub(crate) fn new() -> Self {
        let folded: Vec<String> =
            SURNAMES.split_ascii_whitespace().map(|word| word.chars().map(usual).collect()).collect();
        let row = |kind: &'static str| {
            GIVEN_NAMES
                .lines()
                .filter_map(move |line| line.strip_prefix(kind)?.strip_prefix(' '))
                .flat_map(|line| line.split_ascii_whitespace())
        };
        let letters = |kind| Characters::new(row(kind).flat_map(str::chars).map(usual));
        let heads = Characters::new(folded.iter().filter_map(|word| word.chars().next()));
        let surname_tails = Characters::new(folded.iter().filter_map(|word| word.chars().next_back()));
        let (last, single) = (letters("last"), letters("single"));
        let repeats = Characters::new(std::iter::once('々'));
        let all = Characters::FIRST..Characters::FIRST + Characters::COUNT;
        let classes = all
            .map(|code| {
                let c = char::from_u32(code).unwrap_or_default();
                let form = usual(c);
                let bit = |holds: bool, bit: u8| if holds { bit } else { 0 };
                bit(heads.contains(form), class::HEAD)
                    | bit([&last, &single, &repeats].iter().any(|set| set.contains(form)), class::TAIL)
                    | bit(fold::kanji_digit(c).is_some(), class::FIGURE)
                    | bit("昭平大明令".contains(c), class::ERA)
            })
            .collect();
        Self {
            classes,
            any_tails: Characters::any_form_of(&[&last, &single, &repeats, &surname_tails]),
            surnames: Short::new(folded.iter().map(String::as_str)),
            first: letters("first"),
            last,
            middle: letters("middle"),
            single,
            kana: Short::new(row("kana")),
        }
    }

    /// The [`class`] of a character of three bytes.
    pub(crate) fn class(&self, [a, b, c]: [u8; 3]) -> u8 {
        let code = usize::from(a & 0x0F) << 12 | usize::from(b & 0x3F) << 6 | usize::from(c & 0x3F);
        code.checked_sub(0x3000).and_then(|at| self.classes.get(at)).copied().unwrap_or_default()
    }

    /// Whether a surname may begin with this character.
    pub(super) fn may_begin(&self, c: char) -> bool {
        let at = u32::from(c).checked_sub(Characters::FIRST).and_then(|at| usize::try_from(at).ok());
        at.and_then(|at| self.classes.get(at)).is_some_and(|bits| bits & class::HEAD != 0)
    }

    /// Whether a name before a title may end with this character.
    pub(super) fn may_end_before_title(&self, c: char) -> bool {
        self.any_tails.contains(c) || u32::from(c) >= 0xA000
    }

    pub(super) fn is_surname(&self, word: &[char]) -> bool {
        self.surnames.contains(word)
    }

    /// Whether a title may stand directly after this surname.
    pub(super) fn stands_with_title(&self, word: &[char]) -> bool {
        self.is_surname(word) && (word.len() > 1 || word.iter().all(|&c| SHORT.contains(c)))
    }

    /// Whether these characters can be a given name.
    pub(super) fn is_given(&self, word: &[char]) -> bool {
        if NOT_GIVEN.iter().any(|not| not.chars().eq(word.iter().copied())) {
            return false;
        }
        match word {
            [c] => self.single.contains(*c),
            [a, b] if is_kanji(*a) && is_kanji(*b) => {
                self.first.contains(*a) && (self.last.contains(*b) || *b == '々' || a == b)
            }
            [a, b, c] if is_kanji(*a) && is_kanji(*b) && is_kanji(*c) => {
                self.first.contains(*a)
                    && (self.middle.contains(*b) || *b == '々')
                    && (self.last.contains(*c) || *c == '々')
            }
            _ if word.iter().copied().all(is_kana) => {
                let plain: Vec<char> = word.iter().copied().map(hiragana).collect();
                self.kana.contains(&plain)
            }
            // みつ江, たか子
            [a, b, last] if "子美江枝恵".contains(*last) => is_hiragana(*a) && is_hiragana(*b),
            // 真り, 美き
            [first, tail] => self.first.contains(*first) && "りみき".contains(*tail),
            _ => false,
        }
    }

    /// Reads a row that a title, a label or a cell says is a name: there even one character each may be a full name.
    pub(super) fn read_told(&self, row: &[char]) -> Option<Reading> {
        self.read(row).or_else(|| {
            let [family, given] = row else { return None };
            let told = self.stands_with_title(&[*family]) && self.is_given(&[*given]);
            told.then_some(Reading { surname: 1, sure: false })
        })
    }

    /// Whether these characters are a given name beyond doubt.
    pub(super) fn is_sure(&self, word: &[char]) -> bool {
        self.is_given(word) && sure(word)
    }

    /// Whether a surname of one character and this given name are read without a blank.
    fn stands_alone(&self, family: &[char], given: &[char]) -> bool {
        let kana = given.iter().copied().any(is_kana);
        given.len() > if kana { 2 } else { 1 } && (sure(given) || self.stands_with_title(family))
    }

    /// Reads a whole row as a surname and a given name without a blank.
    pub(super) fn read(&self, row: &[char]) -> Option<Reading> {
        [2, 3, 1, 4].into_iter().find_map(|surname| {
            let (family, given) = row.split_at_checked(surname)?;
            let fits = !given.is_empty()
                && given.len() + surname <= 7
                && (surname > 1 || self.stands_alone(family, given))
                && self.is_surname(family)
                && self.is_given(given);
            fits.then(|| Reading { surname, sure: sure(given) })
        })
    }
}

/// Whether a given name ends in a way that hardly any other word does.
fn sure(given: &[char]) -> bool {
    match given {
        [.., last] if given.len() > 1 => {
            "郎朗美香奈菜彦夫男雄介輔樹哉也吾恵江枝穂紗莉梨花乃斗翔之司二三太子造蔵治".contains(*last) || is_kana(*last)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chars(text: &str) -> Vec<char> {
        text.chars().map(usual).collect()
    }

    #[test]
    fn the_lists_are_as_long_as_published() {
        let names = Names::new();
        assert!(names.surnames.words.len() > 3200, "{}", names.surnames.words.len());
        assert!(names.kana.words.len() > 400);
    }

    #[test]
    fn names_are_read_as_surname_and_given_name() {
        let names = Names::new();
        for (name, surname) in [
            ("山田太郎", 2),
            ("佐々木花子", 3),
            ("林芽依", 1),
            ("長谷川健", 3),
            ("髙橋真理子", 2),
            ("勅使河原翔", 4),
            ("川北さくら", 2),
            ("渡邉さち子", 2),
            ("小野寺菜々子", 3),
            ("森本ヒカル", 2),
        ] {
            assert_eq!(names.read(&chars(name)).map(|reading| reading.surname), Some(surname), "{name}");
        }
        for word in ["山田", "東京都庁", "石川県内", "高山植物", "中野区長", "森林公園", "太郎"]
        {
            assert_eq!(names.read(&chars(word)), None, "{word}");
        }
    }
}
