//! The one normalisation under which quoted and stored text are compared.
//!
//! Folded: the width of ASCII (`５` is `5`, `（` is `(`), the style of quotation marks (`『` is `「`), the wave dash (`〜` is
//! `～`, one character in two encodings). Dropped: white space and line breaks, except between two Latin letters or digits
//! and between two numerals, where leaving it out would make another word or number. Nothing else: no variants of kanji,
//! no 五 for 5, no 、 for ，. None of this can change what a text says.

/// Text ready for comparison, with the way back to where each character stood.
#[derive(Debug, Clone, Default)]
pub(crate) struct Folded {
    text: String,
    /// Byte in `text`, byte in the source and the byte behind it there; ascending.
    origin: Vec<(usize, usize, usize)>,
    /// Bytes of `text` at which a sentence ends; ascending, the last is the text's length.
    breaks: Vec<usize>,
}

impl Folded {
    /// Folds a text and finds its sentences.
    pub(crate) fn of(source: &str) -> Self {
        let mut out = Self { text: String::with_capacity(source.len()), ..Self::default() };
        out.origin.reserve(source.len() / 3);
        let (mut blank, mut last, mut depth) = (false, None, 0_usize);
        for (at, raw) in source.char_indices() {
            if raw.is_whitespace() {
                blank = true;
                if raw == '\n' {
                    // A line of a law is a paragraph or an item: no bracket reaches over it.
                    depth = 0;
                    out.end_sentence();
                }
                continue;
            }
            let c = fold(raw);
            if blank && last.is_some_and(|l| keeps_apart(l, c)) {
                out.text.push(' ');
            }
            blank = false;
            out.origin.push((out.text.len(), at, at + raw.len_utf8()));
            out.text.push(c);
            last = Some(c);
            match c {
                '(' | '「' | '〔' => depth += 1,
                ')' | '」' | '〕' => depth = depth.saturating_sub(1),
                '。' | '!' | '?' if depth == 0 => out.end_sentence(),
                _ => {}
            }
        }
        out.end_sentence();
        out
    }

    fn end_sentence(&mut self) {
        if self.text.len() > self.breaks.last().copied().unwrap_or(0) {
            self.breaks.push(self.text.len());
        }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The part between two bytes of the folded text; empty when these are no places of it.
    pub(crate) fn part(&self, from: usize, to: usize) -> &str {
        self.text.get(from..to).unwrap_or("")
    }

    /// Where the sentence ends that holds the character before `at`.
    pub(crate) fn sentence_end(&self, at: usize) -> usize {
        let next = self.breaks.partition_point(|b| *b < at);
        self.breaks.get(next).copied().unwrap_or(self.text.len())
    }

    /// Whether a sentence begins here.
    pub(crate) fn begins_sentence(&self, at: usize) -> bool {
        // The blank kept between two numerals belongs to neither line.
        let at = if self.part(at.saturating_sub(1), at) == " " { at - 1 } else { at };
        at == 0 || self.breaks.binary_search(&at).is_ok()
    }

    /// Whether nothing of a sentence is left here but its full stop.
    pub(crate) fn ends_sentence(&self, at: usize) -> bool {
        matches!(self.part(at, self.sentence_end(at)), "" | "。" | "!" | "?")
    }

    /// The sentences as places of the folded text.
    pub(crate) fn sentences(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let starts = std::iter::once(0).chain(self.breaks.iter().copied());
        starts.zip(self.breaks.iter().copied())
    }

    /// The source's bytes from which a part was folded.
    pub(crate) fn source(&self, from: usize, to: usize) -> std::ops::Range<usize> {
        let first = self.origin.partition_point(|(folded, ..)| *folded < from);
        let after = self.origin.partition_point(|(folded, ..)| *folded < to);
        let start = self.origin.get(first).map_or(0, |(_, start, _)| *start);
        let end = after.checked_sub(1).and_then(|i| self.origin.get(i)).map_or(start, |(.., end)| *end);
        start..end.max(start)
    }

    /// All places of a text, overlapping ones too, at most `most`.
    pub(crate) fn places<'a>(&'a self, wanted: &'a str, most: usize) -> impl Iterator<Item = (usize, usize)> + 'a {
        let mut from = 0;
        let step = wanted.chars().next().map_or(1, char::len_utf8);
        std::iter::from_fn(move || {
            let at = from + self.text.get(from..)?.find(wanted)?;
            from = at + step;
            Some((at, at + wanted.len()))
        })
        .take(if wanted.is_empty() { 0 } else { most })
    }
}

/// One character of any width or style as the one it is compared by.
pub(crate) fn fold(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '〜' => '~',
        '『' | '“' | '‘' | '〝' | '｢' | '﹁' | '﹃' => '「',
        '』' | '”' | '’' | '〟' | '｣' | '﹂' | '﹄' => '」',
        _ => c,
    }
}

/// A digit of either script, or a multiplier.
pub(crate) fn is_numeral(c: char) -> bool {
    c.is_ascii_digit() || crate::analysis::is_kanji_figure(c)
}

fn keeps_apart(before: char, after: char) -> bool {
    (before.is_ascii_alphanumeric() && after.is_ascii_alphanumeric()) || (is_numeral(before) && is_numeral(after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_marks_and_breaks_fold_numbers_and_kanji_do_not() {
        assert_eq!(Folded::of("第５条　『乙』は、\r\n　“丙”（ＡＢ）").text(), "第5条「乙」は、「丙」(AB)");
        assert_eq!(Folded::of("not able 10 20 三\n十").text(), "not able 10 20 三 十");
        assert_ne!(Folded::of("第五条").text(), Folded::of("第5条").text());
        assert_ne!(Folded::of("斎藤").text(), Folded::of("齋藤").text());
        assert_ne!(Folded::of("一、二").text(), Folded::of("一，二").text());
    }

    #[test]
    fn sentences_end_at_stops_outside_brackets_and_at_lines() {
        let text = Folded::of("甲（以下「乙」という。）は、丙とする。ただし、丁。\n一　戊\n二　己");
        let parts: Vec<&str> = text.sentences().map(|(a, b)| text.part(a, b)).collect();
        assert_eq!(parts, ["甲(以下「乙」という。)は、丙とする。", "ただし、丁。", "一戊", "二己"]);
    }

    #[test]
    fn a_part_leads_back_to_its_source() {
        let source = "（甲）は　１０\n日";
        let text = Folded::of(source);
        assert_eq!(source.get(text.source(0, text.text().len())), Some(source));
        let at = text.text().find("10").unwrap();
        assert_eq!(source.get(text.source(at, at + 2)), Some("１０"));
    }
}
