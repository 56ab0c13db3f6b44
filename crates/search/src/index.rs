//! The index: passages of units, cut both ways, field by field.

use std::path::Path;

use tantivy::schema::{FAST, Field, INDEXED, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::{Index, IndexWriter, TantivyDocument};

use crate::analysis::{Grams, Words};

/// How often the two ways of cutting occur: field by field, words and grams.
#[derive(Clone, Copy, Debug)]
pub struct Cuts {
    /// By words.
    pub words: Field,
    /// By pairs of characters.
    pub grams: Field,
}

/// The fields of the index.
#[derive(Clone, Debug)]
pub struct Fields {
    /// title, caption, path, text.
    pub parts: [Cuts; 4],
    /// Number of the unit.
    pub unit: Field,
    /// Number of the group (law or meeting).
    pub group: Field,
    schema: Schema,
}

fn cut(tokenizer: &str) -> TextOptions {
    TextOptions::default().set_indexing_options(
        TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(IndexRecordOption::WithFreqs),
    )
}

impl Default for Fields {
    fn default() -> Self {
        let mut schema = Schema::builder();
        let mut both = |name: &str| Cuts {
            words: schema.add_text_field(&format!("{name}_w"), cut("words")),
            grams: schema.add_text_field(&format!("{name}_g"), cut("grams")),
        };
        let parts = [both("title"), both("caption"), both("path"), both("text")];
        let unit = schema.add_u64_field("unit", FAST | INDEXED);
        let group = schema.add_u64_field("group", FAST | INDEXED);
        Self { parts, unit, group, schema: schema.build() }
    }
}

/// Opens or makes the index in a folder.
pub fn open(folder: &Path, fields: &Fields) -> tantivy::Result<Index> {
    let directory = tantivy::directory::MmapDirectory::open(folder)?;
    let index = Index::open_or_create(directory, fields.schema.clone())?;
    index.tokenizers().register("words", Words);
    index.tokenizers().register("grams", Grams);
    Ok(index)
}

/// Adds one passage.
pub fn add(writer: &IndexWriter, fields: &Fields, unit: u64, group: u64, parts: [&str; 4]) -> tantivy::Result<()> {
    let mut document = TantivyDocument::default();
    for (cuts, text) in fields.parts.iter().zip(parts) {
        if !text.is_empty() {
            document.add_text(cuts.words, text);
            document.add_text(cuts.grams, text);
        }
    }
    document.add_u64(fields.unit, unit);
    document.add_u64(fields.group, group);
    writer.add_document(document)?;
    Ok(())
}
