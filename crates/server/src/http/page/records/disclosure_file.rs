//! The file that is handed out, and the openings that prove it to whoever may see everything.

use super::disclosures::{found, readable};
use super::review::{Review, decided};
use crate::http::App;
use crate::http::page::act::give;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::Submitted;
use crate::http::page::frame::{download, go};
use crate::http::page::oversight::exact;
use crate::http::page::words::{self, Departments};
use crate::records::masking::masked;
use crate::records::scope::{Found, InScope, Left, parts};
use crate::sheet::harmless;
use axum::extract::{Path, State};
use axum::response::Response;
use base64::Engine as _;
use sekisho_domain::command::{Command, HandOutDisclosure};
use sekisho_domain::records::disclosure::{Disclosure, HandedOut};
use sekisho_domain::register::Register;
use sekisho_gate::identify::hex;
use sekisho_gate::record::{ANSWER, REQUEST};
use sekisho_ledger::hash::commitment;
use sha2::{Digest as _, Sha256};
use std::io::{Cursor, Write as _};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Most bytes of text in one file.
const MOST: usize = 200 * 1024 * 1024;

/// A file in the making.
struct Making {
    zip: ZipWriter<Cursor<Vec<u8>>>,
    list: csv::Writer<Vec<u8>>,
    bytes: usize,
    masked: u64,
    number: u64,
}

fn failed(error: &dyn std::fmt::Display) -> PageError {
    tracing::error!(%error, "the file of a disclosure could not be made");
    PageError::Inside
}

const HEAD: [&str; 11] =
    ["番号", "利用", "日時", "部局", "業務", "サービス", "部分", "状態", "不開示の箇所", "ファイル", "約定値"];

impl Making {
    fn new() -> Result<Self, PageError> {
        let mut list =
            csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer("\u{feff}".as_bytes().to_vec());
        list.write_record(HEAD).map_err(|e| failed(&e))?;
        Ok(Self { zip: ZipWriter::new(Cursor::new(Vec::new())), list, bytes: 0, masked: 0, number: 0 })
    }

    fn keep(&mut self, name: &str, bytes: &[u8]) -> Result<(), PageError> {
        self.bytes += bytes.len();
        if self.bytes > MOST {
            return Err(PageError::TooLarge);
        }
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        self.zip.start_file(name, options).map_err(|e| failed(&e))?;
        self.zip.write_all(bytes).map_err(|e| failed(&e))
    }

    fn line(&mut self, cells: &[String]) -> Result<(), PageError> {
        self.list.write_record(cells.iter().map(|cell| harmless(cell))).map_err(|e| failed(&e))
    }

    fn finish(mut self, about: &str) -> Result<(Vec<u8>, u64), PageError> {
        let list = std::mem::replace(&mut self.list, csv::Writer::from_writer(Vec::new()));
        let list = list.into_inner().map_err(|e| failed(&e))?;
        self.keep("list.csv", &list)?;
        self.keep("README.txt", about.as_bytes())?;
        let bytes = self.zip.finish().map_err(|e| failed(&e))?.into_inner();
        Ok((bytes, self.masked))
    }
}

/// What the list says of a use, without who it was.
async fn known(
    app: &App,
    register: &Register,
    departments: &Departments,
    one: &InScope,
) -> Result<Vec<String>, PageError> {
    let made = app.store.made(&one.of).await?;
    let purpose = made
        .permit
        .as_ref()
        .map(|id| register.permit(id).map_or_else(|| id.to_string(), |permit| permit.draft.purpose.clone()));
    Ok(vec![
        one.of.to_string(),
        exact(one.at),
        made.department.as_ref().map(|id| departments.get(id)).unwrap_or_default(),
        purpose.unwrap_or_default(),
        made.service.as_ref().map(|id| words::service(register, id)).unwrap_or_default(),
    ])
}

async fn add(
    making: &mut Making,
    app: &App,
    known: &[String],
    one: &InScope,
    review: Option<&Review>,
) -> Result<(), PageError> {
    let line = |making: &mut Making, rest: [String; 5]| {
        making.number += 1;
        let mut cells = vec![making.number.to_string()];
        cells.extend(known.iter().cloned().chain(rest));
        making.line(&cells)
    };
    let nothing = |state: &str| [String::new(), state.to_owned(), String::new(), String::new(), String::new()];
    match (one.left, review) {
        (Left::Gone, _) => return line(making, nothing("内容なし（廃棄済み、または保存していない）")),
        (Left::NotFound, _) => return line(making, nothing("探した語を含まない")),
        (Left::Found, Some(Review { left_out: Some((ground, reason)), .. })) => {
            return line(making, nothing(&format!("全部不開示（{}）{reason}", ground.label())));
        }
        (Left::Found, _) => {}
    }
    let there = parts(app, &one.of, one.opened, one.closed).await?;
    for (name, label) in [(REQUEST, "送った内容"), (ANSWER, "返ってきた内容")] {
        if there.iter().all(|part| part.name != name) {
            let gone = [label, "内容なし（廃棄済み、または保存していない）", "", "", ""];
            line(making, gone.map(str::to_owned))?;
        }
    }
    for part in there {
        // A text that nobody looked at is not handed out; that all were looked at was made sure of before.
        let Some(masks) = review.and_then(|review| review.masks_of(&part)) else { return Err(PageError::Stale) };
        let text = masked(&part.text, masks);
        let count = masks.len() as u64;
        let label = if part.name == REQUEST { "送った内容" } else { "返ってきた内容" };
        let name = format!("documents/{:05}-{}-{}.txt", making.number + 1, one.of, part.name);
        let state = if count == 0 { "全部開示" } else { "一部不開示" };
        let commitment = commitment(&part.salt, &part.bytes).to_hex();
        making.masked += count;
        making.keep(&name, text.as_bytes())?;
        line(making, [label.to_owned(), state.to_owned(), count.to_string(), name, commitment])?;
    }
    Ok(())
}

