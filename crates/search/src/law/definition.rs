//! Where a law says what a word means.

use std::ops::Range;

use super::window;

/// A word and where its meaning is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// The word.
    pub term: String,
    /// The bytes of the word, without its brackets, in the text.
    pub span: Range<usize>,
    /// The bytes of the words that define it: the sentence, the item, or what stands before （以下「X」という。）.
    pub meaning: Range<usize>,
    /// Where it means that.
    pub scope: Scope,
    /// How it is said.
    pub form: Form,
}

/// Where a definition holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// 以下「X」という, この法律において: to the end of the law.
    Law,
    /// This part of it, as the text says: この条, この章, 次条及び第五条, この項.
    Part(String),
}

/// How a definition is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// …（以下「X」という。）
    Hereafter,
    /// 「X」とは、…をいう。
    Means,
    /// An item of a list of definitions: 一　X　…をいう。
    Item,
}

/// The longest word that is taken for a term, in bytes.
const LONGEST: usize = 300;
/// How far from a word its meaning may begin or end, in characters.
const FARTHEST: usize = 4000;

/// The definitions in the text of a provision, from left to right.
pub fn definitions(text: &str) -> Vec<Definition> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut list: Option<Scope> = None;
    for line in text.split('\n') {
        let item = is_item(line);
        if !item {
            list = list_of_definitions(line);
        }
        match (&list, item) {
            (Some(scope), true) => found.extend(of_item(line, start, scope)),
            _ => {
                means(line, start, &mut found);
            }
        }
        hereafter(line, start, &mut found);
        start += line.len() + 1;
    }
    found.sort_by_key(|definition| definition.span.start);
    found
}

/// Whether a line begins with the label of an item.
fn is_item(line: &str) -> bool {
    let label = line.split_once('　').map(|(label, _)| label);
    label.is_some_and(|label| !label.is_empty() && label.chars().all(|c| "一二三四五六七八九十百の".contains(c)))
}

/// 次の各号に掲げる用語の意義は、当該各号に定めるところによる: the items that follow define.
fn list_of_definitions(line: &str) -> Option<Scope> {
    let lists = ["用語の意義は", "用語の定義は", "用語ノ意義ハ"].iter().any(|words| line.contains(words));
    lists.then(|| scope_before(line))
}

fn scope_before(words: &str) -> Scope {
    for end in ["において", "に於て", "ニ於テ"] {
        if let Some((head, _)) = words.split_once(end)
            && let Some(at) = head.rfind("この")
            && let Some(part) = head.get(at..)
            && part.len() <= 60
        {
            return named_scope(part);
        }
    }
    Scope::Law
}

fn named_scope(part: &str) -> Scope {
    match part {
        "この法律" | "この政令" | "この省令" | "この府令" | "この規則" | "この勅令" | "この命令" | "" => {
            Scope::Law
        }
        _ => Scope::Part(part.to_owned()),
    }
}

/// 一　X　…をいう。
fn of_item(line: &str, start: usize, scope: &Scope) -> Option<Definition> {
    let (label, rest) = line.split_once('　')?;
    let (term, meaning) = rest.split_once('　')?;
    if term.is_empty() || term.len() > LONGEST || meaning.is_empty() {
        return None;
    }
    let at = start + label.len() + "　".len();
    let meaning_at = at + term.len() + "　".len();
    Some(Definition {
        term: term.to_owned(),
        span: at..at + term.len(),
        meaning: meaning_at..meaning_at + meaning.len(),
        scope: scope.clone(),
        form: Form::Item,
    })
}

/// 「X」とは、…をいう。
fn means(line: &str, start: usize, out: &mut Vec<Definition>) {
    for (at, _) in line.match_indices("」とは") {
        let Some((before, after)) = line.split_at_checked(at) else { continue };
        let near = window::tail(before, LONGEST);
        let Some(open) = near.rfind('「').map(|open| at - near.len() + open) else { continue };
        let from = open + "「".len();
        let Some(term) = before.get(from..).filter(|term| !term.is_empty() && term.len() <= LONGEST) else { continue };
        let after = window::head(after, FARTHEST);
        let said = ["をいう", "をいい", "を謂う", "ヲ謂フ", "ヲイフ", "をいうものとする", "のことをいう"]
            .iter()
            .filter_map(|end| after.find(end).map(|at| at + end.len()))
            .min();
        // Without をいう it is a rule about the word, not its meaning.
        let Some(length) = said else { continue };
        let clause = window::tail(before.get(..open).unwrap_or_default(), FARTHEST);
        let clause = clause.rsplit('。').next().unwrap_or_default();
        let meaning = at + "」とは".len()..at + length;
        out.push(Definition {
            term: term.to_owned(),
            span: start + from..start + at,
            meaning: start + meaning.start..start + meaning.end,
            scope: scope_before(clause),
            form: Form::Means,
        });
    }
}

