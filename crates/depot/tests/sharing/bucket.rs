//! Nodes that share shelves through a bucket.

use crate::house::{Node, made, some};
use crate::stand_in;
use sekisho_depot::{Bucket, DepotError, Fetched, Place, Plain};
use std::path::Path;

fn place(endpoint: &str, folder: &Path) -> Place {
    let credentials = folder.join("bucket.keys");
    if !credentials.exists() {
        std::fs::write(&credentials, "aws_access_key_id = test\naws_secret_access_key = test\n").unwrap();
    }
    Place::Bucket(Bucket {
        name: "shelves".into(),
        prefix: "sekisho/one".into(),
        endpoint: Some(endpoint.to_owned()),
        region: "us-east-1".into(),
        credentials,
        plain: Plain::Allowed,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_serves_as_a_folder_does() {
    let folder = tempfile::tempdir().unwrap();
    let (address, bucket) = stand_in::start().await;
    let [one, two] = ["node-1", "node-2"].map(|name| Node::new(name, place(&address, folder.path())));
    assert_eq!(two.fetch().await.unwrap(), Fetched::Nothing);
    one.import("A", "架空の第一条。");
    let (_, sent) = made(one.publish().await);
    two.fetch().await.unwrap();
    assert_eq!(two.texts(&["A"]), [some("架空の第一条。")]);
    one.import("B", "架空の第二条。");
    made(one.publish().await);
    two.fetch().await.unwrap();
    assert_eq!(two.texts(&["A", "B"]), [some("架空の第一条。"), some("架空の第二条。")]);
    let inside = bucket.lock().unwrap();
    assert!(inside.objects.keys().all(|key| key.starts_with("sekisho/one/")));
    assert_eq!(inside.unsigned, 0);
    // Nothing was written twice: not a segment, not a manifest.
    let mut puts = inside.puts.clone();
    assert!(puts.len() > sent + 2, "{puts:?}");
    puts.sort();
    let written = puts.len();
    puts.dedup();
    assert_eq!(puts.len(), written);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_publish_to_a_bucket_at_once_one_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (address, _) = stand_in::start().await;
    let [one, two] = ["node-1", "node-2"].map(|name| Node::new(name, place(&address, folder.path())));
    one.import("A", "架空。");
    two.import("B", "架空。");
    let (first, second) = tokio::join!(one.publish(), two.publish());
    let errors: Vec<_> = [first, second].into_iter().filter_map(Result::err).collect();
    assert!(matches!(errors[..], [DepotError::Conflict { theirs: 1, .. }]), "{errors:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_cut_or_changed_in_the_bucket_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (address, bucket) = stand_in::start().await;
    let [one, two] = ["node-1", "node-2"].map(|name| Node::new(name, place(&address, folder.path())));
    one.import("A", "架空。");
    made(one.publish().await);
    for damage in [cut as fn(&[u8]) -> Vec<u8>, changed] {
        {
            let mut inside = bucket.lock().unwrap();
            let (_, bytes) = inside.objects.iter_mut().find(|(key, _)| key.contains("/files/")).unwrap();
            *bytes = damage(bytes).into();
        }
        assert!(matches!(two.fetch().await.unwrap_err(), DepotError::Damaged { .. }));
        assert_eq!(two.texts(&["A"]), [None]);
    }
}

fn cut(bytes: &[u8]) -> Vec<u8> {
    bytes[..bytes.len() - 1].to_vec()
}

/// Of the size that it had before it was cut.
fn changed(bytes: &[u8]) -> Vec<u8> {
    [bytes, b"x"].concat()
}
