//! Documents that other tools made, and ours with something planted: kept whole, taken over as far as they speak of our
//! criteria, and told about for the rest.

use crate::samples::{
    audit_file, catalogue, catalogue_meta, crosswalk, crosswalk_meta, engagement, id, statement, statement_meta,
};
use crate::schema::{assert_valid, faults};
use jiff::civil::date;
use sekisho_domain::ismap::engagement::{FindingState, Method, Scope};
use sekisho_oscal::{
    Document, ImportError, Model, Report, Why, export_assessment_results, export_catalog, export_mapping, export_ssp,
    import_assessment_results, import_catalog, import_mapping, import_ssp,
};
use serde_json::{Value, json};

const CATALOG: &[u8] = include_bytes!("foreign_catalog.json");
const RESULTS: &[u8] = include_bytes!("foreign_results.json");

/// What an import tells, and what is written of the record it made.
pub(crate) fn imported(bytes: &[u8]) -> Result<(Report, Vec<u8>), ImportError> {
    let document = Document::read(bytes)?;
    Ok(match document.model() {
        Model::Catalog => {
            let read = import_catalog(&document)?;
            let again = read.catalogue.map(|c| export_catalog(&read.meta, &c).unwrap()).unwrap_or_default();
            (read.report, again)
        }
        Model::SystemSecurityPlan => {
            let read = import_ssp(&document)?;
            (read.report, export_ssp(&read.meta, &read.content).unwrap_or_default())
        }
        Model::AssessmentResults => {
            let mut read = import_assessment_results(&document, &engagement())?;
            if read.file.scope.is_empty() {
                // OSCAL has no results without a control.
                read.file.scope.insert(id("18.1.1"), Scope { design: false, operating: false });
            }
            (read.report, export_assessment_results(&read.meta, &read.file).unwrap())
        }
        Model::Mapping => {
            let read = import_mapping(&document)?;
            (read.report, export_mapping(&read.meta, &read.crosswalk).unwrap_or_default())
        }
        other => panic!("{other:?}"),
    })
}

fn told<'a>(report: &'a Report, why: &Why) -> Vec<&'a str> {
    report.of(why).map(|n| n.path.as_str()).collect()
}

/// Every value that is no object and no list, with its path and a JSON pointer to it.
fn leaves(value: &Value, path: &str, pointer: &str, found: &mut Vec<(String, String, Value)>) {
    match value {
        Value::Object(members) => {
            for (key, child) in members {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                leaves(child, &path, &format!("{pointer}/{key}"), found);
            }
        }
        Value::Array(items) => {
            for (at, child) in items.iter().enumerate() {
                leaves(child, &format!("{path}[{at}]"), &format!("{pointer}/{at}"), found);
            }
        }
        leaf => found.push((path.to_owned(), pointer.to_owned(), leaf.clone())),
    }
}

pub(crate) fn all_leaves(root: &Value) -> Vec<(String, String, Value)> {
    let mut found = Vec::new();
    leaves(root, "", "", &mut found);
    found
}

pub(crate) fn is_told(report: &Report, path: &str) -> bool {
    report.notes.iter().any(|n| {
        let rest = path.strip_prefix(n.path.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    })
}

#[test]
fn given_documents_of_another_tool_when_read_and_written_then_nothing_changes_after_the_first_time() {
    for (model, bytes) in [(Model::Catalog, CATALOG), (Model::AssessmentResults, RESULTS)] {
        assert_valid(model, bytes);
        let read = Document::read(bytes).unwrap();
        let once = read.write().unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&once).unwrap(), serde_json::from_slice::<Value>(bytes).unwrap());
        let again = Document::read(&once).unwrap();
        assert_eq!(again.write().unwrap(), once);
    }
}

