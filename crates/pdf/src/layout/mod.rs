//! From a document to pages: what stands where.

mod chart;
mod table;

use crate::font::Font;
use crate::lines::lines;
use crate::model::{Block, Chart, Document};
use crate::page::{
    BLUE, BOTTOM, Belongs, Entry, HAIR, HEIGHT, INK, Ink, Laid, Lettering, MARGIN, MEASURE, Node, Piece, QUIET, Role,
    WIDTH,
};
use crate::text::{cut, on_one_line, settable, spoken};

/// Size of running text, and the height of its line.
const SIZE: f32 = 10.5;
const LEADING: f32 = 17.0;
const RUNNING: Lettering = Lettering { size: SIZE, colour: INK, strong: false };
const CAPTION: Lettering = Lettering { size: 9.0, colour: QUIET, strong: false };
const FOOTER: Lettering = Lettering { size: 8.5, colour: QUIET, strong: false };
/// The base line within a line's height, for any size: BIZ UDGothic reaches 0.88 up and 0.12 down.
fn base(size: f32, leading: f32) -> f32 {
    (leading - size) / 2.0 + size * 0.88
}
/// Size and line height of the title and of headings by level.
const HEADINGS: [(f32, f32); 4] = [(17.0, 26.0), (14.0, 22.0), (12.0, 19.0), (10.5, 17.0)];
/// The deepest heading.
const DEEPEST: u16 = 6;
/// What a document without a title is called: PDF/UA asks for one.
const UNTITLED: &str = "無題";

/// A document on its pages.
pub(crate) fn lay_out(document: &Document, font: &Font) -> Laid {
    let mut sheet = Sheet::new(font);
    let title = on_one_line(&document.title, font);
    let title = if title.is_empty() { UNTITLED.to_owned() } else { title };
    sheet.heading(1, &title, 0.0);
    for (at, block) in document.blocks.iter().enumerate() {
        match block {
            Block::Heading(level, text) => {
                let following = following(document.blocks.get(at + 1..).unwrap_or_default());
                sheet.heading(u16::from(*level).saturating_add(1), &on_one_line(text, font), following);
            }
            Block::Paragraph(text) => sheet.paragraph(text),
            Block::List(points) => sheet.list(points),
            Block::Table(table) => sheet.table(table),
            Block::Chart(chart) => sheet.chart(chart),
        }
    }
    sheet.finished(&document.footer)
}

/// How much of what follows a heading should stand on its page: the beginning of the first block, and where that is a
/// paragraph, of the one it introduces.
fn following(blocks: &[Block]) -> f32 {
    let least = |block: &Block| match block {
        Block::Heading(..) => 60.0,
        Block::Paragraph(_) | Block::List(_) => LEADING * 2.0,
        Block::Table(_) => 70.0,
        Block::Chart(chart) => chart::height(chart) + LEADING + 6.0,
    };
    let first = blocks.first().map_or(0.0, least);
    match blocks {
        [Block::Paragraph(_), second, ..] => first + least(second),
        _ => first,
    }
}

/// The pages so far and the place on the last one.
struct Sheet<'f> {
    font: &'f Font,
    laid: Laid,
    page: Vec<Piece>,
    y: f32,
    /// The level of the last heading.
    level: u16,
}

impl<'f> Sheet<'f> {
    fn new(font: &'f Font) -> Self {
        Self { font, laid: Laid::default(), page: Vec::new(), y: MARGIN, level: 0 }
    }

    fn turn(&mut self) {
        self.laid.pages.push(std::mem::take(&mut self.page));
        self.y = MARGIN;
    }

    /// Whether anything stands on the page.
    fn is_begun(&self) -> bool {
        self.y > MARGIN
    }

    /// Turns the page unless so much is left of it.
    fn room(&mut self, height: f32) {
        if self.y + height > BOTTOM && self.is_begun() {
            self.turn();
        }
    }

    fn gap(&mut self, height: f32) {
        if self.is_begun() {
            self.y += height;
        }
    }

    /// A node at the top or below another.
    fn node(&mut self, role: Role, above: Option<usize>) -> usize {
        let node = self.laid.nodes.len();
        self.laid.nodes.push(Node { role, below: Vec::new() });
        match above.and_then(|above| self.laid.nodes.get_mut(above)) {
            Some(above) => above.below.push(node),
            None => self.laid.top.push(node),
        }
        node
    }

    fn put(&mut self, belongs: Belongs, inks: Vec<Ink>) {
        self.page.push(Piece { belongs, inks });
    }

    fn line(&mut self, belongs: Belongs, (x, y): (f32, f32), text: String, lettering: Lettering) {
        // An element without content would be dropped from the tree, and a row would lose a cell.
        let text = if text.is_empty() { " ".to_owned() } else { text };
        self.put(belongs, vec![Ink::Text { x, y, text, lettering }]);
    }

