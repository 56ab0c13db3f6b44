use super::*;
use crate::sheet;

const EXAMPLE: &str = include_str!("../../../ismap/criteria-example.csv");
const NEXT: &str = include_str!("../../../ismap/criteria-example-next.csv");

fn reading(text: &str) -> Result<Reading, Vec<Remark>> {
    let sheets = sheet::read(text.as_bytes()).unwrap();
    read(&sheets, &fitted(Columns::default(), &sheets))
}

fn rejects(text: &str) -> Vec<(Option<u64>, &'static str, String)> {
    reading(text).unwrap_err().into_iter().map(|r| (r.line, r.column, r.message)).collect()
}

#[test]
fn the_fictional_catalogue_is_read_whole_and_its_next_version_differs_as_meant() {
    let one = reading(EXAMPLE).unwrap();
    assert!(EXAMPLE.lines().next().unwrap().contains("架空"));
    assert_eq!(one.notices, [], "suffixes and columns say the same");
    let counts = one.catalogue.counts();
    assert_eq!((counts.objectives, counts.details), (39, 92));
    assert_eq!((counts.basic, counts.provider), (30, 19));
    let chapters: Vec<u16> = one.catalogue.chapters.keys().copied().collect();
    assert_eq!(chapters, (3..=18).collect::<Vec<_>>());
    let two = reading(NEXT).unwrap();
    let (mut new, mut gone, mut changed) = (0, 0, 0);
    for change in one.catalogue.difference(&two.catalogue) {
        use sekisho_domain::ismap::catalogue::CriterionChange as Change;
        match change {
            Change::New(_) => new += 1,
            Change::Gone(_) => gone += 1,
            Change::Changed { .. } => changed += 1,
        }
    }
    assert_eq!((new, gone, changed), (4, 2, 3));
}

#[test]
fn flags_come_from_the_suffix_only_where_no_column_is_given() {
    let bare = reading("項目番号,本文\n5.1.1,目標\n5.1.1.1.PB,詳細\n").unwrap();
    let detail = &bare.catalogue.criteria[1];
    assert!(detail.flag_provider && detail.flag_basic && bare.notices.is_empty());
    let told = reading("項目番号,本文,基本言明要件\n5.1.1,目標,\n5.1.1.1.PB,詳細,\n5.1.1.2,詳細,〇\n").unwrap();
    assert!(!told.catalogue.criteria[1].flag_basic, "the column counts");
    assert!(told.catalogue.criteria[1].flag_provider, "of this there is no column");
    assert!(told.catalogue.criteria[2].flag_basic);
    assert_eq!((told.notices.len(), told.notices[0].line), (1, Some(3)), "that they disagree is told");
}

#[test]
fn numbers_as_people_write_them_are_understood_and_kept_as_written() {
    let text = "番号,内容,周期\nA.9.2.3,目標,\n９．２．３．１１．ＰＢ,詳細,３年\n";
    let catalogue = reading(text).unwrap().catalogue;
    let written: Vec<(String, &str)> =
        catalogue.criteria.iter().map(|c| (c.id.to_string(), c.raw_id.as_str())).collect();
    assert_eq!(written, [("9.2.3".into(), "A.9.2.3"), ("9.2.3.11.PB".into(), "９．２．３．１１．ＰＢ")]);
    assert_eq!(catalogue.criteria[1].cycle_years, Some(3));
}

#[test]
fn headings_of_chapters_give_their_titles_and_those_of_sections_are_left_out_and_told() {
    let text = "項目番号,本文,監査グループ\n5,決めごと\n5.1,方針\n5.1.1,目標,A\n第６章,体制\n6.1.1,目標,A\n";
    let reading = reading(text).unwrap();
    assert_eq!(reading.catalogue.chapters[&5], "決めごと");
    assert_eq!(reading.catalogue.chapters[&6], "体制");
    assert_eq!(reading.notices.len(), 1);
    assert_eq!(reading.notices[0].line, Some(3));
    // With what only an item has, it is no heading but a number cut short.
    let cut = rejects("項目番号,本文,監査グループ\n5.1.1,目標,A\n5.1,詳細,A\n");
    assert_eq!((cut.len(), cut[0].0, cut[0].1), (1, Some(3), "項目番号"));
}

#[test]
fn every_fault_is_told_with_its_line_and_the_remedy() {
    let text = "架空の基準\n項目番号,章の名称,本文,基本言明要件,周期(年)\n\
        5.1.1,方針,目標,,\n5.1.1.1,方針,詳細,たぶん,\n5.1.1.1,方針,詳細,,零\n9.9.9.1,入口,詳細,,\n\
        5.1.x,方針,詳細,,\n5.1.1.2,ちがう名,詳細,,\n,方針,注記,,\n5.1.1.3,方針,,,\n5.1.1.3,方針,もう一度,,\n";
    let told = rejects(text);
    let places: Vec<(Option<u64>, &str)> = told.iter().map(|(line, column, _)| (*line, *column)).collect();
    assert_eq!(
        places,
        [
            (Some(4), "基本言明要件"),
            (Some(5), "周期（年）"),
            (Some(6), "項目番号"),
            (Some(7), "項目番号"),
            (Some(8), "章の名称"),
            (Some(9), "項目番号"),
            (Some(10), "本文"),
            (Some(11), "項目番号"),
        ]
    );
    for (at, expected) in [(0, "○"), (1, "数字"), (2, "統制目標 9.9.9"), (3, "5.1.x"), (4, "3 行目"), (7, "10 行目")]
    {
        assert!(told[at].2.contains(expected), "{at}: {}", told[at].2);
    }
}

#[test]
fn a_table_without_its_columns_says_which_are_lacking() {
    let told = rejects("あ,い\n1,2\n");
    assert_eq!(told.len(), 1);
    assert!(told[0].2.contains("「項目番号」「本文」"), "{}", told[0].2);
    assert!(rejects("項目番号,本文\n")[0].2.contains("一つもありません"));
}

#[test]
fn a_kept_mapping_is_used_as_far_as_it_fits() {
    let sheets = sheet::read("No,求めること,要約\n5.1.1,目標,短い\n".as_bytes()).unwrap();
    let kept = Columns {
        sheet: "去年のシート".into(),
        head: 7,
        headings: BTreeMap::from([("text".into(), "求めること".into()), ("group".into(), "組".into())]),
    };
    let fitted = fitted(kept, &sheets);
    assert_eq!((fitted.sheet.as_str(), fitted.head), ("", 0));
    assert_eq!(fitted.headings["text"], "求めること");
    assert_eq!(fitted.headings["id"], "No");
    assert!(!fitted.headings.contains_key("group"), "its column is not there");
    assert_eq!(read(&sheets, &fitted).unwrap().catalogue.criteria[0].text, "目標");
}
