//! Who may take which step of a statement, and what has to be true.

use super::{Statement, StatementState, StatementStep, Validated};
use crate::command::StepStatement;
use crate::event::{Event, StatementStepped};
use crate::ismap::deciding::{Acting, may};
use crate::ismap::party::{PartyKind, SchemeRole};
use crate::ismap::term::last_day;
use crate::refusal::Refusal;

pub(crate) fn decide(acting: &Acting<'_>, command: StepStatement) -> Result<Vec<Event>, Refusal> {
    use StatementState as S;
    let chronicle = acting.scheme.statements.get(&command.statement);
    let writes = [SchemeRole::CspStaff, SchemeRole::CspHead];
    let only_own = "言明書を扱えるのは、その事業者の担当者と言明責任者だけです。";
    let role = match (&command.step, chronicle.map(|c| c.now())) {
        (StatementStep::Draft { .. }, Some(_)) => {
            return Err(Refusal::exists("言明書", "statement", &command.statement));
        }
        (StatementStep::Draft { party, .. }, None) => {
            let role = may(acting.holding(party, &writes), only_own)?;
            draft(acting, &command.step)?;
            role
        }
        (_, None) => return Err(Refusal::unknown("言明書", "statement", &command.statement)),
        (StatementStep::Sign { sha256 }, Some(now)) => {
            let role = may(
                acting.holding(&now.party, &[SchemeRole::CspHead]),
                "言明書に署名できるのは、事業者の言明責任者（経営者）だけです。",
            )?;
            match &now.content {
                Some(content) if now.state == S::Validated && content.sha256() == sha256 => role,
                Some(_) if now.state == S::Validated => {
                    return Err(Refusal::wrong_state(
                        "検証したあとで内容が変わっています。もう一度検証してから署名してください。",
                        "the content is not the one that was validated; validate it again",
                    ));
                }
                _ => {
                    return Err(Refusal::wrong_state(
                        format!("署名できるのは検証済みの言明書だけです（今の状態: {}）。", now.state.label()),
                        "only a validated statement can be signed",
                    ));
                }
            }
        }
        (step, Some(now)) => {
            let role = may(acting.holding(&now.party, &writes), only_own)?;
            let fits = match step {
                StatementStep::Validate { .. } => matches!(now.state, S::Draft | S::Validated),
                StatementStep::Reopen => now.state == S::Validated,
                StatementStep::Withdraw => {
                    matches!(now.state, S::Draft | S::Validated | S::Signed | S::UnderAudit | S::Audited)
                }
                // The rest follows from what happens to the audit and the application.
                _ => false,
            };
            if !fits {
                return Err(Refusal::wrong_state(
                    format!("今の状態（{}）からは、この手続に進めません。", now.state.label()),
                    format!("this step does not follow from the state `{:?}`", now.state).to_lowercase(),
                ));
            }
            role
        }
    };
    if let (StatementStep::Validate { content }, Some(now)) = (&command.step, chronicle.map(|c| c.now())) {
        pinned(acting, now, content)?;
    }
    Ok(vec![Event::StatementStepped(StatementStepped { statement: command.statement, role, step: command.step })])
}

/// A content speaks of what the statement was begun with, and only the provider's head let basic items be left out.
fn pinned(acting: &Acting<'_>, now: &Statement, content: &Validated) -> Result<(), Refusal> {
    if content.catalogue() != &now.catalogue {
        return Err(Refusal::invalid(
            format!(
                "この言明書は管理基準 {} に固定されています（検証した内容は {}）。",
                now.catalogue,
                content.catalogue()
            ),
            format!("the statement is pinned to `{}`, the content is on `{}`", now.catalogue, content.catalogue()),
        ));
    }
    let (from, to) = content.period();
    if (from, to) != (now.from, now.to) {
        return Err(Refusal::invalid(
            format!("この言明書の監査対象期間は {}〜{} です（検証した内容は {from}〜{to}）。", now.from, now.to),
            format!("the statement is on {} to {}, the content on {from} to {to}", now.from, now.to),
        ));
    }
    let heads = acting.scheme.parties.now(&now.party).map(|p| p.holders(SchemeRole::CspHead).collect::<Vec<_>>());
    let heads = heads.unwrap_or_default();
    if let Some(other) = content.overridden_by().iter().find(|by| !heads.contains(by)) {
        return Err(Refusal::new(
            "NOT_ALLOWED",
            format!("基本言明要件の非採用を確認した {other} は、この事業者の言明責任者ではありません。"),
            format!("`{other}` let a basic item be left out and is not the head of this provider"),
        ));
    }
    Ok(())
}

fn draft(acting: &Acting<'_>, step: &StatementStep) -> Result<(), Refusal> {
    let StatementStep::Draft { party, offering, catalogue, from, to, previous, changes_signed } = step else {
        return Ok(());
    };
    let offers = acting
        .scheme
        .parties
        .now(party)
        .is_some_and(|p| p.kind == PartyKind::Csp && p.offerings.contains_key(offering));
    if !offers {
        return Err(Refusal::unknown("この事業者のクラウドサービス", "cloud service of this provider", offering));
    }
    if acting.scheme.catalogues.now(catalogue).is_none() {
        return Err(Refusal::unknown("管理基準の版", "catalogue", catalogue));
    }
    // Longest period: twelve months (read in a published source), counted as terms are (our reading).
    let longest = last_day(*from, 12);
    if to < from || longest.is_some_and(|longest| *to > longest) {
        let longest = longest.map_or(String::new(), |day| day.to_string());
        return Err(Refusal::invalid(
            format!("監査対象期間 {from}〜{to} は 12 か月以内にしてください。{from} からなら {longest} までです。"),
            format!("the audit period {from} to {to} must not be longer than twelve months: {longest} at the latest"),
        ));
    }
    let Some(previous) = previous else {
        return if *changes_signed {
            Err(Refusal::invalid("変更する版を指定してください。", "name the version that is changed"))
        } else {
            Ok(())
        };
    };
    let Some(before) = acting.scheme.statements.now(previous) else {
        return Err(Refusal::unknown("前の言明書", "previous statement", previous));
    };
    if before.party != *party || before.offering != *offering {
        return Err(Refusal::invalid(
            "前の言明書は別のサービスのものです。",
            "the previous statement is about another service",
        ));
    }
    if *changes_signed && (!before.state.is_frozen() || before.state == StatementState::Withdrawn) {
        return Err(Refusal::wrong_state(
            format!("変更の対象は署名済みの版です（{previous} の今の状態: {}）。", before.state.label()),
            format!("only a signed version is changed by a new one; `{previous}` is not"),
        ));
    }
    if *changes_signed && (before.from, before.to) != (*from, *to) {
        return Err(Refusal::invalid(
            format!(
                "署名済みの版を変更する新しい版は、同じ監査対象期間 {}〜{} で作ってください。",
                before.from, before.to
            ),
            format!("a version that changes a signed one has its audit period, {} to {}", before.from, before.to),
        ));
    }
    Ok(())
}
