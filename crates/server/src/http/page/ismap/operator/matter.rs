//! What the committee decides about: the facts of an item, the outcomes that fit it, and the part of a statement that a
//! registration publishes.

use super::filings::{kind, party_name, title};
use crate::http::App;
use crate::http::page::error::PageError;
use crate::http::page::words::day;
use crate::ismap::documents::{self, DocumentError};
use sekisho_domain::ismap::committee::{AgendaItem, Outcome, PublicPart};
use sekisho_domain::ismap::filing::{Filing, FilingKind, FilingState};
use sekisho_domain::ismap::firm::FirmState;
use sekisho_domain::ismap::statement::StatementContent;
use sekisho_domain::ismap::{ListStatus, Scheme, computed_expiry};
use sekisho_domain::register::Register;

/// Outcomes by the name that a form gives them.
const OUTCOMES: [(&str, Outcome); 7] = [
    ("register", Outcome::Register { number: None }),
    ("refuse", Outcome::Refuse),
    ("defer", Outcome::Defer),
    ("suspend", Outcome::Suspend),
    ("lift", Outcome::Lift),
    ("remove", Outcome::Remove),
    ("note", Outcome::Note),
];

/// The name of an outcome in a form.
pub(super) fn key(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Register { .. } => "register",
        Outcome::Refuse => "refuse",
        Outcome::Defer => "defer",
        Outcome::Suspend => "suspend",
        Outcome::Lift => "lift",
        Outcome::Remove => "remove",
        Outcome::Note => "note",
    }
}

/// The outcome of that name.
pub(super) fn outcome(key: &str) -> Option<Outcome> {
    OUTCOMES.iter().find(|(known, _)| *known == key).map(|(_, outcome)| outcome.clone())
}

fn filing<'r>(register: &'r Register, item: &AgendaItem) -> Option<&'r Filing> {
    match item {
        AgendaItem::Filing { filing } => register.scheme().filings.now(filing),
        _ => None,
    }
}

/// The outcomes that fit an item.
pub(super) fn outcomes(register: &Register, item: &AgendaItem) -> Vec<Outcome> {
    match item {
        AgendaItem::Filing { .. } | AgendaItem::Firm { .. } => {
            vec![Outcome::Register { number: None }, Outcome::Refuse, Outcome::Defer]
        }
        AgendaItem::Other { .. } => vec![Outcome::Note, Outcome::Defer],
        AgendaItem::Registration { number } => {
            let own = match register.registration(number).map(|row| row.status) {
                Some(ListStatus::Listed) => vec![Outcome::Suspend, Outcome::Remove],
                Some(ListStatus::Suspended) => vec![Outcome::Lift, Outcome::Remove],
                Some(ListStatus::Removed) | None => vec![],
            };
            own.into_iter().chain([Outcome::Note, Outcome::Defer]).collect()
        }
    }
}

/// A registration makes a new number: the first of a service.
pub(super) fn asks_number(register: &Register, item: &AgendaItem) -> bool {
    let form = filing(register, item).and_then(|f| f.form.as_ref());
    form.is_some_and(|form| form.kind == FilingKind::New)
}

/// Why the item cannot be decided now, whatever the votes.
pub(super) fn obstacle(register: &Register, item: &AgendaItem) -> Option<String> {
    match item {
        AgendaItem::Filing { .. } => filing(register, item)
            .filter(|f| f.state != FilingState::Docketed)
            .map(|f| format!("この申請は付議中ではありません（{}）。", f.state.label())),
        AgendaItem::Firm { firm } => register
            .scheme()
            .firms
            .now(firm)
            .filter(|f| f.state != FirmState::Docketed)
            .map(|f| format!("この監査機関は付議中ではありません（{}）。", f.state.label())),
        _ => None,
    }
}

