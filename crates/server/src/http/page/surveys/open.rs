//! Opening a survey: the program's questions, as the body changed them.

use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::{ONCE, give_named, named_once, once};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice as Pick, Field, Frame, Problem, go, page};
use crate::http::page::words::Departments;
use crate::survey::standard;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jiff::ToSpan as _;
use jiff::civil::Date;
use sekisho_domain::command::{Command, OpenSurvey};
use sekisho_domain::day::in_japan;
use sekisho_domain::id::DepartmentId;
use sekisho_domain::permit::UserRange;
use sekisho_domain::register::Register;
use sekisho_domain::survey::{Choice, Form, Question, Questionnaire};
use std::collections::BTreeSet;

/// Questions a form has room for.
const ROOM: usize = 10;
/// Days a survey is open when nothing else is said.
const DAYS: i64 = 14;
/// The version of questions that a body changed.
const OWN: &str = "own";

#[derive(Template)]
#[template(path = "surveys/new.html")]
struct NewPage {
    frame: Frame,
    once: String,
    version: &'static str,
    fields: Vec<Field>,
    questions: Vec<(usize, Vec<Field>)>,
}

pub(super) async fn form(State(app): State<App>, Seen(signed): Seen) -> Result<Response, PageError> {
    render(&app, &signed, None, Vec::new()).await
}

fn by(form: &Form) -> &'static str {
    match form {
        Form::One { .. } => "one",
        Form::Many { .. } => "many",
        Form::Words => "words",
    }
}

async fn render(
    app: &App,
    signed: &SignedIn,
    typed: Option<&Fields>,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let names = Departments::all(app).await?;
    let today = in_japan(app.world.now());
    let text = |name: &str, default: String| typed.map_or(default, |fields| fields.text(name));
    let until = today.checked_add(DAYS.days()).unwrap_or(today);
    let counts = register.people_by_department();
    let mut departments: Vec<Pick> = register
        .departments()
        .map(|one| {
            let people = counts.get(&one.department).copied().unwrap_or_default();
            Pick::new(one.department.as_str(), format!("{}（{people} 人）", names.get(&one.department)))
        })
        .collect();
    departments.sort_by(|one, other| one.label.cmp(&other.label));
    departments.insert(0, Pick::new("", format!("全員（{} 人）", register.active_people())));
    let fields = vec![
        Field::text("title", "題名", "off")
            .value(&text("title", "生成AIの利用についてのアンケート".to_owned()))
            .told(&problems),
        Field::select("department", "対象", departments)
            .help("部局を選ぶと、その下の部局も含みます。対象者数は、始めたときの人数です。")
            .value(&text("department", String::new()))
            .told(&problems),
        Field::input("date", "from", "初日").value(&text("from", today.to_string())).told(&problems),
        Field::input("date", "until", "末日").value(&text("until", until.to_string())).told(&problems),
    ];
    let forms = [("one", "一つ選ぶ"), ("many", "すべて選ぶ"), ("words", "自由に書く")];
    let question = |number: usize| {
        let standard = standard().questions.get(number - 1);
        let labels = |question: &Question| {
            question.choices().iter().map(|choice| choice.label.as_str()).collect::<Vec<_>>().join("\n")
        };
        let of = |part: &str, default: Option<String>| text(&format!("q{number}-{part}"), default.unwrap_or_default());
        let kinds = forms.map(|(key, label)| Pick::new(key, label)).to_vec();
        let fields = vec![
            Field::area(format!("q{number}-text"), format!("質問 {number}"), 2)
                .optional()
                .value(&of("text", standard.map(|one| one.text.clone())))
                .told(&problems),
            Field::select(format!("q{number}-by"), format!("質問 {number} の答え方"), kinds)
                .value(&of("by", standard.map(|one| by(&one.form).to_owned())))
                .told(&problems),
            Field::area(format!("q{number}-choices"), format!("質問 {number} の選択肢"), 4)
                .help("一行に一つ書きます。自由に書く質問では空にします。")
                .optional()
                .value(&of("choices", standard.map(labels)))
                .told(&problems),
        ];
        (number, fields)
    };
    let questions = (1..=ROOM).map(question).collect();
    let status = Problem::status(&problems);
    let frame = Frame::new(app, Some(signed), "/surveys", "アンケートを始める").await?;
    let shown = NewPage {
        frame: frame.below(&[("/", "ホーム"), ("/surveys", "アンケート")]).wrong(problems),
        once: typed.map_or_else(|| once(app), |fields| fields.get(ONCE).to_owned()),
        version: &standard().version,
        fields,
        questions,
    };
    Ok(page(status, &shown))
}

