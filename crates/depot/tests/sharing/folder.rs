//! Nodes that share shelves through a folder.

use crate::house::{LAW, Node, files, made, some};
use sekisho_depot::{DepotError, Fetched, Over, Place, Published, Whole};
use sekisho_search::dense::Vectors;
use sekisho_search::shelf::Shelf;
use std::path::Path;

fn nodes(depot: &Path) -> [Node; 2] {
    ["node-1", "node-2"].map(|name| Node::new(name, Place::Folder(depot.to_owned())))
}

#[tokio::test]
async fn what_one_node_imports_the_other_finds_in_a_copy_of_its_own() {
    let depot = tempfile::tempdir().unwrap();
    let [one, two] = nodes(depot.path());
    assert_eq!(two.fetch().await.unwrap(), Fetched::Nothing);
    one.import("A", "架空の第一条。");
    assert_eq!(made(one.publish().await).0, 1);
    // A search that is open meanwhile goes on, and sees the new shelf when it is renewed.
    let open = Shelf::open(&two.search(), LAW).unwrap();
    let before = open.read();
    assert!(matches!(two.fetch().await.unwrap(), Fetched::Taken { files: 2.., .. }));
    assert_eq!(before.passages(), 0);
    open.renew().unwrap();
    assert_eq!(open.read().passages(), 1);
    assert_eq!(two.texts(&["A"]), [some("架空の第一条。")]);
    assert!(matches!(two.fetch().await.unwrap(), Fetched::Newest(_)));
    // Its own: the depot may go away.
    std::fs::remove_dir_all(depot.path()).unwrap();
    assert!(two.fetch().await.is_err());
    assert_eq!(two.texts(&["A"]), [some("架空の第一条。")]);
}

#[tokio::test]
async fn segments_that_did_not_change_are_neither_sent_nor_fetched_again() {
    let depot = tempfile::tempdir().unwrap();
    let [one, two] = nodes(depot.path());
    one.import("A", "架空の第一条。");
    made(one.publish().await);
    two.fetch().await.unwrap();
    assert!(matches!(one.publish().await.unwrap(), Published::Unchanged(_)));
    let before = files(depot.path());
    one.import("B", "架空の第二条。");
    let (number, sent) = made(one.publish().await);
    let after = files(depot.path());
    assert!(before.iter().all(|file| after.contains(file)));
    // One more segment and the file that says which count.
    assert_eq!((number, sent), (2, after.len() - before.len()));
    let segments = two.segments();
    let Fetched::Taken { files, .. } = two.fetch().await.unwrap() else { panic!("nothing was fetched") };
    let new = one.segments().iter().filter(|name| !segments.contains(name)).count();
    assert_eq!(files, new + 1);
    assert_eq!(two.texts(&["A", "B"]), [some("架空の第一条。"), some("架空の第二条。")]);
    // And what no longer counts is not kept.
    one.import("A", "架空の改正。");
    made(one.publish().await);
    two.fetch().await.unwrap();
    assert_eq!(one.segments(), two.segments());
    assert!(segments.iter().any(|name| !two.segments().contains(name)));
}

#[tokio::test]
async fn a_node_that_fetched_goes_on_from_there_and_deletes_too() {
    let depot = tempfile::tempdir().unwrap();
    let [one, two] = nodes(depot.path());
    for law in ["A", "B", "C"] {
        one.import(law, "架空。");
    }
    made(one.publish().await);
    two.fetch().await.unwrap();
    two.import("A", "改正後。");
    assert_eq!(made(two.publish().await).0, 2);
    one.fetch().await.unwrap();
    assert_eq!(one.texts(&["A", "B"]), [some("改正後。"), some("架空。")]);
}

#[tokio::test]
async fn of_two_who_publish_at_once_the_later_is_told_and_keeps_what_it_imported() {
    let depot = tempfile::tempdir().unwrap();
    let [one, two] = nodes(depot.path());
    one.import("A", "架空。");
    made(one.publish().await);
    two.fetch().await.unwrap();
    one.import("B", "一台目。");
    two.import("C", "二台目。");
    let (first, second) = tokio::join!(one.publish(), two.publish());
    let (winner, loser, error) = match (first, second) {
        (Ok(_), Err(error)) => (&one, &two, error),
        (Err(error), Ok(_)) => (&two, &one, error),
        other => panic!("both or neither: {other:?}"),
    };
    assert!(matches!(error, DepotError::Conflict { ours: Some(1), theirs: 2, .. }), "{error:?}");
    let theirs = if std::ptr::eq(loser, &two) { "C" } else { "B" };
    assert_ne!(loser.texts(&[theirs]), [None]);
    // Looking for news does not take it away either, only the word for it does; then it is imported again.
    assert!(matches!(loser.fetch().await.unwrap_err(), DepotError::Conflict { .. }));
    assert_ne!(loser.texts(&[theirs]), [None]);
    loser.depot.fetch(&loser.search(), LAW, Over::Anything).await.unwrap();
    assert_eq!(loser.texts(&[theirs]), [None]);
    loser.import(theirs, "もう一度。");
    assert_eq!(made(loser.publish().await).0, 3);
    winner.fetch().await.unwrap();
    assert!(winner.texts(&["A", "B", "C"]).iter().all(Option::is_some));
}

