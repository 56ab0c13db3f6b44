//! `sekisho search`: the ranking of the pages, on the command line.

use super::shelves::Shelves;
use crate::cli::{self, Ended, Failed, Voice};
use crate::world::SystemWorld;
use sekisho_domain::day::in_japan;
use sekisho_gate::world::World as _;
use sekisho_search::rank::{self, Question};
use sekisho_search::shelf::{Narrowing, Shelf};
use sekisho_search::unit::{Corpus, Unit};
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    shelves: Option<Shelves>,
    #[command(flatten)]
    asked: Option<Asked>,
}

#[derive(Debug, clap::Args)]
struct Asked {
    /// 質問 / the question
    question: String,
    /// データの場所 / data folder
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// 法令、会議録、自機関の文書のどれか / law, Diet records or own documents
    #[arg(long, value_enum, default_value = "law")]
    corpus: Kind,
    /// 件数 / how many
    #[arg(long, default_value_t = 10)]
    limit: usize,
}

/// A corpus on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Kind {
    /// 法令 / law
    Law,
    /// 国会会議録 / Diet records
    Diet,
    /// 自機関の文書 / own documents
    Document,
}

impl Kind {
    pub(crate) fn corpus(self) -> Corpus {
        match self {
            Self::Law => Corpus::Law,
            Self::Diet => Corpus::Diet,
            Self::Document => Corpus::Document,
        }
    }
}

/// The shelf of a data folder; an empty one is a mistake of whoever asks.
pub(crate) fn shelf(data: &std::path::Path, corpus: Corpus) -> Result<Shelf, Failed> {
    let search = data.join("search");
    let nothing = || {
        let import = match corpus {
            Corpus::Law => "laws",
            Corpus::Diet => "diet",
            Corpus::Document => "documents",
        };
        let text = format!(
            "`{}` に {corpus} の索引がありません。`sekisho import {import} PATH --data {}` で取り込んでください / nothing imported here yet",
            data.display(),
            data.display()
        );
        Failed::Usage(text)
    };
    if !search.join(corpus.name()).is_dir() {
        return Err(nothing());
    }
    let shelf = Shelf::open(&search, corpus)?;
    if shelf.read().passages() == 0 { Err(nothing()) } else { Ok(shelf) }
}

pub(crate) async fn run(voice: Voice, args: Args) -> Result<Ended, Failed> {
    match (args.shelves, args.asked) {
        (Some(shelves), _) => super::shelves::run(voice, shelves).await,
        (None, Some(asked)) => ask(voice, &asked),
        (None, None) => Err(Failed::Usage("質問を書いてください / write a question".into())),
    }
}

fn ask(voice: Voice, args: &Asked) -> Result<Ended, Failed> {
    let reading = shelf(&args.data, args.corpus.corpus())?.read();
    let today = in_japan(SystemWorld::default().now());
    let question = Question {
        text: args.question.clone(),
        narrowing: Narrowing { as_of: Some(today), ..Narrowing::default() },
        without: None,
        near: None,
        limit: args.limit,
    };
    let hits = rank::rank(&reading, &question)?;
    let mut found = Vec::new();
    for hit in &hits {
        if let Some(unit) = reading.unit(&hit.unit, today)? {
            found.push((hit, unit));
        }
    }
    if voice.json {
        let hits: Vec<_> =
            found.iter().map(|(hit, unit)| json!({"unit": unit, "score": hit.score, "why": hit.why})).collect();
        voice.print(&json!({"hits": hits}));
    } else {
        if found.is_empty() {
            voice.say(
                "見つかりません。言葉を減らすか、別の言い方で探してください",
                "nothing found; try fewer or other words",
            );
        }
        for (rank, (hit, unit)) in found.iter().enumerate() {
            cli::line(&format!("{:>2}. {}  ({:.2})", rank + 1, heading(unit), hit.score));
            cli::line(&format!("    {}", opening(&unit.text)));
            cli::line(&format!("    {}  {}", unit.id, unit.url));
        }
    }
    Ok(if found.is_empty() { Ended::No } else { Ended::Ok })
}

fn heading(unit: &Unit) -> String {
    let caption = if unit.caption.is_empty() { String::new() } else { format!("（{}）", unit.caption) };
    let date = unit.date.map(|date| format!(" {date}")).unwrap_or_default();
    format!("{} {}{caption}{date}", unit.title, unit.number)
}

/// The first characters of a text on one line.
fn opening(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(120).collect()
}
