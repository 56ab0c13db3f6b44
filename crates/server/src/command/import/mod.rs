//! `sekisho import`: files that become records, through the API with a person's key; and texts that become searchable.

mod api;
mod criteria;
mod diet;
mod documents;
mod files;
mod ismap_list;
mod laws;
mod tell;
mod units;
mod vectors;

use crate::cli::{Ended, Failed, Voice};
use anyhow::Context as _;
use std::path::Path;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Import {
    /// 管理基準（XLSX・CSV）/ criteria (XLSX, CSV)
    Criteria(criteria::Args),
    /// 公表された ISMAP クラウドサービスリスト（XLSX・CSV）/ the published list of registered services (XLSX, CSV)
    IsmapList(ismap_list::Args),
    /// 法令・会議録の行（検索へ。サーバーを通さない）/ rows of law or Diet records, into the search, without a server
    Units(units::Args),
    /// 法令（法令標準 XML、法令 API の回答、その ZIP）/ laws: standard XML, answers of the law API, archives of them
    Laws(laws::Args),
    /// 国会会議録、質問主意書と答弁書 / Diet records, written questions and answers
    Diet(diet::Args),
    /// 組織の文書（PDF・Word・Excel・PowerPoint・テキストなど）/ the body's own documents
    Documents(documents::Args),
    /// 検索のためのベクトル（任意。サーバーの門を通る）/ vectors for the search (optional), through the server's gate
    Vectors(vectors::Args),
}

pub(crate) async fn run(voice: Voice, import: Import) -> Result<Ended, Failed> {
    match import {
        Import::Criteria(args) => criteria::run(voice, args).await,
        Import::IsmapList(args) => ismap_list::run(voice, args).await,
        Import::Units(args) => units::run(voice, &args).await,
        Import::Laws(args) => laws::run(voice, args).await,
        Import::Diet(args) => diet::run(voice, args).await,
        Import::Documents(args) => documents::run(voice, args).await,
        Import::Vectors(args) => vectors::run(voice, args).await,
    }
}

/// The bytes of a file to import.
fn bytes(path: &Path) -> Result<Vec<u8>, Failed> {
    let failed = || format!("`{}` を読めません / cannot read", path.display());
    std::fs::read(path).with_context(failed).map_err(Failed::from)
}

/// A query of the API, without what was not given.
fn query(pairs: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        query.append_pair(name, value);
    }
    query.finish()
}
