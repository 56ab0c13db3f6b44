//! The files below what was named: in the order of their names, without following links, as deep as it goes.

use super::trouble::Trouble;
use std::collections::VecDeque;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// What is to be looked into.
#[derive(Debug)]
pub(crate) enum Item {
    /// A file.
    File(PathBuf),
    /// Standard input.
    Stdin,
    /// A pipe, a socket, a device: met in a folder, and left alone.
    Special(PathBuf),
    /// Nothing that can be read.
    Unreadable(PathBuf, Trouble),
}

/// What is passed over on the way.
#[derive(Debug, Clone, Default)]
pub(crate) struct Choice {
    /// Go into names that begin with a dot.
    pub(crate) hidden: bool,
    /// Names that are left out.
    pub(crate) exclude: Vec<Glob>,
}

/// How much was passed over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub(crate) struct PassedOver {
    pub(crate) hidden: u64,
    pub(crate) excluded: u64,
    pub(crate) links: u64,
}

/// The files, one after the other.
#[derive(Debug)]
pub(crate) struct Walk {
    named: VecDeque<PathBuf>,
    /// What is left of each folder on the way down. A stack of our own: trees may be deeper than that of a thread.
    open: Vec<std::vec::IntoIter<Entry>>,
    choice: Choice,
    pub(crate) passed_over: PassedOver,
}

#[derive(Debug)]
struct Entry {
    path: PathBuf,
    kind: std::io::Result<std::fs::FileType>,
}

impl Walk {
    pub(crate) fn new(named: Vec<PathBuf>, choice: Choice) -> Self {
        Self { named: named.into(), open: Vec::new(), choice, passed_over: PassedOver::default() }
    }

    fn named(&mut self, path: PathBuf) -> Option<Item> {
        if path == Path::new("-") {
            return Some(Item::Stdin);
        }
        match std::fs::metadata(&path) {
            Ok(found) if found.is_dir() => self.enter(path, true),
            Ok(found) if found.is_file() => Some(Item::File(path)),
            Ok(_) => Some(Item::Unreadable(path, Trouble::special())),
            Err(error) => Some(Item::Unreadable(path, Trouble::io(&error))),
        }
    }

    fn below(&mut self, Entry { path, kind }: Entry) -> Option<Item> {
        let name = path.file_name().unwrap_or_default();
        if !self.choice.hidden && name.as_encoded_bytes().first() == Some(&b'.') {
            self.passed_over.hidden += 1;
            return None;
        }
        if self.choice.exclude.iter().any(|glob| glob.matches(name)) {
            self.passed_over.excluded += 1;
            return None;
        }
        match kind {
            Ok(kind) if kind.is_symlink() => {
                self.passed_over.links += 1;
                None
            }
            Ok(kind) if kind.is_dir() => self.enter(path, false),
            Ok(kind) if kind.is_file() => Some(Item::File(path)),
            Ok(_) => Some(Item::Special(path)),
            Err(error) => Some(Item::Unreadable(path, Trouble::io(&error))),
        }
    }

    /// Opens a folder; what could not be listed of it is reported.
    fn enter(&mut self, path: PathBuf, named: bool) -> Option<Item> {
        if of_the_kernel(&path) {
            return Some(if named { Item::Unreadable(path, Trouble::special()) } else { Item::Special(path) });
        }
        let mut broken = None;
        let mut entries = Vec::new();
        match std::fs::read_dir(&path) {
            Ok(listed) => {
                for entry in listed {
                    match entry {
                        Ok(entry) => entries.push(Entry { path: entry.path(), kind: entry.file_type() }),
                        // It need not end after an error.
                        Err(error) => {
                            broken = Some(error);
                            break;
                        }
                    }
                }
            }
            Err(error) => broken = Some(error),
        }
        entries.sort_unstable_by(|a, b| a.path.file_name().cmp(&b.path.file_name()));
        self.open.push(entries.into_iter());
        broken.map(|error| Item::Unreadable(path, Trouble::io(&error)))
    }
}

