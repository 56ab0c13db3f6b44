//! Answers from a table: CSV or XLSX with 項目番号, 採否, 個別管理策 and 理由. Every line that cannot be taken is told with its
//! number; unless lines are to be left out, one reject keeps the whole table from being taken.

use super::answers::MARK;
use super::editor::{Head, framed};
use super::items::in_words;
use super::opened::{Opened, open};
use super::saving::closed;
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Frame, Problem, go, page};
use crate::http::page::upload::Parcel;
use crate::ismap::working::{self, Draft};
use crate::sheet::{Columns, Line, Wanted, lacking, read};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::ismap::criterion::CriterionId;
use sekisho_domain::ismap::statement::{self, ControlChange, Decision, Edit, StatementContent};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

/// Rejects that are shown.
const SHOWN: usize = 200;

const WANTED: [Wanted; 7] = [
    Wanted {
        field: "id", label: "項目番号", headings: &["項目番号", "番号", "管理策番号"], required: true
    },
    Wanted {
        field: "decision", label: "採否", headings: &["採否", "採用・非採用", "採用/非採用"], required: true
    },
    Wanted { field: "control", label: "個別管理策", headings: &["個別管理策"], required: false },
    Wanted {
        field: "reason", label: "理由", headings: &["理由", "非採用の理由", "非採用理由"], required: false
    },
    Wanted { field: "changed", label: "変更", headings: &["前回の監査からの変更"], required: false },
    Wanted { field: "note", label: "変更の内容", headings: &["変更の内容"], required: false },
    Wanted { field: "mark", label: MARK, headings: &[MARK], required: false },
];

/// A line that was understood. A column that the table lacks leaves its part alone.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Taken {
    number: u64,
    id: CriterionId,
    seen: Option<statement::Seen>,
    decision: Option<Decision>,
    control: Option<String>,
    reason: Option<String>,
    changed: Option<BTreeSet<ControlChange>>,
    note: Option<String>,
}

/// A line that was not.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Reject {
    number: u64,
    text: String,
}

/// A cell as it was written: a table that we wrote has `'` before what a spreadsheet would take for a formula.
fn plain(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@'])).unwrap_or(cell)
}

fn decided(text: &str) -> Result<Option<Decision>, String> {
    match text.trim() {
        "採用" | "○" | "adopted" => Ok(Some(Decision::Adopted)),
        "非採用" | "×" | "excluded" => Ok(Some(Decision::Excluded)),
        "" | "未決定" => Ok(None),
        other => {
            let other: String = other.chars().take(20).collect();
            Err(format!(
                "採否「{other}」を読めません。「採用」か「非採用」と書き、決まっていなければ空欄にしてください。"
            ))
        }
    }
}

fn kinds(text: &str) -> Result<BTreeSet<ControlChange>, String> {
    let words = text.split(['、', ',', '\n']).map(str::trim).filter(|word| !word.is_empty());
    let kind = |word: &str| {
        let known = ControlChange::ALL.into_iter().find(|kind| kind.label() == word);
        known.ok_or_else(|| format!("変更の種類「{}」がありません。", word.chars().take(30).collect::<String>()))
    };
    words.map(kind).collect()
}

fn line(
    line: &Line,
    places: &BTreeMap<String, usize>,
    opened: &Opened,
    before: &mut BTreeMap<CriterionId, u64>,
) -> Result<Taken, String> {
    let cell = |field: &str| {
        places.get(field).map(|at| plain(line.cells.get(*at).map_or("", String::as_str)).replace("\r\n", "\n"))
    };
    let id = CriterionId::parse(&cell("id").unwrap_or_default()).map_err(|bad| bad.ja())?;
    if opened.catalogue.get(id).is_none() {
        return Err(format!("{id} は、この言明書の版の管理基準にありません。番号を確かめるか、行を除いてください。"));
    }
    if let Some(first) = before.insert(id, line.number) {
        return Err(format!("{id} は {first} 行目にもあります。どちらかを除いてください。"));
    }
    let seen = match cell("mark").as_deref().map(str::trim) {
        None | Some("") => None,
        Some(text) => {
            let bad = || {
                format!(
                    "{id} の印「{}」を読めません。書き出した表の印を変えないでください。",
                    text.chars().take(20).collect::<String>()
                )
            };
            Some(statement::Seen::parse(text).ok_or_else(bad)?)
        }
    };
    let told = |text: String| format!("{id}: {text}");
    let taken = Taken {
        number: line.number,
        id,
        seen,
        decision: decided(&cell("decision").unwrap_or_default()).map_err(told)?,
        control: cell("control"),
        reason: cell("reason"),
        changed: cell("changed").map(|text| kinds(&text)).transpose().map_err(told)?,
        note: cell("note"),
    };
    match taken.onto(Edit::default()).too_long().next() {
        Some((part, most)) => Err(format!("{id} の{}は {most} 文字までにしてください。", part.label())),
        None => Ok(taken),
    }
}

