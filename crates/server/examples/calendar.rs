//! The demo with the parties of ISMAP, served with a calendar that the caller turns: a year is played in minutes. For
//! `tests/pages/year`.
//!
//! `cargo run --example calendar -- DIR FIRST_DAY`. Prints the demo as one line of JSON; then every line of standard input
//! that is a day moves the clock to that day and is answered with it. The end of the input ends the server in order.

use anyhow::Context as _;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use sekisho::config::Config;
use sekisho::installation::Installation;
use sekisho::world::SystemWorld;
use sekisho::{account, demo, http};
use sekisho_domain::day::begin_in_japan;
use sekisho_gate::world::World;
use sekisho_store::Synchronous;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};

/// The system's clock, so many microseconds ahead of or behind it.
#[derive(Default)]
struct Calendar {
    system: SystemWorld,
    ahead: AtomicI64,
}

impl Calendar {
    /// Moves to nine in the morning of a day in Japan; hours go on from there.
    fn turn(&self, day: Date) -> anyhow::Result<()> {
        let nine = begin_in_japan(day).context("no such day")?.checked_add(SignedDuration::from_hours(9))?;
        self.ahead.store(nine.as_microsecond() - self.system.now().as_microsecond(), Ordering::SeqCst);
        Ok(())
    }
}

impl World for Calendar {
    fn now(&self) -> Timestamp {
        let now = self.system.now();
        let moved = now.as_microsecond().saturating_add(self.ahead.load(Ordering::SeqCst));
        Timestamp::from_microsecond(moved).unwrap_or(now)
    }

    fn random(&self, bytes: &mut [u8]) {
        self.system.random(bytes);
    }

    fn fresh(&self) -> String {
        self.system.fresh()
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().context("calendar DIR FIRST_DAY");
    let (data, first): (PathBuf, Date) = (PathBuf::from(next()?), next()?.parse()?);
    std::fs::create_dir_all(&data)?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let calendar = Arc::new(Calendar::default());
    calendar.turn(first)?;
    let mut app = Installation::open(Config::for_data(&data)?, Synchronous::Full).await?;
    app.world = calendar.clone();
    let demo = demo::prepare(&app, &data, &url, None).await?;
    let demo = demo::scheme(&app, &data, demo).await?;
    let demo = demo::accounts(&app, &data, demo).await?;
    println!("{}", serde_json::to_string(&demo)?);
    let app = Arc::new(app);
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = http::serve(app.clone(), listener, async move { drop(stopped.await) });
    let turning = turned(calendar.clone(), demo.clone(), stop);
    let ((), turned) = tokio::join!(serving, turning);
    turned?;
    (*app).clone().close().await;
    Ok(())
}

/// Turns the calendar as it is told, until nothing more is said.
async fn turned(calendar: Arc<Calendar>, demo: demo::Demo, stop: oneshot::Sender<()>) -> anyhow::Result<()> {
    let (said, mut heard) = mpsc::unbounded_channel();
    // Reading waits, so it has a thread of its own.
    std::thread::spawn(move || std::io::stdin().lines().map_while(Result::ok).try_for_each(|line| said.send(line)));
    while let Some(line) = heard.recv().await {
        match line.trim().split_once(' ') {
            // The phone of someone of the demo, which knows the same time.
            Some(("code", login)) => {
                let secret = demo.accounts.get(login).and_then(|account| account.second_factor.as_ref());
                let code = secret.and_then(|secret| account::code_now(secret, calendar.now()));
                println!("{}", code.unwrap_or_default());
            }
            _ => {
                let day: Date = line.trim().parse()?;
                calendar.turn(day)?;
                println!("{day}");
            }
        }
    }
    drop(stop);
    Ok(())
}
