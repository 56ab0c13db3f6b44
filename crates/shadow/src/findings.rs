//! What a scan found. The names of the fields are stable: others read them as JSON.
//!
//! Everything but the rows and the sums over reading follows from these two, and is made anew when findings are merged.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::{Timestamp, civil};
use serde::{Deserialize, Serialize};

use crate::catalogue::{Catalogue, Form, Service};
use crate::client::OTHERS;
use crate::reject::Rejects;
use crate::tally::Counts;

/// The version of the JSON form.
pub const FORMAT: &str = "sekisho-shadow-findings/1";

/// How the reading went. Every line is in exactly one of `blank`, `directives`, `asides`, `accesses` and `rejected`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// Files that were read, wholly or on from where an earlier run stopped.
    pub files: u64,
    /// Files of which everything was known already: unchanged since, or a copy of another.
    pub files_known: u64,
    /// Bytes that were read, of compressed files as they came out.
    pub bytes: u64,
    /// Lines.
    pub lines: u64,
    /// Lines without anything.
    pub blank: u64,
    /// Lines that describe the file: `#Fields`, headers of CSV.
    pub directives: u64,
    /// Lines the format knows and that tell of no client's wish, such as the forwarding of a name server.
    pub asides: u64,
    /// Lines that tell of an access.
    pub accesses: u64,
    /// Of these, those that name no host.
    pub without_host: u64,
    /// Of these, those whose host belongs to a service of the catalogue. Only of these time, status and sizes were read;
    /// of the others it was looked whether the line is divided as its format says.
    pub hits: u64,
    /// Lines that were not taken.
    pub rejected: Rejects,
    /// Lines by the name of their format.
    pub formats: BTreeMap<String, u64>,
    /// How often the format changed from one line to the next.
    pub format_changes: u64,
    /// Hits whose year was taken from when the file was written.
    pub year_assumed: u64,
    /// Hits whose time named no zone and was read in that of the scan.
    pub zone_assumed: u64,
    /// Hits that lie more than an hour before the hit that stands before them in the file.
    pub clock_backwards: u64,
    /// Hits that lie in the future.
    pub clock_future: u64,
    /// Spellings of user names that are neither UTF-8 nor CP932.
    pub names_damaged: u64,
    /// Last lines without their end, left for the next run.
    pub waiting: u64,
    /// Files that were cut short or begun anew since they were read, and read from their beginning again.
    pub begun_anew: u64,
    /// Files that could not be read to their end, and what was not looked into at all.
    pub failures: Vec<Failure>,
    /// Failures beyond the first thousand.
    pub failures_more: u64,
}

/// A file that could not be read to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The file.
    pub file: String,
    /// How many bytes of its content had been read until then.
    pub offset: u64,
    /// The lines read until then count.
    pub lines: u64,
    /// Why, in Japanese.
    pub reason_ja: String,
    /// The same in English.
    pub reason: String,
}

impl Reading {
    const MOST_FAILURES: usize = 1000;

    pub(crate) fn fail(&mut self, failure: Failure) {
        if self.failures.len() < Self::MOST_FAILURES {
            self.failures.push(failure);
        } else {
            self.failures_more = self.failures_more.saturating_add(1);
        }
    }

    /// Whether every line is accounted for.
    pub fn balances(&self) -> bool {
        let parts = [self.blank, self.directives, self.asides, self.accesses, self.rejected.total()];
        parts.iter().fold(0u64, |sum, part| sum.saturating_add(*part)) == self.lines
    }

    fn merge(&mut self, later: Self) {
        for (sum, more) in [
            (&mut self.files, later.files),
            (&mut self.files_known, later.files_known),
            (&mut self.bytes, later.bytes),
            (&mut self.lines, later.lines),
            (&mut self.blank, later.blank),
            (&mut self.directives, later.directives),
            (&mut self.asides, later.asides),
            (&mut self.accesses, later.accesses),
            (&mut self.without_host, later.without_host),
            (&mut self.hits, later.hits),
            (&mut self.format_changes, later.format_changes),
            (&mut self.year_assumed, later.year_assumed),
            (&mut self.zone_assumed, later.zone_assumed),
            (&mut self.clock_backwards, later.clock_backwards),
            (&mut self.clock_future, later.clock_future),
            (&mut self.names_damaged, later.names_damaged),
            (&mut self.begun_anew, later.begun_anew),
            (&mut self.failures_more, later.failures_more),
        ] {
            *sum = sum.saturating_add(more);
        }
        // What waited then was read since, or waits still and was counted again.
        self.waiting = later.waiting;
        self.rejected.merge(later.rejected);
        for (format, lines) in later.formats {
            let sum = self.formats.entry(format).or_default();
            *sum = sum.saturating_add(lines);
        }
        for failure in later.failures {
            self.fail(failure);
        }
    }
}

