//! What a page shows, in the order in which it is painted, with lines and gaps as they are seen.

use std::rc::Rc;

use hayro_syntax::content::TypedIter;
use hayro_syntax::content::ops::TypedInstruction;
use hayro_syntax::object::dict::Dict;
use hayro_syntax::object::{Array, Name, Number, Object, Stream, String as PdfString};
use hayro_syntax::page::Resources;

use super::font::{Font, Fonts};
use super::lines::{Lines, Matrix, Run};
use super::text_string;

/// Forms in forms, and graphics states in graphics states. Readers have limits of the same order.
const FORMS: usize = 16;
const STATES: usize = 512;
/// Codes that are kept for the question how many tell nothing.
const UNKNOWN: usize = 10_000;

/// What the interpretation of one page, or of what stands for one, finds.
pub(super) struct Painter<'f> {
    fonts: &'f mut Fonts,
    /// Bytes of content that may still be interpreted, over the whole document.
    work: &'f mut usize,
    /// Bytes of text that may still be taken out: a map can make a long text of one byte.
    most: usize,
    lines: Lines,
    /// The codes of glyphs of which nothing tells the character.
    unknown: Vec<u32>,
    /// The area that pictures cover.
    pictures: f64,
    marked: Vec<(Option<String>, usize)>,
}

/// Why a page is not read to its end.
pub(super) enum Trouble {
    /// More content than may be interpreted.
    TooMuchWork,
    TooMuchText,
    /// Content that says it is a picture.
    Disguised,
    /// Content that cannot be unpacked.
    Damaged,
}

#[derive(Clone)]
struct State {
    ctm: Matrix,
    font: Option<Rc<Font>>,
    size: f64,
    character_spacing: f64,
    word_spacing: f64,
    scaling: f64,
    leading: f64,
    rise: f64,
}

impl<'f> Painter<'f> {
    pub(super) fn new(fonts: &'f mut Fonts, work: &'f mut usize, most: usize) -> Self {
        Self { fonts, work, most, lines: Lines::default(), unknown: Vec::new(), pictures: 0.0, marked: Vec::new() }
    }

    /// The text, how many different glyphs tell no character, and the area of pictures.
    pub(super) fn finish(mut self) -> (String, usize, f64) {
        self.unknown.sort_unstable();
        self.unknown.dedup();
        (self.lines.finish(), self.unknown.len(), self.pictures)
    }

    /// Interprets the content of a page.
    pub(super) fn page(&mut self, page: &Dict<'_>, resources: &Resources<'_>) -> Result<(), Trouble> {
        let mut content = Vec::new();
        let streams = match (page.get::<Stream<'_>>("Contents"), page.get::<Array<'_>>("Contents")) {
            (Some(stream), _) => vec![stream],
            (None, Some(list)) => {
                let streams: Vec<Stream<'_>> = list.iter::<Stream<'_>>().collect();
                if streams.len() < list.raw_iter().count() {
                    return Err(Trouble::Damaged);
                }
                streams
            }
            (None, None) if page.contains_key("Contents") => return Err(Trouble::Damaged),
            (None, None) => Vec::new(),
        };
        for stream in streams {
            content.extend(self.decode(&stream)?);
            content.push(b'\n');
        }
        self.run(&content, resources, Matrix::IDENTITY, 0)
    }

    /// Interprets a form: a piece of content of its own, as annotations have it for their looks.
    pub(super) fn form(&mut self, form: &Stream<'_>, resources: &Resources<'_>) -> Result<(), Trouble> {
        self.form_at(form, resources, Matrix::IDENTITY, 0)
    }

