//! リスク判断: the table that advises, the sheet of a use case, the CAIO's judgement, and the advisory board.

use super::{Actor, AdoptRiskTable, AnswerRisk, JudgeRisk, Occasion, StepRiskBoard, words};
use crate::day::in_japan;
use crate::ds920::judgement::BoardStep;
use crate::ds920::risk_table::RiskTable;
use crate::event::{Event, RiskAnswered, RiskBoardStepped, RiskJudged, RiskTableAdopted};
use crate::id::{ApplicationId, PersonId};
use crate::permit::{Application, ApplicationState, PermitState};
use crate::person::Role;
use crate::refusal::Refusal;
use crate::register::Register;

type Decided = Result<Vec<Event>, Refusal>;

/// Most characters of what is written about a risk.
const MOST: usize = 2_000;
/// Most points of advice that come at once.
const MOST_ADVICE: usize = 20;
/// Most characters of a point of advice and of its answer.
const MOST_POINT: usize = 500;

pub(super) fn adopt(register: &Register, occasion: &Occasion, c: AdoptRiskTable) -> Decided {
    let today = in_japan(occasion.at);
    let from = c.from.unwrap_or(today);
    if from < today {
        return Err(Refusal::invalid(
            format!("判定表が始まる日は今日（{today}）以後にしてください。過ぎた日の判定は変わりません。"),
            format!("the first day of a table must not lie before today, {today}"),
        ));
    }
    if register.ds920().tables().any(|adopted| adopted.table.table == c.table) {
        return Err(Refusal::exists("判定表", "risk table", &c.table));
    }
    words("判定表を採用する理由", "why the table is adopted", &occasion.reason, MOST)?;
    let table = RiskTable { table: c.table, from, rows: c.rows, otherwise: c.otherwise };
    table.check()?;
    Ok(vec![Event::RiskTableAdopted(RiskTableAdopted { table })])
}

pub(super) fn answer(register: &Register, occasion: &Occasion, c: AnswerRisk) -> Decided {
    let application = alive(register, &c.application)?;
    let by = person(occasion)?;
    let may = *by == application.applicant || register.holds_any(by, &[Role::ServiceManager, Role::Caio]);
    if !may {
        return Err(Refusal::new(
            "NOT_ALLOWED",
            "判定シートに答え直せるのは、申請した人と、外部サービス管理者・AI統括責任者です。",
            "only the applicant, a service manager or the CAIO answers the sheet anew",
        ));
    }
    if !c.sheet.is_valid() {
        return Err(Refusal::invalid(
            "高リスク判定シートの各項目は 0 から 3 で答えてください。",
            "each axis of the risk sheet is answered with 0 to 3",
        ));
    }
    if register.risk_sheet(application) == Some(c.sheet) {
        return Err(Refusal::wrong_state(
            "いまの判定シートと同じ答えです。変わった項目があるときに答え直してください。",
            "the sheet has these answers already",
        ));
    }
    words("答えが変わった理由", "why the answers changed", &occasion.reason, MOST)?;
    Ok(vec![Event::RiskAnswered(RiskAnswered { application: c.application, sheet: c.sheet })])
}

pub(super) fn judge(register: &Register, occasion: &Occasion, c: JudgeRisk) -> Decided {
    let application = alive(register, &c.application)?;
    if *person(occasion)? == application.applicant {
        return Err(Refusal::new(
            "SEPARATION_OF_DUTIES",
            "自分の申請のリスクは判断できません。別のAI統括責任者に依頼してください。",
            "you cannot judge the risk of your own application",
        ));
    }
    let Some(sheet) = register.risk_sheet(application) else {
        return Err(Refusal::wrong_state(
            "高リスク判定シートが付いていません。申請者に記入を求めてください。",
            "the application has no risk sheet; ask the applicant for one",
        ));
    };
    if sheet != c.sheet {
        return Err(Refusal::wrong_state(
            "判断しようとした判定シートは、もう新しい答えに変わっています。いまのシートを見て判断してください。",
            "the sheet has other answers by now; judge those",
        ));
    }
    words("判断の理由", "the reason of a judgement", &occasion.reason, MOST)?;
    let today = in_japan(occasion.at);
    let ds920 = register.ds920();
    Ok(vec![Event::RiskJudged(RiskJudged {
        application: c.application,
        sheet,
        table: ds920.table_on(today).map(|table| table.table.clone()),
        result: ds920.result_on(&sheet, today),
        verdict: c.verdict,
    })])
}

