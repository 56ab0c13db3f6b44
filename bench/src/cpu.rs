//! Processor time of this process, read from `/proc`.

/// Processor time used so far in clock ticks (user and system). Zero where `/proc` is missing.
pub fn ticks() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    after_name.split_ascii_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum()
}

/// Clock ticks per second: 100 on every Linux that `/proc` speaks of to programs.
pub const TICKS_PER_SECOND: f64 = 100.0;
