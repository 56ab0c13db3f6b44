//! Pages as they are drawn, and the tree that says what is what on them. Lengths are points from the upper left corner.

/// A4, upright.
pub(crate) const WIDTH: f32 = 595.28;
pub(crate) const HEIGHT: f32 = 841.89;
/// Twenty millimetres.
pub(crate) const MARGIN: f32 = 56.69;
/// Where text ends; the footer stands below.
pub(crate) const BOTTOM: f32 = HEIGHT - 64.0;
/// The width of the text.
pub(crate) const MEASURE: f32 = WIDTH - 2.0 * MARGIN;

/// A colour; all of those used for text have a contrast of 7 to 1 or more with what lies behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Colour(pub(crate) u8, pub(crate) u8, pub(crate) u8);

pub(crate) const INK: Colour = Colour(0x1a, 0x1a, 0x1a);
pub(crate) const QUIET: Colour = Colour(0x4d, 0x4d, 0x4d);
pub(crate) const BLUE: Colour = Colour(0x00, 0x17, 0xc1);
pub(crate) const SHADE: Colour = Colour(0xee, 0xf1, 0xf6);
pub(crate) const HAIR: Colour = Colour(0xb3, 0xb3, 0xb3);

/// How letters are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Lettering {
    pub(crate) size: f32,
    pub(crate) colour: Colour,
    pub(crate) strong: bool,
}

/// Something drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ink {
    /// A line of text; `y` is its base line.
    Text { x: f32, y: f32, text: String, lettering: Lettering },
    /// A filled rectangle.
    Box { x: f32, y: f32, width: f32, height: f32, colour: Colour },
    /// A line through points.
    Path { points: Vec<(f32, f32)>, width: f32, colour: Colour },
}

/// What a piece of a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Belongs {
    /// A line of the text of a node.
    Text(usize),
    /// The drawing of a node.
    Drawing(usize),
    /// The foot of the page.
    Footer,
    /// The head of a table again.
    Repeated,
    /// Rules and shades.
    Ornament,
}

/// A piece of a page: the things drawn that belong together.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Piece {
    pub(crate) belongs: Belongs,
    pub(crate) inks: Vec<Ink>,
}

/// What a node of the tree is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Role {
    /// With its level, 1 for the title.
    Heading(u16, String),
    Paragraph,
    List,
    Item,
    Label,
    Body,
    /// With its summary.
    Table(String),
    Head,
    Rows,
    Row,
    /// Names a column.
    ColumnName,
    /// Names a row.
    RowName,
    Cell,
    /// With what is said in its place, its page and its rectangle (x, y, width, height).
    Figure(String, usize, (f32, f32, f32, f32)),
    Caption,
}

/// A node with those below it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) role: Role,
    pub(crate) below: Vec<usize>,
}

/// A heading and where it stands, for the outline.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) level: u16,
    pub(crate) text: String,
    pub(crate) page: usize,
    pub(crate) y: f32,
}

/// A document on its pages.
#[derive(Debug, Default)]
pub(crate) struct Laid {
    pub(crate) pages: Vec<Vec<Piece>>,
    pub(crate) nodes: Vec<Node>,
    /// The nodes at the top, in order.
    pub(crate) top: Vec<usize>,
    pub(crate) outline: Vec<Entry>,
}
