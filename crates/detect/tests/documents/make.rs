//! Small files of every kind.

use std::fmt::Write as _;
use std::io::{Cursor, Write};

use flate2::{Compression, write::ZlibEncoder};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

pub(crate) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

pub(crate) fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    packed(members, CompressionMethod::Deflated)
}

pub(crate) fn packed(members: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in members {
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

pub(crate) fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// An office file: its main part with its type, and the other parts. Relations are parts like others.
pub(crate) fn office(main: &str, kind: &str, parts: &[(&str, &str)]) -> Vec<u8> {
    office_with(main, kind, parts, &[])
}

/// The same with parts that are no text.
pub(crate) fn office_with(main: &str, kind: &str, parts: &[(&str, &str)], more: &[(&str, &[u8])]) -> Vec<u8> {
    let types = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/><Override PartName=\"/{main}\" \
         ContentType=\"application/vnd.openxmlformats-officedocument.{kind}.main+xml\"/></Types>"
    );
    let root = relations(&[("r1", "officeDocument", main)]);
    let mut members: Vec<(&str, &[u8])> =
        vec![("[Content_Types].xml", types.as_bytes()), ("_rels/.rels", root.as_bytes())];
    members.extend(parts.iter().map(|(name, xml)| (*name, xml.as_bytes())));
    members.extend(more);
    zip(&members)
}

/// A relations part; a target with a colon lies outside.
pub(crate) fn relations(list: &[(&str, &str, &str)]) -> String {
    let mut xml = "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">".to_owned();
    for (id, kind, target) in list {
        let mode = if target.contains(':') { " TargetMode=\"External\"" } else { "" };
        let _ = write!(
            xml,
            "<Relationship Id=\"{id}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}\" \
             Target=\"{target}\"{mode}/>"
        );
    }
    xml + "</Relationships>"
}

pub(crate) const WORD: &str = "wordprocessingml.document";
pub(crate) const EXCEL: &str = "spreadsheetml.sheet";
pub(crate) const POWERPOINT: &str = "presentationml.presentation";

/// A Word document with this body.
pub(crate) fn docx(body: &str) -> Vec<u8> {
    office("word/document.xml", WORD, &[("word/document.xml", &word(body))])
}

pub(crate) fn word(body: &str) -> String {
    format!(
        "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>{body}</w:body></w:document>"
    )
}

pub(crate) fn paragraph(text: &str) -> String {
    format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>")
}

/// A workbook with one sheet of this XML (columns and rows).
pub(crate) fn xlsx(sheet: &str) -> Vec<u8> {
    office(
        "xl/workbook.xml",
        EXCEL,
        &[
            (
                "xl/workbook.xml",
                "<workbook xmlns:r=\"r\"><sheets><sheet name=\"一覧\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>",
            ),
            ("xl/_rels/workbook.xml.rels", &relations(&[("r1", "worksheet", "worksheets/sheet1.xml")])),
            ("xl/worksheets/sheet1.xml", &format!("<worksheet>{sheet}</worksheet>")),
        ],
    )
}

pub(crate) fn pptx(text: &str) -> Vec<u8> {
    office(
        "ppt/presentation.xml",
        POWERPOINT,
        &[
            (
                "ppt/presentation.xml",
                "<p:presentation><p:sldIdLst><p:sldId id=\"256\" r:id=\"r1\"/></p:sldIdLst></p:presentation>",
            ),
            ("ppt/_rels/presentation.xml.rels", &relations(&[("r1", "slide", "slides/slide1.xml")])),
            ("ppt/slides/slide1.xml", &slide(text, "")),
        ],
    )
}

pub(crate) fn slide(text: &str, attributes: &str) -> String {
    format!("<p:sld {attributes}><p:sp><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:sp></p:sld>")
}

/// A PDF of these objects, numbered from 1; the first is the catalog.
pub(crate) fn pdf(objects: &[Vec<u8>]) -> Vec<u8> {
    pdf_with(objects, "")
}

pub(crate) fn pdf_with(objects: &[Vec<u8>], trailer: &str) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (number, object) in (1..).zip(objects) {
        let _ = writeln!(table, "{:010} 00000 n ", bytes.len());
        bytes.extend(format!("{number} 0 obj\n").bytes());
        bytes.extend(object);
        bytes.extend(b"\nendobj\n");
    }
    let begin = bytes.len();
    bytes.extend(table.bytes());
    bytes.extend(
        format!("trailer\n<</Size {}/Root 1 0 R{trailer}>>\nstartxref\n{begin}\n%%EOF\n", objects.len() + 1).bytes(),
    );
    bytes
}

pub(crate) fn object(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

pub(crate) fn stream(entries: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = format!("<<{entries}/Length {}>>\nstream\n", data.len()).into_bytes();
    bytes.extend(data);
    bytes.extend(b"\nendstream");
    bytes
}

/// A PDF of one page with this content and these resources. The objects that follow are numbered from 5.
pub(crate) fn page(content: &[u8], resources: &str, more: &[Vec<u8>]) -> Vec<u8> {
    let mut objects = vec![
        object("<</Type/Catalog/Pages 2 0 R>>"),
        object("<</Type/Pages/Count 1/Kids[3 0 R]>>"),
        object(&format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<{resources}>>>>")),
        stream("", content),
    ];
    objects.extend_from_slice(more);
    pdf(&objects)
}

/// A composite font with this encoding; `more` goes into the font itself.
pub(crate) fn composite_font(encoding: &str, ordering: &str, more: &str) -> String {
    format!(
        "<</Type/Font/Subtype/Type0/BaseFont/Kaku/Encoding/{encoding}{more}/DescendantFonts[<</Type/Font/Subtype/CIDFontType0\
         /BaseFont/Kaku/CIDSystemInfo<</Registry(Adobe)/Ordering({ordering})/Supplement 6>>/DW 1000>>]>>"
    )
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
