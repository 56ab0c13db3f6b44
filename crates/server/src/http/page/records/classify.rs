//! What the content of one use is: 行政文書 or 個人的メモ, said on the page of its record.

use super::schedule::{proposal, short_fields, term, terms};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::give;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::oversight::exact;
use crate::http::page::words::{self, Departments};
use crate::records::with_facts;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use sekisho_domain::command::{ClassifyRecord, Command};
use sekisho_domain::id::UseId;
use sekisho_domain::person::Role;
use sekisho_domain::records::made::Made;
use sekisho_domain::records::retention::{Status, Term};
use sekisho_domain::register::Register;
use sekisho_store::ReadError;
use serde::Deserialize;

/// The part of a record's page that speaks of its keeping.
pub(in crate::http::page) struct OfRecord {
    pub(in crate::http::page) status: &'static str,
    /// Its title, if it is a document.
    pub(in crate::http::page) title: String,
    pub(in crate::http::page) term: String,
    pub(in crate::http::page) until: String,
    pub(in crate::http::page) held: Option<String>,
    pub(in crate::http::page) why: String,
    pub(in crate::http::page) action: String,
    /// Empty when nothing can be said by the one who looks.
    pub(in crate::http::page) fields: Vec<Field>,
}

/// Who looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http::page) enum By {
    /// Whose use it is, or somebody who reads single records.
    Person {
        /// Their own.
        mine: bool,
    },
    /// Who keeps the records, and is not told whose use it is.
    Keeper,
}

/// What a page says of the keeping of a use's content.
pub(in crate::http::page) fn of_record(
    register: &Register,
    signed: &SignedIn,
    made: &Made,
    by: By,
    problems: &[Problem],
) -> OfRecord {
    let ground = register.records().ground();
    let found = ground.classification(&made.of);
    let keeps = register.holds(signed.person(), Role::RecordsManager);
    let mine = by == By::Person { mine: true };
    let document = matches!(found.map(|found| &found.status), Some(Status::OfficialDocument { .. }));
    let may = !register.records().is_erased(made) && ((keeps && by == By::Keeper) || (mine && (keeps || !document)));
    let fields = if may {
        let mut kinds = vec![
            Choice::new("document", "行政文書として登録する"),
            Choice {
                help: "自分だけが使い、意思決定の経緯の跡付けにも要らないもの。".to_owned(),
                ..Choice::new("memo", "個人的メモとする")
            },
        ];
        if found.is_some() {
            kinds.push(Choice::new("undetermined", "未判定に戻す"));
        }
        let none = Fields::default();
        let mut fields = vec![
            Field::radio("status", "区分", kinds).value("document").told(problems),
            Field::text("title", "文書の名称", "off")
                .optional()
                .help("行政文書として登録するときに書きます。台帳に残ります。")
                .told(problems),
            Field::select("term", "保存期間", terms(keeps)).value(&as_scheduled(ground.term(made))).told(problems),
        ];
        if keeps {
            fields.extend(short_fields(&none, problems));
        }
        fields.push(
            Field::checks(
                "memo",
                "個人的メモとするときの確認",
                vec![
                    Choice::new("shared", "ほかの人と共有している、またはほかの人も使う"),
                    Choice::new("traces", "意思決定の経緯や事務の実績を示している"),
                ],
            )
            .optional()
            .help("当てはまるものを選びます。どれかに当てはまるものは、個人的メモにできません。")
            .told(problems),
        );
        fields.push(
            Field::text("reason", "理由", "off")
                .optional()
                .help("個人的メモとするときは必ず書きます。台帳に残ります。")
                .told(problems),
        );
        fields
    } else {
        Vec::new()
    };
    let status = found.map_or("未判定（行政文書として扱います）", |found| found.status.label());
    OfRecord {
        status,
        title: match found.map(|found| &found.status) {
            Some(Status::OfficialDocument { title, .. }) => title.clone(),
            _ => String::new(),
        },
        term: ground.term(made).label(),
        until: words::day(ground.kept_until(made)),
        // What a hold is called may tell the person that somebody looks into what they did.
        held: ground.held_by(made).map(|held| if mine { "廃棄が停止されています。".to_owned() } else { held }),
        why: found.map_or_else(
            || format!("だれも区分していません（何も定めなければ {}）。", proposal()),
            |f| f.reason.clone(),
        ),
        action: format!("/{}/uses/{}/classify", if mine { "me" } else { "records" }, made.of),
        fields,
    }
}

/// The choice of a term in the form.
fn as_scheduled(term: Term) -> String {
    match term {
        Term::Years(years) => format!("y{}", years.number()),
        Term::Days { .. } => "y1".to_owned(),
    }
}

