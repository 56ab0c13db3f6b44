//! `strace`: watches the program's system calls, lets them fail, and kills the program between them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How to watch.
pub(crate) struct Watch {
    log: PathBuf,
    options: Vec<String>,
}

impl Watch {
    /// Every call that can carry bytes out of the program or make them durable, with all the bytes it carries.
    pub(crate) fn everything_that_leaves(log: &Path) -> Self {
        let calls =
            "pwrite64,pwritev,pwritev2,fdatasync,fsync,connect,accept4,close,write,writev,sendto,sendmsg,sendmmsg";
        let options = ["-tt", "-y", "-xx", "-s", "1048576"].map(str::to_owned).into_iter();
        Self { log: log.to_owned(), options: options.chain([format!("--trace=execve,{calls}")]).collect() }
    }

    /// The same, and every call that changes a file or a folder: enough to say what a disk held at any moment.
    pub(crate) fn everything_that_stays(log: &Path) -> Self {
        let mut watch = Self::everything_that_leaves(log);
        for option in &mut watch.options {
            if option.starts_with("--trace=") {
                option.push_str(
                    ",openat,lseek,ftruncate,fallocate,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,\
                     link,linkat,symlink,symlinkat,copy_file_range,sendfile,open,creat,truncate",
                );
            }
        }
        watch
    }

    /// Counts some calls.
    pub(crate) fn counting(log: &Path, calls: &str) -> Self {
        Self { log: log.to_owned(), options: vec!["-s0".into(), format!("--trace=execve,{calls}")] }
    }

    /// Does something to some calls, in strace's words: `fsync:error=EIO:when=3`.
    pub(crate) fn injecting(log: &Path, what: &str) -> Self {
        let calls = what.split(':').next().expect("calls");
        let options = vec!["-s0".into(), format!("--trace=execve,{calls}"), format!("--inject={what}")];
        Self { log: log.to_owned(), options }
    }

    /// Kills the program when it writes to a file, before the first byte is written.
    pub(crate) fn killing_at_write_to(log: &Path, file: &Path) -> Self {
        let path = format!("--trace-path={}", file.display());
        let what = "--inject=write,pwrite64:signal=SIGKILL:when=1";
        Self { log: log.to_owned(), options: vec!["-s0".into(), path, "--trace=write,pwrite64".into(), what.into()] }
    }

    /// The program under watch. `-D` makes strace the grandchild, so that the child is the program itself: its exit
    /// status, its process id.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let present = Command::new("strace").arg("-V").stdout(Stdio::null()).stderr(Stdio::null()).status();
        assert!(
            present.is_ok_and(|status| status.success()),
            "this proof needs `strace`; install it: apt-get install strace"
        );
        let mut command = Command::new("strace");
        // Of signals only those that end a program: strace tells of such an end only when it is asked for the signal.
        command
            .args(["-D", "-f", "--signal=kill,term,abrt,segv"])
            .args(&self.options)
            .arg("-o")
            .arg(&self.log)
            .arg(program);
        command
    }

    /// The log, once strace has seen the program's end.
    pub(crate) fn log(&self) -> String {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let bytes = std::fs::read(&self.log).unwrap_or_default();
            let log = String::from_utf8_lossy(&bytes).into_owned();
            let ended = |line: &str| line.contains("+++ exited with") || line.contains("+++ killed by");
            // The first line is the program's beginning, `execve`; the end of the same process is the last of it.
            let main = log.split(' ').next().unwrap_or_default().to_owned();
            let mut ends = log.lines().rev().filter(|line| ended(line));
            if !main.is_empty() && ends.any(|line| line.split(' ').next() == Some(&main)) {
                return log;
            }
            assert!(Instant::now() < deadline, "strace does not finish its log:\n{log}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// How often each call was made, by the thread that made it most: strace counts `when=` in each thread.
    pub(crate) fn most_in_a_thread(&self) -> BTreeMap<String, usize> {
        let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
        for line in self.log().lines() {
            let mut words = line.split_whitespace();
            if let (Some(thread), Some(rest)) = (words.next(), words.next())
                && let Some((call, _)) = rest.split_once('(')
            {
                *counts.entry((call.to_owned(), thread.to_owned())).or_default() += 1;
            }
        }
        let mut most = BTreeMap::new();
        for ((call, _), count) in counts {
            let known = most.entry(call).or_insert(0);
            *known = count.max(*known);
        }
        most
    }

    /// How many calls it let fail.
    pub(crate) fn injected(&self) -> usize {
        self.log().matches("(INJECTED)").count()
    }
}

/// One system call. Line numbers are the clock: of two calls of which one caused the other, strace writes the cause
/// first.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) name: String,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) arguments: String,
    pub(crate) result: String,
}

