//! ISMAP-LIU の事前申請 (machine D): a procuring body finds the impact of a work low, the operator finds the service
//! eligible; only then can an application for LIU be filed (ISMAP-LIU登録規則, chapters 3 and 7). That low means 1 in every
//! column of the sheet is our reading.

use super::chronicle::{Record, Stamp};
use super::deciding::{Acting, may};
use super::party::{PartyKind, SchemeRole};
use crate::command::StepPreliminary;
use crate::event::{Event, PreliminaryStepped};
use crate::id::{OfferingId, PartyId};
use crate::refusal::Refusal;
use serde::{Deserialize, Serialize};

/// One line of the 業務・情報の影響度評価シート.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ImpactLine {
    /// The work.
    pub work: String,
    /// The work stands on the published list of small-risk work.
    pub listed: bool,
    /// Information handled, in words.
    pub information: String,
    /// The impact on 機密性, 完全性, 可用性: 1 low, 2 middle, 3 high.
    pub impact: [u8; 3],
}

/// A step of a pre-application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum PreliminaryStep {
    /// Begun by the provider.
    Draft {
        /// Whose.
        party: PartyId,
        /// Which service.
        offering: OfferingId,
        /// Works it is meant for.
        works: Vec<String>,
    },
    /// A procuring body is asked for its assessment.
    RequestImpact {
        /// Which.
        procurer: PartyId,
    },
    /// The body's assessment.
    Assess {
        /// The sheet.
        sheet: Vec<ImpactLine>,
    },
    /// Filed with the operator.
    File,
    /// 対象となる.
    FindEligible,
    /// 対象とならない.
    FindIneligible,
}

/// State of a pre-application.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PreliminaryState {
    /// Being written.
    #[default]
    Draft,
    /// With the procuring body.
    ImpactRequested,
    /// The impact is low.
    ImpactLow,
    /// It is not.
    ImpactNotLow,
    /// With the operator.
    Filed,
    /// 対象となる.
    Eligible,
    /// 対象とならない.
    Ineligible,
}

impl PreliminaryState {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Draft => "作成中",
            Self::ImpactRequested => "影響度評価を依頼中",
            Self::ImpactLow => "影響度は低い",
            Self::ImpactNotLow => "影響度が低くない",
            Self::Filed => "事前申請済み",
            Self::Eligible => "対象となる",
            Self::Ineligible => "対象とならない",
        }
    }
}

/// A pre-application as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Preliminary {
    /// Whose.
    pub party: PartyId,
    /// Which service.
    pub offering: OfferingId,
    /// Works it is meant for.
    pub works: Vec<String>,
    /// State.
    pub state: PreliminaryState,
    /// The body that assesses.
    pub procurer: Option<PartyId>,
    /// Its sheet.
    pub sheet: Vec<ImpactLine>,
}

impl Default for Preliminary {
    fn default() -> Self {
        Self {
            party: PartyId::unnamed(),
            offering: OfferingId::unnamed(),
            works: Vec::new(),
            state: PreliminaryState::Draft,
            procurer: None,
            sheet: Vec::new(),
        }
    }
}

/// Low: every work stands on the list, and no impact is above low.
pub fn is_low(sheet: &[ImpactLine]) -> bool {
    !sheet.is_empty() && sheet.iter().all(|line| line.listed && line.impact.iter().all(|i| *i == 1))
}

impl Record for Preliminary {
    type Step = PreliminaryStep;

    fn fold(&mut self, step: &PreliminaryStep, _: &Stamp) {
        use PreliminaryState as S;
        match step {
            PreliminaryStep::Draft { party, offering, works } => {
                *self =
                    Self { party: party.clone(), offering: offering.clone(), works: works.clone(), ..Self::default() };
            }
            PreliminaryStep::RequestImpact { procurer } => {
                self.procurer = Some(procurer.clone());
                self.state = S::ImpactRequested;
            }
            PreliminaryStep::Assess { sheet } => {
                self.state = if is_low(sheet) { S::ImpactLow } else { S::ImpactNotLow };
                self.sheet.clone_from(sheet);
            }
            PreliminaryStep::File => self.state = S::Filed,
            PreliminaryStep::FindEligible => self.state = S::Eligible,
            PreliminaryStep::FindIneligible => self.state = S::Ineligible,
        }
    }
}

