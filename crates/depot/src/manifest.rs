//! What a generation is made of. A manifest is believed only with its seal, and even then only what can be true: names that
//! stay in their folder, sizes that a disk could have.

use std::collections::HashSet;

use jiff::Timestamp;
use sekisho_search::shelf::laying;
use sekisho_search::unit::Corpus;
use serde::{Deserialize, Serialize};

use crate::seal::Seal;

/// The first line.
const NAME: &str = "sekisho-shelf 1";
/// The largest manifest.
pub(crate) const MOST_MANIFEST: u64 = 8 << 20;
/// Files of one generation, at most.
const MOST_FILES: usize = 20_000;
/// Bytes of one generation, at most.
const MOST_BYTES: u64 = 1 << 40;

/// One generation of the shelf of a corpus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Which.
    pub corpus: Corpus,
    /// The how manyth.
    pub number: u64,
    /// How the index was made.
    pub index_version: String,
    /// When it was published.
    pub made_at: Timestamp,
    /// By which node.
    pub node: String,
    /// The files of the index.
    pub(crate) files: Vec<Listed>,
    /// The vectors beside it.
    pub(crate) vectors: Option<ListedVectors>,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Listed {
    pub(crate) name: String,
    pub(crate) bytes: u64,
    pub(crate) sha256: Hash,
}

/// The file of vectors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListedVectors {
    pub(crate) bytes: u64,
    pub(crate) sha256: Hash,
    /// Its last 32 bytes, which are a sum of all before: by them the file is known again without reading it.
    pub(crate) end: Hash,
    pub(crate) maker: Maker,
}

/// What vectors were made with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Maker {
    /// The model's name in the register.
    pub model: String,
    /// What stood before every text.
    pub prefix: String,
}

/// 32 bytes in hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Hash(String);

impl Hash {
    pub(crate) fn of(bytes: &[u8; 32]) -> Self {
        Self(crate::file::hex(bytes))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Hash {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_hash = text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if is_hash { Ok(Self(text)) } else { Err("a hash must be 64 lower-case hexadecimal digits") }
    }
}

impl Manifest {
    /// As it is written, with its seal.
    pub(crate) fn sealed(&self, seal: &Seal) -> Result<String, serde_json::Error> {
        let text = format!("{NAME}\n{}\n", serde_json::to_string(self)?);
        Ok(format!("{text}{}\n", seal.on(&text)))
    }

    /// Reads one; says in what way it is none.
    pub(crate) fn parse(text: &str, seal: &Seal) -> Result<Self, &'static str> {
        let body = text.strip_suffix('\n').ok_or("its end is missing")?;
        let (body, mark) = body.rsplit_once('\n').ok_or("its end is missing")?;
        let (sealed, _) = text.split_at(body.len() + 1);
        let body = body.strip_prefix(NAME).and_then(|rest| rest.strip_prefix('\n'));
        let body = body.ok_or("it is of another kind or version")?;
        if !seal.is_on(sealed, mark) {
            return Err("its seal is not one of this installation, so no node of it wrote it");
        }
        let manifest: Self = serde_json::from_str(body).map_err(|_| "what it says cannot be read")?;
        manifest.can_be()?;
        Ok(manifest)
    }

