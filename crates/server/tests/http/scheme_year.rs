//! A house in which the scheme has come as far as a test needs: the firm registered, a statement signed and audited, an
//! application filed. What only pages may do, because they hold a content, is done here beside the journal.

use crate::house::House;
use bytes::Bytes;
use jiff::ToSpan as _;
use jiff::civil::Date;
use sekisho::demo;
use sekisho_domain::command::*;
use sekisho_domain::id::PersonId;
use sekisho_domain::ismap::committee::{AgendaItem, MeetingStep, Outcome, PublicPart, Votes};
use sekisho_domain::ismap::criterion::CriterionId;
use sekisho_domain::ismap::engagement::{AuditFile, Conclusion, EngagementStep, Evaluation, Reported, Scope};
use sekisho_domain::ismap::rule_document::Citation;
use sekisho_domain::ismap::statement::{Answer, Decision, ServiceProfile, StatementContent, StatementStep, Validated};
use sekisho_store::{Body, PaperRow, RANDOM_BYTES};
use serde_json::{Value, json};

/// A command beside the pages, which must be accepted.
#[track_caller]
pub(crate) fn does(house: &House, who: &str, command: Command) {
    let occasion = Occasion {
        actor: Actor::Person(PersonId::new(house.person(who)).unwrap()),
        at: house.now(),
        reason: "架空の手続".into(),
        documents: vec![],
        fresh: house.now().as_nanosecond().to_string(),
    };
    let told = format!("{command:?}");
    let given = house.block_on(house.installation().journal.govern(occasion, command, vec![])).unwrap();
    given.unwrap_or_else(|refusal| panic!("{who}: {refusal:?}\n{told}"));
}

/// Keeps a content under its hash.
fn keep(house: &House, who: &str, sha256: &str, bytes: &[u8]) {
    let row = PaperRow {
        kind: "document".into(),
        id: sha256.into(),
        owner: PersonId::new(house.person(who)).unwrap(),
        personal: false,
        version: 1,
        created_at: house.now(),
        changed_at: house.now(),
    };
    let body = Body::new(Bytes::copy_from_slice(bytes), &[7; RANDOM_BYTES]);
    house.block_on(house.installation().journal.keep_paper(row, &body)).unwrap();
}

/// The registration rule, as a form and a command name it.
pub(crate) fn rule() -> Option<Citation> {
    Some(Citation { document: "toroku-kisoku".parse().unwrap(), article: "5".into() })
}

pub(crate) fn convene(house: &House, meeting: &str, on: Date) {
    let step = json!({ "do": "convene", "day": on, "quorum": 2 });
    house.must("secretariat", "meeting.step", &json!({ "meeting": meeting, "step": step }));
}

pub(crate) fn open(house: &House, meeting: &str) {
    let present: Vec<&str> = ["member1", "member2", "member3"].map(|member| house.person(member)).to_vec();
    let step = json!({ "do": "open", "present": present });
    house.must("secretariat", "meeting.step", &json!({ "meeting": meeting, "step": step }));
}

/// With minutes that nobody has.
pub(crate) fn close(house: &House, meeting: &str) {
    let step = json!({ "do": "minutes", "number": format!("架空 {meeting}"), "sha256": "0".repeat(64) });
    house.must("secretariat", "meeting.step", &json!({ "meeting": meeting, "step": step }));
}

/// All three members vote for it.
pub(crate) fn decide(house: &House, meeting: &str, item: AgendaItem, outcome: Outcome, public: Option<PublicPart>) {
    let votes = Votes { approve: 3, against: 0, abstain: 0 };
    let step = MeetingStep::Decide { item, outcome, votes };
    let command = StepMeeting { meeting: meeting.parse().unwrap(), on: None, rule: rule(), public, step };
    does(house, "secretariat", Command::StepMeeting(command));
}

