//! 監査計画: which items are audited and how deep, from a proposal, in bulk and one by one; then it is recorded.

use super::super::frame;
use super::access::Audit;
use super::items::Turn;
use super::wording::{self, Opened, today};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::give_with;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::list::Asked;
use crate::ismap::documents;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::command::{Command, StepEngagement};
use sekisho_domain::ismap::catalogue::Catalogue;
use sekisho_domain::ismap::criterion::{Criterion, CriterionId};
use sekisho_domain::ismap::engagement::{
    AuditFile, EngagementKind, EngagementState, EngagementStep, EvidenceKind, IsmsRelief, PastAudit, Scope, Wanted,
    items_to_audit, propose,
};
use sekisho_domain::ismap::statement::StatementContent;
use std::collections::BTreeMap;

/// Most audits before this one that a proposal looks at: the longest cycle a catalogue names, and some.
const PAST: usize = 6;

#[derive(Template)]
#[template(path = "ismap/audit/plan.html")]
struct PlanPage {
    frame: Frame,
    path: String,
    edits: bool,
    counts: String,
    /// What is in scope is not what was planned.
    changed: bool,
    planned: bool,
    groups: Vec<Group>,
    proposal: Vec<Field>,
    bulk: Vec<Field>,
    record: Vec<Field>,
    search: Vec<Field>,
    rows: Vec<Row>,
    total: usize,
    turn: Turn,
    query: String,
}

/// Items of one group and cycle.
struct Group {
    name: String,
    adopted: usize,
    design: usize,
    operating: usize,
}

/// An item with its depth.
struct Row {
    id: String,
    text: String,
    marks: String,
    design: bool,
    operating: bool,
}

pub(super) fn short(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// The group and cycle of an item as one word.
fn group_of(criterion: &Criterion) -> String {
    let group =
        if criterion.audit_group.is_empty() { "（グループなし）" } else { criterion.audit_group.as_str() };
    match criterion.cycle_years {
        Some(years) => format!("{group}・{years} 年"),
        None => format!("{group}・周期なし"),
    }
}

fn groups(catalogue: &Catalogue, content: &StatementContent, file: &AuditFile) -> Vec<Group> {
    let mut all: BTreeMap<String, Group> = BTreeMap::new();
    for (criterion, _) in items_to_audit(catalogue, content) {
        let name = group_of(criterion);
        let group = all.entry(name.clone()).or_insert(Group { name, adopted: 0, design: 0, operating: 0 });
        group.adopted += 1;
        let scope = file.scope.get(&criterion.id);
        group.design += usize::from(scope.is_some_and(|s| s.design));
        group.operating += usize::from(scope.is_some_and(|s| s.operating));
    }
    all.into_values().collect()
}

/// Which renewal this is, counting the statements before it.
fn turn_of(audit: &Audit<'_>) -> u32 {
    let statements = &audit.register.scheme().statements;
    let mut turn = 0;
    let mut before = audit.statement.previous.as_ref();
    let mut later = audit.statement;
    while let Some(earlier) = before.and_then(|id| statements.now(id)) {
        if !later.changes_signed {
            turn += 1;
        }
        later = earlier;
        before = earlier.previous.as_ref();
        if turn > 100 {
            break;
        }
    }
    turn.max(1)
}

/// Earlier audits of the service that were reported here.
async fn past(app: &App, audit: &Audit<'_>) -> Result<Vec<PastAudit>, PageError> {
    let scheme = audit.register.scheme();
    let mut all = Vec::new();
    let mut before = audit.statement.previous.as_ref();
    while let Some(earlier) = before.and_then(|id| scheme.statements.now(id)) {
        let engagement = earlier.engagement.as_ref().and_then(|id| scheme.engagements.now(id));
        if let Some(report) = engagement.and_then(|e| e.report.as_ref()) {
            let file: AuditFile = documents::read(app, report.sha256()).await?;
            all.push(PastAudit { to: earlier.to, scope: file.scope });
        }
        if all.len() >= PAST {
            break;
        }
        before = earlier.previous.as_ref();
    }
    Ok(all)
}

/// What the list below is cut down to.
fn found<'a>(
    catalogue: &'a Catalogue,
    content: &'a StatementContent,
    file: &'a AuditFile,
    asked: &'a Asked,
    fields: &'a Fields,
) -> impl Iterator<Item = &'a Criterion> {
    let chapter: Option<u16> = fields.line("chapter").parse().ok();
    let (group, scoped) = (fields.line("group"), fields.line("scoped"));
    items_to_audit(catalogue, content)
        .map(|(criterion, _)| criterion)
        .filter(move |c| chapter.is_none_or(|chapter| c.id.chapter() == chapter))
        .filter(move |c| group.is_empty() || group_of(c) == group)
        .filter(move |c| match scoped {
            "in" => file.scope.contains_key(&c.id),
            "out" => !file.scope.contains_key(&c.id),
            _ => true,
        })
        .filter(move |c| asked.finds(&[&c.id.to_string(), &c.text]))
}

