//! Turns: as many questions at once as there are processors, the others in the order they came. Ranking waits for
//! nothing but memory, so more at once would only make each slower, and the unlucky ones very slow.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Thread;

/// The turns of one shelf.
#[derive(Debug)]
pub(crate) struct Turns {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    free: usize,
    waiting: VecDeque<Arc<Waiting>>,
}

#[derive(Debug)]
struct Waiting {
    thread: Thread,
    called: AtomicBool,
}

/// A turn; over when dropped.
#[derive(Debug)]
pub(crate) struct Turn<'t>(&'t Turns);

impl Default for Turns {
    fn default() -> Self {
        Self::new(std::thread::available_parallelism().map_or(1, usize::from))
    }
}

impl Turns {
    fn new(free: usize) -> Self {
        Self { state: Mutex::new(State { free, waiting: VecDeque::new() }) }
    }

    /// Waits for a turn.
    pub(crate) fn take(&self) -> Turn<'_> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.free > 0 && state.waiting.is_empty() {
            state.free -= 1;
            return Turn(self);
        }
        let waiting = Arc::new(Waiting { thread: std::thread::current(), called: AtomicBool::new(false) });
        state.waiting.push_back(Arc::clone(&waiting));
        drop(state);
        while !waiting.called.load(Ordering::Acquire) {
            std::thread::park();
        }
        Turn(self)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        // A turn is handed on and not given back while somebody waits, so nobody who comes later is sooner.
        match state.waiting.pop_front() {
            Some(next) => {
                next.called.store(true, Ordering::Release);
                next.thread.unpark();
            }
            None => state.free += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    #[test]
    fn given_more_who_ask_than_turns_then_no_more_run_at_once_and_all_come_to_an_end() {
        let turns = Turns::new(2);
        let (running, most, done) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let _turn = turns.take();
                        most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        std::thread::yield_now();
                        running.fetch_sub(1, Ordering::SeqCst);
                        done.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert_eq!((most.into_inner(), done.into_inner()), (2, 16 * 50));
        assert_eq!(turns.state.into_inner().unwrap().free, 2);
    }
}
