//! What an import could not carry over into our records. Nothing is dropped without a note; the document itself is kept
//! whole by [`crate::Document`].

use std::fmt;

/// Why a part of a document is not in our records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// The key is none of OSCAL 1.2.1.
    NotOscal,
    /// OSCAL knows it, our records have no place for it.
    NoPlace,
    /// A prop of a namespace or name that means nothing here.
    UnknownProp,
    /// The number of the control does not follow the numbering of 管理基準.
    NotOurNumber,
    /// A control with a number that stands above already.
    Twice,
    /// Beyond the most items of a catalogue.
    TooMany,
    /// A detail without its objective.
    Orphan,
    /// No text, or an endless one.
    NoText,
    /// A value that cannot be understood, such as a day that is none.
    Value,
    /// No depth is given: both design and operation are taken to be in scope.
    Depth,
    /// Nothing says of which control this speaks.
    NoControl,
    /// The conclusion does not say whether design or operation was looked at.
    Unsplit,
    /// The document was written for another version of OSCAL.
    Version,
    /// The number is written in another way than it was; its digits may not all be kept.
    Number,
}

impl Why {
    /// Why and what to do, in Japanese.
    pub fn ja(&self) -> &'static str {
        match self {
            Self::NotOscal => {
                "OSCAL 1.2.1 にないキーです。原文には残しますが、台帳には取り込みません。キーの綴りを確かめるか、props に入れてください。"
            }
            Self::NoPlace => "取り込む先がありません。原文には残します。必要なら手で写してください。",
            Self::UnknownProp => "意味の分からない prop です。原文には残します。名前と ns を確かめてください。",
            Self::NotOurNumber => {
                "番号が管理基準の形ではないため、取り込みません。label を `9.2.3` や `9.2.3.11.PB` の形にしてください。"
            }
            Self::Twice => "同じ番号の項目が先にあるため、取り込みません。どちらかを除いてください。",
            Self::TooMany => "項目が多すぎるため、取り込みません。分けてください。",
            Self::Orphan => "上位の統制目標がないため、取り込みません。統制目標も加えてください。",
            Self::NoText => {
                "本文がないか長すぎるため、取り込みません。name が statement の part に本文を入れてください。"
            }
            Self::Value => "値を読めないため、取り込みません。値を直してください。",
            Self::Depth => "整備・運用の別がありません。両方を対象としました。確かめてください。",
            Self::NoControl => {
                "どの管理策のものか分からないため、取り込みません。finding の target か criterion の prop で示してください。"
            }
            Self::Unsplit => "整備・運用のどちらの結論か分かりません。評価の画面で結論を選んでください。",
            Self::Version => "別の版の OSCAL で書かれています。読み込みましたが、取り込んだ内容を確かめてください。",
            Self::Number => "数の書き方が変わります。桁が失われていないか確かめてください。",
        }
    }

    /// The same in English.
    pub fn en(&self) -> &'static str {
        match self {
            Self::NotOscal => {
                "not a key of OSCAL 1.2.1; kept in the document, not in the records: check its spelling or use props"
            }
            Self::NoPlace => "the records have no place for it; kept in the document: copy it by hand if it matters",
            Self::UnknownProp => "a prop of unknown meaning; kept in the document: check its name and ns",
            Self::NotOurNumber => {
                "left out: not numbered as the criteria are; give it a label such as `9.2.3` or `9.2.3.11.PB`"
            }
            Self::Twice => "left out: the number stands above already; remove one of them",
            Self::TooMany => "left out: too many items; split the catalog",
            Self::Orphan => "left out: the objective above it is missing; add it",
            Self::NoText => "left out: no text, or too long a one; put it into the part named `statement`",
            Self::Value => "left out: the value cannot be read; correct it",
            Self::Depth => "neither design nor operation is named, so both are taken to be in scope; check this",
            Self::NoControl => {
                "left out: nothing says of which control it speaks; name it in a finding's target or in the prop `criterion`"
            }
            Self::Unsplit => "the conclusion names neither design nor operation; choose on the page of the evaluation",
            Self::Version => "written for another version of OSCAL; it was read, check what was taken over",
            Self::Number => "the number is written differently; check that no digit is lost",
        }
    }
}

/// One part of a document that is not, or not as it was, in our records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Where, such as `catalog.groups[0].controls[2].params`.
    pub path: String,
    /// Why.
    pub why: Why,
    /// What stands there, shortened.
    pub found: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (`{}`): {}", self.path, self.found, self.why.en())
    }
}

impl Note {
    /// The same for people.
    pub fn ja(&self) -> String {
        format!("{}（`{}`）: {}", self.path, self.found, self.why.ja())
    }
}

/// Everything an import could not carry over, in the order of the document. Empty: everything was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The notes.
    pub notes: Vec<Note>,
}

impl Report {
    /// Everything was carried over.
    pub fn is_empty(&self) -> bool {
        self.notes.is_empty()
    }

    /// The notes of one kind.
    pub fn of(&self, why: &Why) -> impl Iterator<Item = &Note> {
        self.notes.iter().filter(move |n| n.why == *why)
    }
}
