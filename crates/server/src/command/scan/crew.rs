//! Threads that take files from one walk, and their reports in the order of that walk.

use super::inspect::Report;
use super::trouble::Trouble;
use super::walk::{Item, PassedOver, Walk};
use super::watch::Watch;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, PoisonError, mpsc};
use std::thread;

/// Readers of nested documents may go deep.
const STACK: usize = 16 << 20;
/// Files taken ahead of the one whose report comes next: a long file delays reports, never grows them without end.
const AHEAD: usize = 64;

struct Line {
    walk: Walk,
    taken: usize,
    told: usize,
}

/// Works through the files with `jobs` threads. `tell` gets each report in order, until it breaks off.
pub(super) fn work(
    walk: Walk,
    jobs: usize,
    watch: &Watch,
    inspect: impl Fn(Item) -> Report + Sync,
    mut tell: impl FnMut(Report) -> ControlFlow<()>,
) -> std::io::Result<PassedOver> {
    remember_where_panics_are();
    let line = Mutex::new(Line { walk, taken: 0, told: 0 });
    let turn = Condvar::new();
    let take = || {
        let mut line = line.lock().unwrap_or_else(PoisonError::into_inner);
        while line.taken >= line.told + AHEAD.max(2 * jobs) && !watch.is_stopped() {
            line = turn.wait(line).unwrap_or_else(PoisonError::into_inner);
        }
        if watch.is_stopped() {
            return None;
        }
        let item = line.walk.next()?;
        line.taken += 1;
        Some((line.taken - 1, item))
    };
    thread::scope(|scope| {
        let (send, receive) = mpsc::channel();
        let mut started = 0;
        for _ in 0..jobs {
            let send = send.clone();
            let hand = || {
                let send = send;
                while let Some((number, item)) = take() {
                    if send.send((number, guarded(item, &inspect))).is_err() {
                        break;
                    }
                }
            };
            match thread::Builder::new().name("scan".into()).stack_size(STACK).spawn_scoped(scope, hand) {
                Ok(_) => started += 1,
                // Fewer hands than wished for will do.
                Err(_) if started > 0 => break,
                Err(error) => return Err(error),
            }
        }
        drop(send);
        let mut early = BTreeMap::new();
        let mut next = 0;
        let mut listening = true;
        for (number, report) in receive {
            early.insert(number, report);
            while let Some(report) = early.remove(&next) {
                next += 1;
                if listening && tell(report).is_break() {
                    listening = false;
                    watch.stop();
                }
            }
            line.lock().unwrap_or_else(PoisonError::into_inner).told = next;
            turn.notify_all();
        }
        Ok(())
    })?;
    Ok(line.into_inner().unwrap_or_else(PoisonError::into_inner).walk.passed_over)
}

thread_local! {
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// A fault in the reading of one file costs that file and no other.
fn guarded(item: Item, inspect: impl Fn(Item) -> Report) -> Report {
    let path = match &item {
        Item::File(path) | Item::Special(path) | Item::Unreadable(path, _) => path.clone(),
        Item::Stdin => PathBuf::from("-"),
    };
    catch_unwind(AssertUnwindSafe(|| inspect(item))).unwrap_or_else(|_| {
        let place = PANIC.take().unwrap_or_default();
        Report::failed(path, Trouble::internal(&place))
    })
}

/// The message of a panic may quote the text that was being read: it is not printed, only its place is kept.
fn remember_where_panics_are() {
    std::panic::set_hook(Box::new(|panic| {
        PANIC.set(panic.location().map(|at| format!("{}:{}", at.file(), at.line())));
    }));
}

#[cfg(test)]
mod tests {
    use super::super::walk::Choice;
    use super::*;
    use std::time::Duration;

    #[test]
    fn reports_come_in_order_and_a_panic_costs_one_file() {
        let folder = tempfile::tempdir().unwrap();
        for n in 0..300 {
            std::fs::write(folder.path().join(format!("{n:03}")), "").unwrap();
        }
        let walk = || Walk::new(vec![folder.path().to_owned()], Choice::default());
        let inspect = |item: Item| {
            let Item::File(path) = item else { unreachable!() };
            match path.file_name().unwrap().to_str().unwrap() {
                // The first is slow: the others wait for it, in bounds.
                "000" => thread::sleep(Duration::from_millis(50)),
                "007" => panic!("with 983205673214 in its message"),
                _ => {}
            }
            Report::failed(path, Trouble::special())
        };
        for jobs in [1, 4] {
            let mut names = Vec::new();
            work(walk(), jobs, &Watch::new(false), inspect, |report| {
                let name = report.file.file_name().unwrap().to_str().unwrap().to_owned();
                let error = report.error.unwrap();
                assert_eq!(error.code == "INTERNAL", name == "007");
                assert!(!error.ja.contains("9832") && (error.code != "INTERNAL" || error.ja.contains("crew.rs")));
                names.push(name);
                ControlFlow::Continue(())
            })
            .unwrap();
            assert_eq!(names, (0..300).map(|n| format!("{n:03}")).collect::<Vec<_>>());
        }
        let mut told = 0;
        work(walk(), 4, &Watch::new(false), inspect, |_| {
            told += 1;
            ControlFlow::Break(())
        })
        .unwrap();
        assert_eq!(told, 1, "nobody listens any more");
    }
}
