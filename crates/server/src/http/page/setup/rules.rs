//! The rule sets in force, in words, and adopting or withdrawing one.

use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::give;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Field, Frame, Problem, go, page};
use crate::http::page::list::Asked;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use sekisho_domain::command::{AdoptRules, Command, WithdrawRules};
use sekisho_domain::id::RuleSetId;
use sekisho_domain::organization::Sector;
use sekisho_domain::person::Role;
use sekisho_domain::rule_set::{AppliesTo, RuleSet};

#[derive(Template)]
#[template(path = "setup/rules.html")]
struct RulesPage {
    frame: Frame,
    sets: Vec<Shown>,
    may_adopt: bool,
    own: Field,
}

struct Shown {
    id: String,
    title: String,
    edition: String,
    adopted: bool,
    built_in: bool,
    text: String,
}

async fn form(
    app: &App,
    signed: &SignedIn,
    given: &Fields,
    (problems, notice): (Vec<Problem>, Option<&'static str>),
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let status = Problem::status(&problems);
    let frame = Frame::new(app, Some(signed), "/rules", "規則").await?;
    let frame = frame.below(&[("/", "ホーム")]).notice(notice).wrong(problems);
    let body = register.organization().map(|body| match body.sector {
        Sector::National => AppliesTo::National,
        Sector::Municipal => AppliesTo::Local,
    });
    let built_in = body.map(RuleSet::builtin_for).unwrap_or_default();
    let shown = |set: &RuleSet, adopted: bool| Shown {
        id: set.id.to_string(),
        title: set.title.clone(),
        edition: set.edition.clone(),
        adopted,
        built_in: built_in.iter().any(|known| known.id == set.id),
        text: set.text.clone(),
    };
    let mut sets: Vec<Shown> = register.rule_sets().map(|set| shown(set, true)).collect();
    let lacking: Vec<Shown> = built_in
        .iter()
        .filter(|set| !sets.iter().any(|known| known.id == set.id.as_str()))
        .map(|set| shown(set, false))
        .collect();
    sets.extend(lacking);
    let own = Field::area("text", "規則の本文（Cedar）", 10)
        .help("先頭の注釈に識別子・名称・版・適用先を書きます。書き方は同梱の文書 RULES.md にあります。誤りがあれば行を示し、いまの規則がそのまま効きます。")
        .value(&given.text("text"))
        .told(&frame.problems);
    let may_adopt = register.holds(signed.person(), Role::Ciso);
    Ok(page(status, &RulesPage { frame, sets, may_adopt, own }))
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let notice = match asked.done.as_deref() {
        Some("adopted") => Some("規則を採用しました。次の利用から適用されます。"),
        Some("withdrawn") => Some("規則の採用をやめました。"),
        _ => None,
    };
    form(&app, &signed, &Fields::default(), (Vec::new(), notice)).await
}

pub(super) async fn submit(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let text = fields.text("text");
    let (field, command, done) = match fields.get("act") {
        "own" => match RuleSet::parse(&text) {
            Ok(set) => ("text", Command::AdoptRules(AdoptRules { rule_set: set.id, text: Some(text) }), "adopted"),
            Err(error) => {
                let problem = Problem::at("text", format!("規則の先頭の注釈を読めません: {error}"));
                return form(&app, &signed, &fields, (vec![problem], None)).await;
            }
        },
        act => {
            let rule_set = RuleSetId::new(fields.get("rule_set")).map_err(|_| PageError::Unreadable)?;
            match act {
                "adopt" => ("", Command::AdoptRules(AdoptRules { rule_set, text: None }), "adopted"),
                "withdraw" => ("", Command::WithdrawRules(WithdrawRules { rule_set }), "withdrawn"),
                _ => return Err(PageError::Unreadable),
            }
        }
    };
    match give(&app, &signed, command, "規則の採用を改める").await? {
        Ok(_) => Ok(go(&format!("/rules?done={done}"))),
        Err(refusal) => form(&app, &signed, &fields, (vec![Problem::refused(field, &refusal)], None)).await,
    }
}
