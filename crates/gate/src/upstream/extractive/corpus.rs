//! The bundled corpus: rules, questions and answers, and opening hours of the fictional 架空省.

use std::sync::LazyLock;

use super::rank::Sentence;

const FILES: [&str; 3] = [
    include_str!("../../../corpus/kitei.md"),
    include_str!("../../../corpus/faq.md"),
    include_str!("../../../corpus/annai.md"),
];

static SENTENCES: LazyLock<Vec<Sentence>> = LazyLock::new(|| FILES.into_iter().flat_map(read).collect());

/// Every sentence, with its document and section.
pub(super) fn sentences() -> &'static [Sentence] {
    &SENTENCES
}

/// `# document`, `## section`, `- sentence`.
fn read(file: &str) -> Vec<Sentence> {
    let (mut document, mut section) = ("", "");
    let mut out = Vec::new();
    for line in file.lines() {
        if let Some(title) = line.strip_prefix("# ") {
            document = title;
        } else if let Some(title) = line.strip_prefix("## ") {
            section = title;
        } else if let Some(sentence) = line.strip_prefix("- ") {
            out.push(Sentence::new(sentence, format!("{document} {section}")));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_has_an_origin() {
        assert!(sentences().len() >= 55, "{}", sentences().len());
        for sentence in sentences() {
            assert!(sentence.origin.starts_with("架空省 ") && sentence.origin.split(' ').count() >= 3, "{sentence:?}");
            assert!(sentence.text.ends_with('。'), "{sentence:?}");
        }
    }
}
