//! Load generator for chat completions: prints one JSON object.
//!
//! Closed loop (`--connections N`): each connection sends its next request when it has its answer.
//! Open loop (`--rate R`): requests fall due at a fixed rate and their time counts from when they were due, so a
//! server that stalls cannot hide it (no coordinated omission).

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bench_kit::arguments::Arguments;
use bench_kit::client::{Answer, Connection, Target};
use bench_kit::figures::{Times, quoted};
use bench_kit::search::{contains, find};
use bench_kit::{cpu, ticket};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

const USAGE: &str = "load --url http://HOST:PORT/PATH --body FILE [--header 'name: value']... [--connections 16]
     [--rate PER_SECOND] [--secs 5] [--warm 1] [--stream] [--expect TEXT]... [--timeout 30] [--threads 1]

FILE is the request body; the word `ticket-aaaaaaaaaa` in it is replaced by a new ticket for each request, which the
answer must repeat. Each answer must have status 200 and contain every TEXT; with --stream also `data: [DONE]`.
Prints one JSON object; times are in microseconds. Without --rate the loop is closed. `unsent` counts requests that
fell due but found no free connection before the time-out: the rate was not held.";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = Arguments::of_process();
    if arguments.switch("--help") || arguments.switch("-h") {
        println!("{USAGE}");
        return Ok(());
    }
    let threads: usize = arguments.parsed("--threads", 1)?;
    let plan = Arc::new(Plan::read(&mut arguments)?);
    arguments.finish()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads.max(1)).enable_all().build()?;
    let report = runtime.block_on(run(plan))?;
    runtime.shutdown_background();
    println!("{report}");
    Ok(())
}

/// What is to be sent, how, and what must come back.
struct Plan {
    target: Target,
    request: Vec<u8>,
    ticket_at: Option<usize>,
    expect: Vec<Vec<u8>>,
    connections: usize,
    rate: f64,
    warm: Duration,
    measured: Duration,
    timeout: Duration,
    stream: bool,
}

impl Plan {
    fn read(arguments: &mut Arguments) -> Result<Self, Box<dyn Error>> {
        let url = arguments.value("--url")?.ok_or("`--url` is missing; see --help")?;
        let target = Target::parse(&url)?;
        let file = arguments.value("--body")?.ok_or("`--body` is missing; see --help")?;
        let body = std::fs::read(&file).map_err(|error| format!("`{file}`: {error}"))?;
        let mut head = format!(
            "POST {} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
            target.path,
            target.authority,
            body.len()
        );
        while let Some(header) = arguments.value("--header")? {
            head.push_str(&header);
            head.push_str("\r\n");
        }
        head.push_str("\r\n");
        let ticket_at = find(&body, &ticket::ticket(0)).map(|at| head.len() + at);
        let request = [head.as_bytes(), &body].concat();
        let mut expect = Vec::new();
        while let Some(text) = arguments.value("--expect")? {
            expect.push(text.into_bytes());
        }
        let stream = arguments.switch("--stream");
        if stream {
            expect.push(b"data: [DONE]".to_vec());
        }
        let seconds = |value: f64, name: &str| {
            Duration::try_from_secs_f64(value).map_err(|_| format!("`{name}` cannot be `{value}`"))
        };
        Ok(Self {
            target,
            request,
            ticket_at,
            expect,
            connections: arguments.parsed("--connections", 16_usize)?.max(1),
            rate: arguments.parsed("--rate", 0.0)?,
            warm: seconds(arguments.parsed("--warm", 1.0)?, "--warm")?,
            measured: seconds(arguments.parsed("--secs", 5.0)?, "--secs")?,
            timeout: seconds(arguments.parsed("--timeout", 30.0)?, "--timeout")?,
            stream,
        })
    }
}

/// What all connections share.
struct Pace {
    from: Instant,
    until: Instant,
    next: AtomicU64,
    due: Semaphore,
    open: bool,
    interval: f64,
}

impl Pace {
    /// Number and due time of the next request; `None` when the time is over.
    async fn next(&self) -> Option<(u64, Instant)> {
        if self.open {
            self.due.acquire().await.ok()?.forget();
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            return Some((number, self.due_at(number)));
        }
        let now = Instant::now();
        (now < self.until).then(|| (self.next.fetch_add(1, Ordering::Relaxed), now))
    }

    fn due_at(&self, number: u64) -> Instant {
        self.from + Duration::from_secs_f64(self.interval * number as f64)
    }

    /// Releases requests as they fall due. On a thread of its own, whose sleep is finer than the runtime's millisecond.
    fn release(&self) {
        for number in 0.. {
            let due = self.due_at(number);
            if due >= self.until {
                break;
            }
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            self.due.add_permits(1);
        }
    }
}

/// What came back.
#[derive(Default)]
struct Tally {
    all: u64,
    good: u64,
    opened: u64,
    total: Times,
    first_byte: Times,
    gaps: Times,
    late: Times,
    errors: BTreeMap<String, u64>,
    sample: Option<String>,
}

impl Tally {
    fn join(&mut self, other: Self) {
        self.all += other.all;
        self.good += other.good;
        self.opened += other.opened;
        self.total.join(other.total);
        self.first_byte.join(other.first_byte);
        self.gaps.join(other.gaps);
        self.late.join(other.late);
        for (error, count) in other.errors {
            *self.errors.entry(error).or_default() += count;
        }
        self.sample = self.sample.take().or(other.sample);
    }

