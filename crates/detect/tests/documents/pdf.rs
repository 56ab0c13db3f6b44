//! PDF.

use encoding_rs::{SHIFT_JIS, UTF_16BE};
use sekisho_detect::document::{Kind, Limits, PartKind, Reason, read};

use crate::make::{composite_font, deflate, docx, hex, object, page, paragraph, pdf, pdf_with, stream};
use crate::{open, refusal, texts, too_large, unseen};

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

/// A page that shows these bytes in this font.
fn shown(bytes: &[u8], font: &str, more: &[Vec<u8>]) -> Vec<u8> {
    let content = format!("BT /F1 12 Tf 72 720 Td <{}> Tj ET", hex(bytes));
    page(content.as_bytes(), &format!("/Font<</F1 {font}>>"), more)
}

fn body(bytes: &[u8]) -> String {
    let document = open("文書.pdf", bytes);
    assert_eq!(document.kind, Kind::Pdf);
    texts(&document, PartKind::Body).iter().map(|(_, text)| *text).collect()
}

#[test]
fn the_predefined_encodings_of_japan_are_read_without_a_map() {
    let (cp932, _, _) = SHIFT_JIS.encode("架空市の番号1234①㈱");
    for encoding in ["90ms-RKSJ-H", "90msp-RKSJ-H"] {
        assert_eq!(
            body(&shown(&cp932, &composite_font(encoding, "Japan1", ""), &[])),
            "架空市の番号1234①㈱",
            "{encoding}"
        );
    }
    let (euc, _, _) = encoding_rs::EUC_JP.encode("架空市の番号");
    assert_eq!(body(&shown(&euc, &composite_font("EUC-H", "Japan1", ""), &[])), "架空市の番号");
    for encoding in ["UniJIS-UTF16-H", "UniJIS-UCS2-H"] {
        let bytes = utf16("架空市の番号");
        assert_eq!(body(&shown(&bytes, &composite_font(encoding, "Japan1", ""), &[])), "架空市の番号", "{encoding}");
    }
    assert_eq!(body(&shown(&utf16("𠮷田"), &composite_font("UniJIS-UTF16-H", "Japan1", ""), &[])), "𠮷田");
}

#[test]
fn numbers_of_the_japanese_collection_are_characters() {
    // CIDs of Adobe-Japan1: 1125 is 亜, 18 is the digit one.
    let cids: Vec<u8> = [1125_u16, 18].iter().flat_map(|cid| cid.to_be_bytes()).collect();
    assert_eq!(body(&shown(&cids, &composite_font("Identity-H", "Japan1", ""), &[])), "亜1");
}

#[test]
fn a_map_to_unicode_is_followed() {
    let map = b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def 1 begincodespacerange <0000> <ffff> \
        endcodespacerange 2 beginbfchar <0001> <67b6> <0002> <7a7a> endbfchar 1 beginbfrange <0010> <0019> <0030> endbfrange \
        endcmap end end";
    let font = composite_font("Identity-H", "Identity", "/ToUnicode 5 0 R");
    let codes: Vec<u8> = [1_u16, 2, 0x11, 0x19].iter().flat_map(|code| code.to_be_bytes()).collect();
    assert_eq!(body(&shown(&codes, &font, &[stream("/Filter/FlateDecode", &deflate(map))])), "架空19");
}

#[test]
fn glyphs_that_tell_nothing_are_reported() {
    let document = open("文書.pdf", &shown(&[0, 1, 0, 2, 0, 3], &composite_font("Identity-H", "Identity", ""), &[]));
    assert_eq!(unseen(&document), [("文書.pdf › 1 ページ", "UNSUPPORTED")]);
    // One and the same, again and again, is a bullet.
    let bullets = open("文書.pdf", &shown(&[0, 1, 0, 1, 0, 1], &composite_font("Identity-H", "Identity", ""), &[]));
    assert_eq!(unseen(&bullets), []);
}

