//! 法制度調査 and 国会答弁検索: what is found before a model is asked, what it is asked with, and what may be shown of its
//! answer.
//!
//! Found texts are data: they stand in the user's message alone, between lines that occur in none of them
//! ([`citation::passages_block`]), and whatever comes back is shown only after it was held against them. What is in this
//! folder knows no HTTP and decides nothing.

pub mod call;
pub mod cite;
mod diet;
mod differences;
mod draft;
pub mod embedding;
pub mod house;
mod law;
mod meaning;
mod message;
mod pairs;
mod report;
mod shape;
mod terms;
pub mod tools;

use crate::app::definition::Definition;
use crate::app::form::{Inputs, Value};
use crate::app::protocol::Said;
use crate::app::request::Request;
use crate::installation::Installation;
use jiff::civil::Date;
pub use meaning::Asker;
use meaning::Meaning;
use sekisho_domain::register::Register;
use sekisho_domain::service::Wire;
use sekisho_gate::inbound::Unreadable;
use sekisho_search::citation::Passage;
use sekisho_search::library::Library;
use sekisho_search::shelf::ShelfError;
use sekisho_search::unit::{Corpus, Unit};
pub use shape::Shape;

/// Longest question that is searched with; a longer one is refused by the form.
const QUESTION_CHARS: usize = 4_000;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Research {
    /// 法制度調査.
    Law,
    /// 国会答弁検索.
    Diet,
}

/// What was asked, as the form has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The question.
    pub question: String,
    /// Shape of the report; guessed where none was chosen.
    pub shape: Shape,
    /// Laws that were named apart from the question.
    pub laws: String,
    /// The day as of which law is read, or up to which answers are looked for.
    pub day: Date,
    /// No earlier than this day.
    pub since: Option<Date>,
    today: Date,
}

/// A passage with the unit it is of.
#[derive(Debug, Clone)]
pub struct Found {
    /// As the model is handed it.
    pub passage: Passage,
    /// The whole unit.
    pub unit: Unit,
}

/// What was found for a question: all that a report is made of, besides the answer.
#[derive(Debug, Clone)]
pub struct Gathered {
    /// Which app.
    pub research: Research,
    /// What was asked.
    pub asked: Asked,
    /// The passages by their numbers.
    pub found: Vec<Found>,
    /// Where two of the passages differ (国会答弁検索).
    differences: Vec<differences::Difference>,
    /// What the reader should know of the search, in sentences.
    notes: Vec<String>,
}

