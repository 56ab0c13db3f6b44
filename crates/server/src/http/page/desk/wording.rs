//! What the desk's pages call things: states, ranges of people, steps of a history, reasons of the rules.

use crate::account::in_words;
use crate::http::App;
use crate::http::page::error::PageError;
use crate::http::page::list::Tone;
use crate::http::page::words::{self, Departments, Names};
use sekisho_domain::command::INSTALLATION;
use sekisho_domain::decision::{Effect, PermitStanding, Reason, RiskStanding};
use sekisho_domain::history::{Deed, Step};
use sekisho_domain::id::{PersonId, ServiceId};
use sekisho_domain::organization::Sector;
use sekisho_domain::permit::{ApplicationState, Change, Draft, RiskSheet, UserRange};
use sekisho_domain::person::Role;
use sekisho_domain::register::Register;
use sekisho_domain::rehearsal::Rehearsed;
use sekisho_domain::service::Consultation;
use std::collections::BTreeSet;

/// Named people shown one by one; the rest is a number.
const MOST_NAMES: usize = 50;

/// Roles that see what others applied for.
pub(in crate::http::page) const GOVERNING: [Role; 6] =
    [Role::Approver, Role::Ciso, Role::ServiceManager, Role::Caio, Role::Auditor, Role::Administrator];

pub(in crate::http::page) fn governs(register: &Register, person: &PersonId) -> bool {
    register.holds_any(person, &GOVERNING)
}

/// The clause in the document that binds this body.
pub(in crate::http::page) fn clause(register: &Register, national: &'static str) -> &'static str {
    match (is_municipal(register), national) {
        (true, "統一基準R3 4.2.1") => "地方R5 8.2",
        (true, "統一基準R3 4.2.2(2)(a)") => "地方R5.3 8.3(2)①",
        (true, "統一基準R3 4.2.2(2)(b)") => "地方R5.3 8.3(2)②",
        (_, clause) => clause,
    }
}

pub(in crate::http::page) fn is_municipal(register: &Register) -> bool {
    register.organization().is_some_and(|body| body.sector == Sector::Municipal)
}

pub(in crate::http::page) fn services(register: &Register, ids: &BTreeSet<ServiceId>) -> String {
    ids.iter().map(|id| words::service(register, id)).collect::<Vec<_>>().join("、")
}

pub(in crate::http::page) fn state(state: &ApplicationState) -> Tone {
    match state {
        ApplicationState::Submitted => Tone::Look,
        ApplicationState::Returned | ApplicationState::Refused => Tone::Bad,
        ApplicationState::Approved { .. } => Tone::Good,
        ApplicationState::Withdrawn => Tone::Plain,
    }
}

pub(in crate::http::page) fn standing(standing: PermitStanding) -> (Tone, &'static str) {
    match standing {
        PermitStanding::Active => (Tone::Good, "有効"),
        PermitStanding::NotYet => (Tone::Look, "期間前"),
        PermitStanding::Suspended => (Tone::Bad, "停止中"),
        PermitStanding::Expired => (Tone::Plain, "期間終了"),
        PermitStanding::Revoked => (Tone::Bad, "取消し"),
        PermitStanding::None => (Tone::Plain, "なし"),
    }
}

pub(in crate::http::page) fn consultation(state: Consultation) -> &'static str {
    match state {
        Consultation::None => "報告の記録なし",
        Consultation::Reported => "報告済み（了解待ち）",
        Consultation::Consented => "了解済み",
    }
}

pub(in crate::http::page) fn risk(standing: RiskStanding) -> (Tone, &'static str) {
    match standing {
        RiskStanding::Unassessed => (Tone::Look, "判定シートなし"),
        RiskStanding::Low => (Tone::Good, "高リスクにあたる可能性は低い"),
        RiskStanding::PossiblyHigh => (Tone::Look, "高リスクの可能性あり（AI統括責任者の判断待ち）"),
        RiskStanding::AcceptedByCaio => (Tone::Good, "AI統括責任者がリスクを受け入れた"),
        RiskStanding::RefusedByCaio => (Tone::Bad, "AI統括責任者が認めていない"),
    }
}