pub(crate) fn decide(acting: &Acting<'_>, command: StepPreliminary) -> Result<Vec<Event>, Refusal> {
    use PreliminaryState as S;
    let chronicle = acting.scheme.preliminaries.get(&command.preliminary);
    let on = acting.day(command.on, chronicle.and_then(|c| c.last()).map(|last| last.stamp.on))?;
    let provider = [SchemeRole::CspStaff, SchemeRole::CspHead];
    let only = |capacity, who: &str| may(capacity, &format!("この手続は{who}だけができます。"));
    let (role, fits, state) = match (&command.step, chronicle.map(|c| c.now())) {
        (PreliminaryStep::Draft { party, offering, works }, known) => {
            let role = only(acting.holding(party, &provider), "その事業者")?;
            if acting.scheme.parties.now(party).is_none_or(|p| !p.offerings.contains_key(offering)) {
                return Err(Refusal::unknown(
                    "この事業者のクラウドサービス",
                    "cloud service of this provider",
                    offering,
                ));
            }
            if works.is_empty() || works.len() > 50 {
                return Err(Refusal::invalid("対象とする業務を 1〜50 件書いてください。", "name 1 to 50 works"));
            }
            for work in works {
                acting.words("業務", "a work", work, 200)?;
            }
            let state = known.map_or(S::Draft, |now| now.state);
            let own = known.is_none_or(|now| now.party == *party);
            (role, own && matches!(state, S::Draft | S::ImpactNotLow | S::Ineligible), state)
        }
        (_, None) => return Err(Refusal::unknown("事前申請", "pre-application", &command.preliminary)),
        (PreliminaryStep::RequestImpact { procurer }, Some(now)) => {
            let role = only(acting.holding(&now.party, &provider), "その事業者")?;
            if acting.scheme.parties.now(procurer).is_none_or(|p| p.kind != PartyKind::ProcuringBody) {
                return Err(Refusal::unknown("調達機関", "procuring body", procurer));
            }
            // Another body may be asked while the first has not answered.
            (role, matches!(now.state, S::Draft | S::ImpactRequested), now.state)
        }
        (PreliminaryStep::Assess { sheet }, Some(now)) => {
            let capacity = now.procurer.as_ref().and_then(|p| acting.holding(p, &[SchemeRole::Procurer]));
            let role = only(capacity, "評価を依頼された調達機関")?;
            if sheet.is_empty() || sheet.len() > 50 {
                return Err(Refusal::invalid(
                    "影響度評価シートに 1〜50 行書いてください。",
                    "the sheet has 1 to 50 lines",
                ));
            }
            for line in sheet {
                acting.words("業務", "the work", &line.work, 200)?;
                acting.words("取り扱う情報", "the information", &line.information, 500)?;
                if line.impact.iter().any(|i| !(1..=3).contains(i)) {
                    return Err(Refusal::invalid(
                        "影響度は 1（低）から 3（高）で入力してください。",
                        "an impact is 1, 2 or 3",
                    ));
                }
            }
            let unassessed = |work: &&String| !sheet.iter().any(|line| line.work.trim() == work.trim());
            if let Some(work) = now.works.iter().find(unassessed) {
                return Err(Refusal::invalid(
                    format!("業務「{work}」の評価がありません。申請された業務をすべて評価してください。"),
                    format!("the work `{work}` is not assessed; every work that was named has to be"),
                ));
            }
            (role, now.state == S::ImpactRequested, now.state)
        }
        (PreliminaryStep::File, Some(now)) => {
            let role = only(acting.holding(&now.party, &provider), "その事業者")?;
            if now.state == S::ImpactNotLow {
                return Err(Refusal::wrong_state(
                    "調達機関の評価で影響度が低いとされていないため、事前申請はできません。業務を見直して作成し直してください。",
                    "the impact was not found low; draft it anew with other works",
                ));
            }
            (role, now.state == S::ImpactLow, now.state)
        }
        (PreliminaryStep::FindEligible | PreliminaryStep::FindIneligible, Some(now)) => {
            let operator =
                acting.operator(&[SchemeRole::IpaReception, SchemeRole::IpaReviewer, SchemeRole::Secretariat]);
            (only(operator, "制度の運営者")?, now.state == S::Filed, now.state)
        }
    };
    if !fits {
        return Err(Refusal::wrong_state(
            format!("今の状態（{}）からは、この手続に進めません。", state.label()),
            format!("this step does not follow from the state `{state:?}`").to_lowercase(),
        ));
    }
    let event = PreliminaryStepped { preliminary: command.preliminary, role, on, step: command.step };
    Ok(vec![Event::PreliminaryStepped(event)])
}
