//! お知らせ: what staff should know, and who has said that they read it.

use crate::account::in_words;
use crate::http::App;
use crate::http::page::act::{ONCE, keep, named_once, once};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::list::{Asked, Cell, Column, Table, Tone};
use crate::http::page::words::{Departments, Names};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use sekisho_domain::id::{DepartmentId, PersonId};
use sekisho_domain::permit::UserRange;
use sekisho_domain::person::{Person, Role};
use sekisho_domain::register::Register;
use sekisho_store::{Paper, PaperRow};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

const NOTICE: &str = "notice";
/// Notices kept in the list; older ones stay reachable by their address.
const MOST: u64 = 200;
/// Departments that still fit into one list.
const FEW: usize = 100;
/// Confirmations of more people than this are named from the whole directory at once.
const MANY: usize = 2_000;

/// Who writes notices and sees who has read them.
pub(super) const AUTHORS: &[Role] = &[Role::Ciso, Role::ServiceManager, Role::Administrator, Role::Approver];

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Notice {
    title: String,
    text: String,
    /// To this department and those below it; to all when there is none.
    #[serde(default)]
    department: Option<DepartmentId>,
}

impl Notice {
    fn read(paper: &Paper) -> Result<Self, PageError> {
        serde_json::from_slice(&paper.content).map_err(|error| {
            tracing::error!(%error, id = paper.row.id, "a notice cannot be read");
            PageError::Inside
        })
    }

    fn is_for(&self, register: &Register, person: &Person) -> bool {
        self.range().is_none_or(|range| register.in_range(&range, person))
    }

    fn range(&self) -> Option<UserRange> {
        let department = self.department.clone()?;
        Some(UserRange { departments: BTreeSet::from([department]), ..UserRange::default() })
    }

    fn addressed(&self, register: &Register) -> usize {
        self.range().map_or_else(|| register.active_people(), |range| register.covers(&range))
    }

    fn to(&self, departments: &Departments) -> String {
        self.department
            .as_ref()
            .map_or_else(|| "全員".to_owned(), |id| format!("{}（下の部局を含む）", departments.get(id)))
    }
}

fn read_kind(id: &str) -> String {
    format!("notice-read.{id}")
}

fn writes(register: &Register, person: &PersonId) -> bool {
    register.holds_any(person, AUTHORS)
}

#[derive(Template)]
#[template(path = "desk/notices.html")]
struct ListPage {
    frame: Frame,
    writes: bool,
    table: Table,
}

struct Listed {
    id: String,
    title: String,
    to: String,
    at: Timestamp,
    by: PersonId,
    mine: bool,
    read: bool,
}

/// Newest notices looked through for the home page.
const NEWEST: u64 = 20;

/// How many of the newest notices a person has still to confirm.
pub(in crate::http::page) async fn unread(app: &App, register: &Register, person: &Person) -> Result<usize, PageError> {
    let mut unread = 0;
    for paper in app.store.papers(NOTICE, NEWEST).await? {
        if !Notice::read(&paper)?.is_for(register, person) {
            continue;
        }
        if !app.store.has_paper(&read_kind(&paper.row.id), person.person.as_str()).await? {
            unread += 1;
        }
    }
    Ok(unread)
}

