//! The ledger over HTTP, checked with nothing but the verifier key.

use crate::client::Client;
use crate::house::House;
use sekisho_ledger::checkpoint::Checkpoint;
use sekisho_ledger::hash::{Hash, leaf_hash};
use sekisho_ledger::note::Verifier;
use sekisho_ledger::tile::{EntryBundleId, TileId, decode_bundle};
use sekisho_ledger::tlog_proof::TlogProof;
use sekisho_ledger::tree::Tree;
use std::collections::BTreeMap;

fn signed(house: &House) -> (Verifier, Checkpoint) {
    house.block_on(house.installation().journal.checkpoint()).unwrap();
    let verifier = Verifier::parse(house.anyone().get("/ledger/vkey").text().trim()).unwrap();
    let reply = house.anyone().get("/ledger/checkpoint");
    assert!(reply.header("content-type").unwrap().starts_with("text/plain"));
    let checkpoint = Checkpoint::open(&reply.body, &verifier).unwrap();
    (verifier, checkpoint)
}

fn entries(client: &Client, size: u64) -> Vec<Vec<u8>> {
    let mut entries = Vec::new();
    for index in 0.. {
        let Some(id) = EntryBundleId::in_tree(index, size) else { return entries };
        let reply = client.get(&format!("/ledger/{}", id.path()));
        assert_eq!(reply.status, 200, "{}: {}", id.path(), reply.text());
        entries.extend(decode_bundle(&reply.body).unwrap().into_iter().map(<[u8]>::to_vec));
    }
    entries
}

#[test]
fn whoever_reads_the_entries_and_tiles_gets_the_tree_that_was_signed() {
    let house = House::demo();
    // Past the first full tile, so that a second level exists.
    let mut used = Vec::new();
    let (_, small) = signed(&house);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let staff = house.by("staff");
                scope.spawn(move || {
                    (0..30).map(|_| staff.chat("kakuu-local", "要約してください").used()).collect::<Vec<_>>()
                })
            })
            .collect();
        used.extend(threads.into_iter().flat_map(|thread| thread.join().unwrap()));
    });
    let (verifier, checkpoint) = signed(&house);
    assert!(checkpoint.size > 256 && checkpoint.size < 512, "{}", checkpoint.size);

    let auditor = house.by("auditor");
    let entries = entries(&auditor, checkpoint.size);
    assert_eq!(entries.len() as u64, checkpoint.size);
    let mut tree = Tree::new();
    let mut tiles: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for (index, entry) in entries.iter().enumerate() {
        if index as u64 == small.size {
            assert_eq!(tree.root(), small.root, "the ledger of now continues the one of then");
        }
        tree.append_with(leaf_hash(entry), &mut |id, bytes| drop(tiles.insert(id.path(), bytes)));
    }
    assert_eq!(tree.root(), checkpoint.root);
    // The tiles need no key and show hashes alone.
    tiles.extend(tree.partial_tiles().into_iter().map(|(id, bytes)| (id.path(), bytes)));
    assert!(tiles.len() >= 3, "{:?}", tiles.keys());
    for (path, bytes) in &tiles {
        let reply = house.anyone().get(&format!("/ledger/{path}"));
        assert_eq!((reply.status, &reply.body), (200, bytes), "{path}");
        let cache = reply.header("cache-control").unwrap();
        assert_eq!(cache.contains("immutable"), !path.contains(".p/"), "{path}: {cache}");
    }
    // A shorter piece of a partial tile is still served; a longer one does not exist.
    let (last, bytes) = tree.partial_tile(0).unwrap();
    let width = last.width;
    let of = |width| TileId { width, ..last }.path();
    assert_eq!(house.anyone().get(&format!("/ledger/{}", of(width - 1))).body, bytes[..bytes.len() - 32]);
    house.anyone().get(&format!("/ledger/{}", of(width + 1))).error(404, "NOT_FOUND");

    // Every proof of a use holds without the server, for its own entry and for no other.
    let recorded = house.recorded(&used[7]);
    for entry in recorded["entries"].as_array().unwrap() {
        let index = entry["index"].as_u64().unwrap();
        let leaf: Hash = leaf_hash(&entries[usize::try_from(index).unwrap()]);
        let proof = TlogProof::parse(entry["proof"].as_str().unwrap().as_bytes()).unwrap();
        assert_eq!(proof.verify(&leaf, &verifier).unwrap().root, checkpoint.root);
        assert!(proof.verify(&leaf_hash(&entries[0]), &verifier).is_err());
        let text = house.by("staff").get(&format!("/api/ledger/{index}/proof")).text();
        assert_eq!(TlogProof::parse(text.as_bytes()).unwrap().verify(&leaf, &verifier).unwrap().size, checkpoint.size);
        let shown: serde_json::Value = serde_json::from_slice(&entries[usize::try_from(index).unwrap()]).unwrap();
        assert_eq!(shown, entry["entry"], "what is shown is what is proved");
    }
}

#[test]
fn entries_are_for_auditors_the_ciso_and_administrators() {
    let house = House::demo();
    let (_, checkpoint) = signed(&house);
    let id = EntryBundleId::in_tree(0, checkpoint.size).unwrap();
    let path = format!("/ledger/{}", id.path());
    for role in ["auditor", "ciso", "admin"] {
        assert_eq!(house.by(role).get(&path).status, 200, "{role}");
        assert_eq!(house.by(role).get("/api/uses").status, 200, "{role}");
    }
    for role in ["staff", "applicant", "approver", "manager", "caio"] {
        house.by(role).get(&path).error(403, "NOT_ALLOWED");
        house.by(role).get("/api/uses").error(403, "NOT_ALLOWED");
    }
    house.anyone().get(&path).error(401, "invalid_api_key");
    // A use is seen by whose use it is and by those readers.
    let id = house.by("staff").chat("kakuu-local", "要約してください").used();
    assert_eq!(house.by("staff").get(&format!("/api/uses/{id}")).status, 200);
    house.by("applicant").get(&format!("/api/uses/{id}")).error(403, "NOT_ALLOWED");
    house.by("approver").get(&format!("/api/uses/{id}")).error(403, "NOT_ALLOWED");
    // Names stay in the directory.
    let all: String = house.uses().iter().map(ToString::to_string).collect();
    assert!(!all.contains("花子"), "{all}");
    house.by("staff").get("/api/persons").error(403, "NOT_ALLOWED");
    assert!(house.by("admin").get("/api/persons").text().contains("花子"));
}

#[test]
fn pages_of_uses_join_without_a_gap() {
    let house = House::demo();
    for _ in 0..7 {
        house.by("staff").chat("kakuu-local", "要約してください");
    }
    let auditor = house.by("auditor");
    let (mut got, mut path) = (Vec::new(), "/api/uses?limit=3".to_owned());
    loop {
        let page = auditor.get(&path).ok();
        got.extend(page["uses"].as_array().unwrap().clone());
        assert!(got.len() <= 7, "the pages overlap: {got:?}");
        let Some(before) = page["next_before"].as_u64() else { break };
        path = format!("/api/uses?limit=3&before={before}");
    }
    assert_eq!(got, house.uses());
    assert_eq!(got.len(), 7);
}
