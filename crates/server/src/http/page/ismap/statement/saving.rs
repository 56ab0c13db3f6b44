//! Saving a page of items: each part of each item on the newest draft, so that what others wrote meanwhile stays; what
//! both changed is told with both texts. Then, if asked, many items are decided at once.

use super::editor::{Left, Many, adopted_objectives, left_out, shown};
use super::items::{self, Typed, anchor};
use super::opened::{Opened, open, previous};
use super::selection::{Wish, by_item};
use crate::http::App;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Problem, go};
use crate::ismap::working::{self, Draft};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::id::PersonId;
use sekisho_domain::ismap::criterion::CriterionId;
use sekisho_domain::ismap::statement::{Clash, Deed, LONGEST_REASON, StatementContent, StatementState, validate};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Nothing would change, so nothing is kept.
struct Idle;

/// What is said when the content can no longer be changed.
pub(super) fn closed(opened: &Opened) -> String {
    let state = opened.statement.state;
    match state {
        StatementState::Draft => "言明書を書けるのは、その事業者の担当者と言明責任者だけです。".to_owned(),
        StatementState::Validated => {
            "検証済みのため、変えられません。「点検・検証」で作成中に戻してから変えてください。".to_owned()
        }
        _ => format!("{}のため、変えられません。変えるときは「経過と版」から新しい版を作ってください。", state.label()),
    }
}

/// Takes the items of a form in; what clashes comes back. Nothing but the draft is touched.
pub(super) async fn take(
    app: &App,
    by: &PersonId,
    opened: &Opened,
    typed: &BTreeMap<CriterionId, Typed>,
) -> Result<(StatementContent, BTreeMap<CriterionId, Clash>), PageError> {
    let first = opened.said()?;
    let clashes = Mutex::new(BTreeMap::new());
    let change = |content: &mut StatementContent| {
        let (mut found, mut changed) = (BTreeMap::new(), false);
        for (id, typed) in typed.iter().filter(|(id, _)| opened.catalogue.get(**id).is_some()) {
            match content.edit(*id, typed.seen.as_ref(), &typed.edit) {
                Ok(new) => changed |= new,
                Err(clash) => {
                    found.insert(*id, clash);
                }
            }
        }
        // Leave is given for what stands after the form was taken in, and by the head alone.
        let objectives = adopted_objectives(opened, content);
        for (id, typed) in typed.iter().filter(|(id, _)| opened.head && !found.contains_key(*id)) {
            let out = opened.catalogue.get(*id).is_some_and(|criterion| {
                criterion.flag_basic
                    && content.answers.get(id).is_some_and(|answer| left_out(criterion, answer, &objectives))
            });
            if let Some(leave) = typed.leave {
                changed |= content.let_out(*id, (leave && out).then_some(by));
            }
        }
        *clashes.lock().unwrap_or_else(PoisonError::into_inner) = found;
        if changed { Ok(()) } else { Err(Idle) }
    };
    let kept = working::change(app, by, Draft::Statement, opened.id.as_str(), || first.clone(), change).await?;
    let content = match kept {
        Ok(content) => content,
        Err(Idle) => working::load(app, Draft::Statement, opened.id.as_str()).await?.unwrap_or_else(|| first.clone()),
    };
    Ok((content, clashes.into_inner().unwrap_or_else(PoisonError::into_inner)))
}