pub(super) fn chapters(catalogue: &Catalogue) -> Vec<Choice> {
    let mut known: Vec<u16> = catalogue.criteria.iter().map(|c| c.id.chapter()).collect();
    known.dedup();
    let mut all = vec![Choice::new("", "すべての章")];
    all.extend(known.into_iter().map(|chapter| {
        let title = catalogue.chapters.get(&chapter).map_or("", String::as_str);
        Choice::new(chapter.to_string(), format!("{chapter} {title}"))
    }));
    all
}

const DEPTHS: [(&str, &str); 4] =
    [("both", "整備と運用"), ("design", "整備だけ"), ("operating", "運用だけ"), ("none", "対象から外す")];

async fn one(
    app: &App,
    signed: &SignedIn,
    id: &str,
    (asked, filters, opened): (&Asked, &Fields, &Opened),
    given: &Fields,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let (register, _) = today(app)?;
    let audit = Audit::seen(&register, signed.person(), id)?;
    if audit.now.contracted_on.is_none() {
        return Err(PageError::Missing);
    }
    let file = audit.file(app).await?;
    let (catalogue, content) = audit.statement(app).await?;
    let planned = !audit.now.plan_sha256.is_empty();
    let changed = if audit.may_plan() && planned {
        let then: AuditFile = documents::read(app, &audit.now.plan_sha256).await?;
        then.scope != file.scope
    } else {
        false
    };
    let rows: Vec<&Criterion> = found(&catalogue, &content, &file, asked, filters).collect();
    let slice = asked.slice(rows, &[("", &|one: &&Criterion, other: &&Criterion| one.id.cmp(&other.id))]);
    let path = audit.below("plan");
    let query = query(asked, filters);
    let turn = Turn::new(&path, &query, slice.page, slice.pages);
    let total = slice.total;
    let row = |criterion: &Criterion| {
        let scope = file.scope.get(&criterion.id);
        let changed = content.answers.get(&criterion.id).is_some_and(|a| a.changed.iter().any(|c| c.counts()));
        let mut marks = vec![group_of(criterion)];
        if criterion.flag_basic {
            marks.push("基本言明要件".to_owned());
        }
        if changed {
            marks.push("統制変更あり".to_owned());
        }
        Row {
            id: criterion.id.to_string(),
            text: short(&criterion.text),
            marks: marks.join("、"),
            design: scope.is_some_and(|s| s.design),
            operating: scope.is_some_and(|s| s.operating),
        }
    };
    let groups = groups(&catalogue, &content, &file);
    let group_choices = |first: &str| {
        let mut all = vec![Choice::new("", first)];
        all.extend(groups.iter().map(|g| Choice::new(g.name.clone(), g.name.clone())));
        all
    };
    let counts = file.counts();
    let turn_field =
        if given.get("turn").is_empty() { turn_of(&audit).to_string() } else { given.get("turn").to_owned() };
    let mut proposal = vec![
        Field::checks(
            "options",
            "案の作り方",
            vec![
                Choice {
                    help: "ISMAP-LIU の監査として、基本言明要件の項目を中心にします。".to_owned(),
                    ..Choice::new("basic", "基本言明要件を中心にする")
                },
                Choice {
                    help: "更新の監査だけで使えます。マネジメント基準も周期に従います。".to_owned(),
                    ..Choice::new("isms", "ISMS による軽減を使う")
                },
            ],
        )
        .ticked(&given.chosen("options"))
        .optional(),
    ];
    if audit.now.kind == EngagementKind::Renewal {
        proposal.push(
            Field::input("number", "turn", "何回目の更新か")
                .help("周期のあるグループは、この回数に従って順に対象になります。")
                .value(&turn_field)
                .told(&problems),
        );
    }
    let bulk = vec![
        Field::select("bulk_chapter", "章", chapters(&catalogue)).value(given.get("bulk_chapter")),
        Field::select("bulk_group", "グループと周期", group_choices("すべてのグループ")).value(given.get("bulk_group")),
        Field::radio("depth", "深さ", DEPTHS.map(|(key, label)| Choice::new(key, label)).to_vec())
            .value(given.get("depth"))
            .told(&problems),
    ];
    let shown = PlanPage {
        edits: audit.may_plan(),
        counts: format!("対象 {} 項目（整備状況 {}、運用状況 {}）", counts.in_scope, counts.design, counts.operating),
        changed,
        planned,
        proposal,
        bulk,
        record: record_fields(&audit, &file, given, &problems),
        search: vec![
            Field::input("search", "q", "項目番号・本文").optional().value(&asked.q),
            Field::select("chapter", "章", chapters(&catalogue)).value(filters.get("chapter")),
            Field::select("group", "グループと周期", group_choices("すべてのグループ")).value(filters.get("group")),
            Field::select(
                "scoped",
                "対象",
                vec![Choice::new("", "すべて"), Choice::new("in", "対象"), Choice::new("out", "対象外")],
            )
            .value(filters.get("scoped")),
        ],
        rows: slice.rows.into_iter().map(row).collect(),
        total,
        turn,
        query,
        groups,
        path,
        frame: {
            let title = audit.title();
            let trail = [("/ismap/engagements", "監査"), (&*audit.path(), &*title)];
            let status = wording::notice(opened.done.as_deref());
            frame(app, signed, "/ismap/engagements", "監査計画", &trail).await?.notice(status).wrong(problems).wide()
        },
    };
    let status = if shown.frame.problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(page(status, &shown))
}

