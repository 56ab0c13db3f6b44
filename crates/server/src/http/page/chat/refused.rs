//! What the gate stopped, as the person sees it: what was found where in one's own words, the clause, and what to do next.

use super::turn::{Draft, Turn, scale};
use crate::http::App;
use crate::http::page::error::PageError;
use crate::http::page::frame::Choice;
use axum::http::StatusCode;
use sekisho_detect::Confidence;
use sekisho_domain::decision::{Decision, Outcome};
use sekisho_domain::grade::Grade;
use sekisho_domain::handling::Action;
use sekisho_domain::id::UseId;
use sekisho_gate::call::Stopped;
use sekisho_gate::examine::Found;
use sekisho_gate::handling::label;
use std::collections::BTreeMap;

/// The rule for hints at unpublished matter: a grade of 要機密情報 answers it.
const HINT: &str = "MK-12";
/// Reasons that lie in the service: to apply for the same one again would change nothing.
const OF_THE_SERVICE: [&str; 1] = ["STANDARD_TERMS"];

/// A piece of the person's text; what was found has a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) text: String,
    pub(super) found: Option<String>,
}

/// One rule that stood in the way.
pub(super) struct Reason {
    pub(super) title: String,
    pub(super) clause: String,
    pub(super) document: String,
    pub(super) explanation: String,
    pub(super) remedy: String,
    /// Whose requirement it is; only what was read in the source is called official.
    pub(super) standing: &'static str,
}

/// One thing found.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Line {
    pub(super) title: String,
    pub(super) place: String,
    pub(super) done: &'static str,
}

/// A turn that was stopped.
pub(super) struct Halted {
    pub(super) status: StatusCode,
    pub(super) heading: &'static str,
    pub(super) lead: String,
    /// The use in the ledger, where there is one.
    pub(super) used: String,
    pub(super) reasons: Vec<Reason>,
    pub(super) own: Vec<Stretch>,
    pub(super) lines: Vec<(Line, usize)>,
    /// One's own text with the places masked.
    pub(super) masked: Option<String>,
    /// The token that confirms what was asked.
    pub(super) confirm: Option<String>,
    /// Higher grades that the permit allows.
    pub(super) higher: Vec<Choice>,
    /// Where to apply for this work.
    pub(super) apply: Option<String>,
    /// The field with a reason that was asked for and is missing.
    pub(super) lacks_reason: Option<&'static str>,
}

impl Halted {
    fn plain(status: StatusCode, heading: &'static str, lead: String, id: Option<&UseId>) -> Self {
        Self {
            status,
            heading,
            lead,
            used: id.map(UseId::to_string).unwrap_or_default(),
            reasons: Vec::new(),
            own: Vec::new(),
            lines: Vec::new(),
            masked: None,
            confirm: None,
            higher: Vec::new(),
            apply: None,
            lacks_reason: None,
        }
    }

    pub(super) async fn of(app: &App, turn: &Turn, draft: &Draft, stopped: Stopped) -> Result<Self, PageError> {
        Ok(match stopped {
            Stopped::Refused { id, decision, found, confirm } => {
                let halted = Self::refused(app, turn, &id, &decision, &found, confirm).await?;
                Self { lacks_reason: draft.lacks_reason, ..halted }
            }
            Stopped::Unreadable { id, problem } => {
                let lead = format!("{}（{}）", problem.ja, problem.code);
                Self::plain(StatusCode::UNPROCESSABLE_ENTITY, "送信内容を確かめてください", lead, Some(&id))
            }
            Stopped::Upstream { id, explained } => {
                let status = StatusCode::from_u16(explained.status).unwrap_or(StatusCode::BAD_GATEWAY);
                let status = if status.is_success() { StatusCode::BAD_GATEWAY } else { status };
                let lead = "送った文は下の欄に残っています。しばらくしてから、もう一度送ってください。続く場合は管理者に利用の番号を伝えてください。";
                let said: String = explained.message.chars().take(600).collect();
                Self::plain(status, "AIサービスから答えを受け取れませんでした", format!("{said} {lead}"), Some(&id))
            }
            Stopped::Unavailable { inside } => {
                tracing::error!(inside, "a message could not be recorded");
                let lead = "記録ができないため、送っていません。文は下の欄に残っています。しばらくしてからもう一度お試しください。";
                Self::plain(StatusCode::SERVICE_UNAVAILABLE, "ただいま受け付けられません", lead.to_owned(), None)
            }
        })
    }

