//! The items of an audit: what was concluded of each, what is left, and the same conclusion for many at once.

use super::super::frame;
use super::access::Audit;
use super::plan::{chapters, short};
use super::wording::{self, Opened, today};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::list::Asked;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::ismap::criterion::CriterionId;
use sekisho_domain::ismap::engagement::{AuditFile, Conclusion, Evaluation, Method, Scope};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "ismap/audit/items.html")]
struct ItemsPage {
    frame: Frame,
    path: String,
    edits: bool,
    done: usize,
    whole: usize,
    search: Vec<Field>,
    bulk: Vec<Field>,
    rows: Vec<Row>,
    total: usize,
    turn: Turn,
    query: String,
}

/// An item in scope.
struct Row {
    id: String,
    text: String,
    design: &'static str,
    operating: &'static str,
    deficient: bool,
    todo: bool,
}

/// Links to the pages before and after.
pub(super) struct Turn {
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
}

impl Turn {
    pub(super) fn new(path: &str, query: &str, page: usize, pages: usize) -> Self {
        let to = |page: usize| {
            if query.is_empty() { format!("{path}?page={page}") } else { format!("{path}?{query}&page={page}") }
        };
        Self {
            before: page.checked_sub(1).filter(|page| *page > 0).map(to),
            after: (page < pages).then(|| to(page + 1)),
        }
    }
}

/// What the list is cut down to.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    show: String,
    #[serde(default)]
    chapter: String,
}

/// Evaluated as planned.
pub(super) fn is_done(scope: Scope, evaluation: Option<&Evaluation>) -> bool {
    let nothing = Evaluation::default();
    let evaluation = evaluation.unwrap_or(&nothing);
    (!scope.design || evaluation.design.is_some()) && (!scope.operating || evaluation.operating.is_some())
}

pub(super) fn is_deficient(evaluation: Option<&Evaluation>) -> bool {
    evaluation.is_some_and(|e| [e.design, e.operating].contains(&Some(Conclusion::Deficient)))
}

fn word(planned: bool, conclusion: Option<Conclusion>) -> &'static str {
    match (planned, conclusion) {
        (_, Some(conclusion)) => conclusion.label(),
        (true, None) => "未評価",
        (false, None) => "対象外",
    }
}

pub(super) fn methods(given: &Fields, field: &'static str) -> Field {
    let choices = METHODS.map(|(key, method)| Choice::new(key, method.label())).to_vec();
    Field::checks(field, "手続", choices).optional().ticked(&given.chosen(field))
}

pub(super) const METHODS: [(&str, Method); 3] =
    [("examine", Method::Examine), ("interview", Method::Interview), ("test", Method::Test)];

pub(super) fn methods_chosen(fields: &Fields, field: &str) -> Vec<Method> {
    let chosen = fields.chosen(field);
    METHODS.iter().filter(|(key, _)| chosen.contains(key)).map(|(_, method)| *method).collect()
}

