//! What `--show` may show of a finding: enough to find it in the document, too little to use it.

use sekisho_detect::Signal;

/// Characters shown at most.
const LONGEST: usize = 40;
/// Identifiers shorter than this show nothing; longer ones their first two letters or figures.
const SHORTEST: usize = 8;

/// Marks and identifiers that are public by law are shown as they stand. 個人番号 and credentials show only their shape.
/// Other personal data show the first two letters or figures. Whatever is not known here shows its shape.
pub(super) fn excerpt(signal: Signal, text: &str) -> String {
    match signal {
        Signal::OutOfScope
        | Signal::Secret
        | Signal::Confidentiality(_)
        | Signal::Municipal(_)
        | Signal::Internal
        | Signal::Restricted
        | Signal::Hint
        | Signal::PublicIdentifier => masked(text, usize::MAX),
        Signal::PersonalData(_) if text.chars().filter(|c| c.is_alphanumeric()).count() >= SHORTEST => masked(text, 2),
        Signal::Invisible => {
            let points: Vec<_> = text.chars().take(8).map(|c| format!("U+{:04X}", u32::from(c))).collect();
            points.join(" ")
        }
        _ => masked(text, 0),
    }
}

fn masked(text: &str, open: usize) -> String {
    let mut shown = 0_usize;
    let mut masked: String = text
        .chars()
        .take(LONGEST)
        .map(|c| {
            if c.is_alphanumeric() {
                shown += 1;
                if shown > open { '＊' } else { c }
            } else if c.is_ascii_punctuation() || super::print::is_plain(c) {
                c
            } else {
                ' '
            }
        })
        .collect();
    if text.chars().nth(LONGEST).is_some() {
        masked.push('…');
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;
    use sekisho_detect::PersonalKind;

    #[test]
    fn what_is_secret_shows_its_shape_and_nothing_else() {
        assert_eq!(excerpt(Signal::MyNumber, "９８３２-0567-3214"), "＊＊＊＊-＊＊＊＊-＊＊＊＊");
        assert_eq!(excerpt(Signal::Credential, "sk-abc1"), "＊＊-＊＊＊＊");
        let card = Signal::PersonalData(PersonalKind::PaymentCard);
        assert_eq!(excerpt(card, "4111 1111\n1111 1111"), "41＊＊ ＊＊＊＊ ＊＊＊＊ ＊＊＊＊");
        assert_eq!(excerpt(Signal::PersonalData(PersonalKind::PostalCode), "100-0013"), "＊＊＊-＊＊＊＊");
        assert_eq!(excerpt(Signal::Secret, "極秘"), "極秘");
        assert_eq!(excerpt(Signal::Invisible, "\u{202E}\u{200B}"), "U+202E U+200B");
        assert_eq!(excerpt(Signal::Credential, &"a".repeat(100)), format!("{}…", "＊".repeat(40)));
    }
}