/// …（以下「X」という。）, …（以下この条において「X」と総称する。）
fn hereafter(line: &str, start: usize, out: &mut Vec<Definition>) {
    for (at, _) in line.match_indices("以下") {
        let from = at + "以下".len();
        let near = window::head(line.get(from..).unwrap_or_default(), 2 * LONGEST);
        let Some((scope, rest)) = near.split_once('「') else { continue };
        if scope.len() > 120 || scope.contains(['。', '）', '」']) {
            continue;
        }
        let Some((term, after)) = rest.split_once('」').filter(|(term, _)| !term.is_empty() && term.len() <= LONGEST)
        else {
            continue;
        };
        if !["という", "といい", "と総称", "と称", "ト称ス", "ト謂フ"].iter().any(|word| after.starts_with(word))
        {
            continue;
        }
        let part = ["において", "に於て"].iter().find_map(|end| scope.rfind(end)).and_then(|end| scope.get(..end));
        let term_at = from + scope.len() + "「".len();
        out.push(Definition {
            term: term.to_owned(),
            span: start + term_at..start + term_at + term.len(),
            meaning: meaning_before(line, at)
                .map_or(start + at..start + at, |range| start + range.start..start + range.end),
            scope: part.map_or(Scope::Law, |part| named_scope(part.trim_start_matches('、'))),
            form: Form::Hereafter,
        });
    }
}

/// The words before the bracket in which 以下 stands, back to the last mark.
fn meaning_before(line: &str, at: usize) -> Option<Range<usize>> {
    let before = line.get(..at)?;
    let mut depth = 0_usize;
    let mut open = None;
    for (place, c) in before.char_indices().rev().take(FARTHEST) {
        match c {
            '）' => depth += 1,
            '（' if depth == 0 => {
                open = Some(place);
                break;
            }
            '（' => depth -= 1,
            _ => {}
        }
    }
    let open = open?;
    let head = line.get(..open)?;
    let mut depth = 0_usize;
    let mut from = 0;
    for (place, c) in head.char_indices().rev().take(FARTHEST) {
        match c {
            '）' => depth += 1,
            '（' | '　' | '、' | '。' if depth == 0 => {
                from = place + c.len_utf8();
                break;
            }
            '（' => depth -= 1,
            _ => {}
        }
    }
    Some(from..open)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<(String, String, Scope)> {
        definitions(text).into_iter().map(|d| (d.term, text[d.meaning].to_owned(), d.scope)).collect()
    }

    fn part(words: &str) -> Scope {
        Scope::Part(words.to_owned())
    }

    #[test]
    fn hereafter_a_word_stands_for_what_was_said() {
        let text = "市長は、架空物を所有する者（法人を含む。以下「所有者」という。）に、架空の届出（以下この条において「届出」という。）を求める。";
        assert_eq!(
            shown(text),
            [
                ("所有者".to_owned(), "架空物を所有する者".to_owned(), Scope::Law),
                ("届出".to_owned(), "架空の届出".to_owned(), part("この条")),
            ]
        );
    }

    #[test]
    fn a_sentence_says_what_a_word_means() {
        let text = "この法律において「架空物」とは、存在しない物をいう。\n２　この章において「甲」とは、乙をいう。ただし、「丙」とは別とする。";
        assert_eq!(
            shown(text),
            [
                ("架空物".to_owned(), "、存在しない物をいう".to_owned(), Scope::Law),
                ("甲".to_owned(), "、乙をいう".to_owned(), part("この章")),
            ]
        );
    }

    #[test]
    fn the_items_of_a_list_define() {
        let text = "この節において、次の各号に掲げる用語の意義は、当該各号に定めるところによる。\n一　架空物　存在しない物をいう。\n二　架空者　存在しない者（以下「者」という。）をいう。\n２　次の各号のいずれかに該当する者\n一　甲　乙";
        let terms: Vec<String> = definitions(text).into_iter().map(|d| d.term).collect();
        assert_eq!(terms, ["架空物", "架空者", "者"]);
        assert_eq!(definitions(text)[0].scope, part("この節"));
    }
}