/// The facts before the committee.
pub(super) fn facts(register: &Register, item: &AgendaItem) -> Vec<(&'static str, String)> {
    let scheme = register.scheme();
    let mut facts = Vec::new();
    match item {
        AgendaItem::Filing { .. } => {
            let Some(filing) = filing(register, item) else { return facts };
            let Some(form) = &filing.form else { return facts };
            facts.push(("サービス", title(register, form)));
            facts.push(("事業者", party_name(register, &form.party)));
            facts.push(("種別", kind(form)));
            if let Some(engagement) = scheme.engagements.now(&form.engagement) {
                facts.push(("監査機関", party_name(register, &engagement.firm)));
                let stays = engagement.report.as_ref().map(|report| report.findings_reported());
                let told =
                    stays.map_or_else(|| "報告なし".to_owned(), |n| format!("報告済み（残った発見事項 {n} 件）"));
                facts.push(("監査の結果", told));
            }
            let met = match filing.basic_met {
                Some(true) => "基本言明要件を満たす",
                Some(false) => "基本言明要件を満たさない",
                None => "結果なし",
            };
            facts.push(("技術的審査の結果", format!("{met}。{}", filing.opinion)));
            if let Some(statement) = scheme.statements.now(&form.statement) {
                facts.push(("監査対象期間", format!("{}から{}まで", day(statement.from), day(statement.to))));
                if let Some(until) = computed_expiry(statement.to) {
                    facts.push(("登録した場合の有効期限", format!("{}（計算）", day(until))));
                }
            }
        }
        AgendaItem::Firm { firm } => {
            facts.push(("監査機関", party_name(register, firm)));
            if let Some(firm) = scheme.firms.now(firm) {
                facts.push(("状態", firm.state.label().to_owned()));
                if let Some(until) = firm.until {
                    facts.push(("今の期間の末日", day(until)));
                }
            }
        }
        AgendaItem::Registration { number } => {
            if let Some(row) = register.registration(number) {
                facts.push(("登録", format!("{} {}（{}）", row.number, row.service_name, row.csp_name)));
                facts.push(("リスト上の状態", super::consequence::status(row.status).to_owned()));
                facts.push(("有効期限", day(row.valid_until)));
                if !row.incidents.is_empty() {
                    facts.push(("対応中のインシデント", format!("{} 件", row.incidents.len())));
                }
            }
        }
        AgendaItem::Other { title } => facts.push(("議題", title.clone())),
    }
    facts
}

/// What of the statement is published with a registration. `Err` says why it is not at hand.
pub(super) async fn public(
    app: &App,
    register: &Register,
    item: &AgendaItem,
) -> Result<Result<Option<PublicPart>, String>, PageError> {
    let form = filing(register, item).and_then(|f| f.form.as_ref());
    let statement = form.and_then(|form| register.scheme().statements.now(&form.statement));
    let Some((statement, content)) = statement.and_then(|s| Some((s, s.content.as_ref()?))) else {
        return Ok(Ok(None));
    };
    let read = async {
        let signed: StatementContent = documents::read(app, content.sha256()).await?;
        let catalogue = documents::catalogue(app, register, &statement.catalogue).await?;
        Ok::<_, DocumentError>(PublicPart::of(&catalogue, &signed))
    };
    match read.await {
        Ok(public) => Ok(Ok(Some(public))),
        Err(DocumentError::Missing(hash) | DocumentError::Damaged(hash)) => Ok(Err(format!(
            "署名された言明書の内容（SHA-256 {hash}）を読めないため、公開部分をリストに載せられません。管理者に連絡してください。"
        ))),
        Err(error) => Err(error.into()),
    }
}

/// The next free number, in the pattern that most numbers of this list have; empty while there is none to follow.
pub(super) fn next_number(register: &Register, item: &AgendaItem) -> String {
    let list = filing(register, item).and_then(|f| f.form.as_ref()).map_or(Scheme::Ismap, |form| form.scheme);
    let of_list = |wanted: bool| {
        register.registrations().filter(move |row| !wanted || row.scheme == list).map(|row| row.number.as_str())
    };
    next_of(of_list(true)).or_else(|| next_of(of_list(false))).unwrap_or_default()
}

fn next_of<'a>(numbers: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut patterns: std::collections::BTreeMap<(String, usize, String), (usize, u64)> = Default::default();
    for number in numbers {
        // The longest run of digits counts up; of several as long, the last.
        let mut best = (0, 0);
        let mut begin = None;
        for (at, c) in number.char_indices().chain([(number.len(), ' ')]) {
            match (c.is_ascii_digit(), begin) {
                (true, None) => begin = Some(at),
                (false, Some(from)) => {
                    if at - from >= best.1 - best.0 {
                        best = (from, at);
                    }
                    begin = None;
                }
                _ => {}
            }
        }
        let (from, to) = best;
        let parts = (number.get(..from), number.get(from..to), number.get(to..));
        let (Some(before), Some(digits), Some(after)) = parts else { continue };
        let Ok(count) = digits.parse::<u64>() else { continue };
        let known = patterns.entry((before.to_owned(), digits.len(), after.to_owned())).or_default();
        *known = (known.0 + 1, known.1.max(count));
    }
    let (pattern, (_, last)) = patterns.into_iter().max_by_key(|(_, (many, last))| (*many, *last))?;
    let (before, width, after) = pattern;
    Some(format!("{before}{:0width$}{after}", last.checked_add(1)?))
}

#[cfg(test)]
mod tests {
    use super::next_of;

    #[test]
    fn the_next_number_follows_the_pattern_of_most() {
        let next = |numbers: &[&str]| next_of(numbers.iter().copied());
        assert_eq!(next(&["KAKUU-0001", "KAKUU-0007"]).as_deref(), Some("KAKUU-0008"));
        assert_eq!(next(&["K26-0009-2", "K26-0010-2", "X-1"]).as_deref(), Some("K26-0011-2"));
        assert_eq!(next(&["K-0999"]).as_deref(), Some("K-1000"));
        assert_eq!(next(&["番号なし", ""]), None);
        assert_eq!(next(&[]), None);
    }
}
