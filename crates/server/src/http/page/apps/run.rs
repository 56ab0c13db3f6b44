//! One app: what it is for, its form, and its answer.

use super::answer::Html;
use super::controls::{Control, accept, controls, given};
use super::received::Received;
use super::refused::{Refused, Stop};
use crate::account::SignedIn;
use crate::app::catalog::{self, Kind, Listed};
use crate::app::form::Value;
use crate::app::guide::{self, Block};
use crate::app::protocol::Said;
use crate::app::way::{Way, ways};
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Choice, Field, Frame, Problem, page};
use crate::http::page::words::{self, Names};
use crate::research::{self, Asker, NotGathered};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::day::in_japan;
use sekisho_domain::grade::{Grade, GradeScale};
use sekisho_domain::register::Register;
use sekisho_domain::usage::FindingCount;
use sekisho_gate::call::{Call, Narrowing, Passed, Stopped};
use sekisho_gate::examine::title;
use sekisho_gate::identify::Caller;
use sekisho_gate::upstream::Endpoint;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "apps/run.html")]
struct RunPage {
    frame: Frame,
    id: String,
    kind: &'static str,
    author: String,
    may_edit: bool,
    outside: bool,
    overview: Vec<Block>,
    usage: Vec<Block>,
    controls: Vec<Control>,
    files: bool,
    way: WayControl,
    grade: Field,
    reason: Field,
    answer: Option<Answer>,
    refused: Option<Refused>,
}

/// The one control for 業務 and service.
enum WayControl {
    /// No permit reaches it; the way to apply.
    None(String),
    /// The only one.
    One { value: String, words: String },
    /// One of several.
    Many(Box<Field>),
}

struct Answer {
    html: Html,
    use_id: String,
    found: Vec<String>,
    masked: Vec<&'static str>,
    in_answer: Vec<String>,
}

#[derive(Deserialize)]
pub(in crate::http::page) struct Done {
    #[serde(default)]
    done: Option<String>,
}

/// What stands on the page besides the app itself.
#[derive(Default)]
struct Shown {
    given: Vec<(String, Value)>,
    way: String,
    grade: String,
    reason: String,
    problems: Vec<Problem>,
    answer: Option<Answer>,
    refused: Option<Refused>,
}

/// The app and the person, on one register.
struct Seat<'a> {
    app: &'a App,
    signed: &'a SignedIn,
    register: &'a Register,
    listed: &'a Listed,
    ways: &'a [Way],
}

pub(in crate::http::page) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Done>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let listed = catalog::find(&app, &register, signed.person(), today, &id).await?.ok_or(PageError::Missing)?;
    let ways = ways(&register, signed.person(), today, listed.outside.as_ref().map(|model| model.as_str()));
    let shown = Shown { given: listed.app.form.defaults(), ..Shown::default() };
    let notice = match asked.done.as_deref() {
        Some("kept") => Some("アプリを保存しました。"),
        Some("asked") => Some("共有の審査を依頼しました。承認されると、選んだ部局の人が使えるようになります。"),
        Some("unshared") => Some("共有をやめました。"),
        Some("outside") => Some("外部アプリを登録しました。使うには、このサービスの利用申請と承認が必要です。"),
        _ => None,
    };
    let seat = Seat { app: &app, signed: &signed, register: &register, listed: &listed, ways: &ways };
    seat.page(StatusCode::OK, shown, notice).await
}