    fn form_at(&mut self, form: &Stream<'_>, outer: &Resources<'_>, ctm: Matrix, depth: usize) -> Result<(), Trouble> {
        let content = self.decode(form)?;
        let ctm = match form.dict().get::<[f32; 6]>("Matrix") {
            Some(matrix) => Matrix(matrix.map(f64::from)).then(&ctm),
            None => ctm,
        };
        match form.dict().get::<Dict<'_>>("Resources") {
            Some(own) => self.run(&content, &Resources::new(own), ctm, depth),
            None => self.run(&content, outer, ctm, depth),
        }
    }

    fn decode(&mut self, stream: &Stream<'_>) -> Result<Vec<u8>, Trouble> {
        // Pictures are emptied before a document is parsed: content that calls itself one would be lost in silence.
        if stream.dict().get::<Name<'_>>("Subtype").is_some_and(|kind| kind.as_ref() == b"Image") {
            return Err(Trouble::Disguised);
        }
        let content = stream.decoded_data().map_err(|_| Trouble::Damaged)?.into_owned();
        *self.work = self.work.checked_sub(content.len() + 64).ok_or(Trouble::TooMuchWork)?;
        Ok(content)
    }

    fn run(&mut self, content: &[u8], resources: &Resources<'_>, ctm: Matrix, depth: usize) -> Result<(), Trouble> {
        let mut state = State {
            ctm,
            font: None,
            size: 1.0,
            character_spacing: 0.0,
            word_spacing: 0.0,
            scaling: 1.0,
            leading: 0.0,
            rise: 0.0,
        };
        let mut saved: Vec<State> = Vec::new();
        let (mut text, mut line) = (Matrix::IDENTITY, Matrix::IDENTITY);
        let mut instructions = TypedIter::new(content);
        while let Some(instruction) = instructions.next() {
            if self.lines.len() > self.most {
                return Err(Trouble::TooMuchText);
            }
            if *self.work == 0 {
                return Err(Trouble::TooMuchWork);
            }
            use TypedInstruction as I;
            match instruction {
                I::SaveState(_) if saved.len() < STATES => saved.push(state.clone()),
                I::RestoreState(_) => {
                    if let Some(before) = saved.pop() {
                        state = before;
                    }
                }
                I::Transform(m) => state.ctm = matrix([m.0, m.1, m.2, m.3, m.4, m.5]).then(&state.ctm),
                I::BeginText(_) => (text, line) = (Matrix::IDENTITY, Matrix::IDENTITY),
                I::SetTextMatrix(m) => {
                    line = matrix([m.0, m.1, m.2, m.3, m.4, m.5]);
                    text = line;
                }
                I::NextLine(by) => {
                    line = Matrix::translation(by.0.as_f64(), by.1.as_f64()).then(&line);
                    text = line;
                }
                I::NextLineAndSetLeading(by) => {
                    state.leading = -by.1.as_f64();
                    line = Matrix::translation(by.0.as_f64(), by.1.as_f64()).then(&line);
                    text = line;
                }
                I::NextLineUsingLeading(_) => {
                    line = Matrix::translation(0.0, -state.leading).then(&line);
                    text = line;
                }
                I::TextFont(font) => {
                    state.font = self.fonts.get(&resources.fonts, font.0, self.work);
                    state.size = font.1.as_f64();
                }
                I::CharacterSpacing(by) => state.character_spacing = by.0.as_f64(),
                I::WordSpacing(by) => state.word_spacing = by.0.as_f64(),
                I::HorizontalScaling(by) => state.scaling = by.0.as_f64() / 100.0,
                I::TextLeading(by) => state.leading = by.0.as_f64(),
                I::TextRise(by) => state.rise = by.0.as_f64(),
                I::ShowText(shown) => self.show(&state, &mut text, shown.0.as_bytes()),
                I::NextLineAndShowText(shown) => {
                    line = Matrix::translation(0.0, -state.leading).then(&line);
                    text = line;
                    self.show(&state, &mut text, shown.0.as_bytes());
                }
                I::ShowTextWithParameters(shown) => {
                    state.word_spacing = shown.0.as_f64();
                    state.character_spacing = shown.1.as_f64();
                    line = Matrix::translation(0.0, -state.leading).then(&line);
                    text = line;
                    self.show(&state, &mut text, shown.2.as_bytes());
                }
                I::ShowTexts(shown) => {
                    for item in shown.0.iter::<Object<'_>>() {
                        match item {
                            Object::String(string) => self.show(&state, &mut text, string.as_bytes()),
                            Object::Number(by) => text = shift(&state, -by.as_f64() / 1000.0 * state.size).then(&text),
                            _ => {}
                        }
                    }
                }
                I::XObject(name) => {
                    if let Some(object) = resources.get_x_object(name.0) {
                        match object.dict().get::<Name<'_>>("Subtype").as_deref() {
                            Some(b"Image") => self.pictures += state.ctm.area(),
                            Some(b"Form") if depth < FORMS => self.form_at(&object, resources, state.ctm, depth + 1)?,
                            _ => {}
                        }
                    }
                }
                I::InlineImage(_) => self.pictures += state.ctm.area(),
                I::BeginMarkedContent(_) => self.begin_marked(None),
                I::BeginMarkedContentWithProperties(marked) => {
                    let properties = match marked.1 {
                        Object::Dict(properties) => Some(properties.clone()),
                        Object::Name(name) => resources.properties.get::<Dict<'_>>(name),
                        _ => None,
                    };
                    let actual = properties.and_then(|properties| properties.get::<PdfString<'_>>("ActualText"));
                    self.begin_marked(actual.map(|text| text_string(text.as_bytes())));
                }
                I::EndMarkedContent(_) => {
                    // Where glyphs do not tell their characters, the text that is said to stand for them does.
                    if let Some((Some(actual), before)) = self.marked.pop()
                        && self.unknown.len() > before
                    {
                        self.unknown.truncate(before);
                        self.lines.say(&actual);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn not_told(&mut self, codes: impl IntoIterator<Item = u32>) {
        let left = UNKNOWN.saturating_sub(self.unknown.len());
        self.unknown.extend(codes.into_iter().take(left));
    }

    fn begin_marked(&mut self, actual: Option<String>) {
        if self.marked.len() < STATES {
            self.marked.push((actual, self.unknown.len()));
        }
    }

    fn show(&mut self, state: &State, text: &mut Matrix, bytes: &[u8]) {
        let Some(font) = &state.font else {
            self.not_told(bytes.iter().copied().map(u32::from));
            return;
        };
        let (mut said, mut unknown, mut advance) = (String::new(), Vec::new(), 0.0);
        let most = self.most;
        font.glyphs(bytes, |glyph| {
            match &glyph.text {
                Some(text) if said.len() <= most => said.push_str(text),
                Some(_) => {}
                None => {
                    unknown.push(glyph.code);
                    said.push('\u{fffd}');
                }
            }
            let spacing = state.character_spacing + if glyph.space { state.word_spacing } else { 0.0 };
            // Written downwards, a character takes one em.
            let width = if font.vertical { -1000.0 } else { glyph.width };
            advance += width / 1000.0 * state.size + if font.vertical { -spacing } else { spacing };
        });
        self.not_told(unknown);
        let place = text.then(&state.ctm);
        let moved = shift(state, advance).then(text);
        let end = moved.then(&state.ctm);
        self.lines.add(Run {
            start: place.apply(0.0, state.rise),
            end: end.apply(0.0, state.rise),
            direction: if font.vertical { place.direction(0.0, -1.0) } else { place.direction(1.0, 0.0) },
            size: place.length(0.0, state.size),
            text: said,
        });
        *text = moved;
    }
}

/// The way that text goes on by `by`.
fn shift(state: &State, by: f64) -> Matrix {
    if state.font.as_ref().is_some_and(|font| font.vertical) {
        Matrix::translation(0.0, by)
    } else {
        Matrix::translation(by * state.scaling, 0.0)
    }
}

fn matrix(numbers: [Number; 6]) -> Matrix {
    Matrix(numbers.map(|number| number.as_f64()))
}
