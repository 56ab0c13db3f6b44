//! 利用申請: the guided form, its drafts, and what the rules would say before it is handed in.

use super::facts::Facts;
use super::sheet::{Sheet, place_of};
use super::wording::{self, AXES, Content, Ruled};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::{MUST_NOT_BE_KEPT, ONCE, give, give_named, keep, named_once, once};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::words::Departments;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use sekisho_domain::command::{Actor, Command, Occasion, ResubmitApplication, decide};
use sekisho_domain::day::in_japan;
use sekisho_domain::decision::{Effect, RiskStanding};
use sekisho_domain::id::{ApplicationId, PersonId};
use sekisho_domain::permit::{Application, ApplicationState, Draft};
use sekisho_domain::register::Register;
use sekisho_domain::rehearsal::rehearse;
use sekisho_store::PaperRow;
use serde::Deserialize;
use std::collections::BTreeSet;

/// Kind of the papers that hold drafts.
pub(super) const DRAFT: &str = "application-draft";
/// Drafts one person may keep.
const MOST_DRAFTS: u64 = 100;
/// Choices shown at once; more are found by searching.
const MOST_SHOWN: usize = 30;

/// What the address of a new form may bring along.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    service: String,
    #[serde(default)]
    purpose: String,
    #[serde(default)]
    grade: String,
    /// A draft to go on with.
    #[serde(default)]
    draft: String,
    /// A returned application to answer.
    #[serde(default)]
    application: String,
    /// An application or permit to apply for again.
    #[serde(default)]
    like: String,
    #[serde(default)]
    done: Option<String>,
}

#[derive(Template)]
#[template(path = "desk/apply.html")]
struct ApplyPage {
    frame: Frame,
    returned: Option<String>,
    services: Vec<Offered>,
    services_problem: Option<String>,
    find_service: Option<Field>,
    purpose: Field,
    find: Field,
    found: String,
    groups: Vec<Field>,
    ceiling: Field,
    from: Field,
    until: Field,
    statement: Field,
    axes: Vec<Field>,
    risk: &'static str,
    municipal: bool,
    liu: Option<Field>,
    application: String,
    kept: Kept,
    once: String,
    draft_rows: u64,
}

/// A service to choose.
struct Offered {
    facts: Facts,
    chosen: bool,
    read: bool,
}

#[derive(Template)]
#[template(path = "desk/check.html")]
struct CheckPage {
    frame: Frame,
    content: Content,
    hidden: Vec<(String, String)>,
    ruled: Vec<Ruled>,
    stops: bool,
    waits: bool,
    outside: bool,
    risk: &'static str,
    risk_tone: &'static str,
    resubmits: bool,
    kept: Kept,
    once: String,
}

/// The draft a form belongs to: its name and the version that was read; empty and 0 for none.
#[derive(Debug, Clone, Default)]
struct Kept {
    id: String,
    version: u64,
}

impl Kept {
    fn of(fields: &Fields) -> Self {
        Self { id: fields.line("draft").to_owned(), version: fields.line("version").parse().unwrap_or(0) }
    }
}

/// The person's own draft.
async fn draft_of(app: &App, owner: &PersonId, id: &str) -> Result<Option<(PaperRow, Sheet)>, PageError> {
    let Some(paper) = app.store.paper(DRAFT, id).await?.filter(|paper| paper.row.owner == *owner) else {
        return Ok(None);
    };
    // A draft that an older program wrote is read as far as it goes.
    Ok(Some((paper.row, serde_json::from_slice(&paper.content).unwrap_or_default())))
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let mut kept = Kept::default();
    let sheet = if asked.draft.is_empty() {
        begun(&register, &signed, &asked, today)?
    } else {
        let (row, sheet) = draft_of(&app, signed.person(), &asked.draft).await?.ok_or(PageError::Missing)?;
        kept = Kept { id: row.id, version: row.version };
        sheet
    };
    let done =
        (asked.done.as_deref() == Some("saved")).then_some("下書きを保存しました。続きは「利用申請」から開けます。");
    form(&app, &signed, sheet, Shown { kept, done, ..Shown::default() }).await
}

