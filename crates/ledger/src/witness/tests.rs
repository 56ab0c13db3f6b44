//! The sentences of `tlog-witness`, one after the other.

use proptest::prelude::*;

use super::*;
use crate::checkpoint::Origin;
use crate::hash::leaf_hash;
use crate::note::{Cosigner, Note, NoteError, Signer};
use crate::tile::MemoryTiles;
use crate::tree::Tree;

const ORIGIN: &str = "kansa.example.lg.jp/log1";

fn signer() -> Signer {
    Signer::from_seed(ORIGIN, [1; 32]).unwrap()
}

fn witness() -> Cosigner {
    Cosigner::from_seed("witness.example/w1", [9; 32]).unwrap()
}

/// A log whose entries begin with `story`.
struct Log {
    tree: Tree,
    full: MemoryTiles,
}

impl Log {
    fn new(story: &str, size: u64) -> Self {
        Self::parted(story, story, size, size)
    }

    /// The first `until` entries of one story, the rest of another.
    fn parted(story: &str, other: &str, until: u64, size: u64) -> Self {
        let (mut tree, mut full) = (Tree::new(), MemoryTiles::new());
        for n in 0..size {
            let told = if n < until { story } else { other };
            let leaf = leaf_hash(format!("{told} {n}").as_bytes());
            tree.append_with(leaf, &mut |id, bytes| full.insert(id, bytes).unwrap());
        }
        Self { tree, full }
    }

    fn seen(&self) -> Seen {
        Seen { size: self.tree.size(), root: self.tree.root() }
    }

    fn note(&self) -> String {
        note(self.seen(), &signer())
    }

    fn ask(&self, old: u64) -> AddCheckpoint {
        AddCheckpoint::of_tree(&self.tree.reader(&self.full), old, &self.note()).unwrap()
    }
}

fn note(seen: Seen, signer: &Signer) -> String {
    Checkpoint { origin: Origin::new(signer.name()).unwrap(), size: seen.size, root: seen.root }.sign(signer)
}

fn judge(request: &AddCheckpoint, seen: &Seen) -> Result<Seen, Refusal> {
    // As it comes over the wire.
    let read = AddCheckpoint::parse(request.to_body().as_bytes()).unwrap();
    read.judge(&[Signer::from_seed("other.example/log", [2; 32]).unwrap().verifier(), signer().verifier()], seen)
}

fn status(result: Result<Seen, Refusal>) -> u16 {
    result.map_or_else(|refusal| refusal.status(), |_| 200)
}

#[test]
fn the_example_of_the_specification_is_read_and_written_again() {
    let body = "old 20852014\n\
        PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n\
        jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n\
        5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n\
        /6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n\
        \n\
        example.com/behind-the-sofa\n\
        20852163\n\
        CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\
        \n\
        — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
        — example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=\n";
    let request = AddCheckpoint::parse(body.as_bytes()).unwrap();
    assert_eq!((request.old_size(), request.proof().len(), request.checkpoint().size), (20_852_014, 4, 20_852_163));
    assert_eq!(request.note().signatures().len(), 2);
    assert_eq!(request.to_body(), body);
}

#[test]
fn a_malformed_request_is_no_request() {
    let good = Log::new("a", 5).ask(3).to_body();
    assert!(AddCheckpoint::parse(good.as_bytes()).is_ok());
    let (head, rest) = good.split_once('\n').unwrap();
    assert_eq!(head, "old 3");
    let hash = Log::new("a", 5).tree.root().to_base64();
    let many = |n: usize| format!("old 3\n{}\n{}", format!("{hash}\n").repeat(n), Log::new("a", 5).note());
    for wrong in [
        String::new(),
        "old 3".to_owned(),
        "old 3\n".to_owned(),
        "old 3\n\n".to_owned(),
        rest.to_owned(),
        format!("3\n{rest}"),
        format!("Old 3\n{rest}"),
        format!("old  3\n{rest}"),
        format!("old 3 \n{rest}"),
        format!("old 03\n{rest}"),
        format!("old +3\n{rest}"),
        format!("old -1\n{rest}"),
        format!("old 18446744073709551616\n{rest}"),
        format!("old 3\nx\n{rest}"),
        format!("old 3\n{}\n{rest}", &hash[..43]),
        good.replacen("\n\n", "\n", 1),
        good.replace('\n', "\r\n"),
        good.replace("\n5\n", "\n05\n"),
        good.replace(ORIGIN, ""),
        good.trim_end().to_owned(),
        format!("{good}x"),
        many(64),
        format!("old 3\n{}", "x".repeat(MAX_REQUEST_BYTES)),
    ] {
        assert!(AddCheckpoint::parse(wrong.as_bytes()).is_err(), "{}", wrong.chars().take(300).collect::<String>());
    }
    assert!(AddCheckpoint::parse(&[good.as_bytes(), &[0xff]].concat()).is_err());
    assert!(AddCheckpoint::parse(many(63).as_bytes()).is_ok());
    let extended = Signer::from_seed(ORIGIN, [1; 32]).unwrap().sign(&format!("{ORIGIN}\n5\n{hash}\nmore\n")).unwrap();
    assert!(AddCheckpoint::parse(format!("old 0\n\n{extended}").as_bytes()).is_err(), "extensions are not vouched for");
}

