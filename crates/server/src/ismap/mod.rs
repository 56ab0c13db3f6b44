//! What the records of ISMAP need of the machine: the contents that the ledger knows by their hashes alone, and drafts.

pub(crate) mod adoption;
pub(crate) mod criteria_import;
pub(crate) mod documents;
pub(crate) mod freshness;
pub(crate) mod list_import;
pub(crate) mod oscal;
pub(crate) mod working;
