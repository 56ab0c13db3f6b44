//! Signed notes (C2SP `signed-note`) and witness cosignatures (C2SP `tlog-cosignature`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroize as _;

use crate::checkpoint::{Checkpoint, Origin};

/// The longest note that is read, in bytes.
pub const MAX_NOTE_BYTES: usize = 1_000_000;

/// The most signatures a note may carry.
pub const MAX_SIGNATURES: usize = 100;

const ED25519: u8 = 0x01;
const COSIGNATURE_V1: u8 = 0x04;
const KEY_ID_BYTES: usize = 4;
const SIGNATURE_BYTES: usize = 64;
const LINE_START: &str = "— ";

/// A key, a note or a signature that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// A key name is empty or holds a space, a plus sign or a control character.
    #[error("`{0}` cannot be a key name: it is empty or holds a space, a plus or a control character")]
    KeyName(String),
    /// A verifier key is not of the form `name+hash+key`, or its hash does not fit.
    #[error("`{0}` is not a verifier key")]
    VerifierKey(String),
    /// The key is of a kind this crate does not verify, or of the wrong kind for the purpose.
    #[error("keys of type 0x{0:02x} are not usable here")]
    KeyType(u8),
    /// The text to be signed does not end in a newline or holds control characters.
    #[error("a note's text ends in a newline and holds no other control characters")]
    Text,
    /// The note is longer than [`MAX_NOTE_BYTES`].
    #[error("the note is longer than {MAX_NOTE_BYTES} bytes")]
    TooLong,
    /// The note has more than [`MAX_SIGNATURES`] signatures.
    #[error("the note has more than {MAX_SIGNATURES} signatures")]
    TooManySignatures,
    /// The note is not UTF-8 text with a blank line and signature lines at its end.
    #[error("the note is malformed: {0}")]
    Malformed(&'static str),
    /// No signature is by the key asked for.
    #[error("the note is not signed by `{0}`")]
    NotSigned(String),
    /// A signature claims to be by the key asked for and is not.
    #[error("the signature of `{0}` does not hold")]
    WrongSignature(String),
    /// A cosignature's time lies beyond what the format can express.
    #[error("the time {0} cannot be expressed")]
    Time(u64),
    /// Only checkpoints are cosigned.
    #[error("the note to be cosigned is not a checkpoint")]
    NotACheckpoint,
}

/// A private Ed25519 key that signs notes (type 0x01).
///
/// The key is wiped from memory when dropped; `Debug` does not show it.
pub struct Signer {
    name: String,
    key: SigningKey,
}

impl Signer {
    /// A signer with this name, from 32 secret random bytes.
    ///
    /// # Errors
    /// [`NoteError::KeyName`].
    pub fn from_seed(name: &str, mut seed: [u8; 32]) -> Result<Self, NoteError> {
        let key = SigningKey::from_bytes(&seed);
        seed.zeroize();
        Ok(Self { name: check_name(name)?.to_owned(), key })
    }

    /// The signer of a log: its name is the log's origin.
    #[must_use]
    pub fn for_log(origin: &Origin, mut seed: [u8; 32]) -> Self {
        let key = SigningKey::from_bytes(&seed);
        seed.zeroize();
        Self { name: origin.as_str().to_owned(), key }
    }

    /// The key's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The public half, as others configure it: `name+hash+key`.
    #[must_use]
    pub fn vkey(&self) -> String {
        encode_vkey(&self.name, ED25519, &self.key.verifying_key())
    }

    /// The verifier for this signer's notes.
    #[must_use]
    pub fn verifier(&self) -> Verifier {
        Verifier::new(&self.name, ED25519, self.key.verifying_key())
    }

    /// Signs a text: the answer is the whole note, ready to be published.
    ///
    /// # Errors
    /// [`NoteError::Text`] when the text does not end in a newline or holds other control
    /// characters.
    pub fn sign(&self, text: &str) -> Result<String, NoteError> {
        if text.is_empty() || !text.ends_with('\n') || has_control_characters(text) {
            return Err(NoteError::Text);
        }
        Ok(self.sign_checked(text))
    }