/// The questions of a form. One that is asked as the program asks it keeps its names, so that surveys can be compared.
fn questionnaire(fields: &Fields, problems: &mut Vec<Problem>) -> Questionnaire {
    let mut questions = Vec::new();
    for number in 1..=ROOM {
        let text = fields.line(&format!("q{number}-text")).replace("\r\n", " ").replace('\n', " ");
        if text.is_empty() {
            continue;
        }
        let choices = fields.text(&format!("q{number}-choices"));
        let labels: Vec<&str> = choices.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let kind = fields.get(&format!("q{number}-by"));
        let known = standard().questions.iter().find(|one| {
            one.text == text
                && by(&one.form) == kind
                && one.choices().iter().map(|c| c.label.as_str()).eq(labels.iter().copied())
        });
        if let Some(known) = known {
            questions.push(known.clone());
            continue;
        }
        let choices = || {
            let choice =
                |(at, label): (usize, &&str)| Choice { id: format!("c{}", at + 1), label: (*label).to_owned() };
            labels.iter().enumerate().map(choice).collect::<Vec<_>>()
        };
        let form = match kind {
            "one" | "many" if labels.len() < 2 => {
                let at = format!("q{number}-choices");
                problems.push(Problem::at(at, "選択肢を一行に一つ、二つ以上書いてください。"));
                continue;
            }
            "one" => Form::One { choices: choices() },
            "many" => Form::Many { choices: choices() },
            "words" if labels.is_empty() => Form::Words,
            "words" => {
                let at = format!("q{number}-choices");
                problems.push(Problem::at(at, "自由に書く質問では、選択肢を空にしてください。"));
                continue;
            }
            _ => {
                problems.push(Problem::at(format!("q{number}-by"), "答え方を選んでください。"));
                continue;
            }
        };
        questions.push(Question { id: format!("q{number}"), text, form });
    }
    let standard = standard();
    let version = if questions == standard.questions { standard.version.clone() } else { OWN.to_owned() };
    Questionnaire { version, questions }
}

/// Who is asked: a department, or everyone by the departments that stand at the top.
fn range(register: &Register, department: &str) -> Option<UserRange> {
    let departments: BTreeSet<DepartmentId> = if department.is_empty() {
        let top = register.departments().filter(|one| one.parent.is_none());
        top.map(|one| one.department.clone()).collect()
    } else {
        let id = DepartmentId::new(department).ok().filter(|id| register.department(id).is_some())?;
        BTreeSet::from([id])
    };
    Some(UserRange { departments, ..UserRange::default() })
}

pub(super) async fn submit(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let mut problems = Vec::new();
    let title = fields.line("title").to_owned();
    if title.is_empty() {
        problems.push(Problem::at("title", "題名を入力してください。"));
    }
    let users = range(&register, fields.get("department"));
    if users.is_none() {
        problems.push(Problem::at("department", "対象を一覧から選んでください。"));
    }
    let day = |name: &str| fields.line(name).parse::<Date>().ok();
    let (from, until) = (day("from"), day("until"));
    for (name, day) in [("from", from), ("until", until)] {
        if day.is_none() {
            problems.push(Problem::at(name, "日付を 2026-11-25 のような形で入力してください。"));
        }
    }
    let questionnaire = questionnaire(&fields, &mut problems);
    let (Some(users), Some(from), Some(until), true) = (users, from, until, problems.is_empty()) else {
        return render(&app, &signed, Some(&fields), problems).await;
    };
    let command = Command::OpenSurvey(OpenSurvey { title, questionnaire, users, from, until });
    let fresh = named_once(&app, &signed, &fields);
    let survey = format!("survey-{fresh}");
    match give_named(&app, &signed, command, "アンケートの開始", fresh, vec![]).await? {
        Ok(_) => Ok(go(&format!("/surveys/{survey}?done=opened"))),
        // The same form sent twice opened one survey.
        Err(refusal) if refusal.code == "EXISTS" => Ok(go(&format!("/surveys/{survey}"))),
        Err(refusal) => render(&app, &signed, Some(&fields), vec![Problem::refused("", &refusal)]).await,
    }
}
