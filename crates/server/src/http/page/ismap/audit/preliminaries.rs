//! LIU の事前申請: the provider names the works, a procuring body assesses their impact, the operator finds the service
//! eligible or not.

use super::super::acts::{self, Act, Acts, Cites, Moved, Shown, Wanted};
use super::super::as_of::AsOf;
use super::super::step::Said;
use super::super::{frame, history};
use super::wording::today;
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::{ONCE, give, named_once, once};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::list::{Asked, Cell, Column, Table};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::command::{Command, StepPreliminary};
use sekisho_domain::id::{OfferingId, PartyId, PersonId, PreliminaryId};
use sekisho_domain::ismap::chronicle::Chronicle;
use sekisho_domain::ismap::party::{Party, PartyKind};
use sekisho_domain::ismap::preliminary::{ImpactLine, Preliminary, PreliminaryStep};
use sekisho_domain::register::Register;

#[derive(Template)]
#[template(path = "ismap/audit/preliminaries.html")]
struct ListPage {
    frame: Frame,
    table: Table,
    begins: bool,
}

#[derive(Template)]
#[template(path = "ismap/audit/preliminary_new.html")]
struct NewPage {
    frame: Frame,
    once: String,
    fields: Vec<Field>,
}

#[derive(Template)]
#[template(path = "ismap/audit/preliminary.html")]
struct OnePage {
    frame: Frame,
    past: Option<String>,
    state: &'static str,
    provider: String,
    procurer: String,
    works: Vec<String>,
    sheet: Vec<ImpactLine>,
    acts: Acts,
    history: Vec<history::Past>,
}

/// Whose it is, who was asked, and the operator.
fn sees(register: &Register, person: &PersonId, one: &Preliminary) -> bool {
    let scheme = register.scheme();
    let own = scheme.party_of(person);
    scheme.is_operator(person) || own == Some(&one.party) || (own.is_some() && own == one.procurer.as_ref())
}

fn party<'r>(register: &'r Register, id: &PartyId) -> Option<&'r Party> {
    register.scheme().parties.now(id)
}

fn name(register: &Register, id: &PartyId) -> String {
    party(register, id).map_or_else(|| id.to_string(), |p| p.name.clone())
}

fn offering(register: &Register, one: &Preliminary) -> String {
    let known = party(register, &one.party).and_then(|p| p.offerings.get(&one.offering));
    known.cloned().unwrap_or_else(|| one.offering.to_string())
}

/// The provider for whom the person acts, with its services.
fn own_provider<'r>(register: &'r Register, person: &PersonId) -> Option<(&'r PartyId, &'r Party)> {
    let id = register.scheme().party_of(person)?;
    party(register, id).filter(|p| p.kind == PartyKind::Csp).map(|p| (id, p))
}

pub(super) async fn list(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let (register, _) = today(&app)?;
    let all = register.scheme().preliminaries.all().filter(|(_, one)| sees(&register, signed.person(), one));
    let rows: Vec<(&PreliminaryId, &Preliminary, String)> =
        all.map(|(id, one)| (id, one, offering(&register, one))).filter(|(.., name)| asked.finds(&[name])).collect();
    let slice = asked.slice(rows, &[("name", &|one, other| one.2.cmp(&other.2))]);
    let columns = [Column::sorted("name", "サービス"), Column::plain("事業者"), Column::plain("状態")];
    let empty = "事前申請はありません。";
    let table =
        Table::new("/ismap/preliminaries", ("事前申請", empty), &columns, &asked, slice, |(id, one, service)| {
            vec![
                Cell::link(format!("/ismap/preliminaries/{id}"), service),
                Cell::text(name(&register, &one.party)),
                Cell::text(one.state.label()),
            ]
        });
    if let Some(file) = table.file("preliminaries")? {
        return Ok(file);
    }
    let begins = own_provider(&register, signed.person()).is_some();
    let frame = frame(&app, &signed, "/ismap/preliminaries", "LIU の事前申請", &[]).await?;
    Ok(page(StatusCode::OK, &ListPage { frame, table, begins }))
}

