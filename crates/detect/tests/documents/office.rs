//! Word, Excel and PowerPoint.

use sekisho_detect::document::{Kind, Limits, PartKind, Reason, read};

use crate::make::{
    EXCEL, PNG, POWERPOINT, WORD, docx, office, office_with, paragraph, pptx, relations, slide, word, xlsx, zip,
};
use crate::{open, refusal, texts, too_large, unseen};

#[test]
fn everything_in_a_word_document_is_found_with_its_kind() {
    let story =
        |name: &str, text: &str| format!("<w:{name} xmlns:w=\"wordprocessingml\">{}</w:{name}>", paragraph(text));
    let comment = "<w:comments xmlns:w=\"wordprocessingml\"><w:comment w:author=\"架空 花子\"><w:p><w:r><w:t>要確認</w:t></w:r></w:p>\
        </w:comment></w:comments>";
    let bytes = office_with(
        "word/document.xml",
        WORD,
        &[
            (
                "word/document.xml",
                &word(&format!(
                    "{}<w:p><w:r><w:t>番号は1234</w:t></w:r><w:ins w:author=\"架空 次郎\"><w:r><w:t>5678</w:t></w:r></w:ins>\
                     <w:del w:author=\"架空 次郎\"><w:r><w:delText>0000</w:delText></w:r></w:del><w:r><w:t>9018</w:t></w:r></w:p>",
                    paragraph("本文の文")
                )),
            ),
            (
                "word/_rels/document.xml.rels",
                &relations(&[
                    ("r1", "header", "header1.xml"),
                    ("r2", "footer", "footer1.xml"),
                    ("r3", "footnotes", "footnotes.xml"),
                    ("r4", "comments", "comments.xml"),
                    ("r5", "hyperlink", "mailto:a@example.jp"),
                    ("r6", "image", "media/image1.png"),
                ]),
            ),
            ("word/header1.xml", &story("hdr", "取扱注意")),
            ("word/footer1.xml", &story("ftr", "架空市総務課")),
            ("word/footnotes.xml", &story("footnotes", "脚注の文")),
            ("word/comments.xml", comment),
            (
                "word/settings.xml",
                "<w:settings xmlns:w=\"wordprocessingml\"><w:docVar w:val=\"隠し変数\"/></w:settings>",
            ),
            ("customXml/item1.xml", "<data><氏名>架空 太郎</氏名></data>"),
            (
                "docProps/core.xml",
                "<c:coreProperties><dc:title>題名</dc:title><dc:creator>架空 三郎</dc:creator></c:coreProperties>",
            ),
        ],
        &[("word/media/image1.png", PNG)],
    );
    let document = open("文書.docx", &bytes);
    assert_eq!(document.kind, Kind::Docx);
    assert_eq!(texts(&document, PartKind::Body), [("本文", "本文の文\n番号は123456789018\n")]);
    assert_eq!(texts(&document, PartKind::Change), [("本文", "0000\n")]);
    assert_eq!(texts(&document, PartKind::HeaderFooter), [("ヘッダー", "取扱注意\n"), ("フッター", "架空市総務課\n")]);
    assert_eq!(texts(&document, PartKind::Footnote), [("脚注", "脚注の文\n")]);
    assert_eq!(texts(&document, PartKind::Comment), [("コメント", "要確認\n")]);
    assert_eq!(
        texts(&document, PartKind::Property),
        [("プロパティ", "title: 題名\ncreator: 架空 三郎\n"), ("作成者・変更者", "架空 次郎\n架空 花子")]
    );
    assert_eq!(
        texts(&document, PartKind::Hidden),
        [
            ("リンク先", "mailto:a@example.jp"),
            ("word/settings.xml", "隠し変数\n"),
            ("customxml/item1.xml", "氏名: 架空 太郎\n")
        ]
    );
    assert_eq!(unseen(&document), [("文書.docx › word/media/image1.png", "MEDIA")]);
}

