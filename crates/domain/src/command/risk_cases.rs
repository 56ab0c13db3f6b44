//! リスクケース: who may take which step, and from where.

use super::{Actor, Occasion, SetRiskClocks, StepRiskCase, fresh, words};
use crate::day::in_japan;
use crate::ds920::clock;
use crate::ds920::clock::Due;
use crate::ds920::risk_case::{CaseState, CaseStep, RiskCase};
use crate::event::{Event, RiskCaseStepped, RiskClocksSet};
use crate::id::{CaseId, PersonId};
use crate::person::Role::{self, Caio, Ciso, ServiceManager};
use crate::refusal::Refusal;
use crate::register::Register;
use jiff::ToSpan as _;

type Decided = Result<Vec<Event>, Refusal>;

/// Most characters of what is written.
const MOST: usize = 2_000;
/// Most uses a case keeps.
const MOST_USES: usize = 200;
/// 提供者 and those above.
const HANDLERS: &[Role] = &[ServiceManager, Ciso, Caio];

pub(super) fn step(register: &Register, occasion: &Occasion, c: StepRiskCase) -> Decided {
    let by = match &occasion.actor {
        Actor::Person(person) => person,
        Actor::Installation => {
            return Err(Refusal::new("NOT_ALLOWED", "職員として操作してください。", "a person must do this"));
        }
    };
    let case = match (c.case, &c.step) {
        (None, CaseStep::Report { .. }) => {
            let case: CaseId = fresh("rc", occasion)?;
            // The same form sent twice: the identifier comes from the form.
            if register.ds920().case(&case).is_some() {
                return Err(Refusal::exists("リスクケース", "case", &case));
            }
            report(register, occasion, &c.step)?;
            case
        }
        (Some(_), CaseStep::Report { .. }) => {
            return Err(Refusal::invalid(
                "報告から新しいケースが始まります。既にあるケースには、ほかの手続を使ってください。",
                "a report begins a new case; leave `case` out",
            ));
        }
        (None, _) => {
            return Err(Refusal::invalid("どのケースかを指定してください。", "`case` says which case goes on"));
        }
        (Some(case), step) => {
            let known = register.ds920().case(&case).ok_or_else(|| Refusal::unknown("リスクケース", "case", &case))?;
            may(register, by, known, step)?;
            goes_on(occasion, known, step)?;
            case
        }
    };
    Ok(vec![Event::RiskCaseStepped(RiskCaseStepped { case, step: c.step })])
}

fn report(register: &Register, occasion: &Occasion, step: &CaseStep) -> Result<(), Refusal> {
    let CaseStep::Report { known_at, summary, impact, service, uses, .. } = step else { return Ok(()) };
    words("何が起きたか", "what happened", summary, MOST)?;
    if impact.chars().count() > MOST {
        words("影響", "the impact", impact, MOST)?;
    }
    if *known_at > occasion.at {
        return Err(Refusal::invalid(
            "知った時は、いまより後にできません。日付と時刻を確かめてください。",
            "`known_at` must not lie in the future",
        ));
    }
    let earliest = occasion.at.checked_sub((24 * 3_660).hours()).unwrap_or(occasion.at);
    if *known_at < earliest {
        return Err(Refusal::invalid(
            "知った時が古すぎます。日付を確かめてください。",
            "`known_at` lies more than ten years back",
        ));
    }
    if let Some(service) = service
        && register.service(service).is_none()
    {
        return Err(Refusal::unknown("サービス", "service", service));
    }
    bounded(uses.len())
}

fn bounded(uses: usize) -> Result<(), Refusal> {
    if uses <= MOST_USES {
        return Ok(());
    }
    Err(Refusal::invalid(
        format!("一つのケースで保全できる利用記録は {MOST_USES} 件までです。"),
        format!("a case keeps {MOST_USES} uses at most"),
    ))
}