    /// Signs a text known to be of the right form.
    pub(crate) fn sign_checked(&self, text: &str) -> String {
        let id = key_id(&self.name, ED25519, &self.key.verifying_key());
        let signature = self.key.sign(text.as_bytes()).to_bytes();
        format!("{text}\n{}", signature_line(&self.name, id, &signature))
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").field("vkey", &self.vkey()).finish_non_exhaustive()
    }
}

/// A private Ed25519 key of a witness (type 0x04): it states that, at a given time, the checkpoint
/// was consistent with all that the witness had seen of the log.
///
/// The key must serve no other purpose, as the signed text does not name the witness. It is wiped
/// from memory when dropped; `Debug` does not show it.
pub struct Cosigner {
    name: String,
    key: SigningKey,
}

impl Cosigner {
    /// A witness with this name, from 32 secret random bytes.
    ///
    /// # Errors
    /// [`NoteError::KeyName`].
    pub fn from_seed(name: &str, mut seed: [u8; 32]) -> Result<Self, NoteError> {
        let key = SigningKey::from_bytes(&seed);
        seed.zeroize();
        Ok(Self { name: check_name(name)?.to_owned(), key })
    }

    /// The public half, as others configure it: `name+hash+key`.
    #[must_use]
    pub fn vkey(&self) -> String {
        encode_vkey(&self.name, COSIGNATURE_V1, &self.key.verifying_key())
    }

    /// The verifier for this witness's cosignatures.
    #[must_use]
    pub fn verifier(&self) -> Verifier {
        Verifier::new(&self.name, COSIGNATURE_V1, self.key.verifying_key())
    }

    /// A signature line for the checkpoint in this note, to be appended to the note.
    ///
    /// `timestamp` is in seconds since 1970. It is for the caller to have verified the log's own
    /// signature, and consistency with the last checkpoint it cosigned.
    ///
    /// # Errors
    /// [`NoteError::NotACheckpoint`], or [`NoteError::Time`] beyond 2^63 − 1.
    pub fn cosign(&self, note: &Note, timestamp: u64) -> Result<String, NoteError> {
        if Checkpoint::parse_text(note.text()).is_err() {
            return Err(NoteError::NotACheckpoint);
        }
        if i64::try_from(timestamp).is_err() {
            return Err(NoteError::Time(timestamp));
        }
        let id = key_id(&self.name, COSIGNATURE_V1, &self.key.verifying_key());
        let signature = self.key.sign(cosigned_message(timestamp, note.text()).as_bytes()).to_bytes();
        let body = [timestamp.to_be_bytes().as_slice(), &signature].concat();
        Ok(signature_line(&self.name, id, &body))
    }
}

impl std::fmt::Debug for Cosigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cosigner").field("vkey", &self.vkey()).finish_non_exhaustive()
    }
}

/// A public key that verifies notes (type 0x01) or cosignatures (type 0x04).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verifier {
    name: String,
    kind: u8,
    id: [u8; KEY_ID_BYTES],
    key: VerifyingKey,
}

impl Verifier {
    fn new(name: &str, kind: u8, key: VerifyingKey) -> Self {
        Self { name: name.to_owned(), kind, id: key_id(name, kind, &key), key }
    }

    /// Reads a key of the form `name+hash+key`, with eight lower-case hexadecimal digits of hash
    /// and canonical Base 64.
    ///
    /// # Errors
    /// [`NoteError::VerifierKey`] when the form or the hash is wrong, [`NoteError::KeyType`] when
    /// the key is neither of type 0x01 nor 0x04.
    pub fn parse(vkey: &str) -> Result<Self, NoteError> {
        let wrong = || NoteError::VerifierKey(vkey.chars().take(200).collect());
        let (name, rest) = vkey.split_once('+').ok_or_else(wrong)?;
        let (hash, key) = rest.split_once('+').ok_or_else(wrong)?;
        let key = STANDARD.decode(key).map_err(|_| wrong())?;
        let (kind, key) = key.split_first().ok_or_else(wrong)?;
        if !matches!(*kind, ED25519 | COSIGNATURE_V1) {
            return Err(NoteError::KeyType(*kind));
        }
        let key: [u8; 32] = key.try_into().map_err(|_| wrong())?;
        let key = VerifyingKey::from_bytes(&key).map_err(|_| wrong())?;
        let verifier = Self::new(check_name(name).map_err(|_| wrong())?, *kind, key);
        if hash != hex(verifier.id) {
            return Err(wrong());
        }
        Ok(verifier)
    }

