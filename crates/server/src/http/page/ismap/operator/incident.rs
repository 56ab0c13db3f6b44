//! One incident: the reports of the provider, kept as they came, and what the operator made of them.

use super::super::as_of::AsOf;
use super::super::history::{self, Past};
use super::super::{frame, step};
use super::acts::{self, Act, Acts, Cites, Moved, Shown, Wanted, is_open};
use super::filing_acts::{meeting_choices, meeting_chosen, meetings};
use super::incidents::due;
use super::{consequence, seeing, wording};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::give;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, download, go, page};
use crate::http::page::upload::Parcel;
use crate::http::page::words::day;
use crate::ismap::documents;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use sekisho_domain::command::{Command, StepIncident, StepMeeting};
use sekisho_domain::day::in_japan;
use sekisho_domain::id::{IncidentId, MeetingId, PersonId};
use sekisho_domain::ismap::chronicle::Chronicle;
use sekisho_domain::ismap::committee::{AgendaItem, MeetingStep};
use sekisho_domain::ismap::incident::{IncidentState, IncidentStep, SchemeIncident};
use sekisho_domain::ismap::rule_document::Citation;
use sekisho_domain::register::Register;

#[derive(Template)]
#[template(path = "ismap/operator/incident.html")]
struct IncidentPage {
    frame: Frame,
    id: String,
    past: Option<String>,
    moment: Field,
    tone: &'static str,
    state: &'static str,
    facts: Vec<(&'static str, String)>,
    /// Label and SHA-256 of each report.
    reports: Vec<(&'static str, String, String)>,
    acts: Acts,
    history: Vec<Past>,
}

fn seen<'r>(
    register: &'r Register,
    person: &PersonId,
    id: &str,
) -> Result<(IncidentId, &'r Chronicle<SchemeIncident>), PageError> {
    let id = IncidentId::new(id).map_err(|_| PageError::Missing)?;
    let chronicle = register.scheme().incidents.get(&id).ok_or(PageError::Missing)?;
    if seeing::told_of(register, person, &chronicle.now().number) {
        Ok((id, chronicle))
    } else {
        Err(PageError::Missing)
    }
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    past: AsOf,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let done = match wanted.done.as_deref() {
        Some("know") => Some("インシデントを記録しました。登録には「インシデント対応中」の印が付きました。"),
        Some("preliminary") => Some("速報を保管しました。"),
        Some("final") => Some("確報を保管しました。"),
        Some("review") => Some("確認を始めました。"),
        Some("close") => Some("完了しました。「インシデント対応中」の印を外しました。"),
        Some("re_audit") => Some("再監査を求めました。「インシデント対応中」の印は、完了にするまで残ります。"),
        Some("suspend") => Some("一時停止の付議を記録しました。「インシデント対応中」の印は、完了にするまで残ります。"),
        Some("added") => {
            Some("一時停止を会議の議題に加えました。「インシデント対応中」の印は、完了にするまで残ります。")
        }
        _ => None,
    };
    let as_of = past.day();
    one(&app, &signed, &id, Shown { as_of, done, act: wanted.act, ..Shown::default() }).await
}

async fn one(app: &App, signed: &SignedIn, id: &str, shown: Shown<'_>) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let (id, chronicle) = seen(&register, signed.person(), id)?;
    let then = match shown.as_of {
        Some(on) => Some(chronicle.as_of(on).ok_or(PageError::Missing)?),
        None => None,
    };
    let incident = then.as_ref().unwrap_or_else(|| chronicle.now());
    let path = format!("/ismap/incidents/{id}");
    let trail = [("/ismap/incidents", "インシデント")];
    let frame = frame(app, signed, &path, incident.title.clone(), &trail).await?;
    let frame = frame.wide().notice(shown.done).wrong(shown.problems.clone());
    let acts = match shown.as_of {
        Some(_) => Acts::none(path.clone()),
        None => Acts::choose(
            path.clone(),
            chronicle.steps().count(),
            all(app, &register, signed, &id, incident, &shown),
            &shown.act,
        ),
    };
    let settings = register.scheme().settings();
    let mut facts = vec![("登録", incident.number.clone())];
    if let Some(row) = register.registration(&incident.number) {
        facts.push(("サービス", format!("{}（{}）", row.service_name, row.csp_name)));
    }
    facts.push(("知った日", day(incident.known_on)));
    facts.extend(incident.preliminary_on.map(|on| ("速報の日", day(on))));
    facts.extend(incident.final_on.map(|on| ("確報の日", day(on))));
    if !incident.state.is_over() {
        let next = match incident.state {
            IncidentState::PrelimDue => "速報の期限",
            IncidentState::FinalDue => "確報の期限",
            _ => "",
        };
        if !next.is_empty() {
            let due = due(incident, settings);
            facts.push((
                next,
                if due == "日数は未設定" {
                    format!("{due}（運営者の設定がないため、期限を計算していません）")
                } else {
                    due
                },
            ));
        }
    }
    let past = shown.as_of.unwrap_or(jiff::civil::Date::MAX);
    let reports = chronicle.steps().filter(|s| in_japan(s.stamp.at) <= past).filter_map(|s| match &s.step {
        IncidentStep::FilePreliminary { sha256 } => Some(("速報", sha256.clone(), day(s.stamp.on))),
        IncidentStep::FileFinal { sha256 } => Some(("確報", sha256.clone(), day(s.stamp.on))),
        _ => None,
    });
    let shown_page = IncidentPage {
        past: shown.as_of.map(day),
        moment: Field::input("date", "as_of", "過去の日の時点"),
        tone: wording::incident_tone(incident.state).class(),
        state: incident.state.label(),
        facts,
        reports: reports.collect(),
        acts,
        history: history::of(app, chronicle, shown.as_of, wording::incident).await?,
        id: id.to_string(),
        frame,
    };
    Ok(page(shown.status, &shown_page))
}

fn command(incident: &IncidentId, said: &step::Said, step: IncidentStep) -> Command {
    Command::StepIncident(StepIncident { incident: incident.clone(), on: said.on, rule: said.rule.clone(), step })
}

/// A hash in its form: what is asked is whether a report would be taken, not which.
fn some_hash() -> String {
    "0".repeat(64)
}

/// A rule document in force, for foreseeing what a step that has to cite one would record.
fn some_rule(register: &Register, today: jiff::civil::Date) -> Option<Citation> {
    let mut documents = register.scheme().rule_documents.all().filter(|(_, d)| d.is_in_force(today));
    documents.next().map(|(id, _)| Citation { document: id.clone(), article: "-".to_owned() })
}

fn all(
    app: &App,
    register: &Register,
    signed: &SignedIn,
    id: &IncidentId,
    incident: &SchemeIncident,
    shown: &Shown<'_>,
) -> Vec<Act> {
    let today = in_japan(app.world.now());
    let nothing = step::Said::default();
    let open = |step: IncidentStep| is_open(app, register, signed, command(id, &nothing, step));
    let with = |key: &str, own: Vec<Field>, cites: Cites| acts::fields(register, today, shown, key, own, cites);
    let foreseen = |step: IncidentStep| {
        let said = step::Said { rule: some_rule(register, today), ..step::Said::default() };
        let would = acts::would(app, register, signed, command(id, &said, step));
        would.map(|entries| consequence::lines(register, &entries)).unwrap_or_default()
    };
    let told = |key: &str| if shown.act == key { shown.problems.clone() } else { Vec::new() };
    const KEPT: &str = "内容はそのまま暗号化して保管し、SHA-256 を台帳に記録します。";
    let mut acts = Vec::new();
    if open(IncidentStep::FilePreliminary { sha256: some_hash() }) {
        let about = "分かっていることを速報として出します。";
        let act = Act::new("preliminary", "速報を出す", about, with("preliminary", vec![], Cites::No));
        acts.push(act.with_file("速報のファイル", KEPT, &told("preliminary")));
    }
    if open(IncidentStep::FileFinal { sha256: some_hash() }) {
        let about = "原因と対策が分かったら、確報を出します。";
        let act = Act::new("final", "確報を出す", about, with("final", vec![], Cites::No));
        acts.push(act.with_file("確報のファイル", KEPT, &told("final")));
    }
    if open(IncidentStep::Review) {
        let about = "確報の内容の確認を始めます。";
        acts.push(Act::new("review", "確認を始める", about, with("review", vec![], Cites::No)));
    }
    if open(IncidentStep::Close) {
        let about = "対応が十分であることを確かめ、完了にします。";
        let act = Act::new("close", "完了にする", about, with("close", vec![], Cites::Must));
        acts.push(act.following(foreseen(IncidentStep::Close)));
    }
    if open(IncidentStep::OrderReAudit) {
        let about = "事業者に再監査（登録規則 13）を求めます。監査は監査の画面で始まります。「インシデント対応中」の印は、完了にするまで残ります。";
        let act = Act::new("re_audit", "再監査を求める", about, with("re_audit", vec![], Cites::Must));
        acts.push(act.following(foreseen(IncidentStep::OrderReAudit)));
    }
    if open(IncidentStep::ProposeSuspension) {
        let mut own = Vec::new();
        let mut about = "登録の一時停止を委員会に求めます。停止するかどうかは委員会が決めます。".to_owned();
        if may_add(app, register, signed, &incident.number) {
            let mut choices = vec![Choice::new("", "（あとで議題に加える）")];
            choices.extend(meeting_choices(register));
            own.push(Field::select("meeting", "議題に加える会議", choices).optional());
        } else {
            about.push_str("会議の議題には、事務局が加えます。");
        }
        let act = Act::new("suspend", "一時停止を付議する", about, with("suspend", own, Cites::Must));
        acts.push(act.following(foreseen(IncidentStep::ProposeSuspension)));
    }
    acts
}

/// Puts the suspension of a registration on the agenda of a meeting.
pub(super) fn add(meeting: &MeetingId, number: &str) -> Command {
    let step = MeetingStep::Add { item: AgendaItem::Registration { number: number.to_owned() } };
    Command::StepMeeting(StepMeeting { meeting: meeting.clone(), on: None, rule: None, public: None, step })
}

/// The person may put the registration on the agenda of a meeting.
pub(super) fn may_add(app: &App, register: &Register, signed: &SignedIn, number: &str) -> bool {
    meetings(register).first().is_some_and(|(meeting, _)| is_open(app, register, signed, add(meeting, number)))
}

fn read(fields: &Fields, problems: &mut Vec<Problem>) -> Option<IncidentStep> {
    Some(match fields.get(acts::ACT) {
        "review" => IncidentStep::Review,
        "close" => IncidentStep::Close,
        "re_audit" => IncidentStep::OrderReAudit,
        "suspend" => IncidentStep::ProposeSuspension,
        _ => {
            problems.push(Problem::at("", "何をするかを選んでください。"));
            return None;
        }
    })
}

pub(super) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let (incident, chronicle) = seen(&register, signed.person(), &id)?;
    let act = fields.get(acts::ACT).to_owned();
    match acts::moved(chronicle, &signed, &fields, wording::incident_key) {
        Moved::No => {}
        Moved::ByThis => return Ok(go(&format!("/ismap/incidents/{incident}?done={act}"))),
        Moved::Otherwise => return one(&app, &signed, &id, Shown::overtaken(&fields)).await,
    }
    let mut problems = Vec::new();
    let said = step::Said::read(&fields, &mut problems);
    let step = read(&fields, &mut problems);
    let number = chronicle.now().number.clone();
    let meeting = meeting_chosen(&register, &fields, &mut problems);
    let (Some(step), true) = (step, problems.is_empty()) else {
        return one(&app, &signed, &id, Shown::again(&fields, problems)).await;
    };
    match give(&app, &signed, command(&incident, &said, step), &said.reason).await? {
        Ok(_) => {}
        Err(refusal) => return one(&app, &signed, &id, Shown::refused(&fields, &refusal, "")).await,
    }
    // A second command: should somebody close the meeting in between, the secretariat still finds the proposal waiting.
    if let (Some(meeting), "suspend") = (meeting, act.as_str())
        && give(&app, &signed, add(&meeting, &number), &said.reason).await?.is_ok()
    {
        return Ok(go(&format!("/ismap/incidents/{incident}?done=added")));
    }
    Ok(go(&format!("/ismap/incidents/{incident}?done={act}")))
}