    fn heading(&mut self, level: u16, text: &str, following: f32) {
        if text.is_empty() {
            return;
        }
        let level = level.clamp(1, DEEPEST).min(self.level.saturating_add(1));
        self.level = level;
        let (size, leading) = HEADINGS.get(usize::from(level) - 1).copied().unwrap_or((SIZE, LEADING));
        let set = lines(text, self.font, size, MEASURE);
        self.gap(if level == 1 { 0.0 } else { 14.0 });
        self.room(leading * set.len().min(3) as f32 + 8.0 + following);
        let (page, y) = (self.laid.pages.len(), self.y);
        self.laid.outline.push(Entry { level, text: text.to_owned(), page, y });
        let node = self.node(Role::Heading(level, text.to_owned()), None);
        let lettering = Lettering { size, colour: if level == 1 { INK } else { BLUE }, strong: true };
        for line in set {
            self.room(leading);
            self.line(Belongs::Text(node), (MARGIN, self.y + base(size, leading)), line.text, lettering);
            self.y += leading;
        }
        if level <= 2 {
            let points = vec![(MARGIN, self.y + 2.0), (WIDTH - MARGIN, self.y + 2.0)];
            self.put(Belongs::Ornament, vec![Ink::Path { points, width: 0.7, colour: HAIR }]);
        }
        self.y += 8.0;
    }

    fn paragraph(&mut self, text: &str) {
        let text = settable(text, self.font);
        if text.trim().is_empty() {
            return;
        }
        let node = self.node(Role::Paragraph, None);
        self.running(node, &text, MARGIN, MEASURE);
        self.y += 6.0;
    }

    /// Running text of a node.
    fn running(&mut self, node: usize, text: &str, x: f32, width: f32) {
        for line in lines(text, self.font, SIZE, width) {
            self.room(LEADING);
            self.line(Belongs::Text(node), (x, self.y + base(SIZE, LEADING)), line.text, RUNNING);
            self.y += LEADING;
        }
    }

    fn list(&mut self, points: &[String]) {
        let points: Vec<String> = points.iter().map(|point| settable(point, self.font)).collect();
        if points.is_empty() {
            return;
        }
        let list = self.node(Role::List, None);
        for point in points {
            let item = self.node(Role::Item, Some(list));
            let (label, body) = (self.node(Role::Label, Some(item)), self.node(Role::Body, Some(item)));
            self.room(LEADING);
            let y = self.y + base(SIZE, LEADING);
            self.line(Belongs::Text(label), (MARGIN, y), "・".to_owned(), RUNNING);
            self.running(body, &point, MARGIN + SIZE * 1.2, MEASURE - SIZE * 1.2);
        }
        self.y += 6.0;
    }

    fn chart(&mut self, chart: &Chart) {
        if chart.marks.is_empty() {
            return;
        }
        let height = chart::height(chart);
        let caption = on_one_line(&chart.caption, self.font);
        self.room(height + LEADING + 6.0);
        let inks = chart::draw(chart, self.font, MARGIN, self.y);
        let said = spoken(&chart.alternative);
        let said = if said.is_empty() { chart::in_words(chart) } else { said };
        let place = (MARGIN, self.y, MEASURE, height);
        let node = self.node(Role::Figure(said, self.laid.pages.len(), place), None);
        self.put(Belongs::Drawing(node), inks);
        self.y += height + 2.0;
        if !caption.is_empty() {
            let node = self.node(Role::Caption, None);
            let caption = cut(&caption, self.font, CAPTION.size, MEASURE);
            self.line(Belongs::Text(node), (MARGIN, self.y + base(CAPTION.size, LEADING)), caption, CAPTION);
            self.y += LEADING;
        }
        self.y += 6.0;
    }

    /// Ends the last page and numbers all.
    fn finished(mut self, footer: &str) -> Laid {
        self.turn();
        let all = self.laid.pages.len();
        let footer = cut(&on_one_line(footer, self.font), self.font, FOOTER.size, MEASURE - 80.0);
        let text = |x, text| Ink::Text { x, y: HEIGHT - 34.0, text, lettering: FOOTER };
        for (page, at) in self.laid.pages.iter_mut().zip(1_usize..) {
            let number = format!("{at} / {all}");
            let x = WIDTH - MARGIN - self.font.width(&number, FOOTER.size);
            let mut inks = vec![Ink::Path {
                points: vec![(MARGIN, HEIGHT - 48.0), (WIDTH - MARGIN, HEIGHT - 48.0)],
                width: 0.4,
                colour: HAIR,
            }];
            if !footer.is_empty() {
                inks.push(text(MARGIN, footer.clone()));
            }
            inks.push(text(x, number));
            page.push(Piece { belongs: Belongs::Footer, inks });
        }
        self.laid
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ChartKind, Mark};

    #[test]
    fn a_heading_stands_on_the_page_of_the_chart_it_introduces() {
        let font = Font::shipped().unwrap();
        let marks = vec![Mark { name: "課".to_owned(), value: Some(1), figure: "1".to_owned() }; 12];
        let chart = Chart { caption: "図".to_owned(), alternative: String::new(), kind: ChartKind::Bars, marks };
        for before in 0..60 {
            let mut blocks = vec![Block::Paragraph("段落".to_owned()); before];
            blocks.extend([
                Block::Heading(1, "見出し".to_owned()),
                Block::Paragraph("数え方の説明".to_owned()),
                Block::Chart(chart.clone()),
            ]);
            let laid = lay_out(&Document { blocks, ..Document::default() }, font);
            let heading = laid.outline.last().unwrap().page;
            let figure = laid.nodes.iter().find_map(|node| match node.role {
                Role::Figure(_, page, _) => Some(page),
                _ => None,
            });
            assert_eq!(Some(heading), figure, "after {before} paragraphs");
        }
    }
}
