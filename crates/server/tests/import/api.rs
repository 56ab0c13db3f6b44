use crate::Desk;
use crate::site::{Reply, Site};
use serde_json::{Value, json};

fn meeting(number: u32) -> Value {
    let issue = format!("199999999X{number:03}20250305");
    let speech = |order: u32, text: &str| {
        json!({"speechID": format!("{issue}_{order:03}"), "speechOrder": order, "speaker": "架空問子",
            "speakerGroup": "架空会派", "speech": text})
    };
    json!({"issueID": issue, "session": 999, "nameOfHouse": "衆議院", "nameOfMeeting": "架空委員会",
        "issue": format!("第{number}号"), "date": "2025-03-05", "speechRecord": [speech(1, "○架空（問）委員　伺います。")]})
}

/// A page of the Diet-record API: one meeting, of three.
fn page(path: &str) -> Reply {
    let start: u32 = path.split("startRecord=").nth(1).unwrap().split('&').next().unwrap().parse().unwrap();
    let next = if start < 3 { json!(start + 1) } else { Value::Null };
    Reply::Json(
        json!({"numberOfRecords": 3, "numberOfReturn": 1, "startRecord": start, "nextRecordPosition": next,
            "meetingRecord": [meeting(start)]})
        .to_string(),
    )
}