async fn one(
    app: &App,
    signed: &SignedIn,
    id: &str,
    (asked, which, opened): (&Asked, &Which, &Opened),
    given: &Fields,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let (register, _) = today(app)?;
    let audit = Audit::seen(&register, signed.person(), id)?;
    if audit.now.contracted_on.is_none() {
        return Err(PageError::Missing);
    }
    let file = audit.file(app).await?;
    let catalogue = crate::ismap::documents::catalogue(app, &register, &audit.statement.catalogue).await?;
    let chapter: Option<u16> = which.chapter.trim().parse().ok();
    let text = |id: &CriterionId| catalogue.get(*id).map_or("", |c| c.text.as_str());
    let whole = file.scope.len();
    let done = file.scope.iter().filter(|(id, scope)| is_done(**scope, file.evaluations.get(id))).count();
    let rows: Vec<(&CriterionId, &Scope)> = file
        .scope
        .iter()
        .filter(|(id, _)| chapter.is_none_or(|chapter| id.chapter() == chapter))
        .filter(|(id, scope)| match which.show.as_str() {
            "todo" => !is_done(**scope, file.evaluations.get(id)),
            "deficient" => is_deficient(file.evaluations.get(id)),
            _ => true,
        })
        .filter(|(id, _)| asked.q.is_empty() || asked.finds(&[&id.to_string(), text(id)]))
        .collect();
    let slice = asked.slice(rows, &[]);
    let path = audit.below("items");
    let query = query(asked, which);
    let row = |(id, scope): (&CriterionId, &Scope)| {
        let evaluation = file.evaluations.get(id);
        Row {
            id: id.to_string(),
            text: short(text(id)),
            design: word(scope.design, evaluation.and_then(|e| e.design)),
            operating: word(scope.operating, evaluation.and_then(|e| e.operating)),
            deficient: is_deficient(evaluation),
            todo: !is_done(*scope, evaluation),
        }
    };
    let shows = vec![
        Choice::new("", "すべて"),
        Choice::new("todo", "評価していないもの"),
        Choice::new("deficient", "発見事項のあるもの"),
    ];
    let title = audit.title();
    let own = audit.path();
    let trail = [("/ismap/engagements", "監査"), (&*own, &*title)];
    let frame = frame(app, signed, "/ismap/engagements", "項目ごとの評価", &trail).await?;
    let shown = ItemsPage {
        edits: audit.may_evaluate(),
        done,
        whole,
        search: vec![
            Field::input("search", "q", "項目番号・本文").optional().value(&asked.q),
            Field::select("show", "評価", shows).value(&which.show),
            Field::select("chapter", "章", chapters(&catalogue)).value(&which.chapter),
        ],
        bulk: vec![
            methods(given, "methods"),
            Field::area("note", "見たこと（選んだ項目すべてに書きます）", 2).optional().value(&given.text("note")),
        ],
        turn: Turn::new(&path, &query, slice.page, slice.pages),
        total: slice.total,
        rows: slice.rows.into_iter().map(row).collect(),
        query,
        path,
        frame: frame.notice(wording::notice(opened.done.as_deref())).wrong(problems).wide(),
    };
    let status = if shown.frame.problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(page(status, &shown))
}

fn query(asked: &Asked, which: &Which) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in [("q", &asked.q), ("show", &which.show), ("chapter", &which.chapter)] {
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    query.finish()
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    Query(which): Query<Which>,
    Query(opened): Query<Opened>,
) -> Result<Response, PageError> {
    one(&app, &signed, &id, (&asked, &which, &opened), &Fields::default(), Vec::new()).await
}

/// 問題なし for every ticked item, as far as it was planned and nothing else was concluded.
pub(super) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    Query(which): Query<Which>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let (register, now) = today(&app)?;
    let audit = Audit::seen(&register, signed.person(), &id)?;
    if !audit.may_evaluate() {
        return Err(PageError::Missing);
    }
    let ticked: Result<Vec<CriterionId>, _> = fields.chosen("item").into_iter().map(str::parse).collect();
    let ticked = ticked.map_err(|_| PageError::Unreadable)?;
    if ticked.is_empty() {
        let problems = vec![Problem::at("", "「問題なし」とする項目に印を付けてください。")];
        return one(&app, &signed, &id, (&asked, &which, &Opened::default()), &fields, problems).await;
    }
    let (methods, note) = (methods_chosen(&fields, "methods"), fields.text("note").trim().to_owned());
    let fine = |file: &mut AuditFile| {
        // What somebody has concluded is theirs: a tick made before that changes nothing of it.
        let open = |id: &&CriterionId| {
            let known = file.evaluations.get(id);
            file.scope.get(id).is_some_and(|scope| !is_done(*scope, known)) && !is_deficient(known)
        };
        let open: Vec<CriterionId> = ticked.iter().filter(open).copied().collect();
        if open.len() < ticked.len() {
            let text = "選んだ項目に、評価の済んだ項目、発見事項のある項目、または対象でない項目が含まれています。何も変えていません。表示し直して、選び直してください。";
            return Err(Problem::at("", text));
        }
        for id in open {
            let Some(scope) = file.scope.get(&id).copied() else { continue };
            let evaluation = file.evaluations.entry(id).or_default();
            if scope.design {
                evaluation.design.get_or_insert(Conclusion::Effective);
            }
            if scope.operating {
                evaluation.operating.get_or_insert(Conclusion::Effective);
            }
            if !methods.is_empty() {
                evaluation.methods.clone_from(&methods);
            }
            if evaluation.note.is_empty() {
                evaluation.note.clone_from(&note);
            }
            evaluation.by = Some(signed.person().clone());
            evaluation.on = Some(now);
        }
        Ok(())
    };
    match audit.change(&app, signed.person(), fine).await? {
        Ok(_) => Ok(go(&format!("{}?done=saved&{}", audit.below("items"), query(&asked, &which)))),
        Err(problem) => one(&app, &signed, &id, (&asked, &which, &Opened::default()), &fields, vec![problem]).await,
    }
}