/// The four axes of the 高リスク判定シート in plain words, each with what 0 to 3 mean. The axes follow a secondary
/// account of DS-920; the scale is ours.
pub(in crate::http::page) const AXES: [(&str, &str, &str, [&str; 4]); 4] = [
    (
        "users",
        "A 利用者の範囲・種別",
        "誰が使い、誰に影響しますか。",
        ["一つの係・課", "この機関の全体", "複数の機関", "国民・住民が直接使う"],
    ),
    (
        "work",
        "B 利用業務の性格",
        "人の生命・権利・財産、給付や処分に関わりますか。誤りは許されますか。",
        [
            "関わらない・誤っても直せる",
            "間接に関わる",
            "関わるが、誤りは途中で見つかる",
            "直接関わり、誤りが許されない",
        ],
    ),
    (
        "learning",
        "C 要機密情報・個人情報の学習等",
        "要機密情報や個人情報をAIに参照させたり学習させたりしますか。",
        ["扱わない", "入力することがある", "検索して参照させる", "学習させる"],
    ),
    (
        "judgement",
        "D 職員の判断",
        "出力を使う前に職員が確かめますか。",
        ["必ず確かめる", "ほぼ確かめる", "一部を抜き出して確かめる", "確かめない（自動）"],
    ),
];

/// The sheet's answers in words.
pub(in crate::http::page) fn answers(sheet: &RiskSheet) -> Vec<(String, String)> {
    let values = [sheet.users, sheet.work, sheet.learning, sheet.judgement];
    let words = AXES.iter().zip(values).map(|((_, axis, _, scale), value)| {
        let meaning = scale.get(usize::from(value)).copied().unwrap_or("");
        ((*axis).to_owned(), format!("{value} {meaning}"))
    });
    words.collect()
}

/// 利用者の範囲 in words.
#[derive(Debug, Default)]
pub(in crate::http::page) struct Range {
    pub(in crate::http::page) departments: Vec<String>,
    pub(in crate::http::page) posts: Vec<String>,
    pub(in crate::http::page) people: Vec<String>,
    pub(in crate::http::page) more_people: usize,
    pub(in crate::http::page) count: usize,
}

impl Range {
    pub(in crate::http::page) async fn of(
        app: &App,
        register: &Register,
        range: &UserRange,
    ) -> Result<Self, PageError> {
        let departments = Departments::all(app).await?;
        let shown: Vec<&PersonId> = range.people.iter().take(MOST_NAMES).collect();
        let names = Names::of(app, shown.clone()).await?;
        let mut posts = Vec::new();
        for post in &range.posts {
            posts.push(post_in_words(app, register, post).await?);
        }
        Ok(Self {
            departments: range.departments.iter().map(|id| departments.get(id)).collect(),
            posts,
            people: shown.iter().map(|id| names.get(id)).collect(),
            more_people: range.people.len().saturating_sub(MOST_NAMES),
            count: register.covers(range),
        })
    }

    /// In one line.
    pub(in crate::http::page) fn line(&self) -> String {
        let mut parts = Vec::new();
        if !self.departments.is_empty() {
            parts.push(format!("部局: {}", self.departments.join("、")));
        }
        if !self.posts.is_empty() {
            parts.push(format!("職: {}", self.posts.join("、")));
        }
        if !self.people.is_empty() {
            let more = if self.more_people > 0 { format!("ほか {} 人", self.more_people) } else { String::new() };
            parts.push(format!("人: {}{more}", self.people.join("、")));
        }
        if parts.is_empty() { "なし".into() } else { parts.join("／") }
    }
}

/// What a post is called: as the directory has it for who took it up last.
pub(in crate::http::page) async fn post_in_words(
    app: &App,
    register: &Register,
    post: &str,
) -> Result<String, PageError> {
    let last = register.posts().find(|(known, _)| *known == post).map(|(_, person)| person);
    let Some(last) = last.filter(|id| register.person(id).is_some_and(|person| person.post == post)) else {
        return Ok(post.to_owned());
    };
    let known = app.store.directory_person(last).await?.map(|known| known.post).filter(|post| !post.is_empty());
    Ok(known.unwrap_or_else(|| post.to_owned()))
}