/// What a form begins with.
fn begun(register: &Register, signed: &SignedIn, asked: &Asked, today: Date) -> Result<Sheet, PageError> {
    let person = register.person(signed.person()).ok_or(PageError::Stale)?;
    if !asked.application.is_empty() {
        let application = own(register, signed, &asked.application)?;
        return Ok(Sheet { application: asked.application.clone(), ..Sheet::of(&application.draft) });
    }
    let fresh = Sheet {
        departments: BTreeSet::from([person.department.to_string()]),
        from: today.to_string(),
        until: year_end(today).to_string(),
        ..Sheet::default()
    };
    if !asked.like.is_empty() {
        let application = own(register, signed, &asked.like)?;
        let old = Sheet::of(&application.draft);
        // Terms are read anew, and a period that has passed says nothing.
        return Ok(Sheet { read: fresh.read, from: fresh.from, until: fresh.until, ..old });
    }
    let known = register.services().find(|r| r.service.service.as_str() == asked.service && !r.withdrawn);
    Ok(Sheet {
        services: known.map(|record| record.service.service.to_string()).into_iter().collect(),
        purpose: asked.purpose.chars().take(200).collect(),
        ceiling: ceiling(register, &asked.grade),
        ..fresh
    })
}

/// The grade of an address: its rank in the body's list, its code or its label.
fn ceiling(register: &Register, text: &str) -> String {
    let named = || register.organization()?.grades.parse(text).ok().map(|grade| grade.0);
    text.parse::<u8>().ok().or_else(named).map(|rank| rank.to_string()).unwrap_or_default()
}

/// One's own application.
fn own<'r>(register: &'r Register, signed: &SignedIn, id: &str) -> Result<&'r Application, PageError> {
    let id = ApplicationId::new(id).map_err(|_| PageError::Missing)?;
    let application = register.application(&id).ok_or(PageError::Missing)?;
    if application.applicant == *signed.person() { Ok(application) } else { Err(PageError::Missing) }
}

/// The end of the fiscal year, or of the next one when it is less than two months away.
fn year_end(today: Date) -> Date {
    let year = if today.month() > 3 { today.year() + 1 } else { today.year() };
    let end = |year: i16| Date::new(year, 3, 31).unwrap_or(today);
    if end(year) < today.saturating_add(2.months()) { end(year + 1) } else { end(year) }
}

/// How a form is shown again.
#[derive(Default)]
struct Shown {
    kept: Kept,
    once: String,
    problems: Vec<Problem>,
    done: Option<&'static str>,
    status: Option<StatusCode>,
}