/// `kakuu-kansa` is registered from today.
pub(crate) fn firm(house: &House) {
    convene(house, "kai-0", house.today());
    let requirements =
        ["corporation", "follows_rules", "corporate_number", "service_standard", "ethics", "exec", "lead", "team"];
    let grounds: serde_json::Map<String, Value> =
        requirements.iter().map(|r| ((*r).to_owned(), json!({ "note": "架空の証明による" }))).collect();
    let team: Vec<&str> = ["audit-exec", "audit-lead", "audit-member"].map(|who| house.person(who)).to_vec();
    let form = json!({ "grounds": grounds, "exec": team[0], "lead": team[1], "team": team });
    let step = |who: &str, step: Value| {
        house.must(who, "audit_firm.step", &json!({ "firm": "kakuu-kansa", "step": step }));
    };
    step("audit-exec", json!({ "do": "draft", "form": form }));
    step("audit-exec", json!({ "do": "submit" }));
    step("reception", json!({ "do": "screen" }));
    step("secretariat", json!({ "do": "docket", "meeting": "kai-0" }));
    open(house, "kai-0");
    let item = AgendaItem::Firm { firm: "kakuu-kansa".parse().unwrap() };
    decide(house, "kai-0", item, Outcome::Register { number: None }, None);
    close(house, "kai-0");
}

/// Everything adopted, for a service of the provider `kakuu-cloud`.
pub(crate) fn content(from: Date, to: Date) -> StatementContent {
    let adopted = || Answer {
        decision: Some(Decision::Adopted),
        control: "架空の手順書に従い、月次で実施する。".into(),
        ..Answer::default()
    };
    let catalogue = demo::example_criteria().unwrap();
    StatementContent {
        catalogue: "mihon-1".parse().unwrap(),
        from,
        to,
        service: ServiceProfile {
            service_name: "架空クラウドAI基盤".into(),
            scope: "架空東リージョンの AI 基盤".into(),
            regions: ["架空東".to_owned()].into(),
            sub_services: ["対話".to_owned()].into(),
            service_models: ["SaaS".to_owned()].into(),
            generative_ai: true,
            ai_information: "自社の架空モデル".into(),
            subsequent_events: String::new(),
        },
        answers: catalogue.criteria.iter().map(|c| (c.id, adopted())).collect(),
    }
}

/// The last day of the audit period, so many months ago.
pub(crate) fn period(house: &House, months: i32) -> (Date, Date) {
    let to = house.today().checked_sub(months.months()).unwrap();
    (to.checked_sub(11.months()).unwrap(), to)
}

/// A statement of `kakuu-cloud-ai` is signed; its content with its hash.
pub(crate) fn signed(
    house: &House,
    statement: &str,
    (from, to): (Date, Date),
    before: Option<&str>,
) -> (StatementContent, String) {
    let id = statement.parse().unwrap();
    let catalogue = demo::example_criteria().unwrap();
    let content = content(from, to);
    let (validated, bytes) = Validated::new(&content.catalogue, &catalogue, &content).unwrap();
    let sha256 = validated.sha256().to_owned();
    let mut draft = json!({
        "do": "draft", "party": "kakuu-cloud", "offering": "kakuu-cloud-ai", "catalogue": "mihon-1", "from": from, "to": to,
    });
    if let Some(before) = before {
        draft["previous"] = before.into();
    }
    house.must("csp", "statement.step", &json!({ "statement": statement, "step": draft }));
    keep(house, "csp", &sha256, &bytes);
    let stated = |step| Command::StepStatement(StepStatement { statement: Clone::clone(&id), step });
    does(house, "csp", stated(StatementStep::Validate { content: validated }));
    does(house, "csp-head", stated(StatementStep::Sign { sha256: sha256.clone() }));
    (content, sha256)
}

