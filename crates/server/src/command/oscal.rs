//! `sekisho oscal`: records of ISMAP as OSCAL 1.2.1 documents, and documents from elsewhere looked into.

use super::admin::{Sent, Server, call};
use crate::cli::{Ended, Failed, Voice};
use anyhow::Context as _;
use std::path::PathBuf;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Oscal {
    /// 記録を OSCAL で書き出す / print a record as OSCAL
    Export(Export),
    /// OSCAL 文書を読み、取り込めない部分を示す / read a document and show what would not be carried over
    Check(Check),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Export {
    /// catalog, profile, system-security-plan, assessment-plan, assessment-results, plan-of-action-and-milestones, mapping-collection
    model: String,
    /// 記録の識別子（対応表は FROM..TO）/ identifier of the record; FROM..TO of a mapping
    id: String,
    #[command(flatten)]
    server: Server,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// OSCAL の JSON / OSCAL JSON
    file: PathBuf,
    #[command(flatten)]
    server: Server,
}

pub(crate) async fn run(voice: Voice, oscal: Oscal) -> Result<Ended, Failed> {
    match oscal {
        Oscal::Export(args) => {
            call(voice, &args.server, "GET", &format!("oscal/{}/{}", args.model, args.id), None).await
        }
        Oscal::Check(args) => {
            let failed = || format!("`{}` を読めません / cannot read", args.file.display());
            let bytes = std::fs::read(&args.file).with_context(failed)?;
            call(voice, &args.server, "POST", "oscal/check", Some(Sent::File(bytes))).await
        }
    }
}
