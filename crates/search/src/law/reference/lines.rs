//! Which line of a text is which paragraph or item, by the labels before it.

use std::ops::Range;

use crate::law::address::{Address, plain_label};
use crate::law::article_number::ItemNumber;
use crate::law::numeral;

/// The lines of a text and their addresses: `２　` and `②　` begin a paragraph, `一　` an item, `イ　` and `（１）　` what
/// stands below.
pub(super) fn of(text: &str) -> Vec<(Range<usize>, Address)> {
    let mut lines = Vec::new();
    let mut address = Address::paragraph(1);
    let mut start = 0;
    for line in text.split('\n') {
        if let Some((label, _)) = line.split_once('　') {
            step(&mut address, label);
        }
        lines.push((start..start + line.len(), address.clone()));
        start += line.len() + 1;
    }
    lines
}

fn step(address: &mut Address, label: &str) {
    let Some(first) = label.chars().next().filter(|_| label.len() <= 24) else { return };
    if let Some(number) = circled(first).or_else(|| arabic(label)) {
        *address = Address::paragraph(number);
    } else if is_kanji_number(label)
        && let Ok(number) = label.parse::<ItemNumber>()
    {
        address.item = Some(number);
        address.subitems.clear();
    } else if matches!(first, 'ア'..='ン') && label.chars().nth(1).is_none() {
        address.subitems = vec![label.to_owned()];
    } else if matches!(first, '（' | '(' | '⑴'..='⒇') && !address.subitems.is_empty() {
        let label = plain_label(label);
        let letters = !label.starts_with(|c: char| c.is_ascii_digit());
        address.subitems.truncate(if letters { 2 } else { 1 });
        address.subitems.push(label);
    }
}

fn arabic(label: &str) -> Option<u32> {
    numeral::whole(label).filter(|_| label.starts_with(|c: char| c.is_ascii_digit() || ('０'..='９').contains(&c)))
}

fn is_kanji_number(label: &str) -> bool {
    label.chars().all(|c| "一二三四五六七八九十百千の".contains(c))
}

fn circled(c: char) -> Option<u32> {
    let (first, number) = match c {
        '①'..='⑳' => ('①', 1),
        '㉑'..='㉟' => ('㉑', 21),
        '㊱'..='㊿' => ('㊱', 36),
        _ => return None,
    };
    Some(u32::from(c) - u32::from(first) + number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_say_where_a_line_stands() {
        let text =
            "架空物は、次に掲げるものとする。\n一　架空の物\n二の二　次の物\nイ　甲\n（１）　乙\nロ　丙\n②　前項の物";
        let addresses: Vec<String> = of(text).iter().map(|(_, address)| address.to_string()).collect();
        let expected = [
            "第一項",
            "第一項第一号",
            "第一項第二号の二",
            "第一項第二号の二イ",
            "第一項第二号の二イ（1）",
            "第一項第二号の二ロ",
            "第二項",
        ];
        assert_eq!(addresses, expected);
    }
}
