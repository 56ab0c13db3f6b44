//! 当事者の一覧, and how one is entered.

use super::super::as_of::AsOf;
use super::super::frame;
use super::{acts, seeing};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::give;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::list::{Asked, Cell, Column, Table};
use crate::http::page::words::day;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use sekisho_domain::command::{Command, StepParty};
use sekisho_domain::id::PartyId;
use sekisho_domain::ismap::party::{Party, PartyKind, PartyStep};

#[derive(Template)]
#[template(path = "ismap/operator/parties.html")]
struct ListPage {
    frame: Frame,
    past: Option<String>,
    filters: Vec<Field>,
    table: Table,
    enter: Option<Vec<Field>>,
}

/// A kind of party as a form names it.
pub(super) fn kind_key(kind: PartyKind) -> &'static str {
    match kind {
        PartyKind::Csp => "csp",
        PartyKind::AuditFirm => "audit_firm",
        PartyKind::Operator => "operator",
        PartyKind::ProcuringBody => "procuring_body",
    }
}

async fn overview(
    app: &App,
    signed: &SignedIn,
    (asked, past): (&Asked, &AsOf),
    given: &Fields,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let scheme = register.scheme();
    let as_of = past.day();
    let all = seeing::sees_all_parties(&register, signed.person());
    let own = scheme.party_of(signed.person());
    if !all && own.is_none() {
        return Err(PageError::Missing);
    }
    let mut rows: Vec<(PartyId, Party)> = match as_of {
        Some(on) => scheme.parties.as_of(on).map(|(id, p)| (id.clone(), p)).collect(),
        None => scheme.parties.all().map(|(id, p)| (id.clone(), p.clone())).collect(),
    };
    rows.retain(|(id, _)| all || own == Some(id));
    rows.retain(|(id, p)| {
        asked.q.is_empty() || asked.finds(&[&p.name, &p.corporate_number, id.as_str(), p.kind.label()])
    });
    let slice = asked.slice(
        rows,
        &[
            ("name", &|one, other| one.1.name.cmp(&other.1.name)),
            ("kind", &|one, other| {
                kind_key(one.1.kind).cmp(kind_key(other.1.kind)).then_with(|| one.1.name.cmp(&other.1.name))
            }),
        ],
    );
    let columns = [
        Column::sorted("name", "名称"),
        Column::sorted("kind", "種別"),
        Column::plain("法人番号"),
        Column::plain("人"),
        Column::plain("サービス"),
        Column::plain("識別子"),
    ];
    let query = if as_of.is_some() { format!("?as_of={}", past.given()) } else { String::new() };
    let empty = "当事者はまだいません。下の「当事者を登録する」で、制度の運営者から登録してください。";
    let table = Table::new("/ismap/parties", ("当事者", empty), &columns, asked, slice, |(id, party)| {
        vec![
            Cell::link(format!("/ismap/parties/{id}{query}"), party.name.clone()),
            Cell::text(party.kind.label()),
            Cell::text(party.corporate_number.clone()),
            Cell::text(format!("{} 人", party.members.len())),
            Cell::text(if party.kind == PartyKind::Csp { party.offerings.len().to_string() } else { String::new() }),
            Cell::text(id.as_str()),
        ]
    })
    .keeping("as_of", past.given());
    if let Some(file) = table.file("parties")? {
        return Ok(file);
    }
    let step = PartyStep::Enter { kind: PartyKind::Csp, name: String::new(), corporate_number: String::new() };
    let foreseen = PartyId::new("foreseen").map_err(|_| PageError::Inside)?;
    let may = as_of.is_none()
        && acts::is_open(app, &register, signed, Command::StepParty(StepParty { party: foreseen, step }));
    let status = Problem::status(&problems);
    let frame = frame(app, signed, "/ismap/parties", "当事者", &[]).await?.wide().wrong(problems);
    let told = &frame.problems;
    let enter = may.then(|| {
        let kinds = PartyKind::ALL.map(|kind| Choice::new(kind_key(kind), kind.label())).to_vec();
        vec![
            Field::radio("kind", "種別", kinds).value(given.get("kind")).told(told),
            Field::text("name", "名称", "organization").value(given.get("name")).told(told),
            Field::text("party", "識別子", "off")
                .help("台帳に記録する短い名前です。半角の英小文字・数字・ハイフン。例: kakuu-cloud")
                .value(given.get("party"))
                .told(told),
            Field::text("corporate_number", "法人番号", "off")
                .help("13 桁の数字です。法人番号を持たない会議体などは空欄にします。")
                .optional()
                .value(given.get("corporate_number"))
                .told(told),
            Field::area("reason", "理由", 2).optional().value(given.get("reason")).told(told),
        ]
    });
    let shown = ListPage {
        past: as_of.map(day),
        filters: vec![
            Field::input("search", "q", "名称・法人番号・識別子").optional().value(&asked.q),
            Field::input("date", "as_of", "過去の日の時点").optional().value(past.given()),
        ],
        table,
        enter,
        frame,
    };
    Ok(page(status, &shown))
}

pub(super) async fn list(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
    past: AsOf,
) -> Result<Response, PageError> {
    overview(&app, &signed, (&asked, &past), &Fields::default(), Vec::new()).await
}

pub(super) async fn enter(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let mut problems = Vec::new();
    let kind = PartyKind::ALL.into_iter().find(|kind| kind_key(*kind) == fields.get("kind"));
    if kind.is_none() {
        problems.push(Problem::at("kind", "種別を選んでください。"));
    }
    let party = PartyId::new(fields.line("party"));
    if party.is_err() {
        let text = "半角の英小文字・数字・ハイフンで入力してください（64 文字まで、先頭は英数字）。";
        problems.push(Problem::at("party", text));
    }
    if let (Some(kind), Ok(party), true) = (kind, party, problems.is_empty()) {
        // People copy the number with spaces and hyphens in it, and type it with full-width digits.
        let digit = |c: char| match c {
            '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')).unwrap_or(c),
            c => c,
        };
        let corporate_number: String =
            fields.line("corporate_number").chars().filter(|c| !c.is_whitespace() && *c != '-').map(digit).collect();
        let step = PartyStep::Enter { kind, name: fields.line("name").to_owned(), corporate_number };
        let command = Command::StepParty(StepParty { party: party.clone(), step });
        match give(&app, &signed, command, &fields.text("reason")).await? {
            Ok(_) => return Ok(go(&format!("/ismap/parties/{party}?done=enter"))),
            Err(refusal) => {
                let field = match refusal.code {
                    "EXISTS" if refusal.en.contains("of the same kind") => "name",
                    "EXISTS" => "party",
                    "INVALID" if refusal.en.contains("法人番号") => "corporate_number",
                    "INVALID" => "name",
                    "MUST_NOT_BE_KEPT" => "reason",
                    _ => "",
                };
                problems.push(Problem::refused(field, &refusal));
            }
        }
    }
    overview(&app, &signed, (&Asked::default(), &AsOf::default()), &fields, problems).await
}
