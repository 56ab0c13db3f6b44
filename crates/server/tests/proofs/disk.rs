//! A disk as a power cut leaves it, made from the system calls of a real run.
//!
//! What was synchronised before the cut is there. Of everything else each piece is, as the dice fall, there, gone, or half
//! there: written data can be torn between sectors or stand as zeros, names can be new or old. The line numbers of the log
//! are the clock: a synchronisation covers what had returned before it began, and only once it has returned itself.
//!
//! The `-shm` file of SQLite is left out: it lies in memory, and SQLite makes it anew.

use crate::dice::Dice;
use crate::disk_reading::Reading;
use crate::strace::calls;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A disk writes this much whole or not at all.
const SECTOR: usize = 512;

/// A file or folder, by number: names change.
pub(crate) type Node = usize;

#[derive(Debug, Clone)]
pub(crate) enum Kept {
    File(Vec<u8>),
    Folder(BTreeMap<String, Node>),
}

/// A change, as the system was asked for it.
#[derive(Debug)]
pub(crate) enum Act {
    Write {
        file: Node,
        at: usize,
        bytes: Vec<u8>,
    },
    Length {
        file: Node,
        length: usize,
    },
    /// Names of folders: what appears and what goes, at once.
    Names {
        appears: Option<(Node, String, Node)>,
        goes: Option<(Node, String)>,
    },
}

impl Act {
    /// Whose synchronisation makes it last.
    fn subject(&self) -> Node {
        match self {
            Self::Write { file, .. } | Self::Length { file, .. } => *file,
            Self::Names { appears, goes } => {
                let folder = appears.as_ref().map(|(folder, ..)| *folder);
                folder.or(goes.as_ref().map(|(folder, _)| *folder)).expect("one of both")
            }
        }
    }

    pub(crate) fn is_of_names(&self) -> bool {
        matches!(self, Self::Names { .. })
    }
}

#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) begun: usize,
    pub(crate) done: usize,
    pub(crate) act: Act,
}

#[derive(Debug)]
pub(crate) struct Sync {
    pub(crate) begun: usize,
    pub(crate) done: usize,
    pub(crate) of: Node,
}

/// A folder, and what runs did to it one after the other.
pub(crate) struct Disk {
    root: PathBuf,
    before: Vec<Kept>,
    changes: Vec<Change>,
    syncs: Vec<Sync>,
    lines: usize,
}

/// How bad luck is at a cut.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Luck {
    /// Whatever was not synchronised is gone.
    AllIsLost,
    /// Each piece has its own fate.
    Mixed,
    /// Nearly all has reached the disk already.
    LittleIsLost,
}

/// How a file system keeps names.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Names {
    /// With a journal, as ext4 and XFS do: in order, and any synchronisation takes along all names before it.
    Journalled,
    /// As POSIX lets it: only the folder's own synchronisation counts, and there is no order.
    Free,
}

impl Disk {
    /// `root` is the folder that is looked at, as it lies before anything happens: all of it is taken to be safe.
    pub(crate) fn before(root: &Path) -> Self {
        let root = root.canonicalize().expect("a folder");
        let mut before = Vec::new();
        load(&root, &mut before);
        Self { root, before, changes: Vec::new(), syncs: Vec::new(), lines: 0 }
    }

    /// Goes on with the log of a run that has just ended, of
    /// [`Watch::everything_that_stays`](crate::strace::Watch::everything_that_stays). Returns where it begins among all
    /// lines. What one run wrote and did not synchronise, the next one finds, and a power cut can still take it.
    pub(crate) fn add(&mut self, log: &str) -> usize {
        let first = self.lines;
        self.lines += log.lines().count();
        let mut all = calls(log);
        all.sort_by_key(|call| call.end);
        let mut reading = Reading::new(&self.root, first, self.as_seen());
        for call in &all {
            reading.see(call);
        }
        // What was made stands among the nodes from the start, empty and without a name.
        self.before.extend(reading.kept.drain(self.before.len()..).map(|kept| match kept {
            Kept::File(_) => Kept::File(Vec::new()),
            Kept::Folder(_) => Kept::Folder(BTreeMap::new()),
        }));
        self.syncs.extend(reading.syncs);
        let (done, in_flight): (Vec<_>, Vec<_>) = reading.changes.into_iter().partition(|c| c.done != usize::MAX);
        self.changes.extend(done);
        // What the kill met in the middle of a call either happened or did not; the folder knows.
        if !in_flight.is_empty() && self.difference().is_some() {
            let last = self.lines - 1;
            self.changes.extend(in_flight.into_iter().map(|change| Change { done: last, ..change }));
        }
        let difference = self.difference();
        assert!(difference.is_none(), "what is not understood of the calls proves nothing: {difference:?}");
        first
    }

