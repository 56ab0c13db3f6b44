//! The history of a record: each step with who took it, as what, on which day, when it was recorded, why.

use crate::http::App;
use crate::http::page::error::PageError;
use crate::http::page::words::{Names, day};
use jiff::civil::Date;
use sekisho_domain::day::in_japan;
use sekisho_domain::id::PersonId;
use sekisho_domain::ismap::chronicle::{Chronicle, Record, Stamped};

/// A line of the history; rendered by the macro `history` of `ismap/pieces.html`.
#[derive(Debug)]
pub(super) struct Past {
    /// What was done.
    pub(super) what: String,
    /// The day from which it counts.
    pub(super) on: String,
    /// The day on which it was recorded, where that is another.
    pub(super) recorded: Option<String>,
    /// By whom.
    pub(super) who: String,
    /// As what.
    pub(super) role: &'static str,
    /// Why.
    pub(super) reason: String,
    /// The rule it rests on.
    pub(super) rule: String,
    /// SHA-256 of attached documents.
    pub(super) documents: Vec<String>,
}

/// The history, the newest first, as it was known at the end of a day if one is asked about.
pub(super) async fn of<R: Record>(
    app: &App,
    chronicle: &Chronicle<R>,
    as_of: Option<Date>,
    what: impl Fn(&R::Step) -> String,
) -> Result<Vec<Past>, PageError> {
    let until = as_of.unwrap_or(Date::MAX);
    let steps: Vec<&Stamped<R::Step>> = chronicle.steps().take_while(|s| in_japan(s.stamp.at) <= until).collect();
    let people: Vec<&PersonId> = steps.iter().map(|s| &s.stamp.actor).collect();
    let names = Names::of(app, people).await?;
    let line = |s: &&Stamped<R::Step>| {
        let recorded = in_japan(s.stamp.at);
        Past {
            what: what(&s.step),
            on: day(s.stamp.on),
            recorded: (recorded != s.stamp.on).then(|| day(recorded)),
            who: names.get(&s.stamp.actor),
            role: s.stamp.role.map_or("", |role| role.label()),
            reason: s.stamp.reason.clone(),
            rule: s.stamp.rule.as_ref().map(ToString::to_string).unwrap_or_default(),
            documents: s.stamp.documents.clone(),
        }
    };
    Ok(steps.iter().rev().map(line).collect())
}