impl Taken {
    /// What the line says of its item; what it does not say stays as it stands.
    fn onto(&self, now: Edit) -> Edit {
        Edit {
            decision: self.decision,
            control: self.control.clone().unwrap_or(now.control),
            reason: self.reason.clone().unwrap_or(now.reason),
            changed: self.changed.clone().unwrap_or(now.changed),
            change_note: self.note.clone().unwrap_or(now.change_note),
        }
    }
}

fn lines(bytes: &[u8], opened: &Opened) -> Result<(Vec<Taken>, Vec<Reject>), String> {
    let sheets = read(bytes).map_err(|error| error.ja)?;
    let columns = Columns::default();
    let sheet = columns.sheet(&sheets).ok_or("表がありません。")?;
    let (at, head) = columns.head(sheet, &WANTED).ok_or("見出しの行がありません。")?;
    let places = columns.guessed(head, &WANTED).places(head);
    let missing = lacking(&places, &WANTED);
    if !missing.is_empty() {
        return Err(format!(
            "見出しに {} がありません。1 行目に「項目番号,採否,個別管理策,理由」と書いてください。",
            missing.join("・")
        ));
    }
    let (mut taken, mut rejects, mut before) = (Vec::new(), Vec::new(), BTreeMap::new());
    for row in sheet.lines.iter().skip(at + 1) {
        match line(row, &places, opened, &mut before) {
            Ok(line) => taken.push(line),
            Err(text) => rejects.push(Reject { number: row.number, text }),
        }
    }
    Ok((taken, rejects))
}

/// What came of a table.
#[derive(Default)]
struct Outcome {
    changed: usize,
    same: usize,
    rejects: Vec<Reject>,
}

/// Takes the lines into a content.
fn apply(content: &mut StatementContent, taken: &[Taken]) -> Outcome {
    let mut outcome = Outcome::default();
    for line in taken {
        let edit = line.onto(content.answers.get(&line.id).map(Edit::of).unwrap_or_default());
        match content.edit(line.id, line.seen.as_ref(), &edit) {
            Ok(true) => outcome.changed += 1,
            Ok(false) => outcome.same += 1,
            Err(clash) => {
                let now = Edit::of(&clash.now);
                let parts = clash.parts.iter().map(|part| format!("{}「{}」", part.label(), in_words(&now, *part)));
                let text = format!(
                    "{} は、表を書き出したあとにほかの人が変えました。今の内容: {}。見比べて、画面で直すか、印を空欄にして取り込み直してください。",
                    clash.criterion,
                    parts.collect::<Vec<_>>().join("、")
                );
                outcome.rejects.push(Reject { number: line.number, text });
            }
        }
    }
    outcome
}

#[derive(Template)]
#[template(path = "ismap/statement/import.html")]
struct ImportPage {
    frame: Frame,
    head: Head,
    said: Option<String>,
    rejects: Vec<Reject>,
    more: usize,
    partial: bool,
}

