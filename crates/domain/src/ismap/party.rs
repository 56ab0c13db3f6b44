//! 当事者: the companies and bodies that take part in the scheme, and who acts for them in which role.

use super::chronicle::{Record, Stamp};
use super::deciding::{Acting, may};
use crate::command::StepParty;
use crate::event::{Event, PartyStepped};
use crate::id::{OfferingId, PersonId};
use crate::refusal::Refusal;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a party is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PartyKind {
    /// クラウドサービス事業者.
    Csp,
    /// 監査機関.
    AuditFirm,
    /// Who runs the scheme: 運営委員会, its secretariat and ISMAP運用支援機関.
    Operator,
    /// 調達府省庁等: a body that procures.
    ProcuringBody,
}

impl PartyKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Csp, Self::AuditFirm, Self::Operator, Self::ProcuringBody];

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Csp => "クラウドサービス事業者",
            Self::AuditFirm => "監査機関",
            Self::Operator => "制度の運営者",
            Self::ProcuringBody => "調達機関",
        }
    }

    /// The roles people may hold for such a party.
    pub fn roles(self) -> &'static [SchemeRole] {
        use SchemeRole::*;
        match self {
            Self::Csp => &[CspStaff, CspHead, Observer],
            Self::AuditFirm => &[AuditExec, AuditLead, AuditMember, Observer],
            Self::Operator => &[IpaReception, IpaReviewer, Secretariat, CommitteeMember, Observer],
            Self::ProcuringBody => &[Procurer, Observer],
        }
    }
}

/// A role in the scheme, held for one party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SchemeRole {
    /// Prepares statements and applications of a provider.
    CspStaff,
    /// Signs the statement (経営者確認): final responsibility for the governance of security.
    CspHead,
    /// 業務執行責任者 of an audit firm.
    AuditExec,
    /// 業務実施責任者.
    AuditLead,
    /// 監査チームの構成員.
    AuditMember,
    /// 受理: checks that an application is complete.
    IpaReception,
    /// 技術的審査.
    IpaReviewer,
    /// 事務局 of the committee.
    Secretariat,
    /// 運営委員.
    CommitteeMember,
    /// 調達担当.
    Procurer,
    /// Reads, never changes.
    Observer,
}

impl SchemeRole {
    /// What people call the role.
    pub fn label(self) -> &'static str {
        match self {
            Self::CspStaff => "事業者担当者",
            Self::CspHead => "事業者の言明責任者",
            Self::AuditExec => "業務執行責任者",
            Self::AuditLead => "業務実施責任者",
            Self::AuditMember => "監査チーム構成員",
            Self::IpaReception => "受理担当",
            Self::IpaReviewer => "技術審査担当",
            Self::Secretariat => "事務局",
            Self::CommitteeMember => "運営委員",
            Self::Procurer => "調達担当",
            Self::Observer => "閲覧者",
        }
    }

    /// Decides or signs for others: asks for a second factor, as governing roles of the body do.
    pub fn needs_second_factor(self) -> bool {
        !matches!(self, Self::Observer | Self::Procurer)
    }
}

/// A step of a party.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum PartyStep {
    /// Enters the register of parties.
    Enter {
        /// What it is.
        kind: PartyKind,
        /// Its name.
        name: String,
        /// 法人番号, 13 digits; empty for a committee or a part of the body.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        corporate_number: String,
    },
    /// A new name.
    Rename {
        /// Its name.
        name: String,
    },
    /// A person acts for it.
    Admit {
        /// Who.
        person: PersonId,
        /// As what.
        role: SchemeRole,
    },
    /// A person no longer acts for it in this role.
    Release {
        /// Who.
        person: PersonId,
        /// As what.
        role: SchemeRole,
    },
    /// A provider names a cloud service that it wants on the list.
    Offer {
        /// Identifier of the service.
        offering: OfferingId,
        /// Its name.
        name: String,
    },
}

/// A party as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Party {
    /// What it is.
    pub kind: PartyKind,
    /// Its name.
    pub name: String,
    /// 法人番号; empty when it has none.
    pub corporate_number: String,
    /// Who acts for it, and as what.
    pub members: BTreeMap<PersonId, BTreeSet<SchemeRole>>,
    /// Cloud services of a provider, with their names.
    pub offerings: BTreeMap<OfferingId, String>,
}

