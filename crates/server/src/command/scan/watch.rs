//! How far it is, and the wish to stop.

use indicatif::{ProgressBar, ProgressStyle};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Shared by all threads of a scan.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) bar: ProgressBar,
    stopped: AtomicBool,
    interrupted: AtomicBool,
    files: AtomicU64,
    expected: AtomicU64,
}

impl Watch {
    /// With a progress bar when standard error is a terminal.
    pub(super) fn new(progress: bool) -> Self {
        let bar = if progress { ProgressBar::new(0) } else { ProgressBar::hidden() };
        let style = ProgressStyle::with_template(
            "{bar:30} {msg}  {decimal_bytes}/{decimal_total_bytes}  {decimal_bytes_per_sec}",
        );
        if let Ok(style) = style {
            bar.set_style(style);
        }
        Self {
            bar,
            stopped: AtomicBool::new(false),
            interrupted: AtomicBool::new(false),
            files: AtomicU64::new(0),
            expected: AtomicU64::new(0),
        }
    }

    /// One file more is to come.
    pub(super) fn expect(&self, bytes: u64) {
        self.expected.fetch_add(1, Ordering::Relaxed);
        self.bar.inc_length(bytes);
    }

    /// One file more was told.
    pub(super) fn told(&self) {
        let told = self.files.fetch_add(1, Ordering::Relaxed) + 1;
        if !self.bar.is_hidden() {
            self.bar.set_message(format!("{told}/{}", self.expected.load(Ordering::Relaxed).max(told)));
        }
    }

    pub(super) fn passed(&self, bytes: u64) {
        self.bar.inc(bytes);
    }

    /// Breaks off once it was stopped.
    pub(super) fn go_on(&self) -> ControlFlow<()> {
        if self.is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    pub(super) fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    /// The first Ctrl-C ends orderly after the files in hand; the second at once.
    pub(super) fn heed_interrupts(self: &Arc<Self>) -> Result<(), crate::cli::Failed> {
        use crate::command::serve::stop_signal;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let first = {
            let _within = runtime.enter();
            stop_signal()?
        };
        let watch = self.clone();
        std::thread::Builder::new().name("interrupts".into()).spawn(move || {
            runtime.block_on(async {
                first.await;
                watch.interrupted.store(true, Ordering::Relaxed);
                watch.stop();
                if let Ok(second) = stop_signal() {
                    second.await;
                    std::process::exit(130);
                }
            });
        })?;
        Ok(())
    }
}
