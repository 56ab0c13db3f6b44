//! `sekisho search publish` and `sekisho search fetch`: the shelves that the nodes of an installation share.

use super::search::Kind;
use crate::cli::{Data, Ended, Failed, Voice};
use crate::sharing::Target;
use sekisho_depot::{Over, Whole};
use sekisho_search::unit::Corpus;
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Shelves {
    /// この節の索引を、共有の場所に公開する / publish the shelves of this node for the others
    Publish(Publish),
    /// 共有の場所から、新しい索引を取得する / fetch the newest shelves for this node
    Fetch(Fetch),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Publish {
    /// 設定ファイル / configuration file
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// この索引だけ / this one alone
    #[arg(long, value_enum)]
    corpus: Option<Kind>,
    /// 変わらない部分も含めてすべて送る（共有の場所が壊れたとき） / send everything, for a place that was damaged or lost
    #[arg(long)]
    whole: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Fetch {
    /// 設定ファイル / configuration file
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// この索引だけ / this one alone
    #[arg(long, value_enum)]
    corpus: Option<Kind>,
    /// この節だけにある取込みを捨てて置き換える / give up imports that are on this node alone
    #[arg(long)]
    replace: bool,
}

fn corpora(one: Option<Kind>) -> Vec<Corpus> {
    one.map_or_else(|| Corpus::ALL.to_vec(), |one| vec![one.corpus()])
}

fn not_shared() -> Failed {
    let text =
        "設定の [search] shared に共有の場所がありません / no shared place: set [search] shared in the configuration";
    Failed::Usage(text.into())
}

pub(crate) async fn run(voice: Voice, shelves: Shelves) -> Result<Ended, Failed> {
    let mut told = serde_json::Map::new();
    match shelves {
        Shelves::Publish(args) => {
            let target = Target::of(&Data { data: None, config: Some(args.config) })?;
            let whole = if args.whole { Whole::Everything } else { Whole::Lacking };
            for corpus in corpora(args.corpus) {
                let (ja, en, value) = target.publish_one(corpus, whole).await?.ok_or_else(not_shared)?;
                voice.say(&ja, &en);
                told.insert(corpus.name().into(), value);
            }
        }
        Shelves::Fetch(args) => {
            let target = Target::of(&Data { data: None, config: Some(args.config) })?;
            let over = if args.replace { Over::Anything } else { Over::Fetched };
            for corpus in corpora(args.corpus) {
                let fetched = target.fetch(voice, corpus, over).await?.ok_or_else(not_shared)?;
                let Some(manifest) = fetched.manifest() else {
                    voice.say(
                        &format!("{corpus}: 公開されたものはありません"),
                        &format!("{corpus}: nothing is published"),
                    );
                    told.insert(corpus.name().into(), json!(null));
                    continue;
                };
                let (number, node, made_at) = (manifest.number, &manifest.node, manifest.made_at);
                voice.say(
                    &format!("{corpus}: 最新は第{number}世代（{node} が {made_at} に公開）"),
                    &format!("{corpus}: the newest is generation {number} (by {node} at {made_at})"),
                );
                let made_at = made_at.to_string();
                told.insert(corpus.name().into(), json!({"generation": number, "node": node, "made_at": made_at}));
            }
        }
    }
    if voice.json {
        voice.print(&told.into());
    }
    Ok(Ended::Ok)
}
