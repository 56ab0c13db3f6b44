//! Checking an exported ledger, offline: every byte of every file.
//!
//! The entries are read once, in order. Their hashes give the whole tree again; every tile file is
//! compared with it, and its root with the signed one. Only where something differs does the slow
//! part begin: which of the files is wrong? A tile is *authentic* if the signed root vouches for it:
//! the partial tiles of the right edge give the root, and each full tile's root stands in the tile
//! above it. So one goes down from the root to the place of the difference.

mod authentic;
mod fault;
mod run;

pub use fault::{Fault, FaultKind};
use run::Run;

use std::collections::BTreeSet;
use std::path::Path;

use crate::checkpoint::Origin;
use crate::hash::Hash;
use crate::note::Verifier;
use crate::policy::Policy;

/// What the verifier is to know beforehand.
#[derive(Clone, Debug)]
pub struct VerifyOptions {
    /// The log's key, from a source one trusts. Without it the bundle's own `log.vkey` is used,
    /// and the bundle shows no more than that it is consistent in itself.
    pub vkey: Option<String>,
    /// A signed checkpoint kept from earlier: the bundle must be a continuation of it.
    pub old_checkpoint: Option<Vec<u8>>,
    /// Keys of witnesses, each of which must have cosigned the checkpoint.
    pub witnesses: Vec<String>,
    /// Whom the verifier trusts: if it names logs, the bundle must be signed by one of them; and its quorum of witnesses
    /// must have cosigned the checkpoint.
    pub policy: Option<Policy>,
    /// Further files that may lie in the folder, as relative paths with `/`. They are left to the
    /// caller.
    pub also_expected: BTreeSet<String>,
    /// The folder is the plain copy of a `tlog-tiles` log: `log.vkey` and `manifest.json` may be
    /// missing. Then nothing shows that an older checkpoint was removed from it, or a witness's
    /// signature changed.
    pub plain: bool,
    /// After so many faults the verifier stops.
    pub max_faults: usize,
}

impl Default for VerifyOptions {
    fn default() -> Self {
        Self {
            vkey: None,
            old_checkpoint: None,
            witnesses: Vec::new(),
            policy: None,
            also_expected: BTreeSet::new(),
            plain: false,
            max_faults: 100,
        }
    }
}

/// Sees what passes while a bundle is verified.
pub trait VerifyObserver {
    /// So many entries of so many are done.
    fn progress(&mut self, done: u64, total: u64) {
        let _ = (done, total);
    }

    /// An entry, in order. Entries found to be at fault are left out.
    ///
    /// What it says counts only if the verification succeeds in the end: the root is compared last.
    fn entry(&mut self, index: u64, entry: &[u8]) {
        let _ = (index, entry);
    }
}

/// Sees nothing.
impl VerifyObserver for () {}

/// A bundle in which everything agrees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The log.
    pub origin: Origin,
    /// Number of entries.
    pub size: u64,
    /// Root of their tree, signed by the log.
    pub root: Hash,
    /// The key with which the signatures were checked.
    pub vkey: String,
    /// Whether that key was given by the caller; else it came with the bundle, and anyone could
    /// have made both.
    pub vkey_trusted: bool,
    /// Sizes of the older checkpoints that were checked: those in the bundle, and the caller's.
    pub older_checkpoints: Vec<u64>,
    /// The witnesses asked for, and those of the policy, that cosigned, and when: seconds since 1970.
    pub cosigned: Vec<(String, u64)>,
    /// Witnesses of the policy that did not; enough others did.
    pub not_cosigned: Vec<String>,
    /// Names on signature lines of the checkpoint for which no key was given.
    pub unchecked_signatures: Vec<String>,
}

/// Why a bundle was not verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyFailure {
    /// The options make no sense: the bundle was not looked at.
    #[error("{what}: {reason}")]
    Options {
        /// Which option.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The bundle has faults.
    #[error("{}", summary(faults, *more))]
    Faults {
        /// The faults, in the order of finding; never empty.
        faults: Vec<Fault>,
        /// Whether the verifier stopped before it had looked at everything.
        more: bool,
    },
}

impl VerifyFailure {
    /// The faults found; none if the options were at fault.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        match self {
            Self::Options { .. } => &[],
            Self::Faults { faults, .. } => faults,
        }
    }
}

fn summary(faults: &[Fault], more: bool) -> String {
    let mut text: Vec<String> = faults.iter().map(Fault::to_string).collect();
    if more {
        text.push("verification stopped here".to_owned());
    }
    text.join("\n")
}

/// Verifies an exported ledger: signatures, every tile, every entry, the root, the older
/// checkpoints, and that no file is missing or too many.
///
/// Memory stays bounded, whatever the folder holds, and the work is bounded by the files that are
/// really there, whatever the checkpoint claims.
///
/// # Errors
/// [`VerifyFailure`] with the faults found, each naming the file and, where it can be known, the
/// entry.
pub fn verify_dir(
    dir: &Path,
    options: &VerifyOptions,
    observer: &mut dyn VerifyObserver,
) -> Result<Verified, VerifyFailure> {
    let logs = options.policy.as_ref().map(Policy::logs).unwrap_or_default();
    let trusted = match options.vkey.as_deref().map(|vkey| parse_key("trusted key", vkey)).transpose()? {
        Some(key) if !logs.is_empty() && !logs.contains(&key) => {
            let reason = format!("the policy does not name the log `{}` with this key", key.name());
            return Err(VerifyFailure::Options { what: "trusted key", reason });
        }
        Some(key) => vec![key],
        None => logs.to_vec(),
    };
    let witnesses =
        options.witnesses.iter().map(|vkey| parse_key("witness key", vkey)).collect::<Result<Vec<_>, _>>()?;
    let mut run = Run { dir, options, faults: Vec::new(), more: false, witnessed: None };
    let verified = run.all(&trusted, &witnesses, observer)?;
    match verified {
        Some(verified) if run.faults.is_empty() => Ok(verified),
        _ => Err(VerifyFailure::Faults { faults: run.faults, more: run.more }),
    }
}

fn parse_key(what: &'static str, vkey: &str) -> Result<Verifier, VerifyFailure> {
    Verifier::parse(vkey.trim()).map_err(|error| VerifyFailure::Options { what, reason: error.to_string() })
}
