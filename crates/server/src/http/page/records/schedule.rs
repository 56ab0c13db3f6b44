//! 保存期間表: one line for 未判定, one for 個人的メモ, and one for each 業務 that the body keeps for another time.

use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::give;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::list::Asked;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use sekisho_domain::command::{Command, SetRetention};
use sekisho_domain::id::PermitId;
use sekisho_domain::person::Role;
use sekisho_domain::records::retention::{Line, Schedule, ShortGround, Term, Years};
use sekisho_domain::register::Register;

#[derive(Template)]
#[template(path = "records/schedule.html")]
struct SchedulePage {
    frame: Frame,
    rows: Vec<Row>,
    fields: Vec<Field>,
}

struct Row {
    line: String,
    term: String,
    by: &'static str,
}

fn name(register: &Register, line: &Line) -> String {
    match line {
        Line::Undetermined => "未判定（だれも区分していない利用）".to_owned(),
        Line::Memo => "個人的メモ".to_owned(),
        Line::Permit(id) => {
            let purpose = register.permit(id).map_or_else(|| id.to_string(), |p| p.draft.purpose.clone());
            format!("業務「{purpose}」（{id}）")
        }
    }
}

/// What a select offers as terms, and how it is read back.
pub(super) fn terms(short: bool) -> Vec<Choice> {
    let years = Years::ALL.map(|years| Choice::new(format!("y{}", years.number()), format!("{}年", years.number())));
    let mut all = years.to_vec();
    if short {
        all.push(Choice::new("days", "1年未満（下に日数と類型）"));
    }
    all
}

/// The fields of a term below a year.
pub(super) fn short_fields(given: &Fields, told: &[Problem]) -> Vec<Field> {
    let grounds = ShortGround::ALL.map(|ground| {
        let read = if ground.was_read() { "" } else { "（要確認）" };
        Choice::new(ground.as_str(), format!("{}{read}", ground.label()))
    });
    vec![
        Field::input("number", "days", "1年未満のときの日数").optional().value(given.get("days")).told(told),
        Field::select("ground", "1年未満とできる類型", grounds.to_vec())
            .optional()
            .help("1年未満とできるのは、意思決定の過程や事務の実績の跡付けに要らないものに限られます。")
            .value(given.get("ground"))
            .told(told),
    ]
}

/// The term that was chosen.
pub(super) fn term(fields: &Fields, wrong: &mut Vec<Problem>) -> Option<Term> {
    let chosen = fields.get("term");
    if let Some(years) = chosen.strip_prefix('y').and_then(|n| n.parse::<u8>().ok()) {
        return Years::try_from(years).ok().map(Term::Years);
    }
    if chosen != "days" {
        wrong.push(Problem::at("term", "一覧から選んでください。"));
        return None;
    }
    let days = fields.line("days").parse().ok();
    if days.is_none() {
        wrong.push(Problem::at("days", "日数を 1 から 364 の数字で入力してください。"));
    }
    let ground = ShortGround::ALL.into_iter().find(|ground| ground.as_str() == fields.get("ground"));
    if ground.is_none() {
        wrong.push(Problem::at("ground", "一覧から選んでください。"));
    }
    Some(Term::Days { days: days?, ground: ground? })
}

async fn form(
    app: &App,
    signed: &SignedIn,
    done: Option<&str>,
    given: &Fields,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let schedule = register.records().ground().schedule();
    let mut lines: Vec<Line> = vec![Line::Undetermined, Line::Memo];
    lines.extend(schedule.lines().map(|(line, _)| line.clone()).filter(|line| matches!(line, Line::Permit(_))));
    let set = |line: &Line| schedule.lines().any(|(known, _)| known == line);
    let rows = lines.iter().map(|line| Row {
        line: name(&register, line),
        term: schedule.line(line).label(),
        by: if set(line) { "この組織の定め" } else { "本プログラムの案（要確認）" },
    });
    let rows = rows.collect();
    let mut offered =
        vec![Choice::new("undetermined", "未判定（だれも区分していない利用）"), Choice::new("memo", "個人的メモ")];
    let mut permits: Vec<_> = register.permits().collect();
    permits.sort_by(|one, other| one.draft.purpose.cmp(&other.draft.purpose));
    offered.extend(
        permits.iter().map(|p| {
            Choice::new(format!("permit:{}", p.permit), format!("業務「{}」（{}）", p.draft.purpose, p.permit))
        }),
    );
    let status = Problem::status(&problems);
    let frame = Frame::new(app, Some(signed), "/records", "保存期間表").await?;
    let notice = (done == Some("set")).then_some("保存期間を定めました。次に作る廃棄簿から、この期間で数えます。");
    let frame = frame.below(&[("/", "ホーム"), ("/records", "文書管理")]).notice(notice).wrong(problems);
    let told = &frame.problems;
    let mut offered_terms = terms(true);
    offered_terms.push(Choice::new("default", "定めを外す（業務は未判定の行に、ほかは本プログラムの案の 1 年に戻る）"));
    let mut fields = Vec::new();
    if register.holds_any(signed.person(), &[Role::RecordsManager]) {
        fields.push(Field::select("line", "対象", offered).value(given.get("line")).told(told));
        fields.push(Field::select("term", "保存期間", offered_terms).value(given.get("term")).told(told));
        fields.extend(short_fields(given, told));
        fields.push(
            Field::text("reason", "理由・根拠", "off")
                .help("この組織の保存期間表の番号など。1年未満とするときは必ず書きます。台帳に残ります。")
                .optional()
                .value(given.get("reason"))
                .told(told),
        );
    }
    Ok(page(status, &SchedulePage { frame, rows, fields }))
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    form(&app, &signed, asked.done.as_deref(), &Fields::default(), Vec::new()).await
}

fn described(fields: &Fields) -> Result<Command, Vec<Problem>> {
    let mut wrong = Vec::new();
    let line = match fields.get("line").split_once(':') {
        Some(("permit", id)) => PermitId::new(id).ok().map(Line::Permit),
        _ if fields.get("line") == "undetermined" => Some(Line::Undetermined),
        _ if fields.get("line") == "memo" => Some(Line::Memo),
        _ => None,
    };
    if line.is_none() {
        wrong.push(Problem::at("line", "一覧から選んでください。"));
    }
    let term = if fields.get("term") == "default" { Some(None) } else { term(fields, &mut wrong).map(Some) };
    match (line, term) {
        (Some(line), Some(term)) => Ok(Command::SetRetention(SetRetention { line, term })),
        _ => Err(wrong),
    }
}

pub(super) async fn submit(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let problems = match described(&fields) {
        Err(problems) => problems,
        Ok(command) => match give(&app, &signed, command, fields.line("reason")).await? {
            Ok(_) => return Ok(go("/records/schedule?done=set")),
            Err(refusal) => vec![Problem::refused("", &refusal)],
        },
    };
    form(&app, &signed, None, &fields, problems).await
}

/// The program's own proposal, for people.
pub(super) fn proposal() -> String {
    Schedule::UNDETERMINED.label()
}
