//! `sekisho import criteria`.

use super::{bytes, query};
use crate::cli::{self, Ended, Failed, Voice};
use crate::command::admin::{Answer, Sent, Server, ask};
use crate::lang::Lang;
use serde_json::Value;
use std::path::PathBuf;

/// Lines of a difference that are shown.
const SHOWN: usize = 20;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// XLSX または CSV / XLSX or CSV
    file: PathBuf,
    /// 版の識別子 / identifier of the version
    #[arg(long)]
    id: String,
    /// 名称 / title
    #[arg(long)]
    title: String,
    /// 版 / version, in the words of the document
    #[arg(long)]
    edition: String,
    /// 施行日（2026-04-01 の形）/ first day in force
    #[arg(long)]
    effective_from: String,
    /// 違いを比べる版（空なら施行日の前の版）/ the version to compare with; the one before by default
    #[arg(long, default_value = "")]
    against: String,
    /// 取り込まずに違いだけを見る / show the difference and import nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    server: Server,
}

pub(super) async fn run(voice: Voice, args: Args) -> Result<Ended, Failed> {
    let dry = if args.dry_run { "true" } else { "" };
    let query = query(&[
        ("id", &args.id),
        ("title", &args.title),
        ("edition", &args.edition),
        ("effective_from", &args.effective_from),
        ("against", &args.against),
        ("dry_run", dry),
    ]);
    let file = bytes(&args.file)?;
    let path = format!("ismap/import/criteria?{query}");
    let Answer { ok, text } = ask(&args.server, "POST", &path, Some(Sent::File(file))).await?;
    match serde_json::from_str::<Value>(&text) {
        Ok(value) if voice.json => voice.print(&value),
        Ok(value) => cli::line(&told(voice.lang, &value)),
        Err(_) => cli::line(&text),
    }
    Ok(if ok { Ended::Ok } else { Ended::No })
}

/// The answer for people.
fn told(lang: Lang, answer: &Value) -> String {
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let remark = |value: &Value| {
        let said = text(value, lang.pick("message", "message_en"));
        match (value.get("line").and_then(Value::as_u64), text(value, "column")) {
            (None, _) => said,
            (Some(line), column) if column.is_empty() => format!("{line}: {said}"),
            (Some(line), column) => format!("{line}（{column}）: {said}"),
        }
    };
    let all = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    if let Some(error) = answer.get("error") {
        let mut lines = vec![text(error, "message")];
        lines.extend(all(error.get("rejects")).iter().map(remark));
        return lines.join("\n");
    }
    let count = |name: &str| answer.pointer(&format!("/counts/{name}")).and_then(Value::as_u64).unwrap_or(0);
    let dry = answer.get("dry_run") == Some(&Value::Bool(true));
    let mut lines = vec![match (lang, dry) {
        (Lang::Ja, true) => "試し読みです。取り込んでいません。".to_owned(),
        (Lang::Ja, false) => "取り込みました。".to_owned(),
        (Lang::En, true) => "a dry run: nothing was imported".to_owned(),
        (Lang::En, false) => "imported".to_owned(),
    }];
    let [objectives, details, basic, provider] = ["objectives", "details", "basic", "provider"].map(count);
    lines.push(match lang {
        Lang::Ja => {
            format!("統制目標 {objectives}、詳細管理策 {details}（うち基本言明要件 {basic}、提供者特有 {provider}）")
        }
        Lang::En => format!("{objectives} objectives, {details} details ({basic} basic, {provider} of providers)"),
    });
    lines.extend(all(answer.get("notices")).iter().map(remark));
    if let Some(against) = answer.get("against").and_then(Value::as_str) {
        let names =
            [("new", "新しい項目", "new"), ("gone", "なくなった項目", "gone"), ("changed", "変わった項目", "changed")];
        for (name, ja, en) in names {
            let items = all(answer.pointer(&format!("/difference/{name}")));
            let shown: Vec<String> = items.iter().take(SHOWN).map(|item| text(item, "id")).collect();
            let more = if items.len() > SHOWN { ", …" } else { "" };
            let what = lang.pick(ja, en);
            lines.push(format!("{against} → {what}: {} {}{more}", items.len(), shown.join(", ")));
        }
    }
    lines.join("\n")
}