impl Call {
    /// The descriptor it works on.
    pub(crate) fn fd(&self) -> i64 {
        let digits: String = self.arguments.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().unwrap_or(-1)
    }

    /// What that descriptor is, as `-y` shows it.
    pub(crate) fn path(&self) -> String {
        let path =
            self.arguments.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or("", |(path, _)| path);
        String::from_utf8_lossy(&bytes(path)).into_owned()
    }

    /// What the descriptor is that it returned.
    pub(crate) fn opened(&self) -> String {
        let path = self.result.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or("", |(path, _)| path);
        String::from_utf8_lossy(&bytes(path)).into_owned()
    }

    /// Whether its descriptor is of a file that has no name any more.
    pub(crate) fn is_deleted(&self) -> bool {
        self.arguments.split_once('>').is_some_and(|(_, rest)| rest.starts_with("(deleted)"))
            || self.path().ends_with(" (deleted)")
    }

    /// Texts among its arguments: names, for calls that take some.
    pub(crate) fn names(&self) -> Vec<String> {
        let quoted = self.arguments.split('"').skip(1).step_by(2);
        quoted.map(|name| String::from_utf8_lossy(&bytes(name)).into_owned()).collect()
    }

    /// The number among its arguments at a place.
    pub(crate) fn number(&self, place: usize) -> u64 {
        let bare: String = self.arguments.split('"').step_by(2).collect::<Vec<_>>().join("\"\"");
        let word = bare.split(", ").nth(place).unwrap_or_default().trim_end_matches([')', ' ']).to_owned();
        word.parse().unwrap_or_else(|_| panic!("{}({bare}): `{word}` is not a number", self.name))
    }

    /// What it returned, as a number.
    pub(crate) fn returned(&self) -> Option<u64> {
        let digits: String = self.result.trim().chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    }

    /// All bytes it carries.
    pub(crate) fn payload(&self) -> Vec<u8> {
        let mut payload = Vec::new();
        for (at, piece) in self.arguments.split('"').enumerate() {
            if at % 2 == 1 {
                payload.extend(bytes(piece));
            }
        }
        payload
    }

    pub(crate) fn succeeded(&self) -> bool {
        self.result.starts_with(|c: char| c.is_ascii_digit())
    }
}

/// `\x41\x42` as `-xx` writes it, or plain text.
fn bytes(text: &str) -> Vec<u8> {
    let mut all = Vec::with_capacity(text.len() / 4);
    let mut rest = text.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        let hex = more.strip_prefix(b"x").and_then(|m| m.get(..2)).filter(|_| *first == b'\\');
        match hex.and_then(|h| u8::from_str_radix(std::str::from_utf8(h).ok()?, 16).ok()) {
            Some(byte) => {
                all.push(byte);
                rest = &more[3..];
            }
            None => {
                all.push(*first);
                rest = more;
            }
        }
    }
    all
}

/// Every call of the log, by its beginning. A call that never returned ends after everything.
pub(crate) fn calls(log: &str) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    let mut unfinished: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (at, line) in log.lines().enumerate() {
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let Some((_time, rest)) = rest.trim_start().split_once(' ') else { continue };
        if let Some(resumed) = rest.strip_prefix("<... ") {
            let (name, rest) = resumed.split_once(" resumed>").expect("strace's own form");
            let begun = unfinished.remove(&(thread.to_owned(), name.to_owned())).expect("what resumes has begun");
            let result = rest.rsplit_once(" = ").map_or("?", |(_, result)| result);
            calls[begun].end = at;
            calls[begun].result = result.to_owned();
            continue;
        }
        let Some((name, rest)) = rest.split_once('(') else { continue };
        let mut call =
            Call { name: name.to_owned(), start: at, end: usize::MAX, arguments: rest.to_owned(), result: "?".into() };
        match rest.strip_suffix("<unfinished ...>") {
            Some(arguments) => {
                call.arguments = arguments.to_owned();
                unfinished.insert((thread.to_owned(), name.to_owned()), calls.len());
            }
            None => {
                if let Some((arguments, result)) = rest.rsplit_once(" = ") {
                    call.arguments = arguments.to_owned();
                    call.result = result.to_owned();
                    call.end = at;
                }
            }
        }
        calls.push(call);
    }
    calls
}
