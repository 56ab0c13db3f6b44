//! Plain text in the encodings that are met in Japan: UTF-8, UTF-16, CP932, EUC-JP and ISO-2022-JP.
//!
//! Bytes that fit none of them are an error with the place of the first that does not fit, never replaced in silence:
//! a detector that sees `�` misses what the receiver may still be able to read.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{DecoderResult, EUC_JP, Encoding, ISO_2022_JP, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE};

use super::Reason;

/// The text of `bytes`, whose encoding nothing declares.
///
/// # Errors
/// [`Reason::Encoding`] when no encoding fits, [`Reason::Unsupported`] for binary data, [`Reason::TooLarge`] when the
/// text has more than `most` bytes.
pub(super) fn decode(bytes: &[u8], most: usize) -> Result<String, Reason> {
    if bytes.starts_with(&[0xff, 0xfe, 0, 0]) || bytes.starts_with(&[0, 0, 0xfe, 0xff]) {
        return Err(Reason::Encoding { at: 0 });
    }
    if let Some((encoding, skip)) = Encoding::for_bom(bytes) {
        let rest = bytes.get(skip..).unwrap_or_default();
        return strict(encoding, rest, most).map_err(|fault| fault.shifted(skip, most));
    }
    if bytes.is_ascii() && has_iso_2022_escape(bytes) {
        return strict(ISO_2022_JP, bytes, most).map_err(|fault| fault.shifted(0, most));
    }
    if bytes.contains(&0) {
        return match best_utf16(bytes, most) {
            Some(text) => text.map_err(|fault| fault.shifted(0, most)),
            None => Err(Reason::Unsupported { format: "binary data of an unknown format".into() }),
        };
    }
    match strict(UTF_8, bytes, most) {
        Ok(text) => Ok(text),
        Err(Fault::TooLong) => Err(Fault::TooLong.shifted(0, most)),
        Err(Fault::At(utf8_at)) => legacy(bytes, utf8_at, most),
    }
}

/// The text of `bytes`, which something declares to be in the encoding `label`. A wrong declaration is met often enough
/// that the bytes have the last word.
///
/// # Errors
/// As [`decode`].
pub(super) fn decode_declared(label: &str, bytes: &[u8], most: usize) -> Result<String, Reason> {
    let declared = Encoding::for_label_no_replacement(label.trim().as_bytes());
    match declared {
        Some(encoding) if Encoding::for_bom(bytes).is_none() => match strict(encoding, bytes, most) {
            Ok(text) => Ok(text),
            Err(Fault::TooLong) => Err(Fault::TooLong.shifted(0, most)),
            Err(Fault::At(at)) => decode(bytes, most).map_err(|reason| match reason {
                Reason::TooLarge { .. } => reason,
                _ => Reason::Encoding { at },
            }),
        },
        _ => decode(bytes, most),
    }
}

/// CP932 or EUC-JP, and at the last UTF-16 without a mark.
fn legacy(bytes: &[u8], utf8_at: usize, most: usize) -> Result<String, Reason> {
    // Two characters of several bytes that are UTF-8 are no accident: it is UTF-8 that broke off or was damaged, and
    // would make nonsense in CP932.
    let good = bytes.get(..utf8_at).unwrap_or_default();
    if good.iter().filter(|&&byte| byte >= 0xe0).count() >= 2 {
        return Err(Reason::Encoding { at: utf8_at });
    }
    let cp932 = strict(SHIFT_JIS, bytes, most);
    let euc = strict(EUC_JP, bytes, most);
    let best = match (cp932, euc) {
        (Err(Fault::TooLong), _) | (_, Err(Fault::TooLong)) => return Err(Fault::TooLong.shifted(0, most)),
        (Ok(text), Err(_)) | (Err(_), Ok(text)) => Ok(text),
        (Ok(cp932), Ok(euc)) => Ok(if looks_like_euc(bytes) { euc } else { cp932 }),
        (Err(Fault::At(cp932_at)), Err(Fault::At(euc_at))) => Err(utf8_at.max(cp932_at).max(euc_at)),
    };
    match best {
        Ok(text) if !text.contains(strange_control) => Ok(text),
        // The bytes of UTF-16 make control characters, where they make anything.
        best => match (best_utf16(bytes, most), best) {
            (Some(Ok(text)), _) | (_, Ok(text)) => Ok(text),
            (_, Err(at)) => Err(Reason::Encoding { at }),
        },
    }
}

