#![doc = include_str!("../README.md")]

mod assessment_plan;
mod assessment_results;
mod catalog;
mod document;
mod engagement;
mod error;
mod mapping;
mod names;
mod poam;
mod profile;
mod read;
mod report;
mod scope;
mod ssp;
mod text;
mod vocabulary;
mod written;

pub use assessment_plan::export_assessment_plan;
pub use assessment_results::{ImportedResults, export_assessment_results, import_assessment_results};
pub use catalog::{CatalogueMeta, ImportedCatalogue, export_catalog, import_catalog};
pub use document::{DEEPEST, Document, LARGEST, MOST_VALUES, Model};
pub use engagement::EngagementMeta;
pub use error::{ExportError, ImportError};
pub use mapping::{CrosswalkMeta, ImportedCrosswalk, Made, export_mapping, import_mapping};
pub use names::{NS, OSCAL_VERSION, file_name};
pub use poam::export_poam;
pub use profile::{Selection, export_profile};
pub use report::{Note, Report, Why};
pub use ssp::{ImportedStatement, StatementMeta, export_ssp, import_ssp};
pub use written::Party;
