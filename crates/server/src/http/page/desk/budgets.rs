//! 予算と単価: all of them with what is spent, and the forms to set them.

use crate::account::SignedIn;
use crate::budgets::{READERS, SETTERS};
use crate::http::App;
use crate::http::page::act::give;
use crate::http::page::budget::{rule, used, width};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::list::Asked;
use crate::http::page::words::{self, Departments};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::civil::Date;
use sekisho_domain::budget::{Budget, Force, Period, Unit, Whom, grouped, tell_at};
use sekisho_domain::command::{Command, EndBudget, SetBudget, SetPrice};
use sekisho_domain::day::in_japan;
use sekisho_domain::id::{BudgetId, DepartmentId, ModelId, PermitId, PersonId, ServiceId};
use sekisho_domain::person::Role;
use sekisho_domain::register::Register;
use sekisho_gate::spending::Standing;

/// Who opens the page.
pub(super) const WHO: &[Role] = READERS;

#[derive(Template)]
#[template(path = "desk/budgets.html")]
struct BudgetsPage {
    frame: Frame,
    rows: Vec<Row>,
    sets: bool,
    fields: Vec<Field>,
    prices: Vec<PriceRow>,
    unpriced: Vec<String>,
    price_fields: Vec<Field>,
}

struct Row {
    id: String,
    whom: String,
    rule: String,
    used: String,
    width: Option<u64>,
    force: &'static str,
    tell_at: u8,
    next: String,
    state: String,
}

struct PriceRow {
    model: String,
    input: String,
    output: String,
    from: String,
}

const UNITS: [(&str, Unit); 3] = [("uses", Unit::Uses), ("tokens", Unit::Tokens), ("yen", Unit::Yen)];
const PERIODS: [(&str, Period); 3] =
    [("month", Period::Month), ("day", Period::Day), ("fiscal_year", Period::FiscalYear)];
const FORCES: [(&str, Force); 2] = [("hard", Force::Hard), ("soft", Force::Soft)];

fn whom(register: &Register, names: &Departments, whom: &Whom) -> String {
    match whom {
        Whom::Permit(id) => {
            let purpose = register.permit(id).map_or_else(|| id.to_string(), |p| p.draft.purpose.clone());
            format!("承認「{purpose}」")
        }
        Whom::Department(id) => format!("{}とその下の部局", names.get(id)),
        Whom::Person(id) => format!("職員 {id}"),
        Whom::Everyone => "職員ひとりひとり".to_owned(),
    }
}

fn row(register: &Register, names: &Departments, budget: &Budget, standing: Option<&Standing>, today: Date) -> Row {
    let used = match (standing, &budget.whom) {
        (Some(standing), _) => used(standing),
        (None, Whom::Everyone) => "各人の画面に表示".to_owned(),
        (None, _) => "5 人未満のため非表示".to_owned(),
    };
    Row {
        id: budget.budget.to_string(),
        whom: whom(register, names, &budget.whom),
        rule: rule(budget),
        used,
        width: standing.map(width),
        force: budget.force.label(),
        tell_at: budget.tell_at,
        next: words::day(budget.period.next(today)),
        state: if budget.from > today { format!("{}から", words::day(budget.from)) } else { String::new() },
    }
}

/// Everything a budget can bind that can be listed; people are too many.
fn bound(register: &Register, names: &Departments) -> Vec<Choice> {
    let mut permits: Vec<Choice> = register
        .permits()
        .map(|p| Choice::new(format!("permit:{}", p.permit), format!("承認「{}」（{}）", p.draft.purpose, p.permit)))
        .collect();
    let mut departments: Vec<Choice> = register
        .departments()
        .map(|d| {
            let label = format!("部局「{}」とその下", names.get(&d.department));
            Choice::new(format!("department:{}", d.department), label)
        })
        .collect();
    permits.sort_by(|one, other| one.label.cmp(&other.label));
    departments.sort_by(|one, other| one.label.cmp(&other.label));
    let mut all = vec![
        Choice::new("everyone", "職員ひとりひとり（同じ上限）"),
        Choice::new("person", "特定の職員（下の欄に識別子を書く）"),
    ];
    all.extend(departments);
    all.extend(permits);
    all
}

