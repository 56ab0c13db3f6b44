//! Proofs in one file (C2SP `tlog-proof`): that an entry is in a log, to be checked without the log.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::checkpoint::{Checkpoint, CheckpointError, parse_number};
use crate::hash::Hash;
use crate::note::{MAX_NOTE_BYTES, Verifier};
use crate::proof::{MAX_PROOF_HASHES, ProofError, verify_inclusion};

/// First line of every such proof.
pub const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// The most bytes of extra data in a proof that is read.
pub const MAX_EXTRA_BYTES: usize = 1_000_000;

/// A signed checkpoint, and the hashes that lead from one entry to its root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlogProof {
    /// What the application adds. It is not authenticated and must not be believed.
    pub extra: Option<Vec<u8>>,
    /// Index of the entry.
    pub index: u64,
    /// The inclusion proof: siblings from the leaf up.
    pub hashes: Vec<Hash>,
    /// The signed checkpoint, the whole note word for word.
    pub checkpoint: String,
}

/// A proof file that is malformed or does not prove what it should.
#[derive(Debug, thiserror::Error)]
pub enum TlogProofError {
    /// The file is not of the form `c2sp.org/tlog-proof@v1`.
    #[error("not a proof file: {0}")]
    Malformed(&'static str),
    /// The checkpoint in it does not hold.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The hashes do not prove that the entry is in the log.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

impl TlogProof {
    /// Writes the proof as a file. Its customary ending is `.tlog-proof`.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{HEADER}\n");
        if let Some(extra) = &self.extra {
            text.push_str(&format!("extra {}\n", STANDARD.encode(extra)));
        }
        text.push_str(&format!("index {}\n", self.index));
        for hash in &self.hashes {
            text.push_str(&hash.to_base64());
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&self.checkpoint);
        text
    }

    /// Reads what [`TlogProof::to_text`] writes, and nothing else. Nothing is verified yet.
    ///
    /// # Errors
    /// [`TlogProofError::Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Self, TlogProofError> {
        use TlogProofError::Malformed;
        // The largest extra data in Base 64, the note, and room for the lines between.
        if bytes.len() > MAX_EXTRA_BYTES / 3 * 4 + MAX_NOTE_BYTES + 10_000 {
            return Err(Malformed("too long"));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| Malformed("not utf-8"))?;
        let rest = text
            .strip_prefix(HEADER)
            .and_then(|rest| rest.strip_prefix('\n'))
            .ok_or(Malformed("the first line is another"))?;
        let (head, checkpoint) = rest.split_once("\n\n").ok_or(Malformed("no checkpoint"))?;
        let mut lines = head.split('\n').peekable();
        let extra = match lines.peek().and_then(|line| line.strip_prefix("extra ")) {
            None => None,
            Some(extra) => {
                let extra = STANDARD.decode(extra).map_err(|_| Malformed("extra data is not base64"))?;
                lines.next();
                Some(extra)
            }
        };
        let index = lines
            .next()
            .and_then(|line| line.strip_prefix("index "))
            .and_then(parse_number)
            .ok_or(Malformed("no index"))?;
        let mut hashes = Vec::new();
        for line in lines {
            if hashes.len() == MAX_PROOF_HASHES {
                return Err(Malformed("too many hashes"));
            }
            hashes.push(Hash::from_base64(line).map_err(|_| Malformed("a line that is not a hash"))?);
        }
        Ok(Self { extra, index, hashes, checkpoint: checkpoint.to_owned() })
    }

    /// Checks that the log has signed a tree in which this leaf stands at the proof's index, and
    /// answers with that tree's checkpoint. [`TlogProof::extra`] is not covered.
    ///
    /// # Errors
    /// [`TlogProofError`] when it does not prove that.
    pub fn verify(&self, leaf: &Hash, verifier: &Verifier) -> Result<Checkpoint, TlogProofError> {
        let checkpoint = Checkpoint::open(self.checkpoint.as_bytes(), verifier)?;
        verify_inclusion(leaf, self.index, checkpoint.size, &self.hashes, &checkpoint.root)?;
        Ok(checkpoint)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::checkpoint::Origin;
    use crate::hash::leaf_hash;
    use crate::note::Signer;
    use crate::proof::inclusion_proof;
    use crate::tile::MemoryTiles;
    use crate::tree::Tree;

    fn proven(index: u64, size: u64) -> (TlogProof, Hash, Signer) {
        let (mut tree, mut tiles) = (Tree::new(), MemoryTiles::new());
        for index in 0..size {
            tree.append_with(leaf_hash(&index.to_be_bytes()), &mut |id, bytes| tiles.insert(id, bytes).unwrap());
        }
        let hashes = inclusion_proof(&tree.reader(&tiles), index, size).unwrap();
        let origin = Origin::new("log.example/1").unwrap();
        let signer = Signer::for_log(&origin, [1; 32]);
        let checkpoint = Checkpoint { origin, size, root: tree.root() }.sign(&signer);
        (TlogProof { extra: None, index, hashes, checkpoint }, leaf_hash(&index.to_be_bytes()), signer)
    }

    #[test]
    fn a_proof_holds_without_the_log() {
        for (index, size) in [(0, 1), (0, 2), (299, 300), (5, 600)] {
            let (mut proof, leaf, signer) = proven(index, size);
            let again = TlogProof::parse(proof.to_text().as_bytes()).unwrap();
            assert_eq!(again, proof);
            assert_eq!(again.verify(&leaf, &signer.verifier()).unwrap().size, size);
            assert!(again.verify(&leaf_hash(b"other"), &signer.verifier()).is_err());
            proof.extra = Some(b"extra".to_vec());
            assert!(proof.to_text().starts_with("c2sp.org/tlog-proof@v1\nextra ZXh0cmE=\nindex "));
            assert_eq!(TlogProof::parse(proof.to_text().as_bytes()).unwrap(), proof);
        }
    }

    #[test]
    fn malformed_files_are_refused() {
        let text = proven(5, 600).0.to_text();
        for wrong in [
            text.replace("proof@v1", "proof@v2"),
            text.replace("index 5\n", "index 05\n"),
            text.replace("index 5\n", "index\n"),
            text.replace("index 5\n", ""),
            text.replace("index 5\n", "index 5\nextra AAAA\n"),
            text.replace("index 5\n", "extra A\nindex 5\n"),
            text.replace("index 5\n", &format!("index 5\n{}", format!("{}\n", leaf_hash(b"").to_base64()).repeat(60))),
            text.replace("\n\n", "\n"),
            text.replace('\n', "\r\n"),
            "x".repeat(3_000_000),
        ] {
            assert!(TlogProof::parse(wrong.as_bytes()).is_err(), "{}", wrong.chars().take(200).collect::<String>());
        }
    }

    proptest! {
        #[test]
        fn any_changed_byte_is_noticed(at: prop::sample::Index, by in 1u8..) {
            let (proof, leaf, signer) = proven(5, 300);
            let mut bytes = proof.to_text().into_bytes();
            let at = at.index(bytes.len());
            bytes[at] ^= by;
            let noticed = TlogProof::parse(&bytes).and_then(|proof| proof.verify(&leaf, &signer.verifier())).is_err();
            prop_assert!(noticed);
        }
    }
}
