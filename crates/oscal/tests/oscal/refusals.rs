//! What is refused, with its place and what would be accepted; and that the schemas refuse what OSCAL does not take, so
//! that the tests of validity can fail.

use crate::exports::all;
use crate::samples::{catalogue, catalogue_meta, engagement};
use crate::schema::faults;
use sekisho_oscal::{
    DEEPEST, Document, ImportError, LARGEST, Model, export_catalog, import_assessment_results, import_catalog,
    import_ssp,
};
use serde_json::{Value, json};

fn exported() -> Value {
    serde_json::from_slice(&export_catalog(&catalogue_meta("kakuu-r8"), &catalogue()).unwrap()).unwrap()
}

fn read(document: &Value) -> Result<Document, ImportError> {
    Document::read(&serde_json::to_vec(document).unwrap())
}

fn refused(document: &Value) -> ImportError {
    read(document).unwrap_err()
}

#[test]
fn the_schema_refuses_what_oscal_does_not_take() {
    let change = |pointer: &str, value: Value| {
        let mut document = exported();
        *document.pointer_mut(pointer).unwrap() = value;
        faults(Model::Catalog, &document)
    };
    assert!(faults(Model::Catalog, &exported()).is_empty());
    // A UUID of version 7.
    let seven = change("/catalog/uuid", json!("0199c3a0-5b1e-7c3d-9a4b-1c2d3e4f5a6b"));
    assert!(seven.iter().any(|f| f.contains("/catalog/uuid")), "{seven:?}");
    assert!(!change("/catalog/groups/0/controls/0/id", json!("5.1.1")).is_empty());
    assert!(!change("/catalog/metadata/last-modified", json!("2026-03-02T10:30:00")).is_empty());
    assert!(!change("/catalog/groups/0/controls/0/parts", json!([])).is_empty());
    assert!(!change("/catalog/groups/0/controls/0/props/0/value", json!(" 5.1.1")).is_empty());
}

#[test]
fn an_identity_that_oscal_does_not_take_is_refused_with_its_path() {
    let with = |pointer: &str, value: Value| {
        let mut document = exported();
        *document.pointer_mut(pointer).unwrap() = value;
        refused(&document)
    };
    let seven = with("/catalog/uuid", json!("0199c3a0-5b1e-7c3d-9a4b-1c2d3e4f5a6b"));
    assert!(seven.to_string().starts_with("catalog.uuid: a uuid of version 4 or 5"), "{seven}");
    assert!(seven.ja().contains("catalog.uuid") && seven.ja().contains("UUID"), "{}", seven.ja());
    let zoneless = with("/catalog/metadata/last-modified", json!("2026-03-02T10:30:00"));
    assert!(matches!(&zoneless, ImportError::Form { path, .. } if path == "catalog.metadata.last-modified"));
    let version = with("/catalog/metadata/oscal-version", json!("2.0.0"));
    assert_eq!(
        version,
        ImportError::Version { path: "catalog.metadata.oscal-version".to_owned(), found: "2.0.0".to_owned() }
    );
    let mut without = exported();
    without["catalog"]["metadata"].as_object_mut().unwrap().remove("version");
    assert_eq!(refused(&without), ImportError::Missing { path: "catalog.metadata.version".to_owned() });
    assert!(matches!(refused(&json!({"catalog": []})), ImportError::Form { path, .. } if path == "catalog"));
}

#[test]
fn an_unknown_outermost_key_is_refused_with_the_keys_that_are_read() {
    for document in [json!({"katarogu": {}}), json!([]), json!({}), json!(null), json!({"component-definition": {}})] {
        let error = refused(&document);
        assert!(matches!(error, ImportError::Root { .. }));
        for model in Model::ALL {
            assert!(error.ja().contains(model.key()) && error.to_string().contains(model.key()));
        }
    }
    let two = refused(&json!({"catalog": {}, "profile": {}}));
    assert_eq!(two, ImportError::TwoModels("catalog", "profile"));
}

#[test]
fn broken_json_is_refused_with_line_and_column() {
    let error = Document::read(b"{\n  \"catalog\": {\n    \"uuid\": nothing\n").unwrap_err();
    assert!(matches!(error, ImportError::Json { line: 3, .. }), "{error}");
    assert!(error.ja().contains("3 行"), "{}", error.ja());
    assert!(matches!(Document::read(b""), Err(ImportError::Json { .. })));
    let twice = Document::read(br#"{"catalog": {"uuid": "a", "uuid": "b"}}"#).unwrap_err();
    assert!(twice.to_string().contains("`uuid` stands twice"), "{twice}");
}

#[test]
fn what_is_too_deep_or_too_large_is_refused_before_it_is_read() {
    let deep = format!("{{\"catalog\": {}", "[".repeat(2_000_000));
    let error = Document::read(deep.as_bytes()).unwrap_err();
    assert!(error.to_string().contains(&DEEPEST.to_string()), "{error}");
    let large = Document::read(&vec![b' '; LARGEST + 1]).unwrap_err();
    assert_eq!(large, ImportError::TooLarge { found: LARGEST + 1, limit: LARGEST });
}

#[test]
fn a_document_of_another_model_is_refused_by_the_import_of_one() {
    let documents = all();
    let results = documents.iter().find(|(m, _)| *m == Model::AssessmentResults).unwrap();
    let document = Document::read(&results.1).unwrap();
    let error = import_catalog(&document).unwrap_err();
    assert_eq!(error, ImportError::WrongModel { expected: Model::Catalog, found: Model::AssessmentResults });
    assert!(import_ssp(&document).is_err());
    let catalog = read(&exported()).unwrap();
    assert!(import_assessment_results(&catalog, &engagement()).is_err());
}

#[test]
fn a_plan_that_is_no_statement_of_ours_is_refused_with_the_prop_that_is_missing() {
    let ssp = all().into_iter().find(|(m, _)| *m == Model::SystemSecurityPlan).unwrap().1;
    let mut document: Value = serde_json::from_slice(&ssp).unwrap();
    document["system-security-plan"]["metadata"].as_object_mut().unwrap().remove("props");
    let error = import_ssp(&read(&document).unwrap()).unwrap_err();
    assert!(error.to_string().contains("name = statement"), "{error}");
}

#[test]
fn a_part_of_the_wrong_kind_is_refused_with_its_path() {
    let mut document = exported();
    document["catalog"]["groups"][1]["controls"] = json!({"id": "x"});
    let error = import_catalog(&read(&document).unwrap()).unwrap_err();
    assert!(error.to_string().starts_with("catalog.groups[1].controls: a list"), "{error}");
    let mut document = exported();
    document["catalog"]["groups"][0]["controls"][0]["parts"][0]["prose"] = json!(7);
    let error = import_catalog(&read(&document).unwrap()).unwrap_err();
    assert!(error.to_string().contains("controls[0].parts[0].prose"), "{error}");
}

#[test]
fn a_catalog_without_any_item_of_ours_is_read_and_says_why_it_is_no_catalogue() {
    let document = json!({"catalog": {
        "uuid": "3f2b9a54-7c61-4d0e-9a55-0c1d2e3f4a5b",
        "metadata": {
            "title": "空の管理策集", "last-modified": "2026-01-01T00:00:00Z", "version": "1", "oscal-version": "1.2.1"
        }
    }});
    assert!(faults(Model::Catalog, &document).is_empty());
    let read = import_catalog(&read(&document).unwrap()).unwrap();
    assert!(read.catalogue.unwrap_err()[0].ja().contains("一つもありません"));
}
