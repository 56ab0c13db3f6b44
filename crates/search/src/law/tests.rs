//! The reader as a specification, with laws that do not exist.

mod hostile;
mod samples;

use super::*;

/// 架空法: chapters, branches, items, columns, a table, a supplement, a table at the end, and one element nobody knows.
const ACT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Law Era="Reiwa" Year="3" Num="001" LawType="Act" Lang="ja" PromulgateMonth="04" PromulgateDay="01">
  <LawNum>令和三年法律第一号</LawNum>
  <LawBody>
    <LawTitle Kana="かくうほう" Abbrev="架法，架空の法">架空法</LawTitle>
    <EnactStatement>架空法をここに公布する。</EnactStatement>
    <TOC><TOCLabel>目次</TOCLabel></TOC>
    <MainProvision>
      <Chapter Num="1"><ChapterTitle>第一章　総則</ChapterTitle>
        <Article Num="1">
          <ArticleCaption>（目的）</ArticleCaption><ArticleTitle>第一条</ArticleTitle>
          <Paragraph Num="1"><ParagraphNum/><ParagraphSentence>
            <Sentence Num="1">この法律は、<Ruby>架<Rt>か</Rt></Ruby>空の物を定める。</Sentence>
            <Sentence Num="2">ただし、面積は十m<Sup>2</Sup>&amp;以上とする。</Sentence>
          </ParagraphSentence></Paragraph>
          <Paragraph Num="2"><ParagraphNum>２</ParagraphNum><ParagraphSentence><Sentence>次に掲げる物とする。</Sentence></ParagraphSentence>
            <Item Num="1"><ItemTitle>一</ItemTitle><ItemSentence><Column Num="1"><Sentence>甲</Sentence></Column><Column Num="2"><Sentence>乙</Sentence></Column></ItemSentence>
              <Subitem1 Num="1"><Subitem1Title>イ</Subitem1Title><Subitem1Sentence><Sentence>丙</Sentence></Subitem1Sentence>
                <Subitem2 Num="1"><Subitem2Title>（１）</Subitem2Title><Subitem2Sentence><Sentence>丁</Sentence></Subitem2Sentence></Subitem2>
              </Subitem1>
            </Item>
            <Item Num="1_2"><ItemTitle>一の二</ItemTitle><ItemSentence><Sentence>戊</Sentence></ItemSentence></Item>
            <TableStruct><Table><TableRow><TableColumn><Sentence>上</Sentence></TableColumn><TableColumn><Sentence>下</Sentence></TableColumn></TableRow><TableRow><TableColumn><Sentence>一</Sentence></TableColumn><TableColumn><Sentence>二|三</Sentence></TableColumn></TableRow></Table></TableStruct>
          </Paragraph>
        </Article>
        <Article Num="2:4"><ArticleTitle>第二条から第四条まで</ArticleTitle><Paragraph Num="1"><ParagraphNum/><ParagraphSentence><Sentence>削除</Sentence></ParagraphSentence></Paragraph></Article>
      </Chapter>
      <Chapter Num="2"><ChapterTitle>第二章　雑則</ChapterTitle>
        <Article Num="4_2"><ArticleTitle>第四条の二</ArticleTitle>
          <Paragraph Num="1"><ParagraphNum/><ParagraphSentence><Sentence>物。</Sentence></ParagraphSentence></Paragraph>
          <Paragraph Num="2" OldNum="true"><ParagraphNum/><ParagraphSentence><Sentence>者。</Sentence></ParagraphSentence><Blink>残る。</Blink></Paragraph>
        </Article>
      </Chapter>
    </MainProvision>
    <SupplProvision><SupplProvisionLabel>附　則</SupplProvisionLabel>
      <Paragraph Num="1"><ParagraphNum/><ParagraphSentence><Sentence>公布の日から施行する。</Sentence></ParagraphSentence></Paragraph>
    </SupplProvision>
    <SupplProvision AmendLawNum="令和五年六月一六日法律第六三号"><SupplProvisionLabel>附　則</SupplProvisionLabel>
      <Article Num="1"><ArticleTitle>第一条</ArticleTitle><Paragraph Num="1"><ParagraphNum/><ParagraphSentence><Sentence>新しい物。</Sentence></ParagraphSentence></Paragraph></Article>
    </SupplProvision>
    <AppdxTable><AppdxTableTitle>別表第一</AppdxTableTitle><RelatedArticleNum>（第一条関係）</RelatedArticleNum><Item Num="1"><ItemTitle>一</ItemTitle><ItemSentence><Sentence>表の物</Sentence></ItemSentence></Item></AppdxTable>
    <AppdxStyle><AppdxStyleTitle>様式第三号の二</AppdxStyleTitle><StyleStruct><Style><Fig src="x.jpg"/></Style></StyleStruct></AppdxStyle>
  </LawBody>
</Law>"#;

fn act() -> LawText {
    read(ACT.as_bytes()).unwrap()
}

