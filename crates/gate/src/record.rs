//! Record: the entries of one use.

use crate::examine::Kept;
use crate::world::World;
use jiff::Timestamp;
use sekisho_domain::decision::Decision;
use sekisho_domain::grade::Grade;
use sekisho_domain::id::{DepartmentId, OrganizationId, UseId};
use sekisho_domain::replay::Considered;
use sekisho_domain::usage::{
    Aborted, Closed, DecisionRecord, FindingCount, Opened, Refused, UseAborted, UseClosed, UseOpened, UseRefused,
    UseRequest,
};
use sekisho_ledger::entry::EntryBytes;
use sekisho_store::{Body, RANDOM_BYTES, Record, UseChange, UseOutcome, UseRow};

/// What sealed content of a use is bound to.
pub fn binding(id: &UseId, part: &str) -> String {
    format!("{id} {part}")
}

/// The part of a use's content that the caller sent.
pub const REQUEST: &str = "request";
/// The part of a use's content that came back.
pub const ANSWER: &str = "answer";

/// What is committed to of a request or an answer, and whether it is kept.
#[derive(Clone)]
pub(crate) struct Content {
    body: Body,
    keep: bool,
    redacted: bool,
}

impl Content {
    /// Commits to what may be kept; where nothing may, to what was there.
    pub(crate) fn new(world: &dyn World, kept: Kept, whole: bytes::Bytes) -> Self {
        let mut random = [0; RANDOM_BYTES];
        world.random(&mut random);
        let (bytes, keep, redacted) = match kept {
            Kept::Whole(bytes) => (bytes, true, false),
            Kept::Redacted(bytes) => (bytes, true, true),
            Kept::Nothing => (whole, false, false),
        };
        Self { body: Body::new(bytes, &random), keep, redacted }
    }

    /// The body.
    pub(crate) fn body(&self) -> &Body {
        &self.body
    }

    fn commitment(&self) -> String {
        self.body.commitment().to_hex()
    }

    fn sealed(self, id: &UseId, part: &str) -> Option<(String, Body)> {
        self.keep.then(|| (binding(id, part), self.body))
    }
}

/// Why an entry could not be made: a fault of this program, reported as the ledger being unavailable.
#[derive(Debug, thiserror::Error)]
#[error("the record cannot be made: {0}")]
pub struct Unrecordable(String);

fn entry(bytes: Result<Vec<u8>, serde_json::Error>) -> Result<EntryBytes, Unrecordable> {
    let bytes = bytes.map_err(|e| Unrecordable(e.to_string()))?;
    EntryBytes::new(bytes).map_err(|e| Unrecordable(e.to_string()))
}

/// What both the opening and the refusal of a use say.
pub(crate) struct Known<'a> {
    pub(crate) id: &'a UseId,
    pub(crate) node: &'a str,
    pub(crate) organization: &'a OrganizationId,
    pub(crate) bytes: u64,
}

fn row(known: &Known<'_>, request: &UseRequest, considered: &Considered, outcome: UseOutcome, code: &str) -> UseRow {
    UseRow {
        opened: 0,
        id: known.id.clone(),
        at: request.at,
        person: request.person.clone(),
        department: DepartmentId::new(&considered.facts.department).ok(),
        permit: considered.permit.clone(),
        service: considered.service.clone(),
        model: request.model.clone(),
        endpoint: request.endpoint.clone(),
        grade: considered.facts.grade.0,
        node: known.node.to_owned(),
        outcome,
        code: code.to_owned(),
        closed: 0,
        closed_at: None,
        input_tokens: 0,
        output_tokens: 0,
        app: request.app.clone(),
        reasons: Vec::new(),
        findings: Vec::new(),
    }
}

/// The record that must be durable before anything leaves. Also returns the row, to be finished at the end.
pub(crate) fn opened(
    known: &Known<'_>,
    request: &UseRequest,
    considered: &Considered,
    decision: DecisionRecord,
    findings: Vec<FindingCount>,
    content: Content,
) -> Result<(Record, UseRow), Unrecordable> {
    let position = decision.register;
    let data = Opened {
        bytes: known.bytes,
        commitment: content.commitment(),
        decision,
        findings,
        grade: considered.facts.grade,
        node: known.node.to_owned(),
        permit: considered.permit.clone(),
        redacted: content.redacted,
        request: request.clone(),
        service: considered.service.clone(),
        id: known.id.clone(),
    };
    let row = row(known, request, considered, UseOutcome::Open, "");
    let new = UseRow { findings: data.findings.clone(), ..row.clone() };
    let record = Record {
        entry: entry(UseOpened::new(request.at, known.organization.clone(), data).to_bytes())?,
        change: UseChange::New(new),
        sealed: content.sealed(known.id, REQUEST),
        decided_at: Some(position),
    };
    Ok((record, row))
}