/// The address's filters, to come back to after a form.
fn query(asked: &Asked, filters: &Fields) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let own = ["chapter", "group", "scoped", "show"].map(|name| (name, filters.get(name)));
    for (name, value) in [("q", asked.q.as_str())].into_iter().chain(own) {
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    query.finish()
}

fn record_fields(audit: &Audit<'_>, file: &AuditFile, given: &Fields, problems: &[Problem]) -> Vec<Field> {
    let reason = Field::area("reason", "計画の説明", 2).optional().value(given.get("reason"));
    if audit.now.kind != EngagementKind::Renewal {
        return vec![reason];
    }
    let conditions = [
        ("period", "認証の有効期間が監査対象期間の全体にわたる"),
        ("iaf", "認証機関が IAF を通じて認められている"),
        ("scope", "認証の適用範囲がサービスと組織を含む"),
        ("confirmed", "監査の開始前に、制度の運営者が適合を確認した"),
    ];
    let certificates = file.evidence.iter().filter(|(_, e)| e.kind == EvidenceKind::Certificate);
    let mut choices = vec![Choice::new("", "軽減を使わない")];
    choices.extend(certificates.map(|(sha256, e)| Choice::new(sha256.clone(), e.title.clone())));
    vec![
        Field::select("certificate", "ISMS の認証書", choices)
            .help("軽減を使うときは、証跡の画面から認証書（種類: 認証書）を先に受け入れ、ここで選びます。")
            .optional()
            .value(given.get("certificate"))
            .told(problems),
        Field::checks(
            "isms",
            "軽減の条件（使うときは 4 つすべて）",
            conditions.map(|(key, label)| Choice::new(key, label)).to_vec(),
        )
        .optional()
        .ticked(&given.chosen("isms"))
        .told(problems),
        reason,
    ]
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    Query(opened): Query<Opened>,
    Query(filters): Query<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let filters = Fields::of(filters).unwrap_or_default();
    one(&app, &signed, &id, (&asked, &filters, &opened), &Fields::default(), Vec::new()).await
}

/// How a form says how deep.
fn depth(word: &str) -> Option<Option<Scope>> {
    match word {
        "both" => Some(Some(Scope { design: true, operating: true })),
        "design" => Some(Some(Scope { design: true, operating: false })),
        "operating" => Some(Some(Scope { design: false, operating: true })),
        "none" => Some(None),
        _ => None,
    }
}

