//! 棚卸し: every permit with its manager, when it must be looked at again, and what is done under it.

use super::wording;
use crate::account::in_words;
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Choice, Field, Frame, page};
use crate::http::page::list::{Asked, Cell, Column, Table, Tone};
use crate::http::page::words::{self, Names};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use sekisho_domain::day::in_japan;
use sekisho_domain::decision::PermitStanding;
use sekisho_domain::id::{PermitId, PersonId};
use sekisho_domain::permit::Permit;
use sekisho_domain::person::Role;
use sekisho_store::PermitUses;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Who takes stock.
pub(super) const WHO: &[Role] = &[Role::ServiceManager, Role::Ciso];

#[derive(Template)]
#[template(path = "desk/inventory.html")]
struct InventoryPage {
    frame: Frame,
    q: Field,
    manager: Field,
    show: Field,
    months: Vec<Month>,
    overdue: usize,
    suspended: usize,
    table: Table,
}

/// A month of the calendar of reviews.
struct Month {
    key: String,
    label: String,
    count: usize,
    here: bool,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    manager: String,
    #[serde(default)]
    show: String,
    /// `2027-03`.
    #[serde(default)]
    month: String,
}

const SHOWN: [(&str, &str); 5] = [
    ("", "使える承認と停止中の承認"),
    ("overdue", "見直し期限を過ぎたもの"),
    ("unused", "一度も使われていないもの"),
    ("suspended", "停止中のもの"),
    ("ended", "期間終了・取消し"),
];

fn month_of(day: Date) -> String {
    day.strftime("%Y-%m").to_string()
}

fn alive(standing: PermitStanding) -> bool {
    matches!(standing, PermitStanding::Active | PermitStanding::Suspended | PermitStanding::NotYet)
}

pub(super) async fn list(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
    Query(which): Query<Which>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let now = app.world.now();
    let today = in_japan(now);
    let mine = which.manager.as_str() != "all" && register.holds(signed.person(), Role::ServiceManager);
    let managed: Vec<&Permit> =
        register.permits().filter(|permit| !mine || permit.manager == *signed.person()).collect();
    let overdue = |permit: &Permit| alive(permit.standing_on(today)) && permit.review_on < today;
    let mut months: BTreeMap<String, (String, usize)> = BTreeMap::new();
    for permit in managed.iter().filter(|permit| alive(permit.standing_on(today)) && permit.review_on >= today) {
        let label = permit.review_on.strftime("%Y年%-m月").to_string();
        months.entry(month_of(permit.review_on)).or_insert((label, 0)).1 += 1;
    }
    let count_overdue = managed.iter().filter(|permit| overdue(permit)).count();
    let is_suspended = |permit: &Permit| permit.standing_on(today) == PermitStanding::Suspended;
    let count_suspended = managed.iter().filter(|permit| is_suspended(permit)).count();
    let mut rows: Vec<&Permit> = managed
        .into_iter()
        .filter(|permit| which.month.is_empty() || month_of(permit.review_on) == which.month)
        .filter(|permit| match which.show.as_str() {
            "overdue" => overdue(permit),
            "suspended" => is_suspended(permit),
            "ended" => !alive(permit.standing_on(today)),
            _ => alive(permit.standing_on(today)),
        })
        .filter(|p| asked.finds(&[&p.draft.purpose, &wording::services(&register, &p.draft.services)]))
        .collect();
    let since = |days: i64| now.checked_sub((days * 24).hours()).unwrap_or(Timestamp::MIN);
    let (month, quarter) = (since(30), since(90));
    if which.show == "unused" {
        let mut unused = Vec::new();
        for permit in rows {
            if app.store.uses_of_permit(&permit.permit, month, quarter).await?.last.is_none() {
                unused.push(permit);
            }
        }
        rows = unused;
    }
    let slice = asked.slice(
        rows,
        &[
            ("", &|one, other| (one.review_on, &one.permit).cmp(&(other.review_on, &other.permit))),
            ("purpose", &|one, other| one.draft.purpose.cmp(&other.draft.purpose)),
            ("review", &|one, other| one.review_on.cmp(&other.review_on)),
            ("until", &|one, other| one.draft.until.cmp(&other.draft.until)),
            ("manager", &|one, other| one.manager.cmp(&other.manager)),
        ],
    );
    let mut uses: BTreeMap<PermitId, PermitUses> = BTreeMap::new();
    for permit in &slice.rows {
        let counted = app.store.uses_of_permit(&permit.permit, month, quarter).await?;
        uses.insert(permit.permit.clone(), counted);
    }
    let managers: Vec<&PersonId> = slice.rows.iter().map(|permit| &permit.manager).collect();
    let names = Names::of(&app, managers).await?;
    let columns = [
        Column::sorted("purpose", "業務"),
        Column::plain("サービス"),
        Column::plain("状態"),
        Column::sorted("review", "見直し期限"),
        Column::sorted("until", "末日"),
        Column::sorted("manager", "外部サービス管理者"),
        Column::plain("30日の利用"),
        Column::plain("90日の利用"),
        Column::plain("最後の利用"),
    ];
    let empty =
        "棚卸しの対象になる承認はありません。承認のときに外部サービス管理者として指名されると、ここに並びます。";
    let table = Table::new("/inventory", ("承認", empty), &columns, &asked, slice, |permit| {
        let (tone, standing) = wording::standing(permit.standing_on(today));
        let used = uses.get(&permit.permit).copied().unwrap_or_default();
        vec![
            Cell::link(format!("/permits/{}", permit.permit), permit.draft.purpose.clone()),
            Cell::text(wording::services(&register, &permit.draft.services)),
            Cell::tag(tone, standing),
            if overdue(permit) {
                Cell::tag(Tone::Bad, format!("{}（過ぎています）", words::day(permit.review_on)))
            } else {
                Cell::text(words::day(permit.review_on))
            },
            Cell::text(words::day(permit.draft.until)),
            Cell::text(names.get(&permit.manager)),
            Cell::text(format!("{} 回", used.lately)),
            Cell::text(format!("{} 回", used.before)),
            used.last.map_or_else(|| Cell::tag(Tone::Look, "未使用"), |at| Cell::text(in_words(at))),
        ]
    })
    .keeping("manager", &which.manager)
    .keeping("show", &which.show)
    .keeping("month", &which.month);
    if let Some(file) = table.file("inventory")? {
        return Ok(file);
    }
    let frame = Frame::new(&app, Some(&signed), "/inventory", "棚卸し").await?.below(&[("/", "ホーム")]).wide();
    let whose = vec![Choice::new("mine", "自分が管理するもの"), Choice::new("all", "すべて")];
    let shown = InventoryPage {
        frame,
        q: Field::input("search", "q", "業務・サービス").optional().value(&asked.q),
        manager: Field::select("manager", "管理者", whose).value(if mine { "mine" } else { "all" }),
        show: Field::select("show", "表示", SHOWN.map(|(key, label)| Choice::new(key, label)).to_vec())
            .value(&which.show),
        months: months
            .into_iter()
            .take(24)
            .map(|(key, (label, count))| Month { here: key == which.month, key, label, count })
            .collect(),
        overdue: count_overdue,
        suspended: count_suspended,
        table,
    };
    Ok(page(StatusCode::OK, &shown))
}