async fn form(app: &App, signed: &SignedIn, sheet: Sheet, shown: Shown) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let Shown { kept, once: given, problems, done, status } = shown;
    let returned = if sheet.application.is_empty() {
        None
    } else {
        let application = own(&register, signed, &sheet.application)?;
        application.history.last().map(|step| step.reason.clone())
    };
    let title = if sheet.application.is_empty() { "利用申請" } else { "差し戻された申請を直す" };
    let frame = Frame::new(app, Some(signed), "/applications", title).await?;
    let frame = frame.below(&[("/", "ホーム"), ("/applications", "利用申請の一覧")]).notice(done);
    let (services, find_service) = offered(&register, &sheet, today);
    let (groups, found) = people(app, &register, &sheet).await?;
    let levels = register.organization().map(|body| body.grades.levels().to_vec()).unwrap_or_default();
    let grades = levels.iter().enumerate().map(|(rank, level)| Choice {
        help: if level.sensitive {
            "要機密情報です。使えるサービスが限られます。".into()
        } else {
            "要機密情報にあたらない、公表できる情報などです。".into()
        },
        ..Choice::new(rank.to_string(), level.label.clone())
    });
    let axes = AXES.iter().zip(&sheet.risk).map(|((name, label, question, scale), answer)| {
        let choices = scale.iter().enumerate().map(|(n, means)| Choice::new(n.to_string(), format!("{n} {means}")));
        Field::radio(*name, *label, choices.collect()).help(*question).value(answer).told(&problems)
    });
    let liu = services.iter().any(|offered| offered.chosen && offered.facts.liu) || sheet.liu;
    let page_of_form = ApplyPage {
        services_problem: problems.iter().find(|p| p.field == "services").map(|p| p.text.clone()),
        returned,
        services,
        find_service,
        purpose: Field::text("purpose", "何の業務に使いますか", "off")
            .help("承認はこの業務に対して出ます。「会議資料と議事録の作成」のように、一つの業務を短く書きます（200 文字まで）。")
            .value(&sheet.purpose)
            .told(&problems),
        find: Field::input("search", "find", "部局・職・人を探す")
            .help("名称や氏名の一部を入れて「探す」を押すと、選べるようになります。部局を選ぶと、その下の部局も含みます。")
            .value(&sheet.find)
            .told(&problems),
        found,
        groups,
        ceiling: Field::radio("ceiling", "扱う情報の格付の上限", grades.collect())
            .help("入力する文章や添付する文書のうち、もっとも高い格付を選びます。これより高い格付の情報は送る前に止まります。")
            .value(&sheet.ceiling)
            .told(&problems),
        from: Field::input("date", "from", "開始日").value(&sheet.from).told(&problems),
        until: Field::input("date", "until", "末日")
            .help("はじめは年度末が入っています（この仕組みの設定です）。")
            .value(&sheet.until)
            .told(&problems),
        statement: Field::area("statement", "選定時の確認結果", 7)
            .help("上の問いに沿って、リスクを許容できると判断した理由を書きます（2,000 文字まで）。")
            .value(&sheet.statement)
            .told(&problems),
        risk: sheet_risk(&register, &sheet, in_japan(app.world.now())),
        municipal: wording::is_municipal(&register),
        axes: axes.collect(),
        liu: liu.then(|| {
            let choice = Choice::new("yes", "対象の業務の一覧にあり、影響が小さいと評価した");
            Field::checks("liu", "ISMAP-LIUのサービスで行う業務", vec![choice])
                .help("ISMAP-LIUに登録されたサービスは、対象の業務の一覧にあり、影響が小さいと評価された業務でだけ使えます。")
                .optional()
                .ticked(if sheet.liu { &["yes"] } else { &[] })
        }),
        application: sheet.application.clone(),
        once: if given.is_empty() { once(app) } else { given },
        draft_rows: kept.version,
        kept,
        frame: frame.wrong(problems),
    };
    let wrong = !page_of_form.frame.problems.is_empty();
    let status = status.unwrap_or(if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK });
    Ok(page(status, &page_of_form))
}

/// The services to choose from: all while they are few, else the chosen ones and those that were looked for.
fn offered(register: &Register, sheet: &Sheet, today: Date) -> (Vec<Offered>, Option<Field>) {
    let all: Vec<_> = register.services().filter(|record| !record.withdrawn).collect();
    let few = all.len() <= MOST_SHOWN;
    let chosen = |id: &str| sheet.services.contains(id);
    let wanted = |record: &&&sekisho_domain::register::ServiceRecord| {
        let service = &record.service;
        !sheet.find_service.is_empty()
            && sheet.find_service.split_whitespace().all(|word| {
                service.name.contains(word) || service.provider.contains(word) || service.service.as_str() == word
            })
    };
    let mut shown: Vec<_> = all.iter().filter(|record| few || chosen(record.service.service.as_str())).collect();
    if !few {
        let more = all.iter().filter(wanted).filter(|record| !chosen(record.service.service.as_str()));
        shown.extend(more.take(MOST_SHOWN));
    }
    let one = |record: &&sekisho_domain::register::ServiceRecord| {
        let facts = Facts::of(register, record, today);
        let read = sheet.read.get(&facts.id).is_some_and(|hash| *hash == facts.terms);
        Offered { chosen: chosen(&facts.id), read, facts }
    };
    let find = (!few).then(|| {
        Field::input("search", "find_service", "サービスを探す")
            .help(format!("サービス名か提供者名の一部を入れて「探す」を押します。{} 件あります。", all.len()))
            .value(&sheet.find_service)
    });
    (shown.into_iter().map(one).collect(), find)
}

