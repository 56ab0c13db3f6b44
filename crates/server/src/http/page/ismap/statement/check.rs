//! 点検・検証: every problem with its place, and the steps from the draft to the signature.

use super::editor::{Head, Meter, framed};
use super::items::anchor;
use super::opened::{Opened, open};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::{give, give_with};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::Submitted;
use crate::http::page::frame::{Field, Frame, Problem, go, page};
use crate::http::page::list::{Asked, Cell, Column, Table, Tone};
use crate::ismap::documents;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use sekisho_domain::command::{Command, StepStatement};
use sekisho_domain::ismap::statement::{
    Severity, StatementProblem, StatementState, StatementStep, Validated, validate,
};

#[derive(Template)]
#[template(path = "ismap/statement/check.html")]
struct CheckPage {
    frame: Frame,
    head: Head,
    meter: Meter,
    table: Table,
    q: Field,
    validates: bool,
    reopens: bool,
    signs: bool,
    withdraws: Option<Field>,
    sha256: Option<String>,
}

const COLUMNS: [Column; 4] =
    [Column::plain("項目"), Column::plain("重さ"), Column::plain("規則"), Column::plain("直すこと")];

/// The rule of a problem in words.
fn rule(letter: char) -> &'static str {
    match letter {
        'a' => "(a) 採否を決める",
        'b' => "(b) 3・4 章は採用",
        'c' => "(c) 統制目標の非採用",
        'd' => "(d) 採用した統制目標の下",
        'e' => "(e) 基本言明要件",
        'f' => "(f) 非採用の理由",
        'g' => "(g) 個別管理策",
        'h' => "(h) 版の項目との一致",
        _ => "サービスの説明",
    }
}

fn cells(opened: &Opened, problem: &StatementProblem) -> Vec<Cell> {
    let place = match problem.criterion {
        Some(id) => {
            let [a, b, c] = id.objective();
            let href = format!("/ismap/statements/{}?o={a}.{b}.{c}&from={id}#{}", opened.id, anchor(id));
            Cell::link(href, id.to_string())
        }
        None => Cell::link(format!("/ismap/statements/{}/service", opened.id), "サービスの説明"),
    };
    let severity = match problem.severity {
        Severity::Error => Cell::tag(Tone::Bad, "要修正"),
        Severity::Warning => Cell::tag(Tone::Look, "注意"),
    };
    vec![place, severity, Cell::text(rule(problem.rule)), Cell::text(problem.ja.clone())]
}

async fn shown(
    app: &App,
    signed: &SignedIn,
    opened: &Opened,
    asked: &Asked,
    problems: Vec<Problem>,
    reason: &str,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let validation = validate(&opened.catalogue, opened.said()?);
    let (errors, all) = (validation.errors().count(), validation.problems.len());
    let wanted = |p: &&StatementProblem| {
        let number = p.criterion.map(|id| id.to_string()).unwrap_or_default();
        asked.q.is_empty() || asked.finds(&[&number, rule(p.rule), &p.ja])
    };
    let slice = asked.slice(validation.problems.iter().filter(wanted).collect(), &[]);
    let to = format!("/ismap/statements/{}/check", opened.id);
    let about = ("直すところ", "直すところはありません。");
    let table = Table::new(to, about, &COLUMNS, asked, slice, |problem| cells(opened, problem));
    if let Some(file) = table.file("statement-check")? {
        return Ok(file);
    }
    let state = opened.statement.state;
    let writes = opened.member;
    let alive = matches!(
        state,
        StatementState::Draft
            | StatementState::Validated
            | StatementState::Signed
            | StatementState::UnderAudit
            | StatementState::Audited
    );
    let status = Problem::status(&problems);
    let notice = match asked.done.as_deref() {
        Some("validated") => Some("検証しました。言明責任者の署名に進めます。"),
        Some("signed") => Some("署名しました。内容は固定され、監査を依頼できます。"),
        Some("withdrawn") => Some("言明書を取り下げました。"),
        _ => None,
    };
    let frame = framed(app, signed, &register, opened, "点検・検証").await?.notice(notice).wrong(problems);
    let check = CheckPage {
        head: Head::of(&register, opened),
        meter: Meter { counts: validation.completeness, errors, warnings: all - errors },
        table,
        q: Field::input("search", "q", "項目番号・規則・言葉").optional().value(&asked.q),
        validates: writes && state == StatementState::Draft && errors == 0,
        reopens: writes && state == StatementState::Validated,
        signs: writes && state == StatementState::Validated,
        withdraws: (writes && alive).then(|| {
            Field::area("reason", "取り下げる理由", 2)
                .help("取り下げると、元には戻せません。")
                .value(reason)
                .told(&frame.problems)
        }),
        sha256: opened.statement.content.as_ref().map(|content| content.sha256().to_owned()),
        frame,
    };
    Ok(page(status, &check))
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let opened = open(&app, &register, &signed, &id, None).await?;
    if !opened.own {
        return Err(PageError::Missing);
    }
    shown(&app, &signed, &opened, &asked, Vec::new(), "").await
}

pub(super) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let opened = open(&app, &register, &signed, &id, None).await?;
    if !opened.own {
        return Err(PageError::Missing);
    }
    let reason = fields.text("reason").trim().to_owned();
    let plain = Asked::default();
    let again = |problems| shown(&app, &signed, &opened, &plain, problems, &reason);
    let step = |step| Command::StepStatement(StepStatement { statement: opened.id.clone(), step });
    let to = |done: &str| format!("/ismap/statements/{}/check?done={done}", opened.id);
    let decided = match fields.get("act") {
        // Validated a second time, the draft could be another than the one that is signed.
        "validate" if opened.statement.state == StatementState::Draft => {
            let (validated, bytes) =
                match Validated::new(&opened.statement.catalogue, &opened.catalogue, opened.said()?) {
                    Ok(whole) => whole,
                    Err(validation) => {
                        let count = validation.errors().count();
                        let text =
                            format!("要修正の指摘が {count} 件あるため、検証できません。下の一覧を直してください。");
                        return again(vec![Problem::at("", text)]).await;
                    }
                };
            let kept = documents::keep(&app, signed.person(), &bytes).await?;
            let validate = step(StatementStep::Validate { content: validated });
            (give_with(&app, &signed, validate, "", vec![kept]).await?, to("validated"))
        }
        "validate" => return Ok(go(&to("validated"))),
        "reopen" => {
            let address = format!("/ismap/statements/{}?done=reopened", opened.id);
            (give(&app, &signed, step(StatementStep::Reopen), "").await?, address)
        }
        "withdraw" => {
            if reason.is_empty() || reason.chars().count() > 2_000 {
                let text = "取り下げる理由を 2,000 文字までで入力してください。";
                return again(vec![Problem::at("reason", text)]).await;
            }
            (give(&app, &signed, step(StatementStep::Withdraw), &reason).await?, to("withdrawn"))
        }
        _ => return again(vec![Problem::at("", "何をするかを選んでください。")]).await,
    };
    match decided {
        (Ok(_), address) => Ok(go(&address)),
        (Err(refusal), _) => {
            let field = if refusal.code == "MUST_NOT_BE_KEPT" { "reason" } else { "" };
            again(vec![Problem::refused(field, &refusal)]).await
        }
    }
}
