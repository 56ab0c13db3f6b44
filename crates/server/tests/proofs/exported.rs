//! An exported ledger, read by the test itself and not by the program that wrote it.

use crate::house::{run, run_json};
use sekisho_ledger::verify::{VerifyObserver, VerifyOptions, verify_dir};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// Every entry in order, after every hash and signature was checked.
pub(crate) struct Exported {
    pub(crate) entries: Vec<Value>,
    /// The bytes that were signed.
    pub(crate) bytes: Vec<Vec<u8>>,
}

struct Reader(Exported);

impl VerifyObserver for Reader {
    fn entry(&mut self, index: u64, entry: &[u8]) {
        // Dense and in order: the index is the number of entries before.
        assert_eq!(index, self.0.entries.len() as u64, "the entries have a gap");
        self.0.entries.push(serde_json::from_slice(entry).expect("an entry is JSON"));
        self.0.bytes.push(entry.to_vec());
    }
}

/// What the ledger says of one use.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) opened: Vec<u64>,
    pub(crate) closed: Vec<u64>,
    pub(crate) refused: Vec<u64>,
    pub(crate) aborted: Vec<u64>,
    /// Length of the request, as the opening or refusing entry says.
    pub(crate) bytes: u64,
}

impl Exported {
    /// Exports an installation, running or stopped, into a new folder and verifies it.
    pub(crate) fn of(data: &Path, out: &Path) -> Self {
        run_json(&[&"ledger", &"export", &"--data", &data, &"--out", &out, &"--json"]);
        Self::read(out)
    }

    /// The same, of one that perhaps does not open: then with what the program says.
    pub(crate) fn try_of(data: &Path, out: &Path) -> Result<Self, String> {
        let output = run(&[&"ledger", &"export", &"--data", &data, &"--out", &out, &"--json"]);
        if output.status.success() {
            Ok(Self::read(out))
        } else {
            let said = [output.stdout, output.stderr].concat();
            Err(format!("{}: {}", output.status, String::from_utf8_lossy(&said)))
        }
    }

    /// The same, of the installation that a configuration names.
    pub(crate) fn by_config(config: &Path, out: &Path) -> Self {
        run_json(&[&"ledger", &"export", &"--config", &config, &"--out", &out, &"--json"]);
        Self::read(out)
    }

    /// What was exported there.
    pub(crate) fn read(out: &Path) -> Self {
        let mut reader = Reader(Self { entries: Vec::new(), bytes: Vec::new() });
        let verified = verify_dir(out, &VerifyOptions::default(), &mut reader).expect("the export verifies");
        assert_eq!(verified.size, reader.0.entries.len() as u64, "the checkpoint and the entries differ in number");
        reader.0
    }

    /// All uses.
    pub(crate) fn uses(&self) -> BTreeMap<String, Told> {
        let mut uses: BTreeMap<String, Told> = BTreeMap::new();
        for (index, entry) in (0..).zip(&self.entries) {
            let Some(id) = entry["data"]["use"].as_str() else { continue };
            let kind = entry["kind"].as_str().unwrap_or_default();
            if !kind.starts_with("use.") {
                continue;
            }
            let told = uses.entry(id.to_owned()).or_default();
            match kind {
                "use.opened" => told.opened.push(index),
                "use.closed" => told.closed.push(index),
                "use.refused" => told.refused.push(index),
                "use.aborted" => told.aborted.push(index),
                other => panic!("`{other}` is not known to this proof"),
            }
            if matches!(kind, "use.opened" | "use.refused") {
                told.bytes = entry["data"]["bytes"].as_u64().unwrap_or(0);
            }
        }
        uses
    }

    /// Entries of a kind.
    pub(crate) fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        self.entries.iter().filter(move |entry| entry["kind"] == kind)
    }
}
