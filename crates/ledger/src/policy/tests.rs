//! The sentences of `tlog-policy`.

use proptest::prelude::*;

use super::*;
use crate::hash::EMPTY_ROOT;
use crate::note::{Cosigner, Signer};

fn signer() -> Signer {
    Signer::from_seed("log.example", [1; 32]).unwrap()
}

fn witness(n: u8) -> Cosigner {
    Cosigner::from_seed(&format!("w{n}.example"), [n; 32]).unwrap()
}

/// A checkpoint with cosignatures of these.
fn note(by: &[u8]) -> Note {
    let mut note = signer().sign(&format!("log.example\n0\n{}\n", EMPTY_ROOT.to_base64())).unwrap();
    let bare = Note::parse(note.as_bytes()).unwrap();
    for n in by {
        note.push_str(&witness(*n).cosign(&bare, 1_000 + u64::from(*n)).unwrap());
    }
    Note::parse(note.as_bytes()).unwrap()
}

/// Policies are written with `K11` and the like for keys, `L` for the log's.
fn parse(text: &str) -> Result<Policy, PolicyError> {
    let mut text = text.to_owned();
    for n in 11..=16 {
        text = text.replace(&format!("K{n}"), &witness(n).vkey());
    }
    Policy::parse(text.replace(" L", &format!(" {}", signer().vkey())).as_bytes())
}

const EXAMPLE: &str = "log L\n\n\
    witness X1 K11\nwitness X2 K12\nwitness X3 K13\ngroup X-witnesses 2 X1 X2 X3\n\n\
    witness Y1 K14\nwitness Y2 K15\nwitness Y3 K16\ngroup Y-witnesses any Y1 Y2 Y3\n\n\
    group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n";

#[test]
fn the_example_of_the_specification_asks_for_two_of_x_and_one_of_y() {
    let policy = parse(EXAMPLE).unwrap();
    assert_eq!((policy.logs(), policy.witnesses().count()), (&[signer().verifier()][..], 6));
    for (by, met) in [
        (&[][..], false),
        (&[11], false),
        (&[11, 12], false),
        (&[11, 12, 13], false),
        (&[14, 15, 16], false),
        (&[11, 14], false),
        (&[11, 13, 16], true),
        (&[11, 12, 13, 14, 15, 16], true),
    ] {
        assert_eq!(policy.judge(&note(by)).unwrap().met, met, "{by:?}");
    }
    let witnessed = policy.judge(&note(&[16, 11, 99])).unwrap();
    assert_eq!(witnessed.cosigned, [("X1".to_owned(), 1_011), ("Y3".to_owned(), 1_016)]);
    assert_eq!(witnessed.missing, ["X2", "X3", "Y1", "Y2"]);
}

#[test]
fn a_quorum_may_be_one_witness_or_nobody() {
    let one = parse("witness a K11\nwitness b K12\nquorum b\n").unwrap();
    assert!(!one.judge(&note(&[11])).unwrap().met);
    assert!(one.judge(&note(&[12])).unwrap().met);
    let nobody = parse("quorum none\n").unwrap();
    assert!(nobody.judge(&note(&[])).unwrap().met);
    // A member of a group may still be all that is asked for.
    let member = parse("witness a K11\nwitness b K12\ngroup g all a b\nquorum a").unwrap();
    assert!(member.judge(&note(&[11])).unwrap().met);
}

#[test]
fn white_space_comments_and_names_in_any_bytes_are_read() {
    let policy = parse(
        "# 監査の方針\n \t# more\n\n  log\t L  https://log.example/ \n\twitness 県庁 K11 https://w.example\nquorum 県庁",
    );
    assert!(policy.unwrap().judge(&note(&[11])).unwrap().met);
    let mut bytes = format!("witness x {}\nquorum ", witness(11).vkey()).into_bytes();
    let at = bytes.iter().position(|b| *b == b'x').unwrap();
    bytes[at] = 0xff;
    bytes.push(0xff);
    assert!(Policy::parse(&bytes).unwrap().judge(&note(&[11])).unwrap().met);
}

