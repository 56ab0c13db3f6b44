//! Citation marks: `[1]`, `[１]`, `【1】`, `[1, 3]`, `[1-3]`, `[^1]`.

use super::fold::fold;
use std::ops::Range;

/// What stands between the brackets is short; a longer one is text.
const LONGEST: usize = 48;
/// A range of more passages than are ever handed out is taken by its two ends.
const WIDEST: usize = 100;

/// A citation in the answer: where it stands and the numbers it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Bytes of the answer.
    pub range: Range<usize>,
    /// Numbers as written, ranges spelt out. A number too large for any passage stays one that none has.
    pub numbers: Vec<usize>,
}

/// The mark a text begins with: its length in bytes and its numbers.
///
/// A blank right behind the bracket makes it none: that is how [`super::passages_block`] disarms imitations.
pub(crate) fn mark_at(text: &str) -> Option<(usize, Vec<usize>)> {
    let mut chars = text.char_indices();
    let close = match chars.next()?.1 {
        '[' => ']',
        '【' => '】',
        _ => return None,
    };
    let mut numbers = Vec::new();
    let (mut digits, mut until) = (None::<usize>, None::<usize>);
    for (index, (at, raw)) in chars.enumerate() {
        if index > LONGEST {
            return None;
        }
        match fold(raw) {
            '^' if index == 0 => {}
            c @ '0'..='9' => {
                let digit = usize::try_from(u32::from(c) - u32::from('0')).ok()?;
                digits = Some(digits.unwrap_or(0).saturating_mul(10).saturating_add(digit));
            }
            ',' | '、' | '・' | ';' => close_number(&mut numbers, &mut until, digits.take()?),
            '-' | '–' | '—' | '~' | '‐' | '−' if until.is_none() => until = Some(digits.take()?),
            ' ' if index > 0 => {}
            _ if raw == close => {
                close_number(&mut numbers, &mut until, digits?);
                return Some((at + raw.len_utf8(), numbers));
            }
            _ => return None,
        }
    }
    None
}

fn close_number(numbers: &mut Vec<usize>, from: &mut Option<usize>, to: usize) {
    match from.take() {
        Some(from) if from <= to && to - from < WIDEST => numbers.extend(from..=to),
        Some(from) => numbers.extend([from, to]),
        None => numbers.push(to),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_a_mark() {
        for (text, numbers) in [
            ("[1]", vec![1]),
            ("[１]", vec![1]),
            ("【1】", vec![1]),
            ("[1, 3]", vec![1, 3]),
            ("[1、3]", vec![1, 3]),
            ("[1-3]", vec![1, 2, 3]),
            ("[１〜３]", vec![1, 2, 3]),
            ("[^2]", vec![2]),
            ("[1-3, 7]", vec![1, 2, 3, 7]),
            ("[3-1]", vec![3, 1]),
            ("[0-18446744073709551615]", vec![0, usize::MAX]),
            ("[99999999999999999999999]", vec![usize::MAX]),
        ] {
            assert_eq!(mark_at(text), Some((text.len(), numbers)), "{text}");
        }
    }

    #[test]
    fn what_is_no_mark() {
        for text in ["[]", "[a]", "[　1]", "[ 1]", "[1】", "[-1]", "［1］", "[1", "[1,]", "1]", "[,1]", "[1--2]"] {
            assert_eq!(mark_at(text), None, "{text}");
        }
    }
}
