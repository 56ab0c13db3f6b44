//! Collecting a unit, or a paragraph of it, into a dossier.

use super::{Dossier, ITEMS, Item, MOST, NOTE, PAPER, TITLE, all, change, new_row, open, within};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::{self, keep, named_once};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::research::citation;
use crate::http::page::research::hit::{address, official};
use crate::http::page::research::law::day;
use crate::http::page::research::lines;
use crate::http::page::research::reader::{Reader, on_shelf};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::civil::Date;
use sekisho_search::unit::{Corpus, Unit, UnitId};
use serde::Deserialize;

/// Characters of a quotation.
const QUOTE: usize = 20_000;
/// Characters of a paragraph's beginning in the list of paragraphs, and how many paragraphs stand there.
const BEGINNING: usize = 40;
const PARAGRAPHS: usize = 400;

#[derive(Debug, Default, Deserialize)]
pub(in crate::http::page) struct Asked {
    #[serde(default)]
    corpus: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    as_of: String,
}

#[derive(Template)]
#[template(path = "research/add.html")]
struct AddPage {
    frame: Frame,
    citation: String,
    text: String,
    asked: Asked,
    fields: Vec<Field>,
    once: String,
}

/// What is to be collected.
struct Found {
    corpus: Corpus,
    unit: Unit,
    as_of: Option<Date>,
}

async fn find(app: &App, signed: &SignedIn, asked: &Asked) -> Result<Found, PageError> {
    let reader = Reader::of(app, signed)?;
    let corpus = Corpus::ALL.into_iter().find(|c| c.name() == asked.corpus).ok_or(PageError::Missing)?;
    let as_of = day(&asked.as_of)?;
    let (id, on) = (UnitId::new(&*asked.unit), as_of.unwrap_or(reader.today));
    let unit = on_shelf(app, corpus, move |reading| reading.unit(&id, on)).await?;
    let unit = unit.filter(|unit| reader.may_read(unit)).ok_or(PageError::Missing)?;
    Ok(Found { corpus, unit, as_of })
}

pub(in crate::http::page) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let found = find(&app, &signed, &asked).await?;
    render(&app, &signed, asked, &found, &Fields::default(), Vec::new()).await
}

pub(in crate::http::page) async fn submit(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let asked = Asked {
        corpus: fields.get("corpus").to_owned(),
        unit: fields.get("unit").to_owned(),
        as_of: fields.get("as_of").to_owned(),
    };
    let found = find(&app, &signed, &asked).await?;
    let name = named_once(&app, &signed, &fields);
    let item = item(&app, &found, &fields, &name);
    let chosen = fields.get("dossier");
    let problem = if chosen.is_empty() {
        let title = within(fields.line("title"), TITLE);
        if title.is_empty() {
            Problem::at("title", "新しい調査メモの名前を入力するか、加える先を選んでください。")
        } else if all(&app, &signed).await?.len() as u64 >= MOST {
            Problem::at("", format!("調査メモは {MOST} 件までです。使わないものを削除してください。"))
        } else {
            let id = format!("d-{name}");
            keep(&app, new_row(&app, &signed, PAPER, id.clone()), &Dossier { title, items: vec![item] }).await?;
            return Ok(go(&format!("/research/notes/{id}?done=added")));
        }
    } else {
        let kept = open(&app, &signed, chosen).await?;
        let mut dossier = kept.dossier.clone();
        let there = dossier.items.iter().any(|known| known.id == item.id);
        if !there && dossier.items.len() >= ITEMS {
            Problem::at("dossier", format!("一つの調査メモには {ITEMS} 件まで入ります。別の調査メモを選んでください。"))
        } else {
            dossier.items.extend((!there).then_some(item));
            if there || change(&app, &kept, &dossier).await? {
                return Ok(go(&format!("/research/notes/{chosen}?done=added")));
            }
            Problem::at("", "同時に別の画面でこの調査メモが変わりました。もう一度「加える」を押してください。")
        }
    };
    render(&app, &signed, asked, &found, &fields, vec![problem]).await
}

/// The lines one may quote alone, with their places.
fn quotable(unit: &Unit) -> impl Iterator<Item = (usize, &str)> {
    unit.text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).take(PARAGRAPHS)
}

fn item(app: &App, found: &Found, fields: &Fields, name: &str) -> Item {
    let Found { corpus, unit, as_of } = found;
    let line = fields.get("part").parse::<usize>().ok();
    let within_unit = match (corpus, line) {
        (Corpus::Law, Some(line)) => lines::within(unit, line),
        _ => String::new(),
    };
    let quote =
        line.and_then(|line| quotable(unit).find(|(at, _)| *at == line)).map_or(unit.text.as_str(), |(_, line)| line);
    Item {
        id: name.to_owned(),
        corpus: *corpus,
        unit: unit.id.clone(),
        as_of: *as_of,
        citation: citation::of(*corpus, unit, &within_unit),
        quote: quote.chars().take(QUOTE).collect(),
        href: address(*corpus, unit, *as_of),
        official: official(unit),
        note: within(&fields.text("note"), NOTE),
        added_at: app.world.now(),
    }
}

async fn render(
    app: &App,
    signed: &SignedIn,
    asked: Asked,
    found: &Found,
    fields: &Fields,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let mut parts = vec![Choice::new("", "全体")];
    parts.extend(quotable(&found.unit).map(|(at, line)| {
        let beginning: String = line.chars().take(BEGINNING).collect();
        Choice::new(at.to_string(), format!("{beginning}…"))
    }));
    let mine = all(app, signed).await?;
    let first = mine.first().map(|kept| kept.row.id.clone()).unwrap_or_default();
    let mut dossiers: Vec<Choice> = mine.into_iter().map(|kept| Choice::new(kept.row.id, kept.dossier.title)).collect();
    dossiers.push(Choice::new("", "新しい調査メモ"));
    let chosen = if problems.is_empty() { first.as_str() } else { fields.get("dossier") };
    let parts = vec![
        Field::select("part", "引用するところ", parts).value(fields.get("part")).told(&problems),
        Field::select("dossier", "加える先", dossiers).value(chosen).told(&problems),
        Field::text("title", "新しい調査メモの名前", "off")
            .help("「新しい調査メモ」を選んだときに入力してください。")
            .value(fields.line("title"))
            .told(&problems),
        Field::area("note", "メモ", 4).optional().value(&fields.text("note")).told(&problems),
    ];
    let status = Problem::status(&problems);
    let once = match fields.get(act::ONCE) {
        "" => act::once(app),
        once => once.to_owned(),
    };
    let frame = Frame::new(app, Some(signed), "/research/notes/add", "調査メモに加える").await?;
    let trail = [("/", "ホーム"), ("/research/law", "法令・国会"), ("/research/notes", "調査メモ")];
    let shown = AddPage {
        frame: frame.below(&trail).wrong(problems),
        citation: citation::of(found.corpus, &found.unit, ""),
        text: found.unit.text.clone(),
        asked,
        fields: parts,
        once,
    };
    Ok(page(status, &shown))
}
