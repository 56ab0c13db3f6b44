//! Made-up identifiers with a form of their own.

use sekisho_detect::identifier::{corporate_number, driver_licence, health_insurance, municipality, my_number};
use sekisho_detect::identifier::{payment_card, resident_record};

use super::dice::Dice;

/// One made-up identifier.
pub(crate) struct Specimen {
    pub(crate) rule: &'static str,
    pub(crate) label: &'static str,
    /// Groups as they are usually written; joined with nothing, a dash, a blank or a line break.
    pub(crate) groups: Vec<String>,
    /// Whether it is also written in one piece.
    pub(crate) solid: bool,
}

pub(crate) fn text_of(digits: &[u8]) -> String {
    digits.iter().map(u8::to_string).collect()
}

fn split(digits: &[u8], lengths: &[usize]) -> Vec<String> {
    let mut rest = digits;
    lengths
        .iter()
        .map(|&length| {
            let (group, tail) = rest.split_at(length);
            rest = tail;
            text_of(group)
        })
        .collect()
}

fn specimen(rule: &'static str, label: &'static str, groups: Vec<String>) -> Specimen {
    Specimen { rule, label, groups, solid: true }
}

pub(crate) type Maker = fn(&mut Dice) -> Specimen;

pub(crate) const MAKERS: &[Maker] = &[
    |dice| {
        let mut body = dice.digits::<11>();
        body[0] = 1 + body[0] % 9;
        let number = [&body[..], &[my_number::check_digit(&body)]].concat();
        specimen("ID-MYNUMBER", dice.pick(&["個人番号", "マイナンバー", "My Number"]), split(&number, &[4, 4, 4]))
    },
    |dice| {
        let body = dice.digits::<12>();
        let number = [&[corporate_number::check_digit(&body)], &body[..]].concat();
        specimen("ID-CORPORATE", "法人番号", split(&number, &[1, 4, 4, 4]))
    },
    |dice| {
        let mut body = dice.digits::<10>();
        body[0] = 1 + body[0] % 9;
        let number = [&body[..], &resident_record::check_digits(&body)[..1]].concat();
        specimen("ID-RESIDENT-CODE", "住民票コード", split(&number, &[5, 6]))
    },
    |dice| {
        let mut body = dice.digits::<10>();
        body[0] = 3;
        body[1] = 0;
        let number = [&body[..], &[driver_licence::check_digit(&body), 0]].concat();
        specimen("ID-LICENCE", dice.pick(&["運転免許証の番号", "免許証番号"]), split(&number, &[4, 4, 4]))
    },
    |dice| {
        let number = format!("{}{}{}", dice.capital(), dice.capital(), text_of(&dice.digits::<7>()));
        specimen("ID-PASSPORT", dice.pick(&["旅券番号", "パスポート番号"]), vec![number])
    },
    |dice| {
        let head = format!("{}{}", dice.capital(), dice.capital());
        let number = format!("{head}{}{}{}", text_of(&dice.digits::<8>()), dice.capital(), dice.capital());
        specimen("ID-RESIDENCE-CARD", "在留カード番号", vec![number])
    },
    |dice| specimen("ID-PENSION", "基礎年金番号", split(&with_head(dice.digits::<10>(), 1), &[4, 6])),
    |dice| specimen("ID-EMPLOYMENT", "雇用保険被保険者番号", split(&with_head(dice.digits::<11>(), 1), &[4, 6, 1])),
    |dice| {
        let body = [&[0, 6], &dice.digits::<5>()[..]].concat();
        let number = [&body[..], &[health_insurance::check_digit(&body)]].concat();
        specimen("ID-INSURER", "保険者番号", vec![text_of(&number)])
    },
    |dice| specimen("ID-INSURED", "被保険者証の記号", vec![text_of(&with_head(dice.digits::<4>(), 2))]),
    |dice| {
        let mut body = dice.digits::<5>();
        body[0] = 1;
        let number = [&body[..], &[municipality::check_digit(&body)]].concat();
        specimen("ID-MUNICIPALITY", "団体コード", vec![text_of(&number)])
    },
    |dice| {
        specimen("ID-ACCOUNT", dice.pick(&["口座番号", "普通預金"]), vec![text_of(&with_head(dice.digits::<7>(), 1))])
    },
    |dice| {
        let mut number = [&[4], &dice.digits::<15>()[..]].concat();
        number[15] = (0..10).find(|&last| payment_card::luhn(&[&number[..15], &[last]].concat())).unwrap();
        specimen("ID-CARD", "カード番号", split(&number, &[4, 4, 4, 4]))
    },
    |dice| {
        let mut number = dice.digits::<11>();
        number[..4].copy_from_slice(&[0, 9, 0, 3]);
        specimen("ID-PHONE", dice.pick(&["電話番号", "携帯", "ＴＥＬ"]), split(&number, &[3, 4, 4]))
    },
    |dice| {
        let mut number = dice.digits::<10>();
        number[..3].copy_from_slice(&[0, 3, 5]);
        specimen("ID-PHONE", "電話番号", split(&number, &[2, 4, 4]))
    },
    |dice| {
        let groups = split(&dice.digits::<7>(), &[3, 4]);
        Specimen { solid: false, ..specimen("ID-POSTAL", "郵便番号", groups) }
    },
    |dice| {
        let user = format!("{}.{}", dice.pick(&["hanako", "taro", "x_y+z"]), dice.throw(1000));
        specimen("ID-EMAIL", "メール", vec![format!("{user}@{}", dice.pick(&["example.lg.jp", "mail-1.example.com"]))])
    },
    |dice| {
        let number = format!("198.51.{}.{}", 100 + dice.throw(100), dice.throw(256));
        specimen("ID-IP", "接続元", vec![number])
    },
];

fn with_head<const N: usize>(mut digits: [u8; N], head: u8) -> [u8; N] {
    digits[0] = head;
    digits
}