/// The finest sums: one service, one client, one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The day in the zone of the scan; none for lines whose day came after the limit of days.
    pub day: Option<civil::Date>,
    /// The pseudonym, or [`OTHERS`].
    pub client: String,
    /// The id of the service.
    pub service: String,
    /// The department, where the body's list has one.
    pub department: Option<String>,
    /// The sums.
    #[serde(flatten)]
    pub counts: Counts,
}

/// Sums of a service over everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceTotal {
    /// The id.
    pub service: String,
    /// The name.
    pub name: String,
    /// The Japanese name.
    pub name_ja: String,
    /// Who provides it.
    pub provider: String,
    /// Where the provider sits.
    pub country: String,
    /// In what form.
    pub form: Form,
    /// The domains also serve other things, so a line is a hint only.
    pub shared: bool,
    /// Whether somebody checked the catalogue's entry. `false` is 要確認.
    pub confirmed: bool,
    /// Clients with a pseudonym of their own.
    pub clients: u64,
    /// Days with at least one line.
    pub days: u64,
    /// The sums.
    #[serde(flatten)]
    pub counts: Counts,
}

/// Sums of a service in a department; without one, of all clients that no line of the list fits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepartmentTotal {
    /// The department.
    pub department: Option<String>,
    /// The id of the service.
    pub service: String,
    /// Clients with a pseudonym of their own.
    pub clients: u64,
    /// The sums.
    #[serde(flatten)]
    pub counts: Counts,
}

/// Sums of a service over a day, or a week that begins on this Monday.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trend {
    /// The day, or the Monday.
    pub begins: civil::Date,
    /// The id of the service.
    pub service: String,
    /// Clients with a pseudonym of their own.
    pub clients: u64,
    /// The sums.
    #[serde(flatten)]
    pub counts: Counts,
}

/// What a scan found. No address that was asked for is in it, no name and no address of a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// [`FORMAT`].
    pub format: String,
    /// The edition of the catalogue.
    pub catalogue: String,
    /// The zone of days, and of times that named none.
    pub zone: String,
    /// The earliest hit.
    pub first: Option<Timestamp>,
    /// The latest hit.
    pub last: Option<Timestamp>,
    /// Hits that stand in rows of [`OTHERS`] because a limit was reached.
    pub merged: u64,
    /// How the reading went.
    pub reading: Reading,
    /// The services met, the one with most lines first.
    pub services: Vec<ServiceTotal>,
    /// By department and service.
    pub departments: Vec<DepartmentTotal>,
    /// By day and service.
    pub days: Vec<Trend>,
    /// By week and service.
    pub weeks: Vec<Trend>,
    /// The finest sums.
    pub rows: Vec<Row>,
}

impl Findings {
    pub(crate) fn new(catalogue: &Catalogue, zone: &str, merged: u64, reading: Reading, rows: Vec<Row>) -> Self {
        let services = catalogue.services().iter().map(ServiceTotal::empty);
        let services = services.map(|total| (total.service.clone(), total)).collect();
        let mut findings = Self {
            format: FORMAT.to_owned(),
            catalogue: catalogue.edition().to_owned(),
            zone: zone.to_owned(),
            first: None,
            last: None,
            merged,
            reading,
            services: Vec::new(),
            departments: Vec::new(),
            days: Vec::new(),
            weeks: Vec::new(),
            rows,
        };
        findings.sum_up(services);
        findings
    }

    /// These and the findings of a later run over what came since. Up to the limits it is what one run over everything
    /// would have found, if both used the same key, catalogue and list of departments.
    #[must_use]
    pub fn merged_with(mut self, later: Self) -> Self {
        let mut rows: BTreeMap<_, Counts> = BTreeMap::new();
        for row in self.rows.drain(..).chain(later.rows) {
            rows.entry((row.day, row.service, row.client, row.department)).or_default().add(&row.counts);
        }
        self.rows = rows
            .into_iter()
            .map(|((day, service, client, department), counts)| Row { day, client, service, department, counts })
            .collect();
        self.reading.merge(later.reading);
        self.merged = self.merged.saturating_add(later.merged);
        self.catalogue = later.catalogue;
        let known = self.services.drain(..).chain(later.services);
        let known = known.map(|total| (total.service.clone(), total.emptied())).collect();
        self.sum_up(known);
        self
    }