#[test]
fn styles_hide_what_is_based_on_them() {
    let bytes = office(
        "word/document.xml",
        WORD,
        &[
            (
                "word/document.xml",
                &word(
                    "<w:p><w:r><w:rPr><w:rStyle w:val=\"child\"/></w:rPr><w:t>隠れた文</w:t></w:r><w:r><w:t>文</w:t></w:r></w:p>",
                ),
            ),
            ("word/_rels/document.xml.rels", &relations(&[("r1", "styles", "styles.xml")])),
            (
                "word/styles.xml",
                "<w:styles><w:style w:styleId=\"child\"><w:basedOn w:val=\"base\"/></w:style><w:style w:styleId=\"base\"><w:rPr>\
                 <w:vanish/></w:rPr></w:style></w:styles>",
            ),
        ],
    );
    let document = open("文書.docx", &bytes);
    assert_eq!(texts(&document, PartKind::Body), [("本文", "文\n")]);
    assert_eq!(texts(&document, PartKind::Hidden), [("本文", "隠れた文\n")]);
}

#[test]
fn a_workbook_is_read_by_rows_with_what_is_hidden_in_it() {
    let workbook = "<workbook xmlns:r=\"r\"><sheets><sheet name=\"一覧\" sheetId=\"1\" r:id=\"r1\"/><sheet name=\"裏\" sheetId=\"2\" \
        state=\"veryHidden\" r:id=\"r2\"/></sheets><definedNames><definedName name=\"秘密\">\"定数\"</definedName></definedNames></workbook>";
    let strings =
        "<sst><si><t>氏名</t></si><si><r><t>架空</t></r><r><t> 太郎</t></r><rPh><t>カクウ</t></rPh></si></sst>";
    let styles = "<styleSheet><numFmts><numFmt numFmtId=\"164\" formatCode=\"000000000000\"/></numFmts><cellXfs><xf numFmtId=\"0\"/>\
        <xf numFmtId=\"164\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>";
    let sheet = "<worksheet><cols><col min=\"4\" max=\"4\" hidden=\"1\"/></cols><sheetData>\
        <row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"inlineStr\"><is><t>番号</t></is></c></row>\
        <row r=\"2\"><c r=\"A2\" t=\"s\"><v>1</v></c><c r=\"B2\"><v>1.23456789018E11</v></c><c r=\"C2\" s=\"2\"><v>45383</v></c>\
        <c r=\"D2\" t=\"str\"><f>\"秘\"&amp;A2</f><v>隠し列</v></c></row>\
        <row r=\"3\" hidden=\"1\"><c r=\"A3\" s=\"1\"><v>12345678901</v></c></row></sheetData>\
        <headerFooter><oddHeader>&amp;C取扱注意</oddHeader></headerFooter></worksheet>";
    let bytes = office(
        "xl/workbook.xml",
        EXCEL,
        &[
            ("xl/workbook.xml", workbook),
            (
                "xl/_rels/workbook.xml.rels",
                &relations(&[
                    ("r1", "worksheet", "worksheets/sheet1.xml"),
                    ("r2", "worksheet", "worksheets/sheet2.xml"),
                    ("r3", "sharedStrings", "sharedStrings.xml"),
                    ("r4", "styles", "styles.xml"),
                ]),
            ),
            ("xl/sharedStrings.xml", strings),
            ("xl/styles.xml", styles),
            ("xl/worksheets/sheet1.xml", sheet),
            (
                "xl/worksheets/sheet2.xml",
                "<worksheet><sheetData><row r=\"7\"><c r=\"A7\"><v>5</v></c></row></sheetData></worksheet>",
            ),
            ("xl/worksheets/_rels/sheet1.xml.rels", &relations(&[("r1", "comments", "../comments1.xml")])),
            (
                "xl/comments1.xml",
                "<comments><authors><author>架空 花子</author></authors><commentList><comment ref=\"B2\"><text><r><t>確認</t></r>\
                 <r><t>済み</t></r></text></comment></commentList></comments>",
            ),
            (
                "xl/pivotCache/pivotCacheDefinition1.xml",
                "<pivotCacheDefinition><cacheField name=\"担当\"><sharedItems><s v=\"YAMADA\"/></sharedItems></cacheField>\
                 </pivotCacheDefinition>",
            ),
        ],
    );
    let document = open("名簿.xlsx", &bytes);
    assert_eq!(document.kind, Kind::Xlsx);
    assert_eq!(texts(&document, PartKind::Name), [("シート名", "一覧\n裏")]);
    assert_eq!(
        texts(&document, PartKind::Body),
        [("シート「一覧」 1〜2 行", "氏名\t番号\n架空 太郎\t123456789018\t2024/04/01")]
    );
    assert_eq!(
        texts(&document, PartKind::Hidden),
        [
            ("ふりがな", "カクウ\n"),
            ("シート「一覧」 2〜3 行", "\t\t\t隠し列\n012345678901"),
            ("シート「一覧」 数式", "\"秘\"&A2"),
            ("シート「裏」 7 行", "5"),
            ("名前の定義", "秘密: \"定数\"\n"),
            ("ピボットテーブルの元データ", "担当\tYAMADA\t\n")
        ]
    );
    assert_eq!(texts(&document, PartKind::HeaderFooter), [("シート「一覧」", "取扱注意")]);
    assert_eq!(texts(&document, PartKind::Comment), [("シート「一覧」 B2", "確認済み")]);
    assert_eq!(texts(&document, PartKind::Property), [("作成者・変更者", "架空 花子")]);
}

