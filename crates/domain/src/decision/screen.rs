//! What a rule asks first, in a form that costs nothing to check.
//!
//! Cedar takes about a microsecond for each rule, and nearly every rule fails at its first question (`the permit has
//! expired`, `a credential was found`). A screen holds those leading questions. It can only say that a rule does *not*
//! apply, and is exact: Cedar asks the operands of `&&` from left to right and stops at the first that is false; the
//! questions kept here cannot fail, because the rule was validated and every fact has a value. Whatever a screen lets
//! through, Cedar decides. `Rules::decide_by_cedar_alone` does without, and tests hold the two against each other.

use super::context::{FIELDS, Fact, Kind};
use super::facts::Facts;
use cedar_policy::{ActionConstraint, Policy, PrincipalConstraint, ResourceConstraint};
use serde_json::Value;

/// The leading questions of one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Screen {
    /// `principal == Person::"…"`.
    person: Option<String>,
    /// `resource == Service::"…"`.
    service: Option<String>,
    questions: Vec<Question>,
    /// The rule has no condition and holds for everybody and everything.
    always: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Question {
    field: usize,
    asks: Asks,
    yes: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Asks {
    True,
    State(String),
    Text(String),
    Above(usize),
}

impl Screen {
    /// Reads the leading questions of a validated rule; what it does not understand it leaves to Cedar.
    pub(super) fn of(policy: &Policy) -> Self {
        let always = !policy.has_non_scope_constraint()
            && policy.principal_constraint() == PrincipalConstraint::Any
            && policy.action_constraint() == ActionConstraint::Any
            && policy.resource_constraint() == ResourceConstraint::Any;
        let person = match policy.principal_constraint() {
            PrincipalConstraint::Eq(person) => Some(person.id().unescaped().to_owned()),
            _ => None,
        };
        let service = match policy.resource_constraint() {
            ResourceConstraint::Eq(service) => Some(service.id().unescaped().to_owned()),
            _ => None,
        };
        let mut questions = Vec::new();
        if let Ok(json) = policy.to_json() {
            for condition in json.get("conditions").and_then(Value::as_array).into_iter().flatten() {
                let is_when = condition.get("kind").and_then(Value::as_str) == Some("when");
                let understood = is_when && condition.get("body").is_some_and(|body| leading(body, &mut questions));
                if !understood {
                    break;
                }
            }
        }
        Self { person, service, questions, always }
    }

    /// False only when the rule certainly does not apply to these facts.
    pub(super) fn lets_through(&self, facts: &Facts, values: &[Fact<'_>; FIELDS.len()]) -> bool {
        self.person.as_ref().is_none_or(|person| person == facts.person.as_str())
            && self.service.as_ref().is_none_or(|service| service == facts.service.as_str())
            && self.questions.iter().all(|question| question.answer(values).is_none_or(|answer| answer == question.yes))
    }

    /// True when the rule applies whatever the facts are.
    pub(super) fn always(&self) -> bool {
        self.always
    }
}

impl Question {
    fn answer(&self, values: &[Fact<'_>; FIELDS.len()]) -> Option<bool> {
        match (values.get(self.field)?, &self.asks) {
            (Fact::Flag(flag), Asks::True) => Some(*flag),
            (Fact::State(_, state), Asks::State(wanted)) => Some(state == wanted),
            (Fact::Text(text), Asks::Text(wanted)) => Some(text == wanted),
            (Fact::Rank(rank), Asks::Above(other)) => match values.get(*other)? {
                Fact::Rank(other) => Some(rank > other),
                _ => None,
            },
            _ => None,
        }
    }
}

/// Adds the operands of `&&` from the left; false at the first that is not understood.
fn leading(body: &Value, questions: &mut Vec<Question>) -> bool {
    if let Some((left, right)) = operands(body, "&&") {
        return leading(left, questions) && leading(right, questions);
    }
    let question = question(body);
    let understood = question.is_some();
    questions.extend(question);
    understood
}

fn question(body: &Value) -> Option<Question> {
    if let Some(negated) = body.get("!").and_then(|not| not.get("arg")) {
        let inner = question(negated)?;
        return Some(Question { yes: !inner.yes, ..inner });
    }
    if let Some((field, Kind::Flag)) = field(body) {
        return Some(Question { field, asks: Asks::True, yes: true });
    }
    if let Some((left, right)) = operands(body, ">") {
        let ((field, Kind::Rank), (other, Kind::Rank)) = (self::field(left)?, self::field(right)?) else { return None };
        return Some(Question { field, asks: Asks::Above(other), yes: true });
    }
    let (yes, (left, right)) = match operands(body, "==") {
        Some(sides) => (true, sides),
        None => (false, operands(body, "!=")?),
    };
    let (field, kind) = field(left)?;
    let value = right.get("Value")?;
    let asks = match kind {
        Kind::State(states) => {
            let entity = value.get("__entity")?;
            if entity.get("type")?.as_str()? != states.name() {
                return None;
            }
            Asks::State(entity.get("id")?.as_str()?.to_owned())
        }
        Kind::Text => Asks::Text(value.as_str()?.to_owned()),
        _ => return None,
    };
    Some(Question { field, asks, yes })
}

fn operands<'v>(body: &'v Value, operator: &str) -> Option<(&'v Value, &'v Value)> {
    let sides = body.get(operator)?;
    Some((sides.get("left")?, sides.get("right")?))
}

/// `context.name`, as the place of the field and its type.
fn field(body: &Value) -> Option<(usize, Kind)> {
    let access = body.get(".")?;
    if access.get("left")?.get("Var")?.as_str()? != "context" {
        return None;
    }
    let name = access.get("attr")?.as_str()?;
    FIELDS.iter().enumerate().find(|(_, (known, _))| *known == name).map(|(at, (_, kind))| (at, *kind))
}
