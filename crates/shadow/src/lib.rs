//! What proxy and DNS logs say about the use of generative-AI services.
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
pub use line::{Kind, Verdict};
pub use position::{Positions, PositionsError};
pub use reject::{Place, Reason, Rejects};
pub use scan::{Ended, OnProgress, Options, Outcome, Progress, Scan, ScanError};
pub use tally::{Counts, Limits};
