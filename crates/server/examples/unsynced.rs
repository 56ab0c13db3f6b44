//! The counter-proof of P1: the demo with a database that does not wait for the disk.
//!
//! No setting of the program reaches `Synchronous::Normal`; only this example does, so that the test which watches the
//! order of system calls can be seen to fail. Never use it for anything else.
//!
//! `cargo run --example unsynced -- DIR UPSTREAM_URL UPSTREAM_MODEL`

use anyhow::Context as _;
use sekisho::config::Config;
use sekisho::installation::Installation;
use sekisho::{demo, http};
use sekisho_store::Synchronous;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().context("unsynced DIR UPSTREAM_URL UPSTREAM_MODEL");
    let (data, upstream, model) = (PathBuf::from(next()?), next()?, next()?);
    std::fs::create_dir_all(&data)?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let installation = Installation::open(Config::for_data(&data)?, Synchronous::Normal).await?;
    let demo = demo::prepare(&installation, &data, &url, Some((upstream, model))).await?;
    println!("{:#}", demo.to_json());
    let app = Arc::new(installation);
    let stop = async {
        let terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
        if let Ok(mut terminate) = terminate {
            terminate.recv().await;
        }
    };
    http::serve(app.clone(), listener, stop).await;
    (*app).clone().close().await;
    Ok(())
}
