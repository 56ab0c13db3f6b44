//! The schemas of OSCAL 1.2.1, compiled once each. `OSCAL_SCHEMAS` may name another folder that holds them.

use jsonschema::Validator;
use sekisho_oscal::Model;
use serde_json::Value;
use std::path::PathBuf;
use std::sync::LazyLock;

static VALIDATORS: LazyLock<Vec<(Model, Validator)>> =
    LazyLock::new(|| Model::ALL.into_iter().map(|model| (model, compiled(model))).collect());

fn compiled(model: Model) -> Validator {
    jsonschema::options().should_validate_formats(true).build(&schema(model)).unwrap()
}

/// The schema of a model.
pub(crate) fn schema(model: Model) -> Value {
    let name = match model {
        Model::Catalog => "catalog",
        Model::Profile => "profile",
        Model::SystemSecurityPlan => "ssp",
        Model::AssessmentPlan => "assessment-plan",
        Model::AssessmentResults => "assessment-results",
        Model::PlanOfAction => "poam",
        Model::Mapping => "mapping",
    };
    let copy = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/schemas");
    let folder = std::env::var_os("OSCAL_SCHEMAS").map_or_else(copy, PathBuf::from);
    let path = folder.join(format!("oscal_{name}_schema.json"));
    let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_slice(&bytes).unwrap()
}

/// What the schema of a model has against a document, with the places.
pub(crate) fn faults(model: Model, document: &Value) -> Vec<String> {
    let (_, validator) = VALIDATORS.iter().find(|(m, _)| *m == model).unwrap();
    validator.iter_errors(document).map(|e| format!("{}: {e}", e.instance_path())).collect()
}

/// Fails with the faults of an invalid document.
#[track_caller]
pub(crate) fn assert_valid(model: Model, bytes: &[u8]) {
    let document: Value = serde_json::from_slice(bytes).unwrap();
    let faults = faults(model, &document);
    assert!(faults.is_empty(), "{}\n{}", faults.join("\n"), String::from_utf8_lossy(bytes));
}
