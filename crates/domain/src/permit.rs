//! 利用申請 and 承認 (統一基準R3 4.2.2(2)): from an application to a permit, and what a permit rests on.

use crate::decision::RiskStanding;
use crate::grade::Grade;
use crate::history::Step;
use crate::id::{ApplicationId, DepartmentId, PermitId, PersonId, ServiceId};
use crate::ismap::RegistrationState;
use crate::ismap::region_in_words;
use crate::service::{ProvisionForm, Terms};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// 利用者の範囲: people, departments (with those below them) or posts. Empty means nobody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UserRange {
    /// Single people.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub people: BTreeSet<PersonId>,
    /// Departments, each with all below it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub departments: BTreeSet<DepartmentId>,
    /// Posts.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub posts: BTreeSet<String>,
}

impl UserRange {
    /// Nobody is in the range.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty() && self.departments.is_empty() && self.posts.is_empty()
    }
}

/// DS-920 高リスク判定シート: one answer from 0 to 3 on each of the four axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RiskSheet {
    /// A 利用者の範囲・種別.
    pub users: u8,
    /// B 利用業務の性格.
    pub work: u8,
    /// C 要機密情報・個人情報の学習等.
    pub learning: u8,
    /// D 職員の判断.
    pub judgement: u8,
}

impl RiskSheet {
    /// All answers lie between 0 and 3.
    pub fn is_valid(&self) -> bool {
        [self.users, self.work, self.learning, self.judgement].into_iter().all(|axis| axis <= 3)
    }

    /// Our default combination (design advice, not the official rule): one axis at 3, or two at 2 or more.
    pub fn standing(&self) -> RiskStanding {
        let axes = [self.users, self.work, self.learning, self.judgement];
        let threes = axes.into_iter().filter(|a| *a >= 3).count();
        let twos = axes.into_iter().filter(|a| *a >= 2).count();
        if threes >= 1 || twos >= 2 { RiskStanding::PossiblyHigh } else { RiskStanding::Low }
    }
}

/// What is applied for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// Services; at least one.
    pub services: BTreeSet<ServiceId>,
    /// 利用目的（業務内容）.
    pub purpose: String,
    /// 利用者の範囲.
    pub users: UserRange,
    /// Highest grade of information to be handled.
    pub ceiling: Grade,
    /// First day.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
    pub from: Date,
    /// Last day, included.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
    pub until: Date,
    /// 選定時の確認結果: why the risk of the terms is acceptable.
    pub risk_statement: String,
    /// Hash of the terms the applicant read, per service of 約款型 or 個別契約.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub terms_read: BTreeMap<ServiceId, String>,
    /// 高リスク判定シート, where DS-920 applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<RiskSheet>,
    /// ISMAP-LIU: the work is on the published list and the impact was judged low.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub liu_work_listed_low: bool,
}

/// Where an application stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ApplicationState {
    /// Waits for the approver.
    Submitted,
    /// Back with the applicant.
    Returned,
    /// Became a permit.
    Approved {
        /// The permit.
        permit: PermitId,
    },
    /// Refused.
    Refused,
    /// Taken back.
    Withdrawn,
}

impl ApplicationState {
    /// What people call the state.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Submitted => "審査中",
            Self::Returned => "差戻し",
            Self::Approved { .. } => "承認済み",
            Self::Refused => "不承認",
            Self::Withdrawn => "取下げ",
        }
    }
}

/// 利用申請.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Application {
    /// Identifier.
    pub application: ApplicationId,
    /// 利用申請者.
    pub applicant: PersonId,
    /// The newest content.
    pub draft: Draft,
    /// Where it stands.
    pub state: ApplicationState,
    /// The CAIO's decision on a possibly high risk as `risk.decide` gives it. What counts is [`Register::risk_standing`](crate::register::Register::risk_standing).
    pub caio_accepted: Option<bool>,
    /// What happened to it, oldest first.
    #[serde(skip)]
    pub history: Vec<Step>,
}

/// What a permit rests on, per service, as it was when the approver looked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// 提供形態.
    pub form: ProvisionForm,
    /// ISMAP number and state.
    pub ismap: Option<(String, RegistrationState)>,
    /// What of the service lies outside 言明の対象範囲 (region, sub-services, generative AI).
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub outside: BTreeSet<String>,
    /// Governing law.
    pub governing_law: String,
    /// Open advisory notices.
    pub advisories: BTreeSet<String>,
    /// Route.
    pub hosting_route: String,
    /// Region.
    pub region: String,
    /// Where requests go.
    pub base_url: String,
    /// Hash of the terms.
    pub terms: Option<String>,
}

/// One thing that changed under a permit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What, in Japanese, such as 約款.
    pub what: String,
    /// As it was when approved.
    pub before: String,
    /// As it is now.
    pub after: String,
    /// Of which service.
    pub service: ServiceId,
}

