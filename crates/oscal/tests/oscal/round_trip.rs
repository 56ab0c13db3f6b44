//! Export, import, export: the same bytes, an empty report, and the record that went out.

use crate::exports::all;
use crate::generated;
use crate::samples::{
    audit_file, catalogue, catalogue_meta, crosswalk, crosswalk_meta, engagement, statement, statement_meta,
};
use crate::schema::assert_valid;
use proptest::prelude::*;
use sekisho_domain::ismap::catalogue::{Catalogue, Crosswalk};
use sekisho_domain::ismap::engagement::AuditFile;
use sekisho_domain::ismap::statement::StatementContent;
use sekisho_oscal::{
    CatalogueMeta, CrosswalkMeta, Document, EngagementMeta, Model, StatementMeta, export_assessment_plan,
    export_assessment_results, export_catalog, export_mapping, export_poam, export_ssp, import_assessment_results,
    import_catalog, import_mapping, import_ssp,
};

fn catalog(meta: &CatalogueMeta, catalogue: &Catalogue) {
    let bytes = export_catalog(meta, catalogue).unwrap();
    assert_valid(Model::Catalog, &bytes);
    let read = import_catalog(&Document::read(&bytes).unwrap()).unwrap();
    assert!(read.report.is_empty(), "{:?}", read.report);
    let again = read.catalogue.unwrap();
    assert_eq!((&read.meta, &again), (meta, catalogue));
    assert!(export_catalog(&read.meta, &again).unwrap() == bytes);
}

fn ssp(meta: &StatementMeta, content: &StatementContent) {
    let bytes = export_ssp(meta, content).unwrap();
    assert_valid(Model::SystemSecurityPlan, &bytes);
    let read = import_ssp(&Document::read(&bytes).unwrap()).unwrap();
    assert!(read.report.is_empty(), "{:?}", read.report);
    assert_eq!((&read.meta, &read.content), (meta, content));
    assert!(export_ssp(&read.meta, &read.content).unwrap() == bytes);
}

/// Whose audit the results are is in the document: what is handed in is of another.
fn results(meta: &EngagementMeta, file: &AuditFile) {
    let bytes = export_assessment_results(meta, file).unwrap();
    assert_valid(Model::AssessmentResults, &bytes);
    let mut other = engagement();
    other.id = "another".parse().unwrap();
    other.firm = None;
    let read = import_assessment_results(&Document::read(&bytes).unwrap(), &other).unwrap();
    assert!(read.report.is_empty(), "{:?}", read.report);
    assert_eq!((&read.meta, &read.file), (meta, file));
    assert!(export_assessment_results(&read.meta, &read.file).unwrap() == bytes);
    assert_valid(Model::AssessmentPlan, &export_assessment_plan(meta, file).unwrap());
    if let Ok(plan) = export_poam(meta, file) {
        assert_valid(Model::PlanOfAction, &plan);
    }
}

fn mapping(meta: &CrosswalkMeta, crosswalk: &Crosswalk) {
    let bytes = export_mapping(meta, crosswalk).unwrap();
    assert_valid(Model::Mapping, &bytes);
    let read = import_mapping(&Document::read(&bytes).unwrap()).unwrap();
    assert!(read.report.is_empty(), "{:?}", read.report);
    assert_eq!((&read.meta, &read.crosswalk), (meta, crosswalk));
    assert!(export_mapping(&read.meta, &read.crosswalk).unwrap() == bytes);
}

#[test]
fn the_samples_come_back_as_they_went() {
    catalog(&catalogue_meta("kakuu-r8"), &catalogue());
    ssp(&statement_meta(), &statement());
    results(&engagement(), &audit_file());
    mapping(&crosswalk_meta(), &crosswalk());
}

#[test]
fn a_document_of_any_model_is_written_back_byte_for_byte() {
    for (model, bytes) in all() {
        let read = Document::read(&bytes).unwrap();
        assert_eq!(read.model(), model);
        assert!(read.notes().is_empty(), "{:?}", read.notes());
        assert!(read.write().unwrap() == bytes, "{model:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_catalogue_comes_back((meta, content) in generated::catalogue()) {
        catalog(&meta, &content);
    }

    #[test]
    fn any_statement_comes_back((meta, content) in generated::statement()) {
        ssp(&meta, &content);
    }

    #[test]
    fn any_audit_file_comes_back((meta, file) in generated::audit_file()) {
        results(&meta, &file);
    }

    #[test]
    fn any_crosswalk_comes_back((meta, lines) in generated::crosswalk()) {
        mapping(&meta, &lines);
    }
}
