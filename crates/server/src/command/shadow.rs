//! `sekisho shadow`: logs of proxies and name servers, read for generative AI that nobody permitted.

use crate::cli::{self, Ended, Failed, Voice};
use crate::installation::Installation;
use crate::shadow::{self, kept};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use sekisho_shadow::{Catalogue, Departments, Ended as Read, Findings, Follow, Mapping, Options, PseudonymKey, Scan};
use serde_json::json;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often a followed log is looked at.
const PAUSE: Duration = Duration::from_secs(1);
/// Rows shown to people.
const SHOWN: usize = 30;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Shadow {
    /// ログを読む（続きから。`-` は標準入力）/ read logs, on from where one stopped; `-` is standard input
    Scan(Box<ScanArgs>),
    /// カタログを調べる・書き出す / check or print the catalogue
    Catalogue(CatalogueArgs),
    /// 保存した結果・仮名の対応・読んだ位置を消す / destroy what was kept of scans
    Forget(cli::Data),
}

#[derive(Debug, clap::Args)]
pub(crate) struct CatalogueArgs {
    /// 追加のカタログ / local additions
    #[arg(long, value_name = "FILE")]
    additions: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ScanArgs {
    /// ファイルとフォルダー / files and folders
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// データの場所。あれば結果と読んだ位置を保存し、画面で見られる / data folder: what is found is kept and shown on pages
    #[arg(long, value_name = "DIR", conflicts_with = "config")]
    data: Option<PathBuf>,
    /// 設定ファイル / configuration file
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// 組込みの代わりに使うカタログ / catalogue in place of the built-in one
    #[arg(long, value_name = "FILE")]
    catalogue: Option<PathBuf>,
    /// 追加のカタログ / local additions to the catalogue
    #[arg(long, value_name = "FILE")]
    additions: Option<PathBuf>,
    /// 独自の形式の対応表 / mapping of a format of one's own
    #[arg(long = "mapping", value_name = "FILE")]
    mappings: Vec<PathBuf>,
    /// 最初に試す形式 / format that is tried first
    #[arg(long, value_name = "NAME")]
    format: Option<String>,
    /// 利用者・アドレスと部局の対応（CSV）/ whose address or user belongs to which department
    #[arg(long, value_name = "FILE")]
    departments: Option<PathBuf>,
    /// 年のない時刻の基準（既定は各ファイルの更新時刻）/ when the logs were written, for times without a year
    #[arg(long, value_name = "TIME")]
    written: Option<Timestamp>,
    /// 書かれ続けるログを追う（Ctrl-C で終わり、結果を残す）/ follow logs that grow; Ctrl-C ends and keeps
    #[arg(long)]
    follow: bool,
    /// 結果の JSON / findings as JSON
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// 仮名とその正体の対応表。取扱いに注意 / who stands behind the pseudonyms: keep it safe
    #[arg(long, value_name = "FILE")]
    openings: Option<PathBuf>,
}

pub(crate) fn run(voice: Voice, shadow: Shadow) -> Result<Ended, Failed> {
    match shadow {
        Shadow::Scan(args) => cli::block_on(scan(voice, *args)),
        Shadow::Forget(data) => cli::block_on(forget(voice, data)),
        Shadow::Catalogue(args) => catalogue(voice, &args),
    }
}

async fn forget(voice: Voice, data: cli::Data) -> Result<Ended, Failed> {
    let app = cli::open(&data).await?;
    let destroyed = kept::destroy(&app).await;
    app.close().await;
    destroyed.map_err(|error| Failed::Io(error.into()))?;
    voice.say("消しました。", "destroyed");
    Ok(Ended::Ok)
}

fn said(voice: Voice, ja: String, en: &dyn std::fmt::Display) -> Failed {
    Failed::Usage(voice.lang.pick(&ja, &en.to_string()).to_owned())
}

fn text(path: &Path) -> Result<String, Failed> {
    std::fs::read_to_string(path).map_err(|error| Failed::Usage(format!("`{}`: {error}", path.display())))
}

fn chosen(voice: Voice, whole: Option<&Path>, additions: Option<&Path>) -> Result<Catalogue, Failed> {
    let parse = |path: &Path| {
        let name = path.display().to_string();
        Catalogue::parse(&text(path)?, &name).map_err(|error| said(voice, error.japanese(), &error))
    };
    let catalogue = match whole {
        Some(path) => parse(path)?,
        None => Catalogue::builtin().map_err(|error| said(voice, error.japanese(), &error))?,
    };
    match additions {
        None => Ok(catalogue),
        Some(path) => catalogue.with_additions(&parse(path)?).map_err(|error| said(voice, error.japanese(), &error)),
    }
}

fn catalogue(voice: Voice, args: &CatalogueArgs) -> Result<Ended, Failed> {
    let catalogue = chosen(voice, None, args.additions.as_deref())?;
    if voice.json {
        voice.print(&json!({ "edition": catalogue.edition(), "services": catalogue.services() }));
        return Ok(Ended::Ok);
    }
    for service in catalogue.services() {
        let domains: Vec<&str> = service.domains.iter().chain(&service.exact).map(String::as_str).collect();
        let checked = if service.confirmed { "" } else { voice.lang.pick("\t要確認", "\tto be checked") };
        cli::line(&format!(
            "{}\t{}\t{}\t{}{checked}",
            service.id,
            service.japanese_name(),
            service.country,
            domains.join(" ")
        ));
    }
    Ok(Ended::Ok)
}

fn set(voice: Voice, args: &ScanArgs, mut options: Options) -> Result<Options, Failed> {
    options.format.clone_from(&args.format);
    options.written = args.written;
    for path in &args.mappings {
        let mapping = Mapping::parse(&text(path)?, &path.display().to_string());
        options.mappings.push(mapping.map_err(|error| said(voice, error.japanese(), &error))?);
    }
    if let Some(path) = &args.departments {
        let bytes = std::fs::read(path).map_err(|error| Failed::Usage(format!("`{}`: {error}", path.display())))?;
        let departments = Departments::parse(&bytes, &path.display().to_string());
        options.departments = departments.map_err(|error| said(voice, error.japanese(), &error))?;
    }
    Ok(options)
}

async fn scan(voice: Voice, args: ScanArgs) -> Result<Ended, Failed> {
    let app = match (&args.data, &args.config) {
        (None, None) => None,
        (data, config) => Some(cli::open(&cli::Data { data: data.clone(), config: config.clone() }).await?),
    };
    let result = scanned(voice, args, app.as_ref()).await;
    if let Some(app) = app {
        app.close().await;
    }
    result
}

async fn scanned(voice: Voice, args: ScanArgs, app: Option<&Installation>) -> Result<Ended, Failed> {
    let catalogue = chosen(voice, args.catalogue.as_deref(), args.additions.as_deref())?;
    let options = match app {
        Some(app) => shadow::options(app),
        None => {
            let mut key = [0; 32];
            sekisho_gate::world::World::random(&crate::world::SystemWorld::default(), &mut key);
            let now = sekisho_gate::world::World::now(&crate::world::SystemWorld::default());
            Options::new(PseudonymKey::new(key), now)
        }
    };
    let options = set(voice, &args, options)?;
    let begun = match app {
        Some(app) => kept::load(app).await.map_err(|error| Failed::Io(error.into()))?.0.positions,
        None => None,
    };
    let mut scan = Scan::new(catalogue, options).map_err(|error| said(voice, error.japanese(), &error))?;
    if app.is_some() || args.follow {
        scan = scan.resuming(begun.clone().unwrap_or_default());
    }
    let stop = Arc::new(AtomicBool::new(false));
    let asked = stop.clone();
    let (paths, follow) = (args.paths.clone(), args.follow);
    let work = move || {
        let ended = read(voice, &mut scan, &paths, follow, &stop);
        (ended, scan.finish())
    };
    let mut reading = tokio::task::spawn_blocking(work);
    let read = tokio::select! {
        read = &mut reading => read,
        _ = tokio::signal::ctrl_c() => {
            asked.store(true, Ordering::Relaxed);
            reading.await
        }
    };
    let (ended, outcome) = read.map_err(|error| Failed::Io(error.into()))?;
    // What was read counts, whatever ended the reading.
    let findings = outcome.findings.clone();
    if let Some(path) = &args.openings {
        std::fs::write(path, serde_json::to_vec_pretty(&outcome.openings)?)?;
    }
    if let Some(app) = app {
        // Another scan that came between has counted from where this one began: then this one counts for nothing, and the
        // next goes on from there. What the page added meanwhile has no place and does not matter.
        let kept = kept::change(app, |kept| {
            let fits = kept.positions == begun;
            if fits {
                shadow::merge(kept, &outcome);
                kept.positions = Some(outcome.positions.clone());
            }
            fits
        });
        kept.await.map_err(|error| Failed::Io(error.into()))?;
    }
    if let Some(out) = &args.out {
        std::fs::write(out, serde_json::to_vec_pretty(&findings)?)?;
    }
    if voice.json {
        voice.print(&serde_json::to_value(&findings)?);
    } else {
        tell(voice, &findings);
    }
    ended?;
    Ok(Ended::Ok)
}

fn read(voice: Voice, scan: &mut Scan, paths: &[PathBuf], follow: bool, stop: &AtomicBool) -> Result<(), Failed> {
    let bar = if voice.json { ProgressBar::hidden() } else { ProgressBar::new(0) };
    if let Ok(style) = ProgressStyle::with_template("{wide_msg} {bytes}/{total_bytes} {bytes_per_sec}") {
        bar.set_style(style);
    }
    let mut shown = |progress: sekisho_shadow::Progress<'_>| {
        bar.set_message(progress.file.to_owned());
        bar.set_length(progress.size.unwrap_or(progress.bytes));
        bar.set_position(progress.bytes);
        if stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let failed = |error: sekisho_shadow::ScanError| said(voice, error.japanese(), &error);
    if follow {
        let mut followed: Vec<Follow> = paths.iter().map(|path| Follow::new(path)).collect();
        while !stop.load(Ordering::Relaxed) {
            for one in &mut followed {
                one.poll(scan, &mut shown).map_err(failed)?;
            }
            std::thread::sleep(PAUSE);
        }
        return Ok(());
    }
    for path in paths {
        let ended = if path.as_os_str() == "-" {
            scan.read_stream("-", std::io::stdin().lock(), &mut shown)
        } else {
            scan.read_path(path, &mut shown).map_err(failed)?
        };
        if ended == Read::Stopped {
            break;
        }
    }
    bar.finish_and_clear();
    Ok(())
}

fn tell(voice: Voice, findings: &Findings) {
    let reading = &findings.reading;
    let rejected = reading.rejected.total();
    voice.say(
        &format!(
            "{} ファイル {} 行を読みました（アクセス {}、生成AI {}、読めない行 {rejected}、読めないファイル {}）。",
            reading.files,
            reading.lines,
            reading.accesses,
            reading.hits,
            reading.failures.len()
        ),
        &format!(
            "{} files, {} lines read ({} accesses, {} to generative AI, {rejected} lines rejected, {} files failed)",
            reading.files,
            reading.lines,
            reading.accesses,
            reading.hits,
            reading.failures.len()
        ),
    );
    for total in findings.services.iter().take(SHOWN) {
        let name = voice.lang.pick(&total.name_ja, &total.name);
        // What a log does not say is not 0.
        let counts = &total.counts;
        let up = if counts.lines_with_bytes_up == 0 { "-".to_owned() } else { counts.bytes_up.to_string() };
        cli::line(&format!(
            "{:>10} {:>8} {:>14}  {name} ({}, {})",
            counts.lines, total.clients, up, total.provider, total.country
        ));
    }
    if !findings.services.is_empty() {
        voice.say(
            "（行数、端末・利用者数、送信バイト、サービス。- はログに記録なし）",
            "(lines, clients, bytes up, service; - is not in the log)",
        );
    }
    for failure in reading.failures.iter().take(SHOWN) {
        voice
            .say(&format!("{}: {}", failure.file, failure.reason_ja), &format!("{}: {}", failure.file, failure.reason));
    }
    voice.say(
        "CONNECT と DNS のログからは接続先のホストだけが分かります。DNS の問合せは利用とは限りません。",
        "of CONNECT and DNS only the host is known; a DNS question is not a use",
    );
}