pub(super) async fn list(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let person = register.person(signed.person()).ok_or(PageError::Stale)?;
    let departments = Departments::all(&app).await?;
    let writer = writes(&register, signed.person());
    let mut rows = Vec::new();
    for paper in app.store.papers(NOTICE, MOST).await? {
        let notice = Notice::read(&paper)?;
        let mine = notice.is_for(&register, person);
        if (mine || writer) && asked.finds(&[&notice.title, &notice.text]) {
            let read = app.store.has_paper(&read_kind(&paper.row.id), signed.person().as_str()).await?;
            let to = notice.to(&departments);
            let (at, by) = (paper.row.created_at, paper.row.owner);
            rows.push(Listed { id: paper.row.id, title: notice.title, to, at, by, mine, read });
        }
    }
    let slice = asked.slice(
        rows,
        &[
            ("", &|one, other| {
                let unread = |n: &Listed| n.mine && !n.read;
                (unread(other), other.at).cmp(&(unread(one), one.at))
            }),
            ("title", &|one, other| one.title.cmp(&other.title)),
            ("at", &|one, other| one.at.cmp(&other.at)),
        ],
    );
    let authors: Vec<&PersonId> = slice.rows.iter().map(|notice| &notice.by).collect();
    let names = Names::of(&app, authors).await?;
    let columns = [
        Column::sorted("title", "題名"),
        Column::plain("確認"),
        Column::sorted("at", "日時"),
        Column::plain("宛先"),
        Column::plain("発信者"),
    ];
    let empty = "お知らせはありません。生成AIの利用について全員や部局に知らせることがあると、ここに出ます。";
    let table = Table::new("/notices", ("お知らせ", empty), &columns, &asked, slice, |notice| {
        vec![
            Cell::link(format!("/notices/{}", notice.id), notice.title),
            match (notice.mine, notice.read) {
                (_, true) => Cell::tag(Tone::Good, "確認済み"),
                (true, false) => Cell::tag(Tone::Look, "未確認"),
                (false, false) => Cell::text("宛先外"),
            },
            Cell::text(in_words(notice.at)),
            Cell::text(notice.to),
            Cell::text(names.get(&notice.by)),
        ]
    });
    if let Some(file) = table.file("notices")? {
        return Ok(file);
    }
    let frame = Frame::new(&app, Some(&signed), "/notices", "お知らせ").await?.below(&[("/", "ホーム")]);
    Ok(page(StatusCode::OK, &ListPage { frame, writes: writer, table }))
}

#[derive(Template)]
#[template(path = "desk/notice.html")]
struct NoticePage {
    frame: Frame,
    id: String,
    text: String,
    to: String,
    by: String,
    at: String,
    mine: bool,
    read: bool,
    counted: Option<(usize, usize)>,
}

/// A notice that the person may see.
async fn seen(app: &App, register: &Register, person: &PersonId, id: &str) -> Result<(Paper, Notice, bool), PageError> {
    let paper = app.store.paper(NOTICE, id).await?.ok_or(PageError::Missing)?;
    let notice = Notice::read(&paper)?;
    let known = register.person(person).ok_or(PageError::Stale)?;
    let mine = notice.is_for(register, known);
    if mine || writes(register, person) { Ok((paper, notice, mine)) } else { Err(PageError::Missing) }
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let (paper, notice, mine) = seen(&app, &register, signed.person(), &id).await?;
    let departments = Departments::all(&app).await?;
    let names = Names::of(&app, [&paper.row.owner]).await?;
    let done = match asked.done.as_deref() {
        Some("sent") => Some("お知らせを出しました。"),
        Some("read") => Some("読んだことを記録しました。"),
        _ => None,
    };
    let counted = if writes(&register, signed.person()) {
        let readers = readers(&app, &register, &notice, &id).await?;
        Some((readers.len(), notice.addressed(&register)))
    } else {
        None
    };
    let frame = Frame::new(&app, Some(&signed), "/notices", notice.title.clone()).await?;
    let shown = NoticePage {
        frame: frame.below(&[("/", "ホーム"), ("/notices", "お知らせ")]).notice(done),
        to: notice.to(&departments),
        text: notice.text,
        by: names.get(&paper.row.owner),
        at: in_words(paper.row.created_at),
        mine,
        read: app.store.has_paper(&read_kind(&id), signed.person().as_str()).await?,
        counted,
        id,
    };
    Ok(page(StatusCode::OK, &shown))
}

/// Of those it is for now, who has read it and when.
async fn readers(
    app: &App,
    register: &Register,
    notice: &Notice,
    id: &str,
) -> Result<BTreeMap<PersonId, Timestamp>, PageError> {
    let mut readers = app.store.paper_owners(&read_kind(id)).await?;
    readers.retain(|id, _| register.person(id).is_some_and(|person| person.active && notice.is_for(register, person)));
    Ok(readers)
}

