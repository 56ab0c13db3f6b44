//! ISMAP's records: who may take which step, what follows from it, and what was true on a past day.

#[cfg(test)]
mod auditor;
#[cfg(test)]
mod committee;
#[cfg(test)]
mod engagements;
#[cfg(test)]
mod filings;
#[cfg(test)]
mod firms;
#[cfg(test)]
mod incidents;
#[cfg(test)]
mod look_ups;
#[cfg(test)]
mod notices;
#[cfg(test)]
mod parties;
#[cfg(test)]
mod preliminaries;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod rows;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod statements;
#[cfg(test)]
mod steps;
#[cfg(test)]
mod story;
#[cfg(test)]
mod validator;
#[cfg(test)]
mod whole_year;
#[cfg(test)]
mod year;