    /// The line at which, after another one, the n-th synchronisation of the file of a name began.
    pub(crate) fn sync_of(&self, name: &str, after: usize, nth: usize) -> usize {
        let seen = self.as_seen();
        let Kept::Folder(names) = &seen[0] else { panic!("a folder") };
        let of = names.get(name).unwrap_or_else(|| panic!("there is no `{name}`"));
        let mut begun: Vec<_> =
            self.syncs.iter().filter(|s| s.of == *of && s.begun >= after).map(|s| s.begun).collect();
        begun.sort_unstable();
        *begun.get(nth - 1).unwrap_or_else(|| panic!("`{name}` was synchronised {} times", begun.len()))
    }

    /// The lines right behind each synchronisation from a line on.
    pub(crate) fn synced_from(&self, line: usize) -> Vec<usize> {
        let ended: BTreeSet<_> = self.syncs.iter().filter(|s| s.begun >= line).map(|s| s.done + 1).collect();
        ended.into_iter().collect()
    }

    /// As if the program had been killed before a line: what had been done stays, with the system if not on the disk, and
    /// the folder lies as it lay then.
    pub(crate) fn kill_at(&mut self, line: usize) {
        self.changes.retain(|change| change.done < line);
        self.syncs.retain(|sync| sync.done < line);
        self.lines = line;
        std::fs::remove_dir_all(&self.root).expect("a folder to lay anew");
        lay(&self.as_seen(), 0, &self.root);
    }

    /// How many lines the log has: a cut after all of them loses only what was never synchronised.
    pub(crate) fn lines(&self) -> usize {
        self.lines
    }

    /// Lines after which something had just been done to the disk.
    pub(crate) fn moments(&self) -> Vec<usize> {
        let done = self.changes.iter().map(|c| c.done).chain(self.syncs.iter().map(|s| s.done));
        let begun = self.changes.iter().map(|c| c.begun).chain(self.syncs.iter().map(|s| s.begun));
        let lines: BTreeSet<_> = done.chain(begun).filter(|line| *line < self.lines).map(|line| line + 1).collect();
        lines.into_iter().collect()
    }

    /// Lays out what is there after a cut before a line, in a new folder. Returns how many changes were in doubt.
    pub(crate) fn cut(&self, line: usize, (luck, names): (Luck, Names), dice: &mut Dice, to: &Path) -> usize {
        let mut kept = self.before.clone();
        let (mut in_doubt, mut names_end) = (0, false);
        for change in self.changes.iter().filter(|change| change.begun < line) {
            if self.is_durable(change, line, names) {
                apply(&mut kept, &change.act);
                continue;
            }
            in_doubt += 1;
            let lost = match luck {
                Luck::AllIsLost => true,
                Luck::Mixed => dice.percent(50),
                Luck::LittleIsLost => dice.percent(8),
            };
            match (&change.act, names) {
                // In a journal nothing follows what was lost.
                (Act::Names { .. }, Names::Journalled) => {
                    names_end |= lost;
                    if !names_end {
                        apply(&mut kept, &change.act);
                    }
                }
                (Act::Write { file, at, bytes }, _) if lost => {
                    half_write(file_of(&mut kept, *file), *at, bytes, luck, dice);
                }
                (act, _) if !lost => apply(&mut kept, act),
                _ => {}
            }
        }
        lay(&kept, 0, to);
        in_doubt
    }

    fn is_durable(&self, change: &Change, line: usize, names: Names) -> bool {
        let any = change.act.is_of_names() && matches!(names, Names::Journalled);
        let subject = change.act.subject();
        let covers = |sync: &Sync| sync.begun > change.done && sync.done < line && (any || sync.of == subject);
        self.syncs.iter().any(covers)
    }

    /// Everything that was done, as programs see it.
    fn as_seen(&self) -> Vec<Kept> {
        let mut kept = self.before.clone();
        for change in &self.changes {
            apply(&mut kept, &change.act);
        }
        kept
    }

