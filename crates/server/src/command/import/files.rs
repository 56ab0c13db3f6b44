//! The files that an import was given, and how far it is with them.

use crate::cli::Voice;
use crate::command::scan::walk::{Choice, Item, Walk};
use indicatif::{ProgressBar, ProgressStyle};
use sekisho_search::source::feed::{Input, Progress};
use sekisho_search::source::{Place, Reject};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Files, and what could not even be found.
#[derive(Debug, Default)]
pub(super) struct Files {
    pub(super) inputs: Vec<Input>,
    pub(super) rejects: Vec<Reject>,
}

impl Files {
    /// The files below what was named, folders to their bottom, in the order of names.
    pub(super) fn below(named: &[PathBuf]) -> Self {
        let mut files = Self::default();
        for root in named {
            // `-` would be standard input to the walk; here it is a file of that name.
            let root = if root.as_os_str() == "-" { Path::new(".").join(root) } else { root.clone() };
            for item in Walk::new(vec![root.clone()], Choice::default()) {
                match item {
                    Item::File(path) => {
                        let (name, named) = (path.display().to_string(), path == root);
                        files.inputs.push(Input { path, name, named });
                    }
                    Item::Unreadable(path, trouble) => {
                        let place = Place::file(path.display().to_string());
                        files.rejects.push(Reject::new(place, trouble.ja, trouble.en));
                    }
                    Item::Special(_) | Item::Stdin => {}
                }
            }
        }
        files
    }

    fn bytes(&self) -> u64 {
        self.inputs.iter().filter_map(|input| Some(std::fs::metadata(&input.path).ok()?.len())).sum()
    }

    /// A bar for this many times through all files.
    pub(super) fn bar(&self, voice: Voice, times: u64) -> (ProgressBar, Progress) {
        let bar = if voice.json { ProgressBar::hidden() } else { ProgressBar::new(self.bytes() * times) };
        if let Ok(style) = ProgressStyle::with_template("{wide_bar} {decimal_bytes}/{decimal_total_bytes} {eta}") {
            bar.set_style(style);
        }
        let told = bar.clone();
        (bar, Arc::new(move |bytes| told.inc(bytes)))
    }
}

/// What a document is known by: its path below the folder that was named, with that folder's own name, so that it is the
/// same wherever the command is given.
pub(super) fn shelf_name(root: &Path, path: &Path) -> String {
    let base = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let mut name = base.file_name().unwrap_or_default().to_string_lossy().into_owned();
    for part in path.strip_prefix(root).unwrap_or(Path::new("")).components() {
        name.push('/');
        name.push_str(&part.as_os_str().to_string_lossy());
    }
    name
}
