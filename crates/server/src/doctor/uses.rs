//! What the row of a use must say, by its entries. Pure.

use jiff::Timestamp;
use sekisho_domain::id::{DepartmentId, PermitId, ServiceId, UseId};
use sekisho_domain::records::made::Made;
use sekisho_domain::replay::Considered;
use sekisho_domain::usage::{FindingCount, Finish, UseAborted, UseClosed, UseOpened, UseRefused, UseRequest};
use sekisho_store::KeptUse;
use std::collections::BTreeMap;

/// The columns of a beginning, by its entry and by what the register of its place made of it.
pub(super) fn opened(index: u64, entry: &UseOpened, considered: &Considered) -> KeptUse {
    let data = &entry.data;
    let row = KeptUse {
        opened: index,
        id: data.id.to_string(),
        node: data.node.clone(),
        permit: text(data.permit.as_ref().map(PermitId::as_str)),
        service: text(data.service.as_ref().map(ServiceId::as_str)),
        grade: data.grade.0.into(),
        ..KeptUse::default()
    };
    asked(row, &data.request, considered)
}

/// The columns of a refusal.
pub(super) fn refused(index: u64, entry: &UseRefused, considered: Option<&Considered>) -> KeptUse {
    let data = &entry.data;
    let row = KeptUse {
        opened: index,
        id: data.id.to_string(),
        at: entry.at.as_microsecond(),
        person: data.person.to_string(),
        node: data.node.clone(),
        service: text(data.service.as_ref().map(ServiceId::as_str)),
        grade: data.grade.0.into(),
        outcome: "refused".into(),
        code: data.code.clone(),
        ..KeptUse::default()
    };
    match (&data.request, considered) {
        (Some(request), Some(considered)) => asked(
            KeptUse { permit: text(considered.permit.as_ref().map(PermitId::as_str)), ..row },
            request,
            considered,
        ),
        _ => row,
    }
}

fn asked(row: KeptUse, request: &UseRequest, considered: &Considered) -> KeptUse {
    KeptUse {
        at: request.at.as_microsecond(),
        person: request.person.to_string(),
        department: DepartmentId::new(&considered.facts.department).map_or(String::new(), |id| id.to_string()),
        model: request.model.clone(),
        endpoint: request.endpoint.clone(),
        app: request.app.clone(),
        ..row
    }
}

fn text(id: Option<&str>) -> String {
    id.unwrap_or_default().to_owned()
}

