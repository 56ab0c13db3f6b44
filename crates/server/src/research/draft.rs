//! Reports made by extraction, for when no model writes: whole sentences of the passages, each quoted as it stands.

use super::Research;
use super::message::Read;
use super::terms::terms;
use sekisho_search::citation::{Passage, Shelf, Standing, Style, Verdict, check, extract};

/// Statements of one report.
const MOST: usize = 24;
/// Longest quotation, in characters.
const LONGEST: usize = 1_200;
/// Characters of a passage that are quoted when no word of the question stands in it.
const OPENING: usize = 6;

/// A quotation that was checked.
struct Quoted<'a> {
    passage: &'a Passage,
    text: String,
}

/// The answer of the built-in model. Every statement of it is supported, or it is not in it.
pub(super) fn write(read: &Read) -> String {
    let terms = terms(&read.question);
    let terms: Vec<&str> = terms.iter().map(String::as_str).collect();
    let shelf = Shelf::new(&read.passages);
    let mut quoted: Vec<Quoted<'_>> = Vec::new();
    for passage in &read.passages {
        quoted.extend(of_passage(passage, &terms, &shelf));
        if quoted.len() >= MOST {
            break;
        }
    }
    if quoted.is_empty() {
        // No word of the question stands in any sentence: what was found is shown by its beginning.
        for passage in &read.passages {
            let opening: String = passage.text.trim_start().chars().take(OPENING).collect();
            quoted.extend(of_passage(passage, &[&opening], &shelf).into_iter().take(1));
        }
    }
    quoted.truncate(MOST);
    match read.research {
        Research::Law => law(read, &quoted),
        Research::Diet => diet(&quoted),
    }
}

fn of_passage<'a>(passage: &'a Passage, terms: &[&str], shelf: &Shelf<'_>) -> Vec<Quoted<'a>> {
    let spans = extract(&passage.text, terms).into_iter();
    let texts = spans.filter_map(|span| passage.text.get(span.range));
    let one_line = texts.map(|text| text.lines().map(str::trim).collect::<Vec<_>>().join("\u{3000}"));
    let made = one_line.map(|text| Quoted { passage, text: without_speaker(&text).to_owned() });
    made.filter(|quoted| quoted.text.chars().count() <= LONGEST && stands(&quoted.item(), shelf)).collect()
}

/// A sentence without the printed head of a speech (○国務大臣（…君）) that it begins with: who spoke stands in the source.
fn without_speaker(text: &str) -> &str {
    /// Longest head, in bytes.
    const HEAD: usize = 240;
    match text.split_once('\u{3000}') {
        Some((head, said)) if head.starts_with('○') && head.len() <= HEAD => said.trim_start(),
        _ => text,
    }
}

/// Whether a statement, taken by itself, is supported by a quotation that stands.
fn stands(statement: &str, shelf: &Shelf<'_>) -> bool {
    let checked = check(statement, shelf, &Style::default());
    let found = |standing: &Standing| matches!(standing, Standing::Found { .. });
    let supported =
        |verdict: &Verdict| matches!(verdict, Verdict::Supported { quotations } if quotations.iter().any(found));
    checked.coverage.statements == 1 && checked.statements.iter().all(|judged| supported(&judged.verdict))
}

impl Quoted<'_> {
    /// One statement: the quotation and its mark.
    fn item(&self) -> String {
        format!("- 「{}」[{}]", self.text, self.passage.number)
    }
}

fn law(read: &Read, quoted: &[Quoted<'_>]) -> String {
    let parts = read.shape.parts();
    let mut written: Vec<String> = parts.iter().map(|(heading, _)| format!("## {heading}\n\n")).collect();
    let mut filled = vec![false; parts.len()];
    for one in quoted {
        let fits = |words: &[&str]| words.is_empty() || words.iter().any(|word| one.text.contains(word));
        let at = parts.iter().position(|(_, words)| fits(words)).unwrap_or(0);
        if let (Some(part), Some(filled)) = (written.get_mut(at), filled.get_mut(at)) {
            part.push_str(&one.item());
            part.push('\n');
            *filled = true;
        }
    }
    let parts = written.into_iter().zip(filled).filter(|(_, filled)| *filled);
    parts.map(|(part, _)| part).collect::<Vec<_>>().join("\n")
}

/// Passages that answer are numbered behind the question they answer; their citation says who speaks.
fn diet(quoted: &[Quoted<'_>]) -> String {
    let asks = |one: &&Quoted<'_>| super::pairs::is_question(&one.passage.cite);
    let mut text = String::new();
    let mut part = |heading: &str, items: Vec<String>| {
        if !items.is_empty() {
            text.push_str(&format!("## {heading}\n\n{}\n\n", items.join("\n")));
        }
    };
    let answers: Vec<&Quoted<'_>> = quoted.iter().filter(|one| !asks(one)).collect();
    part("類似の質問", quoted.iter().filter(asks).map(Quoted::item).collect());
    part("政府の答弁の推移", answers.iter().map(|one| one.item()).collect());
    // The newest answer first: it is the one that stands.
    let draft = answers.iter().rev().take(3).map(|one| {
        format!(
            "お尋ねの点については、これまで「{}」とお答えしているものと承知しております。[{}]",
            one.text, one.passage.number
        )
    });
    part("答弁案", draft.collect());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_sentence_that_begins_with_who_speaks_then_what_was_said_is_quoted() {
        assert_eq!(without_speaker("○国務大臣（架空花子君）　お答えします。"), "お答えします。");
        assert_eq!(without_speaker("２　架空大臣は、認可をする。"), "２　架空大臣は、認可をする。");
        assert_eq!(without_speaker("お答えします。"), "お答えします。");
    }
}
