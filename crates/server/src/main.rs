//! `sekisho`: see `sekisho help`.

use std::process::ExitCode;

/// Requests come and go on one thread and are recorded on another; mimalloc frees across threads without a lock.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    sekisho::cli::run(std::env::args_os())
}