/// 「読みました」.
pub(super) async fn confirm(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, .. }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let (_, _, mine) = seen(&app, &register, signed.person(), &id).await?;
    if mine {
        let now = app.world.now();
        let row = PaperRow {
            kind: read_kind(&id),
            id: signed.person().to_string(),
            owner: signed.person().clone(),
            personal: true,
            version: 1,
            created_at: now,
            changed_at: now,
        };
        // Said twice is said once: the first time counts.
        keep(&app, row, &true).await?;
    }
    Ok(go(&format!("/notices/{id}?done=read")))
}

#[derive(Template)]
#[template(path = "desk/readers.html")]
struct ReadersPage {
    frame: Frame,
    title: String,
    read: usize,
    all: usize,
    show: Field,
    path: String,
    table: Table,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    show: String,
}

/// Who has read it, and who has not.
pub(super) async fn who_read(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    Query(which): Query<Which>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let (_, notice, _) = seen(&app, &register, signed.person(), &id).await?;
    let readers = readers(&app, &register, &notice, &id).await?;
    let departments = Departments::all(&app).await?;
    let wanted = |person: &Person| match which.show.as_str() {
        "read" => readers.contains_key(&person.person),
        "all" => true,
        _ => !readers.contains_key(&person.person),
    };
    let rows: Vec<&Person> = register
        .persons()
        .filter(|person| person.active && notice.is_for(&register, person) && wanted(person))
        .collect();
    let slice = asked.slice(
        rows,
        &[("department", &|one, other| (&one.department, &one.person).cmp(&(&other.department, &other.person)))],
    );
    let names: BTreeMap<PersonId, String> = if slice.rows.len() > MANY {
        app.store.directory().await?.into_iter().map(|known| (known.person, known.name)).collect()
    } else {
        let people: Vec<&PersonId> = slice.rows.iter().map(|person| &person.person).collect();
        app.store.names_of(people).await?
    };
    let columns =
        [Column::plain("氏名"), Column::sorted("department", "部局"), Column::plain("確認"), Column::plain("日時")];
    let path = format!("/notices/{id}/readers");
    let table = Table::new(
        path.clone(),
        ("宛先の人", "該当する人はいません。"),
        &columns,
        &asked,
        slice,
        |person| {
            let at = readers.get(&person.person);
            vec![
                Cell::text(
                    names.get(&person.person).cloned().unwrap_or_else(|| format!("（名簿にない人 {}）", person.person)),
                ),
                Cell::text(departments.get(&person.department)),
                if at.is_some() { Cell::tag(Tone::Good, "確認済み") } else { Cell::tag(Tone::Look, "未確認") },
                Cell::text(at.map(|at| in_words(*at)).unwrap_or_default()),
            ]
        },
    )
    .keeping("show", &which.show);
    if let Some(file) = table.file("notice-readers")? {
        return Ok(file);
    }
    let frame = Frame::new(&app, Some(&signed), "/notices", "お知らせの確認状況").await?;
    let back = format!("/notices/{id}");
    let frame = frame.below(&[("/", "ホーム"), ("/notices", "お知らせ"), (&back, &notice.title)]);
    let choices = vec![Choice::new("", "未確認の人"), Choice::new("read", "確認した人"), Choice::new("all", "全員")];
    let shown = ReadersPage {
        frame,
        read: readers.len(),
        all: notice.addressed(&register),
        title: notice.title,
        show: Field::select("show", "表示", choices).value(&which.show),
        path,
        table,
    };
    Ok(page(StatusCode::OK, &shown))
}

#[derive(Template)]
#[template(path = "desk/notice_form.html")]
struct FormPage {
    frame: Frame,
    title: Field,
    text: Field,
    department: Field,
    once: String,
}

