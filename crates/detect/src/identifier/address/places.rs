//! The names of the 47 prefectures and of the municipalities (general knowledge, as of 2025; grade K).

use std::collections::HashSet;

/// One line per row: the prefecture, then its municipalities. The 23 special wards stand with Tokyo.
const FILE: &str = include_str!("../../../data/municipalities.txt");

/// The 47 prefectures.
pub(crate) const PREFECTURES: &[&str] = &[
    "北海道",
    "青森県",
    "岩手県",
    "宮城県",
    "秋田県",
    "山形県",
    "福島県",
    "茨城県",
    "栃木県",
    "群馬県",
    "埼玉県",
    "千葉県",
    "東京都",
    "神奈川県",
    "新潟県",
    "富山県",
    "石川県",
    "福井県",
    "山梨県",
    "長野県",
    "岐阜県",
    "静岡県",
    "愛知県",
    "三重県",
    "滋賀県",
    "京都府",
    "大阪府",
    "兵庫県",
    "奈良県",
    "和歌山県",
    "鳥取県",
    "島根県",
    "岡山県",
    "広島県",
    "山口県",
    "徳島県",
    "香川県",
    "愛媛県",
    "高知県",
    "福岡県",
    "佐賀県",
    "長崎県",
    "熊本県",
    "大分県",
    "宮崎県",
    "鹿児島県",
    "沖縄県",
];

/// The names of municipalities, with 市, 区, 町 or 村.
#[derive(Debug)]
pub(crate) struct Places {
    municipalities: HashSet<&'static str>,
}

/// The longest name, in characters (かすみがうら市).
pub(crate) const LONGEST: usize = 7;

impl Places {
    pub(crate) fn new() -> Self {
        let names = FILE.lines().flat_map(|line| line.split(' ').skip(1));
        Self { municipalities: names.collect() }
    }

    /// Whether this is the name of a municipality. ケ and ヶ are written for each other.
    pub(crate) fn is_municipality(&self, name: &str) -> bool {
        self.municipalities.contains(name)
            || name.contains(['ケ', 'ヶ'])
                && (self.municipalities.contains(name.replace('ケ', "ヶ").as_str())
                    || self.municipalities.contains(name.replace('ヶ', "ケ").as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_municipality_is_in() {
        let rows: usize = FILE.lines().map(|line| line.split(' ').skip(1).count()).sum();
        assert_eq!(rows, 1741, "792 cities, 743 towns, 183 villages and 23 special wards");
        assert!(FILE.lines().all(|line| PREFECTURES.iter().any(|name| line.starts_with(name))));
        let places = Places::new();
        assert!(places.is_municipality("千代田区") && places.is_municipality("茅ケ崎市"));
        assert!(!places.is_municipality("大阪"));
    }

    #[test]
    fn names_are_no_longer_than_said() {
        let longest = FILE.lines().flat_map(|line| line.split(' ').skip(1)).map(|name| name.chars().count()).max();
        assert_eq!(longest, Some(LONGEST));
    }
}