async fn shown(
    app: &App,
    signed: &SignedIn,
    opened: &Opened,
    problems: Vec<Problem>,
    (said, mut rejects, partial): (Option<String>, Vec<Reject>, bool),
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let status = match (problems.is_empty(), opened.writes()) {
        (true, _) => StatusCode::OK,
        (false, true) => StatusCode::UNPROCESSABLE_ENTITY,
        (false, false) => StatusCode::CONFLICT,
    };
    let frame = framed(app, signed, &register, opened, "回答を表から取り込む").await?.wrong(problems);
    rejects.sort_by_key(|reject| reject.number);
    let more = rejects.len().saturating_sub(SHOWN);
    rejects.truncate(SHOWN);
    let shown = ImportPage { frame, head: Head::of(&register, opened), said, rejects, more, partial };
    Ok(page(status, &shown))
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let opened = open(&app, &register, &signed, &id, None).await?;
    if !opened.own {
        return Err(PageError::Missing);
    }
    shown(&app, &signed, &opened, Vec::new(), (None, Vec::new(), false)).await
}

/// A trial, or nothing to change: nothing is kept.
struct Idle;

pub(super) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Parcel { signed, fields, file }: Parcel,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let opened = open(&app, &register, &signed, &id, None).await?;
    if !opened.own {
        return Err(PageError::Missing);
    }
    let partial = !fields.get("partial").is_empty();
    let wrong = |field: &'static str, text: String| vec![Problem::at(field, text)];
    if !opened.writes() {
        let problems = wrong("", closed(&opened));
        return shown(&app, &signed, &opened, problems, (None, Vec::new(), partial)).await;
    }
    let chosen = match file {
        None => Err("取り込むファイルを選んでください。".to_owned()),
        Some(chosen) => chosen,
    };
    let (taken, rejects) = match chosen.and_then(|chosen| lines(&chosen.bytes, &opened)) {
        Ok(read) => read,
        Err(text) => {
            return shown(&app, &signed, &opened, wrong("upload", text), (None, Vec::new(), partial)).await;
        }
    };
    let trial = fields.get("act") == "try";
    let outcome = Mutex::new(Outcome::default());
    let change = |content: &mut StatementContent| {
        let mut found = apply(content, &taken);
        found.rejects.extend(rejects.iter().cloned());
        let takes = !trial && found.changed > 0 && (partial || found.rejects.is_empty());
        *outcome.lock().unwrap_or_else(PoisonError::into_inner) = found;
        if takes { Ok(()) } else { Err(Idle) }
    };
    let first = opened.said()?.clone();
    let kept =
        working::change(&app, signed.person(), Draft::Statement, opened.id.as_str(), || first.clone(), change).await?;
    let Outcome { changed, same, rejects } = outcome.into_inner().unwrap_or_else(PoisonError::into_inner);
    let counts = format!("変わる項目 {changed} 件、同じ項目 {same} 件、取り込めない行 {} 行", rejects.len());
    match (kept.is_ok(), rejects.is_empty(), trial) {
        (_, _, true) => {
            let said = format!("確かめただけで、まだ取り込んでいません。{counts}。");
            shown(&app, &signed, &opened, Vec::new(), (Some(said), rejects, partial)).await
        }
        (true, true, false) => Ok(go(&format!("/ismap/statements/{}?done=imported", opened.id))),
        (true, false, false) => {
            let said = format!("取り込める行だけを取り込みました。{counts}。");
            shown(&app, &signed, &opened, Vec::new(), (Some(said), rejects, partial)).await
        }
        (false, true, false) => {
            let said = format!("表の内容は今の回答と同じです。{counts}。");
            shown(&app, &signed, &opened, Vec::new(), (Some(said), rejects, partial)).await
        }
        (false, false, false) => {
            let text = format!("取り込めない行があるため、まだ何も取り込んでいません。{counts}。");
            shown(&app, &signed, &opened, wrong("upload", text), (None, rejects, partial)).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_and_kinds_are_read_as_people_write_them() {
        assert_eq!(decided(" 採用 "), Ok(Some(Decision::Adopted)));
        assert_eq!(decided("非採用"), Ok(Some(Decision::Excluded)));
        assert_eq!(decided(""), Ok(None));
        assert!(decided("たぶん").unwrap_err().contains("たぶん"));
        let both = [ControlChange::Procedure, ControlChange::NewManager].into();
        assert_eq!(kinds("手続の変更、担当者の交代のみ"), Ok(both));
        assert!(kinds("別の変更").is_err());
        assert_eq!((plain("'=1+1"), plain("'引用"), plain("-1")), ("=1+1", "'引用", "-1"));
    }
}
