//! Whatever the bytes are, reading them ends, and ends in a document or a refusal: no panic, no endless loop, no more than
//! the limits allow.

use std::sync::LazyLock;

use proptest::prelude::*;
use sekisho_detect::document::{Limits, read};
use zip::CompressionMethod;

use crate::make::{
    PNG, composite_font, deflate, docx, hex, office, packed, page, paragraph, pptx, slide, stream, word, xlsx, zip,
};

const LIMITS: Limits =
    Limits { file_bytes: 1 << 20, unpacked_bytes: 4 << 20, text_bytes: 1 << 20, members: 200, depth: 3, pages: 50 };

/// One valid file of each kind.
static FILES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let table = "<sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>架空</t></is></c><c r=\"B1\"><v>1.5E3</v></c></row></sheetData>";
    let documents = [docx(&paragraph("架空市")), xlsx(table), pptx("架空省")];
    let archive = zip(&[("一.docx", &documents[0]), ("二.txt", "文".as_bytes()), ("三.png", PNG)]);
    let mut mail =
        b"From: a@example.jp\r\nSubject: =?UTF-8?B?5p6256m6?=\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; \
        boundary=B\r\n\r\n--B\r\nContent-Type: text/html; charset=iso-2022-jp\r\n\r\n<p>"
            .to_vec();
    mail.extend(&*encoding_rs::ISO_2022_JP.encode("架空市の文").0);
    mail.extend(
        b"</p>\r\n--B\r\nContent-Type: message/rfc822\r\n\r\nFrom: b@example.jp\r\nSubject: y\r\n\r\ntext\r\n--B--\r\n",
    );
    let content =
        format!("BT /F1 9 Tf 9 9 Td <{}> Tj [(a)-9(b)]TJ ET /X Do", hex(&encoding_rs::SHIFT_JIS.encode("架空市").0));
    let pdf = page(
        content.as_bytes(),
        &format!(
            "/Font<</F1 {}>>/XObject<</X 5 0 R>>",
            composite_font("90ms-RKSJ-H", "Japan1", "/W[1[500 600]7 9 300]")
        ),
        &[stream("/Subtype/Form/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 3>>", &deflate(b"\0q Q\0 BT"))],
    );
    let html = "<!DOCTYPE html><html><body><p hidden>隠<ruby>山<rt>やま</rt></ruby><table><td>一<td>二</table><!-- c --></body></html>";
    let cp932 = encoding_rs::SHIFT_JIS.encode("架空市の文書です。ｶﾀｶﾅも。").0.into_owned();
    let mut files: Vec<Vec<u8>> = documents.to_vec();
    files.extend([archive, mail, pdf, html.as_bytes().to_vec(), cp932]);
    files
});

