//! `sekisho backup` and `sekisho restore`.

use crate::backup::{DATABASE, FORMAT, KEYS, Manifest, archive, locks};
use crate::cli::{self, Data, Ended, Failed, Voice};
use crate::installation::{keys_folder, write_whole};
use anyhow::Context as _;
use sekisho_ledger::checkpoint::Checkpoint;
use sekisho_ledger::note::Verifier;
use sekisho_store::{Password, Postgres, look, restore_into};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What was signed last on the machine that was saved. It must never be old.
const LAST_SIGNED: &str = "last-signed";

#[derive(Debug, clap::Args)]
pub(crate) struct BackupArgs {
    #[command(flatten)]
    data: Data,
    /// 書き出すファイル（新しいもの） / file to write, a new one
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// 開ける人の公開鍵（age1…。複数可） / public key of who can open it (age1…); may be given again
    #[arg(long, value_name = "KEY")]
    recipient: Vec<String>,
    /// 鍵の代わりに使う合言葉のファイル / file with a pass word in place of keys
    #[arg(long, value_name = "FILE", conflicts_with = "recipient")]
    password_file: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct KeyArgs {
    /// 秘密の鍵を書くファイル（新しいもの） / file for the secret key, a new one
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RestoreArgs {
    /// バックアップのファイル / the back-up
    file: PathBuf,
    /// 戻す先（まだないフォルダー） / data folder to make
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// 秘密の鍵のファイル / file with the secret key
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
    /// 合言葉のファイル / file with the pass word
    #[arg(long, value_name = "FILE", conflicts_with = "identity")]
    password_file: Option<PathBuf>,
    /// 空の PostgreSQL に戻す / restore into an empty PostgreSQL
    #[arg(long, value_name = "URL")]
    to: Option<String>,
    /// その合言葉のファイル / file with its pass word
    #[arg(long, value_name = "FILE", requires = "to")]
    postgres_password_file: Option<PathBuf>,
    /// 知られている最新の署名付き要約（元の機械の keys/last-signed、立会いや別の機関が保存したもの）/ newest checkpoint anyone knows
    #[arg(long, value_name = "FILE", required_unless_present = "nothing_newer")]
    newest: Option<PathBuf>,
    /// このバックアップより後に署名したものはない、と確かめた / nothing was signed after this back-up
    #[arg(long, conflicts_with = "newest")]
    nothing_newer: bool,
}

fn usage(error: &dyn std::fmt::Display) -> Failed {
    Failed::Usage(error.to_string())
}

/// Makes a key for back-ups, where there is no `age-keygen`.
pub(crate) fn key(voice: Voice, args: &KeyArgs) -> Result<Ended, Failed> {
    let recipient = locks::new_key(&args.out).map_err(|error| usage(&error))?;
    if voice.json {
        voice.print(&json!({ "recipient": recipient, "identity": args.out }));
    } else {
        cli::line(&recipient);
        let place = args.out.display();
        voice.say(
            &format!("上が公開鍵です。秘密の鍵は `{place}` にあります。この機械と別の所に保管してください。"),
            &format!("above is the public key; the secret one is in `{place}`: keep it away from this machine"),
        );
    }
    Ok(Ended::Ok)
}

pub(crate) async fn run(voice: Voice, args: BackupArgs) -> Result<Ended, Failed> {
    let out = args.out.clone();
    if out.exists() {
        return Err(Failed::Usage(format!("`{}` は既にあります / exists already", out.display())));
    }
    // Before anything is copied: whoever cannot be written to is told at once.
    let lock = locks::lock(&args.recipient, args.password_file.as_deref()).map_err(|error| usage(&error))?;
    let app = cli::open(&args.data).await?;
    let copied = tempfile::Builder::new().prefix(".sekisho-backup").tempdir_in(folder_of(&out));
    let made = match copied {
        Ok(folder) => make(&app, folder.path(), &out, lock).await,
        Err(error) => Err(error.into()),
    };
    app.close().await;
    let manifest = made.map_err(Failed::Io)?;
    if voice.json {
        voice.print(
            &json!({ "file": out, "entries": manifest.entries, "root": manifest.root, "made_at": manifest.made_at }),
        );
    } else {
        voice.say(
            &format!(
                "`{}` に書きました。台帳の記録 {} 件、根 {}。検索の索引と設定ファイルは含みません。\n\
                 戻すときは、最後に署名した要約（この機械の keys/last-signed、または別の所に保存した署名付き要約）が要ります。",
                out.display(),
                manifest.entries,
                manifest.root
            ),
            &format!(
                "written to `{}`: {} entries of the ledger, root {}; search indexes and the configuration are not in it.\n\
                 To restore it you need what was signed last: keys/last-signed of this machine, or a checkpoint kept elsewhere.",
                out.display(),
                manifest.entries,
                manifest.root
            ),
        );
    }
    Ok(Ended::Ok)
}

fn folder_of(path: &Path) -> PathBuf {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new(".")).to_owned()
}

async fn make(
    app: &crate::installation::Installation,
    folder: &Path,
    out: &Path,
    lock: age::Encryptor,
) -> anyhow::Result<Manifest> {
    let copy = folder.join(DATABASE);
    let snapshot = app.store.snapshot(&copy).await?;
    let mut places = BTreeMap::from([(DATABASE.to_owned(), copy)]);
    let keys = app.config.data.join(KEYS);
    for entry in std::fs::read_dir(&keys).with_context(|| format!("`{}`", keys.display()))? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        // What is half written, a lock, or the memory that must not be old.
        let passing = [".new", ".next", ".lock"].iter().any(|end| name.ends_with(end));
        if path.is_file() && !passing && name != LAST_SIGNED {
            places.insert(format!("{KEYS}/{name}"), path);
        }
    }
    let files = places.iter().map(|(name, path)| archive::member(name, path)).collect::<Result<Vec<_>, _>>()?;
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        made_at: app.world.now().to_string(),
        origin: app.config.origin.to_string(),
        vkey: app.store.vkey().to_owned(),
        entries: snapshot.entries,
        root: snapshot.root,
        files,
    };
    let (listed, out) = (manifest.clone(), out.to_owned());
    let beside = folder.join("archive.age");
    tokio::task::spawn_blocking(move || {
        let file = std::fs::File::create(&beside)?;
        let writer = lock.wrap_output(std::io::BufWriter::new(file))?;
        let writer = archive::write(writer, &listed, &places)?.finish()?;
        let file = writer.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        file.sync_all()?;
        std::fs::rename(&beside, &out).with_context(|| format!("`{}`", out.display()))?;
        std::fs::File::open(folder_of(&out))?.sync_all()?;
        anyhow::Ok(())
    })
    .await??;
    Ok(manifest)
}

