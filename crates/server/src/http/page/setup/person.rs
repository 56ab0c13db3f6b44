//! One person: department, roles, the link to their account.

use super::departments::choices;
use crate::account::{NotInvited, SignedIn, invite as invite_to_account};
use crate::http::App;
use crate::http::page::act::{give, give_named};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::list::Asked;
use crate::http::page::words::Departments;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use sekisho_domain::command::{Command, GrantRole, LeavePerson, MovePerson, WithdrawRole};
use sekisho_domain::id::{DepartmentId, PersonId};
use sekisho_domain::person::Role;
use sekisho_store::DirectoryChange;

#[derive(Template)]
#[template(path = "setup/person.html")]
struct PersonPage {
    frame: Frame,
    id: String,
    name: String,
    department: String,
    post: String,
    mail: String,
    login: String,
    active: bool,
    opened: bool,
    second_factor: bool,
    /// The link, shown this once.
    link: Option<String>,
    hours: i64,
    moving: Vec<Field>,
    roles: Field,
    role_reason: Field,
    login_field: Field,
    leave_reason: Field,
}

const ROLES: [(Role, &str, &str); 6] = [
    (Role::Administrator, "administrator", "職員・アカウント・鍵・サービスを登録します。承認と監査はできません。"),
    (Role::Ciso, "ciso", "規程と規則を定め、封をした内容の開示に立ち会います。"),
    (Role::Approver, "approver", "利用申請を審査します。"),
    (Role::ServiceManager, "service_manager", "サービスの登録簿と利用状況を管理します。"),
    (Role::Caio, "caio", "高リスクの可能性がある利用を判断します。"),
    (Role::Auditor, "auditor", "記録を読みます。何も変更できません。"),
];

