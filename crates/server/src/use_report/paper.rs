//! A report in the words of people: facts, tables and charts, the same in every format.

use super::names::{Names, app_name};
use super::voices;
use jiff::civil::Date;
use sekisho_domain::budget::{MICRO, Whom, grouped};
use sekisho_domain::grade::Grade;
use sekisho_domain::register::Register;
use sekisho_domain::use_report::{Amount, BudgetFigures, Cost, FindingAmount, Fullest, Group, UseReport};
use std::borrow::Cow;

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell {
    /// Words.
    Text(String),
    /// A figure.
    Number(u64),
    /// Tenths of a percent.
    Share(u64),
    /// Tenths.
    Tenths(u64),
    /// A figure that would speak of single people.
    Hidden,
    /// There is none.
    None,
}

/// Said in place of a figure.
pub(crate) const HIDDEN: &str = "非表示";

impl Cell {
    /// As people read it.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(n) => grouped(*n),
            Self::Share(n) => format!("{}.{}%", grouped(n / 10), n % 10),
            Self::Tenths(n) => format!("{}.{}", grouped(n / 10), n % 10),
            Self::Hidden => HIDDEN.to_owned(),
            Self::None => "―".to_owned(),
        }
    }

    /// As programs read it.
    pub(crate) fn plain(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(n) => n.to_string(),
            Self::Share(n) | Self::Tenths(n) => format!("{}.{}", n / 10, n % 10),
            Self::Hidden => HIDDEN.to_owned(),
            Self::None => String::new(),
        }
    }

    /// Whether it stands to the right.
    pub(crate) fn is_figure(&self) -> bool {
        !matches!(self, Self::Text(_))
    }

    pub(super) fn of(n: Option<u64>) -> Self {
        n.map_or(Self::Hidden, Self::Number)
    }
}

/// What a chart shows: a name and a figure for each bar; none for what is hidden.
pub(crate) type Bars = Vec<(String, Option<u64>)>;

/// A table with its chart.
#[derive(Debug, Clone)]
pub(crate) struct Section {
    /// In addresses.
    pub(crate) id: Cow<'static, str>,
    pub(crate) title: Cow<'static, str>,
    /// The name of its sheet in a workbook, where the title is none: it may be long or somebody else's words.
    pub(crate) sheet: Option<String>,
    /// How its figures are meant; may be empty.
    pub(crate) note: &'static str,
    pub(crate) columns: Vec<&'static str>,
    pub(crate) rows: Vec<Vec<Cell>>,
    /// What the chart's bars are: 利用.
    pub(crate) charted: &'static str,
    pub(crate) bars: Bars,
    /// The bars are days, one beside the other.
    pub(crate) in_time: bool,
}

/// A whole report.
#[derive(Debug, Clone)]
pub(crate) struct Paper {
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) facts: Vec<(&'static str, Cell)>,
    pub(crate) sections: Vec<Section>,
    pub(crate) notes: Vec<String>,
}

/// `2026年4月1日`.
pub(super) fn day(day: Date) -> String {
    day.strftime("%Y年%-m月%-d日").to_string()
}

/// Parts of a whole in tenths of a percent; none of nothing.
pub(super) fn share(part: u64, whole: u64) -> Cell {
    part.saturating_mul(1000).checked_div(whole).map_or(Cell::None, Cell::Share)
}

fn per(sum: u64, people: u64) -> Cell {
    sum.saturating_mul(10).checked_div(people).map_or(Cell::None, Cell::Tenths)
}