/// Departments, posts and people to choose from: what is chosen already, and what was looked for.
async fn people(app: &App, register: &Register, sheet: &Sheet) -> Result<(Vec<Field>, String), PageError> {
    let names = Departments::all(app).await?;
    let finds = |text: &str| !sheet.find.is_empty() && sheet.find.split_whitespace().all(|word| text.contains(word));
    let few = register.departments().take(MOST_SHOWN + 1).count() <= MOST_SHOWN;
    let mut departments: Vec<(String, String)> =
        register.departments().map(|d| (names.get(&d.department), d.department.to_string())).collect();
    departments.sort();
    let mut hits = 0;
    let mut shown = Vec::new();
    for (name, id) in departments {
        let chosen = sheet.departments.contains(&id);
        let found = finds(&name);
        hits += usize::from(found && hits < MOST_SHOWN);
        if chosen || few || (found && hits <= MOST_SHOWN && shown.len() < 2 * MOST_SHOWN) {
            shown.push(Choice::new(id, name));
        }
    }
    let ticked: Vec<&String> = sheet.departments.iter().collect();
    let mut groups = vec![Field::checks("departments", "部局", shown).optional().ticked(&ticked)];

    let mut posts = Vec::new();
    let known: BTreeSet<String> = register.posts().map(|(post, _)| post.to_owned()).collect();
    for post in &known {
        let name = wording::post_in_words(app, register, post).await?;
        let found = finds(&name);
        hits += usize::from(found);
        if sheet.posts.contains(post) || known.len() <= MOST_SHOWN || found {
            posts.push(Choice::new(post.clone(), name));
        }
    }
    if !posts.is_empty() {
        let ticked: Vec<&String> = sheet.posts.iter().collect();
        groups.push(Field::checks("posts", "職（部局を問わず）", posts).optional().ticked(&ticked));
    }

    let mut listed = Vec::new();
    let chosen: Vec<PersonId> = sheet.people.iter().filter_map(|id| PersonId::new(id).ok()).take(200).collect();
    for id in chosen {
        listed.push((id.clone(), app.store.directory_person(&id).await?));
    }
    if !sheet.find.is_empty() {
        for known in app.store.find_people(&sheet.find, 20).await? {
            if register.person(&known.person).is_some_and(|person| person.active)
                && !sheet.people.contains(known.person.as_str())
            {
                hits += 1;
                listed.push((known.person.clone(), Some(known)));
            }
        }
    }
    let choices = listed.into_iter().map(|(id, known)| {
        let (name, post) = known.map(|known| (known.name, known.post)).unwrap_or_default();
        let department = register.person(&id).map(|person| names.get(&person.department)).unwrap_or_default();
        let name = if name.is_empty() { format!("（名簿にない人 {id}）") } else { name };
        Choice::new(id.to_string(), format!("{name}（{department} {post}）"))
    });
    let choices: Vec<Choice> = choices.collect();
    if !choices.is_empty() {
        let ticked: Vec<&String> = sheet.people.iter().collect();
        groups.push(Field::checks("people", "人", choices).optional().ticked(&ticked));
    }
    let found = match (sheet.find.is_empty(), hits) {
        (true, _) => String::new(),
        (false, 0) => format!("「{}」に当たる部局・職・人は見つかりません。別の言葉で探してください。", sheet.find),
        (false, hits) => format!("「{}」で {hits} 件見つかりました。下の一覧から選んでください。", sheet.find),
    };
    Ok((groups, found))
}

/// What the answers mean so far.
fn sheet_risk(register: &Register, sheet: &Sheet, today: Date) -> &'static str {
    let answers: Vec<u8> = sheet.risk.iter().filter_map(|answer| answer.parse().ok()).collect();
    match answers.as_slice() {
        [users, work, learning, judgement] => {
            let (users, work, learning, judgement) = (*users, *work, *learning, *judgement);
            let sheet = sekisho_domain::permit::RiskSheet { users, work, learning, judgement };
            wording::risk(register.ds920().result_on(&sheet, today).standing()).1
        }
        _ => "",
    }
}

