//! Every export is valid by its schema, and says what the mapping promises.

use crate::samples::{
    audit_file, catalogue, catalogue_meta, crosswalk, crosswalk_meta, engagement, statement, statement_meta,
};
use crate::schema::assert_valid;
use sekisho_domain::ismap::catalogue::{Catalogue, Crosswalk};
use sekisho_domain::ismap::engagement::{AuditFile, FindingState};
use sekisho_oscal::{
    ExportError, Model, NS, Selection, export_assessment_plan, export_assessment_results, export_catalog,
    export_mapping, export_poam, export_profile, export_ssp,
};
use serde_json::{Value, json};

pub(crate) fn all() -> Vec<(Model, Vec<u8>)> {
    let (meta, catalogue) = (catalogue_meta("kakuu-r8"), catalogue());
    let (audit, file) = (engagement(), audit_file());
    vec![
        (Model::Catalog, export_catalog(&meta, &catalogue).unwrap()),
        (Model::Profile, export_profile(&meta, &catalogue, Selection::Basic).unwrap()),
        (Model::Profile, export_profile(&meta, &catalogue, Selection::All).unwrap()),
        (Model::SystemSecurityPlan, export_ssp(&statement_meta(), &statement()).unwrap()),
        (Model::AssessmentPlan, export_assessment_plan(&audit, &file).unwrap()),
        (Model::AssessmentResults, export_assessment_results(&audit, &file).unwrap()),
        (Model::PlanOfAction, export_poam(&audit, &file).unwrap()),
        (Model::Mapping, export_mapping(&crosswalk_meta(), &crosswalk()).unwrap()),
    ]
}

