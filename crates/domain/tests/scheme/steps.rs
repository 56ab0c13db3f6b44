//! Commands and contents of the scheme as the specifications give them: 架空 all of it.

use jiff::civil::Date;
use sekisho_domain::command::*;
use sekisho_domain::decision::Evidence;
use sekisho_domain::event::Event;
use sekisho_domain::ismap::Scheme;
use sekisho_domain::ismap::catalogue::{Catalogue, CatalogueCounts, CriteriaStep};
use sekisho_domain::ismap::change_notice::NoticeStep;
use sekisho_domain::ismap::committee::{AgendaItem, MeetingStep, Outcome, PublicPart, Votes};
use sekisho_domain::ismap::criterion::{Criterion, CriterionId};
use sekisho_domain::ismap::engagement::{
    AuditFile, Conclusion, EngagementKind, EngagementStep, Evaluation, Reported, Scope,
};
use sekisho_domain::ismap::filing::{Disclosures, FilingForm, FilingKind, FilingStep, Pledge};
use sekisho_domain::ismap::firm::{FirmForm, FirmRequirement, FirmStep, Ground};
use sekisho_domain::ismap::incident::IncidentStep;
use sekisho_domain::ismap::look_up::{AnnexStep, LookUpStep};
use sekisho_domain::ismap::party::{PartyKind, PartyStep, SchemeRole};
use sekisho_domain::ismap::preliminary::PreliminaryStep;
use sekisho_domain::ismap::rule_document::{Citation, RuleDocumentStep};
use sekisho_domain::ismap::statement::{Answer, Decision, ServiceProfile, StatementContent, StatementStep, Validated};
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::str::FromStr;

/// An identifier, known to be well formed.
pub(crate) fn id<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// A digest that is easy to tell from others.
pub(crate) fn sha(digit: char) -> String {
    digit.to_string().repeat(64)
}

/// A 法人番号 for twelve digits, reckoned here anew: 9 less the remainder of the weighted sum.
pub(crate) fn corporate(base: &str) -> String {
    let weigh = |(at, c): (usize, char)| c.to_digit(10).unwrap() * (1 + at as u32 % 2);
    let sum: u32 = base.chars().rev().enumerate().map(weigh).sum();
    format!("{}{base}", 9 - sum % 9)
}

pub(crate) const NUMBER: &str = "KAKUU-0001";
pub(crate) const ON_TIME: &str = "2027-04-10";

/// Everybody, with the party they act for and as what.
pub(crate) const PEOPLE: [(&str, &str, SchemeRole); 19] = [
    ("sec", "unei", SchemeRole::Secretariat),
    ("recv", "unei", SchemeRole::IpaReception),
    ("recv-2", "unei", SchemeRole::IpaReception),
    ("rev", "unei", SchemeRole::IpaReviewer),
    ("rev-2", "unei", SchemeRole::IpaReviewer),
    ("m1", "unei", SchemeRole::CommitteeMember),
    ("m2", "unei", SchemeRole::CommitteeMember),
    ("m3", "unei", SchemeRole::CommitteeMember),
    ("kumo-head", "kumo", SchemeRole::CspHead),
    ("kumo-staff", "kumo", SchemeRole::CspStaff),
    ("sora-head", "sora", SchemeRole::CspHead),
    ("sora-staff", "sora", SchemeRole::CspStaff),
    ("k-exec", "kansa", SchemeRole::AuditExec),
    ("k-lead", "kansa", SchemeRole::AuditLead),
    ("k-mem", "kansa", SchemeRole::AuditMember),
    ("t-exec", "tenken", SchemeRole::AuditExec),
    ("t-lead", "tenken", SchemeRole::AuditLead),
    ("t-mem", "tenken", SchemeRole::AuditMember),
    ("buyer", "chotatsu", SchemeRole::Procurer),
];

pub(crate) fn enter(name: &str, kind: PartyKind, title: &str, number: &str) -> Command {
    party(name, PartyStep::Enter { kind, name: title.into(), corporate_number: number.into() })
}