#[test]
fn simple_fonts_and_their_differences_are_read() {
    let font = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding<</BaseEncoding/WinAnsiEncoding/Differences[1/one/two/uni67B6]>>>>";
    assert_eq!(body(&shown(&[1, 2, 3, b'A', 0xe9], font, &[])), "12架Aé");
}

#[test]
fn a_number_that_is_painted_in_pieces_is_unbroken() {
    let font = "/Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Courier/FirstChar 48/Widths[600 600 600 600 600 600 600 600 600 600]>>>>";
    let content = b"BT /F1 10 Tf 1 0 0 1 72 700 Tm [(12)-50(34)20(5678)]TJ 1 0 0 1 120.2 700 Tm (9018) Tj ET \
        BT /F1 10 Tf 200 700 Td (1) Tj 20 0 Td (2) Tj 0 -14 Td (3) Tj ET";
    assert_eq!(body(&page(content, font, &[])), "123456789018\t1 2\n3");
}

#[test]
fn text_of_forms_and_invisible_text_are_read() {
    let font = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>";
    let form = stream(
        &format!("/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</Font<</F2 {font}>>>>"),
        b"BT /F2 12 Tf 3 Tr (in a form) Tj ET",
    );
    assert_eq!(body(&page(b"q 1 0 0 1 72 72 cm /X1 Do Q", "/XObject<</X1 5 0 R>>", &[form])), "in a form");
}

#[test]
fn what_stands_beside_the_pages_is_read() {
    let title = format!("<FEFF{}>", hex(&utf16("架空市の題名")));
    let bytes = pdf_with(
        &[
            object(
                "<</Type/Catalog/Pages 2 0 R/Outlines 5 0 R/AcroForm<</Fields[7 0 R]>>/Names<</EmbeddedFiles<</Names[(a) 8 0 R]>>>>\
                 /Metadata 10 0 R>>",
            ),
            object("<</Type/Pages/Count 1/Kids[3 0 R]>>"),
            object("<</Type/Page/Parent 2 0 R/Annots[11 0 R 12 0 R]>>"),
            object(&format!("<</Title {title}/Author(Kaku Taro)>>")),
            object("<</First 6 0 R/Last 6 0 R>>"),
            object("<</Title(chapter)/Parent 5 0 R/Next 6 0 R/First 5 0 R>>"),
            object("<</FT/Tx/T(shimei)/V(Kaku Hanako)/Kids[7 0 R]>>"),
            object("<</Type/Filespec/F(list.docx)/EF<</F 9 0 R>>>>"),
            stream("/Type/EmbeddedFile/Filter/FlateDecode", &deflate(&docx(&paragraph("添付の文")))),
            stream(
                "/Type/Metadata/Subtype/XML",
                "<x:xmpmeta><rdf:RDF><dc:title><rdf:Alt><rdf:li>架空の題</rdf:li></rdf:Alt></dc:title></rdf:RDF></x:xmpmeta>".as_bytes(),
            ),
            object("<</Type/Annot/Subtype/Text/Contents(a remark)>>"),
            object("<</Type/Annot/Subtype/Link/A<</S/URI/URI(mailto:a@example.jp)>>>>"),
        ],
        "/Info 4 0 R",
    );
    let document = open("文書.pdf", &bytes);
    assert_eq!(
        texts(&document, PartKind::Property),
        [("プロパティ", "Title: 架空市の題名\nAuthor: Kaku Taro\n架空の題\n"), ("しおり", "chapter\n")]
    );
    assert_eq!(texts(&document, PartKind::Comment), [("1 ページ 注釈", "a remark\n")]);
    assert_eq!(texts(&document, PartKind::Hidden), [("1 ページ リンク先", "mailto:a@example.jp\n")]);
    assert_eq!(
        texts(&document, PartKind::Body),
        [("フォーム", "shimei\tKaku Hanako\n"), ("文書.pdf › list.docx › 本文", "添付の文\n")]
    );
    assert_eq!(texts(&document, PartKind::Name), [("添付ファイル", "list.docx")]);
}