    /// The key's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key in the form [`Verifier::parse`] reads.
    #[must_use]
    pub fn vkey(&self) -> String {
        encode_vkey(&self.name, self.kind, &self.key)
    }

    /// Whether both wrap the same public key, whatever they call it and whatever it signs.
    #[must_use]
    pub fn same_key(&self, other: &Self) -> bool {
        self.key == other.key
    }

    /// Whether this is the key of a witness (type 0x04).
    #[must_use]
    pub fn is_witness(&self) -> bool {
        self.kind == COSIGNATURE_V1
    }

    /// The time of a cosignature; `None` for a plain signature; an error if it does not hold.
    fn check(&self, text: &str, signature: &[u8]) -> Result<Option<u64>, NoteError> {
        let wrong = || NoteError::WrongSignature(self.name.clone());
        let (time, signature, message) = if self.is_witness() {
            let (time, signature) = signature.split_first_chunk::<8>().ok_or_else(wrong)?;
            let time = u64::from_be_bytes(*time);
            if i64::try_from(time).is_err() {
                return Err(NoteError::Time(time));
            }
            (Some(time), signature, cosigned_message(time, text))
        } else {
            (None, signature, text.to_owned())
        };
        let signature: &[u8; SIGNATURE_BYTES] = signature.try_into().map_err(|_| wrong())?;
        // Strict: weak keys, for which one signature fits many texts, are refused.
        self.key
            .verify_strict(message.as_bytes(), &ed25519_dalek::Signature::from_bytes(signature))
            .map_err(|_| wrong())?;
        Ok(time)
    }
}

/// One signature line of a note; what it says is not yet verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureLine {
    name: String,
    id: [u8; KEY_ID_BYTES],
    signature: Vec<u8>,
}

impl SignatureLine {
    /// Reads one line, without its newline.
    ///
    /// # Errors
    /// [`NoteError::Malformed`].
    pub fn parse(line: &str) -> Result<Self, NoteError> {
        parse_line(line)
    }

    /// The name of the key that is said to have signed.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the line claims to be by this key.
    #[must_use]
    pub fn claims(&self, verifier: &Verifier) -> bool {
        self.name == verifier.name && self.id == verifier.id
    }
}

/// A note of the right form. Its text is not to be believed before [`Note::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<SignatureLine>,
}

impl Note {
    /// Reads a note, strictly.
    ///
    /// # Errors
    /// [`NoteError`] for all that the specification forbids, and for notes or numbers of
    /// signatures beyond the limits of this module.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > MAX_NOTE_BYTES {
            return Err(NoteError::TooLong);
        }
        let note = std::str::from_utf8(bytes).map_err(|_| NoteError::Malformed("not utf-8"))?;
        if has_control_characters(note) {
            return Err(NoteError::Malformed("a control character"));
        }
        let (text, lines) = note.rsplit_once("\n\n").ok_or(NoteError::Malformed("no blank line"))?;
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Malformed("no signature, or no newline at the end"))?;
        let mut signatures = Vec::new();
        for line in lines.split('\n') {
            if signatures.len() == MAX_SIGNATURES {
                return Err(NoteError::TooManySignatures);
            }
            signatures.push(parse_line(line)?);
        }
        Ok(Self { text: format!("{text}\n"), signatures })
    }

    /// The text, its last newline included.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines, in the note's order.
    #[must_use]
    pub fn signatures(&self) -> &[SignatureLine] {
        &self.signatures
    }

    /// The same text with this signature alone.
    pub(crate) fn with(&self, signature: SignatureLine) -> Self {
        Self { text: self.text.clone(), signatures: vec![signature] }
    }

    /// Checks that this key has signed the note.
    ///
    /// Signatures of other keys are passed over, as the specification demands.
    ///
    /// # Errors
    /// [`NoteError::NotSigned`] when no signature is by this key; [`NoteError::WrongSignature`]
    /// when any that claims to be does not hold.
    pub fn verify(&self, verifier: &Verifier) -> Result<(), NoteError> {
        self.check(verifier).map(|_| ())
    }

    /// Checks that this witness has cosigned the note, and says when: seconds since 1970.
    ///
    /// # Errors
    /// As [`Note::verify`]; [`NoteError::KeyType`] when the key is not that of a witness.
    pub fn cosigned_at(&self, witness: &Verifier) -> Result<u64, NoteError> {
        self.check(witness)?.ok_or(NoteError::KeyType(witness.kind))
    }

    fn check(&self, verifier: &Verifier) -> Result<Option<u64>, NoteError> {
        let mut found = None;
        for line in self.signatures.iter().filter(|line| line.claims(verifier)) {
            found = Some(verifier.check(&self.text, &line.signature)?);
        }
        found.ok_or_else(|| NoteError::NotSigned(verifier.name.clone()))
    }
}