pub(super) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    Query(filters): Query<Vec<(String, String)>>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let (register, _) = today(&app)?;
    let audit = Audit::seen(&register, signed.person(), &id)?;
    if !audit.may_plan() {
        return Err(PageError::Missing);
    }
    let filters = Fields::of(filters).unwrap_or_default();
    let back = |done: &str| go(&format!("{}?done={done}&{}", audit.below("plan"), query(&asked, &filters)));
    let (catalogue, content) = audit.statement(&app).await?;
    let put = |scope: BTreeMap<CriterionId, Option<Scope>>| {
        move |file: &mut AuditFile| {
            for (id, depth) in &scope {
                match depth {
                    Some(depth) => file.scope.insert(*id, *depth),
                    None => file.scope.remove(id),
                };
            }
            Ok::<(), Problem>(())
        }
    };
    let person = signed.person();
    let result = match fields.get("act") {
        "propose" => {
            let chosen = fields.chosen("options");
            let known = past(&app, &audit).await?;
            let wanted = Wanted {
                kind: audit.now.kind,
                isms: chosen.contains(&"isms") && audit.now.kind == EngagementKind::Renewal,
                basic_only: chosen.contains(&"basic"),
                turn: fields.line("turn").parse().unwrap_or_else(|_| turn_of(&audit)),
                past: &known,
            };
            let scope: BTreeMap<CriterionId, Scope> =
                propose(&catalogue, &content, &wanted).into_iter().map(|(id, (scope, _))| (id, scope)).collect();
            if scope.is_empty() {
                Err(vec![Problem::at(
                    "",
                    "案に入る項目がありません。統制変更のある項目がないときは、下の一覧から選んでください。",
                )])
            } else {
                let replace = |file: &mut AuditFile| {
                    file.scope.clone_from(&scope);
                    Ok::<(), Problem>(())
                };
                audit.change(&app, person, replace).await?.map_err(|p| vec![p]).map(|_| "saved")
            }
        }
        "bulk" => match depth(fields.get("depth")) {
            None => Err(vec![Problem::at("depth", "深さを選んでください。")]),
            Some(depth) => {
                let chapter: Option<u16> = fields.line("bulk_chapter").parse().ok();
                let group = fields.line("bulk_group");
                let chosen = items_to_audit(&catalogue, &content)
                    .filter(|(c, _)| chapter.is_none_or(|chapter| c.id.chapter() == chapter))
                    .filter(|(c, _)| group.is_empty() || group_of(c) == group)
                    .map(|(c, _)| (c.id, depth))
                    .collect();
                audit.change(&app, person, put(chosen)).await?.map_err(|p| vec![p]).map(|_| "saved")
            }
        },
        "rows" => {
            let auditable: BTreeMap<String, CriterionId> =
                items_to_audit(&catalogue, &content).map(|(c, _)| (c.id.to_string(), c.id)).collect();
            let (design, operating) = (fields.chosen("design"), fields.chosen("operating"));
            let chosen = fields
                .chosen("row")
                .into_iter()
                .filter_map(|word| {
                    let scope = Scope { design: design.contains(&word), operating: operating.contains(&word) };
                    Some((*auditable.get(word)?, (scope.design || scope.operating).then_some(scope)))
                })
                .collect();
            audit.change(&app, person, put(chosen)).await?.map_err(|p| vec![p]).map(|_| "saved")
        }
        "record" => record(&app, &signed, &audit, &fields, (&catalogue, &content)).await?.map(|()| "plan"),
        _ => return Err(PageError::Unreadable),
    };
    match result {
        Ok("plan") if audit.now.state == EngagementState::Contracted => Ok(go(&format!("{}?done=plan", audit.path()))),
        Ok(done) => Ok(back(done)),
        Err(problems) => one(&app, &signed, &id, (&asked, &filters, &Opened::default()), &fields, problems).await,
    }
}

/// Keeps the file as the plan and records it.
async fn record(
    app: &App,
    signed: &SignedIn,
    audit: &Audit<'_>,
    fields: &Fields,
    (catalogue, content): (&Catalogue, &StatementContent),
) -> Result<Result<(), Vec<Problem>>, PageError> {
    let file = audit.file(app).await?;
    let mut problems: Vec<Problem> =
        file.scope_faults(catalogue, content).iter().take(20).map(|fault| Problem::at("", fault.ja())).collect();
    let certificate = fields.line("certificate");
    let isms = if certificate.is_empty() {
        None
    } else {
        if !file.evidence.contains_key(certificate) {
            problems.push(Problem::at("certificate", "一覧にある認証書を選んでください。"));
        }
        let kept = fields.chosen("isms");
        let has = |word: &str| kept.contains(&word);
        Some(IsmsRelief {
            covers_period: has("period"),
            iaf_recognised: has("iaf"),
            scope_covers: has("scope"),
            confirmed_before_start: has("confirmed"),
            certificate_sha256: certificate.to_owned(),
        })
    };
    if !problems.is_empty() {
        return Ok(Err(problems));
    }
    let bytes = serde_json::to_vec(&file).map_err(|_| PageError::Inside)?;
    let sha256 = documents::keep(app, signed.person(), &bytes).await?;
    let step = EngagementStep::Plan { counts: file.counts(), sha256: sha256.clone(), isms };
    let engagement = audit.id.clone();
    let command = Command::StepEngagement(StepEngagement { engagement, on: None, rule: None, step });
    match give_with(app, signed, command, &fields.text("reason"), vec![sha256]).await? {
        Ok(_) => Ok(Ok(())),
        Err(refusal) => {
            let field = if certificate.is_empty() { "" } else { "isms" };
            Ok(Err(vec![Problem::refused(field, &refusal)]))
        }
    }
}
