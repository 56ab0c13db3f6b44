//! Where a command on the command line puts what it imports: on the shelves of this node and, where nodes share them, from
//! there to the depot.

use super::{Sharing, search_of};
use crate::cli::{Data, Failed, Voice};
use crate::config::Config;
use crate::world::SystemWorld;
use anyhow::Context as _;
use sekisho_depot::{By, DepotError, Fetched, Over, Published, Whole, is_shared};
use sekisho_gate::world::World as _;
use sekisho_search::unit::Corpus;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The shelves of this node, and the way to the depot.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) data: PathBuf,
    sharing: Option<Sharing>,
    node: String,
}

impl Target {
    /// By the data folder alone nothing is shared; by the configuration what is configured.
    pub(crate) fn of(data: &Data) -> Result<Self, Failed> {
        match (&data.config, &data.data) {
            (Some(file), _) => {
                let config = Config::load(file, std::env::vars())?;
                let sharing = match config.search.shared {
                    Some(_) => Sharing::new(&config, &key(&config.data)?)?,
                    None => None,
                };
                Ok(Self { data: config.data, sharing, node: config.node })
            }
            (None, Some(data)) => Ok(Self { data: data.clone(), sharing: None, node: String::new() }),
            (None, None) => Err(Failed::Usage(
                "--data DIR または --config FILE を指定してください / give --data or --config".into(),
            )),
        }
    }

    pub(crate) fn search(&self) -> PathBuf {
        search_of(&self.data)
    }

    /// Before an import: the newest generation is what it goes on from.
    pub(crate) async fn begin(&self, voice: Voice, corpora: &[Corpus]) -> Result<(), Failed> {
        for corpus in corpora {
            match &self.sharing {
                Some(_) => {
                    self.fetch(voice, *corpus, Over::Fetched).await?;
                }
                None if is_shared(&self.search(), *corpus) => {
                    let record = self.search().join(format!("{}.generation", corpus.name()));
                    return Err(Failed::Usage(format!(
                        "この索引はほかの節と共有しています。--data の代わりに --config を指定してください（共有をやめたときは `{}` を消してください） / \
                         this index is shared with other nodes; give --config instead of --data (delete that file if it no longer is)",
                        record.display()
                    )));
                }
                None => {}
            }
        }
        Ok(())
    }

    /// After an import.
    pub(crate) async fn publish(&self, voice: Voice, corpora: &[Corpus]) -> Result<(), Failed> {
        for corpus in corpora {
            if let Some((ja, en, _)) = self.publish_one(*corpus, Whole::Lacking).await? {
                voice.say(&ja, &en);
            }
        }
        Ok(())
    }

    /// Publishes one shelf; answers what to say, and nothing where nothing is shared.
    pub(crate) async fn publish_one(
        &self,
        corpus: Corpus,
        whole: Whole,
    ) -> Result<Option<(String, String, Value)>, Failed> {
        let Some(sharing) = &self.sharing else { return Ok(None) };
        let by = By { node: self.node.clone(), at: SystemWorld::default().now() };
        let depot = sharing.depot().map_err(told)?;
        let place = depot.place();
        let published = depot.publish(&self.search(), corpus, by, whole).await.map_err(told)?;
        Ok(Some(match published {
            Published::Nothing => (
                format!("{corpus}: 公開するものがありません"),
                format!("{corpus}: nothing to publish"),
                json!({"published": null}),
            ),
            Published::Unchanged(manifest) => (
                format!("{corpus}: 第{}世代のまま変わりません（{place}）", manifest.number),
                format!("{corpus}: still generation {} ({place})", manifest.number),
                json!({"published": manifest.number, "sent": 0, "bytes": 0, "removed": 0}),
            ),
            Published::Made { manifest, sent, bytes, removed } => (
                format!(
                    "{corpus}: 第{}世代として公開しました（{sent} ファイル、{bytes} バイトを {place} へ。古い {removed} 世代を削除）",
                    manifest.number
                ),
                format!(
                    "{corpus}: published as generation {} ({sent} files, {bytes} bytes to {place}; {removed} old ones removed)",
                    manifest.number
                ),
                json!({"published": manifest.number, "sent": sent, "bytes": bytes, "removed": removed}),
            ),
        }))
    }

    /// Fetches one shelf; answers what came of it, and nothing where nothing is shared.
    pub(crate) async fn fetch(&self, voice: Voice, corpus: Corpus, over: Over) -> Result<Option<Fetched>, Failed> {
        let Some(sharing) = &self.sharing else { return Ok(None) };
        let fetched = sharing.depot().map_err(told)?.fetch(&self.search(), corpus, over).await.map_err(told)?;
        match &fetched {
            Fetched::Taken { manifest, files, bytes } => voice.say(
                &format!("{corpus}: 第{}世代を取得しました（{files} ファイル、{bytes} バイト）", manifest.number),
                &format!("{corpus}: fetched generation {} ({files} files, {bytes} bytes)", manifest.number),
            ),
            Fetched::Ahead(_) => voice.say(
                &format!("{corpus}: この節には、まだ公開していない取込みがあります"),
                &format!("{corpus}: this node has imports that are not published"),
            ),
            Fetched::Nothing | Fetched::Newest(_) => {}
        }
        Ok(Some(fetched))
    }
}

fn key(data: &Path) -> Result<Zeroizing<[u8; 32]>, Failed> {
    let path = data.join("keys").join("content.key");
    let bytes = std::fs::read(&path).map(Zeroizing::new).with_context(|| {
        format!("`{}` を読めません。先にサーバーを一度起動するか、ほかの節の keys を写してください / cannot be read; start the server once, or copy `keys` from another node", path.display())
    })?;
    let key: [u8; 32] = bytes
        .as_slice()
        .try_into()
        .map_err(|_| anyhow::anyhow!("`{}` は 32 バイトでなければなりません / must hold 32 bytes", path.display()))?;
    Ok(Zeroizing::new(key))
}

/// What a person at the keyboard can do.
fn told(error: DepotError) -> Failed {
    let text = match &error {
        DepotError::Conflict { corpus, theirs, node, .. } => format!(
            "{corpus}: 先に {node} が第{theirs}世代を公開しています。ここで取り込んだものはこの節に残っていますが、公開していません。\
             `sekisho search fetch --replace --config FILE` でその世代に置き換えてから、同じ取込みをもう一度実行してください / \
             another node published first; what was imported here is still on this node and is not published. Take the newer generation \
             with `sekisho search fetch --replace --config FILE`, then run the same import again"
        ),
        DepotError::Rollback { .. } => {
            "共有の場所にあった世代がありません。接続（マウント）を確かめてください。失われたのなら `sekisho search publish --whole --config FILE` で公開し直せます / \
             the depot has less than it had: is it mounted? If it was lost, `sekisho search publish --whole --config FILE`"
                .to_owned()
        }
        DepotError::Damaged { .. } => {
            "共有の場所のファイルが壊れています。完全な索引のある節で `sekisho search publish --whole --config FILE` を実行してください / \
             a file in the depot is damaged: run `sekisho search publish --whole --config FILE` on a node whose index is whole"
                .to_owned()
        }
        _ => "索引を共有できません / the shelf cannot be shared".to_owned(),
    };
    Failed::Io(anyhow::Error::from(error).context(text))
}