pub(super) async fn submit(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let sheet = Sheet::read(&fields);
    let kept = Kept::of(&fields);
    let once = fields.get(ONCE).to_owned();
    let again = Shown { kept: kept.clone(), once: once.clone(), ..Shown::default() };
    match fields.get("step") {
        "save" => save(&app, &signed, sheet, again, named_once(&app, &signed, &fields)).await,
        "check" | "submit" => {
            let register = app.journal.register()?;
            let now = app.world.now();
            let name = named_once(&app, &signed, &fields);
            if let Some(to) = handed_in(&register, &signed, &sheet, &name) {
                return Ok(go(&to));
            }
            let draft = match checked(&app, &register, &signed, &sheet, now) {
                Ok(draft) => draft,
                Err(problems) => return form(&app, &signed, sheet, Shown { problems, ..again }).await,
            };
            if fields.get("step") == "check" {
                return check(&app, &register, &signed, &sheet, draft, kept, once).await;
            }
            hand_in(&app, &signed, sheet, draft, again, name).await
        }
        _ => form(&app, &signed, sheet, again).await,
    }
}

/// The application this very form made when it was sent the first time, or the one it answered.
fn handed_in(register: &Register, signed: &SignedIn, sheet: &Sheet, name: &str) -> Option<String> {
    let id = if sheet.application.is_empty() { format!("ap-{name}") } else { sheet.application.clone() };
    let application = register.application(&ApplicationId::new(&id).ok()?)?;
    let mine = application.applicant == *signed.person();
    let waits = application.state == ApplicationState::Returned;
    (mine && !waits).then(|| format!("/applications/{id}?done=already"))
}

/// The draft as the register would take it now, or what is wrong where. Nothing is recorded.
fn checked(
    app: &App,
    register: &Register,
    signed: &SignedIn,
    sheet: &Sheet,
    now: Timestamp,
) -> Result<Draft, Vec<Problem>> {
    let draft = sheet.draft(register)?;
    let texts = [("purpose", &sheet.purpose), ("statement", &sheet.statement)];
    let unfit = texts.into_iter().filter(|(_, text)| app.gate.must_not_be_kept(text));
    let unfit: Vec<Problem> = unfit.map(|(field, _)| Problem::at(field, MUST_NOT_BE_KEPT)).collect();
    if !unfit.is_empty() {
        return Err(unfit);
    }
    let occasion = Occasion {
        actor: Actor::Person(signed.person().clone()),
        at: now,
        reason: String::new(),
        documents: Vec::new(),
        fresh: "check".into(),
    };
    match decide(register, &occasion, Command::SubmitApplication(draft.clone())) {
        Ok(_) => Ok(draft),
        Err(refusal) => Err(vec![Problem::refused(place_of(&refusal), &refusal)]),
    }
}

async fn check(
    app: &App,
    register: &Register,
    signed: &SignedIn,
    sheet: &Sheet,
    draft: Draft,
    kept: Kept,
    once: String,
) -> Result<Response, PageError> {
    let rehearsed = rehearse(register, signed.person(), &draft, None, app.world.now());
    let reasons = || rehearsed.iter().flat_map(|r| &r.decision.reasons);
    let person = register.person(signed.person()).ok_or(PageError::Stale)?;
    let frame = Frame::new(app, Some(signed), "/applications", "提出前の確認").await?;
    let today = in_japan(app.world.now());
    let by_table = |sheet| register.ds920().result_on(&sheet, today).standing();
    let (tone, risk) = wording::risk(draft.risk.map_or(RiskStanding::Unassessed, by_table));
    let shown = CheckPage {
        frame: frame.below(&[("/", "ホーム"), ("/applications", "利用申請の一覧")]),
        content: Content::of(app, register, &draft).await?,
        hidden: sheet.hidden(),
        stops: reasons().any(|reason| reason.effect == Effect::Deny),
        waits: reasons().any(|reason| reason.effect == Effect::Conditional),
        outside: !register.in_range(&draft.users, person),
        ruled: wording::ruled(register, &rehearsed),
        risk,
        risk_tone: tone.class(),
        resubmits: !sheet.application.is_empty(),
        kept,
        once,
    };
    Ok(page(StatusCode::OK, &shown))
}

