//! Sources fetched from the official APIs: one request at a time, with a pause, from where the last time ended.
//!
//! What was fetched lies as files below `<data>/search/fetch` until it is on the shelf, so an import that breaks off goes
//! on where it was.

mod client;
mod diet;
mod law;
mod state;

pub(super) use diet::diet;
pub(super) use law::laws;

use crate::cli::Failed;
use sekisho_search::source::Reject;
use state::State;
use std::path::PathBuf;

/// How to ask.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Options {
    /// 公式の API から取得する / fetch from the official API
    #[arg(long)]
    pub(super) from_api: bool,
    /// API の場所（複製サイトなど）/ address of the API, for mirrors
    #[arg(long, value_name = "URL", requires = "from_api")]
    pub(super) base_url: Option<String>,
    /// 問合せの間隔（秒）/ seconds between requests
    #[arg(long, value_name = "N", default_value_t = 3.0, requires = "from_api", value_parser = pause)]
    pub(super) pause: f64,
}

fn pause(text: &str) -> Result<f64, String> {
    let seconds = text.parse().ok().filter(|seconds: &f64| (0.0..=3600.0).contains(seconds));
    seconds.ok_or_else(|| "0 から 3600 までの秒数で / seconds from 0 to 3600".to_owned())
}

/// What was fetched and is to be imported.
#[derive(Debug)]
pub(super) struct Fetched {
    /// Where it lies.
    pub(super) folder: PathBuf,
    state: State,
    /// What the API refused to give.
    pub(super) rejects: Vec<Reject>,
}

impl Fetched {
    /// After the import: the files go, and the next time begins where this one ended. What was not taken is fetched again
    /// the next time, so its file goes too.
    pub(super) fn done(mut self, rejects: &[Reject]) -> Result<(), Failed> {
        for reject in rejects {
            // `…/<law id>_<day>_<amending law id>.<when it was changed>.json`
            let name = reject.place.file.rsplit(['/', '\\']).next().unwrap_or_default();
            self.state.forget(name.split('_').next().unwrap_or_default());
            let file = self.folder.join(name);
            if file.display().to_string() == reject.place.file && file.is_file() {
                std::fs::remove_file(file)?;
            }
        }
        if rejects.is_empty() {
            std::fs::remove_dir_all(&self.folder)?;
        }
        Ok(self.state.imported().save()?)
    }
}