#[test]
fn pages_that_are_pictures_are_unseen() {
    let image = stream("/Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray", b"\0");
    let resources = "/XObject<</I 5 0 R>>/Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>";
    let scan = page(b"q 595 0 0 842 0 0 cm /I Do Q BT /F1 9 Tf (- 1 -) Tj ET", resources, std::slice::from_ref(&image));
    assert_eq!(unseen(&open("文書.pdf", &scan)), [("文書.pdf › 1 ページ", "MEDIA")]);
    let logo = page(b"q 30 0 0 30 0 0 cm /I Do Q BT /F1 9 Tf (text) Tj ET", resources, &[image]);
    assert_eq!(unseen(&open("文書.pdf", &logo)), []);
}

#[test]
fn a_password_is_asked_for() {
    let bytes = pdf_with(
        &[object("<</Type/Catalog/Pages 2 0 R>>"), object("<</Type/Pages/Count 0/Kids[]>>")],
        &format!("/ID[<00><00>]/Encrypt<</Filter/Standard/V 2/R 3/Length 128/P -4/O<{0}>/U<{0}>>>", "11".repeat(32)),
    );
    assert_eq!(refusal("秘.pdf", &bytes).reason, Reason::Encrypted);
}

#[test]
fn pages_are_counted_and_trees_that_lead_back_end() {
    let kids: String = (0..60).map(|_| "<</Type/Page>>").collect();
    let many = |count: u32| {
        pdf(&[object("<</Type/Catalog/Pages 2 0 R>>"), object(&format!("<</Type/Pages/Count {count}/Kids[{kids}]>>"))])
    };
    let limits = Limits { pages: 50, ..Limits::default() };
    assert_eq!(read("多.pdf", &many(60), &limits).unwrap_err().reason, too_large("pages", 50));
    assert_eq!(read("多.pdf", &many(999_999_999), &limits).unwrap_err().reason, too_large("pages", 50));
    // More pages are declared than are there: some are lost.
    assert_eq!(refusal("少.pdf", &many(61)).reason.code(), "BROKEN");
    let ring = pdf(&[
        object("<</Type/Catalog/Pages 2 0 R>>"),
        object("<</Type/Pages/Count 1/Kids[2 0 R 3 0 R]>>"),
        object("<</Type/Pages/Parent 2 0 R/Count 1/Kids[2 0 R 3 0 R]>>"),
    ]);
    let _ = read("輪.pdf", &ring, &Limits::default());
}

#[test]
fn bombs_are_counted_before_they_are_unpacked() {
    let limits = Limits { unpacked_bytes: 4 << 20, ..Limits::default() };
    let packed = deflate(&vec![b' '; 16 << 20]);
    let catalog = [object("<</Type/Catalog/Pages 2 0 R>>"), object("<</Type/Pages/Count 1/Kids[<</Type/Page>>]>>")];
    let with = |bomb: Vec<u8>| pdf(&[catalog[0].clone(), catalog[1].clone(), bomb]);
    let object_stream = with(stream("/Type/ObjStm/N 1/First 4/Filter/FlateDecode", &packed));
    assert_eq!(read("爆.pdf", &object_stream, &limits).unwrap_err().reason, too_large("unpacked_bytes", 4 << 20));
    let twice = with(stream("/Filter[/FlateDecode/FlateDecode]", &deflate(&packed)));
    assert_eq!(read("爆.pdf", &twice, &limits).unwrap_err().reason, too_large("unpacked_bytes", 4 << 20));
    let disguised = with(stream("/Subtype/Image/N 1/First 4/Filter/FlateDecode", &packed));
    assert_eq!(read("爆.pdf", &disguised, &limits).unwrap_err().reason, too_large("unpacked_bytes", 4 << 20));
    // A picture is never unpacked, so that it may be as large as it likes.
    let picture = with(stream("/Subtype/Image/Filter/FlateDecode", &packed));
    assert!(read("絵.pdf", &picture, &limits).is_ok());
    let elsewhere = with(stream("/Filter 4 0 R", &packed));
    assert_eq!(read("爆.pdf", &elsewhere, &limits).unwrap_err().reason.code(), "BROKEN");
}