#[test]
fn what_the_head_says() {
    let law = act();
    assert_eq!((law.law_num.as_str(), law.title.as_str()), ("令和三年法律第一号", "架空法"));
    assert_eq!(law.title_kana.as_deref(), Some("かくうほう"));
    assert_eq!(law.abbreviations, ["架法", "架空の法"]);
    assert_eq!((law.kind, law.era, law.year, law.num), (LawKind::Act, Some(Era::Reiwa), Some(3), Some(1)));
    assert_eq!(law.promulgated, jiff::civil::Date::new(2021, 4, 1).ok());
    assert_eq!(law.enactment, ["架空法をここに公布する。"]);
    let headings: Vec<&str> = law.headings.iter().map(|heading| heading.title.as_str()).collect();
    assert_eq!(headings, ["第一章　総則", "第二章　雑則", "附　則", "附　則"]);
}

#[test]
fn every_provision_has_a_name_of_its_own() {
    let law = act();
    let keys: Vec<&str> = law.provisions.iter().map(|provision| provision.key.as_str()).collect();
    assert_eq!(keys, ["1", "2", "4_2", "s.p", "s505AC63.1", "table1", "form3_2"]);
    assert_eq!(law.unit_id(&law.provisions[0]), None, "the bare XML does not say the id");
    let law = law.named(&RevisionName::parse("399AC0000000001_20240401_505AC0000000063.xml").unwrap());
    assert_eq!(law.unit_id(&law.provisions[2]).unwrap().as_str(), "399AC0000000001/4_2");
    assert_eq!(law.enforced, jiff::civil::Date::new(2024, 4, 1).ok());
}

#[test]
fn an_article_as_text() {
    let law = act();
    let article = law.provision("1").unwrap();
    assert_eq!((article.title.as_str(), article.caption.as_str()), ("第一条", "目的"));
    assert_eq!(article.path, ["第一章　総則"]);
    assert_eq!(
        article.text(),
        "この法律は、架空の物を定める。ただし、面積は十m²&以上とする。\n２　次に掲げる物とする。\n一　甲　乙\nイ　丙\n（１）　丁\n\
         一の二　戊\n| 上 | 下 |\n| --- | --- |\n| 一 | 二｜三 |"
    );
    let rendered = article.rendered();
    let (line, address) = &rendered.lines[4];
    assert_eq!((&rendered.text[line.clone()], address.to_string().as_str()), ("（１）　丁", "第二項第一号イ（1）"));
}

#[test]
fn a_place_in_an_article_is_found_by_its_address() {
    let law = act();
    let article = law.article("1".parse().unwrap()).unwrap();
    let at = |text: &str| article.at(&Address::leading(text).0).map(|piece| piece.text());
    assert_eq!(at("第二項第一号イ（１）").as_deref(), Some("（１）　丁"));
    assert_eq!(at("第二項第一号の二").as_deref(), Some("一の二　戊"));
    assert_eq!(at("第三項"), None);
}

#[test]
fn deleted_articles_stand_for_all_their_numbers() {
    let law = act();
    let deleted = law.article("3".parse().unwrap()).unwrap();
    assert!(deleted.deleted && deleted.key == "2" && deleted.last_number == "4".parse().ok());
}

#[test]
fn old_paragraphs_are_counted_and_unknown_elements_kept() {
    let law = act();
    assert_eq!(law.provision("4_2").unwrap().text(), "物。\n②　者。\n残る。");
    assert_eq!(law.oddities.len(), 1);
    let odd = &law.oddities[0];
    assert_eq!(odd.what, Odd::UnknownElement("Blink".to_owned()));
    assert_eq!(odd.path, "MainProvision/Chapter[2]/Article[4_2]/Paragraph[2]");
    assert_eq!(odd.line, Some(31));
}

#[test]
fn supplements_say_whose_they_are() {
    let law = act();
    let Place::Supplement { index, number, .. } = &law.provision("s505AC63.1").unwrap().place else { panic!() };
    assert_eq!((*index, number.clone()), (1, "令和五年法律第六十三号".parse().ok()));
    assert_eq!(law.provision("form3_2").unwrap().text(), "［図］");
    assert_eq!(law.provision("table1").unwrap().title, "別表第一（第一条関係）");
}

#[test]
fn what_an_appended_part_relates_to_is_not_its_number() {
    for (title, number) in
        [("別表（第二十八条関係）", None), ("別表第一（第二条関係）", Some("1")), ("（別記様式第三号）", Some("3"))]
    {
        assert_eq!(structure::appended_number(title).map(|number| number.key()).as_deref(), number, "{title}");
    }
    let xml = ACT.replace(
        "別表第一</AppdxTableTitle><RelatedArticleNum>（第一条関係）",
        "別表</AppdxTableTitle><RelatedArticleNum>（第二十八条関係）",
    );
    assert!(read(xml.as_bytes()).unwrap().provision("table").is_some());
}

