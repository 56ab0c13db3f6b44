//! `sekisho import ismap-list`.

use super::{bytes, query};
use crate::cli::{self, Ended, Failed, Voice};
use crate::command::admin::{Answer, Sent, Server, ask};
use serde_json::Value;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// XLSX または CSV（UTF-8・CP932）/ XLSX or CSV (UTF-8, CP932)
    file: PathBuf,
    /// 公表元のアドレス / where it was published
    #[arg(long, default_value = "")]
    source_url: String,
    /// 取得した日（空なら今日）/ the day on which it was fetched; today when not given
    #[arg(long, default_value = "")]
    fetched_on: String,
    /// 取り込まずに違いだけを見る / show the difference and import nothing
    #[arg(long)]
    dry_run: bool,
    /// 一覧から消えた行を削除として記録する / record rows that are missing as removed
    #[arg(long)]
    remove_gone: bool,
    #[command(flatten)]
    server: Server,
}

pub(super) async fn run(voice: Voice, args: Args) -> Result<Ended, Failed> {
    let yes = |given: bool| if given { "true" } else { "" };
    let query = query(&[
        ("source_url", &args.source_url),
        ("fetched_on", &args.fetched_on),
        ("dry_run", yes(args.dry_run)),
        ("remove_gone", yes(args.remove_gone)),
    ]);
    let file = Sent::File(bytes(&args.file)?);
    let Answer { ok, text } = ask(&args.server, "POST", &format!("ismap/import/list?{query}"), Some(file)).await?;
    match serde_json::from_str::<Value>(&text) {
        Ok(answer) if voice.json => voice.print(&answer),
        Ok(answer) => told(voice, &answer).iter().for_each(|line| cli::line(line)),
        Err(_) => cli::line(&text),
    }
    Ok(if ok { Ended::Ok } else { Ended::No })
}

/// The answer in lines for people.
fn told(voice: Voice, answer: &Value) -> Vec<String> {
    let pick = |ja: &str, en: &str| voice.lang.pick(ja, en).to_owned();
    let list = |name: &str| answer.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let text = |value: &Value, name: &str| match value.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let mut lines = Vec::new();
    if let Some(error) = answer.get("error") {
        lines.push(text(error, "message"));
    }
    for reject in list("rejects") {
        lines.push(format!(
            "✗ {} {} {}: {} → {}",
            voice.lang.pick(&format!("{} 行目", text(reject, "row")), &format!("row {}", text(reject, "row"))),
            text(reject, "number"),
            text(reject, "column"),
            text(reject, "wrong"),
            text(reject, "remedy"),
        ));
    }
    if answer.get("rows").is_none() {
        return lines;
    }
    for row in list("new") {
        lines.push(format!("+ {} {}", text(row, "number"), text(row, "service")));
    }
    for row in list("changed") {
        lines.push(format!("~ {} {}", text(row, "number"), text(row, "service")));
        for change in row.get("changes").and_then(Value::as_array).into_iter().flatten() {
            lines.push(format!(
                "    {}: {} → {}",
                text(change, "field"),
                text(change, "before"),
                text(change, "after")
            ));
        }
    }
    let removed = answer.get("gone_removed").and_then(Value::as_bool).unwrap_or(false);
    for row in list("gone") {
        let what = if removed {
            pick("削除として記録", "recorded as removed")
        } else {
            pick("一覧にない", "not in the list")
        };
        lines.push(format!("- {} {}（{what}）", text(row, "number"), text(row, "service")));
    }
    for row in list("decided_here") {
        let what = pick("運営委員会の決定による行なので変えません", "decided by the committee here; left as it is");
        lines.push(format!("= {} {}（{what}）", text(row, "number"), text(row, "service")));
    }
    for note in list("notes") {
        lines.push(format!("! {} {}: {}", text(note, "row"), text(note, "number"), text(note, "text")));
    }
    for stop in list("permits_suspended") {
        let what = pick("承認の停止", "permit suspended");
        lines.push(format!("! {what}: {} {} {}", text(stop, "permit"), text(stop, "purpose"), text(stop, "changes")));
    }
    let counts = [list("new").len(), list("changed").len(), list("gone").len(), list("rejects").len()];
    let [new, changed, gone, rejects] = counts;
    let unchanged = text(answer, "unchanged");
    let dry = answer.get("dry_run").and_then(Value::as_bool).unwrap_or(false);
    lines.push(match (answer.get("error").is_some(), dry) {
        (true, _) => pick("何も取り込んでいません。", "nothing was taken up"),
        (false, true) => {
            pick("違いを調べただけで、何も取り込んでいません。", "this was a dry run; nothing was taken up")
        }
        (false, false) => pick("取り込みました。", "taken up"),
    });
    lines.push(pick(
        &format!("新規 {new}、変更 {changed}、変わらず {unchanged}、一覧にない {gone}、読めない {rejects}"),
        &format!("new {new}, changed {changed}, unchanged {unchanged}, missing {gone}, rejected {rejects}"),
    ));
    lines
}