/// A statement of `kakuu-cloud-ai` is signed, and audited by the firm: `statement` and `engagement`.
pub(crate) fn audited(house: &House, statement: &str, engagement: &str, period: (Date, Date), before: Option<&str>) {
    let audit = engagement.parse().unwrap();
    let catalogue = demo::example_criteria().unwrap();
    let (content, sha256) = signed(house, statement, period, before);

    let step = |who: &str, step: Value| {
        house.must(who, "engagement.step", &json!({ "engagement": engagement, "step": step }));
    };
    let kind = if before.is_some() { "renewal" } else { "initial" };
    step("csp", json!({ "do": "propose", "firm": "kakuu-kansa", "statement": statement, "kind": kind }));
    step("audit-exec", json!({ "do": "check_independence" }));
    step("audit-exec", json!({ "do": "contract" }));
    let items: Vec<CriterionId> = catalogue.criteria.iter().filter(|c| c.flag_basic).take(2).map(|c| c.id).collect();
    let evaluation = || Evaluation { design: Some(Conclusion::Effective), ..Evaluation::default() };
    let file = AuditFile {
        statement_sha256: sha256,
        scope: items.iter().map(|i| (*i, Scope { design: true, operating: false })).collect(),
        evaluations: items.iter().map(|i| (*i, evaluation())).collect(),
        opinion: "言明のとおり整備されている".into(),
        ..AuditFile::default()
    };
    let (report, bytes) = Reported::new(&catalogue, &content, &file).unwrap();
    keep(house, "audit-lead", report.sha256(), &bytes);
    let audits =
        |step| Command::StepEngagement(StepEngagement { engagement: Clone::clone(&audit), on: None, rule: None, step });
    let plan = EngagementStep::Plan { counts: file.counts(), sha256: report.sha256().into(), isms: None };
    does(house, "audit-lead", audits(plan));
    step("audit-lead", json!({ "do": "start" }));
    for who in ["audit-lead", "audit-exec"] {
        does(house, who, audits(EngagementStep::SignOff { sha256: report.sha256().into() }));
    }
    does(house, "audit-exec", audits(EngagementStep::Report { content: report }));
}

/// An application is filed: a renewal when it names a number.
pub(crate) fn file(house: &House, filing: &str, statement: &str, engagement: &str, renews: Option<&str>) {
    let kind = match renews {
        Some(number) => json!({ "kind": "renewal", "number": number }),
        None => json!({ "kind": "new" }),
    };
    let form = json!({
        "kind": kind, "scheme": "ismap", "party": "kakuu-cloud", "offering": "kakuu-cloud-ai", "statement": statement,
        "engagement": engagement,
        "disclosures": {
            "capital_and_officers": "架空の親会社はない", "foreign_law_risk": "国外の法令の適用はない",
            "governing_law": "日本法", "jurisdiction": "東京地方裁判所", "tests": "架空の第三者が毎年検査する",
        },
        "pledges":
            ["details_on_request", "incidents_without_delay", "changes_without_delay", "procurement_cooperation"],
    });
    let step = |step: Value| house.must("csp", "filing.step", &json!({ "filing": filing, "step": step }));
    step(json!({ "do": "draft", "form": form }));
    step(json!({ "do": "file" }));
}

/// Everything up to an application that is filed today as `f-1`.
pub(crate) fn filed(house: &House) {
    firm(house);
    audited(house, "s-1", "e-1", period(house, 1), None);
    file(house, "f-1", "s-1", "e-1", None);
}

/// The application is received and reviewed, and registered by the committee under this number.
pub(crate) fn registered(house: &House, filing: &str, meeting: &str, number: Option<&str>) {
    let step = |who: &str, step: Value| {
        house.must(who, "filing.step", &json!({ "filing": filing, "step": step }));
    };
    step("reception", json!({ "do": "check_acceptance" }));
    step("reception", json!({ "do": "accept" }));
    step("reviewer", json!({ "do": "start_review" }));
    step("reviewer", json!({ "do": "review", "basic_met": true, "opinion": "満たす" }));
    convene(house, meeting, house.today());
    step("secretariat", json!({ "do": "docket", "meeting": meeting }));
    open(house, meeting);
    let catalogue = demo::example_criteria().unwrap();
    let scheme = house.register();
    let form = scheme.scheme().filings.now(&filing.parse().unwrap()).unwrap().form.clone().unwrap();
    let statement = scheme.scheme().statements.now(&form.statement).unwrap();
    let public = PublicPart::of(&catalogue, &content(statement.from, statement.to));
    let item = AgendaItem::Filing { filing: filing.parse().unwrap() };
    let outcome = Outcome::Register { number: number.map(str::to_owned) };
    decide(house, meeting, item, outcome, Some(public));
    close(house, meeting);
}