/// A column that differs.
type Differs = (&'static str, String, String);

fn differing<const N: usize>(columns: [(&'static str, String, String); N]) -> Vec<Differs> {
    columns.into_iter().filter(|(_, must, is)| must != is).collect()
}

/// Where the row of a use differs from its beginning. `read`: the request could be read, so the entry knows its endpoint.
pub(super) fn beginning(must: &KeptUse, is: &KeptUse, read: bool) -> Vec<Differs> {
    let s = |text: &String| text.clone();
    let mut all = differing([
        ("use_id", s(&must.id), s(&is.id)),
        ("at", must.at.to_string(), is.at.to_string()),
        ("person", s(&must.person), s(&is.person)),
        ("department", s(&must.department), s(&is.department)),
        ("permit", s(&must.permit), s(&is.permit)),
        ("service", s(&must.service), s(&is.service)),
        ("model", s(&must.model), s(&is.model)),
        ("grade", must.grade.to_string(), is.grade.to_string()),
        ("node", s(&must.node), s(&is.node)),
        ("app", s(&must.app), s(&is.app)),
    ]);
    if read && must.endpoint != is.endpoint {
        all.push(("endpoint", s(&must.endpoint), s(&is.endpoint)));
    }
    if must.outcome == "refused" {
        all.extend(differing([
            ("outcome", s(&must.outcome), s(&is.outcome)),
            ("code", s(&must.code), s(&is.code)),
            ("closed", "0".into(), is.closed.to_string()),
            ("input_tokens", "0".into(), is.input_tokens.to_string()),
            ("output_tokens", "0".into(), is.output_tokens.to_string()),
        ]));
    }
    all
}

/// Where the row of a use differs from its end.
pub(super) fn end(index: u64, entry: &UseClosed, is: &KeptUse) -> Vec<Differs> {
    let outcome = match entry.data.finish {
        Finish::Completed => "completed",
        Finish::UpstreamError => "upstream_error",
        Finish::Cut => "cut",
    };
    differing([
        ("outcome", outcome.to_owned(), is.outcome.clone()),
        ("code", entry.data.error.clone(), is.code.clone()),
        ("closed", index.to_string(), is.closed.to_string()),
        ("closed_at", entry.at.as_microsecond().to_string(), is.closed_at.to_string()),
        ("input_tokens", entry.data.input_tokens.to_string(), is.input_tokens.to_string()),
        ("output_tokens", entry.data.output_tokens.to_string(), is.output_tokens.to_string()),
        ("use_id", entry.data.id.to_string(), is.id.clone()),
    ])
}

/// The same of a use that a crash left open.
pub(super) fn aborted(index: u64, entry: &UseAborted, is: &KeptUse) -> Vec<Differs> {
    differing([
        ("outcome", "aborted".to_owned(), is.outcome.clone()),
        ("closed", index.to_string(), is.closed.to_string()),
        ("closed_at", entry.at.as_microsecond().to_string(), is.closed_at.to_string()),
        ("use_id", entry.data.id.to_string(), is.id.clone()),
    ])
}

/// Columns in words.
pub(super) fn told(differs: &[Differs]) -> String {
    let words: Vec<String> =
        differs.iter().map(|(column, must, is)| format!("{column}: {is} (ledger: {must})")).collect();
    words.join(", ")
}

/// What retention asks of a use, by its row.
pub(super) fn made(row: &KeptUse) -> Option<Made> {
    Some(Made {
        opened: row.opened,
        of: UseId::new(&row.id).ok()?,
        at: Timestamp::from_microsecond(row.at).ok()?,
        person: row.person.parse().ok()?,
        department: row.department.parse().ok(),
        permit: row.permit.parse().ok(),
        service: row.service.parse().ok(),
    })
}

/// The reasons a refusal is kept under.
pub(super) fn reasons(entry: &UseRefused) -> Vec<String> {
    let mut reasons = entry.data.decision.as_ref().map_or_else(Vec::new, |decision| decision.reasons.clone());
    if reasons.is_empty() {
        reasons.push(entry.data.code.clone());
    }
    reasons.sort();
    reasons.dedup();
    reasons
}

/// Whether the content of a request must lie in the store, as far as the entry tells: what holds numbers, keys or secrets
/// that could not be taken out with certainty is committed to and not kept.
pub(super) fn keeps_request(request: &UseRequest, redacted: bool) -> bool {
    redacted || !(request.signals.out_of_scope || request.signals.my_number || request.signals.credential)
}

/// The same of an answer: its entry says which rules hit and not what they amount to.
pub(super) fn keeps_answer(entry: &UseClosed) -> bool {
    entry.data.redacted || entry.data.findings.is_empty()
}

/// Adds findings to the sums of a day; `at` is 0 for requests and 2 for answers.
pub(super) fn count(
    into: &mut BTreeMap<(i64, String, String), [i64; 4]>,
    row: &KeptUse,
    findings: &[FindingCount],
    at: usize,
) {
    let day = (row.at + 9 * 3_600_000_000).div_euclid(86_400_000_000);
    let mut rules: BTreeMap<&str, i64> = BTreeMap::new();
    for finding in findings {
        *rules.entry(&finding.rule).or_default() += i64::from(finding.count);
    }
    for (rule, hits) in rules {
        let sums = into.entry((day, row.department.clone(), rule.to_owned())).or_default();
        for (sum, more) in sums.iter_mut().skip(at).zip([1, hits]) {
            *sum += more;
        }
    }
}