/// "If the checkpoint origin is unknown, the witness MUST respond with 404."
#[test]
fn a_log_nobody_named_is_unknown() {
    let request = Log::new("a", 5).ask(0);
    let refused = request.judge(&[Signer::from_seed("b", [1; 32]).unwrap().verifier()], &Seen::NOTHING);
    assert!(matches!(refused, Err(Refusal::UnknownOrigin(ref name)) if name == ORIGIN));
    assert_eq!((status(refused), status(request.judge(&[], &Seen::NOTHING))), (404, 404));
}

/// "If none of the signatures verify against a trusted public key, the witness MUST respond with 403", and "it MUST
/// ignore signatures from unknown keys".
#[test]
fn one_signature_of_a_known_key_is_needed_and_enough() {
    let log = Log::new("a", 5);
    let stranger = Signer::from_seed(ORIGIN, [7; 32]).unwrap();
    let forged = AddCheckpoint::new(0, Vec::new(), &note(log.seen(), &stranger)).unwrap();
    assert_eq!(status(judge(&forged, &Seen::NOTHING)), 403);
    // The text of one, the signature of another.
    let (_, signature) = Log::new("b", 5).note().split_once("\n\n").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let swapped = format!("{}\n\n{signature}", log.note().split_once("\n\n").unwrap().0);
    assert_eq!(status(judge(&AddCheckpoint::new(0, Vec::new(), &swapped).unwrap(), &Seen::NOTHING)), 403);
    // Others' signatures beside it, also by one who bears the log's name.
    let others = stranger.sign(&format!("{ORIGIN}\n")).unwrap().split_once("\n\n").unwrap().1.to_owned();
    let both = AddCheckpoint::new(0, Vec::new(), &format!("{}{others}", log.note())).unwrap();
    assert_eq!(judge(&both, &Seen::NOTHING).unwrap(), log.seen());
    // A cosignature is not the log's signature, even under the log's name.
    let posing = Cosigner::from_seed(ORIGIN, [1; 32]).unwrap();
    let text = log.note();
    let line = posing.cosign(&Note::parse(text.as_bytes()).unwrap(), 5).unwrap();
    let posed =
        AddCheckpoint::new(0, Vec::new(), &format!("{}\n\n{line}", text.split_once("\n\n").unwrap().0)).unwrap();
    assert_eq!(status(posed.judge(&[posing.verifier()], &Seen::NOTHING)), 404);
}

#[test]
fn what_a_witness_keeps_can_always_be_read_again() {
    let log = Log::new("a", 5);
    let line = log.note().split_once("\n\n").unwrap().1.to_owned();
    let others = Signer::from_seed("b", [7; 32]).unwrap().sign("x\n").unwrap().split_once("\n\n").unwrap().1.to_owned();
    let text = format!("{}\n\n{}", log.note().split_once("\n\n").unwrap().0, others.repeat(50) + &line.repeat(50));
    let request = AddCheckpoint::new(0, Vec::new(), &text).unwrap();
    assert_eq!(judge(&request, &Seen::NOTHING).unwrap(), log.seen());
    assert_eq!(request.signed_by(&[signer().verifier()]), log.note());
}

