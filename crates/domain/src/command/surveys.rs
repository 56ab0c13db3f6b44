//! Surveys of staff: opened with their questions, closed with their counted answers.

use super::{CloseSurvey, Occasion, OpenSurvey, fresh, words};
use crate::day::in_japan;
use crate::event::{Event, SurveyClosed, SurveyOpened};
use crate::id::SurveyId;
use crate::refusal::Refusal;
use crate::register::Register;
use crate::survey::{BadSurvey, CHOICES, QUESTIONS};
use crate::use_report::small_groups::FEWEST;

type Decided = Result<Vec<Event>, Refusal>;

pub(super) fn open(register: &Register, occasion: &Occasion, c: OpenSurvey) -> Decided {
    words("アンケートの題名", "the title of the survey", &c.title, 200)?;
    c.questionnaire.check().map_err(|bad| refusal(&bad))?;
    let today = in_japan(occasion.at);
    if c.until < c.from || c.until < today {
        return Err(Refusal::invalid(
            "回答の期間を見直してください。末日は、初日と今日より前にできません。",
            "the period must not end before it begins or before today",
        ));
    }
    if !c.users.people.is_empty() {
        return Err(Refusal::invalid(
            "アンケートの対象に、特定の人は選べません。部局か職で選んでください。",
            "a survey asks departments or posts, never single people",
        ));
    }
    for id in &c.users.departments {
        register.department(id).ok_or_else(|| Refusal::unknown("部局", "department", id))?;
    }
    let asked = register.covers(&c.users) as u64;
    if asked < FEWEST {
        return Err(Refusal::invalid(
            format!("対象が {FEWEST} 人未満です。だれの回答かが分かってしまうので、範囲を広げてください。"),
            format!("fewer than {FEWEST} people are in the range: their answers would speak of them; widen it"),
        ));
    }
    let survey: SurveyId = fresh("survey", occasion)?;
    if register.survey(&survey).is_some() {
        return Err(Refusal::exists("アンケート", "survey", &survey));
    }
    Ok(vec![Event::SurveyOpened(SurveyOpened {
        survey,
        title: c.title,
        questionnaire: c.questionnaire,
        users: c.users,
        asked,
        from: c.from,
        until: c.until,
    })])
}

pub(super) fn close(register: &Register, c: CloseSurvey) -> Decided {
    let record = register.survey(&c.survey).ok_or_else(|| Refusal::unknown("アンケート", "survey", &c.survey))?;
    if record.closed.is_some() {
        return Err(Refusal::wrong_state("このアンケートは締め切られています。", "the survey is closed already"));
    }
    record.opened.questionnaire.explains(c.answered, &c.tallies).map_err(|bad| refusal(&bad))?;
    Ok(vec![Event::SurveyClosed(SurveyClosed { survey: c.survey, answered: c.answered, tallies: c.tallies })])
}

fn refusal(bad: &BadSurvey) -> Refusal {
    let ja = match bad {
        BadSurvey::Questions(n) => format!("質問は 1 問以上 {QUESTIONS} 問以下にしてください（いま {n} 問）。"),
        BadSurvey::Choices { question, choices } => {
            format!("質問 `{question}` の選択肢は 2 個以上 {CHOICES} 個以下にしてください（いま {choices} 個）。")
        }
        BadSurvey::Name(name) => {
            format!(
                "`{name}` は名前として使えません。英小文字・数字・`-` で 40 文字まで、重ならないようにしてください。"
            )
        }
        BadSurvey::Text(of) => format!("`{of}` の文を 1 文字以上 300 文字以内で入力してください。"),
        BadSurvey::NotAsked(of) => format!("`{of}` は質問にないか、その形では答えられません。"),
        BadSurvey::Figures(of) => format!("質問 `{of}` の集計が合いません。画面から締め切り直してください。"),
    };
    Refusal::invalid(ja, bad.to_string())
}