async fn form(
    app: &App,
    signed: &crate::account::SignedIn,
    fields: &Fields,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let names = Departments::all(app).await?;
    let counts = register.people_by_department();
    let label = |id: &DepartmentId| format!("{}（{} 人）", names.get(id), counts.get(id).copied().unwrap_or_default());
    let all = format!("全員（{} 人）", register.active_people());
    let department = if register.departments().count() <= FEW {
        let mut choices: Vec<Choice> =
            register.departments().map(|d| Choice::new(d.department.to_string(), label(&d.department))).collect();
        choices.sort_by(|one, other| one.label.cmp(&other.label));
        choices.insert(0, Choice::new("", all));
        Field::select("department", "宛先", choices).help("部局を選ぶと、その下の部局も含みます。")
    } else {
        Field::text("department", "宛先の部局", "off")
            .help(format!("部局の名称を入れると、その下の部局も含めて宛先になります。空のままなら{all}が宛先です。"))
            .optional()
    };
    let frame = Frame::new(app, Some(signed), "/notices", "お知らせを書く").await?;
    let wrong = !problems.is_empty();
    let shown = FormPage {
        title: Field::text("title", "題名", "off").value(fields.get("title")).told(&problems),
        text: Field::area("text", "本文", 8).value(&fields.text("text")).told(&problems),
        department: department.value(fields.get("department")).told(&problems),
        once: if fields.get(ONCE).is_empty() { once(app) } else { fields.get(ONCE).to_owned() },
        frame: frame.below(&[("/", "ホーム"), ("/notices", "お知らせ")]).wrong(problems),
    };
    Ok(page(if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &shown))
}

/// A draft that a page hands over in the address.
#[derive(Debug, Deserialize)]
pub(super) struct Draft {
    #[serde(default)]
    title: String,
    #[serde(default)]
    text: String,
}

pub(super) async fn new(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(draft): Query<Draft>,
) -> Result<Response, PageError> {
    let fields = [("title".to_owned(), draft.title), ("text".to_owned(), draft.text)];
    let fields = Fields::of(fields).unwrap_or_default();
    form(&app, &signed, &fields, Vec::new()).await
}

/// The department a text means: by identifier, by its whole name, or by a part of it that no other name has.
fn meant(register: &Register, names: &Departments, text: &str) -> Result<DepartmentId, String> {
    if let Ok(id) = DepartmentId::new(text)
        && register.department(&id).is_some()
    {
        return Ok(id);
    }
    let all: Vec<(String, &DepartmentId)> =
        register.departments().map(|d| (names.get(&d.department), &d.department)).collect();
    let whole: Vec<_> = all.iter().filter(|(name, _)| name == text).collect();
    let part: Vec<_> = all.iter().filter(|(name, _)| name.contains(text)).collect();
    match (whole.as_slice(), part.as_slice()) {
        ([(_, id)], _) | (_, [(_, id)]) => Ok((*id).clone()),
        (_, []) => Err(format!("「{text}」という部局は見つかりません。名称を確かめてください。")),
        (_, many) => {
            let mut some: Vec<&str> = many.iter().map(|(name, _)| name.as_str()).collect();
            some.sort_unstable();
            some.truncate(10);
            Err(format!(
                "「{text}」に当たる部局が {} あります。名称をすべて入れてください。例: {}",
                many.len(),
                some.join("、")
            ))
        }
    }
}

pub(super) async fn send(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let mut wrong = Vec::new();
    for (field, label, most) in [("title", "題名", 200), ("text", "本文", 10_000)] {
        let length = fields.text(field).chars().count();
        if fields.line(field).is_empty() {
            wrong.push(Problem::at(field, format!("{label}を入力してください。")));
        } else if length > most {
            wrong.push(Problem::at(field, format!("{label}は {most} 文字までにしてください（{length} 文字）。")));
        }
    }
    let department = match fields.line("department") {
        "" => None,
        text => match meant(&register, &Departments::all(&app).await?, text) {
            Ok(id) => Some(id),
            Err(told) => {
                wrong.push(Problem::at("department", told));
                None
            }
        },
    };
    if !wrong.is_empty() {
        return form(&app, &signed, &fields, wrong).await;
    }
    let now = app.world.now();
    let id = named_once(&app, &signed, &fields);
    let row = PaperRow {
        kind: NOTICE.into(),
        id: id.clone(),
        owner: signed.person().clone(),
        // A notice outlives its author.
        personal: false,
        version: 1,
        created_at: now,
        changed_at: now,
    };
    let notice = Notice { title: fields.line("title").to_owned(), text: fields.text("text"), department };
    // The same form sent twice is one notice.
    keep(&app, row, &notice).await?;
    Ok(go(&format!("/notices/{id}?done=sent")))
}
