//! `/ismap/rules/{id}`: a version of a rule document, its history, and its last day.

use super::wording;
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::give;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Field, Frame, Problem, go, page};
use crate::http::page::ismap::as_of::AsOf;
use crate::http::page::ismap::history::{self, Past};
use crate::http::page::ismap::{frame, step};
use crate::http::page::list::{Asked, Cell};
use crate::http::page::words::day;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use jiff::civil::Date;
use sekisho_domain::command::{Command, StepRuleDocument};
use sekisho_domain::day::in_japan;
use sekisho_domain::id::RuleDocumentId;
use sekisho_domain::ismap::catalogue::may_keep;
use sekisho_domain::ismap::rule_document::{RuleDocument, RuleDocumentStep};

#[derive(Template)]
#[template(path = "ismap/criteria/rule.html")]
struct RulePage {
    frame: Frame,
    id: String,
    row: RuleDocument,
    state: Cell,
    evidence: Cell,
    official: bool,
    from: String,
    last: String,
    past: Option<String>,
    as_of: Field,
    history: Vec<Past>,
    close: Option<Vec<Field>>,
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    as_of: AsOf,
) -> Result<Response, PageError> {
    one(&app, &signed, &id, (asked, as_of), &Fields::default(), Vec::new()).await
}

async fn one(
    app: &App,
    signed: &SignedIn,
    id: &str,
    (asked, as_of): (Asked, AsOf),
    given: &Fields,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let past = as_of.day();
    let id = RuleDocumentId::new(id).map_err(|_| PageError::Missing)?;
    let chronicle = register.scheme().rule_documents.get(&id).ok_or(PageError::Missing)?;
    let row = match past {
        Some(day) => chronicle.as_of(day).ok_or(PageError::Missing)?,
        None => chronicle.now().clone(),
    };
    let close = (past.is_none() && may_keep(&register, signed.person())).then(|| {
        vec![
            Field::input("date", "effective_to", "末日")
                .help("この日までが有効です。次の版の施行日の前日にします。")
                .value(given.get("effective_to"))
                .told(&problems),
            Field::area(step::REASON, "理由", 2).optional().value(given.get(step::REASON)).told(&problems),
        ]
    });
    let status = Problem::status(&problems);
    let notice = match asked.done.as_deref() {
        Some("recorded") => Some("規程類を記録しました。"),
        Some("closed") => Some("末日を記録しました。"),
        _ => None,
    };
    let (path, title) = (format!("/ismap/rules/{id}"), format!("{} {}", row.title, row.version));
    let frame = frame(app, signed, &path, title, &[("/ismap/rules", "規程類")]).await?.notice(notice).wrong(problems);
    let page_of_rule = RulePage {
        state: wording::state(row.effective_from, row.effective_to, past.unwrap_or(today)),
        evidence: wording::evidence(row.evidence),
        official: row.evidence.is_official(),
        from: day(row.effective_from),
        last: wording::last(row.effective_to),
        past: past.map(day),
        as_of: Field::input("date", "as_of", "過去のある日の終わりに分かっていた内容を見る")
            .optional()
            .value(as_of.given()),
        history: history::of(app, chronicle, past, wording::rule_step).await?,
        close,
        id: id.to_string(),
        row,
        frame,
    };
    Ok(page(status, &page_of_rule))
}

pub(super) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let document = RuleDocumentId::new(&id).map_err(|_| PageError::Missing)?;
    let row = register.scheme().rule_documents.now(&document).ok_or(PageError::Missing)?;
    let again = |problem| one(&app, &signed, &id, Default::default(), &fields, vec![problem]);
    let Ok(effective_to) = fields.line("effective_to").parse::<Date>() else {
        return again(Problem::at("effective_to", "末日を 2027-03-31 の形で入力してください。")).await;
    };
    let done = format!("/ismap/rules/{id}?done=closed");
    if row.effective_to == Some(effective_to) {
        return Ok(go(&done));
    }
    let step = RuleDocumentStep::Close { effective_to };
    let command = Command::StepRuleDocument(StepRuleDocument { document, step });
    match give(&app, &signed, command, &fields.text(step::REASON)).await? {
        Ok(_) => Ok(go(&done)),
        Err(refusal) => {
            let field = if refusal.code == "MUST_NOT_BE_KEPT" { step::REASON } else { "effective_to" };
            again(Problem::refused(field, &refusal)).await
        }
    }
}