pub(in crate::http::page) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Received { signed, fields, files }: Received,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let person = signed.person();
    let listed = catalog::find(&app, &register, person, today, &id).await?.ok_or(PageError::Missing)?;
    let ways = ways(&register, person, today, listed.outside.as_ref().map(|model| model.as_str()));
    let seat = Seat { app: &app, signed: &signed, register: &register, listed: &listed, ways: &ways };
    let mut shown = Shown {
        given: given(&listed.app.form, &fields, files),
        way: fields.get("way").to_owned(),
        grade: fields.get("grade").to_owned(),
        reason: fields.line("reason").to_owned(),
        ..Shown::default()
    };
    // In the order of the page: the first thing that is said is the first thing to mend.
    let inputs = match accept(&listed.app.form, &shown.given) {
        Ok(inputs) => Some(inputs),
        Err(problems) => {
            shown.problems.extend(problems);
            None
        }
    };
    let way = ways.iter().find(|way| value_of(way) == shown.way);
    if way.is_none() {
        let text = "使う業務を選んでください。画面を開いた後に承認が変わったときは、いま使えるものだけが並んでいます。";
        shown.problems.push(Problem::at("way", text));
    }
    if scale(&register).parse(&shown.grade).is_err() {
        shown.problems.push(Problem::at("grade", "入力する情報の格付を選んでください。"));
    }
    let confirming = fields.get("send") == "confirm";
    if confirming && shown.reason.is_empty() {
        shown.problems.push(Problem::at("reason", "確認のうえ送る理由を入力してください。"));
    }
    let (Some(way), Some(inputs), true) = (way, inputs, shown.problems.is_empty()) else {
        return seat.page(StatusCode::UNPROCESSABLE_ENTITY, shown, None).await;
    };
    let narrowing = Narrowing {
        permit: Some(way.permit.to_string()),
        grade: Some(shown.grade.clone()),
        confirm: confirming.then(|| fields.get("confirm").to_owned()),
        reason: confirming.then(|| shown.reason.clone()),
        ..Narrowing::default()
    };
    let caller = Caller::at_browser(person.clone(), &listed.id);
    let looks_up = if listed.kind == Kind::BuiltIn { &*listed.id } else { "" };
    let asker = Asker { caller: &caller, narrowing: &narrowing };
    let gathered = match research::gather(&app, looks_up, &inputs, today, asker).await {
        Ok(gathered) => gathered,
        Err(error) => {
            if !matches!(error, NotGathered::Asked(_)) {
                tracing::error!(%error, "nothing could be looked up");
            }
            // As in the protocol: nothing was asked of a model, and that it was tried is recorded.
            let problem = error.unsearched();
            let endpoint = sekisho_gate::pipeline::name(Endpoint::ChatCompletions);
            return match app.gate.refuse_unread(&caller, endpoint, 0, problem).await {
                Stopped::Unreadable { id, problem } => {
                    let key = problem.param.as_deref().and_then(|param| param.strip_prefix("inputs."));
                    let at = key.map(super::controls::id_of).unwrap_or_default();
                    shown.problems.push(Problem::at(at, format!("{}（利用番号 {id}）", problem.ja)));
                    seat.page(StatusCode::UNPROCESSABLE_ENTITY, shown, None).await
                }
                _ => Err(PageError::Unavailable),
            };
        }
    };
    let request = research::request(&listed.app, &inputs, &way.model, gathered.as_ref());
    let call =
        Call { caller, endpoint: Endpoint::ChatCompletions, body: request.body.clone().into(), narrowing, trace: None };
    match app.gate.pass(call).await {
        Ok(Passed::Whole { id, answer, told }) => {
            let said = research::shown(&app, &register, &way.model, gathered, Said::read(&answer.body)).await;
            let said = said.map_err(|error| {
                tracing::error!(%error, "the answer could not be held against its sources");
                PageError::Inside
            })?;
            shown.reason.clear();
            shown.answer = Some(Answer {
                html: super::answer::shown(&said.text),
                use_id: id.to_string(),
                found: counted(&told.request),
                masked: told.masked.iter().map(|rule| title(rule)).collect(),
                in_answer: counted(&told.answer),
            });
            seat.page(StatusCode::OK, shown, None).await
        }
        Ok(Passed::Stream { .. }) => {
            tracing::error!("a stream came though none was asked for");
            Err(PageError::Inside)
        }
        Err(Stopped::Refused { id, decision, found, confirm }) => {
            let stop = Stop { use_id: id.as_str(), decision: &decision, found: &found, confirm };
            shown.refused = Some(Refused::new(stop, &listed.app.form, &inputs, &request, way, &shown.grade));
            seat.page(StatusCode::FORBIDDEN, shown, None).await
        }
        Err(Stopped::Unreadable { id, problem }) => {
            // A file that cannot be read is told at its field.
            let field = problem.param.as_deref().and_then(|path| request.field_of(path, None));
            let field = field.map(|(key, _)| super::controls::id_of(key)).unwrap_or_default();
            shown.problems.push(Problem::at(field, format!("{}（利用番号 {id}）", problem.ja)));
            seat.page(StatusCode::UNPROCESSABLE_ENTITY, shown, None).await
        }
        Err(Stopped::Upstream { id, explained }) => {
            let text = format!("{}（利用番号 {id}）入力した内容は残っています。", explained.message);
            shown.problems.push(Problem::at("", text));
            seat.page(StatusCode::BAD_GATEWAY, shown, None).await
        }
        Err(Stopped::Unavailable { inside }) => {
            tracing::error!(inside, "ledger unavailable");
            Err(PageError::Unavailable)
        }
    }
}

