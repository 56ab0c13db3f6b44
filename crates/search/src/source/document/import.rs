//! A document onto the shelf.

use super::cut::{Part, units};
use crate::shelf::{Reading, ShelfError, Writing};
use crate::source::{Place, Reject, Report, hash};

/// What goes with a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// Its grade: 機密性2.
    pub grade: String,
    /// Who may read it; empty for all.
    pub readers: Vec<String>,
}

/// A document as its text was taken out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// What it is known by on the shelf: its path below the folder that was named.
    pub name: String,
    /// Its text, in reading order.
    pub parts: Vec<Part>,
}

/// Puts a document on the shelf, unless the shelf has it just so.
///
/// # Errors
/// The shelf cannot be read or written.
pub fn put(
    document: &Document,
    mark: &Mark,
    reading: &Reading,
    writing: &mut Writing<'_>,
    report: &mut Report,
) -> Result<(), ShelfError> {
    let mut units = units(&document.name, &document.parts, mark);
    let source = hash(&[&serde_json::to_vec(&units)?]);
    let Some(first) = units.first_mut() else {
        report.notes.push(Reject::new(
            Place::file(&*document.name),
            "文字がありません。画像だけの文書なら、文字認識をしてから渡してください。",
            "holds no text; if it is scanned pages, recognise the text first",
        ));
        return Ok(());
    };
    first.source.clone_from(&source);
    let stored = reading.group(&document.name)?;
    let before = stored.first().map(|unit| unit.source.as_str());
    if before == Some(source.as_str()) {
        report.unchanged += 1;
        return Ok(());
    }
    let known = before.is_some();
    for unit in &units {
        if !writing.put(unit)? {
            report.rejects.push(Reject::new(
                Place::file(&*document.name),
                "同じ名前の文書がもう一つあります。フォルダーの名前を変えてください。",
                "another document of this import has the same name; rename its folder",
            ));
            return Ok(());
        }
    }
    if known {
        report.changed += 1;
    } else {
        report.new += 1;
    }
    Ok(())
}
