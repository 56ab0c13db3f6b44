//! `/ismap/rules`: the rule documents of the scheme by version, with how far each was checked.

use super::wording::{self, EVIDENCE};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::give;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::Fields;
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::ismap::as_of::AsOf;
use crate::http::page::ismap::{frame, step};
use crate::http::page::list::{Asked, Cell, Column, Table};
use crate::http::page::upload::Parcel;
use crate::http::page::words::day;
use crate::ismap::documents;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::civil::Date;
use sekisho_domain::command::{Command, StepRuleDocument};
use sekisho_domain::day::in_japan;
use sekisho_domain::id::RuleDocumentId;
use sekisho_domain::ismap::catalogue::may_keep;
use sekisho_domain::ismap::rule_document::{RuleDocument, RuleDocumentStep};

#[derive(Template)]
#[template(path = "ismap/criteria/rules.html")]
struct RulesPage {
    frame: Frame,
    as_of: Field,
    past: Option<String>,
    table: Table,
    /// The form, for those who may record one.
    record: Option<Vec<Field>>,
    sha256: String,
    upload_problem: Option<String>,
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
    as_of: AsOf,
) -> Result<Response, PageError> {
    list(&app, &signed, (asked, as_of), &Fields::default(), String::new(), Vec::new()).await
}

async fn list(
    app: &App,
    signed: &SignedIn,
    (asked, as_of): (Asked, AsOf),
    given: &Fields,
    sha256: String,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let past = as_of.day();
    let on = past.unwrap_or(today);
    let all = &register.scheme().rule_documents;
    let rows: Vec<(RuleDocumentId, RuleDocument)> = match past {
        Some(day) => all.as_of(day).map(|(id, row)| (id.clone(), row)).collect(),
        None => all.all().map(|(id, row)| (id.clone(), row.clone())).collect(),
    };
    let rows = rows.into_iter().filter(|(id, row)| asked.finds(&[id.as_str(), &row.title, &row.version])).collect();
    let slice = asked.slice(
        rows,
        &[
            ("title", &|one: &(RuleDocumentId, RuleDocument), other| {
                (&one.1.title, other.1.effective_from).cmp(&(&other.1.title, one.1.effective_from))
            }),
            ("from", &|one, other| one.1.effective_from.cmp(&other.1.effective_from)),
            ("id", &|one, other| one.0.cmp(&other.0)),
        ],
    );
    let columns = [
        Column::sorted("title", "規程類"),
        Column::plain("版"),
        Column::sorted("id", "識別子"),
        Column::plain(if past.is_some() { "その日の状態" } else { "状態" }),
        Column::sorted("from", "施行日"),
        Column::plain("末日"),
        Column::plain("確認の程度"),
    ];
    let about = ("規程類", "規程類はまだありません。記録すると、手続の根拠として版と条項を選べるようになります。");
    let kept = past.map(|day| format!("?as_of={day}")).unwrap_or_default();
    let table = Table::new("/ismap/rules", about, &columns, &asked, slice, |(id, row)| {
        vec![
            Cell::link(format!("/ismap/rules/{id}{kept}"), row.title.clone()),
            Cell::text(row.version.clone()),
            Cell::text(id.as_str()),
            wording::state(row.effective_from, row.effective_to, on),
            Cell::text(day(row.effective_from)),
            Cell::text(wording::last(row.effective_to)),
            wording::evidence(row.evidence),
        ]
    })
    .keeping("as_of", as_of.given());
    if let Some(file) = table.file("rule-documents")? {
        return Ok(file);
    }
    let status = Problem::status(&problems);
    let notice = (asked.done.as_deref() == Some("recorded")).then_some("規程類を記録しました。");
    let keeps = past.is_none() && may_keep(&register, signed.person());
    let shown = RulesPage {
        as_of: Field::input("date", "as_of", "過去のある日の終わりに分かっていた内容を見る")
            .optional()
            .value(as_of.given()),
        past: past.map(day),
        table,
        record: keeps.then(|| form(given, &problems)),
        sha256,
        upload_problem: problems.iter().find(|p| p.field == "upload").map(|p| p.text.clone()),
        frame: frame(app, signed, "/ismap/rules", "規程類", &[]).await?.wide().notice(notice).wrong(problems),
    };
    Ok(page(status, &shown))
}

