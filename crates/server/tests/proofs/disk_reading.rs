//! From system calls to changes of a disk: which file a descriptor is, where a write goes, which names come and go.

use crate::disk::{Act, Change, Kept, Node, Sync, apply, is_shared_memory};
use crate::strace::Call;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Follows the calls from names to files.
pub(crate) struct Reading<'a> {
    root: &'a Path,
    /// Lines of the runs before.
    first: usize,
    /// Names as they stand now; the contents of files are not kept up.
    pub(crate) kept: Vec<Kept>,
    /// Where `write` goes on, by descriptor; none at the end of the file.
    places: BTreeMap<i64, Option<usize>>,
    pub(crate) changes: Vec<Change>,
    pub(crate) syncs: Vec<Sync>,
}

impl<'a> Reading<'a> {
    /// Of a folder that looks like `kept` when the run begins, at a line.
    pub(crate) fn new(root: &'a Path, first: usize, kept: Vec<Kept>) -> Self {
        Self { root, first, kept, places: BTreeMap::new(), changes: Vec::new(), syncs: Vec::new() }
    }

    pub(crate) fn see(&mut self, call: &Call) {
        let failed = call.end != usize::MAX && !call.succeeded();
        if failed {
            return;
        }
        match call.name.as_str() {
            "openat" => self.open(call),
            "write" | "pwrite64" | "writev" | "pwritev" => self.write(call),
            "lseek" if self.file(call).is_some() => {
                let place = call.returned().expect("a place");
                // At the end of a file that is open to append it stays there.
                if let Some(Some(known)) = self.places.get_mut(&call.fd()) {
                    *known = usize::try_from(place).expect("fits");
                }
            }
            "ftruncate" => {
                if let Some(file) = self.file(call) {
                    let length = usize::try_from(call.number(1)).expect("fits");
                    self.change(call, Act::Length { file, length });
                }
            }
            "fsync" | "fdatasync" => {
                if let Some(of) = self.find(Path::new(&call.path())).filter(|_| !call.is_deleted())
                    && call.end != usize::MAX
                {
                    self.syncs.push(Sync { begun: self.first + call.start, done: self.first + call.end, of });
                }
            }
            "rename" | "renameat" | "renameat2" => {
                let [from, to] = &call.names()[..] else { panic!("{call:?}") };
                if let (Some(goes), Some((folder, name))) = (self.place(from), self.place(to))
                    && let Some(node) = self.find(Path::new(from))
                {
                    let appears = Some((folder, name, node));
                    self.change(call, Act::Names { appears, goes: Some(goes) });
                }
            }
            "unlink" | "rmdir" | "unlinkat" => {
                let path = self.path_of(call);
                if self.find(&path).is_some() {
                    let goes = self.place(&path.to_string_lossy());
                    self.change(call, Act::Names { appears: None, goes });
                }
            }
            "mkdir" | "mkdirat" => {
                let path = self.path_of(call);
                if let Some((folder, name)) = self.place(&path.to_string_lossy()) {
                    let node = self.new_node(Kept::Folder(BTreeMap::new()));
                    self.change(call, Act::Names { appears: Some((folder, name, node)), goes: None });
                }
            }
            "fallocate" | "link" | "linkat" | "symlink" | "symlinkat" | "copy_file_range" | "sendfile" | "open"
            | "creat" | "truncate" | "pwritev2" => {
                let in_root = |path: &String| Path::new(path).starts_with(self.root);
                let concerned = in_root(&call.path()) || call.names().iter().any(in_root);
                // Opening to read alone changes nothing.
                assert!(
                    !concerned || call.name == "open" && call.arguments.contains("O_RDONLY"),
                    "this proof does not know: {call:?}"
                );
            }
            _ => {}
        }
    }

    fn open(&mut self, call: &Call) {
        if call.end == usize::MAX {
            return;
        }
        let path = PathBuf::from(call.opened());
        if !path.starts_with(self.root) || is_shared_memory(&path) {
            return;
        }
        let says = |flag: &str| call.arguments.split(['|', ',', ' ']).any(|word| word.trim_end_matches(')') == flag);
        match self.find(&path) {
            Some(file) if says("O_TRUNC") => self.change(call, Act::Length { file, length: 0 }),
            Some(_) => {}
            None => {
                assert!(says("O_CREAT"), "a file that nobody made: {call:?}");
                let (folder, name) = self.place(&path.to_string_lossy()).expect("a folder that is known");
                let node = self.new_node(Kept::File(Vec::new()));
                self.change(call, Act::Names { appears: Some((folder, name, node)), goes: None });
            }
        }
        let fd = i64::try_from(call.returned().expect("a descriptor")).expect("fits");
        self.places.insert(fd, (!says("O_APPEND")).then_some(0));
    }

    fn write(&mut self, call: &Call) {
        let Some(file) = self.file(call) else { return };
        let mut bytes = call.payload();
        // A call that never returned may have written all of it.
        if let Some(written) = call.returned().filter(|_| call.end != usize::MAX) {
            bytes.truncate(usize::try_from(written).expect("fits"));
        }
        let at = match call.name.as_str() {
            "pwrite64" => usize::try_from(call.number(3)).expect("fits"),
            "pwritev" => panic!("this proof does not know: {call:?}"),
            _ => {
                let place = self.places.get_mut(&call.fd()).expect("a file that was opened");
                let at = place.expect("nobody appends here");
                *place = Some(at + bytes.len());
                at
            }
        };
        self.change(call, Act::Write { file, at, bytes });
    }

    /// The file it works on, if it is one of those that are looked at.
    fn file(&self, call: &Call) -> Option<Node> {
        let path = PathBuf::from(call.path());
        let concerned = path.starts_with(self.root) && !is_shared_memory(&path) && !call.is_deleted();
        concerned.then(|| self.find(&path).unwrap_or_else(|| panic!("`{}` was never opened", path.display())))
    }

    /// The path of a call that takes a folder's descriptor and a name, or a path alone.
    fn path_of(&self, call: &Call) -> PathBuf {
        let names = call.names();
        let [name] = &names[..] else { panic!("{call:?}") };
        let folder = if call.name.ends_with("at") { call.path() } else { String::new() };
        Path::new(&folder).join(name)
    }

    fn find(&self, path: &Path) -> Option<Node> {
        let mut node = 0;
        for part in path.strip_prefix(self.root).ok()? {
            let Kept::Folder(names) = &self.kept[node] else { return None };
            node = *names.get(part.to_str()?)?;
        }
        Some(node)
    }

    /// The folder and the name, of a path that is looked at.
    fn place(&self, path: &str) -> Option<(Node, String)> {
        let path = Path::new(path);
        if !path.starts_with(self.root) || is_shared_memory(path) || path == self.root {
            return None;
        }
        Some((self.find(path.parent()?)?, path.file_name()?.to_str()?.to_owned()))
    }

    fn new_node(&mut self, kept: Kept) -> Node {
        self.kept.push(kept);
        self.kept.len() - 1
    }

    fn change(&mut self, call: &Call, act: Act) {
        if act.is_of_names() {
            apply(&mut self.kept, &act);
        }
        self.changes.push(Change { begun: self.first + call.start, done: call.end.saturating_add(self.first), act });
    }
}