async fn form(app: &App, signed: &SignedIn, given: &Fields, problems: Vec<Problem>) -> Result<Response, PageError> {
    let (register, _) = today(app)?;
    let (_, provider) = own_provider(&register, signed.person()).ok_or(PageError::Missing)?;
    let offered = provider.offerings.iter().map(|(id, name)| Choice::new(id.as_str(), name)).collect();
    let about = "調達機関が使う業務を、1 行に一つ書きます（50 件まで）。影響度は業務ごとに評価されます。";
    let fields = vec![
        Field::select("offering", "クラウドサービス", offered).value(given.get("offering")).told(&problems),
        Field::area("works", "対象とする業務", 5).help(about).value(&given.text("works")).told(&problems),
    ];
    let status = Problem::status(&problems);
    let once = match given.get(ONCE) {
        "" => once(app),
        kept => kept.to_owned(),
    };
    let trail = [("/ismap/preliminaries", "LIU の事前申請")];
    let frame = frame(app, signed, "/ismap/preliminaries/new", "事前申請を作る", &trail).await?.wrong(problems);
    Ok(page(status, &NewPage { frame, once, fields }))
}

pub(super) async fn begin(State(app): State<App>, Seen(signed): Seen) -> Result<Response, PageError> {
    form(&app, &signed, &Fields::default(), Vec::new()).await
}

pub(super) async fn draft(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let (register, _) = today(&app)?;
    let (provider, _) = own_provider(&register, signed.person()).ok_or(PageError::Missing)?;
    let mut problems = Vec::new();
    let works: Vec<String> =
        fields.text("works").lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect();
    match (
        OfferingId::new(fields.get("offering")),
        PreliminaryId::new(format!("liu-{}", named_once(&app, &signed, &fields))),
    ) {
        (Ok(offering), Ok(id)) => {
            let to = format!("/ismap/preliminaries/{id}");
            let step = PreliminaryStep::Draft { party: provider.clone(), offering, works };
            let command = Command::StepPreliminary(StepPreliminary { preliminary: id, on: None, step });
            match give(&app, &signed, command, "").await? {
                Ok(_) => return Ok(go(&format!("{to}?done=draft"))),
                Err(refusal) => problems.push(Problem::refused("works", &refusal)),
            }
        }
        _ => problems.push(Problem::at("offering", "一覧にあるサービスを選んでください。")),
    }
    form(&app, &signed, &fields, problems).await
}

/// What the person may do now.
fn all(
    app: &App,
    register: &Register,
    signed: &SignedIn,
    id: &PreliminaryId,
    one: &Preliminary,
    shown: &Shown<'_>,
) -> Vec<Act> {
    let now = sekisho_domain::day::in_japan(app.world.now());
    let open = |step| {
        let command = Command::StepPreliminary(StepPreliminary { preliminary: id.clone(), on: None, step });
        acts::is_open(app, register, signed, command)
    };
    let with = |key: &str, own: Vec<Field>| acts::fields(register, now, shown, key, own, Cites::No);
    let mut all = Vec::new();
    let bodies = register.scheme().parties.all().filter(|(_, p)| p.kind == PartyKind::ProcuringBody);
    let bodies: Vec<Choice> = bodies.map(|(id, p)| Choice::new(id.as_str(), p.name.clone())).collect();
    let first = bodies.first().and_then(|choice| PartyId::new(&choice.value).ok());
    if first.is_some_and(|procurer| open(PreliminaryStep::RequestImpact { procurer })) {
        let own = vec![Field::select("procurer", "調達機関", bodies)];
        all.push(Act::new(
            "request",
            "影響度評価を依頼する",
            "調達機関に、業務ごとの影響度の評価を依頼します。",
            with("request", own),
        ));
    }
    if open(PreliminaryStep::Assess { sheet: Vec::new() }) {
        let about = "業務ごとに、公表された小さな影響の業務の一覧にあるかと、影響度を記入します。すべて一覧にあり、影響度がすべて「低」のとき、低いと評価されます。";
        all.push(Act::new("assess", "影響度評価シートを記録する", about, with("assess", sheet_fields(one))));
    }
    for (key, label, about, step) in [
        ("file", "事前申請する", "制度の運営者に事前申請します。", PreliminaryStep::File),
        ("eligible", "対象となるとする", "ISMAP-LIU の登録申請ができるようになります。", PreliminaryStep::FindEligible),
        (
            "ineligible",
            "対象とならないとする",
            "理由を書いてください。事業者に示されます。",
            PreliminaryStep::FindIneligible,
        ),
    ] {
        if open(step) {
            all.push(Act::new(key, label, about, with(key, Vec::new())));
        }
    }
    all
}

