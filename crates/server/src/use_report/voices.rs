//! Surveys and stories as sections of a report.

use super::names::{Names, app_name};
use super::paper::{Cell, Section, day, share};
use sekisho_domain::register::Register;
use sekisho_domain::use_report::{QuestionFigures, StoryFigures, SurveyFigures};

/// A survey: who was asked, and a section for each question. Surveys are numbered, because two may have one title.
pub(crate) fn survey(figures: &SurveyFigures, number: usize) -> Vec<Section> {
    let rate = figures.answered.map_or(Cell::Hidden, |answered| share(answered, figures.asked));
    let rows = [
        ("回答の期間", Cell::Text(format!("{}～{}", day(figures.from), day(figures.until)))),
        ("締め切った日", Cell::Text(day(figures.closed))),
        ("対象者数（開始時）", Cell::Number(figures.asked)),
        ("回答者数", Cell::of(figures.answered)),
        ("回答率", rate),
    ];
    let head = Section {
        id: format!("survey-{number}").into(),
        title: format!("アンケート{number}: {}", figures.title).into(),
        sheet: Some(format!("アンケート{number}")),
        note: if figures.questions.is_empty() {
            "回答した人が 5 人未満のため、質問ごとの集計は記録していません。"
        } else {
            "対象者数は始めたときに範囲にいた人の数です。後から範囲に入った人の回答も数えます。"
        },
        columns: vec!["項目", "値"],
        rows: rows.into_iter().map(|(name, value)| vec![Cell::Text(name.to_owned()), value]).collect(),
        charted: "",
        bars: Vec::new(),
        in_time: false,
    };
    let questions = (1..).zip(&figures.questions).map(|(at, one)| question(one, figures, number, at));
    std::iter::once(head).chain(questions).collect()
}

fn question(one: &QuestionFigures, survey: &SurveyFigures, number: usize, at: usize) -> Section {
    let of_answers = |people: Option<u64>| match (people, survey.answered) {
        (Some(people), Some(answered)) => share(people, answered),
        _ => Cell::Hidden,
    };
    let row = |name: &str, people: Option<u64>| vec![Cell::Text(name.to_owned()), Cell::of(people), of_answers(people)];
    let choices = one.choices.iter().map(|choice| row(&choice.label, choice.people));
    let whole = row("この質問に答えた人", one.answered);
    Section {
        id: format!("survey-{number}-{at}").into(),
        title: format!("アンケート{number} 問{at}: {}", one.text).into(),
        sheet: Some(format!("アンケート{number} 問{at}")),
        note: match (one.choices.is_empty(), one.many) {
            (true, _) => "自由記述です。書かれた文は報告に含みません。",
            (false, true) => "当てはまるものをすべて選ぶ質問です。",
            (false, false) => "",
        },
        columns: vec!["選択肢", "人数", "回答者に占める割合"],
        rows: choices.chain([whole]).collect(),
        charted: "人数",
        bars: one.choices.iter().map(|choice| (choice.label.clone(), choice.people)).collect(),
        in_time: false,
    }
}

/// Published stories; no section where there is none.
pub(super) fn stories(all: &[StoryFigures], register: &Register, names: &Names) -> Option<Section> {
    if all.is_empty() {
        return None;
    }
    let row = |one: &StoryFigures| {
        let story = names.story(&one.story);
        let text = |of: fn(&crate::story::Story) -> &str| {
            Cell::Text(story.map_or_else(|| "（本文が見つかりません）".to_owned(), |story| of(story).to_owned()))
        };
        let used = story.map(|story| match (&story.app, &story.service) {
            (app, _) if !app.is_empty() => app_name(app),
            (_, Some(service)) => names.service(register, service.as_str()),
            (_, None) => String::new(),
        });
        vec![
            text(|story| &story.title),
            Cell::Text(names.department(one.department.as_str())),
            Cell::Text(used.unwrap_or_default()),
            text(|story| &story.purpose),
            text(|story| &story.effect),
            story.and_then(|story| story.minutes).map_or(Cell::None, |minutes| Cell::Number(minutes.into())),
            Cell::Text(one.published.to_string()),
            Cell::Text(one.sha256.clone()),
        ]
    };
    Some(Section {
        id: "stories".into(),
        title: format!("公開された事例（{} 件）", all.len()).into(),
        sheet: Some("事例".to_owned()),
        note: "短縮した時間は、書いた職員の申告です。",
        columns: vec![
            "題名",
            "部局",
            "使ったもの",
            "何に使ったか",
            "効果",
            "短縮した時間（分）",
            "公開した日",
            "SHA-256",
        ],
        rows: all.iter().map(row).collect(),
        charted: "",
        bars: Vec::new(),
        in_time: false,
    })
}