fn parse_line(line: &str) -> Result<SignatureLine, NoteError> {
    const WRONG: NoteError = NoteError::Malformed("a line that is not a signature");
    let (name, signature) = line.strip_prefix(LINE_START).and_then(|rest| rest.split_once(' ')).ok_or(WRONG)?;
    check_name(name).map_err(|_| WRONG)?;
    let signature = STANDARD.decode(signature).map_err(|_| WRONG)?;
    match signature.split_first_chunk::<KEY_ID_BYTES>() {
        Some((id, rest)) if !rest.is_empty() => {
            Ok(SignatureLine { name: name.to_owned(), id: *id, signature: rest.to_vec() })
        }
        _ => Err(WRONG),
    }
}

fn check_name(name: &str) -> Result<&str, NoteError> {
    let unfit = |character: char| character.is_whitespace() || character == '+' || character < ' ';
    if name.is_empty() || name.contains(unfit) {
        return Err(NoteError::KeyName(name.chars().take(200).collect()));
    }
    Ok(name)
}

fn has_control_characters(text: &str) -> bool {
    text.bytes().any(|byte| byte < 0x20 && byte != b'\n')
}

fn key_id(name: &str, kind: u8, key: &VerifyingKey) -> [u8; KEY_ID_BYTES] {
    let mut hasher = Sha256::new();
    hasher.update(name.as_bytes());
    hasher.update([b'\n', kind]);
    hasher.update(key.as_bytes());
    let [a, b, c, d, ..]: [u8; 32] = hasher.finalize().into();
    [a, b, c, d]
}

fn encode_vkey(name: &str, kind: u8, key: &VerifyingKey) -> String {
    let body = [&[kind], key.as_bytes().as_slice()].concat();
    format!("{name}+{}+{}", hex(key_id(name, kind, key)), STANDARD.encode(body))
}

fn hex(id: [u8; KEY_ID_BYTES]) -> String {
    format!("{:08x}", u32::from_be_bytes(id))
}

fn signature_line(name: &str, id: [u8; KEY_ID_BYTES], signature: &[u8]) -> String {
    format!("{LINE_START}{name} {}\n", STANDARD.encode([id.as_slice(), signature].concat()))
}