/// "The old size MUST be equal to or lower than the checkpoint size. Otherwise 400."
#[test]
fn an_old_size_behind_the_end_is_a_bad_request() {
    let request = AddCheckpoint::new(6, Vec::new(), &Log::new("a", 5).note()).unwrap();
    for seen in [Seen::NOTHING, Log::new("a", 6).seen()] {
        assert!(matches!(judge(&request, &seen), Err(Refusal::OldAboveSize { old: 6, size: 5 })));
        assert_eq!(status(judge(&request, &seen)), 400);
    }
}

/// "The witness MUST check that the old size matches the size of the latest checkpoint it cosigned, or zero if it never
/// cosigned. If it doesn't match, 409" with the size.
#[test]
fn a_proof_must_begin_where_the_witness_stands() {
    let log = Log::new("a", 9);
    assert_eq!(judge(&log.ask(0), &Seen::NOTHING).unwrap(), log.seen());
    for (old, seen) in [(0, 5), (4, 5), (6, 5), (9, 5), (3, 0), (5, 12), (9, 12), (0, 12)] {
        let remembered = Log::new("a", seen).seen();
        let refusal = judge(&log.ask(old), &remembered).unwrap_err();
        assert_eq!((refusal.status(), refusal.remembered()), (409, Some(seen)), "{old} {seen}");
    }
    assert_eq!(judge(&log.ask(5), &Log::new("a", 5).seen()).unwrap(), log.seen());
}

/// "If the old size matches the checkpoint size, the witness MUST check that the root hashes are also identical. If they
/// don't match, 409."
#[test]
fn one_size_has_one_root() {
    let (one, other) = (Log::new("a", 9), Log::parted("a", "b", 8, 9));
    assert_eq!(judge(&one.ask(9), &one.seen()).unwrap(), one.seen());
    let refusal = judge(&other.ask(9), &one.seen()).unwrap_err();
    assert!(matches!(refusal, Refusal::OtherRoot { remembered: 9 }));
    assert_eq!((refusal.status(), refusal.remembered()), (409, Some(9)));
    // A needless proof proves nothing wrong, and is not what the specification asks for.
    let needless = AddCheckpoint::new(9, vec![one.tree.root()], &one.note()).unwrap();
    assert_eq!(status(judge(&needless, &one.seen())), 422);
}

/// "If the Merkle Consistency Proof doesn't verify, 422", and "the proof MUST be empty if the old size is zero".
#[test]
fn a_history_that_does_not_continue_is_refused() {
    let before = Log::new("a", 9);
    // The first eight agree; the ninth does not.
    let fork = Log::parted("a", "b", 8, 20);
    assert_eq!(status(judge(&fork.ask(9), &before.seen())), 422);
    assert_eq!(status(judge(&fork.ask(8), &Log::new("a", 8).seen())), 200);
    let log = Log::new("a", 20);
    let proof = log.ask(9).proof().to_vec();
    for broken in
        [Vec::new(), proof[1..].to_vec(), proof.iter().rev().copied().collect(), [&proof[..], &proof[..1]].concat()]
    {
        assert_eq!(status(judge(&AddCheckpoint::new(9, broken, &log.note()).unwrap(), &before.seen())), 422);
    }
    let first = AddCheckpoint::new(0, proof, &log.note()).unwrap();
    assert_eq!(status(judge(&first, &Seen::NOTHING)), 422);
}

#[test]
fn an_empty_log_may_be_cosigned_and_grow() {
    let empty = Log::new("a", 0);
    assert_eq!(judge(&empty.ask(0), &Seen::NOTHING).unwrap(), Seen::NOTHING);
    assert_eq!(judge(&Log::new("a", 3).ask(0), &Seen::NOTHING).unwrap().size, 3);
}

fn answered(log: &Log, old: u64, status: u16, body: &[u8]) -> Verdict {
    weigh(&log.ask(old), &witness().verifier(), Answer { status, body })
}

