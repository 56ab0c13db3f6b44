//! The statement, item by item: to write while it is a draft, to read afterwards.

use super::items::{self, Typed, anchor, decision, in_words};
use super::opened::{Opened, open, previous};
use super::selection::{ITEMS, SHOWS, Wish, by_item};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Choice, Field, Frame, Problem, page_with_script};
use crate::http::page::ismap::as_of::AsOf;
use crate::http::page::ismap::frame;
use crate::http::page::words::{Names, day};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::ismap::criterion::{Criterion, CriterionId, Level};
use sekisho_domain::ismap::statement::{
    self, Answer, Clash, Completeness, ControlChange, Decision, Edit, Statement, StatementContent, validate,
};
use sekisho_domain::register::Register;
use std::collections::{BTreeMap, BTreeSet};

/// The script of the page.
const SCRIPT: &str = "/statement.js";

/// What every page of a statement shows of it.
pub(super) struct Head {
    pub(super) id: String,
    pub(super) service: String,
    pub(super) state: &'static str,
    pub(super) period: String,
    pub(super) catalogue: String,
    /// Of the person's own party.
    pub(super) own: bool,
    /// The content can be changed now.
    pub(super) writes: bool,
}

impl Head {
    pub(super) fn of(register: &Register, opened: &Opened) -> Self {
        Self {
            id: opened.id.to_string(),
            service: opened.service(register),
            state: opened.statement.state.label(),
            period: period(&opened.statement),
            catalogue: version(register, &opened.statement),
            own: opened.own,
            writes: opened.writes(),
        }
    }
}

/// The audit period in words.
pub(super) fn period(statement: &Statement) -> String {
    format!("{}〜{}", day(statement.from), day(statement.to))
}

/// The pinned version of the criteria in words.
pub(super) fn version(register: &Register, statement: &Statement) -> String {
    let row = register.scheme().catalogues.now(&statement.catalogue);
    row.map_or_else(
        || statement.catalogue.to_string(),
        |row| format!("{} {}{}", row.title, row.version, if row.fictional { "（架空）" } else { "" }),
    )
}

/// The way to a page of a statement.
pub(super) async fn framed(
    app: &App,
    signed: &SignedIn,
    register: &Register,
    opened: &Opened,
    title: &'static str,
) -> Result<Frame, PageError> {
    let to = format!("/ismap/statements/{}", opened.id);
    let name = format!("{}の言明書", opened.service(register));
    let trail = [("/ismap/statements", "言明書"), (to.as_str(), name.as_str())];
    Ok(frame(app, signed, "/ismap/statements", title, &trail).await?.wide())
}

/// How far it has come.
pub(super) struct Meter {
    pub(super) counts: Completeness,
    pub(super) errors: usize,
    pub(super) warnings: usize,
}

/// A kind of change to tick.
struct Kind {
    key: &'static str,
    label: &'static str,
    counts: bool,
    ticked: bool,
}

/// Last year's answer.
struct Last {
    decision: &'static str,
    control: String,
    reason: String,
    same: bool,
}

/// A basic item that is left out.
struct Leave {
    /// Who let it, once somebody has.
    by: Option<String>,
    /// Who looks may let it.
    may: bool,
}

/// One item.
struct Item {
    id: String,
    anchor: String,
    level: &'static str,
    objective: bool,
    text: String,
    basic: bool,
    provider: bool,
    seen: String,
    edit: Edit,
    kinds: Vec<Kind>,
    changed: String,
    newly: bool,
    problems: Vec<String>,
    last: Option<Last>,
    leave: Option<Leave>,
    clash: Vec<(&'static str, String)>,
    picked: bool,
}

impl Item {
    fn is(&self, wanted: &str) -> bool {
        wanted
            == match self.edit.decision {
                None => "",
                Some(Decision::Adopted) => "adopted",
                Some(Decision::Excluded) => "excluded",
            }
    }