impl Default for Party {
    fn default() -> Self {
        Self {
            kind: PartyKind::ProcuringBody,
            name: String::new(),
            corporate_number: String::new(),
            members: BTreeMap::new(),
            offerings: BTreeMap::new(),
        }
    }
}

impl Party {
    /// Who acts for it in a role.
    pub fn holders(&self, role: SchemeRole) -> impl Iterator<Item = &PersonId> {
        self.members.iter().filter(move |(_, roles)| roles.contains(&role)).map(|(person, _)| person)
    }
}

impl Record for Party {
    type Step = PartyStep;

    fn fold(&mut self, step: &PartyStep, _: &Stamp) {
        match step {
            PartyStep::Enter { kind, name, corporate_number } => {
                self.kind = *kind;
                self.name.clone_from(name);
                self.corporate_number.clone_from(corporate_number);
            }
            PartyStep::Rename { name } => self.name.clone_from(name),
            PartyStep::Admit { person, role } => {
                self.members.entry(person.clone()).or_default().insert(*role);
            }
            PartyStep::Release { person, role } => {
                if let Some(roles) = self.members.get_mut(person) {
                    roles.remove(role);
                    if roles.is_empty() {
                        self.members.remove(person);
                    }
                }
            }
            PartyStep::Offer { offering, name } => {
                self.offerings.insert(offering.clone(), name.clone());
            }
        }
    }
}

/// A 法人番号: 13 digits of which the first is the check digit of the other twelve.
pub fn is_corporate_number(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let Some((check, base)) = digits.split_first() else { return false };
    if digits.len() != 13 || text.len() != 13 {
        return false;
    }
    let sum: u32 = base.iter().rev().enumerate().map(|(at, digit)| digit * if at % 2 == 0 { 1 } else { 2 }).sum();
    *check == 9 - sum % 9
}

pub(crate) fn decide(acting: &Acting<'_>, command: StepParty) -> Result<Vec<Event>, Refusal> {
    let known = acting.scheme.parties.now(&command.party);
    match (&command.step, known) {
        (PartyStep::Enter { .. }, Some(_)) => return Err(Refusal::exists("当事者", "party", &command.party)),
        (PartyStep::Enter { .. }, None) => {}
        (_, None) => return Err(Refusal::unknown("当事者", "party", &command.party)),
        (PartyStep::Offer { .. }, Some(party)) if party.kind != PartyKind::Csp => {
            return Err(Refusal::wrong_state(
                "クラウドサービスを登録できるのはクラウドサービス事業者だけです。",
                "only a provider offers a cloud service",
            ));
        }
        (_, Some(_)) => {}
    }
    // The first parties are entered by who runs the installation; afterwards the secretariat can do it too, and a
    // provider or firm looks after its own people and services.
    let role = match (&command.step, known) {
        (PartyStep::Admit { role, .. } | PartyStep::Release { role, .. }, Some(party)) => {
            let own = match party.kind {
                PartyKind::Csp if *role != SchemeRole::CspHead => &[SchemeRole::CspHead][..],
                PartyKind::AuditFirm if *role != SchemeRole::AuditExec => &[SchemeRole::AuditExec],
                _ => &[],
            };
            acting
                .holding(&command.party, own)
                .or_else(|| acting.operator(&[SchemeRole::Secretariat]))
                .or_else(|| acting.administrator())
        }
        (PartyStep::Offer { .. }, Some(_)) => {
            acting.holding(&command.party, &[SchemeRole::CspHead, SchemeRole::CspStaff])
        }
        _ => acting.operator(&[SchemeRole::Secretariat]).or_else(|| acting.administrator()),
    };
    let role = may(role, "当事者の登録・変更は、システム管理者、事務局、またはその当事者の責任者だけができます。")?;
    match &command.step {
        PartyStep::Enter { name, corporate_number, kind } => {
            acting.words("当事者の名称", "the name of the party", name, 200)?;
            if !corporate_number.is_empty() && !is_corporate_number(corporate_number) {
                return Err(Refusal::invalid(
                    format!("法人番号 `{corporate_number}` は 13 桁の番号ではないか、検査用数字が合いません。"),
                    format!("`{corporate_number}` is no 法人番号: 13 digits with a check digit"),
                ));
            }
            distinct(acting, &command, *kind, name, corporate_number)?;
        }
        PartyStep::Rename { name } => {
            acting.words("当事者の名称", "the name of the party", name, 200)?;
            if let Some(party) = known {
                distinct(acting, &command, party.kind, name, &party.corporate_number)?;
            }
        }
        PartyStep::Admit { person, role } => admit(acting, &command, person, *role)?,
        PartyStep::Release { person, role } => {
            let holds = known.and_then(|p| p.members.get(person)).is_some_and(|roles| roles.contains(role));
            if !holds {
                return Err(Refusal::wrong_state(
                    "その人はその役割を持っていません。",
                    "the person does not hold that role",
                ));
            }
        }
        PartyStep::Offer { offering, name } => {
            acting.words("クラウドサービスの名称", "the name of the cloud service", name, 200)?;
            let of_another =
                acting.scheme.parties.all().any(|(id, p)| *id != command.party && p.offerings.contains_key(offering));
            if of_another {
                return Err(Refusal::exists("クラウドサービス", "cloud service", offering));
            }
            // Two services of one provider with one name could not be told apart on the list.
            let taken = known.into_iter().flat_map(|p| &p.offerings).any(|(id, known)| id != offering && known == name);
            if taken {
                return Err(Refusal::exists("クラウドサービス", "cloud service", name));
            }
        }
    }
    Ok(vec![Event::PartyStepped(PartyStepped { party: command.party, role, step: command.step })])
}

