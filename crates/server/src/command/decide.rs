//! `sekisho decide`: a recorded use decided again from the ledger alone.

use crate::cli::{self, Data, Ended, Failed, Voice};
use sekisho_domain::entry::Entry;
use sekisho_domain::id::UseId;
use sekisho_domain::replay;
use sekisho_domain::usage::{DecisionRecord, UseRequest};
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    data: Data,
    /// 登録簿の位置（台帳の件数）/ position of the register: number of entries
    #[arg(long, value_name = "POSITION", requires = "request")]
    at: Option<u64>,
    /// 要求（use.opened / use.refused の記録、またはその request の部分）の JSON / the request, or the entry that holds it
    #[arg(long, value_name = "FILE")]
    request: Option<PathBuf>,
    /// 記録された利用 / a recorded use
    #[arg(long = "use", value_name = "ID", conflicts_with_all = ["at", "request"], required_unless_present = "request")]
    use_id: Option<String>,
}

pub(crate) async fn run(voice: Voice, args: Args) -> Result<Ended, Failed> {
    let installation = cli::open(&args.data).await?;
    let result = decided(&installation, &args).await;
    installation.close().await;
    let (request, position, recorded, register) = result?;
    let (considered, decision) = replay::decide(&register, &request);
    let again = DecisionRecord::of(&decision, register.position());
    let same = recorded.as_ref().map(|r| *r == again);
    voice.print(&json!({
        "at": position, "decision": decision, "record": again, "facts": considered.facts,
        "permit": considered.permit, "service": considered.service, "same_as_recorded": same,
    }));
    Ok(if same == Some(false) { Ended::No } else { Ended::Ok })
}

type Replayed = (UseRequest, u64, Option<DecisionRecord>, sekisho_domain::register::Register);

async fn decided(installation: &crate::installation::Installation, args: &Args) -> Result<Replayed, Failed> {
    let (bytes, index) = match (&args.use_id, &args.request) {
        (Some(id), _) => {
            let id = UseId::new(id).map_err(|e| Failed::Usage(e.to_string()))?;
            let row = installation.store.use_row(&id).await?;
            (installation.store.entry(row.opened).await?, Some(row.opened))
        }
        (None, Some(file)) => (std::fs::read(file)?, None),
        (None, None) => {
            return Err(Failed::Usage("--use または --request を指定してください / give --use or --request".into()));
        }
    };
    let (request, recorded) = request_in(&bytes)?;
    let position = args.at.or(index).or(recorded.as_ref().map(|r| r.register)).unwrap_or(u64::MAX);
    let register = installation.store.register_at(position).await?;
    Ok((request, position, recorded, register))
}

/// A request alone, or an entry that holds one.
fn request_in(bytes: &[u8]) -> Result<(UseRequest, Option<DecisionRecord>), Failed> {
    match Entry::read(bytes) {
        Ok(Entry::UseOpened(entry)) => return Ok((entry.data.request, Some(entry.data.decision))),
        Ok(Entry::UseRefused(entry)) => {
            return match entry.data.request {
                Some(request) => Ok((request, entry.data.decision)),
                None => Err(Failed::Usage(
                    "この拒否は要求を読む前のもので、判断がありません / refused before it could be read".into(),
                )),
            };
        }
        _ => {}
    }
    serde_json::from_slice(bytes)
        .map(|request| (request, None))
        .map_err(|e| Failed::Usage(format!("要求として読めません / not a request: {e}")))
}
