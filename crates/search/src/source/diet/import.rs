//! Records of the Diet from files onto the shelf.

use std::collections::HashMap;

use super::gather::{Gathered, Whole};
use super::sort::sort;
use super::{sitting, written};
use crate::shelf::{Reading, Shelf, ShelfError, Writing};
use crate::source::feed::{Fed, Input, Progress, feed};
use crate::source::{Report, hash};
use crate::unit::Unit;

/// Puts the records of files on the shelf. Every file is read twice, and `progress` told so.
///
/// # Errors
/// The shelf cannot be read or written; then nothing is changed.
pub fn import(shelf: &Shelf, inputs: &[Input], progress: &Progress) -> Result<Report, ShelfError> {
    let mut report = Report::default();
    let mut counts: HashMap<String, usize> = HashMap::new();
    for input in inputs {
        feed::<ShelfError>(input, progress, &mut |fed| {
            match fed {
                Fed::PassedOver => report.passed_over += 1,
                Fed::Reject(reject) => report.rejects.push(reject),
                Fed::Piece(piece) => {
                    for found in sort(&piece) {
                        match found {
                            Ok(found) => *counts.entry(found.group()).or_default() += 1,
                            Err(reject) => report.rejects.push(reject),
                        }
                    }
                }
            }
            Ok(())
        })?;
    }
    let reading = shelf.read();
    let mut work = Work { reading: &reading, writing: shelf.write()?, report };
    let mut open: HashMap<String, Gathered> = HashMap::new();
    for input in inputs {
        feed::<ShelfError>(input, progress, &mut |fed| {
            let Fed::Piece(piece) = fed else { return Ok(()) };
            for found in sort(&piece).into_iter().flatten() {
                let group = found.group();
                let gathered = open.entry(group.clone()).or_default();
                gathered.add(found);
                if counts.get(&group).is_none_or(|count| gathered.count >= *count)
                    && let Some(gathered) = open.remove(&group)
                {
                    work.whole(&group, gathered)?;
                }
            }
            Ok(())
        })?;
    }
    // A file that lost lines between the two times leaves groups that never became whole.
    for (group, gathered) in open {
        work.whole(&group, gathered)?;
    }
    let Work { writing, mut report, .. } = work;
    report.written = writing.commit()?;
    Ok(report)
}

struct Work<'a> {
    reading: &'a Reading,
    writing: Writing<'a>,
    report: Report,
}

impl Work<'_> {
    fn whole(&mut self, group: &str, gathered: Gathered) -> Result<(), ShelfError> {
        self.report.repeated += gathered.repeated() as u64;
        let stored = self.reading.group(group)?;
        let before = stored.first().map(|unit| unit.source.clone());
        let mut units = match gathered.finish() {
            Some(Whole::Sitting(sitting)) => sitting::units(&sitting, stored),
            Some(Whole::Written(written)) => written::units(&written, stored),
            None => return Ok(()),
        };
        let source = of(&units)?;
        if before.as_ref() == Some(&source) {
            self.report.unchanged += 1;
            return Ok(());
        }
        // A meeting of which only the header came has nothing to put on the shelf.
        let Some(first) = units.first_mut() else { return Ok(()) };
        first.source = source;
        if before.is_some() {
            self.report.changed += 1;
        } else {
            self.report.new += 1;
        }
        for unit in &units {
            self.writing.put(unit)?;
        }
        Ok(())
    }
}

fn of(units: &[Unit]) -> Result<String, ShelfError> {
    Ok(hash(&[&serde_json::to_vec(units)?]))
}
