//! Texts as they can be set: composed, without what has no shape, with 〓 for what the font lacks.

use crate::font::{Font, MISSING};
use unicode_normalization::UnicodeNormalization as _;

/// A text on one line or several; the lines are those the text itself breaks into.
pub(crate) fn settable(text: &str, font: &Font) -> String {
    let mut out = String::with_capacity(text.len());
    let mut after_return = false;
    for character in text.nfc() {
        match character {
            '\n' if after_return => {}
            '\r' | '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push('\n'),
            '\t' => out.push(' '),
            // Shapes and joints of the characters beside them, and places where a line may break.
            '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' | '\u{180b}'..='\u{180f}' => {}
            '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{ad}' => {}
            other if font.has(other) && !other.is_control() => out.push(other),
            // Marks of direction among them: what they do to the order shows in a browser and must not be hidden here.
            _ => out.push(MISSING),
        }
        after_return = character == '\r';
    }
    out
}

/// A text that stands on one line.
pub(crate) fn on_one_line(text: &str, font: &Font) -> String {
    settable(text, font).replace('\n', " ").trim().to_owned()
}

/// For metadata and alternate texts, which no font limits: without control characters.
pub(crate) fn spoken(text: &str) -> String {
    let kept = text.nfc().map(|one| if one.is_control() { ' ' } else { one });
    kept.filter(|one| !matches!(one, '\u{feff}' | '\u{fffe}')).collect::<String>().trim().to_owned()
}

/// What fits into a width, with … for the rest.
pub(crate) fn cut(text: &str, font: &Font, size: f32, width: f32) -> String {
    if font.width(text, size) <= width {
        return text.to_owned();
    }
    let room = width - font.glyph('…').width * size;
    let mut used = 0.0;
    let fits = |one: &char| {
        used += font.glyph(*one).width * size;
        used <= room
    };
    let mut kept: String = text.chars().take_while(fits).collect();
    kept.push('…');
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_set_is_seen() {
        let font = Font::shipped().unwrap();
        let shown = |text: &str| settable(text, font);
        assert_eq!(shown("a\u{0}b\u{7f}c"), "a〓b〓c", "control characters");
        assert_eq!(shown("🍣と👨‍👩‍👧"), "〓と〓〓〓", "emoji; what joins them has no shape");
        assert_eq!(shown("\u{202e}fdp.exe"), "〓fdp.exe", "a mark that turns the order");
        assert_eq!(shown("か\u{3099}ハ\u{309a}"), "がパ", "what is written in two parts is one");
        assert_eq!(shown("葛\u{e0100}飾"), "葛飾", "the shape of a character is the font's");
        assert_eq!(shown("一\r\n二\r三\u{2028}四\t五"), "一\n二\n三\n四 五");
        assert_eq!(shown("\u{e000}שלום"), "〓〓〓〓〓", "private characters and other scripts");
    }

    #[test]
    fn a_long_name_is_cut_to_its_room() {
        let font = Font::shipped().unwrap();
        assert_eq!(cut("総務部", font, 10.0, 30.0), "総務部");
        assert_eq!(cut("総務部総務課", font, 10.0, 30.0), "総務…");
        assert_eq!(cut("総務部総務課", font, 10.0, 1.0), "…");
    }
}
