//! From a file to the register: the mapping that was kept, what the file would change, and the one command that takes it
//! up.

use super::{Reading, Reject, Shape, WANTED, read, shape};
use crate::http::App;
use crate::ismap::documents::{self, DocumentError};
use crate::ismap::working::{self, Draft};
use crate::sheet::{self, Columns, SheetError};
use jiff::civil::Date;
use sekisho_domain::command::{Actor, Command, Occasion, RecordList, decide};
use sekisho_domain::event::{Event, PermitSuspended};
use sekisho_domain::id::PersonId;
use sekisho_domain::ismap::ListSource;
use sekisho_domain::permit::{Permit, PermitState};
use sekisho_domain::refusal::Refusal;
use sekisho_domain::register::Register;
use sekisho_store::Committed;
use std::convert::Infallible;

/// Name under which the mapping is kept.
const MAPPING: &str = "ismap-list";
/// What a permit says of a change of its registration.
const OF_REGISTRATIONS: [&str; 2] = ["ISMAP登録", "言明の対象範囲"];

/// The mapping as it was last chosen.
pub(crate) async fn mapping(app: &App) -> Result<Columns, DocumentError> {
    Ok(working::load(app, Draft::Columns, MAPPING).await?.unwrap_or_default())
}

/// Keeps a mapping for the next time.
pub(crate) async fn remember(app: &App, by: &PersonId, columns: &Columns) -> Result<(), DocumentError> {
    let changed = working::change(app, by, Draft::Columns, MAPPING, Columns::default, |kept| {
        *kept = columns.clone();
        Ok::<(), Infallible>(())
    });
    changed.await?.map(drop).map_err(|never| match never {})
}

/// What a file holds, under a mapping.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) shape: Shape,
    /// Its lines; or why they cannot be read under this mapping.
    pub(crate) reading: Result<Reading, SheetError>,
}

/// Reads a file under a mapping. What is no table at all is refused.
pub(crate) fn plan(
    app: &App,
    register: &Register,
    bytes: &[u8],
    columns: Columns,
    fetched_on: Date,
) -> Result<Plan, SheetError> {
    let sheets = sheet::read(bytes)?;
    let shape = shape(&sheets, columns);
    let reading = read(&sheets, &shape.columns, register, fetched_on).map(|reading| clean(app, reading));
    Ok(Plan { shape, reading })
}

/// What must not stay in the ledger for ever does not enter it by a list either.
fn clean(app: &App, mut reading: Reading) -> Reading {
    let texts = |row: &sekisho_domain::ismap::Registration| {
        row.fields().into_iter().map(|field| field.text).collect::<Vec<_>>().join("\n")
    };
    let all: Vec<String> = reading.rows.iter().map(texts).collect();
    if !app.gate.must_not_be_kept(&all.join("\n")) {
        return reading;
    }
    let (mut kept, rows) = (Vec::new(), std::mem::take(&mut reading.rows));
    for (row, text) in rows.into_iter().zip(all) {
        if app.gate.must_not_be_kept(&text) {
            reading.unread.insert(row.number.clone());
            reading.rejects.push(Reject {
                row: reading.lines.get(&row.number).copied().unwrap_or_default(),
                number: row.number,
                column: "（行の全体）",
                wrong: "個人番号または鍵・パスワードのように見える文字列があります。台帳に残り、後から消せません。"
                    .into(),
                remedy: "公表元のリストで確かめ、その文字列を除いてください。",
            });
        } else {
            kept.push(row);
        }
    }
    reading.rejects.sort_by_key(|reject| reject.row);
    Reading { rows: kept, ..reading }
}

/// The command that takes a reading up.
pub(crate) fn command(reading: &Reading, source: ListSource, remove_gone: bool) -> Command {
    // Whoever cannot read a number cannot say that it is missing.
    let remove_gone = remove_gone && !reading.hides_numbers();
    Command::RecordList(RecordList { source, rows: reading.rows.clone(), unread: reading.unread.clone(), remove_gone })
}

/// Permits that would stop, found by deciding the very command; or why it would be refused.
pub(crate) fn would_stop(
    app: &App,
    register: &Register,
    by: &PersonId,
    command: Command,
) -> Result<Vec<PermitSuspended>, Refusal> {
    let occasion = occasion(app, by, String::new(), Vec::new());
    let entries = decide(register, &occasion, command)?;
    let stops = entries.into_iter().filter_map(|entry| match entry.event {
        Event::PermitSuspended(stopped) => Some(stopped),
        _ => None,
    });
    Ok(stops.collect())
}

/// What came of it.
pub(crate) type TakenUp = Result<Committed, Refusal>;

/// Keeps the file and takes its rows up, in one commit with the permits that stop.
pub(crate) async fn take_up(
    app: &App,
    by: &PersonId,
    bytes: &[u8],
    command: Command,
    reason: String,
) -> Result<TakenUp, DocumentError> {
    let sha256 = documents::keep(app, by, bytes).await?;
    let occasion = occasion(app, by, reason, vec![sha256]);
    Ok(app.journal.govern(occasion, command, Vec::new()).await?)
}

fn occasion(app: &App, by: &PersonId, reason: String, documents: Vec<String>) -> Occasion {
    Occasion { actor: Actor::Person(by.clone()), at: app.world.now(), reason, documents, fresh: app.world.fresh() }
}

/// Permits that stopped because of a registration that counts again: an approver may let them go on.
pub(crate) fn waiting(register: &Register, today: Date) -> Vec<&Permit> {
    let stopped_by_registration = |permit: &&Permit| match &permit.state {
        PermitState::Suspended { changes } => {
            changes.iter().any(|change| OF_REGISTRATIONS.contains(&change.what.as_str()))
        }
        PermitState::InForce | PermitState::Revoked => false,
    };
    let counts_again =
        |permit: &&Permit| {
            permit.draft.services.iter().filter_map(|id| register.service(id)).all(|record| {
                record.service.ismap.is_none() || register.ismap_state(&record.service, today).is_effective()
            })
        };
    // A registration in force counts for what its scope names alone: less of it than was approved is no return.
    let in_scope = |permit: &&Permit| {
        permit
            .draft
            .services
            .iter()
            .filter_map(|id| Some((permit.basis.get(id)?, register.service(id)?)))
            .all(|(approved, record)| register.basis(record, today).outside.is_subset(&approved.outside))
    };
    let alive = register.permits().filter(|permit| permit.draft.until >= today);
    let mut all: Vec<&Permit> = alive.filter(stopped_by_registration).filter(counts_again).filter(in_scope).collect();
    all.sort_by(|one, other| one.draft.purpose.cmp(&other.draft.purpose));
    all
}

/// Names of the fields, for those who choose columns.
pub(crate) fn fields() -> impl Iterator<Item = (&'static str, &'static str, bool)> {
    WANTED.iter().map(|wanted| (wanted.field, wanted.label, wanted.required))
}
