//! Overviews and usages: a small part of Markdown with the `:::disclosure{title=…}` blocks of 源内, read into blocks that
//! a template renders. No markup of the author reaches the page.

/// A block of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading.
    Heading(String),
    /// A paragraph, by line.
    Paragraph(Vec<String>),
    /// A list.
    List(Vec<String>),
    /// Folded up under a title.
    Disclosure(String, Vec<Block>),
}

const OPEN: &str = ":::disclosure";
const CLOSE: &str = ":::";

/// Reads a text. Everything is text in the end: what is no block is a paragraph.
pub fn read(text: &str) -> Vec<Block> {
    let mut all = Vec::new();
    let mut lines = text.lines().map(str::trim_end);
    let mut plain: Vec<&str> = Vec::new();
    while let Some(line) = lines.next() {
        let Some(title) = line.trim_start().strip_prefix(OPEN) else {
            plain.push(line);
            continue;
        };
        all.extend(simple(&plain));
        plain.clear();
        let inside: Vec<&str> = lines.by_ref().take_while(|line| line.trim() != CLOSE).collect();
        all.push(Block::Disclosure(title_of(title), simple(&inside)));
    }
    all.extend(simple(&plain));
    all
}

/// `{title=説明}` or `{title="説明"}`.
fn title_of(attributes: &str) -> String {
    let inside = attributes.trim().trim_start_matches('{').trim_end_matches('}');
    let title = inside.split_once("title=").map_or("", |(_, title)| title.trim());
    let title = title.trim_matches(|c| matches!(c, '"' | '\''));
    if title.is_empty() { "詳細".to_owned() } else { title.chars().take(100).collect() }
}

fn simple(lines: &[&str]) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut apart = true;
    for line in lines {
        let line = line.trim();
        let item = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")).or_else(|| line.strip_prefix('・'));
        if line.is_empty() {
            apart = true;
        } else if let Some(heading) = heading(line) {
            blocks.push(Block::Heading(heading.to_owned()));
            apart = true;
        } else if let Some(item) = item {
            match blocks.last_mut() {
                Some(Block::List(items)) => items.push(item.trim().to_owned()),
                _ => blocks.push(Block::List(vec![item.trim().to_owned()])),
            }
            apart = true;
        } else {
            match blocks.last_mut() {
                Some(Block::Paragraph(lines)) if !apart => lines.push(line.to_owned()),
                _ => blocks.push(Block::Paragraph(vec![line.to_owned()])),
            }
            apart = false;
        }
    }
    blocks
}

fn heading(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches('#');
    (rest.len() < line.len()).then(|| rest.strip_prefix(' ')).flatten().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disclosures_are_folded_and_what_is_not_closed_ends_with_the_text() {
        let text = "# 使い方\n一行目\n二行目\n\n- あ\n- い\n\n:::disclosure{title=\"詳しく\"}\n中身 <b>x</b>\n:::\nあと\n:::disclosure{title=終わらない}\n続き";
        let blocks = read(text);
        assert_eq!(
            blocks,
            [
                Block::Heading("使い方".into()),
                Block::Paragraph(vec!["一行目".into(), "二行目".into()]),
                Block::List(vec!["あ".into(), "い".into()]),
                Block::Disclosure("詳しく".into(), vec![Block::Paragraph(vec!["中身 <b>x</b>".into()])]),
                Block::Paragraph(vec!["あと".into()]),
                Block::Disclosure("終わらない".into(), vec![Block::Paragraph(vec!["続き".into()])]),
            ]
        );
        assert_eq!(read(":::disclosure"), [Block::Disclosure("詳細".into(), vec![])]);
        assert_eq!(read(""), []);
    }
}
