//! The register of services, readable for everyone.

use super::facts::Facts;
use super::service::MANAGERS;
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Choice, Field, Frame, page};
use crate::http::page::list::{Asked, Cell, Column, Table, Tone};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::day::in_japan;
use sekisho_domain::decision::PermitStanding;
use sekisho_domain::register::ServiceRecord;
use sekisho_domain::service::ProvisionForm;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "desk/services.html")]
struct ListPage {
    frame: Frame,
    q: Field,
    form: Field,
    manages: bool,
    table: Table,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    form: String,
}

const FORMS: [(&str, ProvisionForm); 3] = [
    ("standard", ProvisionForm::StandardTerms),
    ("contract", ProvisionForm::IndividualContract),
    ("own", ProvisionForm::SelfOperated),
];

pub(super) async fn list(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
    Query(which): Query<Which>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let wanted = FORMS.iter().find(|(key, _)| *key == which.form).map(|(_, form)| *form);
    let rows: Vec<&ServiceRecord> = register
        .services()
        .filter(|record| wanted.is_none_or(|form| record.service.form == form))
        .filter(|record| {
            asked.finds(&[&record.service.name, &record.service.provider, record.service.service.as_str()])
        })
        .collect();
    let slice = asked.slice(
        rows,
        &[
            ("name", &|one, other| (one.withdrawn, &one.service.name).cmp(&(other.withdrawn, &other.service.name))),
            ("provider", &|one, other| one.service.provider.cmp(&other.service.provider)),
            ("form", &|one, other| one.service.form.label().cmp(other.service.form.label())),
            ("region", &|one, other| one.service.region.cmp(&other.service.region)),
        ],
    );
    let columns = [
        Column::sorted("name", "サービス"),
        Column::sorted("provider", "提供者"),
        Column::sorted("form", "提供形態"),
        Column::plain("ISMAP（今日）"),
        Column::sorted("region", "処理する地域"),
        Column::plain("申合せ"),
        Column::plain("有効な承認"),
        Column::plain("状態"),
    ];
    let empty = "サービスはまだ登録されていません。外部サービス管理者が「サービスを登録する」から登録します。";
    let table = Table::new("/services", ("サービス", empty), &columns, &asked, slice, |record| {
        let facts = Facts::of(&register, record, today);
        let permits = register.permits_on(&record.service.service);
        let active = permits.filter(|permit| permit.standing_on(today) == PermitStanding::Active).count();
        let state = if record.withdrawn {
            Cell::tag(Tone::Bad, "提供を終えた")
        } else if !record.advisories.is_empty() {
            Cell::tag(Tone::Look, format!("注意喚起 {} 件", record.advisories.len()))
        } else {
            Cell::tag(Tone::Good, "提供中")
        };
        vec![
            Cell::link(format!("/services/{}", facts.id), facts.name),
            Cell::text(facts.provider),
            Cell::text(facts.form),
            Cell::text(facts.ismap),
            Cell::text(facts.region),
            Cell::text(facts.consultation),
            Cell::text(format!("{active} 件")),
            state,
        ]
    })
    .keeping("form", &which.form);
    if let Some(file) = table.file("services")? {
        return Ok(file);
    }
    let frame = Frame::new(&app, Some(&signed), "/services", "サービス").await?.below(&[("/", "ホーム")]).wide();
    let mut forms = vec![Choice::new("", "すべて")];
    forms.extend(FORMS.map(|(key, form)| Choice::new(key, form.label())));
    let shown = ListPage {
        frame,
        q: Field::input("search", "q", "サービス・提供者").optional().value(&asked.q),
        form: Field::select("form", "提供形態", forms).value(&which.form),
        manages: register.holds_any(signed.person(), MANAGERS),
        table,
    };
    Ok(page(StatusCode::OK, &shown))
}