fn parsed(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

fn ours(name: &str, value: &str) -> Value {
    json!({"name": name, "ns": NS, "value": value})
}

#[test]
fn every_export_is_valid_by_its_schema() {
    for (model, bytes) in all() {
        assert_valid(model, &bytes);
    }
}

#[test]
fn two_exports_of_one_record_are_the_same_bytes() {
    assert_eq!(all(), all());
}

#[test]
fn a_catalog_has_a_group_for_each_chapter_and_details_below_their_objective() {
    let catalog = parsed(&export_catalog(&catalogue_meta("kakuu-r8"), &catalogue()).unwrap());
    let group = &catalog["catalog"]["groups"][0];
    assert_eq!((&group["id"], &group["title"]), (&json!("ismap-chapter-5"), &json!("架空の方針")));
    let detail = &group["controls"][0]["controls"][0];
    assert_eq!(detail["id"], "ismap-5.1.1.9.PB");
    let props = detail["props"].as_array().unwrap();
    for prop in [
        json!({"name": "label", "value": "5.1.1.9.PB"}),
        json!({"name": "sort-id", "value": "05.01.01.009"}),
        ours("basic-requirement", "true"),
        ours("provider", "true"),
        ours("audit-group", "甲"),
        ours("cycle-years", "3"),
    ] {
        assert!(props.contains(&prop), "{prop} is missing in {props:?}");
    }
    assert_eq!(
        detail["parts"][0],
        json!({"id": "ismap-5.1.1.9.PB_smt", "name": "statement", "prose": "方針を年に一度見直す。\n見直した日を残す。"})
    );
}

#[test]
fn the_profile_of_the_basic_requirements_names_exactly_those() {
    let profile = parsed(&export_profile(&catalogue_meta("kakuu-r8"), &catalogue(), Selection::Basic).unwrap());
    let import = &profile["profile"]["imports"][0];
    assert_eq!(import["href"], "catalog-kakuu-r8.json");
    assert_eq!(import["include-controls"], json!([{"with-ids": ["ismap-5.1.1.9.PB", "ismap-9.2.3.11.PB"]}]));
}

#[test]
fn a_statement_says_of_each_item_whether_it_is_implemented_and_why_not() {
    let ssp = parsed(&export_ssp(&statement_meta(), &statement()).unwrap());
    let plan = &ssp["system-security-plan"];
    assert_eq!(plan["import-profile"]["href"], "profile-all-kakuu-r8.json");
    assert_eq!(plan["system-implementation"]["components"][0]["type"], "this-system");
    let stated = plan["control-implementation"]["implemented-requirements"].as_array().unwrap();
    let states: Vec<(&str, &str)> = stated
        .iter()
        .map(|r| {
            let state = &r["by-components"][0]["implementation-status"]["state"];
            (r["control-id"].as_str().unwrap(), state.as_str().unwrap())
        })
        .collect();
    assert_eq!(
        states,
        [
            ("ismap-5.1.1", "implemented"),
            ("ismap-5.1.1.10", "not-applicable"),
            ("ismap-9.2.3.11.PB", "implemented"),
            ("ismap-12.2.1", "planned"),
        ]
    );
    assert_eq!(stated[1]["by-components"][0]["description"], "写しを渡す利用者がいない。");
    let props = stated[2]["by-components"][0]["props"].as_array().unwrap();
    assert!(props.contains(&ours("changed-since-last-audit", "procedure")));
    // A text of several lines does not fit a value: it stands whole in the remarks.
    let ai = plan["system-characteristics"]["props"].as_array().unwrap();
    let ai = ai.iter().find(|p| p["name"] == "ai-information").unwrap();
    assert_eq!(ai["remarks"], "要約に自社のモデルを使う。\n外部のモデルには送らない。");
}

#[test]
fn results_tell_methods_depths_and_whether_the_criteria_are_satisfied() {
    let results = parsed(&export_assessment_results(&engagement(), &audit_file()).unwrap());
    let result = &results["assessment-results"]["results"][0];
    let observation = &result["observations"][1];
    assert_eq!(observation["methods"], json!(["EXAMINE", "INTERVIEW", "TEST"]));
    assert_eq!(observation["collected"], "2026-05-12T00:00:00+09:00");
    let props = observation["props"].as_array().unwrap();
    assert!(props.contains(&ours("design", "effective")) && props.contains(&ours("operating", "deficient")));
    assert_eq!(result["observations"][2]["methods"], json!(["UNKNOWN"]));
    let findings: Vec<(&str, &str)> = result["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| (f["title"].as_str().unwrap(), f["target"]["status"]["state"].as_str().unwrap()))
        .collect();
    assert_eq!(
        findings,
        [
            ("5.1.1 の結論", "satisfied"),
            ("9.2.3.11.PB の結論", "not-satisfied"),
            ("F-1 貸出し 2 件に二人目の印がない。", "not-satisfied"),
            ("F-2 配布先に抜けがあった。", "satisfied"),
        ]
    );
}

#[test]
fn the_plan_of_action_holds_what_the_report_leaves_with_its_deadline() {
    let plan = parsed(&export_poam(&engagement(), &audit_file()).unwrap());
    let plan = &plan["plan-of-action-and-milestones"];
    assert_eq!(plan["poam-items"].as_array().unwrap().len(), 1);
    assert_eq!(plan["risks"][0]["deadline"], "2026-09-30T23:59:59+09:00");
    assert_eq!(plan["poam-items"][0]["related-risks"][0]["risk-uuid"], plan["risks"][0]["uuid"]);
    assert_eq!(plan["poam-items"][0]["related-findings"][0]["finding-uuid"], plan["findings"][0]["uuid"]);
}

#[test]
fn a_crosswalk_says_how_items_relate_and_which_have_no_counterpart() {
    let mapping = parsed(&export_mapping(&crosswalk_meta(), &crosswalk()).unwrap());
    let mapping = &mapping["mapping-collection"]["mappings"][0];
    let relations: Vec<&Value> = mapping["maps"].as_array().unwrap().iter().map(|m| &m["relationship"]).collect();
    assert_eq!(relations, ["equal-to", "subset-of", "superset-of", "intersects-with"]);
    assert_eq!(mapping["source-gap-summary"]["unmapped-controls"][0]["with-ids"], json!(["ismap-6.1.1"]));
    assert_eq!(mapping["target-gap-summary"]["unmapped-controls"][0]["with-ids"], json!(["ismap-5.1.1.10"]));
}

#[test]
fn documents_of_one_audit_refer_to_each_other() {
    let (audit, file) = (engagement(), audit_file());
    let plan = parsed(&export_assessment_plan(&audit, &file).unwrap());
    let results = parsed(&export_assessment_results(&audit, &file).unwrap());
    let ssp = parsed(&export_ssp(&statement_meta(), &statement()).unwrap());
    assert_eq!(plan["assessment-plan"]["import-ssp"]["href"], "ssp-s-2026-kumo.json");
    assert_eq!(results["assessment-results"]["import-ap"]["href"], "assessment-plan-e-2026-kumo.json");
    assert_eq!(
        plan["assessment-plan"]["assessment-subjects"][0]["include-subjects"][0]["subject-uuid"],
        ssp["system-security-plan"]["system-implementation"]["components"][0]["uuid"]
    );
}

#[test]
fn what_cannot_be_valid_is_refused_in_words() {
    let audit = engagement();
    let nothing = |result: Result<Vec<u8>, ExportError>| {
        let error = result.unwrap_err();
        assert!(matches!(error, ExportError::Nothing { .. }), "{error}");
        assert!(error.ja().contains("書き出せません"));
    };
    let empty = AuditFile::default();
    nothing(export_assessment_plan(&audit, &empty));
    nothing(export_assessment_results(&audit, &empty));
    nothing(export_poam(&audit, &empty));
    nothing(export_mapping(&crosswalk_meta(), &Crosswalk::default()));
    nothing(export_profile(&catalogue_meta("kakuu-r8"), &Catalogue::default(), Selection::Basic));
    let mut without = statement();
    without.answers.clear();
    nothing(export_ssp(&statement_meta(), &without));

    let mut odd = crosswalk();
    odd.lines[4].relation = sekisho_domain::ismap::catalogue::Relation::Equal;
    assert_eq!(export_mapping(&crosswalk_meta(), &odd), Err(ExportError::CrosswalkLine(5)));

    let mut late = audit_file();
    late.findings.get_mut("F-1").unwrap().due = Some(jiff::civil::date(3000, 1, 1));
    assert_eq!(late.findings["F-1"].state, FindingState::Reported);
    assert_eq!(export_poam(&audit, &late), Err(ExportError::Year(3000)));
}