pub(crate) fn admit(name: &str, who: &str, role: SchemeRole) -> Command {
    party(name, PartyStep::Admit { person: id(who), role })
}

pub(crate) fn release(name: &str, who: &str, role: SchemeRole) -> Command {
    party(name, PartyStep::Release { person: id(who), role })
}

pub(crate) fn offer(name: &str, offering: &str, title: &str) -> Command {
    party(name, PartyStep::Offer { offering: id(offering), name: title.into() })
}

pub(crate) fn party(name: &str, step: PartyStep) -> Command {
    Command::StepParty(StepParty { party: id(name), step })
}

pub(crate) fn rule(name: &str, step: RuleDocumentStep) -> Command {
    Command::StepRuleDocument(StepRuleDocument { document: id(name), step })
}

pub(crate) fn record_rule(name: &str, title: &str, from: &str) -> Command {
    rule(
        name,
        RuleDocumentStep::Record {
            title: title.into(),
            version: "初版".into(),
            effective_from: day(from),
            evidence: Evidence::K,
            sha256: String::new(),
            url: String::new(),
        },
    )
}

pub(crate) fn criteria(name: &str, step: CriteriaStep) -> Command {
    Command::StepCriteria(StepCriteria { catalogue: id(name), step })
}

pub(crate) fn adopt(name: &str, version: &str) -> Command {
    criteria(
        name,
        CriteriaStep::Adopt {
            title: "架空管理基準".into(),
            version: version.into(),
            effective_from: day("2020-04-01"),
            sha256: sha('c'),
            counts: CatalogueCounts { objectives: 4, details: 5, basic: 1, provider: 0 },
            fictional: true,
            rule: None,
        },
    )
}

/// With the rule document of the scheme as its ground.
pub(crate) fn citing(command: Command) -> Command {
    cites(command, Some(Citation { document: id("kitei"), article: "5".into() }))
}

pub(crate) fn cites(mut command: Command, ground: Option<Citation>) -> Command {
    match &mut command {
        Command::StepFirm(c) => c.rule = ground,
        Command::StepEngagement(c) => c.rule = ground,
        Command::StepFiling(c) => c.rule = ground,
        Command::StepMeeting(c) => c.rule = ground,
        Command::StepIncident(c) => c.rule = ground,
        Command::StepChangeNotice(c) => c.rule = ground,
        other => panic!("{other:?}"),
    }
    command
}

/// Counting from another day than today.
pub(crate) fn dated(mut command: Command, from: &str) -> Command {
    let from = Some(day(from));
    match &mut command {
        Command::StepFirm(c) => c.on = from,
        Command::StepEngagement(c) => c.on = from,
        Command::StepPreliminary(c) => c.on = from,
        Command::StepFiling(c) => c.on = from,
        Command::StepMeeting(c) => c.on = from,
        Command::StepIncident(c) => c.on = from,
        Command::StepChangeNotice(c) => c.on = from,
        other => panic!("{other:?}"),
    }
    command
}

pub(crate) fn firm(name: &str, step: FirmStep) -> Command {
    Command::StepFirm(StepFirm { firm: id(name), on: None, rule: None, step })
}

pub(crate) fn firm_form(name: &str) -> FirmForm {
    let [exec, lead, member] =
        if name == "kansa" { ["k-exec", "k-lead", "k-mem"] } else { ["t-exec", "t-lead", "t-mem"] };
    let ground = || Ground { note: "登記事項証明書による".into(), sha256: sha('a') };
    FirmForm {
        grounds: FirmRequirement::ALL.into_iter().map(|r| (r, ground())).collect(),
        exec: id(exec),
        lead: id(lead),
        team: [id(exec), id(lead), id(member)].into(),
        exception: String::new(),
    }
}

pub(crate) fn statement(name: &str, step: StatementStep) -> Command {
    Command::StepStatement(StepStatement { statement: id(name), step })
}

