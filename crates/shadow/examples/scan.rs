//! Scans logs and prints what was found: `cargo run --release -p sekisho-shadow --example scan -- FILE…`
//!
//! `--json` prints the findings as JSON, `--state FILE` goes on where an earlier run stopped, `--follow` waits for more,
//! `--runs N` reads everything N times and prints how fast each was, `--domains` prints the catalogue's domains.
//! The key of the pseudonyms is a fixed one: this is for trying out and measuring.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sekisho_shadow::{Catalogue, Findings, Follow, Options, Positions, Progress, PseudonymKey, Scan};

type Failure = Box<dyn std::error::Error>;

#[derive(Default)]
struct Arguments {
    paths: Vec<PathBuf>,
    state: Option<PathBuf>,
    format: Option<String>,
    runs: usize,
    is_json: bool,
    is_followed: bool,
    wants_domains: bool,
}

fn arguments() -> Result<Arguments, Failure> {
    let mut arguments = Arguments { runs: 1, ..Arguments::default() };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--json" => arguments.is_json = true,
            "--follow" => arguments.is_followed = true,
            "--domains" => arguments.wants_domains = true,
            "--state" => arguments.state = Some(words.next().ok_or("`--state` needs a file")?.into()),
            "--format" => arguments.format = Some(words.next().ok_or("`--format` needs a name")?),
            "--runs" => arguments.runs = words.next().ok_or("`--runs` needs a number")?.parse()?,
            other if other.starts_with("--") => return Err(format!("no option is called `{other}`").into()),
            path => arguments.paths.push(path.into()),
        }
    }
    Ok(arguments)
}

#[expect(clippy::disallowed_methods, reason = "an example is the outermost function: here the clock is asked")]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

fn go(_: Progress<'_>) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn main() -> Result<(), Failure> {
    let arguments = arguments()?;
    if arguments.wants_domains {
        for domain in Catalogue::builtin()?.domains().keys() {
            println!("{domain}");
        }
        return Ok(());
    }
    for _ in 0..arguments.runs {
        let begun = Instant::now();
        let findings = run(&arguments)?;
        let seconds = begun.elapsed().as_secs_f64();
        let megabytes = findings.reading.bytes as f64 / 1e6;
        if arguments.is_json {
            println!("{}", serde_json::to_string_pretty(&findings)?);
        } else if arguments.runs == 1 {
            print(&findings);
        }
        eprintln!("{megabytes:.1} MB in {seconds:.3} s: {:.0} MB/s", megabytes / seconds);
    }
    Ok(())
}

fn run(arguments: &Arguments) -> Result<Findings, Failure> {
    let mut options = Options::new(PseudonymKey::new([7; 32]), now());
    options.format.clone_from(&arguments.format);
    let mut scan = Scan::new(Catalogue::builtin()?, options)?;
    if let Some(state) = &arguments.state {
        scan = scan.resuming(Positions::load(state)?);
    }
    if arguments.is_followed {
        follow(arguments.paths.first().ok_or("`--follow` needs a file")?, &mut scan)?;
    }
    for path in &arguments.paths {
        if path == Path::new("-") {
            scan.read_stream("-", std::io::stdin().lock(), &mut go);
        } else {
            scan.read_path(path, &mut go)?;
        }
    }
    let outcome = scan.finish();
    if let Some(state) = &arguments.state {
        outcome.positions.save(state)?;
    }
    Ok(outcome.findings)
}

fn follow(path: &Path, scan: &mut Scan) -> Result<(), Failure> {
    let mut follow = Follow::new(path);
    loop {
        let polled = follow.poll(scan, &mut go)?;
        if polled.is_new {
            eprintln!("{} lines, {} hits", scan.reading().lines, scan.reading().hits);
        }
        std::thread::sleep(Duration::from_secs(1));
    }
}

fn print(findings: &Findings) {
    let reading = &findings.reading;
    println!("{} lines, {} hits, {} rejected", reading.lines, reading.hits, reading.rejected.total());
    for (reason, count) in &reading.rejected.counts {
        println!("  {count}: {reason}");
    }
    for failure in &reading.failures {
        println!("  {}: {}", failure.file, failure.reason);
    }
    for (format, lines) in &reading.formats {
        println!("  {format}: {lines} lines");
    }
    for total in &findings.services {
        let counts = &total.counts;
        println!(
            "{:24} {:2} {:9} lines {:6} clients {:9} allowed {:7} denied {:12} bytes down",
            total.name, total.country, counts.lines, total.clients, counts.allowed, counts.denied, counts.bytes_down
        );
    }
}