#[test]
fn long_sheets_are_parts_of_a_hundred_rows() {
    let rows: String = (1..=250).map(|n| format!("<row r=\"{n}\"><c r=\"A{n}\"><v>{n}</v></c></row>")).collect();
    let document = open("表.xlsx", &xlsx(&format!("<sheetData>{rows}</sheetData>")));
    let places: Vec<&str> = texts(&document, PartKind::Body).iter().map(|(place, _)| *place).collect();
    assert_eq!(places, ["シート「一覧」 1〜100 行", "シート「一覧」 101〜200 行", "シート「一覧」 201〜250 行"]);
}

#[test]
fn slides_are_read_in_their_order_with_notes_and_comments() {
    let bytes = office(
        "ppt/presentation.xml",
        POWERPOINT,
        &[
            (
                "ppt/presentation.xml",
                "<p:presentation><p:sldIdLst><p:sldId id=\"257\" r:id=\"r2\"/><p:sldId id=\"256\" r:id=\"r1\"/></p:sldIdLst>\
                 </p:presentation>",
            ),
            (
                "ppt/_rels/presentation.xml.rels",
                &relations(&[("r1", "slide", "slides/slide1.xml"), ("r2", "slide", "slides/slide2.xml")]),
            ),
            ("ppt/slides/slide1.xml", &slide("後の文", "show=\"0\"")),
            ("ppt/slides/slide2.xml", &slide("先の文", "")),
            (
                "ppt/slides/_rels/slide2.xml.rels",
                &relations(&[
                    ("r1", "notesSlide", "../notesSlides/notesSlide1.xml"),
                    ("r2", "comments", "../comments/c1.xml"),
                ]),
            ),
            ("ppt/notesSlides/notesSlide1.xml", "<p:notes><a:p><a:r><a:t>話す内容</a:t></a:r></a:p></p:notes>"),
            ("ppt/comments/c1.xml", "<p:cmLst><p:cm><p:text>直すこと</p:text></p:cm></p:cmLst>"),
            ("ppt/slideMasters/slideMaster1.xml", "<p:m><a:p><a:r><a:t>架空省</a:t></a:r></a:p></p:m>"),
            ("ppt/slideLayouts/slideLayout1.xml", "<p:l><a:p><a:r><a:t>架空省</a:t></a:r></a:p></p:l>"),
        ],
    );
    let document = open("説明.pptx", &bytes);
    assert_eq!(document.kind, Kind::Pptx);
    assert_eq!(texts(&document, PartKind::Body), [("スライド 1", "先の文\n")]);
    assert_eq!(texts(&document, PartKind::Hidden), [("スライド 2", "後の文\n")]);
    assert_eq!(texts(&document, PartKind::Notes), [("スライド 1", "話す内容\n")]);
    assert_eq!(texts(&document, PartKind::Comment), [("スライド 1", "直すこと\n")]);
    assert_eq!(texts(&document, PartKind::HeaderFooter), [("マスターとレイアウト", "架空省\n")]);
}

