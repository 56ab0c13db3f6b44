//! Decisions as the law's table has them (domain/ismap.md §5), and what must hold for every table.

#[cfg(test)]
mod example;
#[cfg(test)]
#[cfg(test)]
mod properties;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod table;
#[cfg(test)]
mod texts;