fn form(given: &Fields, problems: &[Problem]) -> Vec<Field> {
    let grades = EVIDENCE.iter().map(|(key, label, _)| Choice::new(*key, format!("{key}: {label}"))).collect();
    let grade = match given.get("evidence") {
        "" => "K",
        grade => grade,
    };
    vec![
        Field::text("title", "名称", "off").value(given.get("title")).told(problems),
        Field::text("version", "版", "off")
            .help("文書に書かれたとおり。例: 令和8年4月1日改定")
            .value(given.get("version"))
            .told(problems),
        Field::text("document", "識別子", "off")
            .help("版ごとに一つ。半角の英小文字・数字・`-`・`_`・`.`。例: kitei-2026")
            .value(given.get("document"))
            .told(problems),
        Field::input("date", "effective_from", "施行日").value(given.get("effective_from")).told(problems),
        Field::select("evidence", "確認の程度", grades)
            .help("公式の要件として示してよいのは P だけです。P には、確認した原文のファイルが必要です。")
            .value(grade)
            .told(problems),
        Field::input("url", "url", "公表元のアドレス").optional().value(given.get("url")).told(problems),
        Field::area(step::REASON, "理由", 2).optional().value(given.get(step::REASON)).told(problems),
    ]
}

pub(super) async fn submit(State(app): State<App>, parcel: Parcel) -> Result<Response, PageError> {
    let Parcel { signed, fields, file } = parcel;
    let mut problems = Vec::new();
    // The text stays where it was published: of the file only the hash is taken.
    let sha256 = match file {
        Some(Ok(chosen)) => documents::sha256(&chosen.bytes),
        Some(Err(text)) => {
            problems.push(Problem::at("upload", text));
            String::new()
        }
        None => fields.line("sha256").to_owned(),
    };
    let document = RuleDocumentId::new(fields.line("document"));
    if document.is_err() {
        let text = "識別子を半角の英小文字・数字・`-`・`_`・`.` で入力してください（64 文字まで、先頭は英数字）。";
        problems.push(Problem::at("document", text));
    }
    for (field, label, most) in [("title", "名称", 200), ("version", "版", 100)] {
        let text = fields.line(field);
        if text.is_empty() || text.chars().count() > most {
            problems.push(Problem::at(field, format!("{label}を {most} 文字までで入力してください。")));
        }
    }
    let effective_from = fields.line("effective_from").parse::<Date>();
    if effective_from.is_err() {
        problems.push(Problem::at("effective_from", "施行日を 2026-04-01 の形で入力してください。"));
    }
    let evidence = EVIDENCE.iter().find(|(key, ..)| *key == fields.get("evidence")).map(|(.., evidence)| *evidence);
    if evidence.is_none() {
        problems.push(Problem::at("evidence", "確認の程度を選んでください。"));
    }
    let url = fields.line("url");
    let web = url.starts_with("https://") || url.starts_with("http://");
    if !url.is_empty() && (!web || url.chars().count() > 500) {
        problems.push(Problem::at(
            "url",
            "公表元のアドレスを https:// から 500 文字までで入力するか、空欄にしてください。",
        ));
    }
    if let (Ok(document), Ok(effective_from), Some(evidence), true) =
        (document, effective_from, evidence, problems.is_empty())
    {
        let record = RuleDocumentStep::Record {
            title: fields.line("title").to_owned(),
            version: fields.line("version").to_owned(),
            effective_from,
            evidence,
            sha256: sha256.clone(),
            url: url.to_owned(),
        };
        let command = Command::StepRuleDocument(StepRuleDocument { document: document.clone(), step: record });
        match give(&app, &signed, command, &fields.text(step::REASON)).await? {
            Ok(_) => return Ok(go(&format!("/ismap/rules/{document}?done=recorded"))),
            Err(refusal) => {
                let field = match refusal.code {
                    "EXISTS" => "document",
                    "MUST_NOT_BE_KEPT" => "title",
                    "INVALID" => "evidence",
                    _ => "",
                };
                problems.push(Problem::refused(field, &refusal));
            }
        }
    }
    list(&app, &signed, Default::default(), &fields, sha256, problems).await
}