/// Who may take the step. The reporter may add evidence; 提供者 and the CISO work on the case; the CAIO decides.
fn may(register: &Register, by: &PersonId, case: &RiskCase, step: &CaseStep) -> Result<(), Refusal> {
    let needed: &[Role] = match step {
        CaseStep::Preserve { .. } if *by == case.reporter => return Ok(()),
        CaseStep::Close { .. } | CaseStep::Reopen { .. } | CaseStep::Release { .. } => &[Caio],
        CaseStep::Notify { .. } => &[Caio, Ciso],
        _ => HANDLERS,
    };
    if register.holds_any(by, needed) {
        return Ok(());
    }
    let names = needed.iter().map(|role| role.label()).collect::<Vec<_>>().join("・");
    Err(Refusal::new(
        "NOT_ALLOWED",
        format!("この手続には {names} の役割が必要です。役割を持つ人に依頼してください。"),
        format!("this needs one of the roles {needed:?}; ask someone who holds it").to_lowercase(),
    ))
}

fn goes_on(occasion: &Occasion, case: &RiskCase, step: &CaseStep) -> Result<(), Refusal> {
    let closed = case.is_closed();
    if matches!(step, CaseStep::Reopen { .. }) != closed {
        return Err(Refusal::wrong_state(
            if closed {
                "このケースは終結しています。続けるには、AI統括責任者が再開してください。"
            } else {
                "このケースは終結していないので、再開できません。"
            },
            if closed { "the case is closed; the CAIO may reopen it" } else { "the case is not closed" },
        ));
    }
    match step {
        CaseStep::Preserve { uses } => {
            if uses.is_empty() || uses.iter().all(|of| case.uses.contains(of)) {
                return Err(Refusal::invalid(
                    "新しく保全する利用記録を指定してください。",
                    "name uses that the case does not keep yet",
                ));
            }
            return bounded(case.uses.union(uses).count());
        }
        CaseStep::Release { uses, .. } if uses.is_empty() || !uses.is_subset(&case.uses) => {
            return Err(Refusal::invalid(
                "このケースが保全している利用記録だけを解除できます。",
                "only uses that the case keeps can be let go",
            ));
        }
        CaseStep::Receive { .. } if case.state != CaseState::Reported => {
            return Err(Refusal::wrong_state(
                "このケースは既に受け付けられています。",
                "the case was received already",
            ));
        }
        CaseStep::Refer { .. } if case.state == CaseState::WithCaio => {
            return Err(Refusal::wrong_state(
                "このケースは既にAI統括責任者に報告されています。",
                "the case is with the CAIO already",
            ));
        }
        CaseStep::Reclassify { kind, .. } if *kind == case.kind => {
            return Err(Refusal::wrong_state("既にその種類です。", "the case is of that kind already"));
        }
        // Those are steps of their own, at the moment they are taken: no report outside stands for them.
        CaseStep::Notify { report: Due::Receipt | Due::ToCaio, .. } => {
            return Err(Refusal::invalid(
                "受付とAI統括責任者への報告は、それぞれの手続で記録してください。",
                "receipt and the report to the CAIO are steps of their own",
            ));
        }
        CaseStep::Notify { on, .. } => {
            let (known, today) = (in_japan(case.known_at), in_japan(occasion.at));
            if *on < known || *on > today {
                return Err(Refusal::invalid(
                    format!("報告・通知の日は、知った日（{known}）から今日（{today}）までの日にしてください。"),
                    format!("`on` must lie between {known} and today, {today}"),
                ));
            }
        }
        CaseStep::Close { .. } => {
            if case.state != CaseState::WithCaio {
                return Err(Refusal::wrong_state(
                    "AI統括責任者に報告されていないケースは終結できません。先に報告を記録してください。",
                    "a case is closed only after it came to the CAIO; refer it first",
                ));
            }
            let open = case.open_work();
            if !open.is_empty() {
                return Err(Refusal::wrong_state(
                    format!("終結する前に、次を記録してください: {}。", open.join("、")),
                    "containment, analysis and prevention must be recorded before a case is closed",
                ));
            }
        }
        _ => {}
    }
    words("内容", "what was done", step.note(), MOST)
}

pub(super) fn set_clocks(occasion: &Occasion, c: SetRiskClocks) -> Decided {
    let today = in_japan(occasion.at);
    let from = c.from.unwrap_or(today);
    if from < today {
        return Err(Refusal::invalid(
            format!("期限の一覧が始まる日は今日（{today}）以後にしてください。"),
            format!("the first day of a list of deadlines must not lie before today, {today}"),
        ));
    }
    words("期限を定める理由", "why the deadlines are set", &occasion.reason, MOST)?;
    clock::check(&c.clocks)?;
    Ok(vec![Event::RiskClocksSet(RiskClocksSet { from, clocks: c.clocks })])
}
