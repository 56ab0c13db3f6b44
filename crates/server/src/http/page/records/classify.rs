//! What the content of one use is: 行政文書 or 個人的メモ, said on the page of its record.

use super::schedule::{proposal, short_fields, term, terms};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::give;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Problem, go};
use crate::http::page::words;
use crate::records::with_facts;
use axum::extract::{Path, State};
use axum::response::Response;
use sekisho_domain::command::{ClassifyRecord, Command};
use sekisho_domain::id::UseId;
use sekisho_domain::person::Role;
use sekisho_domain::records::made::Made;
use sekisho_domain::records::retention::Status;
use sekisho_domain::register::Register;
use sekisho_store::ReadError;

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

/// What a record's page says of its keeping, to its person (`mine`) or to whoever keeps the records.
pub(in crate::http::page) fn of_record(
    register: &Register,
    signed: &SignedIn,
    made: &Made,
    mine: bool,
    problems: &[Problem],
) -> OfRecord {
    let ground = register.records().ground();
    let found = ground.classification(&made.of);
    let keeps = register.holds(signed.person(), Role::RecordsManager);
    let document = matches!(found.map(|found| &found.status), Some(Status::OfficialDocument { .. }));
    let may = !register.records().is_erased(made) && (keeps || (mine && !document));
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
            Field::select("term", "保存期間", terms(keeps)).told(problems),
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
        held: ground.held_by(made),
        why: found.map_or_else(
            || format!("だれも区分していません（何も定めなければ {}）。", proposal()),
            |f| f.reason.clone(),
        ),
        action: format!("/{}/uses/{}/classify", if mine { "me" } else { "oversight" }, made.of),
        fields,
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
    Ok(give(app, signed, command, "").await?.err().map(|refusal| vec![Problem::refused("", &refusal)]))
}

pub(super) async fn mine(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    // Another's use is a page that is not there, before anything is said about it.
    let of = UseId::new(&id).map_err(|_| PageError::Missing)?;
    match app.store.made(&of).await {
        Ok(made) if &made.person == signed.person() => {}
        Ok(_) | Err(ReadError::Missing(_)) => return Err(PageError::Missing),
        Err(error) => return Err(error.into()),
    }
    match said(&app, &signed, &id, &fields).await? {
        None => Ok(go(&format!("/me/uses/{id}?done=classified#records"))),
        Some(problems) => crate::http::page::oversight::record_again(&app, &signed, &id, true, problems).await,
    }
}

pub(super) async fn of_others(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    match said(&app, &signed, &id, &fields).await? {
        None => Ok(go(&format!("/oversight/uses/{id}?done=classified#records"))),
        Some(problems) => crate::http::page::oversight::record_again(&app, &signed, &id, false, problems).await,
    }
}
