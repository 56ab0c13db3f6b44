//! ZIP archives and what lies in them.

use sekisho_detect::document::{Kind, Limits, PartKind, Reason, read};

use crate::make::{PNG, docx, paragraph, zip};
use crate::{open, refusal, texts, too_large, unseen};

#[test]
fn members_are_read_with_their_paths() {
    let inner = docx(&paragraph("架空市の名簿"));
    let bytes = zip(&[("資料/", b""), ("資料/名簿.docx", &inner), ("メモ.txt", "覚え書き".as_bytes())]);
    let document = open("外.zip", &bytes);
    assert_eq!(document.kind, Kind::Zip);
    assert_eq!(texts(&document, PartKind::Name), [("", "資料/\n資料/名簿.docx\nメモ.txt")]);
    assert_eq!(
        texts(&document, PartKind::Body),
        [("外.zip › 資料/名簿.docx › 本文", "架空市の名簿\n"), ("外.zip › メモ.txt", "覚え書き")]
    );
    assert_eq!(unseen(&document), []);
}

#[test]
fn names_in_cp932_are_read() {
    // A name that Windows writes: CP932 without the flag for UTF-8. The writer here sets the flag, so the name is put in
    // afterwards, in both places.
    let mut bytes = zip(&[("NAME__.txt", b"x")]);
    let (name, _, _) = encoding_rs::SHIFT_JIS.encode("架空省");
    for at in (0..bytes.len() - 10).filter(|&at| &bytes[at..at + 10] == b"NAME__.txt").collect::<Vec<_>>() {
        bytes[at..at + 6].copy_from_slice(&name);
    }
    assert_eq!(texts(&open("外.zip", &bytes), PartKind::Name), [("", "架空省.txt")]);
}

#[test]
fn pictures_are_unseen_inside_and_refused_alone() {
    let document = open("外.zip", &zip(&[("図.png", PNG), ("a.txt", b"a")]));
    assert_eq!(unseen(&document), [("外.zip › 図.png", "MEDIA")]);
    assert_eq!(refusal("図.png", PNG).reason, Reason::Media { format: "PNG".into() });
}

#[test]
fn a_member_that_cannot_be_read_refuses_the_whole_and_is_named() {
    let seven = b"7z\xbc\xaf\x27\x1c\0\0";
    let error = refusal("外.zip", &zip(&[("中.zip", &zip(&[("奥.7z", seven)]))]));
    assert_eq!(error.path, "外.zip › 中.zip › 奥.7z");
    assert_eq!(error.reason.code(), "UNSUPPORTED");
    let half = &"架空市".as_bytes()[..8];
    let error = refusal("外.zip", &zip(&[("切れた.txt", half)]));
    assert_eq!((error.path.as_str(), error.reason), ("外.zip › 切れた.txt", Reason::Encoding { at: 6 }));
}

#[test]
fn an_encrypted_member_is_named() {
    // The flag for encryption, in the local header and in the directory.
    let mut bytes = zip(&[("秘.txt", b"secret")]);
    let directory = bytes.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    bytes[6] |= 1;
    bytes[directory + 8] |= 1;
    let error = refusal("外.zip", &bytes);
    assert_eq!((error.path.as_str(), error.reason), ("外.zip › 秘.txt", Reason::Encrypted));
}

#[test]
fn a_changed_byte_and_a_cut_are_broken() {
    let bytes = zip(&[("a.txt", "架空市の会議の記録".repeat(9).as_bytes())]);
    assert_eq!(refusal("外.zip", &bytes[..bytes.len() - 5]).reason.code(), "BROKEN");
    let mut changed = bytes.clone();
    changed[45] ^= 0x55;
    assert_eq!(refusal("外.zip", &changed).reason.code(), "BROKEN");
}

#[test]
fn two_members_of_one_name_are_refused() {
    let mut bytes = zip(&[("a.txt", b"one"), ("b.txt", b"two")]);
    for at in (0..bytes.len() - 5).filter(|&at| &bytes[at..at + 5] == b"b.txt").collect::<Vec<_>>() {
        bytes[at] = b'a';
    }
    assert_eq!(refusal("外.zip", &bytes).reason.code(), "BROKEN");
}

#[test]
fn archives_in_archives_are_bounded() {
    let limits = Limits::default();
    let mut bytes = zip(&[("底.txt", b"x")]);
    for _ in 0..limits.depth - 1 {
        bytes = zip(&[("中.zip", &bytes)]);
    }
    assert!(read("外.zip", &bytes, &limits).is_ok());
    bytes = zip(&[("中.zip", &bytes)]);
    assert_eq!(refusal("外.zip", &bytes).reason, too_large("depth", limits.depth));
}

#[test]
fn a_bomb_is_stopped_while_it_is_unpacked() {
    let zeros = vec![b'0'; 8 << 20];
    let limits = Limits { unpacked_bytes: 1 << 20, ..Limits::default() };
    let error = read("外.zip", &zip(&[("零.txt", &zeros)]), &limits).unwrap_err();
    assert_eq!(error.path, "外.zip › 零.txt");
    assert_eq!(error.reason, too_large("unpacked_bytes", 1 << 20));
    // Many small ones count together.
    let small: Vec<String> = (0..20).map(|n| format!("{n}.txt")).collect();
    let members: Vec<(&str, &[u8])> = small.iter().map(|name| (name.as_str(), &zeros[..100_000])).collect();
    assert_eq!(read("外.zip", &zip(&members), &limits).unwrap_err().reason, too_large("unpacked_bytes", 1 << 20));
}

#[test]
fn sizes_that_a_directory_declares_are_not_believed() {
    // Ten gigabytes are declared for a member of three bytes: it is read, or refused as broken, and nothing is allocated.
    let mut bytes = zip(&[("a.txt", b"abc")]);
    let directory = bytes.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    bytes[directory + 24..directory + 28].copy_from_slice(&0xfff0_0000_u32.to_le_bytes());
    match read("外.zip", &bytes, &Limits::default()) {
        Ok(document) => assert_eq!(texts(&document, PartKind::Body), [("外.zip › a.txt", "abc")]),
        Err(error) => assert_eq!(error.reason.code(), "BROKEN"),
    }
}

#[test]
fn the_number_of_members_is_bounded() {
    let names: Vec<String> = (0..50).map(|n| format!("{n}.txt")).collect();
    let members: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), b"x".as_slice())).collect();
    let limits = Limits { members: 40, ..Limits::default() };
    assert_eq!(read("外.zip", &zip(&members), &limits).unwrap_err().reason, too_large("members", 40));
}

#[test]
fn a_file_over_the_bound_is_not_looked_at() {
    let limits = Limits { file_bytes: 10, ..Limits::default() };
    assert_eq!(read("a.txt", b"12345678901", &limits).unwrap_err().reason, too_large("file_bytes", 10));
}