async fn form(
    app: &App,
    signed: &SignedIn,
    id: &str,
    given: &Fields,
    told: (Vec<Problem>, Option<&'static str>, Option<String>),
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let id = PersonId::new(id).map_err(|_| PageError::Missing)?;
    let person = register.person(&id).ok_or(PageError::Missing)?;
    let known = app.store.directory_person(&id).await?;
    let names = Departments::all(app).await?;
    let account = app.store.account_of(&id).await?;
    let (problems, notice, link) = told;
    let status = Problem::status(&problems);
    let (name, mail, post) = known.map(|k| (k.name, k.mail, k.post)).unwrap_or_default();
    let title = if name.is_empty() { id.to_string() } else { name.clone() };
    let frame = Frame::new(app, Some(signed), "/people", title).await?;
    let frame = frame.below(&[("/", "ホーム"), ("/people", "職員")]).notice(notice).wrong(problems);
    let said = &frame.problems;
    let or = |field: &str, known: &str| {
        if given.get("form").is_empty() { known.to_owned() } else { given.get(field).to_owned() }
    };
    let moving = vec![
        Field::text("name", "氏名", "off").value(&or("name", &name)).told(said),
        Field::select("department", "部局", choices(app, &names)?)
            .value(&or("department", person.department.as_str()))
            .told(said),
        Field::text("post_code", "職の符号", "off").optional().value(&or("post_code", &person.post)).told(said),
        Field::text("post", "職名", "off").optional().value(&or("post", &post)).told(said),
        Field::input("email", "mail", "メールアドレス").optional().value(&or("mail", &mail)).told(said),
    ];
    let held: Vec<&str> =
        ROLES.iter().filter(|(role, ..)| person.roles.contains(role)).map(|(_, value, _)| *value).collect();
    let choices = ROLES
        .iter()
        .map(|(role, value, help)| Choice { help: (*help).to_owned(), ..Choice::new(*value, role.label()) })
        .collect();
    let ticked = if given.get("form") == "roles" { given.chosen("roles") } else { held };
    let roles = Field::checks("roles", "役割", choices).ticked(&ticked).told(said);
    let login = account.map(|account| account.login).unwrap_or_default();
    let shown = PersonPage {
        id: id.to_string(),
        department: names.get(&person.department),
        active: person.active,
        opened: register.means(&id).is_some(),
        second_factor: register.means(&id).is_some_and(|means| means.second_factor),
        link,
        hours: app.config.signin.link.as_secs() / 3_600,
        moving,
        roles,
        role_reason: Field::text("role_reason", "理由", "off")
            .help("台帳に記録されます。例: 令和8年4月の人事異動")
            .value(given.get("role_reason"))
            .told(said),
        login_field: Field::text("login", "サインイン名", "off")
            .help("半角の英小文字・数字・「.」「-」「_」「@」。")
            .value(if given.get("login").is_empty() { &login } else { given.get("login") })
            .told(said),
        leave_reason: Field::text("leave_reason", "理由", "off")
            .help("台帳に記録されます。例: 退職")
            .value(given.get("leave_reason"))
            .told(said),
        login,
        name,
        post,
        mail,
        frame,
    };
    Ok(page(status, &shown))
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let notice = match asked.done.as_deref() {
        Some("joined") => Some("職員を加えました。"),
        Some("moved") => Some("登録内容を改めました。"),
        Some("roles") => Some("役割を改めました。"),
        Some("left") => Some("退職・異動を記録しました。アカウントと鍵は、いまから使えません。"),
        _ => None,
    };
    form(&app, &signed, &id, &Fields::default(), (Vec::new(), notice, None)).await
}

fn known(id: &str) -> Result<PersonId, PageError> {
    PersonId::new(id).map_err(|_| PageError::Missing)
}

pub(super) async fn relocate(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let person = known(&id)?;
    let mut problems = Vec::new();
    let name = fields.line("name");
    if name.is_empty() || name.chars().count() > 100 {
        problems.push(Problem::at("name", "氏名を 100 文字までで入力してください。"));
    }
    match super::people::read(fields.line("department"), fields.line("post_code"), person.clone()) {
        Err((field, text)) => problems.push(Problem::at(field, text)),
        Ok(wanted) if problems.is_empty() => {
            let row = DirectoryChange::Person {
                person: person.clone(),
                name: name.to_owned(),
                mail: fields.line("mail").to_owned(),
                post: fields.line("post").to_owned(),
            };
            let department: DepartmentId = wanted.department;
            let command = Command::MovePerson(MovePerson { person, department, post: wanted.post });
            match give_named(&app, &signed, command, "", app.world.fresh(), vec![row]).await? {
                Ok(_) => return Ok(go(&format!("/people/{id}?done=moved"))),
                Err(refusal) => problems.push(Problem::refused("department", &refusal)),
            }
        }
        Ok(_) => {}
    }
    form(&app, &signed, &id, &fields, (problems, None, None)).await
}

pub(super) async fn leave(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let reason = fields.line("leave_reason");
    let problem = if reason.is_empty() || reason.chars().count() > 2_000 {
        Problem::at("leave_reason", "理由を 2,000 文字までで入力してください。")
    } else {
        let command = Command::LeavePerson(LeavePerson { person: known(&id)? });
        match give(&app, &signed, command, reason).await? {
            Ok(_) => return Ok(go(&format!("/people/{id}?done=left"))),
            Err(refusal) => Problem::refused("leave_reason", &refusal),
        }
    };
    form(&app, &signed, &id, &fields, (vec![problem], None, None)).await
}

/// Withdraws what is no longer ticked first, so that one role can take the place of another that excludes it.
pub(super) async fn roles(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let person = known(&id)?;
    let register = app.journal.register()?;
    let held = register.person(&person).ok_or(PageError::Missing)?.roles.clone();
    let ticked = fields.chosen("roles");
    let reason = fields.line("role_reason");
    if reason.is_empty() || reason.chars().count() > 2_000 {
        let problem = Problem::at("role_reason", "理由を 2,000 文字までで入力してください。");
        return form(&app, &signed, &id, &fields, (vec![problem], None, None)).await;
    }
    let wanted = |value: &str| ticked.contains(&value);
    let leaving = ROLES.iter().filter(|(role, value, _)| held.contains(role) && !wanted(value));
    let coming = ROLES.iter().filter(|(role, value, _)| !held.contains(role) && wanted(value));
    let withdraw =
        leaving.map(|(role, ..)| Command::WithdrawRole(WithdrawRole { person: person.clone(), role: *role }));
    let grant = coming.map(|(role, ..)| Command::GrantRole(GrantRole { person: person.clone(), role: *role }));
    for command in withdraw.chain(grant) {
        if let Err(refusal) = give(&app, &signed, command, reason).await? {
            return form(&app, &signed, &id, &fields, (vec![Problem::refused("roles", &refusal)], None, None)).await;
        }
    }
    Ok(go(&format!("/people/{id}?done=roles")))
}

/// Makes a link and shows it once; it is never in an address of ours.
pub(super) async fn invite(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let person = known(&id)?;
    let login = Some(fields.line("login")).filter(|login| !login.is_empty());
    match invite_to_account(&app, signed.person(), &person, login, "").await {
        Ok(link) => {
            let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("");
            let base = app.config.signin.public_url.clone().unwrap_or_else(|| format!("http://{host}"));
            let link = format!("{base}/enrol/{}", link.secret.as_str());
            form(&app, &signed, &id, &fields, (Vec::new(), Some("招待のリンクを作りました。"), Some(link))).await
        }
        Err(NotInvited::Login { ja, .. }) => {
            let text = if login.is_none() { "サインイン名を入力してください。".to_owned() } else { ja };
            form(&app, &signed, &id, &fields, (vec![Problem::at("login", text)], None, None)).await
        }
        Err(NotInvited::Refused(refusal)) => {
            form(&app, &signed, &id, &fields, (vec![Problem::refused("login", &refusal)], None, None)).await
        }
        Err(NotInvited::Journal(error)) => Err(error.into()),
        Err(NotInvited::Read(error)) => Err(error.into()),
    }
}
