//! Which logs and how many witnesses it takes to believe a checkpoint (C2SP `tlog-policy`).
//!
//! A verifier writes down beforehand whom it trusts: keys of logs, keys of witnesses, and a quorum over groups of them. A
//! checkpoint that fewer have cosigned is not false; it is not enough for this verifier.

use std::collections::{BTreeMap, BTreeSet};

use crate::note::{Note, NoteError, Verifier};

/// The longest policy that is read, in bytes.
pub const MAX_POLICY_BYTES: usize = 1_000_000;

/// The most logs, witnesses and groups, of each.
pub const MAX_OF_EACH: usize = 1_000;

const NONE: &[u8] = b"none";

/// What is wrong with a policy, and in which line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct PolicyError {
    /// The line, from 1; 0 for the policy as a whole.
    pub line: usize,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What can be wrong with a line of a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The policy is too long.
    #[error("a policy has {MAX_POLICY_BYTES} bytes at most")]
    TooLong,
    /// Too many of one kind.
    #[error("a policy has {MAX_OF_EACH} logs, witnesses and groups of each at most")]
    TooMany,
    /// A control character other than tab.
    #[error("a control character")]
    ControlCharacter,
    /// No known form.
    #[error("expected `log KEY [URL]`, `witness NAME KEY [URL]`, `group NAME all|any|NUMBER NAME…` or `quorum NAME`")]
    Form,
    /// A key that cannot be used.
    #[error("{0}")]
    Key(NoteError),
    /// A log's key where a witness's is asked for, or the other way round.
    #[error("the key is not of the kind asked for: logs sign with type 0x01, witnesses with type 0x04")]
    Kind,
    /// The same public key twice.
    #[error("the same public key stands in an earlier line")]
    SameKey,
    /// A name twice, or the name `none`.
    #[error("`{0}` is taken already")]
    Taken(String),
    /// A name that no earlier line defines.
    #[error("no earlier line defines `{0}`")]
    Unknown(String),
    /// A member of two groups, or twice of one.
    #[error("`{0}` is a member already: each counts once")]
    Twice(String),
    /// A threshold that can never, or always, be met.
    #[error("the number must be from 1 to the number of members")]
    Threshold,
    /// A second quorum.
    #[error("there is a quorum already")]
    SecondQuorum,
    /// No quorum.
    #[error("there must be a line `quorum NAME`, or `quorum none`")]
    NoQuorum,
}

/// What a name of a policy stands for. Groups speak of earlier names only, so one look in their order settles them all.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Named {
    /// The witness at this place.
    Witness(usize),
    /// So many of these names.
    Group(usize, Vec<usize>),
}

/// A witness of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Witness {
    name: String,
    key: Verifier,
}

/// Whom a verifier trusts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<Verifier>,
    witnesses: Vec<Witness>,
    named: Vec<Named>,
    /// The name that must have witnessed; `None` where nobody need.
    quorum: Option<usize>,
}

/// Who of a policy has cosigned a checkpoint, and whether that is enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witnessed {
    /// Those who did: what the policy calls them, and when, in seconds since 1970.
    pub cosigned: Vec<(String, u64)>,
    /// Those who did not.
    pub missing: Vec<String>,
    /// Whether the quorum is met.
    pub met: bool,
}

impl Policy {
    /// A policy by which so many of these witnesses must have cosigned, whatever the log.
    ///
    /// # Errors
    /// [`PolicyError`] with the number of the key as its line, or with line 0.
    pub fn of(witnesses: Vec<Verifier>, number: usize) -> Result<Self, PolicyError> {
        let mut reading = Reading::default();
        for (line, key) in (1..).zip(witnesses) {
            let name = key.name().to_owned();
            reading.witness(name, key).map_err(|problem| PolicyError { line, problem })?;
        }
        let members: Vec<usize> = (0..reading.witnesses.len()).collect();
        if number > members.len() || (number == 0 && !members.is_empty()) {
            return Err(PolicyError { line: 0, problem: Problem::Threshold });
        }
        let quorum = (number > 0).then_some(members.len());
        let mut named: Vec<Named> = members.iter().map(|at| Named::Witness(*at)).collect();
        named.push(Named::Group(number, members));
        Ok(Self { logs: reading.logs, witnesses: reading.witnesses, named, quorum })
    }

    /// Reads a policy file.
    ///
    /// # Errors
    /// [`PolicyError`] with the line. Keys that this crate cannot verify are refused too: a witness that can never count
    /// is better known of beforehand.
    pub fn parse(bytes: &[u8]) -> Result<Self, PolicyError> {
        if bytes.len() > MAX_POLICY_BYTES {
            return Err(PolicyError { line: 0, problem: Problem::TooLong });
        }
        let mut reading = Reading::default();
        for (line, content) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
            reading.line(content).map_err(|problem| PolicyError { line, problem })?;
        }
        let quorum = reading.quorum.ok_or(PolicyError { line: 0, problem: Problem::NoQuorum })?;
        Ok(Self { logs: reading.logs, witnesses: reading.witnesses, named: reading.named, quorum })
    }

    /// The logs; none where any log will do.
    #[must_use]
    pub fn logs(&self) -> &[Verifier] {
        &self.logs
    }

    /// The keys of the witnesses.
    pub fn witnesses(&self) -> impl Iterator<Item = &Verifier> {
        self.witnesses.iter().map(|witness| &witness.key)
    }

    /// Who has cosigned a note, and whether that is enough.
    ///
    /// # Errors
    /// A line that claims to be a witness's and does not hold: the note was tampered with, and whoever else signed it does
    /// not mend that.
    pub fn judge(&self, note: &Note) -> Result<Witnessed, NoteError> {
        let (mut cosigned, mut missing, mut have) = (Vec::new(), Vec::new(), Vec::new());
        for witness in &self.witnesses {
            let claims = note.signatures().iter().any(|line| line.claims(&witness.key));
            have.push(claims);
            if claims {
                cosigned.push((witness.name.clone(), note.cosigned_at(&witness.key)?));
            } else {
                missing.push(witness.name.clone());
            }
        }
        Ok(Witnessed { cosigned, missing, met: self.is_met(&have) })
    }

    fn is_met(&self, cosigned: &[bool]) -> bool {
        let Some(quorum) = self.quorum else { return true };
        let is = |list: &[bool], at: &usize| list.get(*at).copied().unwrap_or(false);
        let mut witnessed = Vec::with_capacity(self.named.len());
        for named in &self.named {
            let met = match named {
                Named::Witness(at) => is(cosigned, at),
                Named::Group(number, members) => members.iter().filter(|m| is(&witnessed, m)).count() >= *number,
            };
            witnessed.push(met);
        }
        is(&witnessed, &quorum)
    }
}

