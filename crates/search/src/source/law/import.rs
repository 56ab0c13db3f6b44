//! Laws from files onto the shelf.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use aho_corasick::AhoCorasick;

use super::chain::{Step, steps};
use super::known::{Known, merge};
use super::link::link;
use super::revision::Revision;
use super::survey::{Found, Survey, law_bytes, source, text};
use crate::law::delegation::child_titles;
use crate::law::name::{LawNames, NameTable};
use crate::law::{LawId, LawNumber};
use crate::shelf::{Reading, Shelf, ShelfError, Writing};
use crate::source::feed::{Fed, Input, Piece, Progress, feed};
use crate::source::{Reject, Report};
use crate::unit::{Facet, Unit};

/// Puts the laws of files on the shelf. Every file is read twice, and `progress` told so.
///
/// # Errors
/// The shelf cannot be read or written; then nothing is changed.
pub fn import(shelf: &Shelf, inputs: &[Input], progress: &Progress) -> Result<Report, ShelfError> {
    let reading = shelf.read();
    let known = Known::of(reading.heads()?);
    let mut report = Report::default();
    let mut survey = Survey::default();
    for input in inputs {
        feed::<ShelfError>(input, progress, &mut |fed| {
            survey.take(fed, &known, &mut report);
            Ok(())
        })?;
    }
    let plan = Plan::make(&survey, &known, &mut report);
    let mut work = Work { reading: &reading, writing: shelf.write()?, plan: &plan, report };
    work.pieces(inputs, progress)?;
    work.stored()?;
    work.relink(&known)?;
    let Work { writing, mut report, .. } = work;
    report.written = writing.commit()?;
    Ok(report)
}

/// What will be done, law by law.
struct Plan {
    names: NameTable,
    fresh: Vec<String>,
    writes: HashMap<usize, Revision>,
    again: BTreeMap<String, Step>,
    remove: Vec<String>,
    categories: HashMap<String, String>,
}

impl Plan {
    fn make(survey: &Survey, known: &Known, report: &mut Report) -> Self {
        let mut laws: BTreeMap<LawId, Vec<&Found>> = BTreeMap::new();
        for found in &survey.found {
            match identify(found, survey, known) {
                Some(law) => laws.entry(law).or_default().push(found),
                None => report.rejects.push(nameless(found)),
            }
        }
        let mut names = known.names();
        let before = words(names.values());
        for (law, found) in &laws {
            let mut named: Vec<&Found> = found.iter().copied().filter(|found| !found.title.is_empty()).collect();
            named.sort_by_key(|found| found.from);
            named.into_iter().for_each(|found| merge(&mut names, found.names(law)));
        }
        let fresh = words(names.values()).difference(&before).cloned().collect();
        let mut plan = Self {
            names: NameTable::new(names.into_values()),
            fresh,
            writes: HashMap::new(),
            again: BTreeMap::new(),
            remove: Vec::new(),
            categories: HashMap::new(),
        };
        for (law, found) in laws {
            plan.law(&law, &found, survey, known, report);
        }
        plan
    }

    fn law(&mut self, law: &LawId, found: &[&Found], survey: &Survey, known: &Known, report: &mut Report) {
        let held = known.laws.get(law).map(Vec::as_slice).unwrap_or_default();
        let entry = survey.catalogue.entry(law);
        let dated: Vec<Found> =
            found.iter().map(|found| Found { from: found.from.or(entry.enforced), ..(*found).clone() }).collect();
        let dated: Vec<&Found> = dated.iter().collect();
        let stored = held.iter().find_map(|held| held.category.clone());
        let category = entry.category.or(stored);
        // The shelf knows from an earlier list that a law was repealed; files without one do not bring it back.
        let ended = held.iter().max_by_key(|held| held.from).and_then(|last| last.until).filter(|_| !entry.stands);
        for step in steps(held, &dated, category.as_deref(), entry.repealed.or(ended), report) {
            match step {
                Step::Write { piece, from, until, source } => {
                    let category = category.clone();
                    self.writes.insert(piece, Revision { law_id: law.clone(), from, until, category, source });
                }
                Step::Again { ref group, .. } => {
                    if let Some(category) = &category {
                        self.categories.insert(group.clone(), category.clone());
                    }
                    self.again.insert(group.clone(), step);
                }
                Step::Remove { group } => self.remove.push(group),
            }
        }
        // Rows of `import units` have the law itself for a group, and no days.
        self.remove.push(law.to_string());
    }
}