/// A draft as the pages show it.
pub(in crate::http::page) struct Content {
    pub(in crate::http::page) services: Vec<(String, String)>,
    pub(in crate::http::page) purpose: String,
    pub(in crate::http::page) range: Range,
    pub(in crate::http::page) ceiling: String,
    pub(in crate::http::page) from: String,
    pub(in crate::http::page) until: String,
    pub(in crate::http::page) statement: String,
    pub(in crate::http::page) risk: Vec<(String, String)>,
    pub(in crate::http::page) liu: bool,
}

impl Content {
    pub(in crate::http::page) async fn of(app: &App, register: &Register, draft: &Draft) -> Result<Self, PageError> {
        Ok(Self {
            services: draft.services.iter().map(|id| (id.to_string(), words::service(register, id))).collect(),
            purpose: draft.purpose.clone(),
            range: Range::of(app, register, &draft.users).await?,
            ceiling: words::grade(register, draft.ceiling),
            from: words::day(draft.from),
            until: words::day(draft.until),
            statement: draft.risk_statement.clone(),
            risk: draft.risk.as_ref().map(answers).unwrap_or_default(),
            liu: draft.liu_work_listed_low,
        })
    }
}

/// What differs, before and after.
#[derive(Debug, Clone)]
pub(in crate::http::page) struct Difference {
    pub(in crate::http::page) what: String,
    pub(in crate::http::page) before: String,
    pub(in crate::http::page) after: String,
}

/// Changes under a permit.
pub(in crate::http::page) fn differences(register: &Register, changes: &[Change]) -> Vec<Difference> {
    let shown = |text: &str| match text.get(..12) {
        Some(head) if text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) => format!("SHA-256 {head}…"),
        _ if text.is_empty() => "（内蔵・なし）".to_owned(),
        _ => text.to_owned(),
    };
    let one = |change: &Change| Difference {
        what: format!("{}（{}）", change.what, words::service(register, &change.service)),
        before: shown(&change.before),
        after: shown(&change.after),
    };
    changes.iter().map(one).collect()
}

/// What the applicant changed between two contents.
async fn redrafted(
    app: &App,
    register: &Register,
    before: &Draft,
    after: &Draft,
) -> Result<Vec<Difference>, PageError> {
    let (one, other) = (Content::of(app, register, before).await?, Content::of(app, register, after).await?);
    let sheet = |content: &Content| {
        let lines: Vec<String> = content.risk.iter().map(|(axis, answer)| format!("{axis}: {answer}")).collect();
        if lines.is_empty() { "なし".to_owned() } else { lines.join("、") }
    };
    let period = |content: &Content| format!("{}から{}", content.from, content.until);
    let liu = |content: &Content| if content.liu { "あり" } else { "なし" }.to_owned();
    let pairs = [
        ("サービス", services(register, &before.services), services(register, &after.services)),
        ("利用目的（業務）", one.purpose.clone(), other.purpose.clone()),
        ("利用者の範囲", one.range.line(), other.range.line()),
        ("格付の上限", one.ceiling.clone(), other.ceiling.clone()),
        ("期間", period(&one), period(&other)),
        ("選定時の確認結果", one.statement.clone(), other.statement.clone()),
        ("高リスク判定シート", sheet(&one), sheet(&other)),
        ("ISMAP-LIUの対象業務", liu(&one), liu(&other)),
    ];
    let differ = pairs.into_iter().filter(|(_, before, after)| before != after);
    Ok(differ.map(|(what, before, after)| Difference { what: what.to_owned(), before, after }).collect())
}

/// One step of a history.
pub(in crate::http::page) struct Past {
    pub(in crate::http::page) what: &'static str,
    pub(in crate::http::page) who: String,
    pub(in crate::http::page) when: String,
    pub(in crate::http::page) reason: String,
    pub(in crate::http::page) detail: String,
    pub(in crate::http::page) differences: Vec<Difference>,
}

