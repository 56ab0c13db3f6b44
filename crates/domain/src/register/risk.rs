//! How risky a use case counts (DS-920), and what an open case keeps.

use super::Register;
use crate::decision::RiskStanding;
use crate::ds920::judgement::Verdict;
use crate::ds920::risk_table::RiskLevel;
use crate::id::{CaseId, UseId};
use crate::permit::{Application, Permit, RiskSheet};
use jiff::civil::Date;

impl Register {
    /// The open リスクケース that keeps a use as evidence: its sealed content must not be erased.
    pub fn preserved_by_cases(&self, of: &UseId) -> Option<CaseId> {
        self.ds920.preserving(of).cloned()
    }

    /// The 高リスク判定シート that counts for an application and its permit: the one answered last.
    pub fn risk_sheet(&self, application: &Application) -> Option<RiskSheet> {
        self.ds920.risk(&application.application).and_then(|record| record.sheet).or(application.draft.risk)
    }

    /// DS-920 standing of an application and its permit on a day: what the CAIO judged; where that is missing or no longer
    /// covers what stands now, what the table of the day makes of the sheet.
    pub fn risk_standing(&self, application: &Application, day: Date) -> RiskStanding {
        let record = self.ds920.risk(&application.application);
        let by_table = || {
            // The gravest of what was answered since the CAIO looked last.
            let earlier = record.into_iter().flat_map(|record| record.earlier.iter().copied());
            let levels = self.risk_sheet(application).into_iter().chain(earlier);
            let worst = levels.map(|sheet| self.ds920.result_on(&sheet, day)).max();
            worst.map_or(RiskStanding::Unassessed, RiskLevel::standing)
        };
        let Some((record, judged)) = record.and_then(|record| Some((record, record.judged.as_ref()?))) else {
            return match application.caio_accepted {
                Some(true) => RiskStanding::AcceptedByCaio,
                Some(false) => RiskStanding::RefusedByCaio,
                None => by_table(),
            };
        };
        match judged.verdict {
            // What was stopped stays so until the CAIO looks again: other answers alone do not open it.
            Verdict::HighRefused => RiskStanding::RefusedByCaio,
            Verdict::HighWaiting => RiskStanding::PossiblyHigh,
            Verdict::Low if record.is_stale() => by_table(),
            // What was high is not low because somebody answers more mildly.
            Verdict::HighAccepted if record.is_stale() => RiskStanding::PossiblyHigh,
            Verdict::Low => RiskStanding::Low,
            Verdict::HighAccepted => RiskStanding::AcceptedByCaio,
        }
    }

    /// [`risk_standing`](Self::risk_standing) of the application a permit came from.
    pub fn risk_of_permit(&self, permit: &Permit, day: Date) -> RiskStanding {
        let application = self.applications.get(&permit.application);
        application.map_or(RiskStanding::Unassessed, |application| self.risk_standing(application, day))
    }
}