impl Seat<'_> {
    async fn page(
        &self,
        status: StatusCode,
        shown: Shown,
        notice: Option<&'static str>,
    ) -> Result<Response, PageError> {
        let Self { app, signed, register, listed, ways } = self;
        let scale = scale(register);
        let levels = scale.levels().iter().map(|level| Choice::new(level.code.clone(), level.label.clone()));
        let grade = if shown.grade.is_empty() { scale.level(Grade::default()).code.clone() } else { shown.grade };
        let grade = Field::select("grade", "入力する情報の格付", levels.collect())
            .help("いちばん重い情報に合わせます。表示や内容からより高い格付と分かったときは、そちらで判断します。")
            .value(&grade)
            .told(&shown.problems);
        let reason = Field::text("reason", "確認のうえ送る理由", "off")
            .help("台帳に残ります。個人の情報は書かないでください。")
            .value(&shown.reason)
            .told(&shown.problems);
        let author = match &listed.author {
            Some(author) if listed.kind == Kind::Shared => Names::of(app, [author]).await?.get(author),
            _ => String::new(),
        };
        let path = format!("/apps/{}", listed.id);
        let frame = Frame::new(app, Some(signed), &path, listed.app.name.clone()).await?;
        let frame = frame.below(&[("/", "ホーム"), ("/apps", "アプリ")]).notice(notice);
        let run = RunPage {
            id: listed.id.clone(),
            kind: listed.kind.label(),
            author,
            may_edit: listed.author.as_ref() == Some(signed.person()),
            outside: listed.outside.is_some(),
            overview: guide::read(&listed.app.overview),
            usage: guide::read(&listed.app.usage),
            controls: controls(&listed.app.form, &shown.given, &shown.problems),
            files: listed.app.form.takes_files(),
            way: self.way(&shown.way, &shown.problems, ways),
            grade,
            reason,
            answer: shown.answer,
            refused: shown.refused,
            frame: frame.wrong(shown.problems),
        };
        Ok(page(status, &run))
    }

    fn way(&self, chosen: &str, problems: &[Problem], ways: &[Way]) -> WayControl {
        let words = |way: &Way| {
            let ceiling = words::grade(self.register, way.ceiling);
            format!("{}（{}、{ceiling}まで）", way.purpose, way.service_name)
        };
        match ways {
            [] => {
                let model = self.listed.outside.as_ref().map(|model| model.as_str());
                let service = model.and_then(|model| self.register.service_of_model(model));
                WayControl::None(match service {
                    Some(record) => format!("/apply?service={}", record.service.service),
                    None => "/apply".to_owned(),
                })
            }
            [way] => WayControl::One { value: value_of(way), words: words(way) },
            many => {
                let mut choices = vec![Choice::new("", "選んでください")];
                choices.extend(many.iter().map(|way| Choice::new(value_of(way), words(way))));
                let field = Field::select("way", "使う業務", choices)
                    .help("承認された業務から選びます。選んだ業務の範囲で使ってください。");
                WayControl::Many(Box::new(field.value(chosen).told(problems)))
            }
        }
    }
}

/// A way as the form sends it; a permit's name has no blank.
fn value_of(way: &Way) -> String {
    format!("{} {}", way.permit, way.model)
}

fn scale(register: &Register) -> GradeScale {
    register.organization().map_or_else(GradeScale::national, |body| body.grades.clone())
}

fn counted(counts: &[FindingCount]) -> Vec<String> {
    counts.iter().map(|one| format!("{}（{} 件）", title(&one.rule), one.count)).collect()
}