pub(crate) fn draft_statement(of: &str, name: &str, from: &str, to: &str, previous: Option<&str>) -> Command {
    statement(
        name,
        StatementStep::Draft {
            party: id(of),
            offering: id(if of == "kumo" { "kumo-drive" } else { "sora-mail" }),
            catalogue: id("kijun-1"),
            from: day(from),
            to: day(to),
            previous: previous.map(id),
            changes_signed: false,
        },
    )
}

pub(crate) fn validate(name: &str, from: &str, to: &str) -> Command {
    statement(name, StatementStep::Validate { content: validated(from, to) })
}

pub(crate) fn sign(name: &str, from: &str, to: &str) -> Command {
    statement(name, StatementStep::Sign { sha256: validated(from, to).sha256().to_owned() })
}

pub(crate) fn criterion(number: &str) -> Criterion {
    let id: CriterionId = number.parse().unwrap();
    Criterion {
        id,
        raw_id: String::new(),
        text: format!("架空の項目 {number}"),
        flag_provider: id.says_provider(),
        flag_basic: id.says_basic(),
        audit_group: String::new(),
        cycle_years: None,
    }
}

/// Four objectives with five details, one of them basic.
pub(crate) fn catalogue() -> Catalogue {
    let numbers =
        ["3.1.1", "3.1.1.1", "4.1.1", "4.1.1.1", "5.1.1", "5.1.1.1.B", "5.1.1.2", "6.1.1", "6.1.1.1"].map(criterion);
    Catalogue::new([(3, "架空の章".to_owned())].into(), numbers.to_vec()).unwrap()
}

/// Everything adopted, for a period.
pub(crate) fn content_for(from: Date, to: Date) -> StatementContent {
    let adopted = || Answer {
        decision: Some(Decision::Adopted),
        control: "手順書に従い月次で実施する".into(),
        ..Answer::default()
    };
    StatementContent {
        catalogue: id("kijun-1"),
        from,
        to,
        service: ServiceProfile {
            service_name: "架空ドライブ".into(),
            scope: "東京リージョンのファイル共有".into(),
            regions: ["jp-east".to_owned()].into(),
            ..ServiceProfile::default()
        },
        answers: catalogue().criteria.iter().map(|c| (c.id, adopted())).collect(),
    }
}

pub(crate) fn validated(from: &str, to: &str) -> Validated {
    Validated::new(&id("kijun-1"), &catalogue(), &content_for(day(from), day(to))).unwrap().0
}

pub(crate) fn engagement(name: &str, step: EngagementStep) -> Command {
    Command::StepEngagement(StepEngagement { engagement: id(name), on: None, rule: None, step })
}

pub(crate) fn propose(name: &str, firm: &str, of: &str, kind: EngagementKind) -> Command {
    engagement(name, EngagementStep::Propose { firm: id(firm), statement: id(of), kind })
}

pub(crate) fn independent() -> EngagementStep {
    EngagementStep::CheckIndependence { capital_ties: String::new(), officer_ties: String::new() }
}

/// Two items in scope: 5.1.1.1.B and 5.1.1.2, both for design alone.
pub(crate) fn audit_file(statement_sha256: &str) -> AuditFile {
    let items: [CriterionId; 2] = [id("5.1.1.1.B"), id("5.1.1.2")];
    let evaluation = || Evaluation { design: Some(Conclusion::Effective), ..Evaluation::default() };
    AuditFile {
        statement_sha256: statement_sha256.into(),
        scope: items.iter().map(|i| (*i, Scope { design: true, operating: false })).collect(),
        evaluations: items.iter().map(|i| (*i, evaluation())).collect(),
        opinion: "言明のとおり整備されている".into(),
        ..AuditFile::default()
    }
}

pub(crate) fn plan() -> EngagementStep {
    EngagementStep::Plan { counts: audit_file("").counts(), sha256: sha('b'), isms: None }
}

pub(crate) fn reported(statement_sha256: &str, content: &StatementContent) -> Reported {
    Reported::new(&catalogue(), content, &audit_file(statement_sha256)).unwrap().0
}

