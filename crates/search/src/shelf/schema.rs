//! The fields of the index.

use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
};

pub(super) const WORDS: &str = "words";
pub(super) const GRAMS: &str = "grams";

/// One way of cutting: the field of the head (title, caption, headings, each as often as it weighs) and of the text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cut {
    pub(crate) head: Field,
    pub(crate) text: Field,
}

/// Every field.
#[derive(Clone, Debug)]
pub(crate) struct Fields {
    pub(crate) words: Cut,
    pub(crate) grams: Cut,
    /// Name of the unit.
    pub(crate) id: Field,
    /// Name of the group.
    pub(crate) group_name: Field,
    /// Name of the work.
    pub(crate) work: Field,
    /// What a work is called, as `work<TAB>name`: on one passage of each group, to be read from the dictionary alone.
    pub(crate) called: Field,
    /// Names of the units it links to.
    pub(crate) cites: Field,
    /// First day in force and first day no longer, as `day`; 0 and the largest number for none.
    pub(crate) from: Field,
    pub(crate) until: Field,
    /// The unit's number.
    pub(crate) unit: Field,
    /// The group's number.
    pub(crate) group: Field,
    /// What the speaker is there for, as a number.
    pub(crate) role: Field,
    /// Days since the first of the year 1, from 1 on; 0 for none.
    pub(crate) day: Field,
    /// `facet=value`.
    pub(crate) facet: Field,
    /// Marks of who may read.
    pub(crate) reader: Field,
    /// The passage's text.
    pub(crate) passage: Field,
    /// Title and caption, as they are compared with a question's wording.
    pub(crate) heading: Field,
    /// The number of the passage in its unit, from 0.
    pub(crate) part: Field,
    /// The unit as JSON without its text, on its first passage alone.
    pub(crate) body: Field,
}

fn cut(tokenizer: &str) -> TextOptions {
    TextOptions::default().set_indexing_options(
        TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(IndexRecordOption::WithFreqs),
    )
}

pub(super) fn schema() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let words = Cut {
        head: schema.add_text_field("head_words", cut(WORDS)),
        text: schema.add_text_field("text_words", cut(WORDS)),
    };
    let grams = Cut {
        head: schema.add_text_field("head_grams", cut(GRAMS)),
        text: schema.add_text_field("text_grams", cut(GRAMS)),
    };
    let fields = Fields {
        words,
        grams,
        id: schema.add_text_field("id", STRING.set_fast("raw")),
        group_name: schema.add_text_field("group_name", STRING),
        work: schema.add_text_field("work", STRING),
        called: schema.add_text_field("called", STRING),
        cites: schema.add_text_field("cites", STRING),
        from: schema.add_u64_field("from", FAST),
        until: schema.add_u64_field("until", FAST),
        unit: schema.add_u64_field("unit", FAST),
        group: schema.add_u64_field("group", FAST),
        role: schema.add_u64_field("role", FAST),
        day: schema.add_u64_field("day", FAST | INDEXED),
        facet: schema.add_text_field("facet", STRING.set_fast("raw")),
        reader: schema.add_text_field("reader", STRING),
        passage: schema.add_text_field("passage", TextOptions::default().set_stored()),
        heading: schema.add_text_field("heading", TextOptions::default().set_stored()),
        part: schema.add_u64_field("part", FAST),
        body: schema.add_bytes_field("body", STORED),
    };
    (schema.build(), fields)
}
