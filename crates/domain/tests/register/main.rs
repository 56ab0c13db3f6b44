//! The register: what may be decided, what follows from it, and that the ledger alone brings it back.

#[cfg(test)]
mod accounts;
#[cfg(test)]
mod applications;
#[cfg(test)]
mod apps;
#[cfg(test)]
mod budgets;
#[cfg(test)]
mod content;
#[cfg(test)]
mod folding;
#[cfg(test)]
mod founding;
mod handlings;
#[cfg(test)]
mod history;
#[cfg(test)]
mod live_permit;
#[cfg(test)]
mod people;
#[cfg(test)]
mod permits;
#[cfg(test)]
mod records;
#[cfg(test)]
mod registrations;
#[cfg(test)]
mod services;
#[cfg(test)]
mod suspension;
#[cfg(test)]
mod town;
#[cfg(test)]
mod use_entries;
#[cfg(test)]
mod use_report;
