//! What an event speaks of: the clause in the document that binds the body, the names by which it is found, and what
//! permits have to be looked at again because of it.

use super::Event;
use crate::id::ServiceId;
use crate::organization::Sector;
use std::collections::BTreeSet;

impl Event {
    /// The clause the event carries out in the document that binds a body of this sector: 地方公共団体 have their own
    /// guideline (令和5年3月版 8.3) with the same duties.
    pub fn clause_in(&self, sector: Sector) -> &'static str {
        match (sector, self.clause()) {
            (Sector::Municipal, "統一基準R3 4.2.2(1)(a)") => "地方R5.3 8.3(1)",
            (Sector::Municipal, "統一基準R3 4.2.2(2)(a)") => "地方R5.3 8.3(2)①",
            (Sector::Municipal, "統一基準R3 4.2.2(2)(b)") => "地方R5.3 8.3(2)②",
            (_, clause) => clause,
        }
    }

    /// Identifiers the event speaks of, so that it is found by any of them.
    pub fn names(&self) -> BTreeSet<String> {
        const FIELDS: [&str; 33] = [
            "application",
            "permit",
            "budget",
            "use",
            "service",
            "person",
            "applicant",
            "manager",
            "key",
            "to",
            "number",
            "rule_set",
            "rule",
            "department",
            "organization",
            "party",
            "document",
            "catalogue",
            "firm",
            "statement",
            "engagement",
            "preliminary",
            "filing",
            "meeting",
            "notice",
            "look_up",
            "annex",
            "hold",
            "disposal",
            "disclosure",
            "role",
            "part",
            "id",
        ];
        let Ok(data) = self.data() else { return BTreeSet::new() };
        let named = FIELDS.iter().filter_map(|field| data.get(field)?.as_str());
        named.filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }

    /// Services whose description the event touches: permits on them are looked at again in the same commit.
    pub fn touches_service(&self) -> Option<&ServiceId> {
        match self {
            Self::ServiceChanged(s) => Some(&s.service),
            Self::TermsChanged(e) => Some(&e.service),
            Self::AdvisoryOpened(e) => Some(&e.service),
            Self::AdvisoryLifted(e) => Some(&e.service),
            Self::ServiceWithdrawn(e) => Some(&e.service),
            _ => None,
        }
    }

    /// The ISMAP registration the event touches.
    pub fn touches_registration(&self) -> Option<&str> {
        match self {
            Self::RegistrationRecorded(r) => Some(&r.number),
            Self::RegistrationStatusChanged(e) => Some(&e.number),
            Self::RenewalFiled(e) => Some(&e.number),
            Self::RegistrationRenewed(e) => Some(&e.number),
            Self::RenewalEnded(e) => Some(&e.number),
            _ => None,
        }
    }
}
