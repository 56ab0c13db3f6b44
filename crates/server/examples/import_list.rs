//! How long the published list takes: a workbook of 1,500 fictional rows is sent to the program's own API as a dry run, as
//! an import in editions that change every row, and as one that changes nothing.
//!
//! `cargo run --release --example import_list -- [ROWS]`

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
    let key = demo.keys.get("manager").context("the manager's key")?.clone();
    let app = Arc::new(installation);
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = http::serve(app.clone(), listener, async move { drop(stopped.await) });
    let measuring = async move {
        let measured = measure(&url, &key, rows).await;
        drop(stop);
        measured
    };
    let ((), measured) = tokio::join!(serving, measuring);
    (*app).clone().close().await;
    measured
}

/// Rows with everything that a list can say, below a title.
fn workbook(rows: u32, edition: usize) -> anyhow::Result<Vec<u8>> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, "架空の大きな登録リスト")?;
    let headings = [
        "登録番号",
        "区分",
        "事業者名",
        "サービス名",
        "サービスモデル",
        "言明の対象範囲",
        "サブサービス",
        "地域",
        "生成AI機能",
        "監査機関",
        "監査対象期間",
        "登録日",
        "有効期限",
        "状態",
        "統制目標",
        "後発事象",
    ];
    for (at, heading) in (0u16..).zip(headings) {
        sheet.write_string(1, at, heading)?;
    }
    let objectives = (1..=9).map(|at| format!("5.1.{at}")).collect::<Vec<_>>().join("、");
    for row in 0..rows {
        let number = format!("K-{row:04}");
        let (csp, service) = (format!("架空事業者 {}", row % 300), format!("架空サービス {row}"));
        let scope = format!("第{edition}版: {}", "架空の設備と運用の全体。".repeat(6));
        let cells = [
            number.as_str(),
            if row % 5 == 0 { "ISMAP-LIU" } else { "ISMAP" },
            csp.as_str(),
            service.as_str(),
            "SaaS・PaaS",
            scope.as_str(),
            "架空の対話、架空の保存",
            "架空東、架空西",
            if row % 3 == 0 { "有" } else { "無" },
            "架空監査法人",
            "2025-04-01～2026-03-31",
            "2025年4月1日",
            "令和9年7月31日",
            "登録",
            objectives.as_str(),
            "",
        ];
        for (at, cell) in (0u16..).zip(cells) {
            sheet.write_string(row + 2, at, cell)?;
        }
    }
    Ok(book.save_to_buffer()?)
}

async fn measure(url: &str, key: &str, rows: u32) -> anyhow::Result<()> {
    // Setting it twice is no error worth telling: the first one stands.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build()?;
    let files = (0..TIMES).map(|edition| workbook(rows, edition)).collect::<Result<Vec<_>, _>>()?;
    println!("{rows} rows, {} bytes", files.first().map_or(0, Vec::len));
    for (what, more, status) in [
        ("dry run, every row new", "?dry_run=true", 200),
        ("import, every row new or changed", "", 201),
        ("import, nothing changed", "", 201),
    ] {
        let mut times = Vec::with_capacity(TIMES);
        for edition in &files {
            let file = if what.ends_with("nothing changed") { files.last() } else { Some(edition) };
            let file = file.context("a workbook")?.clone();
            let begun = Instant::now();
            let request = client.post(format!("{url}/api/ismap/import/list{more}")).bearer_auth(key).body(file);
            let answer = request.send().await?;
            let (got, text) = (answer.status().as_u16(), answer.text().await?);
            times.push(begun.elapsed());
            ensure!(got == status, "{got}: {text}");
        }
        println!("{what}: {}", told(times));
    }
    Ok(())
}

fn told(mut times: Vec<Duration>) -> String {
    times.sort();
    let at = |place: usize| times.get(place).copied().unwrap_or_default();
    format!("{:?} at the median of {TIMES}, {:?} at most", at(TIMES / 2), at(TIMES - 1))
}