fn strange_control(c: char) -> bool {
    c.is_ascii_control() && !matches!(c, '\t' | '\n' | '\x0b' | '\x0c' | '\r' | '\x1a' | '\x1b')
}

/// Both fit, which happens with half-width katakana and with few characters: the statistics decide.
fn looks_like_euc(bytes: &[u8]) -> bool {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    detector.guess(Some(b"jp"), Utf8Detection::Deny) == EUC_JP
}

/// A shift to a character set of ISO-2022-JP: `ESC $ B`, `ESC $ @`, `ESC ( J`, `ESC ( I`.
fn has_iso_2022_escape(bytes: &[u8]) -> bool {
    bytes.windows(3).any(|three| matches!(three, [0x1b, b'$', b'B' | b'@'] | [0x1b, b'(', b'J' | b'I']))
}

/// UTF-16 without a mark: the byte order in which (almost) all characters are such as Japanese texts are made of.
fn best_utf16(bytes: &[u8], most: usize) -> Option<Result<String, Fault>> {
    let ordinary = |high_first: bool| {
        let units = bytes.chunks_exact(2).filter_map(|pair| match *pair {
            [a, b] => Some(if high_first { u16::from_be_bytes([a, b]) } else { u16::from_le_bytes([a, b]) }),
            _ => None,
        });
        let (mut seen, mut good) = (0_usize, 0_usize);
        for unit in units {
            seen += 1;
            good += usize::from(matches!(unit,
                0x09 | 0x0a | 0x0d | 0x20..=0x7e | 0x2010..=0x2312 | 0x2460..=0x2473 | 0x3000..=0x30ff
                | 0x4e00..=0x9fff | 0xd800..=0xdfff | 0xff01..=0xff9f));
        }
        (seen > 0 && good.saturating_mul(10) >= seen.saturating_mul(9)).then_some(good)
    };
    let encoding = match (ordinary(false), ordinary(true)) {
        (None, None) => return None,
        (little, big) if little >= big => UTF_16LE,
        _ => UTF_16BE,
    };
    Some(strict(encoding, bytes, most))
}

enum Fault {
    /// The first byte that does not fit.
    At(usize),
    TooLong,
}

impl Fault {
    fn shifted(self, by: usize, most: usize) -> Reason {
        match self {
            Self::At(at) => Reason::Encoding { at: at + by },
            Self::TooLong => Reason::TooLarge { limit: "text_bytes", most },
        }
    }
}