pub(super) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let mut opened = open(&app, &register, &signed, &id, None).await?;
    if !opened.own {
        return Err(PageError::Missing);
    }
    let wish = wish(&fields);
    let mut typed = items::read(&fields);
    let picked = typed.iter().filter(|(_, typed)| typed.picked).map(|(id, _)| *id).collect();
    let asked = Many {
        scope: fields.get("scope").to_owned(),
        deed: fields.get("deed").to_owned(),
        text: fields.text("text"),
        replace: !fields.get("replace").is_empty(),
    };
    let mut left = Left { picked, many: asked, ..Left::default() };
    if !opened.writes() {
        left.problems.push(Problem::at("", closed(&opened)));
        let said = opened.said()?;
        typed.retain(|id, typed| said.clone().edit(*id, None, &typed.edit) != Ok(false));
        left.typed = typed;
        return shown(&app, &register, &signed, &opened, (wish, None), left, StatusCode::CONFLICT).await;
    }
    let long: BTreeMap<CriterionId, Vec<Problem>> = typed
        .iter()
        .map(|(id, typed)| (*id, items::too_long(*id, &typed.edit)))
        .filter(|(_, p)| !p.is_empty())
        .collect();
    let fitting =
        typed.iter().filter(|(id, _)| !long.contains_key(*id)).map(|(id, typed)| (*id, typed.clone())).collect();
    let (content, clashes) = take(&app, signed.person(), &opened, &fitting).await?;
    opened.content = Some(content);
    for id in clashes.keys() {
        let text = format!("{id} は、開いたあとにほかの人が変えました。両方の文を見て、もう一度保存してください。");
        left.problems.push(Problem::at(anchor(*id), text));
    }
    typed.retain(|id, _| long.contains_key(id) || clashes.contains_key(id));
    left.problems.extend(long.into_values().flatten());
    left.clashes = clashes;
    left.typed = typed;
    let mut status = if left.clashes.is_empty() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::CONFLICT };
    if left.problems.is_empty() && fields.get("act") == "many" {
        match many(&app, &opened, &wish, &left, signed.person(), &register).await? {
            Ok(count) => {
                let done = if count > 0 { "many" } else { "none" };
                return Ok(go(&address(&opened, &wish, &wish.from, done)));
            }
            Err(problem) => left.problems.push(problem),
        }
        status = StatusCode::UNPROCESSABLE_ENTITY;
    }
    if !left.problems.is_empty() {
        return shown(&app, &register, &signed, &opened, (wish, None), left, status).await;
    }
    let from = if fields.get("act") == "next" { fields.line("after") } else { wish.from.as_str() };
    Ok(go(&address(&opened, &wish, from, "saved")))
}

fn wish(fields: &Fields) -> Wish {
    let line = |name| fields.line(name).to_owned();
    Wish { c: line("c"), o: line("o"), show: line("show"), q: line("q"), from: line("from"), done: String::new() }
}

fn address(opened: &Opened, wish: &Wish, from: &str, done: &str) -> String {
    let from = CriterionId::parse(from).ok();
    format!("/ismap/statements/{}?{}", opened.id, wish.query(from, done))
}

/// Decides many items at once; how many changed.
async fn many(
    app: &App,
    opened: &Opened,
    wish: &Wish,
    left: &Left,
    by: &PersonId,
    register: &sekisho_domain::register::Register,
) -> Result<Result<usize, Problem>, PageError> {
    let asked = &left.many;
    let deed = match asked.deed.as_str() {
        "adopt" => Deed::Adopt,
        "exclude" => Deed::Exclude,
        "last" => Deed::TakeOver,
        _ => return Ok(Err(Problem::at("deed", "採用、非採用、引き継ぐのどれにするかを選んでください。"))),
    };
    // The shorter bound: the text may become a reason.
    if asked.text.chars().count() > LONGEST_REASON {
        return Ok(Err(Problem::at("many-text", format!("文は {LONGEST_REASON} 文字までにしてください。"))));
    }
    let content = opened.said()?;
    let validation = validate(&opened.catalogue, content);
    let ids: Vec<CriterionId> = match asked.scope.as_str() {
        "picked" => left.picked.iter().copied().filter(|id| opened.catalogue.get(*id).is_some()).collect(),
        "objective" => {
            let wish = Wish { o: wish.o.clone(), ..Wish::default() };
            if CriterionId::parse(&wish.o).is_err() {
                return Ok(Err(Problem::at("scope", "先に統制目標を選んでください。")));
            }
            wish.select(&opened.catalogue, content, &BTreeMap::new()).iter().map(|c| c.id).collect()
        }
        "all" => wish.select(&opened.catalogue, content, &by_item(&validation)).iter().map(|c| c.id).collect(),
        _ => Vec::new(),
    };
    if ids.is_empty() {
        let text = "対象の項目がありません。項目の「まとめて決める対象にする」に印を付けるか、範囲を選んでください。";
        return Ok(Err(Problem::at("scope", text)));
    }
    let before = match deed {
        Deed::TakeOver => previous(app, register, &opened.statement).await?,
        Deed::Adopt | Deed::Exclude => None,
    };
    let count = Mutex::new(0);
    let change = |content: &mut StatementContent| {
        let changed = content.decide_many(ids.iter().copied(), (deed, &asked.text, asked.replace), before.as_ref());
        *count.lock().unwrap_or_else(PoisonError::into_inner) = changed;
        if changed > 0 { Ok(()) } else { Err(Idle) }
    };
    let begin = || content.clone();
    let _: Result<StatementContent, Idle> =
        working::change(app, by, Draft::Statement, opened.id.as_str(), begin, change).await?;
    Ok(Ok(count.into_inner().unwrap_or_else(PoisonError::into_inner)))
}
