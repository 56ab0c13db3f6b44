//! The home page of someone who is signed in: what waits for them, and where they can go.

use super::desk::{Reminded, reminded, unread};
use super::ds920::{case_handlers, cases_wait_for, risk_waits};
use super::error::PageError;
use super::frame::{Frame, go, page};
use super::places;
use super::words::day;
use super::{stories, surveys};
use crate::account::SignedIn;
use crate::http::App;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::ToSpan as _;
use jiff::civil::Date;
use sekisho_domain::day::in_japan;
use sekisho_domain::decision::PermitStanding;
use sekisho_domain::permit::{ApplicationState, PermitState};
use sekisho_domain::person::{Person, Role};
use sekisho_domain::records::disclosure::{Disclosure, DisclosureState};
use sekisho_domain::records::disposal::{Disposal, DisposalState};
use sekisho_domain::register::Register;

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    frame: Frame,
    tasks: Vec<Task>,
    /// Permits that include the person today.
    permits: usize,
    places: Vec<(&'static str, &'static str, &'static str)>,
}

/// Something that waits for the person.
struct Task {
    text: String,
    href: &'static str,
    label: &'static str,
}

/// What each place of the menu is for.
const ABOUT: [(&str, &str); 26] = [
    ("/chat", "承認された業務で、モデルと対話します。"),
    ("/apps", "文章生成・要約・校正・翻訳など、用途の決まった道具を使います。"),
    ("/applications", "生成AIを使いたい業務を申請し、状況を確かめます。"),
    ("/review", "届いた利用申請を審査します。"),
    ("/permits", "どの業務で、誰が、何を使えるかを確かめます。"),
    ("/services", "登録されたサービスの条件と状態を確かめます。"),
    ("/returns", "申合せの報告のうち、まだのもの、送ったもの、回答を見ます。"),
    ("/surveys", "利用についてのアンケートに答えます。"),
    ("/stories", "職員が書いた利用の事例を読み、自分の事例を書きます。"),
    ("/inventory", "承認の棚卸しと見直しの予定を管理します。"),
    ("/budgets", "承認・部局・人ごとの利用の上限と単価を定め、使った量を見ます。"),
    ("/risk", "高リスク判定シートと判定表の結果を見て、AI統括責任者がリスクを判断します。"),
    ("/checklists", "調達と契約のチェックシートに記入し、完成させます。"),
    ("/cases", "生成AIの利用で起きた問題を報告し、終結まで対応します。"),
    ("/notices", "職員へのお知らせを読みます。"),
    ("/ismap", "登録されたクラウドサービスを調べ、制度の手続を進めます。"),
    ("/oversight", "利用と拒否の状況を見ます。"),
    ("/research", "法令、国会の質疑と答弁、組織の文書を調べます。"),
    ("/oversight/report", "期間と部局を選び、利用の数を報告書にまとめます。"),
    ("/oversight/shadow", "ログから、関所を通らない生成AIの利用を調べます。"),
    ("/oversight/ledger", "台帳の署名を確かめ、検証用の一式を取り出します。"),
    ("/records", "内容の保存期間、廃棄の停止、廃棄、開示請求を扱います。"),
    ("/oversight/governance", "誰がいつ何を決め、何を変えたかを調べます。"),
    ("/me", "登録内容、使える業務、サインインの方法を確かめます。"),
    ("/start", "使い始めるまでの手順を進めます。"),
    ("/people", "職員・役割・アカウントを登録します。"),
];

/// How long before its end a permit is worth a word.
const SOON_DAYS: i64 = 30;

