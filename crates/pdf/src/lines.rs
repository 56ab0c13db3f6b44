//! Where lines break: UAX 14, which holds the Japanese rules on what must not begin or end a line (禁則).

use crate::font::Font;
use icu_segmenter::LineSegmenter;
use icu_segmenter::options::LineBreakOptions;

/// A line with its width in points; the spaces at its end are kept and not counted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Line {
    pub(crate) text: String,
    pub(crate) width: f32,
}

/// A settable text in lines of a width. There is always a line, and every line has at least one character if the text
/// has: what is wider than the line breaks between any two characters.
pub(crate) fn lines(text: &str, font: &Font, size: f32, width: f32) -> Vec<Line> {
    let segmenter = LineSegmenter::new_for_non_complex_scripts(LineBreakOptions::default());
    let mut all = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = Filling::default();
        let mut from = 0;
        for to in segmenter.segment_str(paragraph) {
            let piece = paragraph.get(from..to).unwrap_or_default();
            from = to;
            let trimmed = font.width(piece.trim_end(), size);
            if line.width + trimmed > width && !line.text.is_empty() {
                all.push(line.ended(font, size));
                line = Filling::default();
            }
            if trimmed <= width {
                line.push(piece, font.width(piece, size));
                continue;
            }
            for character in piece.chars() {
                let wide = font.glyph(character).width * size;
                if line.width + wide > width && !line.text.is_empty() {
                    all.push(line.ended(font, size));
                    line = Filling::default();
                }
                line.push(character.encode_utf8(&mut [0; 4]), wide);
            }
        }
        all.push(line.ended(font, size));
    }
    all
}

/// A line that is being filled.
#[derive(Default)]
struct Filling {
    text: String,
    width: f32,
}

impl Filling {
    fn push(&mut self, piece: &str, width: f32) {
        self.text.push_str(piece);
        self.width += width;
    }

    fn ended(self, font: &Font, size: f32) -> Line {
        let behind = self.text.get(self.text.trim_end().len()..).unwrap_or_default();
        Line { width: self.width - font.width(behind, size), text: self.text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn set(text: &str, width: f32) -> Vec<String> {
        lines(text, Font::shipped().unwrap(), 10.0, width).into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn a_line_begins_with_no_stop_and_ends_with_no_opening_bracket() {
        assert_eq!(set("これは試験です。次の文", 70.0), ["これは試験で", "す。次の文"]);
        assert_eq!(set("これは試験で「次の文」", 70.0), ["これは試験で", "「次の文」"]);
        assert_eq!(set("セキュリティー", 60.0), ["セキュリ", "ティー"], "small kana and ー begin no line");
    }

    #[test]
    fn words_and_figures_stay_whole_and_longer_ones_break_anywhere() {
        assert_eq!(set("利用は 1,234 回です", 55.0), ["利用は ", "1,234 回で", "す"]);
        assert_eq!(set("Aaaaaaaaaaaaaaa", 25.0), ["Aaaaa", "aaaaa", "aaaaa"]);
        assert_eq!(set("関", 1.0), ["関"], "a line too narrow for anything");
        assert_eq!(set("", 10.0), [""]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_no_line_is_too_wide(text in "[ -~ぁ-ん。、「」一-十\n]{0,80}", width in 20.0_f32..200.0) {
            let font = Font::shipped().unwrap();
            let set = lines(&text, font, 10.0, width);
            let joined: String = set.iter().map(|line| line.text.as_str()).collect();
            prop_assert_eq!(joined, text.replace('\n', ""));
            for line in set {
                prop_assert!(line.width <= width + 0.01, "{:?}", line);
            }
        }
    }
}