fn diet<'a>(site: &'a Site, more: &[&'a str]) -> Vec<&'a str> {
    let mut all = vec!["diet", "--from-api", "--pause", "0", "--base-url", &site.url];
    all.extend(more);
    all
}

const DAYS: [&str; 4] = ["--since", "2025-03-01", "--until", "2025-03-31"];

#[test]
fn given_pages_then_all_meetings_are_taken_and_nothing_is_left_behind() {
    let (desk, site) = (Desk::new(), Site::new(|path, _| page(path)));
    let (code, said) = desk.import(&diet(&site, &DAYS));
    assert_eq!((code, &said["new"]), (0, &json!(3)), "{said:#}");
    assert!(site.asked()[0].starts_with("/api/meeting?from=2025-03-01&until=2025-03-31&startRecord=1&"));
    assert_eq!(site.asked().len(), 3);
    assert!(!desk.path("data/search/fetch/diet").exists());
    // The next time goes on some days before the end of the last.
    let (code, said) = desk.import(&diet(&site, &["--until", "2025-04-30"]));
    assert_eq!((code, &said["unchanged"]), (0, &json!(3)), "{said:#}");
    assert!(site.asked()[3].contains("from=2025-03-01&until=2025-04-30"), "{:?}", site.asked());
}

#[test]
fn given_a_busy_site_and_a_cut_connection_then_it_is_asked_again() {
    let site = Site::new(|path, before| match before {
        0 => Reply::Busy(503, 0),
        1 => Reply::Cut,
        2 => Reply::Busy(429, 1),
        _ => page(path),
    });
    let begun = std::time::Instant::now();
    let (code, said) = Desk::new().import(&diet(&site, &DAYS));
    assert_eq!((code, &said["new"]), (0, &json!(3)), "{said:#}");
    assert!(begun.elapsed().as_secs_f64() >= 1.0, "`Retry-After` is honoured");
}

#[test]
fn given_a_fetch_that_broke_off_then_it_goes_on_where_it_was() {
    let site = Site::new(|path, before| if (1..6).contains(&before) { Reply::Busy(503, 0) } else { page(path) });
    let desk = Desk::new();
    let (code, said) = desk.import(&diet(&site, &DAYS));
    assert_eq!(code, 3, "{said}");
    assert!(said.as_str().unwrap().contains("続きから"), "{said}");
    let (code, said) = desk.import(&diet(&site, &[]));
    assert_eq!((code, &said["new"]), (0, &json!(3)), "{said:#}");
    let pages: Vec<bool> = site.asked().iter().map(|path| path.contains("startRecord=1&")).collect();
    assert_eq!(pages.iter().filter(|first| **first).count(), 1, "the first page is asked for once: {:?}", site.asked());
}

#[test]
fn given_a_fetch_that_broke_off_and_another_site_then_it_begins_anew() {
    let first = Site::new(|path, before| if before > 0 { Reply::Busy(503, 0) } else { page(path) });
    let mirror = Site::new(|path, _| page(path));
    let desk = Desk::new();
    assert_eq!(desk.import(&diet(&first, &DAYS)).0, 3);
    let (code, said) = desk.import(&diet(&mirror, &[]));
    assert_eq!((code, &said["new"]), (0, &json!(3)), "{said:#}");
    assert!(mirror.asked()[0].contains("from=2025-03-01&until=2025-03-31&startRecord=1&"), "{:?}", mirror.asked());
}

#[test]
fn given_a_refusal_then_it_is_told_and_nothing_changes() {
    let site = Site::new(|_, _| Reply::Refuse(400, "{\"message\":\"検索条件の誤り\"}"));
    let (code, said) = Desk::new().import(&diet(&site, &DAYS));
    assert_eq!(code, 3);
    assert!(said.as_str().unwrap().contains("検索条件の誤り"), "{said}");
    assert_eq!(site.asked().len(), 1, "asking again would not change it");
    assert_eq!(Desk::new().import(&diet(&site, &[])).0, 2, "the first time needs --since");
}

const LAW: &str = "505AC0000009801";

/// The law API: a list of two pages, and the texts of two laws.
fn laws(path: &str, updated: &str, text: &str) -> Reply {
    let revision = |number: u32| format!("505AC000000980{number}_20240401_000000000000000");
    let info = |number: u32| {
        json!({"law_id": format!("505AC000000980{number}"), "law_num": format!("令和五年法律第980{number}号"), "law_type": "Act",
            "promulgation_date": "2023-06-01"})
    };
    let state = |number: u32| {
        json!({"law_revision_id": revision(number), "law_title": "架空法", "category": "海運", "updated": updated,
            "amendment_enforcement_date": "2024-04-01"})
    };
    if path.starts_with("/laws?") {
        let second = path.contains("offset=1&");
        let number = if second { 2 } else { 1 };
        let next = if second { Value::Null } else { json!(1) };
        let law = json!({"law_info": info(number), "revision_info": state(number)});
        return Reply::Json(json!({"total_count": 2, "count": 1, "next_offset": next, "laws": [law]}).to_string());
    }
    let number = if path.contains("9801_") { 1 } else { 2 };
    let sentence = json!({"tag": "Sentence", "attr": {}, "children": [text]});
    let tag = |tag: &str, child: Value| json!({"tag": tag, "attr": {"Num": "1"}, "children": [child]});
    let article = tag("Article", tag("Paragraph", tag("ParagraphSentence", sentence)));
    let law = json!({"tag": "Law", "attr": {"Era": "Reiwa", "Year": "5", "Num": format!("980{number}"), "LawType": "Act", "Lang": "ja"},
        "children": [
            {"tag": "LawNum", "attr": {}, "children": [format!("令和五年法律第980{number}号")]},
            {"tag": "LawBody", "attr": {}, "children": [
                {"tag": "LawTitle", "attr": {}, "children": [format!("架空第{number}法")]}, tag("MainProvision", article)]}]});
    Reply::Json(json!({"law_info": info(number), "revision_info": state(number), "law_full_text": law}).to_string())
}

#[test]
fn given_the_list_of_laws_then_only_what_changed_is_fetched() {
    let desk = Desk::new();
    let arguments = |site: &Site| ["laws", "--from-api", "--pause", "0", "--base-url", &site.url].map(str::to_owned);
    let import = |site: &Site| desk.import(&arguments(site).iter().map(String::as_str).collect::<Vec<_>>());
    let site = Site::new(|path, _| laws(path, "2025-01-01T00:00:00+09:00", "架空を定める。"));
    let (code, said) = import(&site);
    assert_eq!((code, &said["new"], &said["rejects"]), (0, &json!(2), &json!([])), "{said:#}");
    assert_eq!(site.asked().len(), 4);

    let (code, said) = import(&site);
    assert_eq!((code, &said["new"], &said["changed"]), (0, &json!(0), &json!(0)), "{said:#}");
    assert_eq!(site.asked().len(), 6, "the list alone: {:?}", site.asked());

    let site = Site::new(|path, _| {
        let day = if path.contains("offset=0&") { "2025-02-01T00:00:00+09:00" } else { "2025-01-01T00:00:00+09:00" };
        laws(path, day, "新しく架空を定める。")
    });
    let (code, said) = import(&site);
    assert_eq!((code, &said["changed"], site.asked().len()), (0, &json!(1), 3), "{said:#} {:?}", site.asked());
    assert!(site.asked()[2].contains(LAW));
}

#[test]
fn given_a_text_that_is_refused_then_the_others_are_taken_and_it_is_asked_again() {
    let desk = Desk::new();
    let site = Site::new(|path, before| {
        if path.contains("9801_") && before < 4 {
            return Reply::Refuse(404, "{\"code\":\"404001\"}");
        }
        laws(path, "2025-01-01T00:00:00+09:00", "架空を定める。")
    });
    let arguments = ["laws", "--from-api", "--pause", "0", "--base-url", &site.url];
    let (code, said) = desk.import(&arguments);
    assert_eq!((code, &said["new"]), (1, &json!(1)), "{said:#}");
    let (code, said) = desk.import(&arguments);
    assert_eq!((code, &said["new"]), (0, &json!(1)), "{said:#}");
}

#[test]
fn given_a_text_that_cannot_be_read_then_it_is_asked_for_again() {
    let desk = Desk::new();
    let site = Site::new(|path, before| match before {
        0..4 if path.contains("9801_") => Reply::Json("{\"law_full_text\": null}".into()),
        4..7 if path.contains("9801_") => Reply::Json("お待ちください".into()),
        _ => laws(path, "2025-01-01T00:00:00+09:00", "架空を定める。"),
    });
    let arguments = ["laws", "--from-api", "--pause", "0", "--base-url", &site.url];
    for (expected, new) in [(1, 1), (1, 0), (0, 1)] {
        let (code, said) = desk.import(&arguments);
        assert_eq!((code, &said["new"]), (expected, &json!(new)), "{said:#} {:?}", site.asked());
    }
    assert!(!desk.path("data/search/fetch/laws").exists());
}

#[test]
fn given_a_fetch_that_broke_off_before_a_correction_then_the_corrected_text_is_taken() {
    let desk = Desk::new();
    let import = |site: &Site| desk.import(&["laws", "--from-api", "--pause", "0", "--base-url", &site.url]);
    let site = Site::new(|path, before| match before {
        0..3 => laws(path, "2025-01-01T00:00:00+09:00", "架空を定める。"),
        _ => Reply::Busy(503, 0),
    });
    assert_eq!(import(&site).0, 3);
    let site = Site::new(|path, _| laws(path, "2025-02-01T00:00:00+09:00", "新しく架空を定める。"));
    let (code, said) = import(&site);
    assert_eq!((code, &said["new"], &said["notes"]), (0, &json!(2), &json!([])), "{said:#}");
    assert_eq!(site.asked().len(), 4, "the text that was left is of before: {:?}", site.asked());
    let found = desk.run(&["--json", "search", "新しく架空を定める", "--data", "data", "--corpus", "law"]);
    assert!(String::from_utf8_lossy(&found.stdout).contains(LAW), "{found:?}");
}