impl Basis {
    /// What differs, in the order an approver wants to read it.
    pub fn changes_to(&self, now: &Self, service: &ServiceId) -> Vec<Change> {
        let ismap = |b: &Self| match &b.ismap {
            Some((number, state)) => format!("{number} {}", state.label()),
            None => "登録なし".to_owned(),
        };
        let terms = |b: &Self| b.terms.clone().unwrap_or_else(|| "なし".to_owned());
        let advisories = |b: &Self| {
            if b.advisories.is_empty() {
                "なし".to_owned()
            } else {
                Vec::from_iter(b.advisories.iter().cloned()).join("、")
            }
        };
        // What fell out of the scope since; a region that the service itself left for another is told by itself below.
        let own_move = (self.region != now.region).then(|| region_in_words(&now.region));
        let lost: Vec<&str> = now
            .outside
            .difference(&self.outside)
            .map(String::as_str)
            .filter(|part| Some(*part) != own_move.as_deref())
            .collect();
        let scope = match &now.ismap {
            Some((number, _)) if !lost.is_empty() => format!("{number} の対象外: {}", lost.join("、")),
            _ => "対象内".to_owned(),
        };
        [
            ("約款・提供条件", terms(self), terms(now)),
            ("ISMAP登録", ismap(self), ismap(now)),
            ("言明の対象範囲", "対象内".to_owned(), scope),
            ("処理する地域", self.region.clone(), now.region.clone()),
            ("準拠法", self.governing_law.clone(), now.governing_law.clone()),
            ("注意喚起", advisories(self), advisories(now)),
            ("提供形態", self.form.label().to_owned(), now.form.label().to_owned()),
            ("接続経路", self.hosting_route.clone(), now.hosting_route.clone()),
            ("接続先", self.base_url.clone(), now.base_url.clone()),
        ]
        .into_iter()
        .filter(|(_, before, after)| before != after)
        .map(|(what, before, after)| Change { what: what.to_owned(), before, after, service: service.clone() })
        .collect()
    }
}

/// Shows changes in one line for an explanation.
pub fn describe(changes: &[Change]) -> String {
    changes
        .iter()
        .map(|c| format!("{}（{} → {}）", c.what, short(&c.before), short(&c.after)))
        .collect::<Vec<_>>()
        .join("、")
}

/// A hash of 64 digits tells a reader nothing more than its first twelve.
fn short(text: &str) -> &str {
    if text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) { text.get(..12).unwrap_or(text) } else { text }
}

/// Where a permit stands apart from its period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum PermitState {
    /// In force during its period.
    InForce,
    /// Suspended.
    Suspended {
        /// What changed; empty when suspended by hand.
        changes: Vec<Change>,
    },
    /// Revoked for good.
    Revoked,
}

/// 承認.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permit {
    /// Identifier.
    pub permit: PermitId,
    /// The application it came from.
    pub application: ApplicationId,
    /// What was approved.
    pub draft: Draft,
    /// 許可権限者 who approved.
    pub approver: PersonId,
    /// 外部サービス管理者 named at approval.
    pub manager: PersonId,
    /// Conditions in words.
    pub conditions: Vec<String>,
    /// 見直し期限.
    pub review_on: Date,
    /// State apart from the period.
    pub state: PermitState,
    /// What it rests on.
    pub basis: BTreeMap<ServiceId, Basis>,
    /// Conditional reasons that were met, with the last day each stays met.
    pub acknowledged: BTreeMap<String, Date>,
    /// What happened to it, oldest first.
    #[serde(skip)]
    pub history: Vec<Step>,
}

impl Permit {
    /// What differs between what the permit rests on and another basis.
    pub fn changes_to(&self, now: &BTreeMap<ServiceId, Basis>) -> Vec<Change> {
        let of = |(id, basis): (&ServiceId, &Basis)| now.get(id).map(|now| basis.changes_to(now, id));
        self.basis.iter().filter_map(of).flatten().collect()
    }

    /// State on a day in Asia/Tokyo.
    pub fn standing_on(&self, day: Date) -> crate::decision::PermitStanding {
        use crate::decision::PermitStanding as S;
        match &self.state {
            PermitState::Revoked => S::Revoked,
            // An expired permit stays expired though it was suspended before: re-approval would not bring it back.
            _ if day > self.draft.until => S::Expired,
            PermitState::Suspended { .. } => S::Suspended,
            PermitState::InForce if day < self.draft.from => S::NotYet,
            PermitState::InForce => S::Active,
        }
    }
}

/// The terms an applicant must have read for a service, if it has any.
pub fn terms_to_read(form: ProvisionForm, terms: Option<&Terms>) -> Option<&str> {
    match form {
        ProvisionForm::SelfOperated => None,
        ProvisionForm::StandardTerms | ProvisionForm::IndividualContract => terms.map(|t| t.sha256.as_str()),
    }
}
