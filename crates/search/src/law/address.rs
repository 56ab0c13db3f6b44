//! Where in an article something stands: 第三項第二号イ.

use std::fmt;

use super::article_number::ItemNumber;
use super::numeral;

/// A place within a provision. Empty, it is the provision as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Address {
    /// The paragraph, counted from one. An item without one is of the only, or the first, paragraph.
    pub paragraph: Option<u32>,
    /// The item.
    pub item: Option<ItemNumber>,
    /// The labels of subitems from the outside in, plain: イ, `1`, `i`.
    pub subitems: Vec<String>,
}

impl Address {
    /// A paragraph.
    pub fn paragraph(number: u32) -> Self {
        Self { paragraph: Some(number), ..Self::default() }
    }

    /// Whether it is the provision as a whole.
    pub fn is_whole(&self) -> bool {
        self.paragraph.is_none() && self.item.is_none() && self.subitems.is_empty()
    }

    /// The address at the beginning of a text, and how many bytes it takes; an empty one takes none.
    ///
    /// 第三項第二号イ（１）; half and full-width and kanji figures alike.
    pub fn leading(text: &str) -> (Self, usize) {
        let mut address = Self::default();
        let mut rest = text;
        if let Some((number, after)) = unit(rest, '項') {
            address.paragraph = Some(number);
            rest = after;
        }
        if rest.starts_with('第')
            && let Some((number, length)) = ItemNumber::leading(rest)
        {
            address.item = Some(number);
            rest = rest.get(length..).unwrap_or_default();
            while let Some((label, after)) = subitem(rest, address.subitems.len()) {
                address.subitems.push(label);
                rest = after;
            }
        }
        (address, text.len() - rest.len())
    }
}

/// `第` and a number before a unit.
fn unit(text: &str, unit: char) -> Option<(u32, &str)> {
    let rest = text.strip_prefix('第')?;
    let (number, length) = numeral::leading(rest)?;
    Some((number, rest.get(length..)?.strip_prefix(unit)?))
}

/// The label of a subitem, one level below `level`: katakana first, then a number, then a letter in brackets.
fn subitem(text: &str, level: usize) -> Option<(String, &str)> {
    let first = text.chars().next()?;
    if level == 0 {
        let rest = text.get(first.len_utf8()..)?;
        let alone = !rest.starts_with(|c: char| is_katakana(c) || c == 'ー');
        return (is_katakana(first) && alone).then(|| (first.to_string(), rest));
    }
    let inner = text.strip_prefix(['（', '('])?;
    let (label, rest) = inner.split_once(['）', ')'])?;
    let label = plain_label(label);
    let short = !label.is_empty() && label.chars().count() <= 4 && label.chars().all(|c| c.is_ascii_alphanumeric());
    short.then_some((label, rest))
}

fn is_katakana(c: char) -> bool {
    matches!(c, 'ア'..='ン')
}

/// A label without brackets, with half-width figures and letters: `（１）` is `1`, `⑴` is `1`.
pub(crate) fn plain_label(label: &str) -> String {
    let mut out = String::new();
    for c in label.chars() {
        match c {
            '（' | '）' | '(' | ')' | '　' | ' ' => {}
            '０'..='９' | 'ａ'..='ｚ' | 'Ａ'..='Ｚ' => {
                out.extend(char::from_u32(u32::from(c) - 0xfee0));
            }
            '⑴'..='⒇' => out.push_str(&(u32::from(c) - u32::from('⑴') + 1).to_string()),
            'ⅰ'..='ⅹ' => out.push_str(
                ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"]
                    .get((u32::from(c) - u32::from('ⅰ')) as usize)
                    .copied()
                    .unwrap_or_default(),
            ),
            c => out.push(c),
        }
    }
    out
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(number) = self.paragraph {
            write!(f, "第{}項", numeral::to_kanji(number))?;
        }
        if let Some(number) = self.item {
            write!(f, "{number}")?;
        }
        for label in &self.subitems {
            if label.is_ascii() { write!(f, "（{label}）")? } else { f.write_str(label)? }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_from_the_outside_in() {
        let (address, length) = Address::leading("第三項第二号の三イ（１）（ｉｉ）に規定する");
        assert_eq!(address.paragraph, Some(3));
        assert_eq!(address.item.map(|item| item.key()), Some("2_3".to_owned()));
        assert_eq!(address.subitems, ["イ", "1", "ii"]);
        assert_eq!(length, "第三項第二号の三イ（１）（ｉｉ）".len());
        assert_eq!(address.to_string(), "第三項第二号の三イ（1）（ii）");
    }

    #[test]
    fn what_follows_an_item_is_not_always_its_subitem() {
        for text in ["第二号（前号に掲げる者を除く。）", "第二号エネルギー"] {
            let (address, length) = Address::leading(text);
            assert_eq!((address.subitems.len(), length), (0, "第二号".len()), "{text}");
        }
        assert_eq!(Address::leading("の規定"), (Address::default(), 0));
        assert_eq!(Address::leading("第3項").0, Address::paragraph(3));
        assert_eq!(Address::leading("第３項").0, Address::paragraph(3));
    }
}