#[test]
fn content_that_calls_itself_a_picture_is_not_lost() {
    let mut bytes = page(b"BT ET", "", &[]);
    let at = bytes.windows(9).position(|nine| nine == b"<</Length").unwrap();
    bytes.splice(at..at + 2, b"<</Subtype/Image".iter().copied());
    assert_eq!(refusal("偽.pdf", &bytes).reason.code(), "BROKEN");
}

#[test]
fn content_that_is_missing_is_broken() {
    let bytes = pdf(&[
        object("<</Type/Catalog/Pages 2 0 R>>"),
        object("<</Type/Pages/Count 1/Kids[<</Type/Page/Contents 9 0 R>>]>>"),
    ]);
    assert_eq!(refusal("欠.pdf", &bytes).reason.code(), "BROKEN");
    let no_font = page(b"BT /F1 9 Tf (text) Tj ET", "", &[]);
    assert_eq!(unseen(&open("欠.pdf", &no_font)), [("欠.pdf › 1 ページ", "UNSUPPORTED")]);
}

#[test]
fn rows_without_end_and_forms_that_call_themselves_end() {
    let rows = page(
        b"",
        "",
        &[stream("/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 288230376151711744>>", &deflate(b"x"))],
    );
    assert_eq!(refusal("列.pdf", &rows).reason.code(), "BROKEN");
    // Each of these forms shows the next one ten times.
    let form = |next: usize| {
        let resources = format!("/Type/XObject/Subtype/Form/Resources<</XObject<</X {next} 0 R>>>>");
        stream(&resources, "/X Do ".repeat(10).as_bytes())
    };
    let forms: Vec<Vec<u8>> = (6..18).map(form).collect();
    let limits = Limits { unpacked_bytes: 1 << 20, ..Limits::default() };
    let bytes = page(b"/X Do", "/XObject<</X 5 0 R>>", &forms);
    assert_eq!(read("形.pdf", &bytes, &limits).unwrap_err().reason, too_large("unpacked_bytes", 1 << 20));
    let own = page(b"/X Do", "/XObject<</X 5 0 R>>", &[form(5)]);
    let _ = read("形.pdf", &own, &limits);
}

#[test]
fn a_map_that_makes_long_texts_of_short_codes_is_bounded() {
    let long = hex(&UTF_16BE
        .decode(&utf16(&"あ".repeat(100)))
        .0
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect::<Vec<_>>());
    let map = format!("1 begincodespacerange <00> <ff> endcodespacerange 1 beginbfchar <41> <{long}> endbfchar");
    let font = composite_font("Identity-H", "Identity", "/ToUnicode 5 0 R").replace("Identity-H", "5 0 R");
    let bytes = shown(&[0x41; 50_000], &font, &[stream("", map.as_bytes())]);
    let limits = Limits { text_bytes: 1 << 20, ..Limits::default() };
    let result = read("長.pdf", &bytes, &limits);
    assert!(result.is_err() || texts(&result.unwrap(), PartKind::Body).iter().all(|(_, text)| text.len() <= 1 << 20));
}

#[test]
fn a_broken_table_is_repaired_and_a_cut_file_is_named() {
    let bytes = page(b"BT /F1 9 Tf (whole) Tj ET", "/Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>", &[]);
    let at = bytes.windows(9).rposition(|nine| nine == b"startxref").unwrap();
    let mut shifted = bytes.clone();
    shifted.splice(at + 10..at + 12, *b"99");
    assert_eq!(body(&shifted), "whole");
    let error = refusal("切.pdf", &bytes[..100]);
    assert_eq!((error.path.as_str(), error.reason.code()), ("切.pdf", "BROKEN"));
}