fn cosigned_message(time: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str =
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    const VKEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const SIGNATURE: &str =
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    fn checkpoint() -> String {
        Signer::from_seed("log.example", [1; 32])
            .unwrap()
            .sign(&format!("log.example\n0\n{}\n", crate::hash::EMPTY_ROOT.to_base64()))
            .unwrap()
    }

    /// The example that Go's `sumdb/note` documents.
    #[test]
    fn the_known_note_is_signed_and_verified_to_the_byte() {
        let seed = STANDARD.decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz").unwrap();
        let signer = Signer::from_seed("PeterNeumann", seed[1..].try_into().unwrap()).unwrap();
        assert_eq!(signer.vkey(), VKEY);
        let note = signer.sign(TEXT).unwrap();
        assert_eq!(note, format!("{TEXT}\n{SIGNATURE}"));
        let note = Note::parse(note.as_bytes()).unwrap();
        assert_eq!(note.text(), TEXT);
        assert_eq!(note.verify(&Verifier::parse(VKEY).unwrap()), Ok(()));
        assert!(!format!("{signer:?}").contains("gQoUAt"), "the private key is not shown");
    }

    #[test]
    fn signatures_of_others_are_passed_over_but_a_false_one_is_not() {
        let signer = Signer::from_seed("a.example", [1; 32]).unwrap();
        let other = Signer::from_seed("b.example", [2; 32]).unwrap();
        let same_name = Signer::from_seed("a.example", [3; 32]).unwrap();
        let line = |signer: &Signer| signer.sign(TEXT).unwrap().split_once("\n\n").unwrap().1.to_owned();
        let note = Note::parse(format!("{TEXT}\n{}{}", line(&other), line(&signer)).as_bytes()).unwrap();
        assert_eq!(note.verify(&signer.verifier()), Ok(()));
        assert_eq!(note.verify(&other.verifier()), Ok(()));
        assert_eq!(note.verify(&same_name.verifier()), Err(NoteError::NotSigned("a.example".to_owned())));
        let false_line = line(&signer).replacen("a.example ", "a.example  ", 1);
        assert!(Note::parse(format!("{TEXT}\n{false_line}").as_bytes()).is_err());
        let changed = format!("{}\n{}", TEXT.replace("problem is", "problem was"), line(&signer));
        let changed = Note::parse(changed.as_bytes()).unwrap();
        assert_eq!(changed.verify(&signer.verifier()), Err(NoteError::WrongSignature("a.example".to_owned())));
        // One true and one false signature of the same key: the note is refused.
        let id = key_id("a.example", ED25519, &signer.key.verifying_key());
        let forged = signature_line("a.example", id, &[0; 64]);
        let both = Note::parse(format!("{TEXT}\n{}{forged}", line(&signer)).as_bytes()).unwrap();
        assert!(both.verify(&signer.verifier()).is_err());
    }

    #[test]
    fn a_blank_line_in_the_text_belongs_to_the_text() {
        let signer = Signer::from_seed("a", [1; 32]).unwrap();
        let note = Note::parse(signer.sign("one\n\ntwo\n").unwrap().as_bytes()).unwrap();
        assert_eq!(note.text(), "one\n\ntwo\n");
        assert_eq!(note.verify(&signer.verifier()), Ok(()));
    }

    #[test]
    fn malformed_notes_are_refused() {
        let good = format!("{TEXT}\n{SIGNATURE}");
        assert!(Note::parse(good.as_bytes()).is_ok());
        for wrong in [
            String::new(),
            TEXT.to_owned(),
            format!("{TEXT}\n"),
            format!("{TEXT}{SIGNATURE}"),
            good.trim_end().to_owned(),
            format!("{good}\n"),
            format!("{good}x\n"),
            good.replace("problem is", "problem\tis"),
            good.replace('\n', "\r\n"),
            good.replace('—', "-"),
            good.replace("AM=\n", "AN=\n"),
            good.replace("AM=\n", "AM\n"),
            good.replace("AM=\n", "AM= \n"),
            good.replace("PeterNeumann ", "Peter+Neumann "),
            good.replace("PeterNeumann ", "Peter\u{3000}Neumann "),
            good.replace("PeterNeumann ", " "),
            format!("{TEXT}\n— a AAAAAA==\n"),
            format!("{TEXT}\n{}", SIGNATURE.repeat(MAX_SIGNATURES + 1)),
            format!("{}\n\n{SIGNATURE}", "x".repeat(MAX_NOTE_BYTES)),
        ] {
            assert!(Note::parse(wrong.as_bytes()).is_err(), "{}", wrong.chars().take(300).collect::<String>());
        }
        assert!(Note::parse(&[good.as_bytes(), &[0xff]].concat()).is_err());
        assert!(Note::parse(format!("{TEXT}\n{}", SIGNATURE.repeat(MAX_SIGNATURES)).as_bytes()).is_ok());
        for text in ["", "no newline", "tab\t\n", "cr\r\n"] {
            assert_eq!(Signer::from_seed("a", [1; 32]).unwrap().sign(text), Err(NoteError::Text));
        }
    }

    #[test]
    fn malformed_keys_are_refused() {
        let upper = VKEY.replace("c74f20a3", "C74F20A3");
        let wide = VKEY.replace("c74f20a3", "0c74f20a3");
        for wrong in [
            "",
            "a",
            "a+b",
            "a+b+c",
            "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            &upper,
            &wide,
            &VKEY.replace("10TW", "10TX"),
            &VKEY.replace("PeterNeumann", "PeterNewmann"),
            &format!("{VKEY}\n"),
            &format!("{VKEY}="),
        ] {
            assert!(Verifier::parse(wrong).is_err(), "{wrong}");
        }
        let ecdsa = format!("a+00000000+{}", STANDARD.encode([2u8; 33]));
        assert_eq!(Verifier::parse(&ecdsa), Err(NoteError::KeyType(2)));
        for name in ["", "a b", "a+b", "a\u{3000}b", "a\nb", "\u{1}"] {
            assert_eq!(Signer::from_seed(name, [1; 32]).err(), Some(NoteError::KeyName(name.to_owned())));
            assert!(Cosigner::from_seed(name, [1; 32]).is_err());
        }
    }

    #[test]
    fn a_witness_states_a_time_and_nothing_but_checkpoints() {
        let witness = Cosigner::from_seed("witness.example/w1", [9; 32]).unwrap();
        let verifier = Verifier::parse(&witness.vkey()).unwrap();
        assert!(verifier.is_witness());
        assert_eq!(verifier.vkey(), witness.vkey());
        let signed = checkpoint();
        let note = Note::parse(signed.as_bytes()).unwrap();
        let cosigned = format!("{signed}{}", witness.cosign(&note, 1_679_315_147).unwrap());
        let cosigned = Note::parse(cosigned.as_bytes()).unwrap();
        assert_eq!(cosigned.cosigned_at(&verifier), Ok(1_679_315_147));
        assert_eq!(cosigned.verify(&verifier), Ok(()));
        assert_eq!(note.verify(&verifier), Err(NoteError::NotSigned("witness.example/w1".to_owned())));
        let log = Signer::from_seed("log.example", [1; 32]).unwrap().verifier();
        assert_eq!(cosigned.verify(&log), Ok(()));
        assert_eq!(cosigned.cosigned_at(&log), Err(NoteError::KeyType(1)));
        assert_eq!(witness.cosign(&note, 1 << 63), Err(NoteError::Time(1 << 63)));
        let other = Signer::from_seed("log.example", [1; 32]).unwrap().sign(TEXT).unwrap();
        assert_eq!(witness.cosign(&Note::parse(other.as_bytes()).unwrap(), 1), Err(NoteError::NotACheckpoint));
    }

    #[test]
    fn a_witness_key_does_not_pass_for_a_log_key() {
        let (signer, witness) =
            (Signer::from_seed("same", [7; 32]).unwrap(), Cosigner::from_seed("same", [7; 32]).unwrap());
        let note = Note::parse(signer.sign(TEXT).unwrap().as_bytes()).unwrap();
        assert_eq!(note.verify(&witness.verifier()), Err(NoteError::NotSigned("same".to_owned())));
    }

    proptest! {
        #[test]
        fn garbage_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300), text in "[a-z+=—\\n ]{0,80}") {
            let _ = Note::parse(&bytes);
            let _ = Note::parse(text.as_bytes());
            let _ = Verifier::parse(&text);
        }

        #[test]
        fn any_changed_byte_of_a_signed_note_is_noticed(at: prop::sample::Index, by in 1u8..) {
            let mut bytes = format!("{TEXT}\n{SIGNATURE}").into_bytes();
            let at = at.index(bytes.len());
            bytes[at] ^= by;
            let noticed = Note::parse(&bytes).and_then(|note| note.verify(&Verifier::parse(VKEY).unwrap())).is_err();
            prop_assert!(noticed);
        }
    }
}
