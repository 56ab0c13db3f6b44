//! People: the register against the directory, accounts, sessions; disposals against their traces.

use super::code::{self, Area};
use super::folder::Keys;
use super::ledger::Read;
use super::report::Findings;
use sekisho_domain::id::{DisposalId, PersonId};
use sekisho_domain::records::disposal::DisposalState;
use sekisho_store::{EngineError, Inspection, PrivateRows};

pub(super) async fn look(
    look: &Inspection,
    keys: &Keys,
    read: &mut Read,
    findings: &mut Findings,
) -> Result<(), EngineError> {
    // Rows and register of one moment: whoever governs changes both.
    let Some(rows) = read.private(look).await? else {
        findings.unseen(Area::People, &"the register changes all the time; run it again at a quieter moment");
        return Ok(());
    };
    directory(&rows, read, findings);
    accounts(&rows, keys, read, findings);
    disposals(&rows, read, findings);
    findings.looked(Area::People, "persons", read.register.persons().count() as u64);
    findings.looked(Area::People, "accounts", rows.accounts.len() as u64);
    if read.register.organization().is_some() && !read.register.is_administered() {
        findings.add(&code::NO_ADMINISTRATOR, "register", "");
    }
    Ok(())
}

fn directory(rows: &PrivateRows, read: &Read, findings: &mut Findings) {
    for person in read.register.persons() {
        let id = person.person.as_str();
        if !rows.persons.contains(id) && !read.forgotten.contains(id) {
            findings.add(&code::DIRECTORY_MISSING, format!("directory_person {id}"), "");
        }
    }
    for id in &rows.persons {
        let place = format!("directory_person {id}");
        if read.forgotten.contains(id) {
            findings.add(&code::FORGOTTEN_KEPT, place, "");
        } else if PersonId::new(id).ok().and_then(|id| read.register.person(&id)).is_none() {
            findings.add(&code::DIRECTORY_ORPHAN, place, "");
        }
    }
    for department in read.register.departments() {
        let id = department.department.as_str();
        if !rows.departments.contains(id) {
            findings.add(&code::DEPARTMENT_UNNAMED, format!("directory_department {id}"), "");
        }
    }
}

fn accounts(rows: &PrivateRows, keys: &Keys, read: &Read, findings: &mut Findings) {
    for (id, (_, factor)) in &rows.accounts {
        let place = format!("account {id}");
        let person = PersonId::new(id).ok();
        let known = person.as_ref().and_then(|id| read.register.person(id));
        if !known.is_some_and(|person| person.active) {
            findings.add(&code::ACCOUNT_STRANGER, place.as_str(), "");
        }
        if let (Some(key), Some(person), false) = (&keys.content, &person, factor.is_empty())
            && !Inspection::second_factor_opens(key, person, factor)
        {
            findings.add(&code::ACCOUNT_FACTOR, place, "");
        }
    }
    for person in read.register.persons().filter(|person| person.active) {
        let id = person.person.as_str();
        let has = rows.accounts.get(id).is_some_and(|(password, _)| *password);
        if read.register.means(&person.person).is_some() && !has {
            findings.add(&code::ACCOUNT_MISSING, format!("account {id}"), "");
        }
    }
    for (table, ids) in [("recovery_code", &rows.recovery), ("session", &rows.sessions)] {
        for id in ids.iter().filter(|id| !rows.accounts.contains_key(*id)) {
            findings.add(&code::SIGN_IN_ORPHAN, format!("{table} {id}"), "");
        }
    }
}

fn disposals(rows: &PrivateRows, read: &Read, findings: &mut Findings) {
    for (id, done) in &rows.disposals {
        if DisposalId::new(id).ok().and_then(|id| read.register.records().disposal(&id)).is_none() {
            findings.add(&code::DISPOSAL_WRONG, format!("disposal {id}"), format!("{done:?}"));
        }
    }
    for disposal in read.register.records().disposals() {
        let place = format!("disposal {}", disposal.disposal);
        let trace = rows.disposals.get(disposal.disposal.as_str()).copied().unwrap_or_default();
        match &disposal.state {
            DisposalState::Done { certificate, .. } => {
                let says = (certificate.contents, certificate.papers, certificate.through);
                if says != trace {
                    findings.add(&code::DISPOSAL_WRONG, place, format!("{trace:?} (certificate: {says:?})"));
                }
            }
            DisposalState::Running { .. } | DisposalState::Halted { .. } => {
                findings.add(&code::DISPOSAL_UNFINISHED, place, format!("{trace:?}"));
            }
            DisposalState::Drafted | DisposalState::Approved | DisposalState::Refused => {}
        }
    }
}