/// The id of a law: by its file, by a list, by its number on the shelf.
fn identify(found: &Found, survey: &Survey, known: &Known) -> Option<LawId> {
    let by_number = |number: &LawNumber| {
        let elsewhere =
            survey.found.iter().find(|other| other.law_id.is_some() && other.number.as_ref() == Some(number));
        let elsewhere = elsewhere.and_then(|other| other.law_id.as_ref());
        survey.catalogue.by_number(number).or_else(|| known.by_number(number)).or(elsewhere).cloned()
    };
    found.law_id.clone().or_else(|| by_number(found.number.as_ref()?))
}

fn nameless(found: &Found) -> Reject {
    Reject::new(
        found.place.clone(),
        format!(
            "「{}」の法令 ID が分かりません。ファイル名を <法令ID>_<施行日>_<改正法令ID>.xml（公表された名前）に戻すか、法令一覧も一緒に渡してください。",
            found.title
        ),
        format!(
            "the id of `{}` is unknown; give the file its published name `<law id>_<day>_<amending law id>.xml`, or a list of laws beside it",
            found.title
        ),
    )
}

/// Everything that laws are called, numbers too.
fn words<'a>(names: impl Iterator<Item = &'a LawNames>) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for names in names {
        words.insert(names.title.clone());
        words.extend(names.short.iter().cloned());
        words.extend(names.number.as_ref().map(ToString::to_string));
    }
    words.retain(|word| !word.is_empty());
    words
}

struct Work<'a> {
    reading: &'a Reading,
    writing: Writing<'a>,
    plan: &'a Plan,
    report: Report,
}

impl Work<'_> {
    /// The second time through the files.
    fn pieces(&mut self, inputs: &[Input], progress: &Progress) -> Result<(), ShelfError> {
        for group in &self.plan.remove {
            self.writing.remove(group);
        }
        let mut number = 0;
        for input in inputs {
            feed::<ShelfError>(input, progress, &mut |fed| {
                let Fed::Piece(piece) = fed else { return Ok(()) };
                number += 1;
                self.piece(number - 1, &piece)
            })?;
        }
        Ok(())
    }

    fn piece(&mut self, number: usize, piece: &Piece) -> Result<(), ShelfError> {
        let Some(revision) = self.plan.writes.get(&number) else { return Ok(()) };
        let read = law_bytes(piece).filter(|bytes| source(&piece.name, bytes) == revision.source);
        let Some(law) = read.and_then(|bytes| text(&piece.name, bytes).ok()) else {
            self.report.rejects.push(Reject::new(
                piece.place.clone(),
                "取込みの間に書き換えられました。もう一度取り込んでください。",
                "was changed during the import; import it again",
            ));
            return Ok(());
        };
        let mut units = revision.units(&law);
        link(&mut units, &self.plan.names);
        self.put(&units)
    }

    fn put(&mut self, units: &[Unit]) -> Result<(), ShelfError> {
        for unit in units {
            self.writing.put(unit)?;
        }
        Ok(())
    }

    /// Stored revisions that end on another day now.
    fn stored(&mut self) -> Result<(), ShelfError> {
        for (group, step) in &self.plan.again {
            let Step::Again { until, .. } = step else { continue };
            let mut units = self.reading.group(group)?;
            for unit in &mut units {
                unit.until = *until;
                if let Some(category) = self.plan.categories.get(group) {
                    unit.facets.retain(|(facet, _)| *facet != Facet::Category);
                    unit.facets.push((Facet::Category, category.clone()));
                }
            }
            link(&mut units, &self.plan.names);
            self.put(&units)?;
        }
        Ok(())
    }

    /// Laws that name a law which was unknown when they were imported.
    fn relink(&mut self, known: &Known) -> Result<(), ShelfError> {
        if self.plan.fresh.is_empty() || known.laws.is_empty() {
            return Ok(());
        }
        let Ok(fresh) = AhoCorasick::new(&self.plan.fresh) else { return Ok(()) };
        let children: HashSet<String> = self.plan.fresh.iter().flat_map(|title| child_titles(title)).collect();
        let written: HashSet<String> =
            self.plan.writes.values().map(|r| super::group(r.law_id.as_str(), r.from)).collect();
        for held in known.laws.values().flatten() {
            let gone = self.plan.remove.contains(&held.group);
            if gone || written.contains(&held.group) || self.plan.again.contains_key(&held.group) {
                continue;
            }
            let mut units = self.reading.group(&held.group)?;
            let child = units.first().is_some_and(|unit| children.contains(&unit.title));
            let named = child || units.iter().any(|unit| fresh.is_match(&unit.text));
            if named && link(&mut units, &self.plan.names) {
                self.report.touched += 1;
                self.put(&units)?;
            }
        }
        Ok(())
    }
}