/// Why nothing was gathered.
#[derive(Debug, thiserror::Error)]
pub enum NotGathered {
    /// The caller's doing, or nothing fits.
    #[error("{}", .0.en)]
    Asked(Unreadable),
    /// Ours.
    #[error("the shelf cannot be read")]
    Shelf(#[from] ShelfError),
    /// The search broke off.
    #[error("the search broke off: {0}")]
    Broken(String),
}

impl NotGathered {
    /// What is recorded of a call for which nothing could be looked up: the caller's mistake, or ours.
    pub fn unsearched(&self) -> Unreadable {
        match self {
            Self::Asked(problem) => problem.clone(),
            Self::Shelf(_) | Self::Broken(_) => Unreadable {
                code: "SEARCH_FAILED",
                param: None,
                ja: "検索の索引を読めないため、調べられません。管理者に連絡してください。".into(),
                en: "the search index cannot be read".into(),
            },
        }
    }
}

/// What is found for an app's inputs; `None` for an app that looks nothing up. Other requests do not wait for the disk.
///
/// # Errors
/// [`NotGathered`].
pub async fn gather(
    app: &Installation,
    id: &str,
    inputs: &Inputs,
    today: Date,
    asker: Asker<'_>,
) -> Result<Option<Gathered>, NotGathered> {
    let Some(research) = Research::of(id) else { return Ok(None) };
    let asked = Asked::read(research, inputs, today).map_err(NotGathered::Asked)?;
    let meaning = meaning::of(app, research, &asked, asker).await;
    let work = app.in_library(move |library| research.gather(library, asked, meaning));
    work.await.map_err(|error| NotGathered::Broken(error.to_string()))?.map(Some)
}

/// The request of an app, with what was found for it.
pub fn request(app: &Definition, inputs: &Inputs, model: &str, gathered: Option<&Gathered>) -> Request {
    let request = Request::new(app, inputs, model);
    match gathered {
        Some(gathered) => request.with(&gathered.instruction(), &gathered.data()),
        None => request,
    }
}

/// What may be shown of an answer: a report where something was looked up, else the answer itself.
///
/// # Errors
/// The check broke off; then nothing of the answer may be shown.
pub async fn shown(
    app: &Installation,
    register: &Register,
    model: &str,
    gathered: Option<Gathered>,
    said: Said,
) -> Result<Said, NotGathered> {
    let Some(gathered) = gathered else { return Ok(said) };
    let service = register.service_of_model(model);
    let by_extraction = service.is_some_and(|record| record.service.upstream.wire == Wire::Extractive);
    let base = app.config.signin.public_url.as_deref().unwrap_or_default().trim_end_matches('/').to_owned();
    // Holding an answer against its sources takes its time; other requests must not wait for that.
    let check = app.in_library(move |_| {
        let text = gathered.report(&said.text, &base, by_extraction);
        Said { text, ..said }
    });
    check.await.map_err(|error| NotGathered::Broken(error.to_string()))
}

impl Research {
    /// The app of that name, if it is one of the two.
    pub fn of(app: &str) -> Option<Self> {
        match app {
            "law" => Some(Self::Law),
            "diet" => Some(Self::Diet),
            _ => None,
        }
    }

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Law => "法制度調査",
            Self::Diet => "国会答弁検索",
        }
    }

    /// What it looks through.
    fn corpus(self) -> Corpus {
        match self {
            Self::Law => Corpus::Law,
            Self::Diet => Corpus::Diet,
        }
    }

    /// What people call that.
    fn texts(self) -> &'static str {
        match self {
            Self::Law => "法令",
            Self::Diet => "国会会議録",
        }
    }

    /// The words that are looked for.
    fn looked_for(self, asked: &Asked) -> String {
        match self {
            Self::Law => law::looked_for(asked),
            Self::Diet => asked.question.clone(),
        }
    }

    /// Finds what a report is to be made of. Takes as long as reading from the disk takes.
    fn gather(self, library: &Library, asked: Asked, meaning: Meaning) -> Result<Gathered, NotGathered> {
        let Meaning { near, note } = meaning;
        let mut gathered = match self {
            Self::Law => law::gather(library, asked, near)?,
            Self::Diet => diet::gather(library, asked, near)?,
        };
        gathered.notes.extend(note);
        if gathered.found.is_empty() { Err(NotGathered::Asked(self.nothing())) } else { Ok(gathered) }
    }

    /// Nothing on the shelf fits: no model is asked, and it is told what to do.
    fn nothing(self) -> Unreadable {
        let (what, import) = match self {
            Self::Law => ("条文", "sekisho import laws"),
            Self::Diet => ("答弁", "sekisho import diet"),
        };
        Unreadable {
            code: "NOTHING_FOUND",
            param: Some("inputs.input_text".into()),
            ja: format!(
                "この質問に合う{what}が見つかりませんでした。言葉や期間を変えてお試しください。資料がまだ取り込まれていないときは、管理者に `{import}` での取り込みを依頼してください。"
            ),
            en: format!("nothing on the shelf fits; ask in other words, or have the sources imported (`{import}`)"),
        }
    }
}

impl Asked {
    /// The day as of which law was read, where it is another than today.
    fn as_of(&self) -> Option<Date> {
        Some(self.day).filter(|day| *day != self.today)
    }

    fn read(research: Research, inputs: &Inputs, today: Date) -> Result<Self, Unreadable> {
        let text = |key: &str| match inputs.get(key) {
            Some(Value::Text(text)) => text.trim(),
            _ => "",
        };
        let day = |key: &str| {
            let given = text(key);
            let read = (!given.is_empty()).then(|| given.parse::<Date>());
            read.transpose().map_err(|_| Unreadable {
                code: "INVALID_INPUTS",
                param: Some(format!("inputs.{key}")),
                ja: "日付は 2026-04-01 の形で入力してください。".into(),
                en: format!("`{key}` must be a date such as 2026-04-01"),
            })
        };
        let question: String = text("input_text").chars().take(QUESTION_CHARS).collect();
        let shape = Shape::named(text("shape")).unwrap_or_else(|| Shape::guess(&question));
        let until = if research == Research::Law { "as_of" } else { "until" };
        let (day, since) = (day(until)?.unwrap_or(today), day("since")?);
        Ok(Self { shape, laws: text("laws").to_owned(), day, since, today, question })
    }
}

impl Gathered {
    /// What stands in front of the instruction's rules: the shape.
    pub fn instruction(&self) -> String {
        message::instruction(self.research, self.asked.shape)
    }

    /// What is put behind the user's message: the passages as data.
    pub fn data(&self) -> String {
        message::data(self.research, &self.passages())
    }

    /// The report that may be shown of an answer.
    pub fn report(&self, answer: &str, base: &str, by_extraction: bool) -> String {
        report::write(self, answer, base, by_extraction)
    }

    fn passages(&self) -> Vec<Passage> {
        self.found.iter().map(|found| found.passage.clone()).collect()
    }
}
