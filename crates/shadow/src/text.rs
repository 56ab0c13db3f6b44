//! Bytes of logs as text: UTF-8, else CP932; percent signs undone.

use std::borrow::Cow;

use encoding_rs::SHIFT_JIS;

/// What became of some bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decoded {
    /// The text.
    pub(crate) text: String,
    /// Neither UTF-8 nor CP932: the bytes that fit nowhere stand as U+FFFD.
    pub(crate) damaged: bool,
}

/// UTF-8 if the bytes are that, else CP932, as Windows in Japan writes names.
pub(crate) fn decoded(bytes: &[u8]) -> Decoded {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Decoded { text: text.to_owned(), damaged: false };
    }
    let (text, damaged) = SHIFT_JIS.decode_without_bom_handling(bytes);
    if damaged {
        return Decoded { text: String::from_utf8_lossy(bytes).into_owned(), damaged: true };
    }
    Decoded { text: text.into_owned(), damaged: false }
}

/// `%E5%B1%B1` as the bytes it means; a percent sign that begins nothing stays.
pub(crate) fn percent_decoded(bytes: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'%', bytes).is_none() {
        return Cow::Borrowed(bytes);
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        if first == b'%'
            && let Some((&[high, low], behind)) = after.split_first_chunk::<2>()
            && let (Some(high), Some(low)) = (char::from(high).to_digit(16), char::from(low).to_digit(16))
            && let Ok(byte) = u8::try_from(high * 16 + low)
        {
            out.push(byte);
            rest = behind;
        } else {
            out.push(first);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_names_in_either_encoding_then_both_are_read() {
        assert_eq!(decoded("山田".as_bytes()).text, "山田");
        assert_eq!(decoded(b"\x8eR\x93c").text, "山田");
        assert!(decoded(b"\xff\xff\x80").damaged);
    }

    #[test]
    fn given_percent_signs_then_only_whole_ones_are_undone() {
        assert_eq!(&*percent_decoded(b"%E5%B1%B1%2"), "山%2".as_bytes());
        assert_eq!(&*percent_decoded(b"100%"), b"100%");
    }
}