    /// Where what the calls made differs from what lies in the folder.
    fn difference(&self) -> Option<String> {
        let mut real = Vec::new();
        load(&self.root, &mut real);
        let (made, real) = (files(&self.as_seen()), files(&real));
        let names: BTreeSet<_> = made.keys().chain(real.keys()).collect();
        let differs = names.into_iter().find(|name| made.get(*name) != real.get(*name))?;
        let length = |of: &BTreeMap<PathBuf, Vec<u8>>| of.get(differs).map(Vec::len);
        Some(format!("`{}`: {:?} bytes, and {:?} lie there", differs.display(), length(&made), length(&real)))
    }
}

pub(crate) fn is_shared_memory(path: &Path) -> bool {
    path.to_string_lossy().ends_with("-shm")
}

pub(crate) fn apply(kept: &mut [Kept], act: &Act) {
    match act {
        Act::Write { file, at, bytes } => put(file_of(kept, *file), *at, bytes),
        Act::Length { file, length } => file_of(kept, *file).resize(*length, 0),
        Act::Names { appears, goes } => {
            if let Some((folder, name)) = goes {
                folder_of(kept, *folder).remove(name);
            }
            if let Some((folder, name, node)) = appears {
                folder_of(kept, *folder).insert(name.clone(), *node);
            }
        }
    }
}

fn file_of(kept: &mut [Kept], node: Node) -> &mut Vec<u8> {
    match &mut kept[node] {
        Kept::File(bytes) => bytes,
        Kept::Folder(_) => panic!("{node} is a folder"),
    }
}

fn folder_of(kept: &mut [Kept], node: Node) -> &mut BTreeMap<String, Node> {
    match &mut kept[node] {
        Kept::Folder(names) => names,
        Kept::File(_) => panic!("{node} is a file"),
    }
}

fn put(file: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    if file.len() < at + bytes.len() {
        file.resize(at + bytes.len(), 0);
    }
    file[at..at + bytes.len()].copy_from_slice(bytes);
}

/// What is left of a write that was not synchronised: nothing, some of its sectors, or only the length it gave the file.
fn half_write(file: &mut Vec<u8>, at: usize, bytes: &[u8], luck: Luck, dice: &mut Dice) {
    let fate = if matches!(luck, Luck::AllIsLost) { 0 } else { dice.below(5) };
    match fate {
        0 | 1 => {}
        // Where it was written there are zeros: the length came to the disk before the data.
        2 => {
            if file.len() < at + bytes.len() {
                file.resize(at + bytes.len(), 0);
            }
        }
        fate => {
            // Either up to a sector's border, or here and there.
            let (mut from, end) = (at, at + bytes.len());
            let mut keeps = dice.percent(50);
            while from < end {
                let to = (from / SECTOR * SECTOR + SECTOR).min(end);
                if keeps {
                    put(file, from, &bytes[from - at..to - at]);
                }
                keeps = if fate == 3 { keeps && dice.percent(75) } else { dice.percent(50) };
                from = to;
            }
        }
    }
}

/// Reads a folder from a real disk. Returns its number.
fn load(folder: &Path, into: &mut Vec<Kept>) -> Node {
    let node = into.len();
    into.push(Kept::Folder(BTreeMap::new()));
    let mut names = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if is_shared_memory(&path) {
            continue;
        }
        let name = path.file_name().expect("a name").to_str().expect("UTF-8").to_owned();
        let inside = if path.is_dir() {
            load(&path, into)
        } else {
            into.push(Kept::File(std::fs::read(&path).expect("a file")));
            into.len() - 1
        };
        names.insert(name, inside);
    }
    into[node] = Kept::Folder(names);
    node
}

/// Writes a folder to a real disk.
fn lay(kept: &[Kept], node: Node, to: &Path) {
    match &kept[node] {
        Kept::File(bytes) => std::fs::write(to, bytes).expect("written"),
        Kept::Folder(names) => {
            std::fs::create_dir_all(to).expect("a folder");
            for (name, inside) in names {
                lay(kept, *inside, &to.join(name));
            }
        }
    }
}

/// Every file.
fn files(kept: &[Kept]) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut open = vec![(0, PathBuf::new())];
    while let Some((node, path)) = open.pop() {
        match &kept[node] {
            Kept::File(bytes) => drop(all.insert(path, bytes.clone())),
            Kept::Folder(names) => open.extend(names.iter().map(|(name, inside)| (*inside, path.join(name)))),
        }
    }
    all
}
