//! Names of glyphs, by which simple fonts say what their codes mean.

/// The character that a glyph's name means (Adobe Glyph List, as far as ASCII and the rule for the others go).
pub(super) fn glyph_name(name: &str) -> Option<char> {
    const NAMES: [(&str, char); 87] = [
        ("space", ' '),
        ("nbspace", ' '),
        ("exclam", '!'),
        ("quotedbl", '"'),
        ("numbersign", '#'),
        ("dollar", '$'),
        ("percent", '%'),
        ("ampersand", '&'),
        ("quotesingle", '\''),
        ("quoteright", '\''),
        ("quoteleft", '`'),
        ("grave", '`'),
        ("parenleft", '('),
        ("parenright", ')'),
        ("asterisk", '*'),
        ("plus", '+'),
        ("comma", ','),
        ("hyphen", '-'),
        ("minus", '-'),
        ("sfthyphen", '-'),
        ("period", '.'),
        ("slash", '/'),
        ("zero", '0'),
        ("one", '1'),
        ("two", '2'),
        ("three", '3'),
        ("four", '4'),
        ("five", '5'),
        ("six", '6'),
        ("seven", '7'),
        ("eight", '8'),
        ("nine", '9'),
        ("colon", ':'),
        ("semicolon", ';'),
        ("less", '<'),
        ("equal", '='),
        ("greater", '>'),
        ("question", '?'),
        ("at", '@'),
        ("bracketleft", '['),
        ("backslash", '\\'),
        ("bracketright", ']'),
        ("asciicircum", '^'),
        ("underscore", '_'),
        ("braceleft", '{'),
        ("bar", '|'),
        ("braceright", '}'),
        ("asciitilde", '~'),
        ("endash", '–'),
        ("emdash", '—'),
        ("bullet", '•'),
        ("yen", '¥'),
        ("quotedblleft", '“'),
        ("quotedblright", '”'),
        ("fi", 'ﬁ'),
        ("fl", 'ﬂ'),
        ("ff", 'ﬀ'),
        ("ffi", 'ﬃ'),
        ("ffl", 'ﬄ'),
        ("copyright", '©'),
        ("registered", '®'),
        ("trademark", '™'),
        ("section", '§'),
        ("paragraph", '¶'),
        ("dagger", '†'),
        ("daggerdbl", '‡'),
        ("degree", '°'),
        ("multiply", '×'),
        ("divide", '÷'),
        ("plusminus", '±'),
        ("periodcentered", '·'),
        ("guillemotleft", '«'),
        ("guillemotright", '»'),
        ("quotedblbase", '„'),
        ("quotesinglbase", '‚'),
        ("ellipsis", '…'),
        ("Euro", '€'),
        ("sterling", '£'),
        ("cent", '¢'),
        ("ae", 'æ'),
        ("oe", 'œ'),
        ("germandbls", 'ß'),
        ("dotlessi", 'ı'),
        ("oslash", 'ø'),
        ("arrowright", '→'),
        ("mu", 'µ'),
        ("exclamdown", '¡'),
    ];
    let name = name.split_once('.').map_or(name, |(name, _)| name);
    let mut characters = name.chars();
    if let (Some(only), None) = (characters.next(), characters.next()) {
        return Some(only);
    }
    if let Some(&(_, character)) = NAMES.iter().find(|(known, _)| *known == name) {
        return Some(character);
    }
    let hex = name.strip_prefix("uni").or_else(|| name.strip_prefix('u'));
    if let Some(character) = hex.and_then(|hex| u32::from_str_radix(hex.get(..4.max(hex.len().min(6)))?, 16).ok()) {
        return char::from_u32(character);
    }
    // `eacute` and its like: the letter is enough.
    const ACCENTS: [&str; 9] =
        ["acute", "grave", "circumflex", "dieresis", "tilde", "cedilla", "ring", "caron", "macron"];
    ACCENTS.iter().find_map(|accent| name.strip_suffix(accent)).filter(|rest| rest.len() == 1)?.chars().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_glyphs_are_characters() {
        assert_eq!(glyph_name("seven"), Some('7'));
        assert_eq!(glyph_name("A"), Some('A'));
        assert_eq!(glyph_name("uni67B6"), Some('架'));
        assert_eq!(glyph_name("u20BB7"), Some('𠮷'));
        assert_eq!(glyph_name("eacute"), Some('e'));
        assert_eq!(glyph_name("one.oldstyle"), Some('1'));
        assert_eq!(glyph_name("g123"), None);
    }
}
