//! `sekisho scan`: the detection of the gate on files and folders, useful alone.

mod crew;
mod excerpt;
mod inspect;
mod print;
mod select;
pub(crate) mod trouble;
pub(crate) mod walk;
mod watch;
mod window;

use crate::cli::{Ended, Failed, Voice};
use inspect::Inspector;
use sekisho_detect::Detector;
use sekisho_detect::document::Limits;
use select::{FailOn, Level, Selection};
use std::io::{BufWriter, ErrorKind, IsTerminal as _};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use walk::{Choice, Glob, Item, Walk};
use watch::Watch;
use window::Windows;

/// What help says at its end.
const MORE: &str = "\
見つけた文字そのものは出さない（ファイルの名前は出す）。フォルダーは奥まで、名前の順に調べる。
終了コード: 0 調べ終えた、1 --fail-on に当たる検出があった、2 使い方の誤り、3 調べられないファイルがあった
（ほかのファイルは調べる。1 と重なれば 1）。
--json はファイルごとに一行（NDJSON）、最後の一行が summary。start と end は、取り出した文字の UTF-8 でのバイト位置。

What was found is not printed, only where (names of files are). Folders are walked to the bottom in the order of names.
Exit codes: 0 done, 1 findings that --fail-on asks about, 2 wrong usage, 3 some file could not be looked into
(the others were; 1 goes before 3).
--json prints one line for each file (NDJSON) and summary last; start and end are UTF-8 bytes of the text taken out.";

/// Arguments of `scan`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = MORE)]
pub(crate) struct Args {
    /// ファイル、フォルダー、または標準入力 `-` / files, folders, or `-` for standard input
    #[arg(value_name = "FILE", required = true)]
    named: Vec<PathBuf>,
    /// この程度の検出があれば終了コード 1 / exit with 1 when something of this kind is found
    #[arg(long, value_name = "LEVEL")]
    fail_on: Option<FailOn>,
    /// これより確度の低い検出を除く / leave out findings of less confidence
    #[arg(long, value_name = "LEVEL", default_value = "low", hide_possible_values = true)]
    min_confidence: Level,
    /// この規則だけ（例: ID-MYNUMBER,MK-04）/ only these rules
    #[arg(long, value_name = "ID,…", value_delimiter = ',')]
    rule: Vec<String>,
    /// この規則を除く / without these rules
    #[arg(long, value_name = "ID,…", value_delimiter = ',')]
    exclude_rule: Vec<String>,
    /// この名前のファイルとフォルダーを除く（`*` と `?` が使える）/ leave out files and folders of this name
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<Glob>,
    /// 点で始まる名前も調べる / look into names that begin with a dot too
    #[arg(long)]
    hidden: bool,
    /// 伏せ字の抜粋も出す。個人番号と鍵は形だけ、ほかの番号は先頭の二字まで / add a masked excerpt: of 個人番号 and credentials the shape alone
    #[arg(long)]
    show: bool,
    /// 一つのファイルの大きさの上限。これより大きい UTF-8 のテキストは少しずつ読む / most bytes of a file; longer UTF-8 text is read in pieces
    #[arg(long, value_name = "N", default_value_t = Limits::default().file_bytes, value_parser = size)]
    max_file_bytes: usize,
    /// 同時に調べる数（既定はコアの数）/ files looked into at a time, by default the number of cores
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// 進み具合を出さない / no progress bar
    #[arg(long)]
    no_progress: bool,
}

fn size(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&size| size > 0).ok_or_else(|| "1 以上の整数で / a whole number above 0".to_owned())
}

pub(crate) fn run(voice: Voice, args: Args) -> Result<Ended, Failed> {
    let selection =
        Selection::new(args.min_confidence, &args.rule, &args.exclude_rule, args.fail_on).map_err(Failed::Usage)?;
    let inspector = Inspector {
        detector: Detector::new(),
        windows: Windows::default(),
        selection,
        limits: limits(args.max_file_bytes),
        show: args.show,
    };
    let watch = Arc::new(Watch::new(!args.no_progress && std::io::stderr().is_terminal()));
    // Who waits for standard input can only be interrupted the ordinary way.
    if !args.named.iter().any(|path| path.as_os_str() == "-") {
        watch.heed_interrupts()?;
    }
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let jobs = args.jobs.map_or_else(cores, usize::from);
    let walk = |named| Walk::new(named, Choice { hidden: args.hidden, exclude: args.exclude.clone() });
    if !watch.bar.is_hidden() {
        let (watch, walk) = (watch.clone(), walk(args.named.clone()));
        std::thread::Builder::new().name("count".into()).spawn(move || count(walk, &watch))?;
    }
    let mut printer = print::Printer::new(voice, BufWriter::new(std::io::stdout()), args.fail_on);
    let mut written = Ok(());
    let passed_over = crew::work(
        walk(args.named.clone()),
        jobs,
        &watch,
        |item| inspector.inspect(item, &watch),
        |report| {
            written = watch.bar.suspend(|| printer.report(&report));
            watch.told();
            if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        },
    );
    watch.bar.finish_and_clear();
    let (summary, last) = printer.finish(passed_over?, watch.is_interrupted());
    if let Err(error) = written.and(last)
        // A reader that has gone (`… | head`) is no failure of ours.
        && error.kind() != ErrorKind::BrokenPipe
    {
        return Err(error.into());
    }
    if summary.failing > 0 {
        return Ok(Ended::No);
    }
    if summary.interrupted {
        let text = voice.lang.pick("中断しました", "interrupted");
        return Err(Failed::Io(anyhow::anyhow!(text)));
    }
    if summary.unreadable > 0 {
        let ja = format!("調べられないものが {} 件あります", summary.unreadable);
        let en = format!("{} could not be looked into", summary.unreadable);
        return Err(Failed::Io(anyhow::anyhow!(voice.lang.pick(&ja, &en).to_owned())));
    }
    Ok(Ended::Ok)
}

/// Whoever raises the bound of a file raises what may come out of it in proportion.
fn limits(file_bytes: usize) -> Limits {
    let usual = Limits::default();
    let unpacked = usual.unpacked_bytes / usual.file_bytes;
    Limits {
        file_bytes,
        unpacked_bytes: usual.unpacked_bytes.max(file_bytes.saturating_mul(unpacked)),
        // A plain text is never cut short by the bound that is meant for what is packed.
        text_bytes: usual.text_bytes.max(file_bytes.saturating_mul(2)),
        ..usual
    }
}

/// Walks once more, ahead, so that the progress bar knows how much there is.
fn count(walk: Walk, watch: &Watch) {
    for item in walk {
        let bytes = match &item {
            Item::File(path) => std::fs::symlink_metadata(path).map_or(0, |found| found.len()),
            _ => 0,
        };
        watch.expect(bytes);
        if watch.is_stopped() || watch.bar.is_finished() {
            return;
        }
    }
}