/// What is done to a valid file.
#[derive(Debug, Clone)]
enum Change {
    Set(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    Remove(prop::sample::Index, prop::sample::Index),
    Repeat(prop::sample::Index, prop::sample::Index),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let index = any::<prop::sample::Index>;
    let change = prop_oneof![
        6 => (index(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        1 => index().prop_map(Change::Cut),
        1 => (index(), index()).prop_map(|(from, to)| Change::Remove(from, to)),
        1 => (index(), index()).prop_map(|(from, to)| Change::Repeat(from, to)),
    ];
    prop::collection::vec(change, 1..6)
}

fn change(bytes: &[u8], changes: &[Change]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for change in changes {
        if bytes.is_empty() {
            break;
        }
        let range = |a: &prop::sample::Index, b: &prop::sample::Index| {
            let (a, b) = (a.index(bytes.len()), b.index(bytes.len()));
            a.min(b)..a.max(b)
        };
        match change {
            Change::Set(at, byte) => {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            Change::Cut(at) => bytes.truncate(at.index(bytes.len())),
            Change::Remove(from, to) => drop(bytes.drain(range(from, to))),
            Change::Repeat(from, to) => {
                let piece = bytes[range(from, to)].to_vec();
                bytes.extend(piece);
            }
        }
    }
    bytes
}

/// Reads, and checks what must hold of every answer.
fn read_any(name: &str, bytes: &[u8]) {
    match read(name, bytes, &LIMITS) {
        Ok(document) => {
            assert!(document.parts.iter().map(|part| part.text.len()).sum::<usize>() <= LIMITS.text_bytes);
            assert!(document.parts.len() <= 1 << 20);
        }
        Err(error) => {
            assert!(error.path.starts_with(name));
            assert!(!error.reason.japanese().is_empty());
            assert_ne!(error.to_string(), "");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        read_any("何か", &bytes);
    }

    #[test]
    fn any_bytes_behind_a_beginning(which in 0..9_usize, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        const BEGINNINGS: [&[u8]; 9] = [
            b"PK\x03\x04", b"%PDF-1.7\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"<html>", b"From: a\r\nSubject: b\r\n\r\n", b"\xff\xfe",
            b"\x1b$B", b"PK\x05\x06", b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 1 0 R>>stream\n",
        ];
        read_any("何か", &[BEGINNINGS[which], bytes.as_slice()].concat());
    }

    #[test]
    fn a_changed_file(which in 0..8_usize, changes in changes()) {
        read_any("変えた", &change(&FILES[which], &changes));
    }

    /// Changes to XML that a checksum would hide.
    #[test]
    fn a_changed_part(kind in 0..3_usize, changes in changes()) {
        let part = |xml: &str| String::from_utf8_lossy(&change(xml.as_bytes(), &changes)).into_owned();
        let bytes = match kind {
            0 => office("word/document.xml", crate::make::WORD, &[("word/document.xml", &part(&word(
                "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>a</w:t></w:r><w:del><w:r><w:delText>b</w:delText></w:r></w:del></w:p>\
                 <w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>")))]),
            1 => xlsx(&part("<sheetData><row r=\"1\" hidden=\"1\"><c r=\"AB1\" t=\"s\" s=\"4\"><f>A1</f><v>0</v></c></row></sheetData>")),
            _ => office("ppt/presentation.xml", crate::make::POWERPOINT, &[
                ("ppt/presentation.xml", &part("<p:presentation><p:sldId id=\"1\" r:id=\"r1\"/></p:presentation>")),
                ("ppt/slides/slide1.xml", &part(&slide("文", ""))),
            ]),
        };
        read_any("変えた", &bytes);
    }

    /// Changes to the content of a page and to objects, with the file around them whole.
    #[test]
    fn a_changed_page(changes in changes()) {
        let content = change(b"q 1 0 0 1 9 9 cm BT /F1 12 Tf 9 TL <8b8a> Tj T* [(a)-200<8341>]TJ 3 0 0 3 1 1 Tm (x)' 1 2 (y)\" ET Q \
            BI /W 1 /H 1 ID x EI /Span<</ActualText(z)>>BDC EMC", &changes);
        let font = composite_font("90ms-RKSJ-H", "Japan1", "/W[1[500 600]7 9 300]");
        let font = String::from_utf8_lossy(&change(font.as_bytes(), &changes)).into_owned();
        read_any("変えた", &page(&content, &format!("/Font<</F1 {font}>>"), &[]));
    }

    #[test]
    fn any_member(bytes in prop::collection::vec(any::<u8>(), 0..200), name in ".{0,12}") {
        read_any("外.zip", &packed(&[(&name, &bytes)], CompressionMethod::Stored));
    }
}

#[test]
fn many_objects_at_one_place_take_time_and_end() {
    // Every reference leads to the same large object: the work is bounded by patience, not by size.
    let mut bytes = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[".to_vec();
    for number in 3..2000 {
        bytes.extend(format!("{number} 0 R ").bytes());
    }
    bytes.extend(b"]>>endobj\n3 0 obj<</Type/Page/X[");
    bytes.extend(b"1 ".repeat(50_000));
    bytes.extend(b"]>>endobj\ntrailer<</Root 1 0 R>>");
    read_any("同.pdf", &bytes);
}