fn strict(encoding: &'static Encoding, bytes: &[u8], most: usize) -> Result<String, Fault> {
    if encoding == UTF_8 {
        let text = std::str::from_utf8(bytes).map_err(|e| Fault::At(e.valid_up_to()))?;
        return if text.len() > most { Err(Fault::TooLong) } else { Ok(text.to_owned()) };
    }
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(bytes.len().min(most));
    let mut done = 0;
    loop {
        let rest = bytes.get(done..).unwrap_or_default();
        let (result, read) = decoder.decode_to_string_without_replacement(rest, &mut text, true);
        done += read;
        if text.len() > most {
            return Err(Fault::TooLong);
        }
        match result {
            DecoderResult::InputEmpty => return Ok(text),
            DecoderResult::OutputFull => text.reserve(rest.len().max(64)),
            DecoderResult::Malformed(bad, after) => {
                return Err(Fault::At(done.saturating_sub(usize::from(bad) + usize::from(after))));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "架空市長　山田太郎様\r\n①ご相談ありがとうございます。電話は03-0000-0000です。";

    fn plain(bytes: &[u8]) -> Result<String, Reason> {
        decode(bytes, 1 << 20)
    }

    fn utf16(text: &str, to: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to).collect()
    }

    #[test]
    fn every_encoding_of_japan_is_read() {
        assert_eq!(plain(TEXT.as_bytes()).unwrap(), TEXT);
        for encoding in [SHIFT_JIS, EUC_JP] {
            let (bytes, _, lossy) = encoding.encode(TEXT);
            assert!(!lossy);
            assert_eq!(plain(&bytes).unwrap(), TEXT, "{}", encoding.name());
        }
        let (jis, _, _) = ISO_2022_JP.encode(TEXT);
        assert_eq!(plain(&jis).unwrap(), TEXT);
    }

    #[test]
    fn utf16_is_read_with_a_mark_and_without() {
        for to in [u16::to_le_bytes, u16::to_be_bytes] {
            let bare = utf16(TEXT, to);
            assert_eq!(plain(&bare).unwrap(), TEXT);
            let marked = [to(0xfeff).to_vec(), bare].concat();
            assert_eq!(plain(&marked).unwrap(), TEXT);
            let no_ascii = utf16("架空市の会議", to);
            assert_eq!(plain(&no_ascii).unwrap(), "架空市の会議");
        }
    }

    #[test]
    fn half_a_character_is_an_error_with_its_place() {
        let utf8 = TEXT.as_bytes();
        assert_eq!(plain(&utf8[..8]), Err(Reason::Encoding { at: 6 }));
        let (cp932, _, _) = SHIFT_JIS.encode("架空市の会議に関する資料");
        assert_eq!(plain(&cp932[..cp932.len() - 1]), Err(Reason::Encoding { at: cp932.len() - 2 }));
        let odd = [vec![0xff, 0xfe], utf16("架空", u16::to_le_bytes), vec![0x41]].concat();
        assert_eq!(plain(&odd), Err(Reason::Encoding { at: 6 }));
        let lone = [vec![0xff, 0xfe], 0xd840_u16.to_le_bytes().to_vec(), vec![0x41, 0]].concat();
        assert_eq!(plain(&lone), Err(Reason::Encoding { at: 2 }));
    }

    #[test]
    fn half_width_katakana_in_cp932_is_not_taken_for_euc() {
        let (bytes, _, _) = SHIFT_JIS.encode("ﾔﾏﾀﾞ ﾀﾛｳ ｶｸｳｼ ﾎﾝﾁｮｳ");
        assert_eq!(plain(&bytes).unwrap(), "ﾔﾏﾀﾞ ﾀﾛｳ ｶｸｳｼ ﾎﾝﾁｮｳ");
    }

    #[test]
    fn binary_data_is_not_text() {
        let bytes: Vec<u8> = (0..=255).cycle().take(4096).collect();
        assert!(matches!(plain(&bytes), Err(Reason::Unsupported { .. })));
    }

    #[test]
    fn a_wrong_declaration_is_overruled_by_the_bytes() {
        let (bytes, _, _) = SHIFT_JIS.encode(TEXT);
        assert_eq!(decode_declared("utf-8", &bytes, 1 << 20).unwrap(), TEXT);
        assert_eq!(decode_declared("no-such", TEXT.as_bytes(), 1 << 20).unwrap(), TEXT);
    }

    #[test]
    fn a_text_over_the_bound_is_refused() {
        assert_eq!(decode(TEXT.as_bytes(), 10), Err(Reason::TooLarge { limit: "text_bytes", most: 10 }));
        let (bytes, _, _) = SHIFT_JIS.encode(TEXT);
        assert_eq!(decode(&bytes, 10), Err(Reason::TooLarge { limit: "text_bytes", most: 10 }));
    }
}
