//! Which sentences fit a question: overlap of character pairs.

use super::corpus;
use super::given::Given;

/// The most sentences quoted.
const QUOTES: usize = 4;
/// The least overlap (cosine) of a sentence worth quoting.
const LEAST: f64 = 0.15;
/// Words of a question about the text it comes with, which the corpus cannot answer.
const ABOUT_THE_TEXT: [&str; 8] = ["要約", "まとめ", "翻訳", "抜き出", "次の", "以下", "上記", "この文"];

/// A sentence that may be quoted.
#[derive(Debug, Clone)]
pub(super) struct Sentence {
    pub(super) text: String,
    pub(super) origin: String,
    pairs: Vec<u64>,
}

impl Sentence {
    pub(super) fn new(text: &str, origin: String) -> Self {
        Self { text: text.to_owned(), origin, pairs: pairs(text) }
    }
}

/// The sentences that answer, best first; those given with the question in their own order.
pub(super) fn best(given: &Given) -> Vec<&Sentence> {
    let question = pairs(&given.question);
    let found = if !given.enclosed.is_empty() && ABOUT_THE_TEXT.iter().any(|word| given.question.contains(word)) {
        top(given.enclosed.iter(), &question, LEAST)
    } else {
        top(given.enclosed.iter().chain(&given.earlier).chain(corpus::sentences()), &question, LEAST)
    };
    if !found.is_empty() || given.enclosed.is_empty() {
        return found;
    }
    // «Summarise this» shares no word with the text: quote what the text itself comes back to most.
    let mut text: Vec<u64> = given.enclosed.iter().flat_map(|sentence| sentence.pairs.iter().copied()).collect();
    text.sort_unstable();
    text.dedup();
    let central = top(given.enclosed.iter(), &text, 0.0);
    given.enclosed.iter().filter(|sentence| central.iter().any(|chosen| std::ptr::eq(*chosen, *sentence))).collect()
}

fn top<'a>(sentences: impl Iterator<Item = &'a Sentence>, question: &[u64], least: f64) -> Vec<&'a Sentence> {
    let mut scored: Vec<(f64, &Sentence)> = sentences
        .map(|sentence| (cosine(&sentence.pairs, question), sentence))
        .filter(|(score, _)| *score > least)
        .collect();
    // Stable: of equals the one given earlier stays first.
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    // What fits far less than the best only distracts.
    let floor = scored.first().map_or(0.0, |best| if least > 0.0 { best.0 * 0.6 } else { 0.0 });
    let mut chosen: Vec<&Sentence> = Vec::new();
    for (score, sentence) in scored {
        if score < floor || chosen.len() == QUOTES {
            break;
        }
        if chosen.iter().all(|other| other.text != sentence.text) {
            chosen.push(sentence);
        }
    }
    chosen
}

fn cosine(a: &[u64], b: &[u64]) -> f64 {
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    let shared = a.iter().filter(|pair| b.binary_search(pair).is_ok()).count();
    shared as f64 / ((a.len() * b.len()) as f64).sqrt()
}

/// The pairs of neighbouring characters, sorted, each once. Hiragana carry grammar more than meaning and are left
/// out, as is punctuation; letters are compared without width and case.
fn pairs(text: &str) -> Vec<u64> {
    let mut pairs = Vec::new();
    let mut before: Option<char> = None;
    for c in text.chars().map(folded) {
        let c = c.is_alphanumeric().then_some(c);
        if let (Some(a), Some(b)) = (before, c)
            && !is_hiragana(a)
            && !is_hiragana(b)
        {
            pairs.push(u64::from(u32::from(a)) << 32 | u64::from(u32::from(b)));
        }
        before = c;
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

fn folded(c: char) -> char {
    let narrow = match c {
        '！'..='～' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    };
    narrow.to_ascii_lowercase()
}

fn is_hiragana(c: char) -> bool {
    ('ぁ'..='ゖ').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(question: &str) -> Vec<&'static str> {
        let found = top(corpus::sentences().iter(), &pairs(question), LEAST);
        found.into_iter().map(|sentence| sentence.text.as_str()).collect()
    }

    #[test]
    fn the_corpus_answers_its_questions() {
        for (question, part) in [
            ("開庁時間を教えてください。", "架空省の開庁時間は、"),
            ("祝日は開いていますか", "閉庁します"),
            ("機密性3情報を入力してもよいですか？", "機密性3情報は、"),
            ("ＡＰＩキーは共有できますか", "APIキーを他の職員と共有"),
            ("利用申請には何を書きますか", "利用申請には、"),
            ("研修はいつですか", "研修"),
        ] {
            let found = ask(question);
            assert!(found.iter().take(2).any(|text| text.contains(part)), "{question}: {found:?}");
        }
    }

    #[test]
    fn nothing_fits_a_strange_question() {
        assert!(ask("火星の衛星フォボスの直径は？").is_empty());
        assert!(ask("").is_empty());
        assert!(ask("hello world").is_empty());
    }
}
