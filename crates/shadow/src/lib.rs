//! What proxy and DNS logs say about the use of generative-AI services: who (under a pseudonym), which service, how
//! often, how much went up and down, allowed or denied; so that uses nobody approved can be seen.
//!
//! ```
//! use std::ops::ControlFlow;
//! use sekisho_shadow::{Catalogue, Options, PseudonymKey, Scan};
//!
//! let log = b"1796000400.123 512 192.0.2.5 TCP_TUNNEL/200 4321 CONNECT claude.ai:443 yamada HIER_DIRECT/203.0.113.9 -\n";
//! let options = Options::new(PseudonymKey::new([7; 32]), "2026-11-30T12:00:00Z".parse()?);
//! let mut scan = Scan::new(Catalogue::builtin()?, options)?;
//! scan.read_stream("access.log", log.as_slice(), &mut |_| ControlFlow::Continue(()));
//! let outcome = scan.finish();
//! assert_eq!(outcome.findings.services[0].service, "claude");
//! assert!(outcome.findings.rows[0].client.starts_with("c-"));
//! assert_eq!(outcome.openings[0].name, "yamada");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Formats
//!
//! `squid_native`, `squid_common`, `squid_combined`, `w3c_elff` (by its `#Fields`, as often as they change), `dnsmasq`,
//! `bind_querylog`, `unbound`; by shipped mappings `zscaler-nss-web` and `i-filter-v10`, both 要確認; and whatever a
//! [`Mapping`] describes: CSV, TSV, JSON lines. The format of the line before is tried first, then the others, so nothing
//! has to be said beforehand and files may be mixed; [`Reading::formats`] says what was met. Files may be plain, gzip,
//! zstd or UTF-16; names of users UTF-8, CP932 or percent-encoded. Times without a zone are read in that of the scan,
//! times without a year in the last that fits: both are counted.
//!
//! # What is checked of a line
//!
//! Every line is taken apart; none is skipped, and [`Reading`] accounts for each: blank, directive, aside, access, or
//! rejected with a reason. For every line it is checked that it is divided as its format says and that the fields by
//! which the format is known are what they must be (of squid: time, result, size and hierarchy have their form). Only
//! where the host belongs to a service of the catalogue (a *hit*) are time, status and sizes also converted; if one of
//! them has no meaning then, the line is rejected. So a line about another host with a day such as 31 November counts as
//! an access, jumps of the clock are noticed between hits only, and user names are decoded of hits only.
//!
//! # What the logs cannot say
//!
//! Of a tunnel (`CONNECT`) the proxy sees the host and the size, so a page that was only opened and a conversation look
//! alike. A question to a name server is no use: browsers ask before anybody clicks. squid's own formats do not say how
//! much went up; [`Counts::lines_with_bytes_up`] is 0 then. A service of which the catalogue knows no domain is not
//! found, nor is one behind an address without a name, another proxy, or a DNS of the browser's own. A domain that serves
//! other things too is marked [`ServiceTotal::shared`]: its lines are hints.
//!
//! # Memory
//!
//! One block of a megabyte, and the sums: at most [`Limits::rows`] rows (and one more for each day and service), at most
//! [`Limits::clients`] clients. Clients beyond are one client, [`OTHERS`], and [`Findings::merged`] says how many lines
//! that concerns. Nothing else grows with the logs, save a line for each file in [`Positions`].

pub mod catalogue;
mod client;
mod department;
mod findings;
mod follow;
mod format;
pub mod host;
mod line;
mod position;
mod reject;
mod scan;
mod source;
mod tally;
mod text;
mod time;

pub use catalogue::Catalogue;
pub use client::{ClientKind, OTHERS, Opening, PseudonymKey};
pub use department::{DepartmentError, Departments};
pub use findings::{DepartmentTotal, FORMAT, Failure, Findings, Reading, Row, ServiceTotal, Trend};
pub use follow::{Follow, Polled};
pub use format::{Mapping, MappingError};
pub use position::{Positions, PositionsError};
pub use reject::{Place, Reason, Rejects};
pub use scan::{Ended, OnProgress, Options, Outcome, Progress, Scan, ScanError};
pub use tally::{Counts, Limits};