impl Iterator for Walk {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        loop {
            let item = match self.open.last_mut() {
                Some(folder) => match folder.next() {
                    Some(entry) => self.below(entry),
                    None => {
                        self.open.pop();
                        None
                    }
                },
                None => {
                    let path = self.named.pop_front()?;
                    self.named(path)
                }
            };
            if item.is_some() {
                return item;
            }
        }
    }
}

/// Whether a folder is the system's view of itself (`/proc`, `/sys`): endless and no documents.
#[cfg(target_os = "linux")]
fn of_the_kernel(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    static DEVICES: std::sync::LazyLock<Vec<u64>> = std::sync::LazyLock::new(|| {
        let device = |path| std::fs::metadata(path).map(|found| found.dev()).ok();
        let root = device("/");
        ["/proc", "/sys"].into_iter().filter_map(device).filter(|&device| Some(device) != root).collect()
    });
    std::fs::metadata(folder).is_ok_and(|found| DEVICES.contains(&found.dev()))
}

#[cfg(not(target_os = "linux"))]
fn of_the_kernel(_: &Path) -> bool {
    false
}

/// A pattern for one name: `*` is any characters, `?` is one.
#[derive(Debug, Clone)]
pub(crate) struct Glob(Vec<char>);

impl std::str::FromStr for Glob {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.is_empty() || text.contains('/') {
            return Err("フォルダーを含まない名前で、例: `*.log` / a name without folders, such as `*.log`".into());
        }
        Ok(Self(text.chars().collect()))
    }
}

impl Glob {
    fn matches(&self, name: &OsStr) -> bool {
        let name: Vec<char> = name.to_string_lossy().chars().collect();
        let (mut p, mut n) = (0, 0);
        // Where to try again: the last star, and one character more than it took before.
        let mut again: Option<(usize, usize)> = None;
        while let Some(&c) = name.get(n) {
            match self.0.get(p) {
                Some('*') => {
                    again = Some((p, n));
                    p += 1;
                }
                Some(&wanted) if wanted == '?' || wanted == c => {
                    p += 1;
                    n += 1;
                }
                _ => {
                    let Some((star, taken)) = again else { return false };
                    again = Some((star, taken + 1));
                    p = star + 1;
                    n = taken + 1;
                }
            }
        }
        self.0.get(p..).unwrap_or_default().iter().all(|&c| c == '*')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_the_whole_name() {
        let matches = |glob: &str, name: &str| glob.parse::<Glob>().unwrap().matches(OsStr::new(name));
        assert!(matches("*.log", "a.b.log"));
        assert!(!matches("*.log", "a.log.1"));
        assert!(matches("名簿?.*", "名簿１.xlsx"));
        assert!(!matches("名簿?.*", "名簿.xlsx"));
        assert!(matches("node_modules", "node_modules"));
        assert!(!matches("node", "node_modules"));
        assert!(matches("*", ""));
        assert!(matches("a*b*c", "a-b-b-c"));
        assert!(!matches("a*b*c", "a-b-b-d"));
        assert!(!matches(&"*a".repeat(20), &"a".repeat(19)));
        assert!("a/b".parse::<Glob>().is_err());
    }

    #[test]
    fn a_tree_deeper_than_a_stack_is_walked() {
        let top = tempfile::tempdir().unwrap();
        let mut path = top.path().to_owned();
        // As deep as the longest path allows.
        while path.as_os_str().len() < 4000 {
            path.push("f");
        }
        std::fs::create_dir_all(&path).unwrap();
        std::fs::write(path.join("t"), "x").unwrap();
        let found: Vec<_> = Walk::new(vec![top.path().to_owned()], Choice::default()).collect();
        assert!(matches!(&found[..], [Item::File(file)] if *file == path.join("t")), "{found:?}");
    }
}