/// A policy as far as it has been read.
#[derive(Default)]
struct Reading {
    logs: Vec<Verifier>,
    witnesses: Vec<Witness>,
    named: Vec<Named>,
    /// Where each name stands in `named`.
    names: BTreeMap<Vec<u8>, usize>,
    /// Those that are members of a group.
    members: BTreeSet<usize>,
    groups: usize,
    /// The quorum, once there is one; within, `None` stands for nobody.
    quorum: Option<Option<usize>>,
}

impl Reading {
    fn line(&mut self, line: &[u8]) -> Result<(), Problem> {
        if line.iter().any(|byte| (*byte < 0x20 && *byte != b'\t') || *byte == 0x7f) {
            return Err(Problem::ControlCharacter);
        }
        let words: Vec<&[u8]> = line.split(|byte| matches!(byte, b' ' | b'\t')).filter(|w| !w.is_empty()).collect();
        match words.as_slice() {
            [] => Ok(()),
            [first, ..] if first.starts_with(b"#") => Ok(()),
            [b"log", key] | [b"log", key, _] => self.log(key_of(key)?),
            [b"witness", name, key] | [b"witness", name, key, _] => {
                self.free(name)?;
                let at = self.witnesses.len();
                self.witness(shown(name), key_of(key)?)?;
                self.define(name, Named::Witness(at));
                Ok(())
            }
            [b"group", name, number, members @ ..] if !members.is_empty() => self.group(name, number, members),
            [b"quorum", name] => {
                if self.quorum.is_some() {
                    return Err(Problem::SecondQuorum);
                }
                let quorum = if *name == NONE { None } else { Some(self.defined(name)?) };
                self.quorum = Some(quorum);
                Ok(())
            }
            _ => Err(Problem::Form),
        }
    }

    fn log(&mut self, key: Verifier) -> Result<(), Problem> {
        if key.is_witness() {
            return Err(Problem::Kind);
        }
        if self.logs.iter().any(|known| known.same_key(&key)) {
            return Err(Problem::SameKey);
        }
        if self.logs.len() == MAX_OF_EACH {
            return Err(Problem::TooMany);
        }
        self.logs.push(key);
        Ok(())
    }

    fn witness(&mut self, name: String, key: Verifier) -> Result<(), Problem> {
        if !key.is_witness() {
            return Err(Problem::Kind);
        }
        if self.witnesses.iter().any(|known| known.key.same_key(&key)) {
            return Err(Problem::SameKey);
        }
        if self.witnesses.len() == MAX_OF_EACH {
            return Err(Problem::TooMany);
        }
        self.witnesses.push(Witness { name, key });
        Ok(())
    }

    fn group(&mut self, name: &[u8], number: &[u8], members: &[&[u8]]) -> Result<(), Problem> {
        self.free(name)?;
        if self.groups == MAX_OF_EACH {
            return Err(Problem::TooMany);
        }
        let number = match number {
            b"all" => members.len(),
            b"any" => 1,
            digits => {
                let text = std::str::from_utf8(digits).ok().and_then(crate::checkpoint::parse_number);
                text.and_then(|number| usize::try_from(number).ok()).ok_or(Problem::Form)?
            }
        };
        if !(1..=members.len()).contains(&number) {
            return Err(Problem::Threshold);
        }
        let mut places = Vec::with_capacity(members.len());
        for member in members {
            let at = self.defined(member)?;
            if !self.members.insert(at) {
                return Err(Problem::Twice(shown(member)));
            }
            places.push(at);
        }
        self.groups += 1;
        self.define(name, Named::Group(number, places));
        Ok(())
    }

    fn define(&mut self, name: &[u8], what: Named) {
        self.names.insert(name.to_vec(), self.named.len());
        self.named.push(what);
    }

    fn defined(&self, name: &[u8]) -> Result<usize, Problem> {
        self.names.get(name).copied().ok_or_else(|| Problem::Unknown(shown(name)))
    }

    fn free(&self, name: &[u8]) -> Result<(), Problem> {
        if name == NONE || self.names.contains_key(name) {
            return Err(Problem::Taken(shown(name)));
        }
        Ok(())
    }
}

fn key_of(word: &[u8]) -> Result<Verifier, Problem> {
    let text = std::str::from_utf8(word).map_err(|_| Problem::Key(NoteError::VerifierKey(shown(word))))?;
    Verifier::parse(text).map_err(Problem::Key)
}

/// Names are opaque bytes; this is how they are shown.
fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(name).chars().take(200).collect()
}

#[cfg(test)]
mod tests;