#[test]
fn given_a_catalog_of_another_tool_then_what_follows_our_numbering_is_taken_over_and_the_rest_told_item_by_item() {
    let read = import_catalog(&Document::read(CATALOG).unwrap()).unwrap();
    assert_eq!(read.meta.id.as_str(), "oscal-3f2b9a54-7c61-4d0e-9a55-0c1d2e3f4a5b");
    assert_eq!((read.meta.title.as_str(), read.meta.version.as_str()), ("架空連邦の管理策集", "7.1"));
    assert_eq!(read.meta.effective_from, None);
    let catalogue = read.catalogue.unwrap();
    assert_eq!(catalogue.chapters[&9], "扉");
    let numbers: Vec<String> = catalogue.criteria.iter().map(|c| c.id.to_string()).collect();
    assert_eq!(numbers, ["9.2.3", "9.2.3.4.PB", "9.2.3.7"]);
    let objective = catalogue.get(id("9.2.3")).unwrap();
    assert_eq!(objective.raw_id, "A.9.2.3");
    assert_eq!(objective.text, "鍵を次のとおり扱う。\na. 貸すときは名を書く。\nb. 毎月数える。");
    let detail = catalogue.get(id("9.2.3.4.PB")).unwrap();
    assert!(detail.flag_basic && detail.flag_provider && detail.text == "予備の鍵を封じる。");

    let doors = "catalog.groups[0].groups[0].controls";
    let report = &read.report;
    assert_eq!(
        told(report, &Why::NotOurNumber),
        [&format!("{doors}[0].controls[1]"), &format!("{doors}[1]"), "catalog.controls[0]"]
    );
    assert_eq!(told(report, &Why::Orphan), [&format!("{doors}[2]")]);
    assert_eq!(told(report, &Why::Twice), [&format!("{doors}[3]")]);
    assert_eq!(told(report, &Why::UnknownProp), ["catalog.metadata.props[0]", &format!("{doors}[0].props[1]")]);
    assert_eq!(told(report, &Why::Version), ["catalog.metadata.oscal-version"]);
    for path in ["catalog.params", "catalog.back-matter", &format!("{doors}[0].params"), &format!("{doors}[0].id")] {
        assert!(told(report, &Why::NoPlace).contains(&path), "{path} is not told");
    }
    let note = report.of(&Why::NotOurNumber).next().unwrap();
    assert!(note.ja().contains("ac-1.2") && note.ja().contains("label"), "{}", note.ja());
}

#[test]
fn given_results_of_another_tool_then_scope_observations_and_findings_are_taken_over() {
    let read = import_assessment_results(&Document::read(RESULTS).unwrap(), &engagement()).unwrap();
    assert_eq!(read.meta.id, engagement().id);
    let file = &read.file;
    assert_eq!(file.opinion, "おおむねよい。");
    assert_eq!(file.scope.get(&id("9.2.3")), Some(&Scope { design: true, operating: true }));
    assert_eq!(file.scope.len(), 1);
    let evaluation = &file.evaluations[&id("9.2.3")];
    assert_eq!(evaluation.note, "箱を見た。\n鍵を数えた。");
    assert_eq!(evaluation.methods, [Method::Examine, Method::Interview]);
    assert_eq!(evaluation.on, Some(date(2026, 4, 10)));
    assert_eq!((evaluation.design, evaluation.operating), (None, None));
    let finding = &file.findings["F-1"];
    assert_eq!((finding.text.as_str(), finding.state), ("台帳より一本少ない。", FindingState::Open));
    assert_eq!(file.findings.len(), 1);

    let result = "assessment-results.results[0]";
    let report = &read.report;
    assert_eq!(told(report, &Why::Depth), [&format!("{result}.reviewed-controls.control-selections[0]")]);
    assert_eq!(told(report, &Why::Unsplit), [&format!("{result}.findings[1]")]);
    assert_eq!(told(report, &Why::NoControl), [&format!("{result}.observations[2]"), &format!("{result}.findings[2]")]);
    assert_eq!(told(report, &Why::Value), [&format!("{result}.observations[0].methods[1]")]);
    assert!(told(report, &Why::NoPlace).contains(&format!("{result}.risks").as_str()));
}

#[test]
fn given_documents_of_another_tool_then_every_value_is_in_the_record_or_in_the_report() {
    let mut lost = Vec::new();
    for bytes in [CATALOG, RESULTS] {
        let (report, again) = imported(bytes).unwrap();
        let again = String::from_utf8(again).unwrap();
        for (path, _, leaf) in all_leaves(&serde_json::from_slice(bytes).unwrap()) {
            let text = leaf.as_str().unwrap();
            // Instants are taken over as days, numbers without what stands around them.
            let number = text.trim_start_matches("A.").trim_end_matches("_smt");
            let kept = match path.rsplit('.').next() {
                Some("collected") => again.contains(&text[..10]),
                Some("target-id") => again.contains(number),
                _ => again.contains(text),
            };
            if !kept && !is_told(&report, &path) {
                lost.push(format!("{path}: {text}"));
            }
        }
    }
    assert!(lost.is_empty(), "dropped in silence:\n{}", lost.join("\n"));
}

