//! Three implementations that share no code must agree: ours, `tlog_tiles` and `signed_note` (ports
//! of Go's checksum database), and `ct-merkle`.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test may panic")]

use std::cell::RefCell;

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sekisho_ledger::checkpoint::{Checkpoint, Origin};
use sekisho_ledger::hash::{Hash, leaf_hash};
use sekisho_ledger::note::{Note, Signer, Verifier};
use sekisho_ledger::proof::{consistency_proof, inclusion_proof, verify_consistency, verify_inclusion};
use sekisho_ledger::tile::{MemoryTiles, TileId};
use sekisho_ledger::tree::Tree;

/// Go's layout: every hash of the tree in one long list.
#[derive(Default)]
struct Stored(RefCell<Vec<tlog_tiles::Hash>>);

impl tlog_tiles::HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error> {
        let stored = self.0.borrow();
        Ok(indexes.iter().map(|index| stored[*index as usize]).collect())
    }
}

struct Logs {
    tree: Tree,
    tiles: MemoryTiles,
    entries: Vec<Vec<u8>>,
    go: Stored,
    ct: MemoryBackedTree<sha2_for_ct_merkle::Sha256, Vec<u8>>,
}

fn logs(size: u64) -> Logs {
    let (mut tree, mut tiles) = (Tree::new(), MemoryTiles::new());
    let entries: Vec<Vec<u8>> = (0..size).map(|index| format!("{{\"n\":{index}}}").into_bytes()).collect();
    let (go, mut ct) = (Stored::default(), MemoryBackedTree::new());
    for (index, entry) in (0u64..).zip(&entries) {
        tree.append_with(leaf_hash(entry), &mut |id, bytes| tiles.insert(id, bytes).unwrap());
        let more = tlog_tiles::stored_hashes(index, entry, &go).unwrap();
        go.0.borrow_mut().extend(more);
        ct.push(entry.clone());
    }
    Logs { tree, tiles, entries, go, ct }
}

fn to_go(hashes: &[Hash]) -> Vec<tlog_tiles::Hash> {
    hashes.iter().map(|hash| tlog_tiles::Hash(hash.0)).collect()
}

fn of_ct(bytes: &[u8]) -> Vec<Hash> {
    bytes.chunks(32).map(|hash| Hash(hash.try_into().unwrap())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn trees_and_proofs_agree(size in 1u64..700, index: prop::sample::Index, old: prop::sample::Index) {
        let Logs { tree, tiles, entries, go, ct } = logs(size);
        let root = tree.root();
        let go_root = tlog_tiles::tree_hash(size, &go).unwrap();
        prop_assert_eq!(root.0, go_root.0);
        let ct_root = ct.root();
        prop_assert_eq!(root.0.as_slice(), ct_root.as_bytes().as_slice());

        let index = index.index(size as usize) as u64;
        let leaf = leaf_hash(&entries[index as usize]);
        let reader = tree.reader(&tiles);
        let ours = inclusion_proof(&reader, index, size).unwrap();
        let go_proof = tlog_tiles::prove_record(size, index, &go).unwrap();
        prop_assert_eq!(to_go(&ours), go_proof);
        let ct_proof = ct.prove_inclusion(index as usize);
        prop_assert_eq!(&ours, &of_ct(ct_proof.as_bytes()));
        verify_inclusion(&leaf, index, size, &ours, &root).unwrap();
        tlog_tiles::check_record(&to_go(&ours), size, go_root, index, tlog_tiles::Hash(leaf.0)).unwrap();
        ct_root.verify_inclusion(&entries[index as usize], index, &ct_proof).unwrap();

        let old = 1 + old.index(size as usize) as u64;
        let old_root = Hash(tlog_tiles::tree_hash(old, &go).unwrap().0);
        let ours = consistency_proof(&reader, old, size).unwrap();
        let go_proof = tlog_tiles::prove_tree(size, old, &go).unwrap();
        prop_assert_eq!(to_go(&ours), go_proof);
        verify_consistency(old, &old_root, size, &root, &ours).unwrap();
        tlog_tiles::check_tree(&to_go(&ours), size, go_root, old, tlog_tiles::Hash(old_root.0)).unwrap();
        if old < size {
            prop_assert_eq!(&ours, &of_ct(ct.prove_consistency((size - old) as usize).as_bytes()));
        }
    }

    #[test]
    fn tile_contents_agree(size in 1u64..700) {
        let Logs { tree, tiles, go, .. } = logs(size);
        use sekisho_ledger::tile::TileReader as _;
        let reader = tree.reader(&tiles);
        for level in 0..2 {
            for index in 0..3 {
                if let Some(id) = TileId::in_tree(level, index, size) {
                    let theirs = tlog_tiles::Tile::new(8, level, index, u32::from(id.width), false);
                    prop_assert_eq!(theirs.read_data(&go).unwrap(), reader.read_tile(id).unwrap());
                }
            }
        }
    }

    #[test]
    fn notes_are_understood_both_ways(seed: [u8; 32], size: u64, root: [u8; 32]) {
        let origin = Origin::new("kansa.example.lg.jp/log1").unwrap();
        let signer = Signer::for_log(&origin, seed);
        let size = size.max(1);
        let ours = Checkpoint { origin, size, root: Hash(root) };
        let signed = ours.sign(&signer);

        let verifier = signed_note::StandardVerifier::new(&signer.vkey()).unwrap();
        let theirs = signed_note::Note::from_bytes(signed.as_bytes()).unwrap();
        let (verified, others) = theirs.verify(&signed_note::VerifierList::new(vec![Box::new(verifier)])).unwrap();
        prop_assert_eq!((verified.len(), others.len()), (1, 0));
        let read = tlog_tiles::Checkpoint::from_bytes(theirs.text()).unwrap();
        prop_assert_eq!((read.origin(), read.size(), read.hash().0), ("kansa.example.lg.jp/log1", size, root));
        prop_assert_eq!(theirs.to_bytes(), signed.as_bytes());

        use base64::Engine as _;
        let key = base64::engine::general_purpose::STANDARD.encode([&[1u8], seed.as_slice()].concat());
        let hash = signer.vkey().split('+').nth(1).unwrap().to_owned();
        let their_signer = signed_note::StandardSigner::new(&format!("PRIVATE+KEY+{}+{hash}+{key}", signer.name())).unwrap();
        let mut note = signed_note::Note::new(ours.to_text().as_bytes(), &[]).unwrap();
        note.add_sigs(&[&their_signer]).unwrap();
        let verifier = Verifier::parse(&signer.vkey()).unwrap();
        prop_assert_eq!(Checkpoint::open(&note.to_bytes(), &verifier), Ok(ours));
    }

    /// What we take, they take; we may be the stricter.
    #[test]
    fn a_note_we_accept_they_accept(text in "([a-zé ]{0,5}\n){0,4}", tail in "(— [a-z]{1,3} [A-Za-z0-9+/]{8}\n?){0,3}") {
        let bytes = format!("{text}\n{tail}").into_bytes();
        if Note::parse(&bytes).is_ok() {
            prop_assert!(signed_note::Note::from_bytes(&bytes).is_ok());
        }
    }

    #[test]
    fn tile_paths_agree(level in 0u8..=63, index in 0u64..1 << 40, width in 1u16..=256) {
        let ours = TileId { level, index, width };
        // Theirs writes the height into the path, as the checksum database does.
        let theirs = tlog_tiles::Tile::new(8, level, index, u32::from(width), false).path();
        prop_assert_eq!(theirs.replacen("tile/8/", "tile/", 1), ours.path());
    }
}
