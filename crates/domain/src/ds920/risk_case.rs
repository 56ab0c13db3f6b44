//! リスクケース: something went wrong with a use of AI, or might have. Whoever notices reports it; it goes 利用者 → 提供者
//! (the department that looks after the service) → CAIO → where needed to デジタル庁 and the advisory board, and is contained,
//! analysed and kept from happening again before it is closed. The way it goes is general knowledge of DS-920 (K).
//!
//! Not to be taken for an incident of a service on the ISMAP list: that has a record of its own.

use super::clock::{Clock, Due};
use crate::day::in_japan;
use crate::entry::Governance;
use crate::id::{CaseId, PersonId, ServiceId, UseId};
use crate::person::Role;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Who sees every case, and may name uses of others as evidence.
pub const READERS: [Role; 4] = [Role::ServiceManager, Role::Ciso, Role::Caio, Role::Auditor];

/// What kind of case it is. Deadlines hang on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CaseKind {
    /// 個人情報の漏えい等.
    PersonalData,
    /// 個人情報の漏えい等, possibly for a wrongful purpose.
    PersonalDataWrongful,
    /// 特定個人情報の漏えい等.
    SpecificPersonalData,
    /// 要機密情報の漏えい.
    Information,
    /// A wrong answer did harm.
    WrongAnswer,
    /// A harmful or discriminating answer.
    HarmfulAnswer,
    /// Rights of others, such as copyright.
    Rights,
    /// A use beyond the permitted purpose.
    Misuse,
    /// Something on the provider's side.
    Service,
    /// Anything else.
    Other,
}

impl CaseKind {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::PersonalData,
        Self::PersonalDataWrongful,
        Self::SpecificPersonalData,
        Self::Information,
        Self::WrongAnswer,
        Self::HarmfulAnswer,
        Self::Rights,
        Self::Misuse,
        Self::Service,
        Self::Other,
    ];

    /// What people call it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::PersonalData => "個人情報の漏えい等",
            Self::PersonalDataWrongful => "個人情報の漏えい等（不正の目的のおそれ）",
            Self::SpecificPersonalData => "特定個人情報（個人番号を含む）の漏えい等",
            Self::Information => "要機密情報の漏えい",
            Self::WrongAnswer => "誤った出力による不利益",
            Self::HarmfulAnswer => "有害・差別的な出力",
            Self::Rights => "著作権などの権利の侵害",
            Self::Misuse => "目的外・禁止された利用",
            Self::Service => "サービス側の障害・事故・無断の変更",
            Self::Other => "その他・分からない",
        }
    }

    /// The name under which it is sent and stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PersonalData => "personal_data",
            Self::PersonalDataWrongful => "personal_data_wrongful",
            Self::SpecificPersonalData => "specific_personal_data",
            Self::Information => "information",
            Self::WrongAnswer => "wrong_answer",
            Self::HarmfulAnswer => "harmful_answer",
            Self::Rights => "rights",
            Self::Misuse => "misuse",
            Self::Service => "service",
            Self::Other => "other",
        }
    }

    /// By its name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Whom a case was told to outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ToldTo {
    /// デジタル庁.
    DigitalAgency,
    /// 先進的AI利活用アドバイザリーボード.
    Board,
    /// 個人情報保護委員会.
    PersonalInformationCommission,
    /// The people whose data or interests are concerned.
    Persons,
    /// Someone else, named in the reference.
    Other,
}

impl ToldTo {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::DigitalAgency, Self::Board, Self::PersonalInformationCommission, Self::Persons, Self::Other];

    /// What people call it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::DigitalAgency => "デジタル庁",
            Self::Board => "先進的AI利活用アドバイザリーボード",
            Self::PersonalInformationCommission => "個人情報保護委員会",
            Self::Persons => "本人",
            Self::Other => "その他（控えに書く）",
        }
    }

    /// The name under which it is sent and stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DigitalAgency => "digital_agency",
            Self::Board => "board",
            Self::PersonalInformationCommission => "personal_information_commission",
            Self::Persons => "persons",
            Self::Other => "other",
        }
    }
}