/// A report with its names.
pub(crate) fn paper(report: &UseReport, register: &Register, names: &Names) -> Paper {
    let unit = match &report.scope.unit {
        None => "全体".to_owned(),
        Some(unit) => names.department(unit.as_str()),
    };
    let mut sections = vec![distribution(report)];
    let by = &report.by;
    let purpose =
        |name: &str| if name.is_empty() { "（承認が特定できない）".to_owned() } else { name.to_owned() };
    sections.extend([
        groups("app", "アプリ", "アプリ別の利用", &by.app, &app_name),
        groups("purpose", "利用目的（業務）", "利用目的別の利用", &by.purpose, &purpose),
        groups("service", "サービス", "サービス別の利用", &by.service, &|name| {
            names.service(register, name)
        }),
        groups("model", "モデル", "モデル別の利用", &by.model, &known),
        groups("department", "部局", "部局別の利用", &by.department, &|name| names.department(name)),
        groups("post", "職級", "職級別の利用", &by.post, &|name| names.post(name)),
        groups("grade", "格付", "扱った情報の格付別の利用", &by.grade, &|name| grade(register, name)),
    ]);
    let reason = |reason: &str| names.reason(register, reason);
    sections.extend([refusals(report, &reason), findings(report), days(report)]);
    if !report.costs.is_empty() {
        sections.push(costs(report));
    }
    if !report.budgets.is_empty() {
        sections.push(budgets(report, register, names));
    }
    for (number, survey) in (1..).zip(&report.surveys) {
        sections.extend(voices::survey(survey, number));
    }
    sections.extend(voices::stories(&report.stories, register, names));
    Paper {
        title: format!("生成AI 利用報告（{}～{}）", day(report.scope.from), day(report.scope.to)),
        body: register.organization().map(|body| body.name.clone()).unwrap_or_default(),
        facts: facts(report, unit),
        sections,
        notes: notes(report),
    }
}

/// Whole yen, rounded down.
fn yen(micro: u64) -> u64 {
    micro / MICRO
}

fn costs(report: &UseReport) -> Section {
    let row = |cost: &Cost| {
        vec![Cell::Text(known(&cost.model)), Cell::of(cost.micro_yen.map(yen)), Cell::of(cost.unpriced_tokens)]
    };
    Section {
        id: "costs".into(),
        title: "モデル別の費用".into(),
        sheet: None,
        note: "費用は、この組織が登録した単価（100 万トークン当たりの円）を、利用した日のもので掛けたものです。円未満は切り捨てて示します。単価のない日のトークンは含みません。",
        columns: vec!["モデル", "費用（円）", "単価のないトークン"],
        rows: report.costs.iter().map(row).collect(),
        charted: "円",
        bars: report.costs.iter().map(|cost| (known(&cost.model), cost.micro_yen.map(yen))).collect(),
        in_time: false,
    }
}

fn budgets(report: &UseReport, register: &Register, names: &Names) -> Section {
    let whom = |figures: &BudgetFigures| match &figures.whom {
        Whom::Department(department) => format!("部局 {}", names.department(department.as_str())),
        Whom::Permit(permit) => {
            let purpose = register.permit(permit).map(|record| record.draft.purpose.as_str());
            format!("承認 {}（{permit}）", purpose.unwrap_or_default())
        }
        Whom::Person(person) => format!("職員 {person}"),
        Whom::Everyone => "職員それぞれ".to_owned(),
    };
    let row = |figures: &BudgetFigures| {
        let whole = |amount: u64| amount / figures.unit.scale();
        let fullest = |full: &Fullest| {
            Cell::Text(format!("{}から {}", day(full.begin), share(full.amount, full.ceiling).shown()))
        };
        vec![
            Cell::Text(whom(figures)),
            Cell::Text(figures.budget.to_string()),
            Cell::Text(figures.unit.label().to_owned()),
            Cell::Text(figures.period.label().to_owned()),
            Cell::Number(figures.periods),
            Cell::Number(whole(figures.ceiling)),
            Cell::of(figures.amount.map(whole)),
            figures.amount.map_or(Cell::Hidden, |amount| share(amount, figures.ceiling)),
            Cell::of(figures.used_up),
            figures.fullest.as_ref().map_or(Cell::Hidden, fullest),
        ]
    };
    let percent = |figures: &BudgetFigures| {
        figures.amount.and_then(|amount| amount.saturating_mul(100).checked_div(figures.ceiling))
    };
    let called = |figures: &BudgetFigures| format!("{}（{}）", whom(figures), figures.budget);
    Section {
        id: "budgets".into(),
        title: "予算に対する利用".into(),
        sheet: None,
        note: "部局の予算には、その下の部局の利用も含みます。一部だけがこの報告に入る予算の期間は、上限はその期間の全部、利用はこの報告の日の分です。上限は、期間の終わりに有効だったものです。円は登録した単価によります。職員一人ずつの予算は含みません。",
        columns: vec![
            "対象",
            "予算",
            "単位",
            "予算の期間",
            "期間の数",
            "上限の合計",
            "利用",
            "上限に対する割合",
            "上限に達した期間",
            "最も使った期間",
        ],
        rows: report.budgets.iter().map(row).collect(),
        charted: "%",
        bars: report.budgets.iter().map(|figures| (called(figures), percent(figures))).collect(),
        in_time: false,
    }
}

