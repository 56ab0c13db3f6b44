//! Words that stand beside a name and say that it is one.

/// A title, with how it is named in a finding.
#[derive(Debug)]
pub(crate) struct Title {
    pub(crate) word: &'static str,
    pub(super) evidence: &'static str,
    /// Characters that make another word of it, as 様 in 様式.
    pub(super) not_before: &'static str,
}

impl Title {
    /// Whether it is an office, after which a name may stand as well as before it.
    pub(super) fn is_office(&self) -> bool {
        !matches!(self.word, "氏" | "様" | "さま" | "さん" | "殿" | "君" | "くん" | "ちゃん")
    }
}

impl Title {
    /// Whether a name in katakana may stand before it; ボイラー・タービン主任技術者 names none.
    pub(super) fn follows_foreign_names(&self) -> bool {
        !self.is_office()
            || [
                "教授",
                "博士",
                "首相",
                "議員",
                "選手",
                "監督",
                "長官",
                "大臣",
                "社長",
                "先生",
                "医師",
                "被告",
                "容疑者",
            ]
            .contains(&self.word)
    }
}

macro_rules! titles {
    ($($word:literal $(not before $not:literal)?),+ $(,)?) => {
        &[$(Title { word: $word, evidence: concat!("title ", $word), not_before: concat!($($not)?) },)+]
    };
}

/// The titles.
pub(crate) const TITLES: &[Title] = titles! {
    "氏" not before "名族子神", "様" not before "式々相子態変", "さま" not before "ざ", "さん" not before "ぎごじざ",
    "殿" not before "下堂町", "君" not before "主臨津", "くん" not before "で", "ちゃん" not before "と", "先生", "課長", "係長", "部長",
    "局長", "室長", "次長", "主事", "主査", "主任", "主幹", "主席", "参事", "理事" not before "会国務", "補佐", "係員", "職員", "委員" not before "会", "議員" not before "立連会",
    "議長", "座長", "総裁", "総理", "首相", "大臣", "長官", "政務官", "副大臣", "審議官", "参考人", "政府参考人", "知事",
    "市長", "区長", "町長", "村長", "社長", "会長", "支部長", "所長", "館長", "署長", "院長", "校長", "園長", "教授",
    "准教授", "助教", "講師", "教諭", "教頭", "博士", "医師", "看護師", "保健師", "弁護士" not before "会法連", "税理士", "司法書士", "行政書士",
    "容疑者", "被告", "被告人", "選手", "監督" not before "官署庁処", "秘書官", "検事", "判事", "主計官", "調査官", "専門官", "事務官", "技官",
    "書記", "幹事", "監事", "代表", "顧問", "隊長", "班長", "店長", "支店長",
};

/// Whether the name of an office or a group ends with this character, after which a name may stand.
pub(super) fn ends_an_office(c: char) -> bool {
    matches!(
        c,
        '課' | '部'
            | '局'
            | '室'
            | '係'
            | '省'
            | '庁'
            | '府'
            | '県'
            | '市'
            | '町'
            | '村'
            | '区'
            | '党'
            | '会'
            | '社'
            | '団'
            | '校'
            | '院'
            | '所'
            | '署'
            | '士'
            | '員'
            | '長'
            | '事'
            | '授'
            | '者'
            | '師'
            | '官'
            | '班'
            | '人'
            | '故'
            | '家'
            | '主'
            | '臣'
            | '任'
            | '査'
            | '幹'
            | '佐'
            | '兼'
            | '及'
            | '第'
            | '裁'
    )
}

/// Whether this character stands between a name and its title, as in 山田副市長.
pub(super) fn precedes_a_title(c: char) -> bool {
    matches!(c, '副' | '前' | '元' | '新' | '両' | '各')
}