/// A step of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum CaseStep {
    /// It was noticed and reported: the case begins.
    Report {
        /// What kind, as far as one can tell.
        kind: CaseKind,
        /// 「知った」時: deadlines count from it.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        known_at: Timestamp,
        /// What happened.
        summary: String,
        /// Whom or what it harms or might harm.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        impact: String,
        /// Of which service.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        service: Option<ServiceId>,
        /// Uses kept as evidence.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        uses: BTreeSet<UseId>,
    },
    /// 提供者 has it.
    Receive {
        /// What was found at first.
        note: String,
    },
    /// It goes to the CAIO.
    Refer {
        /// Why, and what is known.
        note: String,
    },
    /// It was told to someone outside.
    Notify {
        /// To whom.
        to: ToldTo,
        /// What kind of report.
        report: Due,
        /// On which day.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        on: Date,
        /// Where the report is kept.
        reference: String,
    },
    /// What stops it from growing.
    Contain {
        /// What was done.
        note: String,
    },
    /// Why it happened.
    Analyse {
        /// What was found.
        note: String,
    },
    /// What keeps it from happening again.
    Prevent {
        /// What was done.
        note: String,
    },
    /// It is of another kind than was thought.
    Reclassify {
        /// What kind.
        kind: CaseKind,
        /// Why.
        note: String,
    },
    /// More uses are kept as evidence.
    Preserve {
        /// Which.
        uses: BTreeSet<UseId>,
    },
    /// Uses that prove nothing are let go.
    Release {
        /// Which.
        uses: BTreeSet<UseId>,
        /// Why.
        note: String,
    },
    /// It is over. What it kept may be erased from now on.
    Close {
        /// Why it is over.
        note: String,
    },
    /// It is not over after all.
    Reopen {
        /// Why.
        note: String,
    },
}

impl CaseStep {
    /// What people call it.
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Report { .. } => "報告（利用者）",
            Self::Receive { .. } => "受付（提供者）",
            Self::Refer { .. } => "AI統括責任者への報告",
            Self::Notify { .. } => "外部への報告・通知",
            Self::Contain { .. } => "拡大の防止",
            Self::Analyse { .. } => "原因の分析",
            Self::Prevent { .. } => "再発の防止",
            Self::Reclassify { .. } => "種類の見直し",
            Self::Preserve { .. } => "証拠の保全",
            Self::Release { .. } => "保全の解除",
            Self::Close { .. } => "終結",
            Self::Reopen { .. } => "再開",
        }
    }

    /// What was written.
    pub fn note(&self) -> &str {
        match self {
            Self::Report { summary, .. } => summary,
            Self::Notify { reference, .. } => reference,
            Self::Preserve { .. } => "",
            Self::Receive { note }
            | Self::Refer { note }
            | Self::Contain { note }
            | Self::Analyse { note }
            | Self::Prevent { note }
            | Self::Reclassify { note, .. }
            | Self::Release { note, .. }
            | Self::Close { note }
            | Self::Reopen { note } => note,
        }
    }

    /// Uses the step names as evidence.
    pub fn named(&self) -> impl Iterator<Item = &UseId> {
        let uses = if let Self::Report { uses, .. } | Self::Preserve { uses } = self { Some(uses) } else { None };
        uses.into_iter().flatten()
    }

    /// All that people typed, for those who look whether it may be kept.
    pub fn typed(&self) -> [&str; 2] {
        [self.note(), if let Self::Report { impact, .. } = self { impact } else { "" }]
    }

    /// Uses the step lets go.
    pub(super) fn released(&self) -> impl Iterator<Item = &UseId> {
        let uses = if let Self::Release { uses, .. } = self { Some(uses) } else { None };
        uses.into_iter().flatten()
    }
}

/// Who has the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    /// Reported; nobody has taken it yet.
    Reported,
    /// With 提供者.
    Received,
    /// With the CAIO.
    WithCaio,
    /// Over.
    Closed,
}

impl CaseState {
    /// What people call it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Reported => "報告済み（提供者の受付待ち）",
            Self::Received => "提供者が対応中",
            Self::WithCaio => "AI統括責任者が対応中",
            Self::Closed => "終結",
        }
    }
}

/// A step that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepTaken {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: PersonId,
    /// What.
    pub step: CaseStep,
}

/// A case as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RiskCase {
    /// Which.
    pub case: CaseId,
    /// Who reported it.
    pub reporter: PersonId,
    /// What kind.
    pub kind: CaseKind,
    /// 「知った」時.
    pub known_at: Timestamp,
    /// What happened.
    pub summary: String,
    /// Whom or what it harms or might harm.
    pub impact: String,
    /// Of which service.
    pub service: Option<ServiceId>,
    /// Uses kept as evidence while it is open.
    pub uses: BTreeSet<UseId>,
    /// Who has it.
    pub state: CaseState,
    /// What was done, oldest first.
    pub steps: Vec<StepTaken>,
}

/// A deadline of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// The deadline.
    pub clock: Clock,
    /// Its last day.
    pub last_day: Date,
    /// The day it was met, if it was.
    pub met_on: Option<Date>,
}

impl Running {
    /// Not met, and the last day is over.
    pub fn is_overdue(&self, today: Date) -> bool {
        self.met_on.is_none() && today > self.last_day
    }

    /// Met, but after the last day.
    pub fn was_late(&self) -> bool {
        self.met_on.is_some_and(|on| on > self.last_day)
    }
}