#[tokio::test]
async fn what_is_imported_and_not_published_stays_and_is_said() {
    let depot = tempfile::tempdir().unwrap();
    let [one, _] = nodes(depot.path());
    one.import("A", "架空。");
    made(one.publish().await);
    one.import("B", "未公開。");
    assert!(matches!(one.fetch().await.unwrap(), Fetched::Ahead(_)));
    assert_eq!(one.texts(&["B"]), [some("未公開。")]);
}

#[tokio::test]
async fn a_damaged_file_is_refused_and_the_old_shelf_stays_until_all_is_sent_again() {
    let depot = tempfile::tempdir().unwrap();
    let [one, two] = nodes(depot.path());
    one.import("A", "架空の第一条。");
    made(one.publish().await);
    two.fetch().await.unwrap();
    let before = files(depot.path());
    one.import("A", "架空の改正。");
    made(one.publish().await);
    let new = files(depot.path()).into_iter().find(|file| !before.contains(file)).unwrap();
    let whole = std::fs::read(&new).unwrap();
    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    for damage in [changed, whole[..whole.len() - 1].to_vec(), [&whole[..], b"x"].concat(), Vec::new()] {
        std::fs::write(&new, damage).unwrap();
        let error = two.fetch().await.unwrap_err();
        assert!(matches!(error, DepotError::Damaged { number: 2, .. }), "{error:?}");
        assert_eq!(two.texts(&["A"]), [some("架空の第一条。")]);
    }
    std::fs::remove_file(&new).unwrap();
    assert!(matches!(two.fetch().await.unwrap_err(), DepotError::Damaged { .. }));
    assert_eq!(made(one.publish_as(Whole::Everything).await).0, 3);
    two.fetch().await.unwrap();
    assert_eq!(two.texts(&["A"]), [some("架空の改正。")]);
}

#[tokio::test]
async fn a_manifest_that_no_node_wrote_is_refused_though_all_its_hashes_are_right() {
    let depot = tempfile::tempdir().unwrap();
    let [one, two] = nodes(depot.path());
    one.import("A", "架空の第一条。");
    made(one.publish().await);
    two.fetch().await.unwrap();
    // Somebody who may write to the depot, but has no key of the installation.
    let stranger_depot = tempfile::tempdir().unwrap();
    let stranger = Node::with_key("node-1", Place::Folder(stranger_depot.path().to_owned()), [8; 32]);
    for text in ["偽の条文。", "偽の条文その二。"] {
        stranger.import("A", text);
        made(stranger.publish().await);
    }
    for file in files(stranger_depot.path()) {
        std::fs::copy(&file, depot.path().join("files").join(file.file_name().unwrap())).unwrap();
    }
    let second = "law/00000000000000000002";
    let forged = std::fs::read(stranger_depot.path().join(second)).unwrap();
    // Nor is an old one under a new number, nor half of one.
    let old = std::fs::read(depot.path().join("law/00000000000000000001")).unwrap();
    for manifest in [forged.clone(), old.clone(), old[..old.len() / 2].to_vec(), b"\xff".to_vec(), Vec::new()] {
        std::fs::write(depot.path().join(second), manifest).unwrap();
        let error = two.fetch().await.unwrap_err();
        assert!(matches!(error, DepotError::Manifest { .. }), "{error:?}");
        assert_eq!(two.texts(&["A"]), [some("架空の第一条。")]);
    }
}

#[tokio::test]
async fn a_depot_that_was_emptied_or_set_back_takes_nothing_away() {
    let depot = tempfile::tempdir().unwrap();
    let [one, two] = nodes(depot.path());
    for text in ["一", "二"] {
        one.import("A", text);
        made(one.publish().await);
    }
    two.fetch().await.unwrap();
    std::fs::remove_file(depot.path().join("law/00000000000000000002")).unwrap();
    assert!(matches!(two.fetch().await.unwrap_err(), DepotError::Rollback { known: 2, found: Some(1) }));
    std::fs::remove_dir_all(depot.path().join("law")).unwrap();
    std::fs::remove_dir_all(depot.path().join("files")).unwrap();
    assert!(matches!(two.fetch().await.unwrap_err(), DepotError::Rollback { known: 2, found: None }));
    assert!(matches!(one.publish().await.unwrap_err(), DepotError::Rollback { .. }));
    assert_eq!(two.texts(&["A"]), [some("二")]);
    // It is filled again on purpose.
    assert_eq!(made(one.publish_as(Whole::Everything).await).0, 3);
    assert!(matches!(two.fetch().await.unwrap(), Fetched::Newest(_)));
}