pub(crate) async fn restore(voice: Voice, args: RestoreArgs) -> Result<Ended, Failed> {
    if args.data.exists() {
        return Err(Failed::Usage(format!(
            "`{}` は既にあります。まだないフォルダーを指定してください / exists already; name a folder to make",
            args.data.display()
        )));
    }
    let file =
        std::fs::File::open(&args.file).map_err(|error| usage(&format!("`{}`: {error}", args.file.display())))?;
    let newest = match &args.newest {
        None => None,
        Some(path) => Some(std::fs::read(path).map_err(|error| usage(&format!("`{}`: {error}", path.display())))?),
    };
    let contents =
        locks::unlock(file, args.identity.as_deref(), args.password_file.as_deref()).map_err(|error| usage(&error))?;
    // Complete, or not there: what breaks off leaves nothing that would be taken for an installation.
    let making = tempfile::Builder::new().prefix(".sekisho-restore").tempdir_in(folder_of(&args.data))?;
    let keys = keys_folder(making.path())?;
    let manifest = archive::read(contents, making.path()).map_err(|error| Failed::Io(error.into()))?;
    let database = making.path().join(DATABASE);
    let found = look(&database).await.map_err(|error| Failed::Io(error.into()))?;
    if (found.entries, &found.root) != (manifest.entries, &manifest.root) {
        return Err(Failed::Io(anyhow::anyhow!("the ledger in the back-up is not the one it names")));
    }
    let key = Verifier::parse(&manifest.vkey).map_err(|error| Failed::Io(anyhow::anyhow!("{error}")))?;
    let (memory, missing) = match newest {
        None => (found.checkpoint.map(String::into_bytes), None),
        Some(note) => {
            let signed = Checkpoint::open(&note, &key).map_err(|error| {
                usage(&format!(
                    "--newest: この台帳の署名付き要約ではありません / is no checkpoint of this ledger: {error}"
                ))
            })?;
            let holds = sekisho_store::holds(&database, signed.size, signed.root).await;
            let holds = holds.map_err(|error| Failed::Io(error.into()))?;
            (Some(note), (!holds).then_some(signed.size))
        }
    };
    if let Some(memory) = memory {
        write_whole(&keys.join(LAST_SIGNED), &memory)?;
    }
    if let Some(url) = &args.to {
        let password = match &args.postgres_password_file {
            None => None,
            Some(path) => {
                let text =
                    std::fs::read_to_string(path).map_err(|error| usage(&format!("`{}`: {error}", path.display())))?;
                Some(Password::of_file(&text))
            }
        };
        let to = Postgres { password, ..Postgres::at(url.clone()) };
        restore_into(&database, &to).await.map_err(|error| Failed::Io(error.into()))?;
        std::fs::remove_file(&database)?;
    }
    let folder = making.keep();
    std::fs::rename(&folder, &args.data)?;
    std::fs::File::open(folder_of(&args.data))?.sync_all()?;
    told(voice, &args, &manifest, missing);
    Ok(if missing.is_some() { Ended::No } else { Ended::Ok })
}

fn told(voice: Voice, args: &RestoreArgs, manifest: &Manifest, missing: Option<u64>) {
    let data = args.data.display();
    if voice.json {
        voice.print(&json!({
            "data": args.data, "entries": manifest.entries, "root": manifest.root, "made_at": manifest.made_at,
            "signed_elsewhere": missing, "may_sign": missing.is_none(),
        }));
        return;
    }
    match missing {
        None => voice.say(
            &format!("`{data}` に戻しました（{} のもの、台帳の記録 {} 件）。", manifest.made_at, manifest.entries),
            &format!("restored to `{data}`: of {}, {} entries", manifest.made_at, manifest.entries),
        ),
        Some(size) => voice.say(
            &format!(
                "`{data}` に戻しましたが、この台帳は古いものです（{} 件。署名済みは {size} 件）。署名が二つの歴史に分かれるため、\
                 このデータでは始められません。新しいデータベースを探すか、これを証拠として保管し、別の名前の台帳を始めてください。",
                manifest.entries
            ),
            &format!(
                "restored to `{data}`, but this ledger is old: {} entries, and {size} were signed. It will not start, lest two \
                 histories be signed. Find the newer database, or keep this as evidence and begin a ledger of another name.",
                manifest.entries
            ),
        ),
    }
}
