//! `sekisho eval`: how well the ranking of the pages finds what is known to be right, so that a change can be measured.

use super::search::{Kind, shelf};
use crate::cli::{self, Ended, Failed, Voice};
use crate::world::SystemWorld;
use anyhow::Context as _;
use sekisho_domain::day::in_japan;
use sekisho_gate::world::World as _;
use sekisho_search::dense::{Near, Vectors};
use sekisho_search::eval::{Figures, Judged};
use sekisho_search::lines::{Line, Lines};
use sekisho_search::rank::{self, Question};
use sekisho_search::shelf::{Narrowing, Reading};
use sekisho_search::unit::UnitId;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// Hits asked for; the measures look at a hundred.
const LIMIT: usize = 100;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// 質問と正解（JSON Lines、そのままでも zstd でも）/ questions with what is right (JSON Lines, plain or zstd)
    file: PathBuf,
    /// データの場所 / data folder
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// 法令、会議録、自機関の文書のどれか / law, Diet records or own documents
    #[arg(long, value_enum)]
    corpus: Kind,
    /// 質問の欄 / the field that holds the question
    #[arg(long, default_value = "query")]
    field: String,
    /// 質問のベクトル（JSON Lines: qid と vector）。言葉と意味の近さの両方で探す / vectors of the questions: words and meaning are fused
    #[arg(long, value_name = "FILE")]
    vectors: Option<PathBuf>,
    /// 同時に尋ねる数 / questions at once
    #[arg(long, default_value_t = 1)]
    at_once: usize,
    /// 質問ごとの結果を書く / write the result of every question
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// 書いてある結果と質問ごとに比べる / compare with a saved result, question by question
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
}

/// A question of a set.
struct Row {
    qid: String,
    text: String,
    gold: Vec<String>,
    without: Option<UnitId>,
    near: Option<Near>,
}

/// What is saved of a question.
#[derive(Serialize, Deserialize)]
struct Saved {
    qid: String,
    #[serde(rename = "ndcg@10")]
    ndcg_10: f64,
    found: Vec<String>,
}

pub(crate) fn run(voice: Voice, args: &Args) -> Result<Ended, Failed> {
    let reading = shelf(&args.data, args.corpus.corpus())?.read();
    // As the pages do: the texts in force today.
    let narrowing = Narrowing { as_of: Some(in_japan(SystemWorld::default().now())), ..Narrowing::default() };
    let mut rows = rows(&args.file, &args.field)?;
    if let Some(file) = &args.vectors {
        near(args, file, &mut rows)?;
    }
    let earlier = args.against.as_deref().map(saved).transpose()?;
    let asked = ask(&reading, &rows, &narrowing, args.at_once.clamp(1, 256))?;
    let judged: Vec<Judged> = asked.iter().map(|(judged, _)| judged.clone()).collect();
    let results: Vec<Saved> =
        asked.into_iter().map(|(judged, found)| Saved { qid: judged.qid, ndcg_10: judged.ndcg_10, found }).collect();
    if let Some(path) = &args.save {
        let lines: Vec<String> = results.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
        std::fs::write(path, lines.join("\n") + "\n")
            .with_context(|| format!("`{}` に書けません / cannot write", path.display()))?;
    }
    let figures = Figures::of(&judged);
    let mut value = serde_json::to_value(&figures)?;
    if let (Some(earlier), Value::Object(map)) = (&earlier, &mut value) {
        map.insert("against".into(), compare(&results, earlier));
    }
    if voice.json {
        voice.print(&value);
    } else {
        cli::line(&format!(
            "n {}  nDCG@10 {:.4}  R@10 {:.4}  R@100 {:.4}  MRR@10 {:.4}  p50 {:.2} ms  p99 {:.2} ms",
            figures.n,
            figures.ndcg_10,
            figures.recall_10,
            figures.recall_100,
            figures.mrr_10,
            figures.p50_ms,
            figures.p99_ms
        ));
        if let Some(against) = value.get("against") {
            cli::line(&format!("{against:#}"));
        }
    }
    Ok(Ended::Ok)
}

