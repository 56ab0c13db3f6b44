//! The fold of retention, disposal and disclosure.

use super::{FoldError, Register};
use crate::entry::Governance;
use crate::event::Event;
use crate::records::disclosure::{Disclosure, DisclosureState, DisclosureStep};
use crate::records::disposal::{Disposal, DisposalState, DisposalStep};
use crate::records::hold::Hold;
use crate::records::retention::{Classification, Status};
use imbl::ordmap::DiffItem;

impl Register {
    /// Folds what an entry means for retention, disposal and disclosure.
    pub(super) fn apply_to_records(&mut self, index: u64, entry: &Governance) -> Result<(), FoldError> {
        let (event, actor) = (&entry.event, &entry.actor);
        let unknown = |id: &dyn std::fmt::Display| FoldError::Unknown { kind: event.kind(), id: id.to_string() };
        let step =
            |what, reason: &str| DisposalStep { what, by: actor.clone(), at: entry.at, reason: reason.to_owned() };
        let deed =
            |what, reason: &str| DisclosureStep { what, by: actor.clone(), at: entry.at, reason: reason.to_owned() };
        let who = || (actor.clone(), entry.at, entry.reason.clone());
        let records = &mut self.records;
        let mut changes = true;
        match event {
            Event::DepartmentPlaced(_) => {
                // Folded a moment ago; the two share one tree.
                records.ground.departments = self.departments.clone();
                records.placed = index + 1;
                // A scope may hold more than it did.
                records.halt(&step("停止", "部局の構成の変更"));
            }
            Event::ContentErased(e) => {
                records.erased.insert(e.of.clone(), ());
            }
            Event::RetentionSet(e) => {
                records.ground.schedule.set(e.line.clone(), e.term);
                records.halt(&step("停止", "保存期間表の変更"));
            }
            Event::RecordClassified(e) => match &e.status {
                Status::Undetermined => {
                    records.ground.classified.remove(&e.of);
                }
                status => {
                    let found = Classification {
                        status: status.clone(),
                        by: actor.clone(),
                        at: entry.at,
                        reason: entry.reason.clone(),
                    };
                    records.ground.classified.insert(e.of.clone(), found);
                }
            },
            Event::HoldPlaced(e) => {
                let departments = records.ground.departments.with_those_below(&e.scope.departments);
                let hold = Hold {
                    departments,
                    hold: e.hold.clone(),
                    title: e.title.clone(),
                    ground: e.ground,
                    scope: e.scope.clone(),
                    placed: who(),
                    lifted: None,
                };
                records.ground.holds.insert(e.hold.clone(), hold);
                records.halt(&step("停止", &format!("廃棄の停止 {}", e.hold)));
            }
            Event::HoldLifted(e) => {
                records.ground.holds.get_mut(&e.hold).ok_or_else(|| unknown(&e.hold))?.lifted = Some(who());
            }
            Event::DisposalDrafted(e) => {
                let disposal = Disposal {
                    disposal: e.disposal.clone(),
                    as_of: e.as_of,
                    list: e.list.clone(),
                    drafted_by: actor.clone(),
                    state: DisposalState::Drafted,
                    history: vec![step("廃棄簿の作成", &entry.reason)],
                };
                records.disposals.insert(e.disposal.clone(), disposal);
                changes = false;
            }
            Event::DisposalApproved(e) => {
                let disposal = records.disposals.get_mut(&e.disposal).ok_or_else(|| unknown(&e.disposal))?;
                disposal.state = DisposalState::Approved;
                let consent = if e.consent.is_empty() { String::new() } else { format!("（同意: {}）", e.consent) };
                disposal.history.push(step("承認", &format!("{}{consent}", entry.reason)));
                changes = false;
            }
            Event::DisposalRefused(e) => {
                let disposal = records.disposals.get_mut(&e.disposal).ok_or_else(|| unknown(&e.disposal))?;
                disposal.state = DisposalState::Refused;
                let what = if disposal.drafted_by == *actor { "取下げ" } else { "不承認" };
                disposal.history.push(step(what, &entry.reason));
                changes = false;
            }
            Event::DisposalBegun(e) => {
                let ground = Box::new(records.ground.clone());
                let disposal = records.disposals.get_mut(&e.disposal).ok_or_else(|| unknown(&e.disposal))?;
                disposal.state = DisposalState::Running { ground, entries: index };
                disposal.history.push(step("実施の開始", &entry.reason));
            }
            Event::DisposalCompleted(e) => {
                let disposal = records.disposals.get_mut(&e.disposal).ok_or_else(|| unknown(&e.disposal))?;
                if let DisposalState::Running { ground, entries } | DisposalState::Halted { ground, entries } =
                    &disposal.state
                {
                    disposal.state = DisposalState::Done {
                        ground: ground.clone(),
                        entries: *entries,
                        certificate: e.certificate.clone(),
                    };
                }
                disposal.history.push(step("廃棄証明", &entry.reason));
            }
            Event::DisclosureOpened(e) => {
                let departments = records.ground.departments.with_those_below(&e.scope.departments);
                let disclosure = Disclosure {
                    departments,
                    disclosure: e.disclosure.clone(),
                    received: e.received,
                    asked: e.asked.clone(),
                    scope: e.scope.clone(),
                    words: e.words.clone(),
                    reader: actor.clone(),
                    state: DisclosureState::Opened,
                    handed_out: Vec::new(),
                    history: vec![deed("受付", &entry.reason)],
                };
                records.ground.disclosures.insert(e.disclosure.clone(), disclosure);
                records.halt(&step("停止", &format!("開示請求 {}", e.disclosure)));
            }
            Event::DisclosureGranted(e) => {
                let disclosure =
                    records.ground.disclosures.get_mut(&e.disclosure).ok_or_else(|| unknown(&e.disclosure))?;
                disclosure.state = DisclosureState::Granted;
                disclosure.history.push(deed("閲覧への同意", &entry.reason));
                changes = false;
            }
            Event::DisclosureHandedOut(e) => {
                let disclosure =
                    records.ground.disclosures.get_mut(&e.disclosure).ok_or_else(|| unknown(&e.disclosure))?;
                disclosure.handed_out.push(e.what.clone());
                disclosure.history.push(deed("開示用ファイルの作成", &e.what.sha256));
                changes = false;
            }
            Event::DisclosureClosed(e) => {
                let disclosure =
                    records.ground.disclosures.get_mut(&e.disclosure).ok_or_else(|| unknown(&e.disclosure))?;
                disclosure.state = DisclosureState::Closed;
                disclosure.history.push(deed("終結", &entry.reason));
            }
            Event::RiskCaseStepped(e) => {
                // What a case keeps stands in the records of DS-920, which were folded a moment ago.
                let now = self.ds920.preserved().clone();
                let more = records.ground.preserved.diff(&now).any(|item| matches!(item, DiffItem::Add(..)));
                records.ground.preserved = now;
                if more {
                    records.halt(&step("停止", &format!("リスクケース {}", e.case)));
                }
            }
            _ => changes = false,
        }
        if changes {
            self.records.changed = index + 1;
            if !matches!(event, Event::RecordClassified(_) | Event::RiskCaseStepped(_)) {
                self.records.changed_for_all = index + 1;
            }
        }
        Ok(())
    }
}
