//! What is still to be done before the first use, step by step, and by whom.

use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Frame, page};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::day::in_japan;
use sekisho_domain::decision::PermitStanding;
use sekisho_domain::person::Role;

#[derive(Template)]
#[template(path = "setup/start.html")]
struct StartPage {
    frame: Frame,
    steps: Vec<Step>,
    done: usize,
}

/// One step.
struct Step {
    title: &'static str,
    why: &'static str,
    /// Who does it.
    who: &'static str,
    /// How far it is.
    state: String,
    done: bool,
    href: &'static str,
    label: &'static str,
}

pub(super) async fn show(State(app): State<App>, Seen(signed): Seen) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let holders = |role: Role| register.persons().filter(|p| p.active && p.roles.contains(&role)).count();
    let (people, departments) = (register.persons().filter(|p| p.active).count(), register.departments().count());
    let needed = [Role::Ciso, Role::Approver, Role::ServiceManager];
    let lacking: Vec<&str> = needed.into_iter().filter(|role| holders(*role) == 0).map(Role::label).collect();
    let parts = register.regulation().missing();
    let sets = register.rule_sets().count();
    let services = register.services().filter(|record| !record.withdrawn).count();
    let waiting = register
        .applications()
        .filter(|a| matches!(a.state, sekisho_domain::permit::ApplicationState::Submitted))
        .count();
    let applications = register.applications().count();
    let permits = register.permits().filter(|p| p.standing_on(today) == PermitStanding::Active).count();
    let steps = vec![
        Step {
            title: "部局と職員を登録する",
            why: "承認は人・部局・職の範囲に対して行われます。少なくとも、あなたのほかに承認する人が一人必要です。",
            who: "システム管理者",
            state: format!("部局 {departments}、職員 {people} 人"),
            done: people >= 2,
            href: "/people",
            label: "職員の一覧へ",
        },
        Step {
            title: "役割を割り当てる",
            why: "統括情報セキュリティ責任者・許可権限者・外部サービス管理者が必要です。システム管理者は許可権限者を兼ねられません。",
            who: "システム管理者",
            state: if lacking.is_empty() {
                "そろっています".to_owned()
            } else {
                format!("未割当て: {}", lacking.join("、"))
            },
            done: lacking.is_empty(),
            href: "/people",
            label: "職員の一覧から選ぶ",
        },
        Step {
            title: "規程を整える",
            why: "四つの部分がそろうまで、利用申請は受け付けられません（統一基準R3 4.2.2(1)(a)）。",
            who: "統括情報セキュリティ責任者",
            state: if parts.is_empty() {
                "そろっています".to_owned()
            } else {
                format!("未整備: {}", parts.iter().map(|part| part.label()).collect::<Vec<_>>().join("、"))
            },
            done: parts.is_empty(),
            href: "/regulation",
            label: "規程へ",
        },
        Step {
            title: "規則を採用する",
            why: "採用した規則が、すべての利用に一件ずつ適用されます。採用するまで、どの利用も通りません。",
            who: "統括情報セキュリティ責任者",
            state: format!("採用 {sets} 組"),
            done: register.rule_sets().any(|set| set.id.as_str() == "base") && sets > 1,
            href: "/rules",
            label: "規則へ",
        },
        Step {
            title: "サービスを登録する",
            why: "使うモデルと接続先、約款、地域、ISMAPの番号を登録します。接続先の鍵は設定ファイルから読みます。",
            who: "外部サービス管理者",
            state: format!("登録 {services} 件"),
            done: services > 0,
            href: "/services",
            label: "サービスへ",
        },
        Step {
            title: "利用を申請する",
            why: "業務・利用者・扱う情報の格付・期間を決めて申請します。",
            who: "職員の誰でも",
            state: format!("申請 {applications} 件、うち審査中 {waiting} 件"),
            done: applications > 0,
            href: "/apply",
            label: "利用申請へ",
        },
        Step {
            title: "承認する",
            why: "申請した人とは別の許可権限者が、事実を確かめて承認します（統一基準R3 4.2.2(2)(b)）。",
            who: "許可権限者",
            state: format!("有効な承認 {permits} 件"),
            done: permits > 0,
            href: "/review",
            label: "審査へ",
        },
        Step {
            title: "使ってみる",
            why: "承認の範囲に入っている人は、チャットとアプリを使えます。一件ごとに記録が残ります。",
            who: "承認の範囲の職員",
            state: "チャットから始められます".to_owned(),
            done: false,
            href: "/chat",
            label: "チャットへ",
        },
    ];
    let done = steps.iter().filter(|step| step.done).count();
    let frame = Frame::new(&app, Some(&signed), "/start", "使い始めるまで").await?.below(&[("/", "ホーム")]);
    Ok(page(StatusCode::OK, &StartPage { frame, steps, done }))
}
