//! `/ismap/criteria/{id}`: the items of a version, its history, and its last day.

use super::{TRAIL, version_of, wording};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::give;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::ismap::as_of::AsOf;
use crate::http::page::ismap::history::{self, Past};
use crate::http::page::ismap::{frame, step};
use crate::http::page::list::{Asked, Cell, Column, Table};
use crate::http::page::words::day;
use crate::ismap::documents;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use jiff::civil::Date;
use sekisho_domain::command::{Command, StepCriteria};
use sekisho_domain::day::in_japan;
use sekisho_domain::ismap::catalogue::{Catalogue, CatalogueRow, CriteriaStep, may_keep};
use sekisho_domain::ismap::criterion::{Criterion, Level};
use serde::Deserialize;
use std::collections::BTreeSet;

#[derive(Template)]
#[template(path = "ismap/criteria/version.html")]
struct VersionPage {
    frame: Frame,
    id: String,
    row: CatalogueRow,
    state: Cell,
    from: String,
    last: String,
    past: Option<String>,
    search: Vec<Field>,
    as_of: Field,
    table: Table,
    /// Other versions: identifier, name, whether it is later, whether the crosswalk to it is recorded.
    others: Vec<(String, String, bool, bool)>,
    history: Vec<Past>,
    close: Option<Vec<Field>>,
}

/// The list's own filters.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    level: String,
    #[serde(default)]
    mark: String,
    #[serde(default)]
    chapter: String,
    #[serde(default)]
    group: String,
}

impl Which {
    fn takes(&self, c: &Criterion) -> bool {
        let level = match self.level.as_str() {
            "objective" => c.id.level() == Level::Objective,
            "detail" => c.id.level() == Level::Detail,
            _ => true,
        };
        let mark = match self.mark.as_str() {
            "basic" => c.flag_basic,
            "provider" => c.flag_provider,
            "none" => !c.flag_basic && !c.flag_provider,
            _ => true,
        };
        let chapter = self.chapter.is_empty() || self.chapter == c.id.chapter().to_string();
        level && mark && chapter && (self.group.is_empty() || self.group == c.audit_group)
    }

    fn fields(&self, catalogue: &Catalogue) -> Vec<Field> {
        let mut chapters = vec![Choice::new("", "すべての章")];
        let numbers: BTreeSet<u16> = catalogue.criteria.iter().map(|c| c.id.chapter()).collect();
        chapters.extend(numbers.into_iter().map(|number| {
            let title = catalogue.chapters.get(&number).map_or("", String::as_str);
            Choice::new(number.to_string(), format!("{number} {title}"))
        }));
        let mut groups = vec![Choice::new("", "すべて")];
        let named: BTreeSet<&str> = catalogue.criteria.iter().map(|c| c.audit_group.as_str()).collect();
        groups.extend(named.into_iter().filter(|name| !name.is_empty()).map(|name| Choice::new(name, name)));
        let levels =
            vec![Choice::new("", "両方"), Choice::new("objective", "統制目標"), Choice::new("detail", "詳細管理策")];
        let marks = vec![
            Choice::new("", "すべて"),
            Choice::new("basic", "基本言明要件"),
            Choice::new("provider", "提供者特有"),
            Choice::new("none", "どちらでもない"),
        ];
        vec![
            Field::select("chapter", "章", chapters).value(&self.chapter),
            Field::select("level", "区分", levels).value(&self.level),
            Field::select("mark", "印", marks).value(&self.mark),
            Field::select("group", "監査グループ", groups).value(&self.group),
        ]
    }
}

const COLUMNS: [Column; 8] = [
    Column::sorted("id", "項目番号"),
    Column::plain("章の名称"),
    Column::plain("区分"),
    Column::plain("本文"),
    Column::plain("提供者特有"),
    Column::plain("基本言明要件"),
    Column::sorted("group", "監査グループ"),
    Column::sorted("cycle", "周期（年）"),
];

fn cells(catalogue: &Catalogue, c: &Criterion) -> Vec<Cell> {
    let yes = |flag: bool| Cell::text(if flag { "○" } else { "" });
    vec![
        Cell::text(c.id.to_string()),
        Cell::text(catalogue.chapters.get(&c.id.chapter()).cloned().unwrap_or_default()),
        Cell::text(c.id.level().label()),
        Cell::text(c.text.clone()),
        yes(c.flag_provider),
        yes(c.flag_basic),
        Cell::text(c.audit_group.clone()),
        Cell::text(c.cycle_years.map(|n| n.to_string()).unwrap_or_default()),
    ]
}

