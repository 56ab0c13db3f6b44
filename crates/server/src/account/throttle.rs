//! Failed sign-ins, counted per account and per source, and how long they lock the door.
//!
//! An attempt counts before its password is looked at, so that many at once cannot slip past; what succeeded is taken
//! off again. Counted in memory: nobody without an account may make the ledger's writer wait for the disk.

use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// Most names remembered.
const MOST: usize = 20_000;
/// The longest lock.
const LONGEST: SignedDuration = SignedDuration::from_hours(1);

/// How many failures are free, and how fast they are forgiven.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit {
    free: u32,
    forgive_one_every: SignedDuration,
}

/// For one account.
pub(crate) const ACCOUNT: Limit = Limit { free: 5, forgive_one_every: SignedDuration::from_hours(1) };
/// For one address, behind which a whole office may sit.
pub(crate) const SOURCE: Limit = Limit { free: 100, forgive_one_every: SignedDuration::from_secs(10) };

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last: Timestamp,
    locked_until: Timestamp,
}

/// The failures of late.
#[derive(Debug, Default)]
pub(crate) struct Throttle(HashMap<String, Failures>);

impl Throttle {
    /// Until when a name is locked, if it is.
    pub(crate) fn locked(&self, name: &str, now: Timestamp) -> Option<Timestamp> {
        self.0.get(name).map(|f| f.locked_until).filter(|until| *until > now)
    }

    /// Counts an attempt as failed until [`Throttle::take_off`] or [`Throttle::clear`] says otherwise.
    pub(crate) fn count(&mut self, name: &str, limit: Limit, now: Timestamp) {
        if self.0.len() >= MOST && !self.0.contains_key(name) {
            self.make_room(now);
        }
        let failures = self.0.entry(name.to_owned()).or_insert(Failures { count: 0, last: now, locked_until: now });
        let quiet = now.duration_since(failures.last).as_secs() / limit.forgive_one_every.as_secs().max(1);
        failures.count = failures.count.saturating_sub(u32::try_from(quiet.max(0)).unwrap_or(u32::MAX)) + 1;
        failures.last = now;
        if failures.count >= limit.free {
            let doubled = SignedDuration::from_mins(1 << (failures.count - limit.free).min(6));
            failures.locked_until = now.checked_add(doubled.min(LONGEST)).unwrap_or(now);
        }
    }

    /// The attempt succeeded: its own count goes, earlier failures stay.
    pub(crate) fn take_off(&mut self, name: &str, limit: Limit) {
        if let Some(failures) = self.0.get_mut(name) {
            failures.count = failures.count.saturating_sub(1);
            if failures.count < limit.free {
                failures.locked_until = failures.last;
            }
        }
    }

    /// All is forgiven.
    pub(crate) fn clear(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// Forgets what has been quiet for longest, locked names last.
    fn make_room(&mut self, now: Timestamp) {
        let mut all: Vec<_> = self.0.iter().map(|(name, f)| (f.locked_until > now, f.last, name.clone())).collect();
        all.sort_unstable();
        for (_, _, name) in all.into_iter().take(MOST / 10) {
            self.0.remove(&name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn the_fifth_failure_locks_and_each_further_one_doubles_up_to_an_hour() {
        let mut throttle = Throttle::default();
        for _ in 0..4 {
            throttle.count("a", ACCOUNT, at(0));
            assert_eq!(throttle.locked("a", at(0)), None);
        }
        let mut now = 0;
        for minutes in [1, 2, 4, 8, 16, 32, 60, 60] {
            throttle.count("a", ACCOUNT, at(now));
            assert_eq!(throttle.locked("a", at(now)), Some(at(now + minutes * 60)));
            assert_eq!(throttle.locked("b", at(now)), None);
            now += minutes * 60;
            assert_eq!(throttle.locked("a", at(now)), None, "the lock ends when it says");
            if minutes == 60 {
                break;
            }
        }
    }

    #[test]
    fn success_forgives_an_account_and_takes_its_own_count_off_a_source() {
        let mut throttle = Throttle::default();
        for _ in 0..1_000 {
            throttle.count("office", SOURCE, at(0));
            throttle.take_off("office", SOURCE);
        }
        assert_eq!(throttle.locked("office", at(0)), None);
        for _ in 0..5 {
            throttle.count("a", ACCOUNT, at(0));
        }
        throttle.clear("a");
        assert_eq!(throttle.locked("a", at(0)), None);
    }

    #[test]
    fn time_forgives() {
        let mut throttle = Throttle::default();
        for _ in 0..99 {
            throttle.count("office", SOURCE, at(0));
        }
        throttle.count("office", SOURCE, at(600));
        assert_eq!(throttle.locked("office", at(600)), None);
    }

    #[test]
    fn memory_is_bounded_and_who_is_locked_stays_so() {
        let mut throttle = Throttle::default();
        for _ in 0..5 {
            throttle.count("victim", ACCOUNT, at(0));
        }
        for n in 0..MOST * 2 {
            throttle.count(&format!("noise {n}"), ACCOUNT, at(1));
        }
        assert!(throttle.0.len() <= MOST);
        assert!(throttle.locked("victim", at(1)).is_some());
    }
}