#[tokio::test]
async fn a_node_with_shelves_of_its_own_that_joins_keeps_them_until_told() {
    let depot = tempfile::tempdir().unwrap();
    let [one, two] = nodes(depot.path());
    one.import("A", "一台目。");
    made(one.publish().await);
    two.import("B", "二台目。");
    assert!(matches!(two.fetch().await.unwrap_err(), DepotError::Conflict { ours: None, theirs: 1, .. }));
    assert!(matches!(two.publish().await.unwrap_err(), DepotError::Conflict { ours: None, .. }));
    assert_eq!(two.texts(&["B"]), [some("二台目。")]);
}

#[tokio::test]
async fn while_somebody_imports_nothing_is_laid_and_nothing_published() {
    let depot = tempfile::tempdir().unwrap();
    let [one, two] = nodes(depot.path());
    one.import("A", "架空。");
    made(one.publish().await);
    let shelf = Shelf::open(&two.search(), LAW).unwrap();
    let writing = shelf.write().unwrap();
    assert_eq!(two.fetch().await.unwrap_err().code(), "busy");
    assert_eq!(two.publish().await.unwrap_err().code(), "busy");
    drop(writing);
    two.fetch().await.unwrap();
    assert_eq!(two.texts(&["A"]), [some("架空。")]);
}

#[tokio::test]
async fn a_crash_between_two_steps_of_laying_is_mended_by_the_next_look() {
    let depot = tempfile::tempdir().unwrap();
    let [one, two] = nodes(depot.path());
    one.import("A", "一");
    made(one.publish().await);
    two.fetch().await.unwrap();
    let record = two.search().join("law.generation");
    let first = std::fs::read(&record).unwrap();
    one.import("A", "二");
    made(one.publish().await);
    two.fetch().await.unwrap();
    // The shelf was laid, the record of it was not written; and meanwhile the depot has gone on.
    std::fs::rename(&record, two.search().join("law.coming")).unwrap();
    std::fs::write(&record, first).unwrap();
    one.import("A", "三");
    made(one.publish().await);
    two.fetch().await.unwrap();
    assert_eq!(two.texts(&["A"]), [some("三")]);
}

#[tokio::test]
async fn the_last_generations_stay_and_no_file_that_one_of_them_has_goes() {
    let depot = tempfile::tempdir().unwrap();
    let [one, two] = nodes(depot.path());
    let manifests = || std::fs::read_dir(depot.path().join("law")).unwrap().count();
    for n in 0..6 {
        one.import("A", &format!("第{n}版。"));
        made(one.publish().await);
    }
    // All are of today.
    assert_eq!(manifests(), 6);
    let all = files(depot.path());
    let old = std::time::UNIX_EPOCH;
    for file in all
        .iter()
        .cloned()
        .chain(std::fs::read_dir(depot.path().join("law")).unwrap().map(|entry| entry.unwrap().path()))
    {
        std::fs::File::options().write(true).open(file).unwrap().set_modified(old).unwrap();
    }
    one.import("A", "最後の版。");
    made(one.publish().await);
    assert_eq!(manifests(), sekisho_depot::KEPT);
    assert!(files(depot.path()).len() < all.len());
    two.fetch().await.unwrap();
    assert_eq!(two.texts(&["A"]), [some("最後の版。")]);
}

#[tokio::test]
async fn vectors_go_with_their_shelf_and_alone() {
    let depot = tempfile::tempdir().unwrap();
    let [one, two] = nodes(depot.path());
    let vectors = |node: &Node| Vectors::open(&node.search(), LAW).unwrap().map(|vectors| vectors.passages());
    one.import("A", "架空の第一条。");
    made(one.publish().await);
    two.fetch().await.unwrap();
    assert_eq!(vectors(&two), None);
    one.embed("model-1");
    // Nothing else has changed, and nothing else is sent.
    assert_eq!(made(one.publish().await), (2, 1));
    // What says which segments count comes each time.
    let Fetched::Taken { manifest, files: 2, .. } = two.fetch().await.unwrap() else { panic!("more was fetched") };
    assert_eq!(manifest.vectors().unwrap().model, "model-1");
    assert_eq!(vectors(&two), Some(1));
    // With another text they stay as they are.
    one.import("B", "架空の第二条。");
    made(one.publish().await);
    two.fetch().await.unwrap();
    assert_eq!((vectors(&two), two.texts(&["B"])), (Some(1), vec![some("架空の第二条。")]));
    // Vectors that one node made are work of that node as much as an import is.
    two.embed("model-1");
    assert!(matches!(two.fetch().await.unwrap(), Fetched::Ahead(_)));
    std::fs::remove_file(one.search().join("law.vectors")).unwrap();
    made(one.publish().await);
    assert!(matches!(two.fetch().await.unwrap_err(), DepotError::Conflict { .. }));
    two.depot.fetch(&two.search(), LAW, Over::Anything).await.unwrap();
    assert_eq!(vectors(&two), None);
}