    fn decided(&self) -> &'static str {
        decision(self.edit.decision)
    }
}

/// A chapter, or an objective of the chapter one is in.
struct Part {
    href: String,
    label: String,
    left: usize,
    all: usize,
    here: bool,
}

#[derive(Template)]
#[template(path = "ismap/statement/editor.html")]
struct EditorPage {
    frame: Frame,
    head: Head,
    past: Option<String>,
    meter: Meter,
    whole: Vec<String>,
    chapters: Vec<Part>,
    objectives: Vec<Part>,
    wish: Wish,
    q: Field,
    show: Field,
    items: Vec<Item>,
    total: usize,
    first: usize,
    last: usize,
    before: Option<String>,
    after: Option<String>,
    after_from: String,
    objective: String,
    has_last: bool,
    many: Many,
    unsaved: Vec<(String, Vec<(&'static str, String)>)>,
}

/// What a form that could not be taken whole leaves to be shown.
#[derive(Default)]
pub(super) struct Left {
    pub(super) problems: Vec<Problem>,
    pub(super) clashes: BTreeMap<CriterionId, Clash>,
    /// What was typed of items that were not saved.
    pub(super) typed: BTreeMap<CriterionId, Typed>,
    /// What was ticked to be decided with others.
    pub(super) picked: BTreeSet<CriterionId>,
    /// What was asked for of them.
    pub(super) many: Many,
    pub(super) notice: Option<&'static str>,
}

/// The form that decides many items, as it was filled in.
#[derive(Default)]
pub(super) struct Many {
    pub(super) scope: String,
    pub(super) deed: String,
    pub(super) text: String,
    pub(super) replace: bool,
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(wish): Query<Wish>,
    as_of: AsOf,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let past = as_of.day();
    let opened = open(&app, &register, &signed, &id, past).await?;
    let notice = match wish.done.as_str() {
        "begun" => Some("言明書を作り始めました。章を選び、項目ごとに採用か非採用かを決めてください。"),
        "saved" => Some("保存しました。"),
        "many" => Some("選んだ項目をまとめて決めました。"),
        "none" => Some(
            "まとめて決める項目はありませんでした。決めた項目も対象にするには「決めた項目・書いた文も置き換える」に印を付けてください。",
        ),
        "imported" => Some("表の回答を取り込みました。"),
        "reopened" => Some("作成中に戻しました。内容を変えられます。"),
        _ => None,
    };
    let left = Left { notice, ..Left::default() };
    shown(&app, &register, &signed, &opened, (wish, past), left, StatusCode::OK).await
}

pub(super) async fn shown(
    app: &App,
    register: &Register,
    signed: &SignedIn,
    opened: &Opened,
    (wish, past): (Wish, Option<jiff::civil::Date>),
    left: Left,
    status: StatusCode,
) -> Result<Response, PageError> {
    let content = opened.said()?;
    let validation = validate(&opened.catalogue, content);
    let problems = by_item(&validation);
    let last_year = if opened.own && past.is_none() { previous(app, register, &opened.statement).await? } else { None };
    let selected = wish.select(&opened.catalogue, content, &problems);
    let start = wish.start(&selected);
    let page_of: Vec<&Criterion> = selected.iter().skip(start).take(ITEMS).copied().collect();
    let at = |index: usize| selected.get(index).map(|criterion| criterion.id);
    let base = format!("/ismap/statements/{}", opened.id);
    let to = |id: CriterionId| format!("{base}?{}", wish.query(Some(id), ""));
    let leavers: Vec<_> = page_of.iter().filter_map(|c| content.answers.get(&c.id)?.overridden_by.as_ref()).collect();
    let names = Names::of(app, leavers).await?;
    let objectives = adopted_objectives(opened, content);
    let items = page_of.iter().map(|criterion| {
        let nothing = Answer::default();
        let answer = content.answers.get(&criterion.id).unwrap_or(&nothing);
        let told = problems.get(&criterion.id).into_iter().flatten();
        let told = told.map(|p| format!("（{}）{}", p.rule, p.ja)).collect();
        let before = last_year.as_ref().and_then(|last| last.beside(criterion.id));
        let leave = (opened.own && criterion.flag_basic && left_out(criterion, answer, &objectives)).then(|| Leave {
            by: answer.overridden_by.as_ref().map(|by| names.get(by)),
            may: opened.head && opened.writes(),
        });
        item(criterion, answer, told, before, leave, &left)
    });
    let items: Vec<Item> = items.collect();
    let (errors, warnings) = (validation.errors().count(), validation.problems.len());
    let meter = Meter { counts: validation.completeness, errors, warnings: warnings - errors };
    let after = at(start + ITEMS);
    let show = SHOWS.map(|(key, label)| Choice::new(key, label)).to_vec();
    let typed = if opened.writes() { BTreeMap::new() } else { left.typed.clone() };
    let title = format!("{}の言明書", opened.service(register));
    let framed = frame(app, signed, "/ismap/statements", title, &[("/ismap/statements", "言明書")]).await?.wide();
    let framed = framed.notice(left.notice).wrong(left.problems);
    let mut many = left.many;
    // The objective is offered only where one is chosen.
    if many.scope.is_empty() || (many.scope == "objective" && wish.o.is_empty()) {
        many.scope = "picked".to_owned();
    }
    let objective = CriterionId::parse(&wish.o).map(|id| id.to_string()).unwrap_or_default();
    let shown = EditorPage {
        frame: if opened.writes() { framed.script(SCRIPT) } else { framed },
        head: Head::of(register, opened),
        past: past.map(day),
        meter,
        whole: validation.problems.iter().filter(|p| p.criterion.is_none()).map(|p| p.ja.clone()).collect(),
        chapters: parts(opened, content, &wish, &base, false),
        objectives: parts(opened, content, &wish, &base, true),
        q: Field::input("search", "q", "番号・本文・回答の言葉").optional().value(&wish.q),
        show: Field::select("show", "表示する項目", show).value(&wish.show),
        total: selected.len(),
        first: if items.is_empty() { 0 } else { start + 1 },
        last: start + items.len(),
        before: start.checked_sub(1).and_then(|_| at(start.saturating_sub(ITEMS))).map(to),
        after: after.map(to),
        after_from: after.map(|id| id.to_string()).unwrap_or_default(),
        objective,
        has_last: last_year.is_some(),
        many,
        items,
        unsaved: typed.iter().map(|(id, typed)| (id.to_string(), words_of(&typed.edit))).collect(),
        wish,
    };
    Ok(page_with_script(status, &shown))
}

/// The parts of an edit that say anything.
fn words_of(edit: &Edit) -> Vec<(&'static str, String)> {
    let all = statement::Part::ALL.into_iter();
    all.map(|part| (part.label(), in_words(edit, part))).filter(|(_, text)| text != "（空欄）").collect()
}

/// Objectives that are adopted.
pub(super) fn adopted_objectives(opened: &Opened, content: &StatementContent) -> BTreeSet<[u16; 3]> {
    let objectives = opened.catalogue.criteria.iter().filter(|c| c.id.level() == Level::Objective);
    let adopted = |c: &&Criterion| content.answers.get(&c.id).and_then(|a| a.decision) == Some(Decision::Adopted);
    objectives.filter(adopted).map(|c| c.id.objective()).collect()
}

/// A detail that is left out under an adopted objective: if it is a basic item, the head has to let it.
pub(super) fn left_out(criterion: &Criterion, answer: &Answer, objectives: &BTreeSet<[u16; 3]>) -> bool {
    criterion.id.level() == Level::Detail
        && answer.decision == Some(Decision::Excluded)
        && objectives.contains(&criterion.id.objective())
}

fn item(
    criterion: &Criterion,
    answer: &Answer,
    problems: Vec<String>,
    before: Option<&Answer>,
    leave: Option<Leave>,
    left: &Left,
) -> Item {
    let typed = left.typed.get(&criterion.id);
    let edit = typed.map_or_else(|| Edit::of(answer), |typed| typed.onto(answer));
    let clash = left.clashes.get(&criterion.id);
    let clash = clash.map(|clash| {
        let now = Edit::of(&clash.now);
        clash.parts.iter().map(|part| (part.label(), in_words(&now, *part))).collect()
    });
    let kind = |kind: ControlChange| Kind {
        key: items::key(kind),
        label: kind.label(),
        counts: kind.counts(),
        ticked: edit.changed.contains(&kind),
    };
    let last = before.map(|last| Last {
        decision: decision(last.decision),
        control: last.control.clone(),
        reason: last.reason.clone(),
        same: (last.decision, last.control.trim(), last.reason.trim())
            == (answer.decision, answer.control.trim(), answer.reason.trim()),
    });
    let newly = before.is_some_and(|last| last.decision == Some(Decision::Excluded))
        && edit.decision == Some(Decision::Adopted)
        && !edit.changed.contains(&ControlChange::NewlyAdopted);
    Item {
        id: criterion.id.to_string(),
        anchor: anchor(criterion.id),
        level: criterion.id.level().label(),
        objective: criterion.id.level() == Level::Objective,
        text: criterion.text.clone(),
        basic: criterion.flag_basic,
        provider: criterion.flag_provider,
        // The next time the form is sent it has seen what stands there now.
        seen: statement::Seen::of(answer).to_string(),
        kinds: ControlChange::ALL.map(kind).into(),
        changed: items::changes(edit.changed.iter()),
        newly,
        edit,
        problems,
        last,
        leave,
        clash: clash.unwrap_or_default(),
        picked: left.picked.contains(&criterion.id),
    }
}

/// The chapters, or the objectives of the chapter one is in, with how many items are undecided.
fn parts(opened: &Opened, content: &StatementContent, wish: &Wish, base: &str, objectives: bool) -> Vec<Part> {
    let chapter: Option<u16> =
        wish.c.parse().ok().or_else(|| CriterionId::parse(&wish.o).ok().map(CriterionId::chapter));
    let here = CriterionId::parse(&wish.o).ok().map(CriterionId::objective);
    let mut all: BTreeMap<[u16; 3], (usize, usize, &str)> = BTreeMap::new();
    for criterion in &opened.catalogue.criteria {
        let key = match (objectives, criterion.id.objective()) {
            (true, _) if Some(criterion.id.chapter()) != chapter => continue,
            (true, key) => key,
            (false, [chapter, ..]) => [chapter, 0, 0],
        };
        let (left, count, title) = all.entry(key).or_insert((0, 0, ""));
        *count += 1;
        *left += usize::from(content.answers.get(&criterion.id).is_none_or(|a| a.decision.is_none()));
        if objectives && criterion.id.level() == Level::Objective {
            *title = &criterion.text;
        }
    }
    let part = |(key, (left, all, title)): ([u16; 3], (usize, usize, &str))| {
        let [number, section, objective] = key;
        let (wish, label, here) = if objectives {
            let id = format!("{number}.{section}.{objective}");
            let title: String = title.chars().take(40).collect();
            let label = format!("{id} {title}");
            (Wish { o: id, show: wish.show.clone(), ..Wish::default() }, label, here == Some(key))
        } else {
            let title = opened.catalogue.chapters.get(&number).map_or("", String::as_str);
            let label = format!("{number} {title}");
            let here = chapter == Some(number);
            (Wish { c: number.to_string(), show: wish.show.clone(), ..Wish::default() }, label, here)
        };
        Part { href: format!("{base}?{}", wish.query(None, "")), label, left, all, here }
    };
    all.into_iter().map(part).collect()
}