    async fn refused(
        app: &App,
        turn: &Turn,
        id: &UseId,
        decision: &Decision,
        found: &[Found],
        confirm: Option<String>,
    ) -> Result<Self, PageError> {
        let register = app.journal.register()?;
        let scale = scale(&register);
        let asks = decision.outcome == Outcome::Conditional && confirm.is_some();
        let heading = if asks { "送る前に確認が必要です" } else { "この内容は送っていません" };
        let lead = if asks {
            "次の箇所が見つかったため、まだ送っていません。伏せて送るか、送ってよい理由を書いてください。"
        } else {
            "関所の規則により止めました。文は下の欄に残っています。理由と、次にできることを示します。"
        };
        let mut halted = Self::plain(StatusCode::FORBIDDEN, heading, lead.to_owned(), Some(id));
        halted.reasons = decision
            .reasons
            .iter()
            .map(|reason| Reason {
                title: reason.title.clone(),
                clause: reason.clause.clone(),
                document: format!("{} {}", reason.document, reason.edition),
                explanation: reason.explanation.clone(),
                remedy: reason.remedy.clone(),
                standing: reason.evidence.label(),
            })
            .collect();
        let own = mine(turn.last);
        let own: Vec<&Found> = found.iter().filter(|one| own.contains(&one.path)).collect();
        let counted = own.iter().filter(|one| one.confidence >= Confidence::Medium);
        let places: Vec<Place> = counted.clone().filter_map(|one| Place::of(one, one.title.to_owned())).collect();
        if !places.is_empty() {
            halted.own = stretches(&turn.text, &places);
        }
        // Personal data and keys can be left out. A mark of secrecy says what the text is: taking the mark away would not change it.
        let maskable = counted.filter(|one| one.rule.starts_with("ID-") || one.rule.starts_with("CR-"));
        let maskable: Vec<Place> = maskable.filter_map(|one| Place::of(one, label(&one.rule).to_owned())).collect();
        halted.masked = (!maskable.is_empty()).then(|| masked(&turn.text, &maskable));
        let mut lines = BTreeMap::new();
        for one in found.iter().filter(|one| one.confidence >= Confidence::Medium) {
            *lines.entry(line(one, turn)).or_default() += 1;
        }
        halted.lines = lines.into_iter().collect();
        let hinted = found.iter().any(|one| one.rule == HINT && one.action == Action::Ask);
        if hinted && asks {
            let above = scale.levels().iter().enumerate().filter(|(rank, level)| {
                level.sensitive && *rank > usize::from(turn.grade.0) && *rank <= usize::from(turn.way.ceiling.0)
            });
            halted.higher = above.map(|(_, level)| Choice::new(level.code.clone(), level.label.clone())).collect();
        }
        let beyond = hinted && asks && halted.higher.is_empty() && !scale.is_sensitive(turn.grade);
        halted.confirm = confirm.filter(|_| asks);
        let row = app.store.use_row(id).await?;
        let mut query = form_urlencoded::Serializer::new(String::new());
        if !decision.reasons.iter().any(|reason| OF_THE_SERVICE.contains(&reason.code.as_str())) {
            query.append_pair("service", turn.way.service.as_str());
        }
        query.append_pair("purpose", &turn.way.purpose);
        let needed = if beyond { scale.first_sensitive() } else { Grade::default() };
        query.append_pair("grade", &scale.level(Grade(row.grade).max(needed)).code);
        halted.apply = (!asks || beyond).then(|| format!("/apply?{}", query.finish()));
        Ok(halted)
    }
}

/// Paths of the person's own text in the last message, with and without files.
fn mine(last: usize) -> [String; 2] {
    [format!("messages[{last}].content"), format!("messages[{last}].content[0].text")]
}

