//! Passwords: what may be one, and argon2id over it.
//!
//! Length and a list of bad ones, no composition rules (NIST SP 800-63B 5.1.1.2); the cost is OWASP's first choice.

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use sekisho_gate::identify::hash_of;
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

/// Fewest characters.
pub(crate) const SHORTEST: usize = 12;
/// Most characters: far more than anyone types, few enough to hash at once.
pub(crate) const LONGEST: usize = 200;
/// Bytes of a salt.
pub(crate) const SALT: usize = 16;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const TAG: usize = 32;

/// A hash of the same cost that no password belongs to: unknown names are looked at for as long as known ones.
pub(super) const DECOY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Passwords of twelve characters and more that everyone tries first, in lower case.
const BAD: [&str; 30] = [
    "123456789012",
    "1234567890123",
    "12345678901234",
    "123456781234",
    "098765432109",
    "password1234",
    "password12345",
    "passwordpassword",
    "password123!",
    "p@ssw0rd1234",
    "p@ssword1234",
    "qwertyuiop12",
    "qwertyuiop123",
    "qwerty123456",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "zaq12wsxcde3",
    "abcdefghijkl",
    "abcd12345678",
    "abc123456789",
    "iloveyou1234",
    "administrator",
    "administrator1",
    "adminadmin123",
    "admin1234567",
    "letmein12345",
    "welcome12345",
    "changeme1234",
    "sekisho12345",
    "sekishosekisho",
];

/// The form in which a password is hashed: full-width and compatibility forms are one with the plain ones.
pub(crate) fn normal(password: &str) -> Zeroizing<String> {
    Zeroizing::new(password.nfkc().collect())
}

/// What is wrong with a new password, in Japanese; `None` when it may be used.
pub(crate) fn problem(password: &str, login: &str) -> Option<&'static str> {
    let password = normal(password);
    let length = password.chars().count();
    if length < SHORTEST {
        return Some("12 文字以上にしてください。言葉をいくつか並べると、長くて覚えやすくなります。");
    }
    if length > LONGEST {
        return Some("200 文字までにしてください。");
    }
    let low = password.to_lowercase();
    let mut kinds: Vec<char> = low.chars().collect();
    kinds.sort_unstable();
    kinds.dedup();
    if BAD.contains(&low.as_str()) || kinds.len() < 5 {
        return Some("推測されやすいパスワードです。別のものにしてください。");
    }
    if login.chars().count() >= 4 && low.contains(&login.to_lowercase()) {
        return Some("サインイン名を含まないパスワードにしてください。");
    }
    None
}

fn argon2() -> Option<Argon2<'static>> {
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(MEMORY_KIB, PASSES, LANES, Some(TAG)).ok()?))
}

fn prefix() -> String {
    format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$")
}

/// The hash of a password in PHC form. Takes tens of milliseconds: call it on a thread that may wait.
pub(crate) fn hash(password: &str, salt: &[u8; SALT]) -> Option<String> {
    let mut tag = Zeroizing::new([0; TAG]);
    argon2()?.hash_password_into(normal(password).as_bytes(), salt, &mut *tag).ok()?;
    Some(format!("{}{}${}", prefix(), BASE64.encode(salt), BASE64.encode(tag.as_slice())))
}

/// Whether a password belongs to a hash. Takes as long as [`hash`].
pub(crate) fn matches(password: &str, phc: &str) -> bool {
    let salt = phc.strip_prefix(&prefix()).and_then(|rest| rest.split_once('$')).map(|(salt, _)| salt);
    let salt: Option<[u8; SALT]> = salt.and_then(|salt| BASE64.decode(salt).ok()).and_then(|s| s.try_into().ok());
    let Some(again) = salt.and_then(|salt| hash(password, &salt)) else { return false };
    same(&again, phc)
}

/// Compares by digest, so that time tells nothing of where two secrets differ.
pub(crate) fn same(one: &str, other: &str) -> bool {
    hash_of(one) == hash_of(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_matches_its_own_hash_alone() {
        let phc = hash("correct horse battery", &[7; SALT]).unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert!(matches("correct horse battery", &phc));
        assert!(matches("ｃorrect horse battery", &phc), "full-width letters are the same letters");
        assert!(!matches("correct horse batterz", &phc));
        assert_ne!(phc, hash("correct horse battery", &[8; SALT]).unwrap());
        // The decoy is hashed like any other: its salt is read, and nothing belongs to it.
        assert!(DECOY.starts_with(&prefix()) && DECOY.len() == phc.len());
        for broken in [DECOY, "", "$argon2id$", "$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA", "plain"] {
            assert!(!matches("correct horse battery", broken), "{broken}");
        }
    }

    #[test]
    fn length_counts_and_the_obvious_is_refused() {
        for bad in [
            "short",
            "Password1234",
            "aaaaaaaaaaaaaaaa",
            "121212121212",
            "ＰＡＳＳＷＯＲＤ１２３４",
            "hanako-no-himitsu",
            &"x1y2z3".repeat(40),
        ] {
            assert!(problem(bad, "hanako").is_some(), "{bad}");
        }
        for good in ["correct horse battery", "さくらの木の下で会う約束", "kR7vbq2m0xTz"] {
            assert_eq!(problem(good, "hanako"), None, "{good}");
        }
    }
}
