//! 規程: the four parts that must be in force before anyone may apply (統一基準R3 4.2.2(1)(a)).

use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::give;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::list::Asked;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use sekisho_domain::command::Command;
use sekisho_domain::person::Role;
use sekisho_domain::regulation::{Enactment, Part};
use sekisho_gate::identify::hash_of;

#[derive(Template)]
#[template(path = "setup/regulation.html")]
struct RegulationPage {
    frame: Frame,
    parts: Vec<Shown>,
    may_enact: bool,
    fields: Vec<Field>,
}

struct Shown {
    label: &'static str,
    title: String,
    version: String,
    document: String,
}

const PARTS: [(Part, &str); 4] = [
    (Part::ScopeOfWork, "scope_of_work"),
    (Part::Approval, "approval"),
    (Part::Management, "management"),
    (Part::Operation, "operation"),
];

async fn form(
    app: &App,
    signed: &SignedIn,
    given: &Fields,
    (problems, notice): (Vec<Problem>, Option<&'static str>),
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let status = Problem::status(&problems);
    let frame = Frame::new(app, Some(signed), "/regulation", "規程").await?;
    let frame = frame.below(&[("/", "ホーム")]).notice(notice).wrong(problems);
    let parts = PARTS
        .iter()
        .map(|(part, _)| {
            let enacted = register.regulation().parts().find(|enacted| enacted.part == *part);
            Shown {
                label: part.label(),
                title: enacted.map(|e| e.title.clone()).unwrap_or_default(),
                version: enacted.map(|e| e.version.clone()).unwrap_or_default(),
                document: enacted.map(|e| e.document.clone()).unwrap_or_default(),
            }
        })
        .collect();
    let missing = register.regulation().missing();
    let first = PARTS.iter().find(|(part, _)| missing.contains(part)).map_or("scope_of_work", |(_, value)| value);
    let chosen = if given.get("part").is_empty() { first } else { given.get("part") };
    let said = &frame.problems;
    let fields = vec![
        Field::radio("part", "部分", PARTS.iter().map(|(part, value)| Choice::new(*value, part.label())).collect())
            .value(chosen)
            .told(said),
        Field::text("title", "文書の名称", "off")
            .help("例: 架空市外部サービス利用規程")
            .value(given.get("title"))
            .told(said),
        Field::text("version", "版", "off").help("例: 令和8年4月1日施行").value(given.get("version")).told(said),
        Field::area("text", "文書の本文", 8)
            .help("本文は保存しません。本文の指紋（SHA-256）だけを台帳に記録し、あとで同じ文書であることを確かめられるようにします。ファイルの SHA-256 を 64 桁で書くこともできます。")
            .value(&given.text("text"))
            .told(said),
    ];
    let may_enact = register.holds(signed.person(), Role::Ciso);
    Ok(page(status, &RegulationPage { frame, parts, may_enact, fields }))
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let notice = (asked.done.as_deref() == Some("enacted")).then_some("規程の部分を施行しました。");
    form(&app, &signed, &Fields::default(), (Vec::new(), notice)).await
}

pub(super) async fn submit(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let mut problems = Vec::new();
    let part = PARTS.iter().find(|(_, value)| *value == fields.get("part")).map(|(part, _)| *part);
    if part.is_none() {
        problems.push(Problem::at("part", "四つの部分から一つを選んでください。"));
    }
    let text = fields.text("text");
    for (field, value, text) in [
        ("title", fields.line("title"), "文書の名称を入力してください。"),
        ("version", fields.line("version"), "版を入力してください。"),
        ("text", text.trim(), "本文、または本文の SHA-256（16 進小文字 64 桁）を入力してください。"),
    ] {
        if value.is_empty() {
            problems.push(Problem::at(field, text));
        }
    }
    if let (Some(part), true) = (part, problems.is_empty()) {
        let trimmed = text.trim();
        let is_digest = trimmed.len() == 64 && trimmed.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let enactment = Enactment {
            part,
            title: fields.line("title").to_owned(),
            version: fields.line("version").to_owned(),
            document: if is_digest { trimmed.to_owned() } else { hash_of(&text) },
        };
        match give(&app, &signed, Command::EnactRegulation(enactment), "規程の整備").await? {
            Ok(_) => return Ok(go("/regulation?done=enacted")),
            Err(refusal) => problems.push(Problem::refused("title", &refusal)),
        }
    }
    form(&app, &signed, &fields, (problems, None)).await
}
