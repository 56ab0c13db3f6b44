//! The sums of a scan. Their size does not follow the size of the logs: there are limits for clients, rows and days, and
//! what comes after them is added to the rows of "その他" and counted as merged, so that the totals stay right.

use std::collections::{BTreeSet, HashMap};

use jiff::{Timestamp, civil, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::catalogue::ServiceIndex;
use crate::client::ClientIndex;
use crate::department::DepartmentIndex;
use crate::line::{Kind, Observation, Verdict};

/// How much a scan may hold: about 550 bytes for each row while the findings are made of the sums, about 200 before, and
/// about 400 for each client. A body with more clients and days than that reads month by month and keeps the findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Clients with a pseudonym of their own.
    pub clients: usize,
    /// Rows of day × client × service × department.
    pub rows: usize,
    /// Days. Real logs have few; lines with forged times could have very many.
    pub days: usize,
}

impl Default for Limits {
    /// All clients of a government of 180,000, ten years of days, and half a gigabyte of rows.
    fn default() -> Self {
        Self { clients: 250_000, rows: 1_000_000, days: 4_000 }
    }
}

/// Sums over lines that speak of a service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// All lines.
    pub lines: u64,
    /// Lines that are requests with an address.
    pub requests: u64,
    /// Lines that are tunnels (`CONNECT`): of these only the host is known.
    pub tunnels: u64,
    /// Lines that are questions to a name server: a question is not a use.
    pub questions: u64,
    /// Lines that are answers of a name server.
    pub answers: u64,
    /// Requests and tunnels that went out.
    pub allowed: u64,
    /// Those that the proxy stopped.
    pub denied: u64,
    /// Those that the proxy answered with the question who it is (407): they come again and count there.
    pub challenged: u64,
    /// Those of which the log does not say.
    pub unknown: u64,
    /// Bytes that went to the service, of the lines that say so.
    pub bytes_up: u64,
    /// How many lines say so. 0: the log has no such field, and `bytes_up` means nothing.
    pub lines_with_bytes_up: u64,
    /// Bytes that came back, of the lines that say so.
    pub bytes_down: u64,
    /// How many lines say so.
    pub lines_with_bytes_down: u64,
    /// The earliest line.
    pub first: Option<Timestamp>,
    /// The latest line.
    pub last: Option<Timestamp>,
}

impl Counts {
    fn count(&mut self, seen: &Observation) {
        let one = |sum: &mut u64| *sum = sum.saturating_add(1);
        one(&mut self.lines);
        let http = match seen.kind {
            Kind::Request => Some(&mut self.requests),
            Kind::Tunnel => Some(&mut self.tunnels),
            Kind::Question => {
                one(&mut self.questions);
                None
            }
            Kind::Answer => {
                one(&mut self.answers);
                None
            }
        };
        if let Some(http) = http {
            one(http);
            one(match seen.verdict {
                Verdict::Allowed => &mut self.allowed,
                Verdict::Denied => &mut self.denied,
                Verdict::Challenged => &mut self.challenged,
                Verdict::Unknown => &mut self.unknown,
            });
        }
        if let Some(up) = seen.up {
            self.bytes_up = self.bytes_up.saturating_add(up);
            one(&mut self.lines_with_bytes_up);
        }
        if let Some(down) = seen.down {
            self.bytes_down = self.bytes_down.saturating_add(down);
            one(&mut self.lines_with_bytes_down);
        }
        self.first = Some(self.first.map_or(seen.at, |first| first.min(seen.at)));
        self.last = Some(self.last.map_or(seen.at, |last| last.max(seen.at)));
    }

    /// Adds other sums.
    pub fn add(&mut self, other: &Self) {
        for (sum, more) in [
            (&mut self.lines, other.lines),
            (&mut self.requests, other.requests),
            (&mut self.tunnels, other.tunnels),
            (&mut self.questions, other.questions),
            (&mut self.answers, other.answers),
            (&mut self.allowed, other.allowed),
            (&mut self.denied, other.denied),
            (&mut self.challenged, other.challenged),
            (&mut self.unknown, other.unknown),
            (&mut self.bytes_up, other.bytes_up),
            (&mut self.lines_with_bytes_up, other.lines_with_bytes_up),
            (&mut self.bytes_down, other.bytes_down),
            (&mut self.lines_with_bytes_down, other.lines_with_bytes_down),
        ] {
            *sum = sum.saturating_add(more);
        }
        self.first = [self.first, other.first].into_iter().flatten().min();
        self.last = [self.last, other.last].into_iter().flatten().max();
    }
}

/// What a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    /// `None` for lines whose day came after the limit of days.
    pub(crate) day: Option<civil::Date>,
    pub(crate) client: ClientIndex,
    pub(crate) service: ServiceIndex,
    pub(crate) department: Option<DepartmentIndex>,
}

