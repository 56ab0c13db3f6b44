//! Recovery codes: ten, for the day the phone is lost. 80 random bits each, so a plain hash keeps them.

use super::totp::base32;
use sekisho_domain::id::PersonId;
use sekisho_gate::identify::hash_of;
use sekisho_gate::world::World;

const HOW_MANY: usize = 10;

/// Fresh codes as they are shown, once.
pub(crate) fn fresh(world: &dyn World) -> Vec<String> {
    let one = || {
        let mut bytes = [0; 10];
        world.random(&mut bytes);
        let letters: Vec<char> = base32(&bytes).chars().collect();
        letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join("-")
    };
    std::iter::repeat_with(one).take(HOW_MANY).collect()
}

/// What is kept of a code; `None` when the text cannot be one.
pub(crate) fn hash(person: &PersonId, typed: &str) -> Option<String> {
    let plain: String = typed.chars().filter(|c| !matches!(c, '-' | ' ')).map(|c| c.to_ascii_uppercase()).collect();
    let is_one = plain.len() == 16 && plain.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'2'..=b'7'));
    is_one.then(|| hash_of(&format!("{person} recovery {plain}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::SystemWorld;

    #[test]
    fn a_code_is_the_same_however_it_is_typed_and_belongs_to_one_person() {
        let codes = fresh(&SystemWorld::default());
        assert_eq!(codes.len(), 10);
        let (one, other) = (PersonId::new("p-1").unwrap(), PersonId::new("p-2").unwrap());
        let code = &codes[0];
        assert_eq!(code.len(), 19, "{code}");
        assert_eq!(hash(&one, code), hash(&one, &code.replace('-', " ").to_lowercase()));
        assert_ne!(hash(&one, code), hash(&other, code));
        assert_ne!(hash(&one, code), hash(&one, &codes[1]));
        assert_eq!(hash(&one, "123456"), None);
    }
}