/// Whether a step did a part of the work.
type Done = fn(&CaseStep) -> bool;

impl RiskCase {
    /// Nothing more happens to it.
    pub fn is_closed(&self) -> bool {
        self.state == CaseState::Closed
    }

    /// A step of this kind was taken.
    pub fn has(&self, which: impl Fn(&CaseStep) -> bool) -> bool {
        self.steps.iter().any(|taken| which(&taken.step))
    }

    /// What is left to do before it can be closed, in words.
    pub fn open_work(&self) -> Vec<&'static str> {
        let work: [(&'static str, Done); 3] = [
            ("拡大の防止", |step| matches!(step, CaseStep::Contain { .. })),
            ("原因の分析", |step| matches!(step, CaseStep::Analyse { .. })),
            ("再発の防止", |step| matches!(step, CaseStep::Prevent { .. })),
        ];
        work.into_iter().filter(|(_, which)| !self.has(which)).map(|(name, _)| name).collect()
    }

    /// The deadlines that run for it. Those of its own kind come before those of every kind, which they replace.
    pub fn running(&self, clocks: &[Clock]) -> Vec<Running> {
        let known = in_japan(self.known_at);
        let of_own = |due: Due| clocks.iter().any(|clock| clock.kind == Some(self.kind) && clock.due == due);
        let counts = |clock: &&Clock| match clock.kind {
            Some(kind) => kind == self.kind,
            None => !of_own(clock.due),
        };
        let run = |clock: &Clock| Running {
            last_day: clock.last_day(known),
            met_on: self.met_on(clock.due),
            clock: clock.clone(),
        };
        let mut running: Vec<Running> = clocks.iter().filter(counts).map(run).collect();
        running.sort_by_key(|one| (one.last_day, one.clock.due));
        running
    }

    /// The day on which what was due was done first.
    fn met_on(&self, due: Due) -> Option<Date> {
        let done = |taken: &StepTaken| match (&taken.step, due) {
            (CaseStep::Receive { .. }, Due::Receipt)
            // Who refers it to the CAIO has received it, and so has the CAIO who takes it over.
            | (CaseStep::Refer { .. }, Due::Receipt | Due::ToCaio) => Some(in_japan(taken.at)),
            (CaseStep::Notify { to, report, on, .. }, due) => {
                let personal = matches!(
                    self.kind,
                    CaseKind::PersonalData | CaseKind::PersonalDataWrongful | CaseKind::SpecificPersonalData
                );
                // A report counts for what is due to somebody only where it went to them.
                let went_there = match due {
                    Due::Receipt | Due::ToCaio => false,
                    Due::Notice => *to == ToldTo::Persons,
                    Due::Preliminary | Due::Final if personal => *to == ToldTo::PersonalInformationCommission,
                    Due::Preliminary | Due::Final => *to != ToldTo::Persons,
                };
                (*report == due && went_there).then_some(*on)
            }
            _ => None,
        };
        self.steps.iter().filter_map(done).min()
    }

    /// The case after a step; `None` when a case that is known is begun again, or one that is not known goes on.
    pub(super) fn after(before: Option<Self>, entry: &Governance, id: &CaseId, step: &CaseStep) -> Option<Self> {
        let taken = StepTaken { at: entry.at, by: entry.actor.clone(), step: step.clone() };
        let mut case = match (before, step) {
            (None, CaseStep::Report { kind, known_at, summary, impact, service, uses }) => {
                return Some(Self {
                    case: id.clone(),
                    reporter: entry.actor.clone(),
                    kind: *kind,
                    known_at: *known_at,
                    summary: summary.clone(),
                    impact: impact.clone(),
                    service: service.clone(),
                    uses: uses.clone(),
                    state: CaseState::Reported,
                    steps: vec![taken],
                });
            }
            (Some(case), _) => case,
            (None, _) => return None,
        };
        match step {
            CaseStep::Report { .. } => return None,
            CaseStep::Receive { .. } => case.state = CaseState::Received,
            CaseStep::Refer { .. } | CaseStep::Reopen { .. } => case.state = CaseState::WithCaio,
            CaseStep::Reclassify { kind, .. } => case.kind = *kind,
            CaseStep::Preserve { uses } => case.uses.extend(uses.iter().cloned()),
            CaseStep::Release { uses, .. } => case.uses.retain(|of| !uses.contains(of)),
            CaseStep::Close { .. } => case.state = CaseState::Closed,
            CaseStep::Notify { .. }
            | CaseStep::Contain { .. }
            | CaseStep::Analyse { .. }
            | CaseStep::Prevent { .. } => {}
        }
        case.steps.push(taken);
        Some(case)
    }
}
