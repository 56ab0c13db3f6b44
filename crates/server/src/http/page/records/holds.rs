//! 廃棄の停止: all of them, and the form to place one.

use super::scope_form;
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::{give_named, named_once, once};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::list::Asked;
use crate::http::page::oversight::exact;
use crate::http::page::words::Names;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use sekisho_domain::command::{Command, LiftHold, PlaceHold};
use sekisho_domain::id::HoldId;
use sekisho_domain::person::Role::{Auditor, Ciso, RecordsManager};
use sekisho_domain::records::hold::HoldGround;

#[derive(Template)]
#[template(path = "records/holds.html")]
struct HoldsPage {
    frame: Frame,
    holds: Vec<Row>,
    fields: Vec<Field>,
    once: String,
}

struct Row {
    id: String,
    title: String,
    ground: &'static str,
    scope: String,
    placed: String,
    reason: String,
    lifted: Option<String>,
    field: Field,
}

async fn form(
    app: &App,
    signed: &SignedIn,
    done: Option<&str>,
    given: &Fields,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let ground = register.records().ground();
    let mut holds: Vec<_> = ground.holds().collect();
    holds.sort_by_key(|hold| (!hold.is_in_force(), std::cmp::Reverse(hold.placed.1)));
    let people = holds.iter().flat_map(|hold| [Some(&hold.placed.0), hold.lifted.as_ref().map(|(who, ..)| who)]);
    let names = Names::of(app, people.flatten().collect::<Vec<_>>()).await?;
    let mut rows = Vec::with_capacity(holds.len());
    for hold in holds {
        let (who, at, reason) = &hold.placed;
        let lifted = hold.lifted.as_ref();
        rows.push(Row {
            id: hold.hold.to_string(),
            title: hold.title.clone(),
            ground: hold.ground.label(),
            scope: scope_form::told(app, &register, &hold.scope).await?,
            placed: format!("{} {}", exact(*at), names.get(who)),
            reason: reason.clone(),
            lifted: lifted.map(|(who, at, why)| format!("{} {}（{why}）", exact(*at), names.get(who))),
            field: Field::text(format!("why-{}", hold.hold), "解除の理由", "off").help("台帳に残ります。"),
        });
    }
    let notice = match done {
        Some("placed") => Some("廃棄を停止しました。対象の内容は、保存期間が満了しても廃棄されません。"),
        Some("lifted") => Some("廃棄の停止を解除しました。"),
        _ => None,
    };
    let status = Problem::status(&problems);
    let frame = Frame::new(app, Some(signed), "/records", "廃棄の停止").await?;
    let frame = frame.below(&[("/", "ホーム"), ("/records", "文書管理")]).notice(notice).wrong(problems);
    let told = &frame.problems;
    let mut fields = Vec::new();
    if register.holds_any(signed.person(), &[RecordsManager, Ciso, Auditor]) {
        let grounds = HoldGround::ALL.map(|ground| Choice::new(ground.as_str(), ground.label())).to_vec();
        fields.push(Field::text("title", "件名", "off").value(given.get("title")).told(told));
        fields.push(Field::select("ground", "区分", grounds).value(given.get("ground")).told(told));
        fields.extend(scope_form::fields(app, &register, given, told).await?);
        fields.push(
            Field::area("reason", "停止の理由", 2).help("台帳に残ります。").value(given.get("reason")).told(told),
        );
    }
    Ok(page(status, &HoldsPage { frame, holds: rows, fields, once: once(app) }))
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    form(&app, &signed, asked.done.as_deref(), &Fields::default(), Vec::new()).await
}

pub(super) async fn place(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let mut wrong = Vec::new();
    let scope = scope_form::read(&app, &fields, &mut wrong).await?;
    let ground = HoldGround::ALL.into_iter().find(|ground| ground.as_str() == fields.get("ground"));
    if ground.is_none() {
        wrong.push(Problem::at("ground", "一覧から選んでください。"));
    }
    if let (Some(ground), true) = (ground, wrong.is_empty()) {
        let title = fields.line("title").to_owned();
        let fresh = named_once(&app, &signed, &fields);
        let named = HoldId::new(format!("hold-{fresh}")).ok();
        if named.is_some_and(|id| app.journal.register().is_ok_and(|r| r.records().hold(&id).is_some())) {
            return Ok(go("/records/holds?done=placed"));
        }
        let command = Command::PlaceHold(PlaceHold { title, ground, scope });
        match give_named(&app, &signed, command, fields.line("reason"), fresh, vec![]).await? {
            Ok(_) => return Ok(go("/records/holds?done=placed")),
            Err(refusal) => wrong.push(Problem::refused("", &refusal)),
        }
    }
    form(&app, &signed, None, &fields, wrong).await
}

pub(super) async fn lift(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let hold = HoldId::new(&id).map_err(|_| PageError::Missing)?;
    let reason = fields.line(&format!("why-{id}")).to_owned();
    let command = Command::LiftHold(LiftHold { hold });
    match crate::http::page::act::give(&app, &signed, command, &reason).await? {
        Ok(_) => Ok(go("/records/holds?done=lifted")),
        Err(refusal) => {
            let problem = Problem::refused(format!("why-{id}"), &refusal);
            form(&app, &signed, None, &Fields::default(), vec![problem]).await
        }
    }
}
