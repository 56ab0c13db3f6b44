//! From pages to bytes, with the tree of tags that makes the pages readable without eyes.

use crate::error::NotPrinted;
use crate::font::Font;
use crate::model::Document;
use crate::page::{Belongs, Colour, Entry, HEIGHT, Ink, Laid, Lettering, Node, Role, WIDTH};
use crate::text::spoken;
use jiff::tz::Offset;
use krilla::SerializeSettings;
use krilla::color::rgb;
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::error::KrillaError;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, BBox, ContentTag, Identifier, ListNumbering, SpanTag, TableHeaderScope, Tag, TagGroup,
    TagKind, TagTree,
};
use krilla::text::{Font as Face, GlyphId, KrillaGlyph};
use std::num::NonZeroU16;

/// Everything here is written in Japanese.
const LANGUAGE: &str = "ja";

fn refused(why: &str) -> NotPrinted {
    NotPrinted::Refused(why.to_owned())
}

pub(crate) fn write(document: &Document, font: &Font, laid: Laid) -> Result<Vec<u8>, NotPrinted> {
    let configuration = ConfigurationBuilder::new()
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|_| refused("the library knows no version of PDF for it"))?;
    let settings = SerializeSettings { configuration, ..SerializeSettings::default() };
    let face = Face::new(font.bytes().into(), 0).ok_or(NotPrinted::Font("the library cannot read it"))?;
    let mut pdf = krilla::Document::new_with(settings);
    let mut leaves: Vec<Vec<Identifier>> = vec![Vec::new(); laid.nodes.len()];
    for pieces in &laid.pages {
        let size = PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(|| refused("a page has no size"))?;
        let mut page = pdf.start_page_with(size);
        let mut surface = page.surface();
        for piece in pieces {
            let id = surface.start_tagged(tag_of(piece.belongs));
            for ink in &piece.inks {
                draw(&mut surface, ink, font, &face);
            }
            surface.end_tagged();
            if let Belongs::Text(node) | Belongs::Drawing(node) = piece.belongs
                && let Some(leaves) = leaves.get_mut(node)
            {
                leaves.push(id);
            }
        }
        surface.finish();
        page.finish();
    }
    let mut tree = TagTree::new().with_lang(Some(LANGUAGE.to_owned()));
    for node in &laid.top {
        if let Some(group) = group(*node, &laid.nodes, &mut leaves) {
            tree.push(group);
        }
    }
    pdf.set_tag_tree(tree);
    pdf.set_outline(outline(&laid.outline));
    let title = laid.outline.first().map(|entry| entry.text.clone()).unwrap_or_default();
    pdf.set_metadata(metadata(document, title));
    pdf.finish().map_err(told)
}

/// What the library says of a document it refuses, in its own words.
fn told(error: KrillaError) -> NotPrinted {
    match &error {
        KrillaError::Validation(errors) => {
            let mut kinds: Vec<String> = errors
                .iter()
                .map(|(error, _)| format!("{error:?}").chars().take_while(char::is_ascii_alphanumeric).collect())
                .collect();
            kinds.sort();
            kinds.dedup();
            NotPrinted::Refused(kinds.join(", "))
        }
        other => NotPrinted::Refused(other.to_string()),
    }
}

fn tag_of(belongs: Belongs) -> ContentTag<'static> {
    let artifact = |kind| ContentTag::Artifact(Artifact::with_kind(kind));
    match belongs {
        Belongs::Text(_) => ContentTag::Span(SpanTag::empty()),
        Belongs::Drawing(_) => ContentTag::Other,
        Belongs::Footer => artifact(ArtifactType::Footer),
        Belongs::Repeated => artifact(ArtifactType::PaginationOther),
        Belongs::Ornament => artifact(ArtifactType::Layout),
    }
}

fn rgb(colour: Colour) -> rgb::Color {
    rgb::Color::new(colour.0, colour.1, colour.2)
}

fn fill(colour: Colour) -> Fill {
    Fill { paint: rgb(colour).into(), opacity: NormalizedF32::ONE, rule: Default::default() }
}

fn stroke(colour: Colour, width: f32) -> Stroke {
    Stroke { paint: rgb(colour).into(), width, ..Stroke::default() }
}