/// 速報 or 確報, as a file.
pub(super) async fn upload(
    State(app): State<App>,
    Path(id): Path<String>,
    Parcel { signed, fields, file }: Parcel,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let (incident, chronicle) = seen(&register, signed.person(), &id)?;
    let act = fields.get(acts::ACT).to_owned();
    match acts::moved(chronicle, &signed, &fields, wording::incident_key) {
        Moved::No => {}
        Moved::ByThis => return Ok(go(&format!("/ismap/incidents/{incident}?done={act}"))),
        Moved::Otherwise => return one(&app, &signed, &id, Shown::overtaken(&fields)).await,
    }
    let mut problems = Vec::new();
    let said = step::Said::read(&fields, &mut problems);
    let bytes = acts::chosen(file, "報告書", &mut problems);
    let sha256 = bytes.as_ref().map(|bytes| documents::sha256(bytes)).unwrap_or_default();
    let step = match act.as_str() {
        "preliminary" => Some(IncidentStep::FilePreliminary { sha256: sha256.clone() }),
        "final" => Some(IncidentStep::FileFinal { sha256: sha256.clone() }),
        _ => {
            problems.push(Problem::at("", "何をするかを選んでください。"));
            None
        }
    };
    if let (Some(bytes), Some(step), true) = (bytes, step, problems.is_empty()) {
        let command = command(&incident, &said, step);
        match acts::give_file(&app, &signed, command, &said.reason, &bytes).await? {
            Ok(()) => return Ok(go(&format!("/ismap/incidents/{incident}?done={act}"))),
            Err(refusal) => problems.push(Problem::refused(acts::at(&refusal, "upload"), &refusal)),
        }
    }
    one(&app, &signed, &id, Shown::again(&fields, problems)).await
}

/// A report as it was kept.
pub(super) async fn document(
    State(app): State<App>,
    Seen(signed): Seen,
    Path((id, sha256)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let (incident, chronicle) = seen(&register, signed.person(), &id)?;
    let belongs = chronicle.steps().any(|s| match &s.step {
        IncidentStep::FilePreliminary { sha256: own } | IncidentStep::FileFinal { sha256: own } => *own == sha256,
        _ => false,
    });
    if !belongs {
        return Err(PageError::Missing);
    }
    let bytes = documents::open(&app, &sha256).await?;
    Ok(download("application/octet-stream", &format!("report-{incident}"), bytes))
}