pub(crate) fn preliminary(name: &str, step: PreliminaryStep) -> Command {
    Command::StepPreliminary(StepPreliminary { preliminary: id(name), on: None, step })
}

pub(crate) fn filing(name: &str, step: FilingStep) -> Command {
    Command::StepFiling(StepFiling { filing: id(name), on: None, rule: None, step })
}

pub(crate) fn draft_filing(name: &str, form: FilingForm) -> Command {
    filing(name, FilingStep::Draft { form: Box::new(form) })
}

/// `kumo`'s first application.
pub(crate) fn form() -> FilingForm {
    let said = || "架空の説明".to_owned();
    FilingForm {
        kind: FilingKind::New,
        scheme: Scheme::Ismap,
        party: id("kumo"),
        offering: id("kumo-drive"),
        statement: id("s-1"),
        engagement: id("e-1"),
        preliminary: None,
        internal_audit_sha256: String::new(),
        disclosures: Disclosures {
            capital_and_officers: said(),
            foreign_law_risk: said(),
            governing_law: "日本法".into(),
            jurisdiction: "東京地方裁判所".into(),
            tests: said(),
        },
        pledges: Pledge::ALL.into(),
    }
}

/// `kumo`'s renewal.
pub(crate) fn renewal_form() -> FilingForm {
    FilingForm {
        kind: FilingKind::Renewal { number: NUMBER.into() },
        statement: id("s-2"),
        engagement: id("e-2"),
        ..form()
    }
}

pub(crate) fn meeting(name: &str, step: MeetingStep) -> Command {
    Command::StepMeeting(StepMeeting { meeting: id(name), on: None, rule: None, public: None, step })
}

pub(crate) fn of_firm(name: &str) -> AgendaItem {
    AgendaItem::Firm { firm: id(name) }
}

pub(crate) fn of_filing(name: &str) -> AgendaItem {
    AgendaItem::Filing { filing: id(name) }
}

pub(crate) fn of_row(number: &str) -> AgendaItem {
    AgendaItem::Registration { number: number.into() }
}

/// Decided by so many votes, all of them for it, citing the rule, with the public part of a statement.
pub(crate) fn decide_on(name: &str, item: AgendaItem, outcome: Outcome, votes: u32) -> Command {
    vote(name, item, outcome, Votes { approve: votes, against: 0, abstain: 0 })
}

pub(crate) fn vote(name: &str, item: AgendaItem, outcome: Outcome, votes: Votes) -> Command {
    let mut command = meeting(name, MeetingStep::Decide { item, outcome, votes });
    if let Command::StepMeeting(c) = &mut command {
        let (from, to) = (day("2025-04-01"), day("2025-12-31"));
        c.public = Some(PublicPart::of(&catalogue(), &content_for(from, to)));
    }
    citing(command)
}

pub(crate) fn incident(name: &str, step: IncidentStep) -> Command {
    Command::StepIncident(StepIncident { incident: id(name), on: None, rule: None, step })
}

pub(crate) fn notice(name: &str, step: NoticeStep) -> Command {
    Command::StepChangeNotice(StepChangeNotice { notice: id(name), on: None, rule: None, step })
}

pub(crate) fn look_up(name: &str, step: LookUpStep) -> Command {
    Command::StepLookUp(StepLookUp { look_up: id(name), step })
}

pub(crate) fn annex(name: &str, step: AnnexStep) -> Command {
    Command::StepAnnex(StepAnnex { annex: id(name), step })
}

/// The kinds of events, in order.
pub(crate) fn kinds(events: &[Event]) -> Vec<&'static str> {
    events.iter().map(Event::kind).collect()
}

/// People who hold none of these roles.
pub(crate) fn others(roles: &[SchemeRole]) -> Vec<&'static str> {
    let chosen: BTreeSet<&str> = PEOPLE.iter().filter(|(_, _, r)| !roles.contains(r)).map(|(who, _, _)| *who).collect();
    chosen.into_iter().chain(["staff", "newcomer"]).collect()
}
