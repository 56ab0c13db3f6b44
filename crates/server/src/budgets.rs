//! 予算: how those stand that bind a person, and who sees how the others do.

use crate::installation::Installation;
use jiff::civil::Date;
use sekisho_domain::budget::{Budget, Whom};
use sekisho_domain::day::in_japan;
use sekisho_domain::decision::PermitStanding;
use sekisho_domain::id::PersonId;
use sekisho_domain::person::{Person, Role};
use sekisho_domain::register::Register;
use sekisho_domain::use_report::small_groups::FEWEST;
use sekisho_gate::spending::Standing;
use sekisho_store::ReadError;

/// Who sets budgets and prices.
pub(crate) const SETTERS: &[Role] = &[Role::ServiceManager, Role::Ciso];
/// Who looks at all of them.
pub(crate) const READERS: &[Role] = &[Role::ServiceManager, Role::Ciso, Role::Auditor];

/// The budgets that bind a person in any use they may make today, by how they stand: those that stop first.
pub(crate) async fn that_bind(
    app: &Installation,
    register: &Register,
    person: &Person,
) -> Result<Vec<Standing>, ReadError> {
    if register.budgets().is_empty() {
        return Ok(Vec::new());
    }
    let today = in_japan(app.world.now());
    let mut bound = register.budgets_that_bind(Some(person), None, today);
    let open = register.permits().filter(|permit| {
        permit.standing_on(today) == PermitStanding::Active && register.in_range(&permit.draft.users, person)
    });
    bound.extend(open.flat_map(|permit| register.budgets_that_bind(None, Some(&permit.permit), today)));
    let asked = bound.into_iter().map(|budget| (budget.clone(), Some(person.person.clone()))).collect();
    app.gate.standings(register, asked).await
}

/// All budgets of a day, each with its standing where it has one that this reader may see.
pub(crate) async fn all(
    app: &Installation,
    register: &Register,
    reader: &PersonId,
    today: Date,
) -> Result<Vec<(Budget, Option<Standing>)>, ReadError> {
    let budgets: Vec<Budget> =
        register.budgets().iter().filter_map(|(_, record)| record.on(today).or(record.latest())).cloned().collect();
    let seen = budgets.iter().filter(|budget| may_see(register, reader, budget)).cloned();
    let standings = app.gate.standings(register, seen.map(|budget| (budget, None)).collect()).await?;
    let of = |budget: Budget| {
        let standing = standings.iter().find(|one| one.budget.budget == budget.budget).cloned();
        (budget, standing)
    };
    Ok(budgets.into_iter().map(of).collect())
}

/// What a few people spent speaks of each of them: only who may read single uses sees it.
fn may_see(register: &Register, reader: &PersonId, budget: &Budget) -> bool {
    if register.holds_any(reader, &[Role::Auditor, Role::Ciso]) {
        return true;
    }
    let people = match &budget.whom {
        Whom::Person(_) => 1,
        Whom::Everyone => 0,
        Whom::Permit(id) => register.permit(id).map_or(0, |permit| register.covers(&permit.draft.users)),
        Whom::Department(id) => register.people_by_department().get(id).copied().unwrap_or(0),
    };
    people as u64 >= FEWEST
}
