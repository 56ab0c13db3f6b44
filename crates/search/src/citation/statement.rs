//! The verdict on a statement.

use super::draft::Statement;
use super::fold::Folded;
use super::nearest::Nearest;
use super::passage::Shelf;
use super::quotation::{Checker, Cited, Reason, Standing};
use super::value::{Values, values};
use std::collections::BTreeSet;

/// What is thought of a statement.
///
/// Supported does not mean true: its quotations stand, its numbers are the cited passages', and it cites passages that exist.
/// Whether its own words say what these say is for the reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing speaks against it.
    Supported {
        /// How its quotations stand, in their order.
        quotations: Vec<Standing>,
    },
    /// It cites nothing (and quotes nothing).
    Unsupported,
    /// It must not be shown as it is.
    Struck(Vec<Reason>),
}

/// Judges one statement.
pub(crate) fn judge(checker: &Checker, shelf: &Shelf, statement: &Statement) -> Verdict {
    let mut reasons = Vec::new();
    let mut standings = Vec::new();
    // Once for all quotations: an answer may cite a passage a thousand times.
    let numbers: BTreeSet<usize> = statement.cited.iter().copied().collect();
    let known: Vec<Cited> = numbers.iter().filter_map(|number| Some((*number, shelf.get(*number)?))).collect();
    let cited = (!numbers.is_empty()).then_some(known.as_slice());
    for quotation in &statement.quotations {
        match checker.check(&quotation.text, cited) {
            Ok(standing) => standings.push(standing),
            Err(reason) => reasons.push(reason),
        }
    }
    let unknown = numbers.iter().filter(|number| shelf.get(**number).is_none());
    reasons.extend(unknown.map(|number| Reason::NoSuchPassage { number: *number }));
    if cited.is_some() {
        let written = values(&Folded::of(&statement.words));
        let known: Vec<&Values> =
            known.iter().filter(|_| !written.is_empty()).map(|(_, ready)| ready.values()).collect();
        if let Some(written) = written.missing_from(&known) {
            reasons.push(Reason::AlteredNumber { written: written.to_owned(), nearest: None });
        }
    }
    if !reasons.is_empty() {
        Verdict::Struck(reasons)
    } else if statement.cited.is_empty() {
        Verdict::Unsupported
    } else {
        Verdict::Supported { quotations: standings }
    }
}

impl Reason {
    /// The reason as a reader is told.
    pub fn in_japanese(&self) -> String {
        let near = |nearest: &Option<Nearest>| match nearest {
            Some(nearest) => format!("。資料[{}]の近い箇所：{}", nearest.passage, nearest.text),
            None => String::new(),
        };
        match self {
            Self::NotFound { nearest } => format!("引用と同じ文が資料にありません{}", near(nearest)),
            Self::AlteredNumber { written, nearest } => {
                format!("数が原文と一致しません：{}{}", written, near(nearest))
            }
            Self::AlteredNegation { nearest } => format!("否定又は限定の語が原文と一致しません{}", near(nearest)),
            Self::Joined => "原文で続いていない文をつなげています".to_owned(),
            Self::CutBeforeNegation { tail } => format!("否定又は限定の語の前で切られています。原文の続き：{tail}"),
            Self::WrongPassage { stands_in } => format!("出典の番号が違います。資料[{stands_in}]にある文です"),
            Self::NoSuchPassage { number } => format!("資料[{number}]はありません"),
            Self::Uncited => "引用に出典の番号がありません".to_owned(),
        }
    }
}