    /// The services met that are not among the approved ones, given by their ids in the catalogue.
    pub fn never_approved<'f>(&'f self, approved: &BTreeSet<String>) -> Vec<&'f ServiceTotal> {
        self.services.iter().filter(|total| !approved.contains(&total.service)).collect()
    }

    fn sum_up(&mut self, mut services: BTreeMap<String, ServiceTotal>) {
        // Names become their ranks first: millions of rows are then sorted and grouped by numbers.
        let clients = Ranks::of(self.rows.iter().map(|row| row.client.as_str()));
        let ids = Ranks::of(self.rows.iter().map(|row| row.service.as_str()));
        let names = Ranks::of(self.rows.iter().filter_map(|row| row.department.as_deref()));
        self.rows.sort_by_cached_key(|row| {
            let department = row.department.as_deref().map(|name| names.rank(name));
            (row.day, ids.rank(&row.service), clients.rank(&row.client), department)
        });
        let mut by_service: BTreeMap<u32, Group> = BTreeMap::new();
        let mut by_department: BTreeMap<(Option<u32>, u32), Group> = BTreeMap::new();
        let mut by_day: BTreeMap<(civil::Date, u32), Group> = BTreeMap::new();
        let mut by_week: BTreeMap<(civil::Date, u32), Group> = BTreeMap::new();
        for row in &self.rows {
            let service = ids.rank(&row.service);
            let department = row.department.as_deref().map(|name| names.rank(name));
            let client = (row.client != OTHERS).then(|| clients.rank(&row.client));
            by_service.entry(service).or_default().add(row, client);
            by_department.entry((department, service)).or_default().add(row, client);
            if let Some(day) = row.day {
                by_day.entry((day, service)).or_default().add(row, client);
                by_week.entry((monday(day), service)).or_default().add(row, client);
            }
        }
        let trend = |groups: BTreeMap<(civil::Date, u32), Group>| {
            let trend = |((begins, service), group): ((civil::Date, u32), Group)| Trend {
                begins,
                service: ids.name(service),
                clients: group.clients(),
                counts: group.counts,
            };
            groups.into_iter().map(trend).collect::<Vec<_>>()
        };
        self.first = by_service.values().filter_map(|group| group.counts.first).min();
        self.last = by_service.values().filter_map(|group| group.counts.last).max();
        self.days = trend(by_day);
        self.weeks = trend(by_week);
        self.departments = by_department
            .into_iter()
            .map(|((department, service), group)| DepartmentTotal {
                department: department.map(|department| names.name(department)),
                service: ids.name(service),
                clients: group.clients(),
                counts: group.counts,
            })
            .collect();
        self.services = by_service
            .into_iter()
            .filter_map(|(id, group)| {
                let mut total = services.remove(&ids.name(id))?;
                (total.clients, total.days) = (group.clients(), group.days.len() as u64);
                total.counts = group.counts;
                Some(total)
            })
            .collect();
        self.services.sort_by(|a, b| b.counts.lines.cmp(&a.counts.lines).then_with(|| a.service.cmp(&b.service)));
    }
}

/// Names and their places in alphabetical order.
struct Ranks {
    names: Vec<String>,
    ranks: HashMap<String, u32>,
}

impl Ranks {
    fn of<'n>(names: impl Iterator<Item = &'n str>) -> Self {
        let names: HashSet<&str> = names.collect();
        let mut names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        names.sort_unstable();
        let ranks = names.iter().zip(0..).map(|(name, rank)| (name.clone(), rank)).collect();
        Self { names, ranks }
    }

    fn rank(&self, name: &str) -> u32 {
        self.ranks.get(name).copied().unwrap_or(u32::MAX)
    }

    fn name(&self, rank: u32) -> String {
        self.names.get(rank as usize).cloned().unwrap_or_default()
    }
}

#[derive(Default)]
struct Group {
    counts: Counts,
    clients: HashSet<u32>,
    days: HashSet<civil::Date>,
}

impl Group {
    fn add(&mut self, row: &Row, client: Option<u32>) {
        self.counts.add(&row.counts);
        self.clients.extend(client);
        self.days.extend(row.day);
    }

    fn clients(&self) -> u64 {
        self.clients.len() as u64
    }
}

impl ServiceTotal {
    fn empty(service: &Service) -> Self {
        Self {
            service: service.id.clone(),
            name: service.name.clone(),
            name_ja: service.japanese_name().to_owned(),
            provider: service.provider.clone(),
            country: service.country.clone(),
            form: service.form,
            shared: service.shared,
            confirmed: service.confirmed,
            clients: 0,
            days: 0,
            counts: Counts::default(),
        }
    }

    fn emptied(mut self) -> Self {
        (self.clients, self.days, self.counts) = (0, 0, Counts::default());
        self
    }
}

fn monday(day: civil::Date) -> civil::Date {
    let back = day.weekday().since(civil::Weekday::Monday);
    day.checked_sub(jiff::Span::new().days(back)).unwrap_or(day)
}
