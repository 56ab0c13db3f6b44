//! The machine: how much of the disk is left.

use super::code::{self, Area};
use super::report::Findings;
use crate::config::Config;

/// Less is little, whatever the disk holds.
const LEAST: u64 = 1 << 30;

pub(super) fn disk(config: &Config, findings: &mut Findings) {
    match rustix::fs::statvfs(&config.data) {
        Ok(about) => {
            let left = about.f_bavail.saturating_mul(about.f_frsize);
            let whole = about.f_blocks.saturating_mul(about.f_frsize);
            if is_low(left, whole) {
                let detail = format!("{} / {} MB", left >> 20, whole >> 20);
                findings.add(&code::DISK_LOW, config.data.display().to_string(), detail);
            }
            findings.looked(Area::Machine, "mb_left", left >> 20);
        }
        Err(error) => findings.unseen(Area::Machine, &format!("`{}`: {error}", config.data.display())),
    }
}

/// A twentieth of the disk or a gigabyte, whichever is less.
fn is_low(left: u64, whole: u64) -> bool {
    left < LEAST.min(whole / 20)
}

#[cfg(test)]
mod tests {
    use super::is_low;

    #[test]
    fn a_large_disk_needs_a_gigabyte_and_a_small_one_a_twentieth() {
        assert!(is_low((1 << 30) - 1, 1 << 40) && !is_low(1 << 30, 1 << 40));
        assert!(is_low(99, 2_000) && !is_low(100, 2_000));
    }
}
