//! 変更の届出 (machine H; pledged in 登録規則 3.5(3)): changes of controls, as 管理基準 2.2.4 classes them, and of what the list says.

use super::chronicle::{Record, Stamp};
use super::criterion::CriterionId;
use super::deciding::{Acting, may};
use super::incident::provider_of;
use super::party::SchemeRole;
use super::registration::DeclaredScope;
use super::statement::ControlChange;
use crate::command::StepChangeNotice;
use crate::event::{ChangeNoticeStepped, Event};
use crate::refusal::Refusal;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum NoticeKind {
    /// Controls.
    Control {
        /// Kinds of change.
        changes: BTreeSet<ControlChange>,
        /// Items of the criteria.
        criteria: BTreeSet<String>,
    },
    /// What the list says.
    Listed {
        /// Name of the service, if it changes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        service_name: Option<String>,
        /// The scope, if it changes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scope: Option<DeclaredScope>,
    },
}

impl NoticeKind {
    /// Counts as 統制変更 (管理基準 2.2.4).
    pub fn counts_as_control_change(&self) -> bool {
        matches!(self, Self::Control { changes, .. } if changes.iter().any(|c| c.counts()))
    }
}

/// What comes of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NoticeOutcome {
    /// Noted.
    Noted,
    /// The list was changed.
    ListUpdated,
    /// 追加監査.
    AdditionalAudit,
    /// 再監査.
    ReAudit,
    /// The committee is asked to suspend.
    SuspensionProposed,
}

impl NoticeOutcome {
    /// Every outcome.
    pub const ALL: [Self; 5] =
        [Self::Noted, Self::ListUpdated, Self::AdditionalAudit, Self::ReAudit, Self::SuspensionProposed];

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Noted => "確認",
            Self::ListUpdated => "リストを更新",
            Self::AdditionalAudit => "追加監査",
            Self::ReAudit => "再監査",
            Self::SuspensionProposed => "一時停止を付議",
        }
    }
}

/// A step of a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum NoticeStep {
    /// Written.
    Draft {
        /// About which registration.
        number: String,
        /// What changes.
        kind: NoticeKind,
        /// From which day.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        effective_on: Date,
        /// In words.
        text: String,
    },
    /// Filed.
    File,
    /// The operator takes it up.
    Triage,
    /// What comes of it.
    Resolve {
        /// What.
        outcome: NoticeOutcome,
    },
    /// Closed.
    Close,
}

/// State of a notice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeState {
    /// Being written.
    #[default]
    Drafted,
    /// Filed.
    Filed,
    /// Taken up.
    Triaged,
    /// Resolved.
    Resolved,
    /// Closed.
    Closed,
}

impl NoticeState {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Drafted => "作成中",
            Self::Filed => "届出済み",
            Self::Triaged => "確認中",
            Self::Resolved => "対応を決定",
            Self::Closed => "完了",
        }
    }
}

/// A notice as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangeNotice {
    /// About which registration.
    pub number: String,
    /// What changes.
    pub kind: NoticeKind,
    /// From which day.
    pub effective_on: Date,
    /// In words.
    pub text: String,
    /// State.
    pub state: NoticeState,
    /// Filed on.
    pub filed_on: Option<Date>,
    /// What came of it.
    pub outcome: Option<NoticeOutcome>,
}

impl Default for ChangeNotice {
    fn default() -> Self {
        Self {
            number: String::new(),
            kind: NoticeKind::Listed { service_name: None, scope: None },
            effective_on: Date::MIN,
            text: String::new(),
            state: NoticeState::Drafted,
            filed_on: None,
            outcome: None,
        }
    }
}

impl Record for ChangeNotice {
    type Step = NoticeStep;

    fn fold(&mut self, step: &NoticeStep, stamp: &Stamp) {
        use NoticeState as S;
        match step {
            NoticeStep::Draft { number, kind, effective_on, text } => {
                *self = Self {
                    number: number.clone(),
                    kind: kind.clone(),
                    effective_on: *effective_on,
                    text: text.clone(),
                    ..Self::default()
                };
            }
            NoticeStep::File => {
                self.filed_on = Some(stamp.on);
                self.state = S::Filed;
            }
            NoticeStep::Triage => self.state = S::Triaged,
            NoticeStep::Resolve { outcome } => {
                self.outcome = Some(*outcome);
                self.state = S::Resolved;
            }
            NoticeStep::Close => self.state = S::Closed,
        }
    }
}