fn tasks(register: &Register, person: &Person, today: Date) -> Vec<Task> {
    let mut tasks = Vec::new();
    let holds = |role: Role| person.roles.contains(&role);
    let mine = || register.applications().filter(|a| a.applicant == person.person);
    let returned = mine().filter(|a| a.state == ApplicationState::Returned).count();
    if returned > 0 {
        let text = format!("差し戻された利用申請が {returned} 件あります。");
        tasks.push(Task { text, href: "/applications", label: "申請を直す" });
    }
    if holds(Role::Approver) {
        let of_others = |a: &&sekisho_domain::permit::Application| {
            a.state == ApplicationState::Submitted && a.applicant != person.person
        };
        let waiting = register.applications().filter(of_others).count();
        if waiting > 0 {
            let text = format!("審査を待つ利用申請が {waiting} 件あります。");
            tasks.push(Task { text, href: "/review", label: "審査する" });
        }
    }
    if holds(Role::Caio) {
        let waiting = register.applications().filter(|a| risk_waits(register, a, today)).count();
        if waiting > 0 {
            let text = format!("リスクの判断を待つ申請・承認が {waiting} 件あります。");
            tasks.push(Task { text, href: "/risk", label: "判断する" });
        }
    }
    if case_handlers().iter().copied().any(holds) {
        let open = || register.ds920().cases().filter(|case| !case.is_closed());
        let waiting = open().filter(|case| cases_wait_for(case, &person.roles)).count();
        if waiting > 0 {
            let text = format!("対応を待つリスクケースが {waiting} 件あります。");
            tasks.push(Task { text, href: "/cases", label: "対応する" });
        }
        let clocks = register.ds920().clocks_on(today);
        let late = open().filter(|case| case.running(&clocks).iter().any(|one| one.is_overdue(today))).count();
        if late > 0 {
            let text = format!("期限を過ぎたリスクケースが {late} 件あります。");
            tasks.push(Task { text, href: "/cases?show=overdue", label: "確かめる" });
        }
    }
    if [Role::Approver, Role::ServiceManager, Role::Ciso].into_iter().any(holds) {
        let live = |p: &&sekisho_domain::permit::Permit| p.standing_on(today) == PermitStanding::Active;
        let suspended = register
            .permits()
            .filter(|p| matches!(p.state, PermitState::Suspended { .. }) && p.draft.until >= today)
            .count();
        if suspended > 0 {
            let text = format!("停止中の承認が {suspended} 件あります。");
            tasks.push(Task { text, href: "/permits", label: "承認を見る" });
        }
        let overdue = register.permits().filter(live).filter(|p| p.review_on < today).count();
        if overdue > 0 {
            let text = format!("見直し期限を過ぎた承認が {overdue} 件あります。");
            tasks.push(Task { text, href: "/permits", label: "承認を見る" });
        }
    }
    if [Role::ServiceManager, Role::Ciso, Role::Administrator].into_iter().any(holds) {
        let Reminded { owed, late, silent } = reminded(register, today);
        if owed > 0 {
            let late = if late > 0 {
                format!("うち {late} 件は、関所の目安の日数を過ぎています。")
            } else {
                String::new()
            };
            let text = format!("申合せの報告の記録がないものが {owed} 件あります。{late}");
            tasks.push(Task { text, href: "/returns?show=owed", label: "報告を見る" });
        }
        if silent > 0 {
            let text = format!("送ってから関所の目安の日数を過ぎても回答のない報告が {silent} 件あります。");
            tasks.push(Task { text, href: "/returns?show=waiting", label: "回答を確かめる" });
        }
    }
    let records = register.records();
    if holds(Role::RecordsManager) {
        let late = records.ground().disclosures().filter(|one| one.is_open() && one.due() < today).count();
        if late > 0 {
            let text = format!("決定の目安を過ぎた開示請求が {late} 件あります。");
            tasks.push(Task { text, href: "/records/disclosures", label: "対応する" });
        }
        let approved = records.disposals().filter(|one| matches!(one.state, DisposalState::Approved)).count();
        if approved > 0 {
            let text = format!("承認され、実施を待つ廃棄簿が {approved} 件あります。");
            tasks.push(Task { text, href: "/records/disposals", label: "実施する" });
        }
    }
    if holds(Role::RecordsManager) || holds(Role::Ciso) {
        let of_others =
            |one: &&Disposal| matches!(one.state, DisposalState::Drafted) && one.drafted_by != person.person;
        let waiting = records.disposals().filter(of_others).count();
        if waiting > 0 {
            let text = format!("承認を待つ廃棄簿が {waiting} 件あります。");
            tasks.push(Task { text, href: "/records/disposals", label: "確かめる" });
        }
    }
    if holds(Role::Auditor) || holds(Role::Ciso) {
        let asked = |one: &&Disclosure| one.state == DisclosureState::Opened && one.reader != person.person;
        let waiting = records.ground().disclosures().filter(asked).count();
        if waiting > 0 {
            let text = format!("閲覧への同意を待つ開示請求が {waiting} 件あります。");
            tasks.push(Task { text, href: "/records/disclosures", label: "確かめる" });
        }
    }
    let soon = today.checked_add(SOON_DAYS.days()).unwrap_or(Date::MAX);
    let ending = register
        .permits()
        .filter(|p| p.standing_on(today) == PermitStanding::Active && register.in_range(&p.draft.users, person))
        .filter(|p| p.draft.until <= soon)
        .min_by_key(|p| p.draft.until);
    if let Some(permit) = ending {
        let text = format!(
            "「{}」の承認は {} までです。続けるには、改めて申請してください。",
            permit.draft.purpose,
            day(permit.draft.until)
        );
        tasks.push(Task { text, href: "/applications", label: "申請する" });
    }
    tasks
}

pub(super) async fn show(app: &App, signed: &SignedIn) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    if register.scheme().is_outsider(signed.person()) {
        return Ok(go("/ismap"));
    }
    let today = in_japan(app.world.now());
    let person = register.person(signed.person()).ok_or(PageError::Stale)?;
    let permits = register
        .permits()
        .filter(|p| p.standing_on(today) == PermitStanding::Active && register.in_range(&p.draft.users, person))
        .count();
    let places = places::all()
        .filter(|place| place.who.lets_in(&person.roles))
        .filter_map(|place| Some((place.path, place.label?)))
        .map(|(path, label)| {
            (path, label, ABOUT.iter().find(|(known, _)| *known == path).map_or("", |(_, about)| *about))
        })
        .collect();
    let mut tasks = tasks(&register, person, today);
    let unread = unread(app, &register, person).await?;
    if unread > 0 {
        let text = format!("まだ確認していないお知らせが {unread} 件あります。");
        tasks.push(Task { text, href: "/notices", label: "読む" });
    }
    let (to_answer, to_close) = surveys::waiting(app, &register, person, today).await?;
    if to_answer > 0 {
        let text = format!("回答を待っているアンケートが {to_answer} 件あります。");
        tasks.push(Task { text, href: "/surveys", label: "回答する" });
    }
    if to_close > 0 {
        let text = format!("期間が終わり、締切りを待つアンケートが {to_close} 件あります。");
        tasks.push(Task { text, href: "/surveys", label: "締め切る" });
    }
    let stories = stories::waiting(app, &register, signed.person()).await?;
    if stories > 0 {
        let text = format!("審査を待つ事例が {stories} 件あります。");
        tasks.push(Task { text, href: "/stories", label: "審査する" });
    }
    let frame = Frame::new(app, Some(signed), "/", "ホーム").await?;
    Ok(page(StatusCode::OK, &HomePage { frame, tasks, permits, places }))
}