fn described(fields: &Fields, of: UseId) -> Result<Command, Vec<Problem>> {
    let mut wrong = Vec::new();
    let status = match fields.get("status") {
        "memo" => {
            let ticked = fields.chosen("memo");
            Some(Status::PersonalMemo {
                shared: ticked.contains(&"shared"),
                traces_decision: ticked.contains(&"traces"),
            })
        }
        "undetermined" => Some(Status::Undetermined),
        "document" => {
            let title = fields.line("title").to_owned();
            if title.is_empty() {
                wrong.push(Problem::at("title", "文書の名称を入力してください。"));
            }
            term(fields, &mut wrong).map(|term| Status::OfficialDocument { title, term })
        }
        _ => {
            wrong.push(Problem::at("status", "一覧から選んでください。"));
            None
        }
    };
    match status {
        Some(status) if wrong.is_empty() => Ok(Command::ClassifyRecord(ClassifyRecord { of, status, made: None })),
        _ => Err(wrong),
    }
}

/// `None` when it is done.
async fn said(app: &App, signed: &SignedIn, id: &str, fields: &Fields) -> Result<Option<Vec<Problem>>, PageError> {
    let of = UseId::new(id).map_err(|_| PageError::Missing)?;
    let command = match described(fields, of) {
        Ok(command) => command,
        Err(problems) => return Ok(Some(problems)),
    };
    let command = match with_facts(app, command).await {
        Ok(command) => command,
        Err(ReadError::Missing(_)) => return Err(PageError::Missing),
        Err(error) => return Err(error.into()),
    };
    Ok(give(app, signed, command, fields.line("reason"))
        .await?
        .err()
        .map(|refusal| vec![Problem::refused("", &refusal)]))
}

pub(super) async fn mine(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    // Another's use is a page that is not there, before anything is said about it.
    let of = UseId::new(&id).map_err(|_| PageError::Missing)?;
    if &made(&app, &of).await?.person != signed.person() {
        return Err(PageError::Missing);
    }
    match said(&app, &signed, &id, &fields).await? {
        None => Ok(go(&format!("/me/uses/{id}?done=classified#records"))),
        Some(problems) => crate::http::page::oversight::record_again(&app, &signed, &id, problems).await,
    }
}

#[derive(Template)]
#[template(path = "records/uses.html")]
struct FindPage {
    frame: Frame,
    of: Field,
}

#[derive(Template)]
#[template(path = "records/use.html")]
struct UsePage {
    frame: Frame,
    of: String,
    at: String,
    department: String,
    purpose: String,
    service: String,
    records: OfRecord,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    of: String,
    done: Option<String>,
}

/// What retention asks of a use; what is not there is a page that is not there.
async fn made(app: &App, of: &UseId) -> Result<Made, PageError> {
    match app.store.made(of).await {
        Ok(made) => Ok(made),
        Err(ReadError::Missing(_)) => Err(PageError::Missing),
        Err(error) => Err(error.into()),
    }
}

/// Finds a use by its identifier: whoever keeps records is not shown who used what.
pub(super) async fn find(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let mut problems = Vec::new();
    let typed = wanted.of.trim();
    if let Ok(of) = UseId::new(typed) {
        match made(&app, &of).await {
            Ok(_) => return Ok(go(&format!("/records/uses/{of}"))),
            Err(PageError::Missing) => {}
            Err(error) => return Err(error),
        }
    }
    if !typed.is_empty() {
        problems.push(Problem::at("of", "その利用の記録はありません。識別子を確かめてください。"));
    }
    let status = Problem::status(&problems);
    let frame = Frame::new(&app, Some(&signed), "/records", "利用の区分").await?;
    let frame = frame.below(&[("/", "ホーム"), ("/records", "文書管理")]).wrong(problems);
    let of = Field::text("of", "利用の識別子", "off")
        .help("廃棄簿の一覧や、利用した人の「自分の利用」の画面にあります。")
        .value(typed)
        .told(&frame.problems);
    Ok(page(status, &FindPage { frame, of }))
}

async fn shown(
    app: &App,
    signed: &SignedIn,
    id: &str,
    done: Option<&str>,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let made = made(app, &UseId::new(id).map_err(|_| PageError::Missing)?).await?;
    let register = app.journal.register()?;
    let departments = Departments::all(app).await?;
    let records = of_record(&register, signed, &made, By::Keeper, &problems);
    let status = Problem::status(&problems);
    let frame = Frame::new(app, Some(signed), "/records", "利用の区分").await?;
    let notice = (done == Some("classified")).then_some("この利用の内容の区分を記録しました。");
    let frame = frame.below(&[("/", "ホーム"), ("/records", "文書管理"), ("/records/uses", "利用を探す")]);
    let use_page = UsePage {
        frame: frame.notice(notice).wrong(problems),
        of: made.of.to_string(),
        at: exact(made.at),
        department: made.department.as_ref().map(|id| departments.get(id)).unwrap_or_default(),
        purpose: made.permit.as_ref().map_or_else(String::new, |id| {
            register.permit(id).map_or_else(|| id.to_string(), |permit| permit.draft.purpose.clone())
        }),
        service: made.service.as_ref().map(|id| words::service(&register, id)).unwrap_or_default(),
        records,
    };
    Ok(page(status, &use_page))
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    shown(&app, &signed, &id, wanted.done.as_deref(), Vec::new()).await
}

pub(super) async fn of_others(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    match said(&app, &signed, &id, &fields).await? {
        None => Ok(go(&format!("/records/uses/{id}?done=classified"))),
        Some(problems) => shown(&app, &signed, &id, None, problems).await,
    }
}