fn about(disclosure: &Disclosure, found: &Found) -> String {
    format!(
        "開示請求 {}\r\n\r\n請求の内容: {}\r\n\r\nlist.csv に、対象のすべての利用 {} 件が台帳の順に並びます。内容が残っていないもの、\
         探した語を含まないもの、不開示としたものも省いていません。documents の各ファイルは、送った内容または返ってきた内容です。\
         伏せた箇所は「■■■（不開示: 区分）」としました。\r\n\r\n対象の一覧が台帳と一致することは、台帳の一式を `sekisho ledger verify` で\
         検証すると確かめられます（一覧の要約値 {}）。約定値は、伏せる前の内容に対して利用のときに台帳へ記録された値です。\r\n",
        disclosure.disclosure, disclosure.asked, found.list.uses, found.list.digest
    )
}

pub(super) async fn make(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, .. }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let disclosure = readable(&register, &signed, &id)?;
    let (found, _) = found(&app, disclosure).await?.ok_or(PageError::Missing)?;
    let departments = Departments::all(&app).await?;
    let mut making = Making::new()?;
    for one in &found.uses {
        let known = known(&app, &register, &departments, one).await?;
        let review = if one.left == Left::Found { decided(&app, disclosure, &one.of).await? } else { None };
        let looked_at = match &review {
            Some((review, _)) => {
                review.left_out.is_some() || review.covers(&parts(&app, &one.of, one.opened, one.closed).await?)
            }
            None => one.left != Left::Found,
        };
        if !looked_at {
            // The page offers the button only when everything is looked at; a use that nobody looked at is not handed out.
            return Ok(go(&format!("/records/disclosures/{id}/uses/{}", one.of)));
        }
        add(&mut making, &app, &known, one, review.as_ref().map(|(review, _)| review)).await?;
    }
    let (bytes, masked) = making.finish(&about(disclosure, &found))?;
    let what = HandedOut {
        digest: found.list.digest.clone(),
        entries: found.entries,
        uses: found.list.uses,
        without_content: found.count(Left::Gone),
        found: found.count(Left::Found),
        masked,
        sha256: hex(&Sha256::digest(&bytes)),
    };
    let command = Command::HandOutDisclosure(HandOutDisclosure {
        disclosure: disclosure.disclosure.clone(),
        what,
        counted_at: found.counted_at,
    });
    match give(&app, &signed, command, "").await? {
        Ok(_) => Ok(download("application/zip", &format!("{id}.zip"), bytes)),
        // A department moved since: what was found is found anew, and the page says how many.
        Err(refusal) => {
            tracing::info!(%refusal, "the file of a disclosure is stale");
            Ok(go(&format!("/records/disclosures/{id}?done=stale")))
        }
    }
}

/// Salt and body of everything that was found: with them anyone recomputes the commitments of the ledger. It holds what
/// is masked in the other file, so it is for those who may see everything.
pub(super) async fn openings(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let disclosure = readable(&register, &signed, &id)?;
    let (found, _) = found(&app, disclosure).await?.ok_or(PageError::Missing)?;
    let (mut all, mut bytes) = (Vec::new(), 0);
    for one in found.uses.iter().filter(|one| one.left == Left::Found) {
        let review = decided(&app, disclosure, &one.of).await?.map(|(review, _)| review);
        for part in parts(&app, &one.of, one.opened, one.closed).await? {
            bytes += part.bytes.len();
            if bytes > MOST {
                return Err(PageError::TooLarge);
            }
            all.push(serde_json::json!({
                "use": one.of, "part": part.name, "entry": part.entry, "salt": hex(&part.salt),
                "body": base64::engine::general_purpose::STANDARD.encode(&part.bytes),
                "text": part.text, "masks": review.as_ref().and_then(|review| review.masks_of(&part)),
            }));
        }
    }
    let file = serde_json::to_vec_pretty(&all).map_err(|e| failed(&e))?;
    Ok(download("application/json", &format!("{id}-openings.json"), file))
}
