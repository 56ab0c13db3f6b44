//! The two ways of cutting as tokenisers of the index.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use super::{fold, grams, words};

/// Words, for the index.
#[derive(Clone, Default)]
pub struct Words;

/// Pairs of characters, for the index.
#[derive(Clone, Default)]
pub struct Grams;

/// The tokens of one text: the folded text, and where in it each token stands.
pub struct Cut {
    folded: String,
    spans: Vec<(u32, u32)>,
    next: usize,
    token: Token,
}

impl Cut {
    fn new(folded: String, cut: impl Fn(&str, &mut dyn FnMut(&str))) -> Self {
        let mut spans = Vec::with_capacity(folded.len() / 6);
        let origin = folded.as_ptr() as usize;
        cut(&folded, &mut |token| {
            let start = token.as_ptr() as usize - origin;
            if let (Ok(from), Ok(to)) = (u32::try_from(start), u32::try_from(start + token.len())) {
                spans.push((from, to));
            }
        });
        Self { folded, spans, next: 0, token: Token { position: usize::MAX, ..Token::default() } }
    }
}

impl TokenStream for Cut {
    fn advance(&mut self) -> bool {
        let Some(&(from, to)) = self.spans.get(self.next) else { return false };
        self.next += 1;
        self.token.position = self.token.position.wrapping_add(1);
        self.token.offset_from = from as usize;
        self.token.offset_to = to as usize;
        self.token.text.clear();
        self.token.text.push_str(self.folded.get(from as usize..to as usize).unwrap_or_default());
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

impl Tokenizer for Words {
    type TokenStream<'a> = Cut;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Cut {
        Cut::new(fold(text), |folded, each| words::words(folded, each))
    }
}

impl Tokenizer for Grams {
    type TokenStream<'a> = Cut;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Cut {
        Cut::new(fold(text), |folded, each| grams::grams(folded, each))
    }
}
