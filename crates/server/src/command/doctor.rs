//! `sekisho doctor`: looks at everything an installation keeps, and says what does not fit and what to do.

use crate::cli::{self, Data, Ended, Failed, Voice};
use crate::doctor::{Area, Code, Finding, Report, Severity, examine};
use crate::world::SystemWorld;
use sekisho_gate::world::World as _;
use serde_json::{Value, json};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    data: Data,
    /// 出し方 / how to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// 人向け / for people
    Text,
    /// プログラム向け / for programs
    Json,
}

pub(crate) async fn run(voice: Voice, args: Args) -> Result<Ended, Failed> {
    let voice = Voice { json: voice.json || args.format == Format::Json, ..voice };
    let config = cli::config_of(&args.data)?;
    let report = examine(&config, SystemWorld::default().now()).await;
    if voice.json {
        voice.print(&printed(&report));
    } else {
        told(voice, &report);
    }
    Ok(if report.count(Severity::Broken) > 0 {
        Ended::No
    } else if report.unseen.is_empty() {
        Ended::Ok
    } else {
        Ended::Unseen
    })
}

fn printed(report: &Report) -> Value {
    let finding = |one: &Finding| {
        json!({
            "code": one.code.id, "severity": one.code.severity.as_str(), "area": one.code.area.as_str(),
            "place": one.place, "detail": one.detail, "means": both(one.code.means), "remedy": both(one.code.remedy),
        })
    };
    json!({
        "ok": report.count(Severity::Broken) == 0 && report.unseen.is_empty(),
        "broken": report.count(Severity::Broken),
        "warnings": report.count(Severity::Warning),
        "notes": report.count(Severity::Note),
        "findings": report.found.iter().map(finding).collect::<Vec<_>>(),
        "more": report.more.iter().map(|(code, more)| json!({ "code": code.id, "more": more })).collect::<Vec<_>>(),
        "looked_at": report.looked.iter().map(|(area, what, count)| json!({
            "area": area.as_str(), "what": what, "count": count })).collect::<Vec<_>>(),
        "not_looked_at": report.unseen.iter().map(|(area, why)| json!({
            "area": area.as_str(), "why": why })).collect::<Vec<_>>(),
    })
}

fn both((ja, en): (&str, &str)) -> Value {
    json!({ "ja": ja, "en": en })
}

fn told(voice: Voice, report: &Report) {
    let say = |text: (&str, &str)| voice.lang.pick(text.0, text.1).to_owned();
    cli::line(&say(("点検したもの:", "looked at:")));
    let mut areas: Vec<Area> = report.looked.iter().map(|(area, ..)| *area).collect();
    areas.sort();
    areas.dedup();
    for area in areas {
        let of = report.looked.iter().filter(|(one, ..)| *one == area);
        let counts: Vec<String> = of.map(|(_, what, count)| format!("{} {count}", say(counted(what)))).collect();
        cli::line(&format!("  {}: {}", say(area.label()), counts.join(say(("、", ", ")).as_str())));
    }
    for (area, why) in &report.unseen {
        cli::line(&format!("{} {}: {why}", say(("点検できませんでした", "NOT LOOKED AT")), say(area.label())));
    }
    let mut last: Option<&Code> = None;
    for one in &report.found {
        if last != Some(one.code) {
            let (label, means) = (say(one.code.severity.label()), say(one.code.means));
            cli::line(&format!("\n[{label}] {} — {means}", one.code.id));
            cli::line(&format!("  {} {}", say(("対処:", "remedy:")), say(one.code.remedy)));
        }
        last = Some(one.code);
        let detail = if one.detail.is_empty() { String::new() } else { format!(" — {}", one.detail) };
        cli::line(&format!("  ・{}{detail}", one.place));
    }
    for (code, more) in &report.more {
        cli::line(&format!("  {} {} {more}", code.id, say(("ほかに", "and more:"))));
    }
    let [broken, warnings, notes] =
        [Severity::Broken, Severity::Warning, Severity::Note].map(|severity| report.count(severity));
    cli::line(&say((
        &format!("\n異常 {broken}、注意 {warnings}、参考 {notes}"),
        &format!("\nbroken {broken}, warnings {warnings}, notes {notes}"),
    )));
}

/// What was counted, in words.
fn counted(what: &str) -> (&'static str, &'static str) {
    match what {
        "files" => ("ファイル", "files"),
        "tables" => ("表", "tables"),
        "settings" => ("設定", "settings"),
        "entries" => ("記録", "entries"),
        "checkpoints" => ("署名付き要約", "checkpoints"),
        "uses" => ("利用", "uses"),
        "contents" => ("封じた内容", "sealed contents"),
        "finding_sums" => ("検出の合計", "sums of findings"),
        "governance_entries" => ("統治の記録", "governance entries"),
        "open_uses" => ("進行中または開いたままの利用", "open uses"),
        "persons" => ("人", "persons"),
        "accounts" => ("アカウント", "accounts"),
        "papers" => ("会話・下書きなど", "papers"),
        "documents" => ("文書", "documents"),
        "cosignatures" => ("立会いの署名", "cosignatures"),
        "witnesses" => ("立会い", "witnesses"),
        "shelves" => ("索引", "indexes"),
        "mb_left" => ("空き MB", "MB left"),
        _ => ("その他", "others"),
    }
}
