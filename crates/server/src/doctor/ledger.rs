//! The ledger: its head, its register folded from the start, and then every entry with the rows beside it ([`super::walk`]).

use super::code::{self, Area};
use super::folder::Keys;
use super::report::Findings;
use super::walk::Walk;
use jiff::Timestamp;
use sekisho_domain::entry::Entry;
use sekisho_domain::event::Event;
use sekisho_domain::register::Register;
use sekisho_store::{EngineError, Head, Inspection, PrivateRows};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Governance entries read at once.
const PIECE: u64 = 1024;
/// Events whose `sha256` is a document this program keeps before it writes them.
const KEPT: [&str; 2] = ["return.sent", "story.published"];

/// What the ledger says, for those who compare it with other rows.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) head: Head,
    /// The register of the head.
    pub(super) register: Register,
    /// Persons whose rows must be gone.
    pub(super) forgotten: BTreeSet<String>,
    /// Every SHA-256 that a governance entry names.
    pub(super) named: BTreeSet<String>,
    /// Those of documents that this program keeps, with the entry.
    pub(super) documents: BTreeMap<String, u64>,
    /// Uses that were opened and have no end, by index.
    pub(super) open: BTreeSet<u64>,
    /// What detection found, counted: by day, department, rule.
    pub(super) found: BTreeMap<(i64, String, String), [i64; 4]>,
    /// Of each governance entry, the sum over what it speaks of.
    pub(super) subjects: BTreeMap<u64, u64>,
    /// When the newest entry was written.
    pub(super) newest: Option<Timestamp>,
    /// The first entry that is not signed, with its time.
    pub(super) unsigned: Option<(u64, Timestamp)>,
    folded: u64,
}

pub(super) async fn look(
    look: &Inspection,
    keys: &Keys,
    now: Timestamp,
    findings: &mut Findings,
) -> Result<Option<Read>, EngineError> {
    let Some(head) = look.head().await? else {
        findings.add(&code::LEDGER_HEAD, "ledger_head", "");
        return Ok(None);
    };
    of_head(&head, keys, findings);
    let mut read = Read {
        register: Register::default(),
        forgotten: BTreeSet::new(),
        named: BTreeSet::new(),
        documents: BTreeMap::new(),
        open: BTreeSet::new(),
        found: BTreeMap::new(),
        subjects: BTreeMap::new(),
        newest: None,
        unsigned: None,
        folded: 0,
        head,
    };
    let size = read.head.size;
    read.fold(look, size).await?;
    let mut walk = Walk::new(look, keys, now);
    walk.run(&mut read, findings).await?;
    findings.looked(Area::Ledger, "entries", size);
    Ok(Some(read))
}

fn of_head(head: &Head, keys: &Keys, findings: &mut Findings) {
    for (table, index) in &head.beyond {
        findings.add(&code::ENTRY_BEYOND, format!("{table} {index}"), format!("ledger_head.size = {}", head.size));
    }
    let signed = head.checkpoint.as_ref().map_or(0, |(size, _)| *size);
    if signed != head.signed {
        let detail = format!("signed_size = {}, newest checkpoint {signed}", head.signed);
        findings.add(&code::LEDGER_HEAD, "ledger_head", detail);
    }
    match &keys.memory {
        Some(memory) if memory.size > head.size => {
            let detail = format!("last-signed {}, ledger {}", memory.size, head.size);
            findings.add(&code::LEDGER_ROLLED_BACK, "keys/last-signed", detail);
        }
        // Of several nodes one signs: another need have signed nothing yet.
        None if keys.forgets && signed > 0 => findings.add(&code::MEMORY_MISSING, "keys/last-signed", ""),
        _ => {}
    }
}

/// Tries to find a moment in which nobody governs.
const TRIES: usize = 10;

impl Read {
    /// The private rows, and the register brought to the same moment; none while somebody governs all the time.
    pub(super) async fn private(&mut self, look: &Inspection) -> Result<Option<PrivateRows>, EngineError> {
        let end = async || Ok::<_, EngineError>(look.head().await?.map_or(0, |head| head.size));
        for _ in 0..TRIES {
            self.fold(look, end().await?).await?;
            let rows = look.private().await?;
            if look.governance(self.folded, end().await?, 1).await?.is_empty() {
                return Ok(Some(rows));
            }
        }
        Ok(None)
    }

    /// Folds on up to an index. What cannot be folded is told by the walk, which reads every entry.
    pub(super) async fn fold(&mut self, look: &Inspection, below: u64) -> Result<(), EngineError> {
        loop {
            let entries = look.governance(self.folded, below, PIECE).await?;
            if entries.is_empty() {
                self.folded = self.folded.max(below);
                return Ok(());
            }
            for (index, body) in entries {
                self.folded = index + 1;
                let Ok(Entry::Governance(entry)) = Entry::read(&body) else { continue };
                self.named.extend(entry.documents.iter().cloned());
                if let Ok(data) = entry.event.data() {
                    hashes(&data, &mut self.named);
                    if KEPT.contains(&entry.event.kind())
                        && let Some(sha256) = data.get("sha256").and_then(Value::as_str)
                    {
                        self.documents.entry(sha256.to_owned()).or_insert(index);
                    }
                }
                match &entry.event {
                    Event::PersonForgotten(e) => drop(self.forgotten.insert(e.person.to_string())),
                    Event::PersonJoined(e) => drop(self.forgotten.remove(e.person.as_str())),
                    _ => {}
                }
                let _ = self.register.apply(index, &entry);
            }
        }
    }
}

/// Everything in a value that is written like a SHA-256.
fn hashes(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) => {
            into.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| hashes(item, into)),
        Value::Object(fields) => fields.values().for_each(|field| hashes(field, into)),
        _ => {}
    }
}