pub(super) fn step_board(register: &Register, occasion: &Occasion, c: StepRiskBoard) -> Decided {
    let application = alive(register, &c.application)?;
    let by = person(occasion)?;
    let is_caio = register.holds(by, Role::Caio);
    let answers = matches!(c.step, BoardStep::Respond { .. }) && *by == application.applicant;
    if !is_caio && !answers {
        return Err(Refusal::new(
            "NOT_ALLOWED",
            "アドバイザリーボードとのやりとりはAI統括責任者が記録します。申請した人は、助言への対応だけを書けます。",
            "the CAIO records what passes with the board; the applicant may answer advice only",
        ));
    }
    let record = register.ds920().risk(&c.application);
    match &c.step {
        BoardStep::Report { purpose, mitigation, quality } => {
            words("目的", "the purpose", purpose, MOST)?;
            words("リスクを減らす措置", "what reduces the risk", mitigation, MOST)?;
            words("品質の確保", "how quality is assured", quality, MOST)?;
        }
        BoardStep::Advise { items } => {
            if record.is_none_or(|record| record.reports.is_empty()) {
                return Err(Refusal::wrong_state(
                    "まだボードに報告していません。先に報告を記録してください。",
                    "nothing was reported to the board yet; record the report first",
                ));
            }
            if items.is_empty() || items.len() > MOST_ADVICE {
                return Err(Refusal::invalid(
                    format!("助言は 1 件以上 {MOST_ADVICE} 件以内で書いてください。"),
                    format!("1 to {MOST_ADVICE} points of advice are recorded at once"),
                ));
            }
            for item in items {
                words("助言", "a point of advice", item, MOST_POINT)?;
            }
        }
        BoardStep::Respond { item, response } => {
            if record.and_then(|record| record.advice.get(usize::from(*item))).is_none() {
                return Err(Refusal::unknown("助言", "point of advice", item));
            }
            words("助言への対応", "the answer to a point of advice", response, MOST_POINT)?;
        }
    }
    Ok(vec![Event::RiskBoardStepped(RiskBoardStepped { application: c.application, step: c.step })])
}

/// An application under review, or one whose permit was not revoked.
fn alive<'r>(register: &'r Register, id: &ApplicationId) -> Result<&'r Application, Refusal> {
    let application = register.application(id).ok_or_else(|| Refusal::unknown("申請", "application", id))?;
    let alive = match &application.state {
        ApplicationState::Submitted => true,
        ApplicationState::Approved { permit } => {
            register.permit(permit).is_some_and(|permit| permit.state != PermitState::Revoked)
        }
        ApplicationState::Returned | ApplicationState::Refused | ApplicationState::Withdrawn => false,
    };
    if alive {
        return Ok(application);
    }
    Err(Refusal::wrong_state(
        format!(
            "リスクを扱えるのは、審査中の申請と、取り消されていない承認です（この申請は「{}」）。",
            application.state.label()
        ),
        "only an application under review or a permit that was not revoked has a risk to judge",
    ))
}

fn person(occasion: &Occasion) -> Result<&PersonId, Refusal> {
    match &occasion.actor {
        Actor::Person(person) => Ok(person),
        Actor::Installation => {
            Err(Refusal::new("NOT_ALLOWED", "職員として操作してください。", "a person must do this"))
        }
    }
}