/// A refusal by the rules.
pub(crate) fn refused(
    known: &Known<'_>,
    request: &UseRequest,
    considered: &Considered,
    decision: &Decision,
    position: u64,
    findings: Vec<FindingCount>,
    content: Content,
) -> Result<Record, Unrecordable> {
    let code = decision.code().unwrap_or("NO_RULE").to_owned();
    let record = DecisionRecord::of(decision, position);
    let mut row = row(known, request, considered, UseOutcome::Refused, &code);
    row.findings.clone_from(&findings);
    row.reasons = if record.reasons.is_empty() { vec![code.clone()] } else { record.reasons.clone() };
    let data = Refused {
        bytes: known.bytes,
        code,
        commitment: content.commitment(),
        decision: Some(record),
        findings,
        grade: considered.facts.grade,
        node: known.node.to_owned(),
        person: request.person.clone(),
        redacted: content.redacted,
        request: Some(request.clone()),
        service: considered.service.clone(),
        id: known.id.clone(),
    };
    Ok(Record {
        entry: entry(UseRefused::new(request.at, known.organization.clone(), data).to_bytes())?,
        change: UseChange::New(row),
        sealed: content.sealed(known.id, REQUEST),
        decided_at: Some(position),
    })
}

/// A request of an identified caller that could not be read.
pub(crate) fn unread(
    known: &Known<'_>,
    at: Timestamp,
    person: &sekisho_domain::id::PersonId,
    endpoint: &str,
    code: &str,
) -> Result<Record, Unrecordable> {
    let data = Refused {
        bytes: known.bytes,
        code: code.to_owned(),
        commitment: String::new(),
        decision: None,
        findings: Vec::new(),
        grade: Grade::default(),
        node: known.node.to_owned(),
        person: person.clone(),
        redacted: false,
        request: None,
        service: None,
        id: known.id.clone(),
    };
    let row = UseRow {
        opened: 0,
        id: known.id.clone(),
        at,
        person: person.clone(),
        department: None,
        permit: None,
        service: None,
        model: String::new(),
        endpoint: endpoint.to_owned(),
        grade: 0,
        node: known.node.to_owned(),
        outcome: UseOutcome::Refused,
        code: code.to_owned(),
        closed: 0,
        closed_at: None,
        input_tokens: 0,
        output_tokens: 0,
        app: String::new(),
        reasons: vec![code.to_owned()],
        findings: Vec::new(),
    };
    Ok(Record {
        entry: entry(UseRefused::new(at, known.organization.clone(), data).to_bytes())?,
        change: UseChange::New(row),
        sealed: None,
        decided_at: None,
    })
}

/// The end of a use.
pub(crate) fn closed(
    organization: &OrganizationId,
    at: Timestamp,
    mut row: UseRow,
    ending: Closed,
    content: Content,
) -> Result<Record, Unrecordable> {
    use sekisho_domain::usage::Finish;
    let data = Closed { commitment: content.commitment(), redacted: content.redacted, ..ending };
    row.outcome = match data.finish {
        Finish::Completed => UseOutcome::Completed,
        Finish::UpstreamError => UseOutcome::UpstreamError,
        Finish::Cut => UseOutcome::Cut,
    };
    row.code = data.error.clone();
    row.findings.clone_from(&data.findings);
    row.closed_at = Some(at);
    row.input_tokens = data.input_tokens;
    row.output_tokens = data.output_tokens;
    let sealed = content.sealed(&data.id, ANSWER);
    Ok(Record {
        entry: entry(UseClosed::new(at, organization.clone(), data).to_bytes())?,
        change: UseChange::End(row),
        sealed,
        decided_at: None,
    })
}

/// A use that a crash left open.
pub fn aborted(
    organization: &OrganizationId,
    at: Timestamp,
    left: sekisho_store::LeftOpen,
) -> Result<Record, Unrecordable> {
    let row = left.aborted(at);
    let data = Aborted { opened: row.opened, id: row.id.clone() };
    Ok(Record {
        entry: entry(UseAborted::new(at, organization.clone(), data).to_bytes())?,
        change: UseChange::End(row),
        sealed: None,
        decided_at: None,
    })
}