fn ours() -> [Vec<u8>; 4] {
    [
        export_catalog(&catalogue_meta("kakuu-r8"), &catalogue()).unwrap(),
        export_ssp(&statement_meta(), &statement()).unwrap(),
        export_assessment_results(&engagement(), &audit_file()).unwrap(),
        export_mapping(&crosswalk_meta(), &crosswalk()).unwrap(),
    ]
}

#[test]
fn given_something_planted_anywhere_then_it_is_kept_in_the_document_and_told_by_the_import() {
    let mut told_of = 0;
    for bytes in ours() {
        let root: Value = serde_json::from_slice(&bytes).unwrap();
        let mut containers: Vec<String> = all_leaves(&root)
            .into_iter()
            .flat_map(|(_, pointer, _)| {
                let ends: Vec<usize> = pointer.match_indices('/').map(|(at, _)| at).collect();
                ends.into_iter().map(move |end| pointer[..end].to_owned()).collect::<Vec<_>>()
            })
            .collect();
        containers.sort();
        containers.dedup();
        assert!(containers.len() > 30, "only {} places", containers.len());
        let model = Document::read(&bytes).unwrap().model();
        for pointer in containers {
            let mut planted = root.clone();
            match planted.pointer_mut(&pointer).unwrap() {
                Value::Array(items) => items.insert(0, json!({"kazarimono": "植えた鍵"})),
                object => object["kazarimono"] = json!("植えた鍵"),
            }
            assert!(!faults(model, &planted).is_empty(), "the schema takes what is planted at {pointer}");
            let document = Document::read(&serde_json::to_vec(&planted).unwrap()).unwrap();
            assert!(String::from_utf8(document.write().unwrap()).unwrap().contains("植えた鍵"));
            // An item of another form may be refused, which is not silent either.
            let Ok((report, _)) = imported(&document.write().unwrap()) else { continue };
            let path = all_leaves(&planted).into_iter().find(|(_, p, _)| p.ends_with("/kazarimono")).unwrap().0;
            assert!(is_told(&report, &path), "{path} was dropped in silence");
            told_of += 1;
        }
    }
    assert!(told_of > 150, "only {told_of} were told of");
}

#[test]
fn given_the_planted_key_in_a_part_that_is_read_then_the_report_names_it_as_no_key_of_oscal() {
    let mut root: Value = serde_json::from_slice(&ours()[0]).unwrap();
    root["catalog"]["groups"][1]["controls"][0]["kazarimono"] = json!(1);
    let (report, _) = imported(&serde_json::to_vec(&root).unwrap()).unwrap();
    assert_eq!(told(&report, &Why::NotOscal), ["catalog.groups[1].controls[0].kazarimono"]);
    assert_eq!(report.notes.len(), 1);
}

#[test]
fn given_any_value_changed_then_it_is_taken_over_as_it_is_or_told_or_refused() {
    let (mut taken, mut lost) = (0, Vec::new());
    for bytes in ours() {
        let root: Value = serde_json::from_slice(&bytes).unwrap();
        for (path, pointer, leaf) in all_leaves(&root) {
            let Value::String(text) = &leaf else { continue };
            for changed in [format!("{text}x"), "全く別の値".to_owned(), "2026-01-01".to_owned()] {
                let mut other = root.clone();
                *other.pointer_mut(&pointer).unwrap() = Value::String(changed.clone());
                let Ok((report, again)) = imported(&serde_json::to_vec(&other).unwrap()) else { continue };
                if report.is_empty() {
                    let again = all_leaves(&serde_json::from_slice(&again).unwrap());
                    if !again.iter().any(|(_, _, leaf)| leaf.as_str() == Some(&changed)) {
                        lost.push(format!("{path}: {text} changed to {changed}"));
                    }
                    taken += 1;
                }
            }
        }
    }
    assert!(lost.is_empty(), "lost in silence:\n{}", lost.join("\n"));
    assert!(taken > 50, "only {taken} changes were taken over");
}