fn line(found: &Found, turn: &Turn) -> Line {
    let here = format!("messages[{}].content", turn.last);
    let part =
        found.path.strip_prefix(&format!("{here}[")).and_then(|rest| rest.split_once(']')?.0.parse::<usize>().ok());
    let file = part.and_then(|part| turn.files.get(part.checked_sub(1)?));
    let place = match file {
        Some(name) => format!("添付ファイル「{name}」"),
        None if mine(turn.last).contains(&found.path) => "入力した文".to_owned(),
        None if found.path.starts_with("messages[") => "この会話のこれまでのやり取り".to_owned(),
        None if found.detail.is_empty() => "送信内容".to_owned(),
        None => found.detail.clone(),
    };
    let place = if file.is_some() && !found.detail.is_empty() { format!("{place} {}", found.detail) } else { place };
    let done = match found.action {
        Action::Warn => "知らせるだけ",
        Action::Ask => "確認が必要",
        Action::Mask => "自動で伏せる",
        Action::Block => "送れない",
    };
    Line { title: found.title.to_owned(), place, done }
}

/// Characters of the text and what they are called.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    start: usize,
    end: usize,
    name: String,
}

impl Place {
    fn of(found: &Found, name: String) -> Option<Self> {
        Some(Self { start: found.start?, end: found.end?, name }).filter(|place| place.start < place.end)
    }
}

/// Cuts a text at the places; of two that overlap the second gets what is left.
fn cut<'t>(text: &'t str, places: &'t [Place]) -> Vec<(&'t str, Option<&'t Place>)> {
    let mut sorted: Vec<&Place> = places.iter().collect();
    sorted.sort_by_key(|place| (place.start, place.end));
    let byte = |character: usize| text.char_indices().nth(character).map_or(text.len(), |(at, _)| at);
    let (mut cut, mut from) = (Vec::new(), 0);
    for place in sorted {
        let (start, end) = (byte(place.start).max(from), byte(place.end));
        if end <= from {
            continue;
        }
        cut.extend(text.get(from..start).filter(|before| !before.is_empty()).map(|before| (before, None)));
        cut.extend(text.get(start..end).map(|here| (here, Some(place))));
        from = end;
    }
    cut.extend(text.get(from..).filter(|rest| !rest.is_empty()).map(|rest| (rest, None)));
    cut
}

fn stretches(text: &str, places: &[Place]) -> Vec<Stretch> {
    let cut = cut(text, places).into_iter();
    cut.map(|(text, place)| Stretch { text: text.to_owned(), found: place.map(|place| place.name.clone()) }).collect()
}

/// The text with a placeholder for each place; the same words get the same placeholder.
fn masked(text: &str, places: &[Place]) -> String {
    let mut known: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut masked = String::with_capacity(text.len());
    for (piece, place) in cut(text, places) {
        let Some(place) = place else {
            masked.push_str(piece);
            continue;
        };
        let number = *known.entry((place.name.as_str(), piece)).or_insert_with(|| {
            let count = counts.entry(place.name.as_str()).or_default();
            *count += 1;
            *count
        });
        masked.push_str(&format!("〔{}{number}〕", place.name));
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(start: usize, end: usize, name: &str) -> Place {
        Place { start, end, name: name.into() }
    }

    #[test]
    fn the_same_number_gets_the_same_placeholder() {
        let text = "電話03-1へ。03-2でなく03-1";
        let places = [place(2, 6, "電話番号"), place(8, 12, "電話番号"), place(15, 19, "電話番号")];
        assert_eq!(masked(text, &places), "電話〔電話番号1〕へ。〔電話番号2〕でなく〔電話番号1〕");
    }

    #[test]
    fn places_that_overlap_or_lie_outside_lose_no_character() {
        let text = "あいうえお";
        let places = [place(1, 3, "甲"), place(2, 4, "乙"), place(2, 3, "丙"), place(4, 99, "丁"), place(50, 60, "戊")];
        let cut = stretches(text, &places);
        assert_eq!(cut.iter().map(|one| one.text.as_str()).collect::<String>(), text);
        let named: Vec<_> = cut.iter().map(|one| (one.text.as_str(), one.found.as_deref())).collect();
        assert_eq!(named, [("あ", None), ("いう", Some("甲")), ("え", Some("乙")), ("お", Some("丁"))]);
    }
}
