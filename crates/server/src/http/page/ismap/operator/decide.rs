//! The committee decides: first what is decided and by which votes, then what follows from it, then the record.

use super::super::{frame, step};
use super::{acts, consequence, matter, meeting, meeting_acts, wording};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::give;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::words::Names;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use sekisho_domain::command::{Command, StepMeeting};
use sekisho_domain::day::in_japan;
use sekisho_domain::ismap::committee::{AgendaItem, MeetingStep, Outcome, Votes};
use sekisho_domain::ismap::party::SchemeRole;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "ismap/operator/decide.html")]
struct DecidePage {
    frame: Frame,
    path: String,
    back: String,
    item: String,
    facts: Vec<(&'static str, String)>,
    /// Why nothing can be decided.
    obstacle: Option<String>,
    fields: Vec<Field>,
    /// What will be recorded, once the form is complete.
    follows: Option<Vec<String>>,
    /// The form as it was filled in, to be sent again with the confirmation.
    given: Vec<(String, String)>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    item: String,
}

const STAGE: &str = "stage";
/// What is carried from the form to its confirmation.
const CARRIED: [&str; 9] =
    ["outcome", "number", "approve", "against", "abstain", step::ON, step::RULE, step::ARTICLE, step::REASON];

async fn one(
    app: &App,
    signed: &SignedIn,
    (id, key): (&str, &str),
    given: &Fields,
    problems: Vec<Problem>,
    follows: Option<Vec<String>>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let (id, chronicle) = meeting::seen(&register, signed.person(), id)?;
    if !super::seeing::operates(&register, signed.person(), SchemeRole::Secretariat) {
        return Err(PageError::Missing);
    }
    let now = chronicle.now();
    let item = meeting_acts::item(key).ok_or(PageError::Missing)?;
    if !super::meetings::items(register.scheme(), &id, now, None).contains(&item) {
        return Err(PageError::Missing);
    }
    let today = in_japan(app.world.now());
    let (title, _) = wording::item(&register, &item);
    let back = format!("/ismap/meetings/{id}");
    let (taking, quorum) = (now.taking_part(&item), now.quorum);
    let mut facts = matter::facts(&register, &item);
    let recused = now.recused.get(&item).cloned().unwrap_or_default();
    let names = Names::of(app, recused.iter().collect::<Vec<_>>()).await?;
    let out = recused.iter().map(|person| names.get(person)).collect::<Vec<_>>().join("、");
    facts.push(("議決に加わる委員", format!("{taking} 人（定足数 {quorum} 人）")));
    if !out.is_empty() {
        facts.push(("忌避した委員", out));
    }
    let short = (taking < quorum).then(|| {
        format!("定足数 {quorum} 人に足りません（出席し、忌避していない委員は {taking} 人）。この議題は、この会議では決定できません。")
    });
    let obstacle = short.or_else(|| matter::obstacle(&register, &item)).or_else(|| {
        now.decisions.get(&item).map(|resolution| format!("この議題は決定済みです（{}）。", resolution.outcome.label()))
    });
    let status = Problem::status(&problems);
    let trail = [("/ismap/meetings", "運営委員会の会議"), (back.as_str(), "会議")];
    let frame = frame(app, signed, &back, format!("決定: {title}"), &trail).await?.wide().wrong(problems);
    let told = &frame.problems;
    let or = |field: &str, known: String| {
        if given.get(STAGE).is_empty() { known } else { given.line(field).to_owned() }
    };
    let outcomes = matter::outcomes(&register, &item);
    let choices = outcomes.iter().map(|outcome| Choice::new(matter::key(outcome), outcome.label())).collect();
    let mut fields = vec![Field::radio("outcome", "決定", choices).value(given.get("outcome")).told(told)];
    if matter::asks_number(&register, &item) {
        fields.push(
            Field::text("number", "登録番号（登録するとき）", "off")
                .help("これまでの番号に続く空き番号を入れてあります。書き換えられます。")
                .optional()
                .value(&or("number", matter::next_number(&register, &item)))
                .told(told),
        );
    }
    for (id, label, known) in
        [("approve", "賛成（票）", taking), ("against", "反対（票）", 0), ("abstain", "棄権（票）", 0)]
    {
        fields.push(Field::input("number", id, label).value(&or(id, known.to_string())).told(told));
    }
    fields.extend(step::fields(&register, today, given, true, told).into_iter().map(|field| match field.id.as_ref() {
        step::RULE => field.help("登録・一時停止・取消などの決定には、根拠が必要です。").optional(),
        step::ARTICLE => field.optional(),
        _ => field,
    }));
    let carried = CARRIED.iter().map(|name| ((*name).to_owned(), given.text(name))).collect();
    let shown = DecidePage {
        path: format!("{back}/decide"),
        back,
        item: key.to_owned(),
        facts,
        obstacle,
        fields,
        given: carried,
        follows,
        frame,
    };
    Ok(page(status, &shown))
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(which): Query<Which>,
) -> Result<Response, PageError> {
    one(&app, &signed, (&id, &which.item), &Fields::default(), Vec::new(), None).await
}

fn votes(fields: &Fields, problems: &mut Vec<Problem>) -> Votes {
    let mut count = |name: &'static str| {
        fields.line(name).parse::<u32>().unwrap_or_else(|_| {
            problems.push(Problem::at(name, "票の数を 0 以上の数字で入力してください。"));
            0
        })
    };
    Votes { approve: count("approve"), against: count("against"), abstain: count("abstain") }
}

