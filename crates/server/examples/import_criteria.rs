//! How long criteria take: a workbook of 1,500 fictional rows is sent to the program's own API, first as a dry run that
//! is compared with the demo's version, then as an import; then its content is read.
//!
//! `cargo run --release --example import_criteria -- [ROWS]`

use anyhow::{Context as _, ensure};
use rust_xlsxwriter::Workbook;
use sekisho::config::Config;
use sekisho::demo;
use sekisho::http;
use sekisho::installation::Installation;
use sekisho_store::Synchronous;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// How often each is done; the median is told.
const TIMES: usize = 9;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let rows: u32 = std::env::args().nth(1).map_or(Ok(1_500), |text| text.parse())?;
    let dir = tempfile::tempdir()?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let installation = Installation::open(Config::for_data(dir.path())?, Synchronous::Full).await?;
    let demo = demo::prepare(&installation, dir.path(), &url, None).await?;
    let demo = demo::scheme(&installation, dir.path(), demo).await?;
    let key = demo.keys.get("secretariat").context("the secretariat's key")?.clone();
    let app = Arc::new(installation);
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = http::serve(app.clone(), listener, async move { drop(stopped.await) });
    let measuring = async move {
        let measured = measure(&url, &key, workbook(rows)?).await;
        drop(stop);
        measured
    };
    let ((), measured) = tokio::join!(serving, measuring);
    (*app).clone().close().await;
    measured
}

/// Objectives with nine details each, below a title.
fn workbook(rows: u32) -> anyhow::Result<Vec<u8>> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, "架空の大きな基準")?;
    for (at, heading) in (0u16..).zip(["項目番号", "本文", "提供者特有", "基本言明要件", "監査グループ", "周期(年)"])
    {
        sheet.write_string(1, at, heading)?;
    }
    for row in 0..rows {
        let (objective, detail) = (row / 10, row % 10);
        let (chapter, section, third) = (5 + objective / 50, 1 + objective / 10 % 5, 1 + objective % 10);
        let number = format!("{chapter}.{section}.{third}");
        let number = if detail == 0 { number } else { format!("{number}.{detail}") };
        sheet.write_string(row + 2, 0, number)?;
        sheet.write_string(
            row + 2,
            1,
            format!("架空の要求 {row}: {}", "確かめ方と担当を決め、記録を残す。".repeat(12)),
        )?;
        sheet.write_string(row + 2, 3, if detail == 2 { "○" } else { "" })?;
        sheet.write_string(row + 2, 4, "B")?;
        sheet.write_number(row + 2, 5, 2)?;
    }
    Ok(book.save_to_buffer()?)
}

async fn measure(url: &str, key: &str, file: Vec<u8>) -> anyhow::Result<()> {
    // Setting it twice is no error worth telling: the first one stands.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build()?;
    println!("workbook: {} bytes", file.len());
    for (what, more, status) in [("dry run", "&dry_run=1", 200), ("import", "", 201)] {
        let mut times = Vec::with_capacity(TIMES);
        for at in 0..TIMES {
            let path =
                format!("{url}/api/ismap/import/criteria?id=big-{at}&title=big&edition={at}&effective_from=2026-04-01");
            let begun = Instant::now();
            let answer = client.post(format!("{path}{more}")).bearer_auth(key).body(file.clone()).send().await?;
            let (got, text) = (answer.status().as_u16(), answer.text().await?);
            times.push(begun.elapsed());
            ensure!(got == status, "{got}: {text}");
        }
        println!("{what}: {}", told(times));
    }
    let mut times = Vec::with_capacity(TIMES);
    for at in 0..TIMES {
        let begun = Instant::now();
        let answer = client.get(format!("{url}/api/ismap/criteria/big-{at}/content")).bearer_auth(key).send().await?;
        ensure!(answer.status().is_success(), "{}", answer.status());
        answer.bytes().await?;
        times.push(begun.elapsed());
    }
    println!("content, read for the first time: {}", told(times));
    Ok(())
}

fn told(mut times: Vec<Duration>) -> String {
    times.sort();
    let at = |place: usize| times.get(place).copied().unwrap_or_default();
    format!("{:?} at the median of {TIMES}, {:?} at most", at(TIMES / 2), at(TIMES - 1))
}