#[test]
fn what_the_specification_forbids_is_told_with_its_line() {
    let witness_as_log = format!("log {}\nquorum none", witness(11).vkey());
    let log_as_witness = format!("witness a {}\nquorum a", signer().vkey());
    for (text, line) in [
        ("", 0),
        ("log L", 0),
        ("quorum none\nquorum none", 2),
        ("quorum a", 1),
        ("quorum a\nwitness a K11", 1),
        ("quorum", 1),
        ("quorum none none", 1),
        ("log\nquorum none", 1),
        ("log L x y\nquorum none", 1),
        ("log L\nlog L\nquorum none", 2),
        ("log nonsense\nquorum none", 1),
        ("witness a K11\nwitness a K12\nquorum a", 2),
        ("witness a K11\nwitness b K11\nquorum a", 2),
        ("witness none K11\nquorum none", 1),
        ("witness a K11\ngroup a any a\nquorum a", 2),
        ("witness a K11\ngroup g any\nquorum a", 2),
        ("witness a K11\ngroup g 0 a\nquorum g", 2),
        ("witness a K11\ngroup g 2 a\nquorum g", 2),
        ("witness a K11\ngroup g 01 a\nquorum g", 2),
        ("witness a K11\ngroup g some a\nquorum g", 2),
        ("witness a K11\ngroup g any a a\nquorum g", 2),
        ("witness a K11\ngroup g any none\nquorum g", 2),
        ("witness a K11\ngroup g any b\nwitness b K12\nquorum g", 2),
        ("witness a K11\ngroup g any a\ngroup h any a\nquorum h", 3),
        ("group g any g\nquorum g", 1),
        ("wittness a K11\nquorum a", 1),
        ("quorum none\r\n", 1),
        ("quorum none\u{7f}", 1),
        (&witness_as_log, 1),
        (&log_as_witness, 1),
    ] {
        let error = parse(text).expect_err(text);
        assert_eq!(error.line, line, "{text}: {error}");
    }
    assert_eq!(parse("witness a K11\ngroup g any b\nquorum g").unwrap_err().problem, Problem::Unknown("b".to_owned()));
    assert!(Policy::parse(&vec![b'\n'; MAX_POLICY_BYTES + 1]).is_err());
}

#[test]
fn the_limits_the_specification_recommends_are_reached() {
    let mut text = String::new();
    for n in 0..100u8 {
        text.push_str(&format!("witness w{n} {}\n", witness(n).vkey()));
        let before = if n == 0 { String::new() } else { format!(" g{}", n - 1) };
        text.push_str(&format!("group g{n} all w{n}{before}\n"));
    }
    text.push_str("quorum g99\n");
    let policy = Policy::parse(text.as_bytes()).unwrap();
    let all: Vec<u8> = (0..99).collect();
    assert!(!policy.judge(&note(&all)).unwrap().met);
}

#[test]
fn so_many_of_some_keys_is_a_policy_too() {
    let keys = || vec![witness(11).verifier(), witness(12).verifier(), witness(13).verifier()];
    let two = Policy::of(keys(), 2).unwrap();
    assert!(!two.judge(&note(&[11])).unwrap().met);
    assert!(two.judge(&note(&[11, 13])).unwrap().met);
    assert!(Policy::of(keys(), 0).is_err());
    assert!(Policy::of(keys(), 4).is_err());
    assert!(Policy::of(vec![signer().verifier()], 1).is_err());
    assert_eq!(Policy::of(vec![witness(11).verifier(), witness(11).verifier()], 1).unwrap_err().line, 2);
    assert!(Policy::of(Vec::new(), 0).unwrap().judge(&note(&[])).unwrap().met);
}

#[test]
fn a_false_cosignature_is_not_merely_missing() {
    let policy = parse("witness a K11\nwitness b K12\ngroup g any a b\nquorum g").unwrap();
    // The line of another checkpoint.
    let other = signer().sign("log.example\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n").unwrap();
    let line = witness(12).cosign(&Note::parse(other.as_bytes()).unwrap(), 5).unwrap();
    let good = signer().sign(&format!("log.example\n0\n{}\n", EMPTY_ROOT.to_base64())).unwrap();
    let own = witness(11).cosign(&Note::parse(good.as_bytes()).unwrap(), 5).unwrap();
    let note = Note::parse(format!("{good}{own}{line}").as_bytes()).unwrap();
    assert_eq!(policy.judge(&note), Err(NoteError::WrongSignature("w12.example".to_owned())));
}

proptest! {
    #[test]
    fn garbage_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "((log|witness|group|quorum)( [a-c0-2]){0,4}\n){0,6}") {
        let _ = Policy::parse(&bytes);
        let _ = Policy::parse(text.as_bytes());
    }
}
