//! The first time through the files: which revisions there are, and what the laws are called.

use jiff::civil::Date;

use super::catalogue::Catalogue;
use super::known::Known;
use crate::law::name::LawNames;
use crate::law::{LawId, LawNumber, LawText, Odd, RevisionName, read};
use crate::source::feed::{Content, Fed, Piece};
use crate::source::{Place, Reject, Report, hash, reason};

/// Oddities of one law that are told; the rest are counted.
const TOLD: usize = 5;

/// A revision found in the files.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// Which piece, counted over all files.
    pub(super) piece: usize,
    pub(super) place: Place,
    pub(super) law_id: Option<LawId>,
    pub(super) from: Option<Date>,
    pub(super) amending: Option<LawId>,
    pub(super) source: String,
    pub(super) title: String,
    pub(super) number: Option<LawNumber>,
    pub(super) short: Vec<String>,
}

impl Found {
    pub(super) fn names(&self, law_id: &LawId) -> LawNames {
        LawNames {
            law_id: law_id.clone(),
            title: self.title.clone(),
            number: self.number.clone(),
            short: self.short.clone(),
        }
    }
}

/// What the files hold.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub(super) found: Vec<Found>,
    pub(super) catalogue: Catalogue,
    pieces: usize,
}

impl Survey {
    /// Looks at what a file gives.
    pub(super) fn take(&mut self, fed: Fed, known: &Known, report: &mut Report) {
        match fed {
            Fed::PassedOver => report.passed_over += 1,
            Fed::Reject(reject) => report.rejects.push(reject),
            Fed::Piece(piece) => {
                let number = self.pieces;
                self.pieces += 1;
                self.piece(number, piece, known, report);
            }
        }
    }

    fn piece(&mut self, number: usize, piece: Piece, known: &Known, report: &mut Report) {
        let Some(bytes) = law_bytes(&piece) else {
            report.rejects.push(Reject::new(
                piece.place,
                "法令ではなく HTML のページです。XML か JSON を取り込んでください。",
                "a page and no law; import its XML or JSON",
            ));
            return;
        };
        if matches!(piece.content, Content::Json(_)) {
            if self.catalogue.take(bytes) {
                return;
            }
            self.catalogue.take_answer(bytes);
        }
        let source = source(&piece.name, bytes);
        // The same bytes were read before: nothing in them is new.
        if let Some((law, from)) = known.by_source(&source) {
            self.found.push(Found {
                piece: number,
                place: piece.place,
                law_id: Some(law.clone()),
                from: *from,
                amending: None,
                source,
                title: String::new(),
                number: None,
                short: Vec::new(),
            });
            return;
        }
        let law = match text(&piece.name, bytes) {
            Ok(law) => law,
            Err(error) => {
                report.rejects.push(reason::law(piece.place, &error));
                return;
            }
        };
        if law.oddities.iter().any(|oddity| oddity.what == Odd::Partial) || law.provisions.is_empty() {
            report.rejects.push(Reject::new(
                piece.place,
                "法令の一部だけです。全文を取得して取り込んでください。",
                "a part of the law only; fetch the whole text and import that",
            ));
            return;
        }
        for (told, oddity) in law.oddities.iter().enumerate() {
            let place = Place { line: oddity.line.or(piece.place.line), ..piece.place.clone() };
            if told == TOLD {
                let more = law.oddities.len() - TOLD;
                report.notes.push(Reject::new(place, format!("ほかに {more} か所"), format!("and {more} more")));
                break;
            }
            let ja = format!("想定外の箇所があります（文字は残しました）: {oddity}");
            report.notes.push(Reject::new(place, ja, format!("not as expected, its text is kept: {oddity}")));
        }
        self.found.push(Found {
            piece: number,
            place: piece.place,
            law_id: law.law_id,
            from: law.enforced,
            amending: law.amending,
            source,
            title: law.title,
            number: law.law_num.parse().ok(),
            short: law.abbreviations,
        });
    }
}

/// What may hold a law.
pub(super) fn law_bytes(piece: &Piece) -> Option<&[u8]> {
    match &piece.content {
        Content::Xml(bytes) | Content::Json(bytes) => Some(bytes),
        Content::Html(_) => None,
    }
}

/// A law with what its file's name says: the whole name of a revision, or the law's id alone.
pub(super) fn text(name: &str, bytes: &[u8]) -> Result<LawText, crate::law::ReadError> {
    let law = read(bytes)?;
    if let Some(name) = RevisionName::parse(name) {
        return Ok(law.named(&name));
    }
    let stem = name.split('.').next().unwrap_or_default();
    let law_id = law.law_id.clone().or_else(|| LawId::new(stem).filter(|_| starts_with_a_year(stem)));
    Ok(LawText { law_id, ..law })
}

/// Ids begin with era and year; `labourlaw` is a name that somebody gave.
fn starts_with_a_year(stem: &str) -> bool {
    stem.len() == 15 && stem.bytes().take(3).all(|byte| byte.is_ascii_digit())
}

/// The hash of a piece: its bytes, and what its name says.
pub(super) fn source(name: &str, bytes: &[u8]) -> String {
    let said = RevisionName::parse(name).map(|name| name.to_string());
    let stem = name.split('.').next().filter(|stem| starts_with_a_year(stem)).unwrap_or_default();
    hash(&[said.as_deref().unwrap_or(stem).as_bytes(), bytes])
}
