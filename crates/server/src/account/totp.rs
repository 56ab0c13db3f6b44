//! The second factor: time-based one-time codes (RFC 6238, SHA-1, 30 seconds, six digits, as every authenticator app).

use jiff::Timestamp;
use qrcodegen::{QrCode, QrCodeEcc};
use ring::hmac;
use std::fmt::Write as _;

/// Bytes of a secret.
pub(crate) const SECRET: usize = 20;
/// Seconds a code counts.
const PERIOD: i64 = 30;
/// How many steps a clock may be off.
const DRIFT: u64 = 1;

/// The time step of a moment.
pub(crate) fn step(now: Timestamp) -> u64 {
    u64::try_from(now.as_second().div_euclid(PERIOD)).unwrap_or(0)
}

/// The code of a time step.
pub(crate) fn code(secret: &[u8], step: u64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let at = tag.last().map_or(0, |last| usize::from(last & 15));
    let four = tag.get(at..at + 4).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok()).unwrap_or_default();
    format!("{:06}", (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000)
}

/// The time step a typed code belongs to, if it is right now or one step off.
pub(crate) fn check(secret: &[u8], typed: &str, now: Timestamp) -> Option<u64> {
    let now = step(now);
    (now.saturating_sub(DRIFT)..=now + DRIFT).find(|step| super::password::same(&code(secret, *step), typed))
}

/// RFC 4648 base 32 without padding.
pub(crate) fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for chunk in bytes.chunks(5) {
        let bits = chunk.iter().fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte)) << (8 * (5 - chunk.len()));
        for place in 0..(chunk.len() * 8).div_ceil(5) {
            let letter = usize::try_from((bits >> (35 - 5 * place)) & 31).unwrap_or(0);
            text.extend(LETTERS.get(letter).map(|letter| char::from(*letter)));
        }
    }
    text
}

/// Reads [`base32`].
pub(crate) fn from_base32(text: &str) -> Option<Vec<u8>> {
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for letter in text.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'2'..=b'7' => letter - b'2' + 26,
            _ => return None,
        };
        bits = ((bits << 5) | u32::from(value)) & 0xfff;
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).unwrap_or(0));
        }
    }
    Some(bytes)
}

/// What an authenticator app reads.
pub(crate) fn uri(organization: &str, login: &str, secret: &[u8]) -> String {
    let part = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20");
    let issuer = part(&format!("関所 {organization}"));
    format!("otpauth://totp/{issuer}:{}?secret={}&issuer={issuer}", part(login), base32(secret))
}

/// A QR code as an SVG path in units of one module, with the side of its square; `None` when the text is too long.
pub(crate) fn qr(text: &str) -> Option<(i32, String)> {
    const QUIET: i32 = 4;
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            let _ = write!(path, "M{},{}h1v1h-1z", x + QUIET, y + QUIET);
        }
    }
    Some((code.size() + 2 * QUIET, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RFC: &[u8] = b"12345678901234567890";

    /// RFC 6238 appendix B, the last six of eight digits.
    #[test]
    fn the_codes_are_those_of_the_rfc() {
        for (second, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let at = Timestamp::from_second(second).unwrap();
            assert_eq!(code(RFC, step(at)), expected);
            assert_eq!(check(RFC, expected, at), Some(step(at)));
        }
    }

    #[test]
    fn a_clock_may_be_one_step_off_and_no_more() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let typed = code(RFC, 100);
        for (second, right) in [(2_969, false), (2_970, true), (3_000, true), (3_059, true), (3_060, false)] {
            assert_eq!(check(RFC, &typed, at(second)).is_some(), right, "{second}");
        }
        for typed in ["", "28708", "2870822", "２８７０８２"] {
            assert_eq!(check(RFC, typed, at(59)), None, "{typed}");
        }
    }

    /// RFC 4648 section 10.
    #[test]
    fn base32_goes_there_and_back() {
        for (bytes, text) in
            [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB")]
        {
            assert_eq!(base32(bytes.as_bytes()), text);
            assert_eq!(from_base32(text).unwrap(), bytes.as_bytes());
        }
        assert_eq!(base32(RFC), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(from_base32("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap(), RFC);
        assert_eq!(from_base32("1"), None);
    }

    #[test]
    fn an_authenticator_can_read_the_address() {
        let uri = uri("架空省", "hana ko", RFC);
        assert!(uri.starts_with("otpauth://totp/%E9%96%A2%E6%89%80%20"), "{uri}");
        assert!(uri.contains(":hana%20ko?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=%E9"), "{uri}");
        assert!(qr(&uri).is_some_and(|(side, path)| side > 30 && path.starts_with("M4,4h1")));
    }
}
