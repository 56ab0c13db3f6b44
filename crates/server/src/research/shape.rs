//! The six shapes of a report on law: what is asked decides what stands first.

/// A shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// What a word means in law.
    Definition,
    /// What must be done, by when, before whom.
    Procedure,
    /// What two things have in common and not.
    Comparison,
    /// Whether a provision applies to a case.
    Application,
    /// What a policy rests on and what stands in its way.
    Policy,
    /// Everything on a matter.
    Overview,
}

/// A part of a report: its heading, and words that sentences of that part use. The last part takes what is left.
type Part = (&'static str, &'static [&'static str]);

impl Shape {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Definition, Self::Procedure, Self::Comparison, Self::Application, Self::Policy, Self::Overview];

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Definition => "定義確認",
            Self::Procedure => "手続き確認",
            Self::Comparison => "比較検討",
            Self::Application => "解釈適用",
            Self::Policy => "政策研究",
            Self::Overview => "包括分析",
        }
    }

    /// The shape of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shape| shape.name() == name)
    }

    /// The shape that fits a question, by the words it uses.
    pub fn guess(question: &str) -> Self {
        let says = |words: &[&str]| words.iter().any(|word| question.contains(word));
        if says(&["違い", "比較", "異なる", "相違", "どちら"]) {
            Self::Comparison
        } else if says(&["とは", "定義", "意味", "何をいう", "どういう"]) {
            Self::Definition
        } else if says(&["手続", "届出", "届け出", "申請", "期限", "いつまで", "様式", "提出"]) {
            Self::Procedure
        } else if says(&["政策", "課題", "改正", "趣旨", "経緯", "あり方", "見直し"]) {
            Self::Policy
        } else if says(&["適用", "できるか", "できますか", "該当", "場合", "許され", "違反", "必要か", "必要です"])
        {
            Self::Application
        } else {
            Self::Overview
        }
    }

    /// Its parts, in order.
    pub(super) fn parts(self) -> &'static [Part] {
        match self {
            Self::Definition => &[("定義", &["をいう", "とする", "という。"]), ("関係する規定", &[])],
            Self::Procedure => &[
                ("手続", &["届け出", "届出", "申請", "提出", "許可", "承認", "認可", "登録"]),
                ("期限と要件", &["以内", "までに", "以前", "次に掲げる"]),
                ("関係する規定", &[]),
            ],
            Self::Comparison => &[("比べる規定", &[])],
            Self::Application => &[
                ("要件と効果", &["しなければならない", "してはならない", "することができる", "場合"]),
                ("例外と罰則", &["この限りでない", "ただし", "罰金", "過料", "懲役", "拘禁刑"]),
                ("関係する規定", &[]),
            ],
            Self::Policy => &[("目的と責務", &["目的", "責務", "基本", "努め"]), ("現行の仕組み", &[])],
            Self::Overview => &[
                ("目的と定義", &["目的", "をいう"]),
                ("義務と手続", &["しなければならない", "届け出", "申請"]),
                ("関係する規定", &[]),
            ],
        }
    }

    /// What the model is told of the shape.
    pub(super) fn headings(self) -> &'static [&'static str] {
        match self {
            Self::Definition => &["結論", "定義", "関係する規定", "留意点"],
            Self::Procedure => &["結論", "手続の流れ", "期限と要件", "関係する規定", "留意点"],
            Self::Comparison => &["結論", "比較表", "共通点", "相違点", "留意点"],
            Self::Application => &["結論", "要件", "当てはめ", "例外と罰則", "留意点"],
            Self::Policy => &["要旨", "現行の仕組み", "論点", "選択肢", "留意点"],
            Self::Overview => &["要旨", "目的と定義", "義務と手続", "例外と罰則", "留意点"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_suggests_its_shape() {
        for (question, shape) in [
            ("架空物とは何か", Shape::Definition),
            ("架空物の届出の手続を教えて", Shape::Procedure),
            ("架空法と架物法の違い", Shape::Comparison),
            ("夜間に運ぶ場合も適用されるか", Shape::Application),
            ("架空物規制の見直しの論点", Shape::Policy),
            ("架空物について", Shape::Overview),
        ] {
            assert_eq!(Shape::guess(question), shape, "{question}");
        }
        assert!(Shape::ALL.iter().all(|shape| Shape::named(shape.name()) == Some(*shape)));
        assert_eq!(Shape::named("自動"), None);
    }
}
