//! `sekisho import laws|diet|documents` as a specification. Laws, meetings and documents are made up.

#![expect(clippy::unwrap_used, reason = "a test may panic; helpers stand outside #[test]")]

#[path = "import/api.rs"]
mod api;
#[path = "import/files.rs"]
mod files;
#[path = "import/site.rs"]
mod site;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// A folder with files and a data folder.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sekisho"));
        command.current_dir(self.0.path()).args(arguments).env_remove("LANG").stdin(Stdio::null());
        command.output().unwrap()
    }

    /// Imports into `data`; the exit code and what it says.
    fn import(&self, arguments: &[&str]) -> (i32, Value) {
        let mut all = vec!["--json", "import"];
        all.extend(arguments);
        all.extend(["--data", "data"]);
        let output = self.run(&all);
        let text = String::from_utf8_lossy(&output.stdout);
        let said = serde_json::from_str(&text)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&output.stderr).into_owned()));
        (output.status.code().unwrap(), said)
    }
}

/// The files of the demo.
fn demo(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/search").join(folder)
}