    fn fail(&mut self, error: String, content: &[u8]) {
        *self.errors.entry(error).or_default() += 1;
        if self.sample.is_none() {
            self.sample = Some(String::from_utf8_lossy(content).chars().take(400).collect());
        }
    }
}

async fn run(plan: Arc<Plan>) -> Result<String, Box<dyn Error>> {
    let begin = Instant::now();
    let pace = Arc::new(Pace {
        from: begin,
        until: begin + plan.warm + plan.measured,
        next: AtomicU64::new(0),
        due: Semaphore::new(0),
        open: plan.rate > 0.0,
        interval: if plan.rate > 0.0 { plan.rate.recip() } else { 0.0 },
    });
    let mut connections = JoinSet::new();
    for _ in 0..plan.connections {
        connections.spawn(work(plan.clone(), pace.clone()));
    }
    let releaser = pace.open.then(|| {
        let pace = pace.clone();
        std::thread::spawn(move || pace.release())
    });
    tokio::time::sleep(plan.warm).await;
    let ticks = cpu::ticks();
    tokio::time::sleep(pace.until.saturating_duration_since(Instant::now())).await;
    let cpu_seconds = (cpu::ticks() - ticks) as f64 / cpu::TICKS_PER_SECOND;
    if let Some(releaser) = releaser {
        releaser.join().map_err(|_| "the pacing thread ended early")?;
        // What is due may still be answered; then the closed semaphore ends the connections.
        let patience = Instant::now() + plan.timeout;
        while pace.due.available_permits() > 0 && Instant::now() < patience {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        pace.due.close();
    }
    let mut tally = Tally::default();
    while let Some(part) = connections.join_next().await {
        tally.join(part?);
    }
    Ok(json(&plan, tally, pace.due.available_permits(), cpu_seconds))
}

async fn work(plan: Arc<Plan>, pace: Arc<Pace>) -> Tally {
    let mut tally = Tally::default();
    let mut connection = Connection::new(&plan.target.authority);
    connection.prepare().await;
    let mut request = plan.request.clone();
    // Tickets of different runs differ too, or an answer kept from an earlier run would pass.
    let salt = u64::from(std::process::id()) << 24;
    let counted_from = pace.from + plan.warm;
    while let Some((number, due)) = pace.next().await {
        let ticket = ticket::ticket(salt.wrapping_add(number));
        if let Some(place) = plan.ticket_at.and_then(|at| request.get_mut(at..at + ticket::LENGTH)) {
            place.copy_from_slice(&ticket);
        }
        let sent = Instant::now();
        let answer = tokio::time::timeout(plan.timeout, connection.exchange(&request, plan.stream)).await;
        tally.all += 1;
        let answer = match answer {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => {
                tally.fail(error, &connection.content);
                // A server that refuses connections is not to be stormed.
                tokio::time::sleep(Duration::from_millis(5)).await;
                continue;
            }
            // The connection was dropped within the exchange; the next request opens a new one.
            Err(_) => {
                tally.fail("no answer in time".into(), b"");
                continue;
            }
        };
        if let Err(error) = check(&plan, &answer, &connection.content, &ticket) {
            tally.fail(error, &connection.content);
            continue;
        }
        let counts =
            if pace.open { due >= counted_from } else { answer.end >= counted_from && answer.end <= pace.until };
        if counts {
            tally.good += 1;
            tally.total.add(answer.end - due);
            tally.first_byte.add(answer.first_byte - due);
            tally.late.add(sent - due);
            answer.gaps.into_iter().for_each(|gap| tally.gaps.add(gap));
        }
    }
    tally.opened = connection.opened;
    tally
}

fn check(plan: &Plan, answer: &Answer, content: &[u8], ticket: &[u8]) -> Result<(), String> {
    if answer.status != 200 {
        return Err(format!("status {}", answer.status));
    }
    if plan.ticket_at.is_some() && !contains(content, ticket) {
        return Err("answer without the request's ticket".into());
    }
    let missing = plan.expect.iter().find(|text| !contains(content, text));
    missing.map_or(Ok(()), |text| Err(format!("answer without `{}`", String::from_utf8_lossy(text))))
}

fn json(plan: &Plan, tally: Tally, unsent: usize, cpu_seconds: f64) -> String {
    let errors: u64 = tally.errors.values().sum();
    let kinds: Vec<String> = tally.errors.iter().map(|(error, count)| format!("{}:{count}", quoted(error))).collect();
    format!(
        "{{\"loop\":\"{}\",\"connections\":{},\"rate\":{},\"secs\":{},\"requests_per_s\":{:.1},\"counted\":{},\"all\":{},\
         \"unsent\":{unsent},\"errors\":{errors},\"error_kinds\":{{{}}},\"error_sample\":{},\"connections_opened\":{},\"cpu_s\":{cpu_seconds},\
         \"total_us\":{},\"first_byte_us\":{},\"gap_us\":{},\"late_us\":{}}}",
        if plan.rate > 0.0 { "open" } else { "closed" },
        plan.connections,
        plan.rate,
        plan.measured.as_secs_f64(),
        tally.good as f64 / plan.measured.as_secs_f64(),
        tally.good,
        tally.all,
        kinds.join(","),
        tally.sample.as_deref().map_or("null".into(), quoted),
        tally.opened,
        tally.total.json(),
        tally.first_byte.json(),
        tally.gaps.json(),
        tally.late.json(),
    )
}
