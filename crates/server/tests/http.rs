//! The program over HTTP, from the socket to the signed record. Whatever a test does, its house is verified at the end:
//! the whole ledger is exported, checked offline by the program itself, and compared with the table of uses.

#[cfg(test)]
#[path = "http/accounts.rs"]
mod accounts;
#[cfg(test)]
#[path = "http/apps.rs"]
mod apps;
#[cfg(test)]
#[path = "http/audit_ismap.rs"]
mod audit_ismap;
#[cfg(test)]
#[path = "http/bad_inputs.rs"]
mod bad_inputs;
#[cfg(test)]
#[path = "http/browser.rs"]
mod browser;
#[cfg(test)]
#[path = "http/budgets.rs"]
mod budgets;
#[cfg(test)]
#[path = "http/chat.rs"]
mod chat;
#[cfg(test)]
#[path = "http/client.rs"]
mod client;
#[cfg(test)]
#[path = "http/closed_by_default.rs"]
mod closed_by_default;
#[cfg(test)]
#[path = "http/contracts.rs"]
mod contracts;
#[cfg(test)]
#[path = "http/criteria_ismap.rs"]
mod criteria_ismap;
#[cfg(test)]
#[path = "http/database.rs"]
mod database;
#[cfg(test)]
#[path = "http/desk.rs"]
mod desk;
#[cfg(test)]
#[path = "http/doctor.rs"]
mod doctor;
#[cfg(test)]
#[path = "http/ds920.rs"]
mod ds920;
#[cfg(test)]
#[path = "http/engagement_ismap.rs"]
mod engagement_ismap;
#[cfg(test)]
#[path = "http/files.rs"]
mod files;
#[cfg(test)]
#[path = "http/findings.rs"]
mod findings;
#[cfg(test)]
#[path = "http/framing.rs"]
mod framing;
#[cfg(test)]
#[path = "http/governance.rs"]
mod governance;
#[cfg(test)]
#[path = "http/grades_and_permits.rs"]
mod grades_and_permits;
#[cfg(test)]
#[path = "http/house.rs"]
mod house;
#[cfg(test)]
#[path = "http/keys.rs"]
mod keys;
#[cfg(test)]
#[path = "http/leaving.rs"]
mod leaving;
#[cfg(test)]
#[path = "http/ledger.rs"]
mod ledger;
#[cfg(test)]
#[path = "http/list_ismap.rs"]
mod list_ismap;
#[cfg(test)]
#[path = "http/mcp.rs"]
mod mcp;
#[cfg(test)]
#[path = "http/meaning.rs"]
mod meaning;
#[cfg(test)]
#[path = "http/metrics.rs"]
mod metrics;
#[cfg(test)]
#[path = "http/no_record.rs"]
mod no_record;
#[cfg(test)]
#[path = "http/operator_ismap.rs"]
mod operator_ismap;
#[cfg(test)]
#[path = "http/oversight.rs"]
mod oversight;
#[cfg(test)]
#[path = "http/pages.rs"]
mod pages;
#[cfg(test)]
#[path = "http/passthrough.rs"]
mod passthrough;
#[cfg(test)]
#[path = "http/records.rs"]
mod records;
#[cfg(test)]
#[path = "http/research.rs"]
mod research;
#[cfg(test)]
#[path = "http/research_apps.rs"]
mod research_apps;
#[cfg(test)]
#[path = "http/returns.rs"]
mod returns;
#[cfg(test)]
#[path = "http/roles_and_places.rs"]
mod roles_and_places;
#[cfg(test)]
#[path = "http/scheme.rs"]
mod scheme;
#[cfg(test)]
#[path = "http/scheme_year.rs"]
mod scheme_year;
#[cfg(test)]
#[path = "http/setup.rs"]
mod setup;
#[cfg(test)]
#[path = "http/shadow.rs"]
mod shadow;
#[cfg(test)]
#[path = "http/shelves.rs"]
mod shelves;
#[cfg(test)]
#[path = "http/stand_in.rs"]
mod stand_in;
#[cfg(test)]
#[path = "http/statement_ismap.rs"]
mod statement_ismap;
#[cfg(test)]
#[path = "http/stories.rs"]
mod stories;
#[cfg(test)]
#[path = "http/streams.rs"]
mod streams;
#[cfg(test)]
#[path = "http/surveys.rs"]
mod surveys;
#[cfg(test)]
#[path = "http/traces.rs"]
mod traces;
#[cfg(test)]
#[path = "http/upstream_faults.rs"]
mod upstream_faults;
#[cfg(test)]
#[path = "http/use_report.rs"]
mod use_report;
#[cfg(test)]
#[path = "http/witness.rs"]
mod witness;
#[cfg(test)]
#[path = "http/witnessed.rs"]
mod witnessed;