/// The fields of the sheet: five for each work.
fn sheet_fields(one: &Preliminary) -> Vec<Field> {
    let levels = || {
        vec![
            Choice::new("", "（選んでください）"),
            Choice::new("1", "低"),
            Choice::new("2", "中"),
            Choice::new("3", "高"),
        ]
    };
    let mut fields = Vec::new();
    for (at, work) in one.works.iter().enumerate() {
        let listed = vec![Choice::new("yes", "公表された一覧にある業務である")];
        fields.push(Field::checks(format!("listed{at}"), work.clone(), listed));
        fields.push(Field::area(format!("information{at}"), format!("取り扱う情報（{work}）"), 2));
        for (key, label) in [("c", "機密性"), ("i", "完全性"), ("a", "可用性")] {
            fields.push(Field::select(format!("{key}{at}"), format!("{label}への影響（{work}）"), levels()));
        }
    }
    fields
}

/// The step of a form; what cannot be read is told.
fn read(one: &Preliminary, fields: &Fields, problems: &mut Vec<Problem>) -> Option<PreliminaryStep> {
    match fields.get(acts::ACT) {
        "request" => match PartyId::new(fields.get("procurer")) {
            Ok(procurer) => Some(PreliminaryStep::RequestImpact { procurer }),
            Err(_) => {
                problems.push(Problem::at("procurer", "一覧にある調達機関を選んでください。"));
                None
            }
        },
        "assess" => {
            let mut sheet = Vec::new();
            for (at, work) in one.works.iter().enumerate() {
                let mut level = |key: &str| {
                    let field = format!("{key}{at}");
                    fields.get(&field).parse().unwrap_or_else(|_| {
                        problems.push(Problem::at(field, format!("「{work}」の影響度を選んでください。")));
                        0
                    })
                };
                let impact = [level("c"), level("i"), level("a")];
                sheet.push(ImpactLine {
                    work: work.clone(),
                    listed: !fields.chosen(&format!("listed{at}")).is_empty(),
                    information: fields.text(&format!("information{at}")).trim().to_owned(),
                    impact,
                });
            }
            Some(PreliminaryStep::Assess { sheet })
        }
        "file" => Some(PreliminaryStep::File),
        "eligible" => Some(PreliminaryStep::FindEligible),
        "ineligible" => Some(PreliminaryStep::FindIneligible),
        _ => None,
    }
}

fn key(step: &PreliminaryStep) -> &'static str {
    match step {
        PreliminaryStep::Draft { .. } => "draft",
        PreliminaryStep::RequestImpact { .. } => "request",
        PreliminaryStep::Assess { .. } => "assess",
        PreliminaryStep::File => "file",
        PreliminaryStep::FindEligible => "eligible",
        PreliminaryStep::FindIneligible => "ineligible",
    }
}

