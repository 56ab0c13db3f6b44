//! `/ismap`: what waits for me, by the roles I hold, and where everything is.

use super::frame;
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Frame, page};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::day::in_japan;
use sekisho_domain::ismap::RegistrationState;
use sekisho_domain::ismap::party::PartyKind::{self, AuditFirm, Csp, Operator, ProcuringBody};

#[derive(Template)]
#[template(path = "ismap/home.html")]
struct HomePage {
    frame: Frame,
    /// For whom one acts, and as what.
    acting: String,
    /// What waits for the person: text, address, what the link says.
    tasks: Vec<(String, String, &'static str)>,
    /// How many more there are than are shown.
    more: usize,
    listed: usize,
    continuing: usize,
    places: Vec<(&'static str, &'static str, &'static str)>,
}

/// Path, name, what it is for, and the kinds of party that need it; none means everybody.
type Door = (&'static str, &'static str, &'static str, &'static [PartyKind]);

/// Tasks that are shown at once.
const TASKS: usize = 40;

const DOORS: &[Door] = &[
    ("/ismap/list", "登録リスト", "登録されたクラウドサービスを探し、比べます。", &[]),
    ("/ismap/look-ups", "参照の記録", "調達のために何を調べ、何を見たかを残します。", &[ProcuringBody, Operator]),
    ("/ismap/annexes", "別添の請求", "言明書の詳細の閲覧を求め、答えます。", &[Csp, ProcuringBody]),
    ("/ismap/statements", "言明書", "言明書を書き、検証し、署名します。読むことを認められた言明書を読みます。", &[]),
    ("/ismap/offerings", "クラウドサービス", "登録を目指すサービスを加えます。", &[Csp]),
    ("/ismap/engagements", "監査", "監査を依頼し、計画し、評価し、報告します。", &[Csp, AuditFirm, Operator]),
    ("/ismap/firms", "監査機関", "監査機関の登録と更新の手続をします。", &[]),
    (
        "/ismap/preliminaries",
        "LIU の事前申請",
        "業務の影響度を評価し、ISMAP-LIU の対象になるかを確かめます。",
        &[Csp, Operator, ProcuringBody],
    ),
    ("/ismap/filings", "登録申請", "申請の状態と決定までの期間を確かめ、次の手続をします。", &[Csp, Operator]),
    ("/ismap/filings/new", "登録を申請する", "監査の済んだ言明書で登録・更新を申請します。", &[Csp]),
    ("/ismap/meetings", "運営委員会の会議", "会議を招集し、議題ごとに決定し、議事録を保管します。", &[Operator]),
    ("/ismap/incidents", "インシデント", "速報・確報を出し、対応を決めます。", &[Csp, Operator]),
    ("/ismap/change-notices", "変更の届出", "統制や登録情報の変更を届け出て、対応を決めます。", &[Csp, Operator]),
    ("/ismap/deadlines", "期限", "更新・決定・報告の期限を近い順に見ます。", &[]),
    ("/ismap/criteria", "管理基準", "版、項目、違いと対応表を見ます。取り込みます。", &[]),
    ("/ismap/rules", "規程類", "根拠となる規程類を版ごとに見ます。記録します。", &[]),
    (
        "/ismap/parties",
        "当事者",
        "当事者と、その立場で動く人を登録します。",
        &[Csp, AuditFirm, Operator, ProcuringBody],
    ),
    ("/ismap/public", "公開の登録簿", "誰でも見られる登録簿を確かめます。", &[Operator]),
    ("/ismap/settings", "制度の設定", "日数と期間の扱いを定めます。", &[Operator]),
];

pub(super) async fn show(State(app): State<App>, Seen(signed): Seen) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let scheme = register.scheme();
    let party = scheme.party_of(signed.person()).and_then(|id| scheme.parties.now(id));
    let roles: Vec<&str> = scheme.roles_of(signed.person()).into_iter().map(|role| role.label()).collect();
    let acting = party.map_or(String::new(), |party| format!("{}（{}）", party.name, roles.join("・")));
    let count = |state| register.registrations().filter(|r| r.state_on(today) == state).count();
    let mut tasks = super::operator::waiting(&register, signed.person(), today);
    let more = tasks.len().saturating_sub(TASKS);
    tasks.truncate(TASKS);
    // Who acts for nobody else is of the body, which procures.
    let kind = party.map_or(ProcuringBody, |party| party.kind);
    let mine = DOORS.iter().filter(|(.., kinds)| kinds.is_empty() || kinds.contains(&kind));
    let home = HomePage {
        frame: frame(&app, &signed, "/ismap", "ISMAP", &[]).await?,
        acting,
        tasks,
        more,
        listed: count(RegistrationState::Active),
        continuing: count(RegistrationState::Continuing),
        places: mine.map(|(path, label, about, _)| (*path, *label, *about)).collect(),
    };
    Ok(page(StatusCode::OK, &home))
}
