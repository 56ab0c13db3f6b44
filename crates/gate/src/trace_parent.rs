//! `traceparent` of W3C Trace Context: which trace a caller's request belongs to. Whatever is not valid is as if it were not
//! there, as the recommendation wants it.

use http::HeaderMap;

/// The caller's place in its trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceParent {
    /// The trace.
    pub trace: [u8; 16],
    /// The caller's span in it.
    pub span: [u8; 8],
    /// Whether the caller keeps this trace.
    pub sampled: bool,
}

impl TraceParent {
    /// Of a request; `None` where there is none, more than one, or one that is not valid.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let mut all = headers.get_all("traceparent").iter();
        let (Some(one), None) = (all.next(), all.next()) else { return None };
        Self::parse(one.to_str().ok()?)
    }

    /// `00-<32 hex>-<16 hex>-<2 hex>`. Later versions may say more behind that.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let ([version], trace, span, [flags]) = (
            bytes::<1>(parts.next()?)?,
            bytes::<16>(parts.next()?)?,
            bytes::<8>(parts.next()?)?,
            bytes::<1>(parts.next()?)?,
        );
        let ends = parts.next().is_none();
        if version == 0xff || (version == 0 && !ends) || trace == [0; 16] || span == [0; 8] {
            return None;
        }
        Some(Self { trace, span, sampled: flags & 1 == 1 })
    }
}

/// Exactly so many bytes in lower-case hex.
fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let mut bytes = [0; N];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIVEN: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_valid_one_is_taken_over() {
        let parent = TraceParent::parse(GIVEN).unwrap();
        assert_eq!((parent.trace[0], parent.span[7], parent.sampled), (0x0a, 0x31, true));
        assert!(!TraceParent::parse(&GIVEN.replace("-01", "-02")).unwrap().sampled);
        let later = GIVEN.replacen("00", "cc", 1) + "-what-the-future-will-be-like";
        assert!(TraceParent::parse(&later).is_some());
    }

    #[test]
    fn whatever_is_not_valid_is_as_if_it_were_not_there() {
        for wrong in [
            "",
            "00",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-あf7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ] {
            assert_eq!(TraceParent::parse(wrong), None, "{wrong}");
        }
        let mut headers = HeaderMap::new();
        assert_eq!(TraceParent::of(&headers), None);
        headers.append("traceparent", GIVEN.parse().unwrap());
        assert!(TraceParent::of(&headers).is_some());
        headers.append("traceparent", GIVEN.parse().unwrap());
        assert_eq!(TraceParent::of(&headers), None, "two of them say two things");
    }
}