/// Parties of a kind can be told apart: no two with one 法人番号, and two with one name only where their numbers differ
/// (companies may share a name). Our reading; the scheme's rules say nothing of it.
fn distinct(
    acting: &Acting<'_>,
    command: &StepParty,
    kind: PartyKind,
    name: &str,
    number: &str,
) -> Result<(), Refusal> {
    let mut others = acting.scheme.parties.all().filter(|(id, p)| **id != command.party && p.kind == kind);
    let twin = others.find(|(_, p)| {
        let (one, other) = (number, p.corporate_number.as_str());
        (!one.is_empty() && one == other) || (p.name.trim() == name.trim() && (one.is_empty() || other.is_empty()))
    });
    match twin {
        None => Ok(()),
        Some((id, _)) => Err(Refusal::new(
            "EXISTS",
            format!(
                "同じ種類の当事者 {id} と、法人番号または名称が同じです。名称を変えるか、その当事者を使ってください。"
            ),
            format!(
                "the party `{id}` of the same kind has this 法人番号 or name; choose another name or use that party"
            ),
        )),
    }
}

/// One person acts for one party: whoever audits does not also make statements or decide.
fn admit(acting: &Acting<'_>, command: &StepParty, person: &PersonId, role: SchemeRole) -> Result<(), Refusal> {
    if acting.register.person(person).is_none_or(|p| !p.active) {
        return Err(Refusal::unknown("職員等", "person", person));
    }
    let Some(party) = acting.scheme.parties.now(&command.party) else {
        return Err(Refusal::unknown("当事者", "party", &command.party));
    };
    if !party.kind.roles().contains(&role) {
        let fit = party.kind.roles().iter().map(|r| r.label()).collect::<Vec<_>>().join("・");
        return Err(Refusal::invalid(
            format!("{}に{}の役割はありません。置ける役割: {fit}。", party.kind.label(), role.label()),
            format!("a party of this kind has no role {role:?}"),
        ));
    }
    if party.members.get(person).is_some_and(|roles| roles.contains(&role)) {
        return Err(Refusal::wrong_state("その人は既にその役割を持っています。", "the person holds that role already"));
    }
    let elsewhere = acting.scheme.parties.all().find(|(id, p)| **id != command.party && p.members.contains_key(person));
    if let Some((_, other)) = elsewhere {
        return Err(Refusal::new(
            "SEPARATION_OF_DUTIES",
            format!(
                "この人は既に「{}」の立場で登録されています。一人が二つの当事者を兼ねることはできません。",
                other.name
            ),
            "one person acts for one party only",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_corporate_number_has_a_check_digit() {
        // 国税庁's own number, which it publishes as an example.
        assert!(is_corporate_number("7000012050002"));
        assert!(!is_corporate_number("7000012050003"));
        assert!(!is_corporate_number("700001205000"));
        assert!(!is_corporate_number(""));
        assert!(!is_corporate_number("７000012050002"));
    }
}
