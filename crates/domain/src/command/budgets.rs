//! 予算と単価.

use super::{EndBudget, Occasion, SetBudget, SetPrice};
use crate::budget::{Budget, Price, Whom};
use crate::day::in_japan;
use crate::event::{BudgetEnded, Event};
use crate::refusal::Refusal;
use crate::register::Register;
use jiff::civil::Date;

type Decided = Result<Vec<Event>, Refusal>;

/// Yen for a million tokens; more is a slip of the finger.
const HIGHEST_PRICE: u64 = 1_000_000_000;

pub(super) fn set(register: &Register, occasion: &Occasion, c: SetBudget) -> Decided {
    exists(register, &c.whom)?;
    if let Some(earlier) =
        register.budgets().get(&c.budget).and_then(|r| r.versions().iter().find_map(|v| v.budget.as_ref()))
        && earlier.whom != c.whom
    {
        return Err(Refusal::wrong_state(
            format!("予算 `{}` の対象は変えられません。別の識別子で設定してください。", c.budget),
            format!("whom the budget `{}` binds cannot be changed; set another one", c.budget),
        ));
    }
    let most = c.unit.most();
    if c.limit == 0 || c.limit > most {
        return Err(Refusal::invalid(
            format!("上限は 1 以上 {most} 以下にしてください。すべて止めるには、承認を停止してください。"),
            format!("the limit must lie between 1 and {most}; to stop everything suspend the permit"),
        ));
    }
    if !(1..=100).contains(&c.tell_at) {
        return Err(Refusal::invalid(
            "知らせ始める割合は 1 から 100 の % で指定してください。",
            "`tell_at` must be a percentage from 1 to 100",
        ));
    }
    let from = first_day(occasion, c.from)?;
    let SetBudget { budget, whom, unit, period, limit, force, tell_at, .. } = c;
    Ok(vec![Event::BudgetSet(Budget { budget, whom, unit, period, limit, force, tell_at, from })])
}

pub(super) fn end(register: &Register, _: &Occasion, c: EndBudget) -> Decided {
    let record = register.budgets().get(&c.budget).ok_or_else(|| Refusal::unknown("予算", "budget", &c.budget))?;
    if record.latest().is_none() {
        return Err(Refusal::wrong_state(
            format!("予算 `{}` は既に終わっています。", c.budget),
            format!("the budget `{}` has ended already", c.budget),
        ));
    }
    Ok(vec![Event::BudgetEnded(BudgetEnded { budget: c.budget })])
}

pub(super) fn set_price(register: &Register, occasion: &Occasion, c: SetPrice) -> Decided {
    let record = register.service(&c.service).ok_or_else(|| Refusal::unknown("サービス", "service", &c.service))?;
    if record.service.model(c.model.as_str()).is_none() {
        return Err(Refusal::unknown("モデル", "model", &c.model));
    }
    if c.input.max(c.output) > HIGHEST_PRICE {
        return Err(Refusal::invalid(
            format!("単価は 100 万トークン当たり {HIGHEST_PRICE} 円までです。"),
            format!("a price may be {HIGHEST_PRICE} yen for a million tokens at most"),
        ));
    }
    let from = first_day(occasion, c.from)?;
    let SetPrice { service, model, input, output, .. } = c;
    Ok(vec![Event::PriceSet(Price { service, model, input, output, from })])
}

fn exists(register: &Register, whom: &Whom) -> Result<(), Refusal> {
    match whom {
        Whom::Permit(id) if register.permit(id).is_none() => Err(Refusal::unknown("承認", "permit", id)),
        Whom::Department(id) if register.department(id).is_none() => Err(Refusal::unknown("部局", "department", id)),
        Whom::Person(id) if !register.person(id).is_some_and(|p| p.active) => {
            Err(Refusal::unknown("職員", "person", id))
        }
        _ => Ok(()),
    }
}

/// What is past was decided without it, and stays so.
fn first_day(occasion: &Occasion, from: Option<Date>) -> Result<Date, Refusal> {
    let today = in_japan(occasion.at);
    let from = from.unwrap_or(today);
    if from < today {
        return Err(Refusal::invalid(
            format!("始まる日は今日（{today}）以後にしてください。"),
            format!("the first day must not lie before today, {today}"),
        ));
    }
    Ok(from)
}