fn facts(report: &UseReport, unit: String) -> Vec<(&'static str, Cell)> {
    let whole = report.whole;
    let of = |figure: fn(&Amount) -> u64| Cell::of(whole.as_ref().map(figure));
    let or_hidden = |cell: fn(&UseReport, &Amount) -> Cell| whole.map_or(Cell::Hidden, |whole| cell(report, &whole));
    vec![
        ("対象", Cell::Text(unit)),
        ("職員数", Cell::Number(report.staff)),
        ("利用者数", of(|a| a.people)),
        ("利用者の割合", or_hidden(|report, a| share(a.people, report.staff))),
        ("利用回数", of(|a| a.uses)),
        ("利用者一人当たりの回数", or_hidden(|_, a| per(a.uses, a.people))),
        ("完了しなかった利用", of(|a| a.failed)),
        ("拒否", of(|a| a.refused)),
        ("拒否された人", of(|a| a.refused_people)),
        ("入力トークン", of(|a| a.input_tokens)),
        ("出力トークン", of(|a| a.output_tokens)),
    ]
}

fn known(name: &str) -> String {
    if name.is_empty() { "（特定できない）".to_owned() } else { name.to_owned() }
}

/// The label of a rank in the body's list.
fn grade(register: &Register, rank: &str) -> String {
    let Ok(rank) = rank.parse::<u8>() else { return known("") };
    let levels = register.organization().map(|body| body.grades.levels());
    let level = levels.and_then(|levels| levels.get(usize::from(Grade(rank).0)));
    level.map_or_else(|| rank.to_string(), |level| level.label.clone())
}

fn groups(
    id: &'static str,
    column: &'static str,
    title: &'static str,
    all: &[Group],
    name: &dyn Fn(&str) -> String,
) -> Section {
    let row = |group: &Group| {
        let of = |figure: fn(&Amount) -> u64| Cell::of(group.amount.as_ref().map(figure));
        vec![
            Cell::Text(name(&group.name)),
            of(|a| a.uses),
            of(|a| a.people),
            group.amount.map_or(Cell::Hidden, |a| per(a.uses, a.people)),
            of(|a| a.refused),
            of(|a| a.input_tokens.saturating_add(a.output_tokens)),
        ]
    };
    Section {
        id: id.into(),
        title: title.into(),
        sheet: None,
        note: match id {
            "department" => "利用したときの部局です。",
            "post" => "報告を作成したときの職級です。",
            "grade" => "申告・継承・検出した格付のうち最も高いものです。",
            _ => "",
        },
        columns: vec![column, "利用", "利用者", "一人当たり", "拒否", "トークン"],
        rows: all.iter().map(row).collect(),
        charted: "利用",
        bars: all.iter().map(|group| (name(&group.name), group.amount.map(|a| a.uses))).collect(),
        in_time: false,
    }
}

/// A section of weeks that is drawn and has no table of its own.
pub(crate) fn weekly(id: &'static str, title: &'static str, charted: &'static str, bars: Bars) -> Section {
    Section {
        id: id.into(),
        title: title.into(),
        sheet: None,
        note: "",
        columns: Vec::new(),
        rows: Vec::new(),
        charted,
        bars,
        in_time: true,
    }
}

fn distribution(report: &UseReport) -> Section {
    let label = |from: u64, to: Option<u64>| match to {
        Some(0) => "利用なし".to_owned(),
        Some(to) => format!("{from}～{to} 回"),
        None => format!("{from} 回以上"),
    };
    let steps = &report.distribution;
    let row = |step: &sekisho_domain::use_report::Step| {
        let share = step.people.map_or(Cell::Hidden, |people| share(people, report.staff));
        vec![Cell::Text(label(step.from, step.to)), Cell::of(step.people), share]
    };
    Section {
        id: "distribution".into(),
        title: "利用回数の分布".into(),
        sheet: None,
        note: "「利用なし」は、職員数から利用者数を引いた数です。",
        columns: vec!["利用回数", "人数", "職員に占める割合"],
        rows: steps.iter().map(row).collect(),
        charted: "人数",
        bars: steps.iter().map(|step| (label(step.from, step.to), step.people)).collect(),
        in_time: false,
    }
}

