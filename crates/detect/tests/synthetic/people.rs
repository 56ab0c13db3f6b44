//! Made-up persons: names, addresses and dates of birth in the ways documents write them.

use super::dice::Dice;
use super::documents::full_width;
use super::makers::{Maker, Specimen};

const SURNAMES: &[&str] = &[
    "川北",
    "佐藤",
    "髙橋",
    "渡邊",
    "長谷川",
    "佐々木",
    "林",
    "小野寺",
    "斎藤",
    "五十嵐",
    "森",
    "勅使河原",
    "西村",
    "齋藤",
    "関",
    "大久保",
    "久保田",
    "菅野",
    "丹羽",
    "三好",
    "八木",
    "東海林",
    "宇都宮",
    "島袋",
    "比嘉",
];

const GIVEN: &[&str] = &[
    "春子",
    "太郎",
    "健一",
    "真理子",
    "翔太",
    "さくら",
    "陽菜",
    "誠",
    "美咲",
    "ひろし",
    "大輔",
    "恵",
    "結衣",
    "慎太郎",
    "和也",
    "久美子",
    "蓮",
    "七海",
    "直樹",
    "みつ江",
    "隆",
    "智子",
    "裕太",
    "あかり",
    "浩二",
    "菜々子",
    "亮",
    "沙織",
    "陽翔",
    "凜",
];

const READINGS: &[(&str, &str)] = &[
    ("カワキタ", "ハルコ"),
    ("ヤマダ", "タロウ"),
    ("サトウ", "ケンイチ"),
    ("ワタナベ", "マリコ"),
    ("タカハシ", "ショウタ"),
];

/// Places that exist, with quarters of every kind; the house numbers are thrown.
const PLACES: &[(&str, &str)] = &[
    ("東京都千代田区", "霞が関"),
    ("東京都八王子市", "元本郷町"),
    ("北海道札幌市中央区", "北１条西"),
    ("大阪府大阪市北区", "梅田"),
    ("神奈川県横浜市中区", "本町"),
    ("愛知県名古屋市中村区", "名駅"),
    ("福岡県福岡市博多区", "博多駅前"),
    ("埼玉県さいたま市浦和区", "高砂"),
    ("青森県むつ市", "中央"),
    ("京都府京都市中京区", "寺町通御池上る上本能寺前町"),
    ("沖縄県那覇市", "泉崎"),
    ("長野県北佐久郡軽井沢町", "大字長倉"),
    ("茨城県つくば市", "研究学園"),
    ("島根県隠岐郡隠岐の島町", "城北町"),
];

const BUILDINGS: &[&str] = &["緑ハイツ", "みどり荘", "中央ビル", "コーポ北町", "サンライズマンション", "県営住宅3号棟"];

pub(crate) fn kanji(mut number: usize) -> String {
    const FIGURES: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let mut text = String::new();
    for (unit, sign) in [(1000, "千"), (100, "百"), (10, "十"), (1, "")] {
        let figure = number / unit;
        number %= unit;
        if figure > 0 {
            text.push_str(if figure == 1 && unit > 1 { "" } else { FIGURES[figure] });
            text.push_str(sign);
        }
    }
    text
}

pub(crate) fn name(dice: &mut Dice) -> String {
    let joint = dice.pick(&["", "", " ", "　"]);
    format!("{}{joint}{}", dice.pick(SURNAMES), dice.pick(GIVEN))
}

pub(crate) fn address(dice: &mut Dice) -> String {
    let (municipality, town) = dice.pick(PLACES);
    let (quarter, block, house) = (1 + dice.throw(9), 1 + dice.throw(40), 1 + dice.throw(60));
    let dash = dice.pick(&["-", "－", "−", "ー", "‐", "–"]);
    let numbers = match dice.throw(if town.contains('条') { 1 } else { 7 }) {
        0 => format!("{quarter}丁目{block}番{house}号"),
        1 => format!("{quarter}丁目{block}{dash}{house}"),
        2 => format!("{}丁目{}番{}号", kanji(quarter), kanji(block), kanji(house)),
        3 => format!("{quarter}{dash}{block}{dash}{house}"),
        4 => format!("{block}番地{house}"),
        5 => format!("{block}番地の{house}"),
        _ => format!("{}の{}の{}", kanji(quarter), kanji(block), kanji(house)),
    };
    let numbers = if dice.throw(2) == 0 { numbers } else { full_width(&numbers) };
    let building = match dice.throw(3) {
        0 => format!("{}{}{}号室", dice.pick(&["　", " "]), dice.pick(BUILDINGS), 101 + dice.throw(800)),
        _ => String::new(),
    };
    let gap = dice.pick(&["", "", "", " ", "　"]);
    format!("{municipality}{gap}{town}{numbers}{building}")
}

pub(crate) fn birth(dice: &mut Dice) -> String {
    let (year, month, day) = (1 + dice.throw(62), 1 + dice.throw(12), 1 + dice.throw(28));
    let western = 1925 + year;
    let text = match dice.throw(10) {
        0 => format!("{western}年{month}月{day}日"),
        1 => format!("{western}/{month:02}/{day:02}"),
        2 => format!("{western}-{month:02}-{day:02}"),
        3 => format!("{western}.{month}.{day}"),
        4 => format!("昭和{year}年{month}月{day}日"),
        5 => format!("昭和{}年{}月{}日", kanji(year), kanji(month), kanji(day)),
        6 => format!("S{year}.{month}.{day}"),
        7 => format!("昭和　{year}年　{month}月　{day}日"),
        8 => format!("{western}{month:02}{day:02}"),
        _ => format!("平成元年{month}月{day}日"),
    };
    if dice.throw(2) == 0 { text } else { full_width(&text) }
}

fn whole(rule: &'static str, label: &'static str, value: String) -> Specimen {
    Specimen { rule, label, groups: vec![value], solid: true }
}

/// What stands after a label or in a cell.
pub(crate) const MAKERS: &[Maker] = &[
    |dice| whole("ID-NAME", dice.pick(&["氏名", "氏　名", "申請者氏名", "世帯主", "担当者"]), name(dice)),
    |dice| {
        let (surname, given) = dice.pick(READINGS);
        whole(
            "ID-NAME",
            dice.pick(&["フリガナ", "氏名（カナ）"]),
            format!("{surname}{}{given}", dice.pick(&["　", " "])),
        )
    },
    |dice| whole("ID-ADDRESS", dice.pick(&["住所", "現住所", "所在地", "送付先"]), address(dice)),
    |dice| whole("ID-BIRTH", dice.pick(&["生年月日", "誕生日", "Date of Birth"]), birth(dice)),
];

/// What stands in running text, with nothing before it that says what it is: the rule, the text before, the value and
/// the text after.
pub(crate) fn in_a_sentence(dice: &mut Dice) -> (&'static str, &'static str, String, &'static str) {
    match dice.throw(5) {
        0 => (
            "ID-NAME",
            "北町の窓口には",
            name(dice),
            dice.pick(&["様が来られた。", "さんが来た。", "氏の届が出た。", "殿あての書面を送った。"]),
        ),
        1 => (
            "ID-NAME",
            "説明は福祉課の",
            name(dice),
            dice.pick(&["課長が行った。", "係長が行った。", "主事が行った。", "主任が行った。"]),
        ),
        2 => ("ID-ADDRESS", "届によれば、引越し先は", address(dice), "であるとのこと。"),
        3 => ("ID-BIRTH", "本人は", birth(dice), dice.pick(&["生まれで、", "生。", "生れである。"])),
        _ => ("ID-ADDRESS", "〒100-0013\n", address(dice), "\n"),
    }
}