fn words(step: &PreliminaryStep) -> String {
    match step {
        PreliminaryStep::Draft { .. } => "作成",
        PreliminaryStep::RequestImpact { .. } => "影響度評価の依頼",
        PreliminaryStep::Assess { .. } => "影響度の評価",
        PreliminaryStep::File => "事前申請",
        PreliminaryStep::FindEligible => "対象となるとした",
        PreliminaryStep::FindIneligible => "対象とならないとした",
    }
    .to_owned()
}

fn found<'r>(
    register: &'r Register,
    person: &PersonId,
    id: &str,
) -> Result<(PreliminaryId, &'r Chronicle<Preliminary>), PageError> {
    let id = PreliminaryId::new(id).map_err(|_| PageError::Missing)?;
    let chronicle = register.scheme().preliminaries.get(&id).filter(|c| sees(register, person, c.now()));
    chronicle.map(|chronicle| (id, chronicle)).ok_or(PageError::Missing)
}

async fn one(app: &App, signed: &SignedIn, id: &str, shown: Shown<'_>) -> Result<Response, PageError> {
    let (register, _) = today(app)?;
    let (id, chronicle) = found(&register, signed.person(), id)?;
    let then = match shown.as_of {
        Some(day) => Some(chronicle.as_of(day).ok_or(PageError::Missing)?),
        None => None,
    };
    let record = then.as_ref().unwrap_or_else(|| chronicle.now());
    let path = format!("/ismap/preliminaries/{id}");
    let acts = match shown.as_of {
        Some(_) => Acts::none(path.clone()),
        None => {
            let all = all(app, &register, signed, &id, record, &shown);
            Acts::choose(path.clone(), chronicle.steps().count(), all, &shown.act)
        }
    };
    let trail = [("/ismap/preliminaries", "LIU の事前申請")];
    let frame = frame(app, signed, &path, offering(&register, record), &trail).await?;
    let status = shown.status;
    let one_page = OnePage {
        frame: frame.wide().notice(shown.done).wrong(shown.problems),
        past: shown.as_of.map(crate::http::page::words::day),
        state: record.state.label(),
        provider: name(&register, &record.party),
        procurer: record.procurer.as_ref().map(|id| name(&register, id)).unwrap_or_default(),
        works: record.works.clone(),
        sheet: record.sheet.clone(),
        acts,
        history: history::of(app, chronicle, shown.as_of, words).await?,
    };
    Ok(page(status, &one_page))
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    as_of: AsOf,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let done = wanted.done.is_some().then_some("記録しました。");
    one(&app, &signed, &id, Shown { as_of: as_of.day(), done, act: wanted.act, ..Shown::default() }).await
}

pub(super) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let (register, _) = today(&app)?;
    let (preliminary, chronicle) = found(&register, signed.person(), &id)?;
    let done = format!("/ismap/preliminaries/{preliminary}?done={}", fields.get(acts::ACT));
    match acts::moved(chronicle, &signed, &fields, key) {
        Moved::No => {}
        Moved::ByThis => return Ok(go(&done)),
        Moved::Otherwise => return one(&app, &signed, &id, Shown::overtaken(&fields)).await,
    }
    let mut problems = Vec::new();
    let said = Said::read(&fields, &mut problems);
    let step = read(chronicle.now(), &fields, &mut problems);
    if matches!(step, Some(PreliminaryStep::FindIneligible)) && said.reason.trim().is_empty() {
        problems.push(Problem::at("reason", "対象とならない理由を書いてください。"));
    }
    if let (Some(step), true) = (step, problems.is_empty()) {
        let command = Command::StepPreliminary(StepPreliminary { preliminary, on: said.on, step });
        match give(&app, &signed, command, &said.reason).await? {
            Ok(_) => return Ok(go(&done)),
            Err(refusal) => problems.push(Problem::refused(acts::at(&refusal, ""), &refusal)),
        }
    }
    one(&app, &signed, &id, Shown::again(&fields, problems)).await
}