fn refusals(report: &UseReport, name: &dyn Fn(&str) -> String) -> Section {
    let row = |one: &sekisho_domain::use_report::Refusals| {
        let (refused, people) = (one.amount.map(|a| a.refused), one.amount.map(|a| a.people));
        vec![Cell::Text(name(&one.reason)), Cell::of(refused), Cell::of(people)]
    };
    Section {
        id: "refusals".into(),
        title: "拒否の理由".into(),
        sheet: None,
        note: "二つの理由で拒否された利用は、両方に数えます。",
        columns: vec!["理由と規則", "拒否", "人数"],
        rows: report.refusals.iter().map(row).collect(),
        charted: "拒否",
        bars: report.refusals.iter().map(|one| (name(&one.reason), one.amount.map(|a| a.refused))).collect(),
        in_time: false,
    }
}

fn findings(report: &UseReport) -> Section {
    let row = |one: &sekisho_domain::use_report::Findings| {
        let of = |figure: fn(&FindingAmount) -> u64| Cell::of(one.amount.as_ref().map(figure));
        let figures = [of(|a| a.requests), of(|a| a.request_hits), of(|a| a.answers), of(|a| a.answer_hits)];
        std::iter::once(Cell::Text(one.rule.clone())).chain(figures).collect()
    };
    Section {
        id: "findings".into(),
        title: "検出".into(),
        sheet: None,
        note: "個人情報・表示などの検出です。検出した文字そのものは記録していません。",
        columns: vec!["検出規則", "依頼で検出した利用", "依頼での箇所", "回答で検出した利用", "回答での箇所"],
        rows: report.findings.iter().map(row).collect(),
        charted: "依頼で検出した利用",
        bars: report.findings.iter().map(|one| (one.rule.clone(), one.amount.map(|a| a.requests))).collect(),
        in_time: false,
    }
}

/// Days shown one by one; a longer period is shown by month.
const DAYS: usize = 100;

fn days(report: &UseReport) -> Section {
    let monthly = report.days.len() > DAYS;
    let mut sums: Vec<(String, u64, u64, bool)> = Vec::new();
    for of in &report.days {
        let name = if monthly { of.day.strftime("%Y年%-m月").to_string() } else { of.day.to_string() };
        if sums.last().is_none_or(|(last, ..)| *last != name) {
            sums.push((name, 0, 0, false));
        }
        if let Some((_, uses, refused, hidden)) = sums.last_mut() {
            match of.amount {
                Some(amount) => {
                    *uses += amount.uses;
                    *refused += amount.refused;
                }
                None => *hidden = true,
            }
        }
    }
    let row = |(name, uses, refused, hidden): &(String, u64, u64, bool)| {
        let cell = |n: u64| if *hidden && !monthly { Cell::Hidden } else { Cell::Number(n) };
        vec![Cell::Text(name.clone()), cell(*uses), cell(*refused)]
    };
    Section {
        id: "days".into(),
        title: if monthly { "月別の推移" } else { "日別の推移" }.into(),
        sheet: None,
        note: if monthly {
            "利用者が少なく非表示とした日の数は含みません。"
        } else {
            "利用も拒否もない日は省いています。"
        },
        columns: vec![if monthly { "月" } else { "日" }, "利用", "拒否"],
        rows: sums.iter().map(row).collect(),
        charted: "利用",
        bars: sums
            .iter()
            .map(|(name, uses, _, hidden)| (name.clone(), (monthly || !hidden).then_some(*uses)))
            .collect(),
        in_time: true,
    }
}

fn notes(report: &UseReport) -> Vec<String> {
    let mut notes = vec![
        format!("台帳の初めの {} 件の記録から数えました。後から加わった記録は含みません。", grouped(report.entries)),
        "「利用」は許可された利用、「拒否」は規則などにより止まった利用です。利用は始まった日に数えます。".to_owned(),
        "職員数は、報告を作成したときに在籍する人の数です。".to_owned(),
    ];
    if report.scope.unit.is_some() {
        notes.push("アンケートは部局別には数えないため、部局の報告には含みません。".to_owned());
    }
    if !report.stories.is_empty() {
        notes.push(
            "事例の件数と SHA-256 は台帳の記録によります。本文は職員が書き、別の職員が審査したものです。".to_owned(),
        );
    }
    if report.fewest > 0 {
        notes.push(format!(
            "{} 人未満の区分の数は、個人の利用が分かるため表示しません。差引きで分かる区分も同じです。",
            report.fewest
        ));
    }
    notes
}
