//! Who countersigns this ledger (`[[ledger.witness]]`), and how many of them are enough (`ledger.quorum`).

use super::{ConfigError, wrong};
use reqwest::Url;
use sekisho_ledger::note::Verifier;
use sekisho_ledger::policy::Policy;
use serde::Deserialize;

/// More than anyone asks; each is asked at every checkpoint.
const MOST: usize = 32;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WitnessFile {
    url: String,
    key: String,
}

/// A witness of this ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// Where it takes checkpoints: `add-checkpoint` below the configured address.
    pub add_checkpoint: Url,
    /// The address as it was configured.
    pub url: String,
    /// Its key.
    pub key: Verifier,
}

/// All witnesses, and how many must cosign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witnesses {
    /// They.
    pub all: Vec<Witness>,
    /// How many cosignatures are enough; 0 where there are no witnesses.
    pub quorum: usize,
    /// The same as a rule that a checkpoint can be held against.
    pub policy: Policy,
}

impl Witnesses {
    /// The rule as a file for `sekisho ledger verify --policy` and other verifiers (C2SP `tlog-policy`).
    pub fn policy_file(&self, log: &str) -> String {
        let mut text = format!("log {log}\n");
        let mut names = String::new();
        for (n, witness) in (1..).zip(&self.all) {
            text.push_str(&format!("witness w{n} {} {}\n", witness.key.vkey(), witness.url));
            names.push_str(&format!(" w{n}"));
        }
        match self.quorum {
            0 => text.push_str("quorum none\n"),
            quorum => text.push_str(&format!("group witnesses {quorum}{names}\nquorum witnesses\n")),
        }
        text
    }
}

pub(super) fn check(
    files: Vec<WitnessFile>,
    quorum: Option<usize>,
    at: &impl Fn(&str) -> String,
) -> Result<Witnesses, ConfigError> {
    if files.len() > MOST {
        return Err(wrong(at("ledger.witness"), format!("there may be {MOST} at most")));
    }
    let mut all: Vec<Witness> = Vec::with_capacity(files.len());
    for (n, file) in (1..).zip(files) {
        let place = |key: &str| at(&format!("ledger.witness[{n}].{key}"));
        let add_checkpoint = address(&file.url).ok_or_else(|| {
            let problem = "must be an `https://` or `http://` address without user, query or fragment, such as \
                           `https://tachiai.example.lg.jp`";
            wrong(place("url"), format!("`{}` {problem}", file.url))
        })?;
        let key = Verifier::parse(file.key.trim()).map_err(|e| {
            wrong(place("key"), format!("{e}; copy the line that `sekisho ledger witness` prints when it starts"))
        })?;
        if !key.is_witness() {
            return Err(wrong(
                place("key"),
                "is a log's key, not a witness's; the witness prints its own when it starts",
            ));
        }
        if all.iter().any(|known| known.key.same_key(&key)) {
            return Err(wrong(place("key"), "stands in an earlier entry too; each witness counts once"));
        }
        all.push(Witness { add_checkpoint, url: file.url, key });
    }
    let count = all.len();
    let quorum = match quorum {
        None => count,
        Some(0) if count > 0 => {
            return Err(wrong(
                at("ledger.quorum"),
                "must be 1 at least; without witnesses leave `[[ledger.witness]]` out",
            ));
        }
        Some(number) if number > count => {
            let problem =
                format!("asks for {number} witnesses and there are {count}; add `[[ledger.witness]]` or lower it");
            return Err(wrong(at("ledger.quorum"), problem));
        }
        Some(number) => number,
    };
    let keys = all.iter().map(|witness| witness.key.clone()).collect();
    let policy = Policy::of(keys, quorum).map_err(|e| wrong(at("ledger.witness"), e.to_string()))?;
    Ok(Witnesses { all, quorum, policy })
}

/// `add-checkpoint` below a prefix.
fn address(prefix: &str) -> Option<Url> {
    let url = Url::parse(&format!("{}/add-checkpoint", prefix.trim_end_matches('/'))).ok()?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    plain.then_some(url)
}