/// A notice says what changes, in items that are items and names that are names.
fn says(acting: &Acting<'_>, kind: &NoticeKind) -> Result<(), Refusal> {
    let empty = match kind {
        NoticeKind::Control { changes, .. } => changes.is_empty(),
        NoticeKind::Listed { service_name, scope } => service_name.is_none() && scope.is_none(),
    };
    if empty {
        return Err(Refusal::invalid("何が変わるのかを選んでください。", "say what changes"));
    }
    match kind {
        NoticeKind::Control { criteria, .. } => {
            for text in criteria {
                CriterionId::parse(text).map_err(|bad| Refusal::invalid(bad.ja(), bad.to_string()))?;
            }
        }
        NoticeKind::Listed { service_name: Some(name), .. } => {
            acting.words("サービス名", "the name of the service", name, 200)?;
        }
        NoticeKind::Listed { service_name: None, .. } => {}
    }
    Ok(())
}

pub(crate) fn decide(acting: &Acting<'_>, command: StepChangeNotice) -> Result<Vec<Event>, Refusal> {
    use NoticeState as S;
    let chronicle = acting.scheme.notices.get(&command.notice);
    let on = acting.day(command.on, chronicle.and_then(|c| c.last()).map(|last| last.stamp.on))?;
    if let Some(rule) = &command.rule {
        acting.acquainted(rule, on)?;
    }
    let now = chronicle.map(|c| c.now());
    let number = match (&command.step, now) {
        (NoticeStep::Draft { number, .. }, _) => number.clone(),
        (_, Some(now)) => now.number.clone(),
        (_, None) => return Err(Refusal::unknown("変更の届出", "change notice", &command.notice)),
    };
    let Some(row) = acting.register.registration(&number) else {
        return Err(Refusal::unknown("ISMAP 登録", "ISMAP registration", &number));
    };
    let provider = || {
        let own = provider_of(acting, &number);
        let holds = own.and_then(|p| acting.holding(p, &[SchemeRole::CspStaff, SchemeRole::CspHead]));
        may(holds, "届け出られるのは、その登録の事業者だけです。")
    };
    let operator = || {
        may(
            acting.operator(&[SchemeRole::Secretariat, SchemeRole::IpaReception, SchemeRole::IpaReviewer]),
            "この手続は制度の運営者だけができます。",
        )
    };
    let mut list = None;
    let (role, fits) = match &command.step {
        NoticeStep::Draft { text, kind, .. } => {
            acting.words("変更の内容", "what changes", text, 4_000)?;
            says(acting, kind)?;
            let fits = now.is_none_or(|n| n.state == S::Drafted && n.number == number);
            (provider()?, fits)
        }
        NoticeStep::File => (provider()?, now.is_some_and(|n| n.state == S::Drafted)),
        NoticeStep::Triage => (operator()?, now.is_some_and(|n| n.state == S::Filed)),
        NoticeStep::Resolve { outcome } => {
            let role = operator()?;
            acting.cites(command.rule.as_ref(), on)?;
            if let (NoticeOutcome::ListUpdated, Some(now)) = (outcome, now) {
                let NoticeKind::Listed { service_name, scope } = &now.kind else {
                    return Err(Refusal::invalid(
                        "統制の変更ではリストの記載は変わりません。",
                        "a change of controls does not change the list",
                    ));
                };
                let mut row = row.clone();
                if let Some(name) = service_name {
                    row.service_name.clone_from(name);
                }
                if let Some(scope) = scope {
                    row.scope = scope.clone();
                }
                list = Some(Event::RegistrationRecorded(row));
            }
            (role, now.is_some_and(|n| n.state == S::Triaged))
        }
        NoticeStep::Close => (operator()?, now.is_some_and(|n| n.state == S::Resolved)),
    };
    if !fits {
        let label = now.map_or("", |n| n.state.label());
        return Err(Refusal::wrong_state(
            format!("今の状態（{label}）からは、この手続に進めません。"),
            "this step does not follow from the state of the notice",
        ));
    }
    let event = ChangeNoticeStepped { notice: command.notice, role, on, rule: command.rule, step: command.step };
    Ok([Some(Event::ChangeNoticeStepped(event)), list].into_iter().flatten().collect())
}