#[derive(Debug)]
pub(crate) struct Tally {
    limits: Limits,
    zone: TimeZone,
    rows: HashMap<Key, Counts>,
    days: BTreeSet<civil::Date>,
    merged: u64,
    /// The day of the line before and where it ends: logs are nearly in order, and finding a day in a zone is not free.
    day: Option<(civil::Date, Timestamp, Timestamp)>,
}

impl Tally {
    pub(crate) fn new(limits: Limits, zone: TimeZone) -> Self {
        Self { limits, zone, rows: HashMap::new(), days: BTreeSet::new(), merged: 0, day: None }
    }

    pub(crate) fn count(
        &mut self,
        seen: &Observation,
        client: ClientIndex,
        service: ServiceIndex,
        department: Option<DepartmentIndex>,
    ) {
        let day = self.day_of(seen.at);
        let mut key = Key { day: Some(day), client, service, department };
        if let Some(row) = self.rows.get_mut(&key) {
            row.count(seen);
        } else {
            key = self.room_for(key, day);
            self.rows.entry(key).or_default().count(seen);
        }
        self.merged = self.merged.saturating_add(u64::from(key.client == ClientIndex::OTHERS));
    }

    /// A row of its own while there is room, else one that all share.
    #[cold]
    fn room_for(&mut self, key: Key, day: civil::Date) -> Key {
        if self.days.len() >= self.limits.days && !self.days.contains(&day) {
            // Then clients are not told apart either: without a bound on days there would be none on rows.
            return Key { day: None, client: ClientIndex::OTHERS, department: None, ..key };
        }
        self.days.insert(day);
        if self.rows.len() >= self.limits.rows {
            return Key { client: ClientIndex::OTHERS, department: None, ..key };
        }
        key
    }

    fn day_of(&mut self, at: Timestamp) -> civil::Date {
        if let Some((day, from, until)) = self.day
            && (from..until).contains(&at)
        {
            return day;
        }
        let day = at.to_zoned(self.zone.clone()).date();
        let begins = |day: civil::Date| day.to_zoned(self.zone.clone()).map(|day| day.timestamp());
        self.day = match (begins(day), day.tomorrow().and_then(begins)) {
            (Ok(from), Ok(until)) => Some((day, from, until)),
            _ => None,
        };
        day
    }

    /// Lines that stand in rows of "その他".
    pub(crate) fn merged(&self) -> u64 {
        self.merged
    }

    pub(crate) fn into_rows(self) -> impl Iterator<Item = (Key, Counts)> {
        self.rows.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{Clients, PseudonymKey};

    fn seen(at: &str) -> Observation {
        Observation {
            kind: Kind::Request,
            at: at.parse().unwrap(),
            year_assumed: false,
            zone_assumed: false,
            verdict: Verdict::Allowed,
            up: None,
            down: Some(u64::MAX),
        }
    }

    #[test]
    fn given_forged_days_and_many_clients_then_rows_stay_bounded_and_no_line_is_lost() {
        let limits = Limits { clients: 3, rows: 10, days: 5 };
        let mut tally = Tally::new(limits, TimeZone::get("Asia/Tokyo").unwrap());
        let mut clients = Clients::new(PseudonymKey::new([0; 32]), limits.clients);
        for number in 0..1000u32 {
            let at = format!("{}-01-01T00:00:00Z", 1970 + number / 4 % 100);
            let client = clients.of(format!("u{}", number % 5).as_bytes(), b"");
            tally.count(&seen(&at), client, ServiceIndex(number % 2), None);
        }
        assert!(tally.merged() > 900);
        let rows: Vec<_> = tally.into_rows().collect();
        let own = rows.iter().filter(|(key, _)| key.client != ClientIndex::OTHERS).count();
        assert!(own <= limits.rows && rows.len() <= limits.rows + (limits.days + 1) * 2, "{own} {}", rows.len());
        assert_eq!(rows.iter().filter_map(|(key, _)| key.day).collect::<BTreeSet<_>>().len(), limits.days);
        assert_eq!(rows.iter().map(|(_, counts)| counts.lines).sum::<u64>(), 1000);
        assert!(rows.iter().all(|(_, counts)| counts.bytes_down == u64::MAX));
    }

    #[test]
    fn given_midnight_in_japan_then_a_new_day_begins() {
        let mut tally = Tally::new(Limits::default(), TimeZone::get("Asia/Tokyo").unwrap());
        for (at, wanted) in [
            ("2026-11-29T14:59:59Z", "2026-11-29"),
            ("2026-11-29T15:00:00Z", "2026-11-30"),
            ("2026-11-30T14:59:59Z", "2026-11-30"),
            ("2026-11-29T14:59:59Z", "2026-11-29"),
        ] {
            assert_eq!(tally.day_of(at.parse().unwrap()).to_string(), wanted);
        }
    }
}