fn models(register: &Register) -> Vec<(String, String)> {
    let services = register.services().filter(|record| !record.withdrawn);
    let of = services.flat_map(|record| {
        let name = |model: &ModelId| format!("{}（{}）", model, record.service.name);
        record.service.models.iter().map(move |m| (format!("{}/{}", record.service.service, m.model), name(&m.model)))
    });
    of.collect()
}

fn choices<T>(all: &[(&'static str, T)], label: impl Fn(&T) -> &'static str) -> Vec<Choice> {
    all.iter().map(|(key, one)| Choice::new(*key, label(one))).collect()
}

async fn form(
    app: &App,
    signed: &SignedIn,
    done: Option<&str>,
    given: &Fields,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let names = Departments::all(app).await?;
    let all = crate::budgets::all(app, &register, signed.person(), today).await?;
    let live = |budget: &Budget| register.budgets().get(&budget.budget).is_some_and(|r| r.latest().is_some());
    let rows = all
        .iter()
        .filter(|(budget, _)| live(budget))
        .map(|(budget, standing)| row(&register, &names, budget, standing.as_ref(), today))
        .collect();
    let notice = match done {
        Some("set") => Some("予算を定めました。"),
        Some("end") => Some("予算を終えました。"),
        Some("price") => Some("単価を定めました。"),
        _ => None,
    };
    let status = Problem::status(&problems);
    let frame = Frame::new(app, Some(signed), "/budgets", "予算").await?;
    let frame = frame.below(&[("/", "ホーム")]).notice(notice).wrong(problems).wide();
    let told = &frame.problems;
    let or = |name: &str, otherwise: &str| match given.get(name) {
        "" => otherwise.to_owned(),
        typed => typed.to_owned(),
    };
    let fields = vec![
        Field::text("budget", "識別子", "off")
            .help("英小文字・数字・- で短く付けます。今ある識別子を書くと、その予算を改めます（対象は変えられません）。例: soumu-month")
            .value(given.get("budget"))
            .told(told),
        Field::select("whom", "対象", bound(&register, &names)).value(&or("whom", "everyone")).told(told),
        Field::text("person", "職員の識別子", "off")
            .optional()
            .help("対象が特定の職員のときだけ書きます（p-…）。")
            .value(given.get("person"))
            .told(told),
        Field::select("unit", "数えるもの", choices(&UNITS, |unit| unit.label())).value(&or("unit", "uses")).told(told),
        Field::select("period", "期間", choices(&PERIODS, |period| period.label()))
            .help("日本時間の 0 時、月の 1 日、4 月 1 日に新しく始まります。")
            .value(&or("period", "month"))
            .told(told),
        Field::input("number", "limit", "上限").value(given.get("limit")).told(told),
        Field::radio("force", "上限に達したとき", choices(&FORCES, |force| force.label()))
            .value(&or("force", "hard"))
            .told(told),
        Field::input("number", "tell_at", "知らせ始める割合（%）")
            .value(&or("tell_at", &tell_at().to_string()))
            .told(told),
        Field::input("date", "from", "始まる日").optional().help("空けると今日からです。").value(given.get("from")).told(told),
        Field::text("reason", "理由", "off").optional().value(given.get("reason")).told(told),
    ];
    let models = models(&register);
    let priced = |key: &str| {
        let (service, model) = key.split_once('/')?;
        register.prices().on(&ServiceId::new(service).ok()?, &ModelId::new(model).ok()?, today)
    };
    let unpriced = models.iter().filter(|(key, _)| priced(key).is_none()).map(|(_, name)| name.clone()).collect();
    let model_choices = models.iter().map(|(key, name)| Choice::new(key.clone(), name.clone())).collect();
    let price_fields = vec![
        Field::select("model", "モデル", model_choices).value(given.get("model")).told(told),
        Field::input("number", "input", "入力 100 万トークンの円").value(given.get("input")).told(told),
        Field::input("number", "output", "出力 100 万トークンの円").value(given.get("output")).told(told),
        Field::input("date", "since", "この単価が始まる日")
            .optional()
            .help("空けると今日からです。")
            .value(given.get("since"))
            .told(told),
    ];
    let prices = register.prices().iter().map(|version| PriceRow {
        model: format!("{}（{}）", version.price.model, words::service(&register, &version.price.service)),
        input: grouped(version.price.input),
        output: grouped(version.price.output),
        from: words::day(version.price.from),
    });
    let (prices, sets) = (prices.collect(), register.holds_any(signed.person(), SETTERS));
    Ok(page(status, &BudgetsPage { frame, rows, sets, fields, prices, unpriced, price_fields }))
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    form(&app, &signed, asked.done.as_deref(), &Fields::default(), Vec::new()).await
}

/// A number that was typed, with or without separators.
fn number<T: std::str::FromStr>(fields: &Fields, name: &'static str, wrong: &mut Vec<Problem>) -> Option<T> {
    let number = fields.line(name).replace([',', '，'], "").parse().ok();
    if number.is_none() {
        wrong.push(Problem::at(name, "数字で入力してください。"));
    }
    number
}

fn one_of<T: Copy>(
    all: &[(&'static str, T)],
    fields: &Fields,
    name: &'static str,
    wrong: &mut Vec<Problem>,
) -> Option<T> {
    let found = all.iter().find(|(key, _)| *key == fields.get(name)).map(|(_, one)| *one);
    if found.is_none() {
        wrong.push(Problem::at(name, "一覧から選んでください。"));
    }
    found
}

/// The command that a form describes, or what is wrong where.
fn described(fields: &Fields) -> Result<Command, Vec<Problem>> {
    let mut wrong = Vec::new();
    let command = match fields.get("act") {
        "end" => BudgetId::new(fields.get("budget")).ok().map(|budget| Command::EndBudget(EndBudget { budget })),
        "price" => price(fields, &mut wrong),
        _ => budget(fields, &mut wrong),
    };
    command.filter(|_| wrong.is_empty()).ok_or_else(|| {
        if wrong.is_empty() {
            wrong.push(Problem::at("", "この手続はありません。画面を開き直してください。"));
        }
        wrong
    })
}

fn budget(fields: &Fields, wrong: &mut Vec<Problem>) -> Option<Command> {
    let budget = BudgetId::new(fields.line("budget")).ok();
    if budget.is_none() {
        let text = "半角の英小文字・数字・ハイフンで入力してください（64 文字まで、先頭は英数字）。";
        wrong.push(Problem::at("budget", text));
    }
    let whom = match fields.get("whom").split_once(':') {
        Some(("permit", id)) => PermitId::new(id).ok().map(Whom::Permit),
        Some(("department", id)) => DepartmentId::new(id).ok().map(Whom::Department),
        _ if fields.get("whom") == "everyone" => Some(Whom::Everyone),
        _ if fields.get("whom") == "person" => {
            let person = PersonId::new(fields.line("person")).ok();
            if person.is_none() {
                wrong.push(Problem::at("person", "職員の識別子（p-…）を入力してください。職員の画面にあります。"));
            }
            person.map(Whom::Person)
        }
        _ => {
            wrong.push(Problem::at("whom", "一覧から選んでください。"));
            None
        }
    };
    let (unit, period) = (one_of(&UNITS, fields, "unit", wrong), one_of(&PERIODS, fields, "period", wrong));
    let (limit, force) = (number(fields, "limit", wrong), one_of(&FORCES, fields, "force", wrong));
    let (tell_at, from) = (number(fields, "tell_at", wrong), fields.day("from", wrong));
    Some(Command::SetBudget(SetBudget {
        budget: budget?,
        whom: whom?,
        unit: unit?,
        period: period?,
        limit: limit?,
        force: force?,
        tell_at: tell_at?,
        from,
    }))
}

fn price(fields: &Fields, wrong: &mut Vec<Problem>) -> Option<Command> {
    let named = fields.get("model").split_once('/');
    let named = named.and_then(|(service, model)| Some((ServiceId::new(service).ok()?, ModelId::new(model).ok()?)));
    if named.is_none() {
        wrong.push(Problem::at("model", "一覧から選んでください。"));
    }
    let (input, output) = (number(fields, "input", wrong), number(fields, "output", wrong));
    let from = fields.day("since", wrong);
    let (service, model) = named?;
    Some(Command::SetPrice(SetPrice { service, model, input: input?, output: output?, from }))
}

pub(super) async fn submit(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let problems = match described(&fields) {
        Err(problems) => problems,
        Ok(command) => match give(&app, &signed, command, fields.line("reason")).await? {
            Ok(_) => {
                return Ok(go(match fields.get("act") {
                    "end" => "/budgets?done=end",
                    "price" => "/budgets?done=price",
                    _ => "/budgets?done=set",
                }));
            }
            Err(refusal) => vec![Problem::refused("", &refusal)],
        },
    };
    form(&app, &signed, None, &fields, problems).await
}
