//! The font inside the crate: which characters it has and how wide they are.

use crate::error::NotPrinted;
use flate2::read::ZlibDecoder;
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};
use std::collections::HashMap;
use std::io::Read as _;
use std::sync::{Arc, OnceLock};

/// BIZ UDGothic; where it comes from and how it was made stands beside it.
static PACKED: &[u8] = include_bytes!("../fonts/BIZUDGothic-Regular.ttf.zlib");
/// What it may unpack to.
const MOST: u64 = 16 << 20;
/// What stands for a character the font lacks: the mark printers set for a missing type.
pub(crate) const MISSING: char = '〓';

/// A glyph with its width in thousandths of the size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Glyph {
    pub(crate) id: u32,
    pub(crate) width: f32,
}

/// A font ready for setting.
pub(crate) struct Font {
    bytes: Arc<Vec<u8>>,
    glyphs: HashMap<char, Glyph>,
    missing: Glyph,
}

impl Font {
    /// The font of the crate, unpacked once for the life of the program.
    pub(crate) fn shipped() -> Result<&'static Self, NotPrinted> {
        static FONT: OnceLock<Result<Font, &'static str>> = OnceLock::new();
        FONT.get_or_init(|| Self::unpacked(PACKED)).as_ref().map_err(|why| NotPrinted::Font(why))
    }

    fn unpacked(packed: &[u8]) -> Result<Self, &'static str> {
        let mut bytes = Vec::new();
        ZlibDecoder::new(packed).take(MOST).read_to_end(&mut bytes).map_err(|_| "it does not unpack")?;
        let font = FontRef::new(&bytes).map_err(|_| "it is no OpenType font")?;
        let metrics = font.glyph_metrics(Size::unscaled(), LocationRef::default());
        let em = font.metrics(Size::unscaled(), LocationRef::default()).units_per_em;
        if em == 0 {
            return Err("it has no measure");
        }
        let mut glyphs = HashMap::new();
        for (code, id) in font.charmap().mappings() {
            let (Some(character), Some(width)) = (char::from_u32(code), metrics.advance_width(id)) else { continue };
            // Glyph 0 is the box for what a font lacks; PDF/UA forbids it on a page.
            if id.to_u32() != 0 {
                glyphs.insert(character, Glyph { id: id.to_u32(), width: width / f32::from(em) });
            }
        }
        let missing = *glyphs.get(&MISSING).ok_or("it lacks 〓")?;
        Ok(Self { bytes: Arc::new(bytes), glyphs, missing })
    }

    /// The file itself.
    pub(crate) fn bytes(&self) -> Arc<Vec<u8>> {
        self.bytes.clone()
    }

    pub(crate) fn has(&self, character: char) -> bool {
        self.glyphs.contains_key(&character)
    }

    /// The glyph of a character, or that of 〓.
    pub(crate) fn glyph(&self, character: char) -> Glyph {
        self.glyphs.get(&character).copied().unwrap_or(self.missing)
    }

    /// How wide a text is at a size, in points.
    pub(crate) fn width(&self, text: &str, size: f32) -> f32 {
        text.chars().map(|character| self.glyph(character).width).sum::<f32>() * size
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_font_is_told_and_no_panic() {
        for (packed, why) in [(&b"no zlib"[..], "it does not unpack"), (&PACKED[..1000], "it does not unpack")] {
            assert_eq!(Font::unpacked(packed).err(), Some(why));
        }
        // An empty stream unpacks to nothing.
        assert_eq!(Font::unpacked(&[0x78, 0x9c, 3, 0, 0, 0, 0, 1]).err(), Some("it is no OpenType font"));
    }

    /// Every character of JIS X 0208, as EUC-JP has them: the rows of the standard that hold any.
    #[test]
    fn the_font_has_what_japanese_offices_write() {
        let font = Font::shipped().unwrap();
        let marks = "①⑳ⅠⅩ○×△◎□■◆「」『』【】〔〕㊙㊞〒※→♯♪①②ｱｲｳﾞﾟ—―…‥～〜・ー々〆〇〻㎡㌔㍻㋿℡№㈱€￥±≦≧髙﨑塚";
        let kana = ('ぁ'..='ん').chain('ァ'..='ヶ').chain('｡'..='ﾟ').chain(' '..='~').chain('Ａ'..='Ｚ');
        let lacking: String = marks.chars().chain(kana).filter(|&one| !font.has(one)).collect();
        assert_eq!(lacking, "");
        let kanji = ('一'..='龠').filter(|&one| font.has(one)).count();
        assert!(kanji > 6355 + 3000, "{kanji}: both levels of JIS X 0208 and much of JIS X 0213");
    }
}
