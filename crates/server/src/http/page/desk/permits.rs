//! 承認: those that include me, or all for who governs.

use super::wording;
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
use sekisho_domain::day::in_japan;
use sekisho_domain::decision::PermitStanding;
use sekisho_domain::id::PersonId;
use sekisho_domain::permit::Permit;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "desk/permits.html")]
struct ListPage {
    frame: Frame,
    q: Field,
    state: Field,
    all: bool,
    table: Table,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    state: String,
}

const STATES: [(&str, &str, Option<PermitStanding>); 6] = [
    ("", "すべて", None),
    ("active", "有効", Some(PermitStanding::Active)),
    ("suspended", "停止中", Some(PermitStanding::Suspended)),
    ("not-yet", "期間前", Some(PermitStanding::NotYet)),
    ("expired", "期間終了", Some(PermitStanding::Expired)),
    ("revoked", "取消し", Some(PermitStanding::Revoked)),
];

pub(super) async fn list(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
    Query(which): Query<Which>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let person = register.person(signed.person()).ok_or(PageError::Stale)?;
    let all = wording::governs(&register, signed.person());
    let wanted = STATES.iter().find(|(key, ..)| *key == which.state).and_then(|(.., standing)| *standing);
    let rows: Vec<&Permit> = register
        .permits()
        .filter(|p| wanted.is_none_or(|standing| p.standing_on(today) == standing))
        .filter(|p| asked.finds(&[&p.draft.purpose, &wording::services(&register, &p.draft.services)]))
        .filter(|p| all || register.in_range(&p.draft.users, person))
        .collect();
    let slice = asked.slice(
        rows,
        &[
            ("", &|one, other| one.draft.until.cmp(&other.draft.until)),
            ("purpose", &|one, other| one.draft.purpose.cmp(&other.draft.purpose)),
            ("grade", &|one, other| one.draft.ceiling.cmp(&other.draft.ceiling)),
            ("until", &|one, other| one.draft.until.cmp(&other.draft.until)),
            ("review", &|one, other| one.review_on.cmp(&other.review_on)),
        ],
    );
    let managers: Vec<&PersonId> = slice.rows.iter().map(|permit| &permit.manager).collect();
    let names = Names::of(&app, managers).await?;
    let columns = [
        Column::sorted("purpose", "業務"),
        Column::plain("サービス"),
        Column::plain("状態"),
        Column::sorted("grade", "格付の上限"),
        Column::sorted("until", "末日"),
        Column::sorted("review", "見直し期限"),
        Column::plain("外部サービス管理者"),
    ];
    let empty = "あなたを利用者に含む承認はありません。「利用申請」から申請して承認を受けると、ここに並びます。";
    let table = Table::new("/permits", ("承認", empty), &columns, &asked, slice, |permit| {
        let (tone, standing) = wording::standing(permit.standing_on(today));
        vec![
            Cell::link(format!("/permits/{}", permit.permit), permit.draft.purpose.clone()),
            Cell::text(wording::services(&register, &permit.draft.services)),
            Cell::tag(tone, standing),
            Cell::text(format!("{}まで", words::grade(&register, permit.draft.ceiling))),
            Cell::text(words::day(permit.draft.until)),
            if permit.review_on < today && permit.standing_on(today) == PermitStanding::Active {
                Cell::tag(Tone::Look, format!("{}（過ぎています）", words::day(permit.review_on)))
            } else {
                Cell::text(words::day(permit.review_on))
            },
            Cell::text(names.get(&permit.manager)),
        ]
    })
    .keeping("state", &which.state);
    if let Some(file) = table.file("permits")? {
        return Ok(file);
    }
    let frame = Frame::new(&app, Some(&signed), "/permits", "承認").await?.below(&[("/", "ホーム")]).wide();
    let states = STATES.map(|(key, label, _)| Choice::new(key, label)).to_vec();
    let shown = ListPage {
        frame,
        q: Field::input("search", "q", "業務・サービス").optional().value(&asked.q),
        state: Field::select("state", "状態", states).value(&which.state),
        all,
        table,
    };
    Ok(page(StatusCode::OK, &shown))
}