pub(super) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let (meeting, chronicle) = meeting::seen(&register, signed.person(), &id)?;
    let key = fields.get("item");
    let item = meeting_acts::item(key).ok_or(PageError::Missing)?;
    let mut problems = Vec::new();
    let said = step::Said::read(&fields, &mut problems);
    let votes = votes(&fields, &mut problems);
    let outcome = match matter::outcome(fields.get("outcome")) {
        Some(Outcome::Register { .. }) => {
            let number = fields.line("number").to_owned();
            let asked = matter::asks_number(&register, &item);
            Outcome::Register { number: Some(number).filter(|number| asked && !number.is_empty()) }
        }
        Some(outcome) => outcome,
        None => {
            problems.push(Problem::at("outcome", "決定を選んでください。"));
            Outcome::Defer
        }
    };
    // What is published is taken out of the statement that was signed, by whoever holds its content.
    let public = match (&outcome, &item) {
        (Outcome::Register { .. }, AgendaItem::Filing { .. }) => match matter::public(&app, &register, &item).await? {
            Ok(public) => public,
            Err(text) => {
                problems.push(Problem::at("", text));
                None
            }
        },
        _ => None,
    };
    let place = (id.as_str(), key);
    if !problems.is_empty() || fields.get(STAGE) == "edit" {
        return one(&app, &signed, place, &fields, problems, None).await;
    }
    // The same form sent twice finds its own decision.
    let done = chronicle.now().decisions.get(&item).is_some_and(|r| r.outcome == outcome && r.votes == votes);
    if done && chronicle.last().is_some_and(|last| last.stamp.actor == *signed.person()) {
        return Ok(go(&format!("/ismap/meetings/{meeting}?done=decide")));
    }
    let step = MeetingStep::Decide { item, outcome, votes };
    let command =
        Command::StepMeeting(StepMeeting { meeting: meeting.clone(), on: said.on, rule: said.rule, public, step });
    let answer = match fields.get(STAGE) {
        "confirm" => match give(&app, &signed, command, &said.reason).await? {
            Ok(_) => return Ok(go(&format!("/ismap/meetings/{meeting}?done=decide"))),
            Err(refusal) => Err(refusal),
        },
        _ => acts::would(&app, &register, &signed, command),
    };
    match answer {
        Ok(entries) => {
            let lines = consequence::lines(&register, &entries);
            one(&app, &signed, place, &fields, Vec::new(), Some(lines)).await
        }
        Err(refusal) => {
            let first = if refusal.en.contains("number") {
                "number"
            } else if refusal.en.contains("votes") || refusal.en.contains("voted") {
                "approve"
            } else {
                "outcome"
            };
            let field = if refusal.en.contains("voted") { first } else { acts::at(&refusal, first) };
            one(&app, &signed, place, &fields, vec![Problem::refused(field, &refusal)], None).await
        }
    }
}