async fn hand_in(
    app: &App,
    signed: &SignedIn,
    sheet: Sheet,
    draft: Draft,
    again: Shown,
    name: String,
) -> Result<Response, PageError> {
    let answer = if sheet.application.is_empty() {
        give_named(app, signed, Command::SubmitApplication(draft), "利用申請", name.clone(), vec![]).await?
    } else {
        let application = ApplicationId::new(&sheet.application).map_err(|_| PageError::Missing)?;
        let command = Command::ResubmitApplication(ResubmitApplication { application, draft });
        give(app, signed, command, "差戻しを受けて再提出").await?
    };
    if let Err(refusal) = answer {
        // The register is asked again: the same form may have come through another door in the meantime.
        if let Some(to) = handed_in(&*app.journal.register()?, signed, &sheet, &name) {
            return Ok(go(&to));
        }
        let problems = vec![Problem::refused(place_of(&refusal), &refusal)];
        return form(app, signed, sheet, Shown { problems, ..again }).await;
    }
    if !again.kept.id.is_empty() {
        app.journal.destroy_paper(DRAFT, &again.kept.id, signed.person()).await?;
    }
    let id = if sheet.application.is_empty() { format!("ap-{name}") } else { sheet.application };
    Ok(go(&format!("/applications/{id}?done=submitted")))
}

async fn save(app: &App, signed: &SignedIn, sheet: Sheet, again: Shown, name: String) -> Result<Response, PageError> {
    let now = app.world.now();
    // A row is made whenever none was read before, whatever name the form gives.
    let new = again.kept.id.is_empty() || again.kept.version == 0;
    let id = if new { name } else { again.kept.id.clone() };
    if new && app.store.papers_of(DRAFT, signed.person(), MOST_DRAFTS).await?.len() as u64 >= MOST_DRAFTS {
        let text = format!("下書きは {MOST_DRAFTS} 件まで保存できます。使わない下書きを捨ててから保存してください。");
        return form(app, signed, sheet, Shown { problems: vec![Problem::at("", text)], ..again }).await;
    }
    let row = PaperRow {
        kind: DRAFT.into(),
        id: id.clone(),
        owner: signed.person().clone(),
        personal: true,
        version: again.kept.version + 1,
        created_at: now,
        changed_at: now,
    };
    if keep(app, row, &sheet).await? {
        return Ok(go(&format!("/apply?draft={id}&done=saved")));
    }
    // Somebody was first: the same form sent twice, or another window.
    match draft_of(app, signed.person(), &id).await? {
        Some((_, kept)) if kept == Sheet { find: String::new(), find_service: String::new(), ..sheet.clone() } => {
            Ok(go(&format!("/apply?draft={id}&done=saved")))
        }
        Some((row, _)) => {
            let text = "この下書きは、別の画面で先に保存されています。この画面の内容で上書きしてよければ、もう一度「下書き保存」を押してください。先に保存された内容は「利用申請の一覧」から開けます。";
            let kept = Kept { id: row.id, version: row.version };
            let problems = vec![Problem::at("", text)];
            form(app, signed, sheet, Shown { kept, problems, status: Some(StatusCode::CONFLICT), ..again }).await
        }
        None => {
            let text =
                "この下書きは、提出されたか捨てられています。残しておくには、もう一度「下書き保存」を押してください。";
            let shown = Shown {
                kept: Kept::default(),
                once: once(app),
                problems: vec![Problem::at("", text)],
                status: Some(StatusCode::CONFLICT),
                ..again
            };
            form(app, signed, sheet, shown).await
        }
    }
}

/// Throws a draft away.
pub(super) async fn discard(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    app.journal.destroy_paper(DRAFT, fields.line("draft"), signed.person()).await?;
    Ok(go("/applications?done=discarded"))
}