fn draw(surface: &mut Surface<'_>, ink: &Ink, font: &Font, face: &Face) {
    match ink {
        Ink::Text { x, y, text, lettering: Lettering { size, colour, strong } } => {
            let glyph = |(at, one): (usize, char)| {
                let glyph = font.glyph(one);
                let range = at..at + one.len_utf8();
                KrillaGlyph::new(GlyphId::new(glyph.id), glyph.width, 0.0, 0.0, 0.0, range, None)
            };
            let glyphs: Vec<KrillaGlyph> = text.char_indices().map(glyph).collect();
            surface.set_fill(Some(fill(*colour)));
            // One weight is shipped; what is strong is drawn a little thicker.
            surface.set_stroke(strong.then(|| stroke(*colour, size * 0.03)));
            surface.draw_glyphs(Point::from_xy(*x, *y), &glyphs, face.clone(), text, *size, false);
        }
        Ink::Box { x, y, width, height, colour } => {
            let mut path = PathBuilder::new();
            if let Some(rectangle) = Rect::from_xywh(*x, *y, *width, *height) {
                path.push_rect(rectangle);
            }
            if let Some(path) = path.finish() {
                surface.set_fill(Some(fill(*colour)));
                surface.set_stroke(None);
                surface.draw_path(&path);
            }
        }
        Ink::Path { points, width, colour } => {
            let mut path = PathBuilder::new();
            for (at, (x, y)) in points.iter().enumerate() {
                if at == 0 { path.move_to(*x, *y) } else { path.line_to(*x, *y) }
            }
            if let Some(path) = path.finish() {
                surface.set_fill(None);
                surface.set_stroke(Some(stroke(*colour, *width)));
                surface.draw_path(&path);
            }
        }
    }
}

/// A node with all below it. The tree is five deep at most, whatever the document is.
fn group(node: usize, nodes: &[Node], leaves: &mut [Vec<Identifier>]) -> Option<TagGroup> {
    let Node { role, below } = nodes.get(node)?;
    let mut group = TagGroup::new(tag(role));
    for leaf in leaves.get_mut(node).map(std::mem::take).unwrap_or_default() {
        group.push(leaf);
    }
    for below in below {
        if let Some(below) = self::group(*below, nodes, leaves) {
            group.push(below);
        }
    }
    Some(group)
}

fn tag(role: &Role) -> TagKind {
    match role {
        Role::Heading(level, text) => {
            Tag::Hn(NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN), Some(text.clone())).into()
        }
        Role::Paragraph => Tag::P.into(),
        Role::List => Tag::L(ListNumbering::Disc).into(),
        Role::Item => Tag::LI.into(),
        Role::Label => Tag::Lbl.into(),
        Role::Body => Tag::LBody.into(),
        Role::Table(summary) => Tag::Table.with_summary((!summary.is_empty()).then(|| summary.clone())).into(),
        Role::Head => Tag::THead.into(),
        Role::Rows => Tag::TBody.into(),
        Role::Row => Tag::TR.into(),
        Role::ColumnName => Tag::TH(TableHeaderScope::Column).into(),
        Role::RowName => Tag::TH(TableHeaderScope::Row).into(),
        Role::Cell => Tag::TD.into(),
        Role::Figure(said, page, (x, y, width, height)) => {
            let place = Rect::from_xywh(*x, *y, *width, *height).map(|place| BBox::new(*page, place));
            Tag::Figure(Some(said.clone())).with_bbox(place).into()
        }
        Role::Caption => Tag::Caption.into(),
    }
}

/// Headings below one another, as a reader's list of places.
fn outline(entries: &[Entry]) -> Outline {
    fn below(entries: &mut std::iter::Peekable<std::slice::Iter<'_, Entry>>, level: u16) -> Vec<OutlineNode> {
        let mut nodes = Vec::new();
        while let Some(entry) = entries.next_if(|entry| entry.level > level) {
            let place = XyzDestination::new(entry.page, Point::from_xy(crate::page::MARGIN, entry.y));
            let mut node = OutlineNode::new(entry.text.clone(), place).with_open(entry.level < 2);
            for child in below(entries, entry.level) {
                node.push_child(child);
            }
            nodes.push(node);
        }
        nodes
    }
    let mut outline = Outline::new();
    for node in below(&mut entries.iter().peekable(), 0) {
        outline.push_child(node);
    }
    outline
}

fn metadata(document: &Document, title: String) -> Metadata {
    let mut metadata = Metadata::new().title(title).language(LANGUAGE.to_owned()).creator("Sekisho".to_owned());
    let author = spoken(&document.author);
    if !author.is_empty() {
        metadata = metadata.authors(vec![author]);
    }
    // Japan keeps one time all year; the offset needs no table.
    let japan = document.made.map(|made| Offset::constant(9).to_datetime(made));
    let small = |n: i8| u8::try_from(n).unwrap_or(0);
    // PDF knows the years 0 to 9999 and no others.
    if let Some((japan, year)) = japan.and_then(|japan| Some((japan, u16::try_from(japan.year()).ok()?))) {
        let date = DateTime::new(year)
            .month(small(japan.month()))
            .day(small(japan.day()))
            .hour(small(japan.hour()))
            .minute(small(japan.minute()))
            .second(small(japan.second()))
            .utc_offset_hour(9)
            .utc_offset_minute(0);
        metadata = metadata.creation_date(date);
    }
    metadata
}