    /// Whether it can be true.
    fn can_be(&self) -> Result<(), &'static str> {
        if self.files.len() > MOST_FILES {
            return Err("it has too many files");
        }
        let mut names = HashSet::new();
        for file in &self.files {
            if !laying::is_name(&file.name) {
                return Err("it names a file that no shelf has");
            }
            if !names.insert(&*file.name) {
                return Err("it names a file twice");
            }
        }
        if !names.contains(laying::META) {
            return Err("it names no shelf");
        }
        let all = self.files.iter().map(|file| file.bytes).chain(self.vectors.iter().map(|vectors| vectors.bytes));
        let sum = all.into_iter().try_fold(0_u64, u64::checked_add);
        match sum {
            Some(sum) if sum <= MOST_BYTES => Ok(()),
            _ => Err("it is larger than any shelf"),
        }
    }

    /// What its vectors were made with, if there are any.
    pub fn vectors(&self) -> Option<&Maker> {
        self.vectors.as_ref().map(|vectors| &vectors.maker)
    }

    /// Bytes of all its files.
    pub fn bytes(&self) -> u64 {
        self.hashes().map(|(_, bytes)| bytes).sum()
    }

    /// Hash and size of every file.
    pub(crate) fn hashes(&self) -> impl Iterator<Item = (&Hash, u64)> {
        let vectors = self.vectors.iter().map(|vectors| (&vectors.sha256, vectors.bytes));
        self.files.iter().map(|file| (&file.sha256, file.bytes)).chain(vectors)
    }

    pub(crate) fn file(&self, name: &str) -> Option<&Listed> {
        self.files.iter().find(|file| file.name == name)
    }

    /// The hash of the file that says which segments count.
    pub(crate) fn meta(&self) -> Option<&Hash> {
        self.file(laying::META).map(|file| &file.sha256)
    }

    pub(crate) fn vectors_end(&self) -> Option<&Hash> {
        self.vectors.as_ref().map(|vectors| &vectors.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal() -> Seal {
        Seal::of(&[7; 32])
    }

    fn listed(name: &str, bytes: u64) -> Listed {
        Listed { name: name.into(), bytes, sha256: Hash::of(&[1; 32]) }
    }

    fn manifest(files: Vec<Listed>) -> Manifest {
        Manifest {
            corpus: Corpus::Law,
            number: 3,
            index_version: "4".into(),
            made_at: Timestamp::UNIX_EPOCH,
            node: "node-1".into(),
            files,
            vectors: None,
        }
    }

    const SEGMENT: &str = "0123456789abcdef0123456789abcdef.idx";

    #[test]
    fn what_a_node_sealed_is_read_by_another_with_the_key() {
        let manifest = manifest(vec![listed(laying::META, 10), listed(SEGMENT, 20)]);
        let text = manifest.sealed(&seal()).unwrap();
        assert_eq!(Manifest::parse(&text, &seal()).unwrap(), manifest);
    }

    #[test]
    fn another_key_or_any_changed_or_missing_byte_breaks_it() {
        let text = manifest(vec![listed(laying::META, 10)]).sealed(&seal()).unwrap();
        assert!(Manifest::parse(&text, &Seal::of(&[8; 32])).is_err());
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            let changed = String::from_utf8(bytes).unwrap();
            assert!(Manifest::parse(&changed, &seal()).is_err(), "{changed}");
            assert!(Manifest::parse(&text[..at], &seal()).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn even_with_a_good_seal_no_name_leads_out_of_the_shelf() {
        for name in [
            "../keys/log.seed",
            "/etc/passwd",
            "a/b",
            "..",
            ".managed.json",
            ".tantivy-writer.lock",
            "version",
            "",
            "0123456789abcdef0123456789abcdef./x",
            "0123456789abcdef0123456789abcdef..idx",
            "0123456789ABCDEF0123456789abcdef.idx",
        ] {
            let text = manifest(vec![listed(laying::META, 1), listed(name, 1)]).sealed(&seal()).unwrap();
            assert_eq!(Manifest::parse(&text, &seal()), Err("it names a file that no shelf has"), "{name}");
        }
    }

    #[test]
    fn sizes_that_nothing_has_are_refused() {
        for (bytes, more) in [(u64::MAX, 1), (MOST_BYTES, 1), (u64::MAX, u64::MAX)] {
            let text = manifest(vec![listed(laying::META, bytes), listed(SEGMENT, more)]).sealed(&seal()).unwrap();
            assert_eq!(Manifest::parse(&text, &seal()), Err("it is larger than any shelf"));
        }
        let twice = manifest(vec![listed(laying::META, 1), listed(laying::META, 1)]).sealed(&seal()).unwrap();
        assert_eq!(Manifest::parse(&twice, &seal()), Err("it names a file twice"));
        let none = manifest(vec![listed(SEGMENT, 1)]).sealed(&seal()).unwrap();
        assert_eq!(Manifest::parse(&none, &seal()), Err("it names no shelf"));
    }
}
