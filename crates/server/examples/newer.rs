//! A program of a later version, as far as the database can tell: it knows two steps of the schema more.
//!
//! The first only adds, and is taken beside older programs; the second takes away what only those use. No setting of the
//! program reaches either; the proof that two versions serve side by side does.
//!
//! `cargo run --example newer -- CONFIG`

use anyhow::Context as _;
use sekisho::config::Config;
use sekisho::http;
use sekisho::installation::Installation;
use sekisho_store::{Database, SchemaStep, Synchronous};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;

const LATER: [SchemaStep; 2] = [
    SchemaStep::Expand(
        "CREATE TABLE new_form (n BIGINT PRIMARY KEY); \
         ALTER TABLE use_row ADD COLUMN new_column BIGINT NOT NULL DEFAULT 0; \
         ALTER TABLE ledger_entry ADD COLUMN new_column BIGINT NOT NULL DEFAULT 0; \
         CREATE INDEX new_index ON use_row (new_column)",
    ),
    // A table that the proof has made for the older programs.
    SchemaStep::Contract("DROP TABLE old_form"),
];

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let file = PathBuf::from(std::env::args().nth(1).context("newer CONFIG")?);
    let mut config = Config::load(&file, std::env::vars())?;
    if let Database::Postgres(postgres) = &mut config.database {
        postgres.later = &LATER;
    }
    let listen = config.listen;
    let installation = Installation::open(config, Synchronous::Full).await?;
    let name = installation.store.hold_name(&installation.config.node).await?;
    let listener = TcpListener::bind(listen).await?;
    let app = Arc::new(installation);
    let stop = async {
        let terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
        if let Ok(mut terminate) = terminate {
            terminate.recv().await;
        }
    };
    tokio::select! {
        () = name => {}
        () = http::serve(app.clone(), listener, stop) => {}
    }
    (*app).clone().close().await;
    Ok(())
}
