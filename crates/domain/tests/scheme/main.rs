//! ISMAP's records: who may take which step, what follows from it, and what was true on a past day.

#[cfg(test)]
mod engagements;
#[cfg(test)]
mod firms;
#[cfg(test)]
mod parties;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod statements;
#[cfg(test)]
mod steps;
#[cfg(test)]
mod whole_year;
#[cfg(test)]
mod year;