#[test]
fn embedded_files_are_read_and_objects_are_unseen() {
    let sheet = xlsx("<sheetData><row r=\"1\"><c r=\"A1\"><v>7</v></c></row></sheetData>");
    let document = word(&paragraph("本文"));
    let ole = |stream: &str| {
        let mut bytes = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
        bytes.extend(stream.encode_utf16().flat_map(u16::to_le_bytes));
        bytes
    };
    let with = |object: &[u8]| {
        let more: [(&str, &[u8]); 2] =
            [("word/embeddings/sheet.xlsx", &sheet), ("word/embeddings/oleObject1.bin", object)];
        office_with("word/document.xml", WORD, &[("word/document.xml", &document)], &more)
    };
    let opened = open("文書.docx", &with(&ole("Package")));
    assert_eq!(
        texts(&opened, PartKind::Body),
        [("本文", "本文\n"), ("文書.docx › word/embeddings/sheet.xlsx › シート「一覧」 1 行", "7")]
    );
    assert_eq!(unseen(&opened), [("文書.docx › word/embeddings/oleobject1.bin", "UNSUPPORTED")]);
    // A file behind a password is no harmless object.
    let error = refusal("文書.docx", &with(&ole("EncryptedPackage")));
    assert_eq!((error.path.as_str(), error.reason), ("文書.docx › word/embeddings/oleobject1.bin", Reason::Encrypted));
}

#[test]
fn entities_of_its_own_are_refused() {
    let bomb = "<!DOCTYPE d [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]>";
    let in_word =
        office("word/document.xml", WORD, &[("word/document.xml", &format!("{bomb}{}", word(&paragraph("&b;"))))]);
    assert_eq!(refusal("文書.docx", &in_word).reason.code(), "BROKEN");
    let in_excel = xlsx("<sheetData><row r=\"1\"><c r=\"A1\" t=\"str\"><v>&b;</v></c></row></sheetData>");
    assert_eq!(refusal("表.xlsx", &in_excel).reason.code(), "BROKEN");
}

#[test]
fn endless_depth_of_xml_is_refused() {
    let deep = "<w:p><w:r>".repeat(100_000);
    let up = "</w:r></w:p>".repeat(100_000);
    assert_eq!(refusal("深い.docx", &docx(&format!("{deep}<w:t>底</w:t>{up}"))).reason.code(), "BROKEN");
}

#[test]
fn a_string_that_is_shown_again_and_again_is_bounded() {
    let long = "架".repeat(100_000);
    let cells: String = (1..500).map(|n| format!("<c r=\"A{n}\" t=\"s\"><v>0</v></c>")).collect();
    let bytes = office(
        "xl/workbook.xml",
        EXCEL,
        &[
            ("xl/workbook.xml", "<workbook><sheets><sheet name=\"一覧\" r:id=\"r1\"/></sheets></workbook>"),
            (
                "xl/_rels/workbook.xml.rels",
                &relations(&[("r1", "worksheet", "sheet1.xml"), ("r2", "sharedStrings", "strings.xml")]),
            ),
            ("xl/strings.xml", &format!("<sst><si><t>{long}</t></si></sst>")),
            ("xl/sheet1.xml", &format!("<worksheet><sheetData><row r=\"1\">{cells}</row></sheetData></worksheet>")),
        ],
    );
    let limits = Limits { text_bytes: 1 << 20, ..Limits::default() };
    assert_eq!(read("表.xlsx", &bytes, &limits).unwrap_err().reason, too_large("text_bytes", 1 << 20));
}

#[test]
fn old_and_encrypted_formats_are_named() {
    let mut ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    ole.extend("Workbook".encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(refusal("表.xlsx", &ole).reason, Reason::Unsupported { format: "XLS (Excel 97-2003)".into() });
    let open_document = zip(&[("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", b"<a/>")]);
    assert_eq!(refusal("a.odt", &open_document).reason, Reason::Unsupported { format: "OpenDocument (text)".into() });
}

#[test]
fn parts_that_break_off_are_named() {
    let cut = office("word/document.xml", WORD, &[("word/document.xml", "<w:document><w:body><w:p>")]);
    let Reason::Broken { place, .. } = refusal("文書.docx", &cut).reason else { panic!("broken") };
    assert!(place.starts_with("word/document.xml"), "{place}");
    assert!(open("a.pptx", &pptx("文")).unseen.is_empty());
}
