//! Pages of the Houses' sites as lines of text.

use encoding_rs::{EUC_JP, Encoding, SHIFT_JIS, UTF_8};
use html5gum::{DefaultEmitter, Token, Tokenizer};

/// Largest page that is read, in bytes.
pub const MAX_HTML: usize = 4 * 1024 * 1024;

/// Where a declaration of the encoding is looked for, in bytes.
const HEAD: usize = 4096;

/// Why a page is not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// Too many bytes.
    #[error("the page has {0} bytes; at most {MAX_HTML} are read")]
    TooLarge(usize),
    /// What is looked for does not stand on it.
    #[error("the page holds no {0}")]
    Nothing(&'static str),
}

/// The lines a reader sees. Cells of a table are separated by tabs; readings over characters (ruby) are left out.
pub(super) fn lines(bytes: &[u8]) -> Result<Vec<String>, PageError> {
    if bytes.len() > MAX_HTML {
        return Err(PageError::TooLarge(bytes.len()));
    }
    let html = decode(bytes);
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut text = String::new();
    // Elements whose text is not read: what is open of them, by number, so that depth costs nothing.
    let (mut unread, mut reading) = (0_usize, false);
    for token in Tokenizer::new_with_emitter(html.as_str(), emitter) {
        match token {
            Ok(Token::StartTag(tag)) => match &**tag.name {
                b"script" | b"style" | b"title" if !tag.self_closing => unread += 1,
                b"rt" | b"rp" => reading = true,
                name => {
                    reading &= is_inline(name);
                    boundary(&mut text, name);
                }
            },
            Ok(Token::EndTag(tag)) => match &**tag.name {
                b"script" | b"style" | b"title" => unread = unread.saturating_sub(1),
                b"rt" | b"rp" | b"ruby" => reading = false,
                name => boundary(&mut text, name),
            },
            Ok(Token::String(said)) if unread == 0 && !reading => push(&mut text, &String::from_utf8_lossy(&said)),
            Ok(_) | Err(_) => {}
        }
    }
    let trim = |line: &str| line.trim_matches([' ', '\u{a0}', '\t']).to_owned();
    Ok(text.lines().map(trim).filter(|line| !line.trim().is_empty()).collect())
}

/// Whether a line belongs to the site and not to the paper.
pub(super) fn is_footer(line: &str) -> bool {
    const BEGINS: [&str; 9] = [
        "経過へ",
        "質問本文",
        "答弁本文",
        "質問主意書情報",
        "ページの先頭",
        "ページトップ",
        "Copyright",
        "衆議院 〒",
        "参議院 〒",
    ];
    const WHOLE: [&str; 6] = ["メインへスキップ", "サイトマップ", "トップ", "質問主意書一覧へ", "一覧へ", "戻る"];
    let line = line.trim_matches(['|', '｜', '<', '>', ' ', '　', '[', ']']);
    BEGINS.iter().any(|begin| line.starts_with(begin)) || WHOLE.contains(&line) || line.starts_with("〒")
}

fn is_inline(name: &[u8]) -> bool {
    matches!(
        name,
        b"a" | b"b"
            | b"big"
            | b"em"
            | b"font"
            | b"i"
            | b"img"
            | b"rb"
            | b"ruby"
            | b"s"
            | b"small"
            | b"span"
            | b"strong"
            | b"sub"
            | b"sup"
            | b"u"
            | b"wbr"
    )
}

fn boundary(text: &mut String, name: &[u8]) {
    if is_inline(name) {
        return;
    }
    let separator = if matches!(name, b"td" | b"th") { '\t' } else { '\n' };
    while text.ends_with(' ') {
        text.pop();
    }
    let begun = text.is_empty() || text.ends_with('\n') || (separator == '\t' && text.ends_with('\t'));
    if !begun {
        text.push(separator);
    }
}

/// White space is one space; line breaks of the source are none between Japanese letters.
fn push(text: &mut String, said: &str) {
    let mut broken = false;
    for c in said.chars() {
        if c.is_ascii_whitespace() {
            broken |= c == '\n';
            if !text.is_empty() && !text.ends_with([' ', '\n', '\t']) {
                text.push(' ');
            }
            continue;
        }
        let between = || !c.is_ascii() && text.chars().rev().nth(1).is_some_and(|before| !before.is_ascii());
        if broken && text.ends_with(' ') && between() {
            text.pop();
        }
        broken = false;
        text.push(c);
    }
}

/// The page's characters: by what it declares, unless that does not fit and another encoding does.
fn decode(bytes: &[u8]) -> String {
    let declared = declared(bytes).unwrap_or(UTF_8);
    for encoding in [declared, UTF_8, SHIFT_JIS, EUC_JP] {
        let (text, _, wrong) = encoding.decode(bytes);
        if !wrong {
            return text.into_owned();
        }
    }
    declared.decode(bytes).0.into_owned()
}

fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(bytes.get(..bytes.len().min(HEAD))?).to_ascii_lowercase();
    let rest = head.split_once("charset")?.1.trim_start().strip_prefix('=')?;
    let label = rest.trim_start().trim_start_matches(['"', '\'']);
    let end = label.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))).unwrap_or(label.len());
    // The sites write names that the standard does not know.
    match label.get(..end)? {
        "cp932" | "ms932" => Some(SHIFT_JIS),
        label => Encoding::for_label(label.as_bytes()),
    }
}