/// A history, newest first. `draft` is the content that stands now, where there is one.
pub(in crate::http::page) async fn history(
    app: &App,
    register: &Register,
    steps: &[Step],
    draft: Option<&Draft>,
) -> Result<Vec<Past>, PageError> {
    let actors: Vec<&PersonId> = steps.iter().map(|step| &step.by).collect();
    let names = Names::of(app, actors).await?;
    let mut after = draft;
    let mut past = Vec::new();
    for step in steps.iter().rev() {
        let mut detail = String::new();
        let differences = match &step.deed {
            Deed::Suspended { changes } | Deed::Reapproved { changes } => differences(register, changes),
            Deed::Resubmitted { before } => {
                let found = match after {
                    Some(after) => redrafted(app, register, before, after).await?,
                    None => Vec::new(),
                };
                after = Some(before);
                found
            }
            Deed::RiskAnswered { before, after } => answered(before.as_ref(), after),
            Deed::ConditionMet { code, until } => {
                detail = format!("{}（{}まで）", condition(code), words::day(*until));
                Vec::new()
            }
            Deed::Service { detail: of, .. } => {
                detail.clone_from(of);
                Vec::new()
            }
            _ => Vec::new(),
        };
        past.push(Past {
            what: step.deed.label(),
            who: if step.by.as_str() == INSTALLATION {
                "この仕組みによる自動処理".into()
            } else {
                names.get(&step.by)
            },
            when: in_words(step.at),
            reason: step.reason.clone(),
            detail,
            differences,
        });
    }
    Ok(past)
}

/// Which answers of the sheet are others now.
fn answered(before: Option<&RiskSheet>, after: &RiskSheet) -> Vec<Difference> {
    let earlier = before.map(answers).unwrap_or_default();
    let one = |(at, (what, after)): (usize, (String, String))| {
        let before = earlier.get(at).map_or_else(|| "なし".to_owned(), |(_, answer)| answer.clone());
        (before != after).then_some(Difference { what, before, after })
    };
    answers(after).into_iter().enumerate().filter_map(one).collect()
}

/// Conditional reasons that an approver may record as met.
pub(in crate::http::page) const CONDITIONS: [(&str, &str); 4] = [
    ("RENEWAL_PENDING", "ISMAPの更新を審査中であることを確かめた"),
    ("INCIDENT_OPEN", "サービスの事故の内容と影響を確かめた"),
    ("ADVISORY_OPEN", "注意喚起の内容を確かめた"),
    ("ZONE_RESTRICTED", "接続元の区分での利用を確かめた"),
];

pub(in crate::http::page) fn condition(code: &str) -> &str {
    CONDITIONS.iter().find(|(known, _)| *known == code).map_or(code, |(_, words)| words)
}

/// A reason as the pages show it.
pub(in crate::http::page) struct Told {
    pub(in crate::http::page) tone: &'static str,
    pub(in crate::http::page) effect: &'static str,
    pub(in crate::http::page) title: String,
    pub(in crate::http::page) explanation: String,
    pub(in crate::http::page) remedy: String,
    pub(in crate::http::page) clause: String,
    pub(in crate::http::page) document: String,
    pub(in crate::http::page) evidence: &'static str,
}

impl Told {
    fn of(reason: &Reason) -> Self {
        let (tone, effect) = match reason.effect {
            Effect::Deny => (Tone::Bad, "使えない"),
            Effect::Conditional => (Tone::Look, "先にすることがある"),
        };
        Self {
            tone: tone.class(),
            effect,
            title: reason.title.clone(),
            explanation: reason.explanation.clone(),
            remedy: reason.remedy.clone(),
            clause: reason.clause.clone(),
            document: format!("{}（{}）", reason.document, reason.edition),
            evidence: reason.evidence.label(),
        }
    }
}

/// What the rules say of one service.
pub(in crate::http::page) struct Ruled {
    pub(in crate::http::page) service: String,
    pub(in crate::http::page) reasons: Vec<Told>,
}

pub(in crate::http::page) fn ruled(register: &Register, rehearsed: &[Rehearsed]) -> Vec<Ruled> {
    let one = |r: &Rehearsed| Ruled {
        service: words::service(register, &r.service),
        reasons: r.decision.reasons.iter().map(Told::of).collect(),
    };
    rehearsed.iter().map(one).collect()
}

/// What somebody is told whose page was overtaken by the last step.
pub(in crate::http::page) fn overtaken(last: Option<&Step>) -> String {
    match last {
        Some(step) => format!(
            "この画面を開いた後に、{} に「{}」がありました。この画面からは何も変更していません。いまの内容を確かめてください。",
            in_words(step.at),
            step.deed.label()
        ),
        None => "この画面は古くなっています。何も変更していません。".to_owned(),
    }
}
