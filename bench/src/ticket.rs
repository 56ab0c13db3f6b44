//! A ticket in each prompt, repeated by the stand-in upstream in its answer: an answer that was cached, cut or
//! given to the wrong caller is noticed. Letters only, so that no scanner takes it for a number of a person.

use crate::search::find;

/// What every ticket begins with.
pub const PREFIX: &[u8] = b"ticket-";
const LETTERS: usize = 10;
/// Length of a whole ticket.
pub const LENGTH: usize = PREFIX.len() + LETTERS;

/// The ticket of a request.
pub fn ticket(number: u64) -> [u8; LENGTH] {
    let mut ticket = [b'a'; LENGTH];
    let mut rest = number;
    let (prefix, letters) = ticket.split_at_mut(PREFIX.len());
    prefix.copy_from_slice(PREFIX);
    for letter in letters.iter_mut().rev() {
        *letter = b'a' + (rest % 16) as u8;
        rest /= 16;
    }
    ticket
}

/// The ticket in a prompt, or what stands where it should be.
pub fn in_prompt(prompt: &[u8]) -> Option<&[u8]> {
    let at = find(prompt, PREFIX)?;
    let ticket = prompt.get(at..at + LENGTH)?;
    ticket.get(PREFIX.len()..)?.iter().all(u8::is_ascii_lowercase).then_some(ticket)
}

#[cfg(test)]
mod tests {
    use super::{in_prompt, ticket};

    #[test]
    fn tickets_differ_and_are_found_again() {
        assert_eq!(&ticket(0), b"ticket-aaaaaaaaaa");
        assert_eq!(&ticket(17), b"ticket-aaaaaaaabb");
        let prompt = [b"xx ", ticket(300).as_slice(), b" yy"].concat();
        assert_eq!(in_prompt(&prompt), Some(ticket(300).as_slice()));
        assert_eq!(in_prompt(b"ticket-aaa"), None);
        assert_eq!(in_prompt(b"ticket-\"aaaaaaaaaaaa"), None);
    }
}