#[test]
fn a_log_takes_the_witness_own_line_and_no_other() {
    let log = Log::new("a", 9);
    let note = Note::parse(log.note().as_bytes()).unwrap();
    let line = witness().cosign(&note, 1_700_000_000).unwrap();
    let strange = Cosigner::from_seed("witness.example/w2", [8; 32]).unwrap().cosign(&note, 1).unwrap();
    let taken = Verdict::Cosigned(Cosignature { line: line.clone(), at: 1_700_000_000 });
    assert_eq!(answered(&log, 0, 200, line.as_bytes()), taken);
    assert_eq!(answered(&log, 0, 200, format!("{strange}{line}").as_bytes()), taken);
    let whole = Note::parse(format!("{}{line}", log.note()).as_bytes()).unwrap();
    assert_eq!(whole.cosigned_at(&witness().verifier()), Ok(1_700_000_000));
    // A cosignature of another checkpoint, of another key, none, nonsense.
    let other = witness().cosign(&Note::parse(Log::new("b", 9).note().as_bytes()).unwrap(), 1).unwrap();
    for wrong in [other.as_str(), strange.as_str(), "", "\n", "ok\n", line.trim_end(), &format!("x{line}")] {
        assert!(matches!(answered(&log, 0, 200, wrong.as_bytes()), Verdict::FalseCosignature(_)), "{wrong}");
    }
    assert_eq!(
        answered(&log, 0, 200, &vec![b'x'; MAX_ANSWER_BYTES + 1]),
        Verdict::FalseCosignature(NoteError::TooLong)
    );
}

#[test]
fn a_log_learns_where_the_witness_stands_and_when_it_is_accused() {
    let log = Log::new("a", 9);
    assert_eq!(answered(&log, 0, 409, b"5\n"), Verdict::AskFrom(5));
    assert_eq!(answered(&log, 5, 409, b"0\n"), Verdict::AskFrom(0));
    assert_eq!(answered(&log, 5, 409, b"9\n"), Verdict::AskFrom(9));
    assert_eq!(answered(&log, 9, 409, b"9\n"), Verdict::Fork { theirs: 9 });
    assert_eq!(answered(&log, 9, 409, b""), Verdict::Fork { theirs: 9 });
    assert_eq!(answered(&log, 5, 409, b"12\n"), Verdict::Ahead { theirs: 12 });
    assert_eq!(answered(&log, 5, 422, b""), Verdict::Fork { theirs: 5 });
    assert_eq!(answered(&log, 5, 404, b""), Verdict::UnknownLog);
    assert_eq!(answered(&log, 5, 403, b""), Verdict::UnknownKey);
    // Nobody is accused by what makes no sense.
    for (old, status, body) in [
        (5, 409, &b"5\n"[..]),
        (5, 409, b"12"),
        (5, 409, b"x\n"),
        (5, 409, b"012\n"),
        (0, 422, b""),
        (5, 400, b""),
        (5, 503, b""),
    ] {
        assert_eq!(answered(&log, old, status, body), Verdict::Unexpected(status), "{old} {status}");
    }
}

proptest! {
    #[test]
    fn garbage_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300), text in "(old [0-9]{0,3}\n)?[a-z+=—\\n /]{0,80}") {
        let _ = AddCheckpoint::parse(&bytes);
        let _ = AddCheckpoint::parse(text.as_bytes());
        let _ = answered(&Log::new("a", 3), 2, 200, &bytes);
        let _ = answered(&Log::new("a", 3), 2, 409, &bytes);
    }

    /// Whatever two histories are shown in whatever order, a witness cosigns those of one alone.
    #[test]
    fn no_two_histories_are_cosigned(shown in prop::collection::vec((any::<bool>(), 1u64..40, any::<bool>()), 1..25)) {
        let parted = 7;
        let mut seen = Seen::NOTHING;
        let mut cosigned: Vec<(bool, u64)> = Vec::new();
        for (other, size, honest) in shown {
            let log = Log::parted("a", if other { "b" } else { "a" }, parted, size);
            let old = if honest { seen.size.min(size) } else { size / 2 };
            if let Ok(next) = judge(&log.ask(old), &seen) {
                prop_assert!(next.size >= seen.size);
                seen = next;
                cosigned.push((other, size));
            }
        }
        let beyond: Vec<bool> = cosigned.iter().filter(|(_, size)| *size > parted).map(|(other, _)| *other).collect();
        prop_assert!(beyond.windows(2).all(|pair| pair[0] == pair[1]), "{cosigned:?}");
    }
}
