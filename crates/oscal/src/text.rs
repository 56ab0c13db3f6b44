//! Texts in OSCAL's narrow types: a title is one line, the value of a prop neither begins nor ends with a space.

/// Fits OSCAL's string type, whichever dialect of regular expressions the reader's validator speaks.
pub(crate) fn is_string(text: &str) -> bool {
    let inside = |c: char| !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}');
    let edge = |c: Option<char>| c.is_some_and(|c| !is_space(c));
    edge(text.chars().next()) && edge(text.chars().next_back()) && text.chars().all(inside)
}

/// The text itself when it is a string, else as one line, or `otherwise` when nothing is left of it.
pub(crate) fn line(text: &str, otherwise: &str) -> String {
    if is_string(text) {
        return text.to_owned();
    }
    let split = |c: char| is_space(c) || c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let words: Vec<&str> = text.split(split).filter(|w| !w.is_empty()).collect();
    if words.is_empty() { otherwise.to_owned() } else { words.join(" ") }
}

/// The first line, shortened: what a reader sees in a list.
pub(crate) fn headline(text: &str, otherwise: &str) -> String {
    const LONGEST: usize = 60;
    let first = line(text.lines().find(|l| !l.trim().is_empty()).unwrap_or_default(), otherwise);
    if first.chars().count() <= LONGEST {
        return first;
    }
    let cut: String = first.chars().take(LONGEST).collect();
    format!("{}…", cut.trim_end())
}

fn is_space(c: char) -> bool {
    c.is_whitespace() || c == '\u{feff}'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_every_validator_takes_is_a_string() {
        assert!(is_string("架空 クラウド"));
        for bad in ["", " ", " a", "a\u{3000}", "\u{feff}a", "a\nb", "a\rb", "a\u{2028}b", "a\tb"] {
            assert!(!is_string(bad), "{bad:?}");
        }
    }

    #[test]
    fn a_line_of_anything_is_a_string() {
        assert_eq!(line(" 架空\n\nの\u{2028}サービス ", "—"), "架空 の サービス");
        assert_eq!(line("架空\u{3000}クモ", "—"), "架空\u{3000}クモ");
        assert_eq!(line("\n\u{0}\u{feff}", "—"), "—");
        assert_eq!(headline(&"長".repeat(100), "—").chars().count(), 61);
    }
}