/// What was asked for in the address.
#[derive(Default)]
struct Address {
    asked: Asked,
    which: Which,
    as_of: AsOf,
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    Query(which): Query<Which>,
    as_of: AsOf,
) -> Result<Response, PageError> {
    one(&app, &signed, &id, Address { asked, which, as_of }, &Fields::default(), Vec::new()).await
}

async fn one(
    app: &App,
    signed: &SignedIn,
    id: &str,
    Address { asked, which, as_of }: Address,
    given: &Fields,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let past = as_of.day();
    let (id, chronicle) = version_of(&register, id)?;
    let row = match past {
        Some(day) => chronicle.as_of(day).ok_or(PageError::Missing)?,
        None => chronicle.now().clone(),
    };
    let catalogue = documents::catalogue(app, &register, &id).await?;
    let path = format!("/ismap/criteria/{id}");
    let found = |c: &&Criterion| which.takes(c) && asked.finds(&[&c.id.to_string(), &c.raw_id, &c.text]);
    let rows: Vec<&Criterion> = catalogue.criteria.iter().filter(found).collect();
    let slice = asked.slice(
        rows,
        &[
            ("id", &|one, other| one.id.cmp(&other.id)),
            ("group", &|one, other| (&one.audit_group, one.id).cmp(&(&other.audit_group, other.id))),
            ("cycle", &|one, other| (one.cycle_years, one.id).cmp(&(other.cycle_years, other.id))),
        ],
    );
    let about = ("項目", "この版に項目はありません。");
    let table = Table::new(&*path, about, &COLUMNS, &asked, slice, |c| cells(&catalogue, c))
        .keeping("level", &which.level)
        .keeping("mark", &which.mark)
        .keeping("chapter", &which.chapter)
        .keeping("group", &which.group)
        .keeping("as_of", as_of.given());
    if let Some(file) = table.file(&format!("criteria-{id}"))? {
        return Ok(file);
    }
    let others = register.scheme().catalogues.all().filter(|(other, _)| **other != id).map(|(other, next)| {
        let later = next.effective_from >= row.effective_from;
        (other.to_string(), wording::name(next), later, row.crosswalks.contains_key(other))
    });
    let close = (past.is_none() && may_keep(&register, signed.person())).then(|| {
        vec![
            Field::input("date", "effective_to", "末日")
                .help("この日までが有効です。後の版の施行日の前日にします。")
                .value(given.get("effective_to"))
                .told(&problems),
            Field::area(step::REASON, "理由", 2).optional().value(given.get(step::REASON)).told(&problems),
        ]
    });
    let status = Problem::status(&problems);
    let notice = match asked.done.as_deref() {
        Some("imported") => Some("取り込みました。"),
        Some("closed") => Some("末日を記録しました。"),
        Some("crosswalk") => Some("対応表を記録しました。"),
        _ => None,
    };
    let frame = frame(app, signed, &path, wording::name(&row), &[TRAIL]).await?.wide().notice(notice).wrong(problems);
    let mut search = vec![Field::input("search", "q", "番号・本文").optional().value(&asked.q)];
    search.extend(which.fields(&catalogue));
    let page_of_version = VersionPage {
        state: wording::state(row.effective_from, row.effective_to, past.unwrap_or(today)),
        from: day(row.effective_from),
        last: wording::last(row.effective_to),
        past: past.map(day),
        search,
        as_of: Field::input("date", "as_of", "過去のある日の終わりに分かっていた内容を見る")
            .optional()
            .value(as_of.given()),
        table,
        others: others.collect(),
        history: history::of(app, chronicle, past, wording::step).await?,
        close,
        id: id.to_string(),
        row,
        frame,
    };
    Ok(page(status, &page_of_version))
}

pub(super) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let (catalogue, chronicle) = version_of(&register, &id)?;
    let again = |problem| one(&app, &signed, &id, Address::default(), &fields, vec![problem]);
    let Ok(effective_to) = fields.line("effective_to").parse::<Date>() else {
        return again(Problem::at("effective_to", "末日を 2027-03-31 の形で入力してください。")).await;
    };
    let done = format!("/ismap/criteria/{id}?done=closed");
    if chronicle.now().effective_to == Some(effective_to) {
        return Ok(go(&done));
    }
    let command = Command::StepCriteria(StepCriteria { catalogue, step: CriteriaStep::Close { effective_to } });
    match give(&app, &signed, command, &fields.text(step::REASON)).await? {
        Ok(_) => Ok(go(&done)),
        Err(refusal) => {
            let field = if refusal.code == "MUST_NOT_BE_KEPT" { step::REASON } else { "effective_to" };
            again(Problem::refused(field, &refusal)).await
        }
    }
}