/// The questions of a file. A row without a question or without what is right is a mistake of the file.
fn rows(path: &Path, field: &str) -> Result<Vec<Row>, Failed> {
    let failed = || format!("`{}` を読めません / cannot read", path.display());
    let mut rows = Vec::new();
    for line in Lines::open(path, |file| file).with_context(failed)? {
        let (number, line) = line.with_context(failed)?;
        let wrong =
            |what: &str| Failed::Usage(format!("`{}` の {number} 行目 / line {number}: {what}", path.display()));
        let Line::Text(text) = line else {
            return Err(wrong("UTF-8 の行ではありません / not a line of UTF-8"));
        };
        let value: Value =
            serde_json::from_str(&text).map_err(|e| wrong(&format!("JSON ではありません / not JSON: {e}")))?;
        let text_of = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let gold = match value.get("gold") {
            Some(Value::String(one)) => vec![one.clone()],
            Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        if gold.is_empty() {
            return Err(wrong("`gold` に正解がありません / no unit in `gold`"));
        }
        rows.push(Row {
            qid: text_of("qid").unwrap_or_else(|| number.to_string()),
            text: text_of(field).ok_or_else(|| wrong(&format!("`{field}` の欄がありません / no field `{field}`")))?,
            gold,
            without: text_of("self_id").map(UnitId::new),
            near: None,
        });
    }
    if rows.is_empty() {
        Err(Failed::Usage(format!("`{}` に質問がありません / no question in it", path.display())))
    } else {
        Ok(rows)
    }
}

/// A question's vector, as a file of them has it.
#[derive(Deserialize)]
struct Asked {
    qid: String,
    vector: Vec<f32>,
}

/// Gives every question its vector. One without is a mistake of the file: half a set measures nothing.
fn near(args: &Args, file: &Path, rows: &mut [Row]) -> Result<(), Failed> {
    let wrong = |what: &str| Failed::Usage(format!("`{}`: {what}", file.display()));
    let vectors = Vectors::open(&args.data.join("search"), args.corpus.corpus())?.ok_or_else(|| {
        Failed::Usage(
            "この資料のベクトルがありません。`sekisho import vectors` で作れます / no vectors of this corpus".into(),
        )
    })?;
    let vectors = Arc::new(vectors);
    let failed = || format!("`{}` を読めません / cannot read", file.display());
    let mut known: HashMap<String, Near> = HashMap::new();
    for line in Lines::open(file, |file| file).with_context(failed)? {
        let (number, line) = line.with_context(failed)?;
        let Line::Text(text) = line else {
            return Err(wrong(&format!("{number} 行目は UTF-8 ではありません / not UTF-8")));
        };
        let asked: Asked = serde_json::from_str(&text).map_err(|error| wrong(&format!("{number} 行目: {error}")))?;
        let near = vectors.near(&asked.vector).map_err(|error| wrong(&format!("{number} 行目: {error}")))?;
        known.insert(asked.qid, near);
    }
    for row in rows {
        row.near = known.get(&row.qid).cloned();
        if row.near.is_none() {
            return Err(wrong(&format!("質問 `{}` のベクトルがありません / no vector of this question", row.qid)));
        }
    }
    Ok(())
}

/// Asks every question, some at once; in the order of the file.
fn ask(
    reading: &Reading,
    rows: &[Row],
    narrowing: &Narrowing,
    at_once: usize,
) -> Result<Vec<(Judged, Vec<String>)>, Failed> {
    let next = AtomicUsize::new(0);
    let worker = || -> Result<Vec<(usize, Judged, Vec<String>)>, Failed> {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(row) = rows.get(at) else { return Ok(done) };
            let question = Question {
                text: row.text.clone(),
                narrowing: narrowing.clone(),
                without: row.without.clone(),
                near: row.near.clone(),
                limit: LIMIT,
            };
            let begun = Instant::now();
            let hits = rank::rank(reading, &question)?;
            let took = begun.elapsed();
            let found: Vec<String> = hits.iter().map(|hit| hit.unit.as_str().to_owned()).collect();
            let names: Vec<&str> = found.iter().map(String::as_str).collect();
            let gold: Vec<&str> = row.gold.iter().map(String::as_str).collect();
            done.push((at, Judged::of(&row.qid, &names, &gold, took), found));
        }
    };
    let lists = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..at_once).map(|_| scope.spawn(worker)).collect();
        let joined =
            workers.into_iter().map(|w| w.join().map_err(|_| Failed::Io(anyhow::anyhow!("a worker failed")))?);
        joined.collect::<Result<Vec<_>, _>>()
    })?;
    let mut all: Vec<_> = lists.into_iter().flatten().collect();
    all.sort_by_key(|(at, ..)| *at);
    Ok(all.into_iter().map(|(_, judged, found)| (judged, found)).collect())
}

fn saved(path: &Path) -> Result<HashMap<String, Saved>, Failed> {
    let failed = || format!("`{}` を読めません / cannot read", path.display());
    let text = std::fs::read_to_string(path).with_context(failed)?;
    let parse = |line: &str| serde_json::from_str::<Saved>(line).map(|saved| (saved.qid.clone(), saved));
    text.lines().map(parse).collect::<Result<_, _>>().map_err(|e| Failed::Usage(format!("`{}`: {e}", path.display())))
}

/// Two rankings, question by question.
fn compare(now: &[Saved], earlier: &HashMap<String, Saved>) -> Value {
    let mut differences: Vec<(f64, &str)> = now
        .iter()
        .filter_map(|saved| Some((saved.ndcg_10 - earlier.get(&saved.qid)?.ndcg_10, saved.qid.as_str())))
        .collect();
    differences.sort_by(|a, b| a.0.total_cmp(&b.0));
    let count = |of: fn(f64) -> bool| differences.iter().filter(|(difference, _)| of(*difference)).count();
    let shown = |list: Vec<&(f64, &str)>| -> Map<String, Value> {
        list.into_iter().map(|(difference, qid)| ((*qid).to_owned(), Value::from(*difference))).collect()
    };
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    let mean = differences.iter().map(|(difference, _)| difference).sum::<f64>() / differences.len().max(1) as f64;
    serde_json::json!({
        "compared": differences.len(),
        "better": count(|d| d > 1e-9),
        "worse": count(|d| d < -1e-9),
        "ndcg@10_difference": mean,
        "lost_most": shown(differences.iter().take(10).filter(|(d, _)| *d < 0.0).collect()),
        "gained_most": shown(differences.iter().rev().take(10).filter(|(d, _)| *d > 0.0).collect()),
    })
}