#[test]
fn a_law_without_articles_is_one_provision() {
    let paragraph = |num: u32| {
        format!(
            "<Paragraph Num=\"{num}\"><ParagraphNum/><ParagraphSentence><Sentence>其ノ{num}</Sentence></ParagraphSentence></Paragraph>"
        )
    };
    let xml = format!(
        "<Law><LawBody><MainProvision>{}{}<Article Num=\"1\"/>{}</MainProvision></LawBody></Law>",
        paragraph(1),
        paragraph(2),
        paragraph(1)
    );
    let law = read_xml(xml.as_bytes()).unwrap();
    let keys: Vec<&str> = law.provisions.iter().map(|provision| provision.key.as_str()).collect();
    assert_eq!(keys, ["p", "1", "p#2"]);
    assert_eq!(law.provisions[0].text(), "其ノ1\n其ノ2");
}

#[test]
fn answers_of_the_api() {
    let v1 = format!(
        "<DataRoot><Result><Code>0</Code><Message/></Result><ApplData><LawId>399AC0000000001</LawId><LawFullText>{}</LawFullText></ApplData></DataRoot>",
        ACT.split_once("?>").unwrap().1
    );
    let law = read(v1.as_bytes()).unwrap();
    assert_eq!((law.law_id, law.provisions), (LawId::new("399AC0000000001"), act().provisions));

    let partial = "<DataRoot><Result><Code>0</Code></Result><ApplData><LawNum>令和三年法律第一号</LawNum><LawContents><Article Num=\"5_2\"><ArticleTitle>第五条の二</ArticleTitle></Article></LawContents></ApplData></DataRoot>";
    let law = read(partial.as_bytes()).unwrap();
    assert_eq!((law.law_num.as_str(), law.provisions[0].key.as_str()), ("令和三年法律第一号", "5_2"));
    assert_eq!(law.oddities[0].what, Odd::Partial);

    let refused = "<DataRoot><Result><Code>1</Code><Message>該当するデータがありません</Message></Result></DataRoot>";
    assert!(matches!(read(refused.as_bytes()), Err(ReadError::Refused { code, .. }) if code == "1"));
}

#[test]
fn a_tree_of_the_second_version_is_the_same_law() {
    let tree = r#"{"tag":"Law","attr":{"Era":"Reiwa","Year":"3","Num":"1","LawType":"Act"},"children":[
        {"tag":"LawNum","attr":{},"children":["令和三年法律第一号"]},
        {"tag":"LawBody","attr":{},"children":[{"tag":"LawTitle","attr":{},"children":["架空法"]},
        {"tag":"MainProvision","attr":{},"children":[{"tag":"Article","attr":{"Num":"1"},"children":[
        {"tag":"ArticleTitle","attr":{},"children":["第一条"]},
        {"tag":"Paragraph","attr":{"Num":"1"},"children":[{"tag":"ParagraphSentence","children":[{"tag":"Sentence","children":["架空の\"物\"。"]}]}]}]}]}]}]}"#;
    let bare = read(tree.as_bytes()).unwrap();
    assert_eq!(bare.provisions[0].text(), "架空の\"物\"。");
    let answer = format!(
        r#"{{"attached_files_info":null,"law_info":{{"law_type":"Act","law_id":"399AC0000000001","promulgation_date":"2021-04-01"}},
        "revision_info":{{"law_revision_id":"399AC0000000001_20240401_505AC0000000063","abbrev":"架法,架空の法"}},"law_full_text":{tree}}}"#
    );
    let law = read(answer.as_bytes()).unwrap();
    assert_eq!(law.provisions, bare.provisions);
    assert_eq!(law.law_id, LawId::new("399AC0000000001"));
    assert_eq!(law.amending, LawId::new("505AC0000000063"));
    assert_eq!(law.abbreviations, ["架法", "架空の法"]);
}

#[test]
fn what_is_broken_is_said_with_its_place() {
    let error = read("<Law>\n  <LawBody>\n</Law>".as_bytes()).unwrap_err();
    assert!(matches!(error, ReadError::BrokenXml { at: Position { line: 3, .. }, .. }), "{error}");
    let error = read("<Law>\n架空&bomb;</Law>".as_bytes()).unwrap_err();
    assert_eq!(error.to_string(), "line 2, column 3: unknown entity `bomb`; write the character itself");
    assert!(matches!(read(b"<Law>\xff</Law>"), Err(ReadError::NotUtf8 { at: Position { line: 1, column: 6 } })));
    assert!(matches!(read(b"{\"tag\":\"Law\",\n"), Err(ReadError::BrokenJson { at: Position { line: 2, .. }, .. })));
    assert!(matches!(read("架空".as_bytes()), Err(ReadError::NoLaw { .. })));
    assert!(matches!(read(b"{\"law_full_text\":\"PExhdz4=\"}"), Err(ReadError::BrokenJson { .. })));
    assert!(matches!(read(b"<html/>"), Err(ReadError::NoLaw { .. })));
}
