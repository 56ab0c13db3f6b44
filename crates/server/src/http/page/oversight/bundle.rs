//! The whole ledger as one file, to be verified offline: what `sekisho ledger export` writes, as a ZIP archive.
//!
//! It is written to the disk first and sent from there. Sent while it is read, a slow line would keep the database's old
//! pages alive, and an erasure waits for those to go.

use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use sekisho_ledger::export::{BundleSink, BundleWriter};
use sekisho_store::{ExportError, Store};
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Bytes sent at once.
const PIECE: usize = 64 * 1024;
/// The folder inside the archive.
const FOLDER: &str = "ledger";

/// Why there is no archive.
#[derive(Debug, thiserror::Error)]
enum BundleError {
    #[error("the archive cannot be written: {0}")]
    Write(#[from] io::Error),
    #[error("the archive cannot be written: {0}")]
    Zip(#[from] zip::result::ZipError),
    #[error(transparent)]
    Export(#[from] ExportError),
}

/// An archive in the making.
struct Archive<'f>(&'f mut ZipWriter<File>);

impl BundleSink for Archive<'_> {
    fn keep(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        self.0.start_file(format!("{FOLDER}/{path}"), options).map_err(io::Error::other)?;
        self.0.write_all(bytes)
    }
}

/// A file that goes when it is no longer held.
struct Fleeting {
    file: File,
    path: Option<PathBuf>,
}

impl Fleeting {
    fn create(folder: &Path, name: &str) -> io::Result<Self> {
        let path = folder.join(name);
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(&path)?;
        // Where a file may lose its name while it is open, nothing is left behind however the program ends.
        let gone = std::fs::remove_file(&path).is_ok();
        Ok(Self { file, path: (!gone).then_some(path) })
    }
}

impl Drop for Fleeting {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            let _ = std::fs::remove_file(path);
        }
    }
}

fn write(
    store: &Store,
    runtime: &tokio::runtime::Handle,
    folder: &Path,
    name: &str,
    besides: Option<(&str, Vec<u8>)>,
) -> Result<(Fleeting, u64), BundleError> {
    let mut fleeting = Fleeting::create(folder, name)?;
    let mut archive = ZipWriter::new(fleeting.file.try_clone()?);
    let bundle = BundleWriter::into_sink(Archive(&mut archive));
    runtime.block_on(store.export_into(bundle, |_, _| ()))?;
    if let Some((name, bytes)) = besides {
        Archive(&mut archive).keep(name, &bytes)?;
    }
    archive.finish()?;
    let length = fleeting.file.seek(SeekFrom::End(0))?;
    fleeting.file.seek(SeekFrom::Start(0))?;
    Ok((fleeting, length))
}

pub(super) async fn download(State(app): State<App>, Seen(signed): Seen) -> Result<Response, PageError> {
    send(&app, &signed, "sekisho-ledger.zip", None).await
}

/// The ledger as a file, with another file beside it.
pub(super) async fn send(
    app: &App,
    signed: &SignedIn,
    called: &str,
    besides: Option<(&'static str, Vec<u8>)>,
) -> Result<Response, PageError> {
    let failed = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, "the ledger could not be packed");
        PageError::Inside
    };
    // What was written a moment ago is signed first.
    app.journal.checkpoint().await?;
    app.cosignatures.settle().await;
    // A few at a time: each takes as much of the disk as the ledger itself, until it is sent.
    let turn = app.exports.clone().acquire_owned().await.map_err(|e| failed(&e))?;
    let (store, folder, name) =
        (app.store.clone(), app.config.data.clone(), format!("bundle-{}.zip", app.world.fresh()));
    let runtime = tokio::runtime::Handle::current();
    let work = move || write(&store, &runtime, &folder, &name, besides);
    let written = app.tasks.spawn_blocking(work).await.map_err(|e| failed(&e))?;
    let (fleeting, length) = written.map_err(|e| failed(&e))?;
    tracing::info!(person = %signed.person(), length, "the ledger was taken along");
    let tasks = app.tasks.clone();
    let pieces = futures_util::stream::try_unfold((fleeting, turn), move |(mut fleeting, turn)| {
        let tasks = tasks.clone();
        async move {
            let read = move || {
                let mut piece = vec![0; PIECE];
                let n = fleeting.file.read(&mut piece)?;
                piece.truncate(n);
                Ok::<_, io::Error>((piece, fleeting))
            };
            let (piece, fleeting) = tasks.spawn_blocking(read).await.map_err(io::Error::other)??;
            Ok::<_, io::Error>((!piece.is_empty()).then(|| (Bytes::from(piece), (fleeting, turn))))
        }
    });
    let mut response = frame::download("application/zip", called, Body::from_stream(pieces));
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    Ok(response)
}
