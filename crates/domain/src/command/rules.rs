//! 規程 and rule sets.

use super::{AdoptRules, WithdrawRules, digest, words};
use crate::decision::Rules;
use crate::event::{Event, RulesWithdrawn};
use crate::id::RuleSetId;
use crate::refusal::Refusal;
use crate::register::Register;
use crate::regulation::Enactment;
use crate::rule_set::RuleSet;

type Decided = Result<Vec<Event>, Refusal>;

/// The whole text goes into one entry, whose limit the ledger sets at 65,535 bytes.
const MOST_BYTES: usize = 60_000;

pub(super) fn enact(c: Enactment) -> Decided {
    words("規程の題名", "the title", &c.title, 200)?;
    words("版", "the version", &c.version, 60)?;
    digest("規程文書のハッシュ", "the hash of the document", &c.document)?;
    Ok(vec![Event::RegulationEnacted(c)])
}

pub(super) fn adopt(register: &Register, c: AdoptRules) -> Decided {
    let built_in = RuleSet::builtin().into_iter().find(|set| set.id == c.rule_set);
    let set = match (built_in, c.text) {
        (Some(set), None) => set,
        (Some(_), Some(_)) => {
            return Err(Refusal::invalid(
                format!("`{}` は組込みの規則です。自組織の規則には別の識別子を使ってください。", c.rule_set),
                format!("`{}` is a built-in rule set; choose another identifier for your own", c.rule_set),
            ));
        }
        (None, Some(text)) => own(&c.rule_set, text)?,
        (None, None) => {
            let known: Vec<String> = RuleSet::builtin().iter().map(|set| set.id.to_string()).collect();
            let known = known.join(", ");
            return Err(Refusal::new(
                "UNKNOWN",
                format!(
                    "組込みの規則 `{}` はありません。あるのは {known} です。自組織の規則なら text を付けてください。",
                    c.rule_set
                ),
                format!("there is no built-in rule set `{}`; there are {known}; your own needs its `text`", c.rule_set),
            ));
        }
    };
    if set.text.len() > MOST_BYTES {
        return Err(Refusal::invalid(
            format!("規則の文が {} バイトあります。{MOST_BYTES} バイトまでに分けてください。", set.text.len()),
            format!("the rules have {} bytes; split them into sets of at most {MOST_BYTES}", set.text.len()),
        ));
    }
    let mut sets: Vec<RuleSet> = register.rule_sets().filter(|s| s.id != set.id).cloned().collect();
    sets.push(set.clone());
    sets.sort_by(|a, b| a.id.cmp(&b.id));
    Rules::compile(&sets).map_err(|error| {
        Refusal::new(
            "INVALID_RULES",
            format!("規則を採用できません。これまでの規則がそのまま有効です: {error}"),
            format!("the rules were not adopted and the old ones stay in force: {error}"),
        )
    })?;
    Ok(vec![Event::RulesAdopted(set)])
}

/// The body's own rules say in their header what they are; the identifier given must be the one they carry.
fn own(id: &RuleSetId, text: String) -> Result<RuleSet, Refusal> {
    let set = RuleSet::parse(text).map_err(|error| {
        Refusal::invalid(
            format!("規則の見出し（// id: // title: // edition: // applies_to:）を直してください: {error}"),
            format!("mend the header of the rules (// id: // title: // edition: // applies_to:): {error}"),
        )
    })?;
    if set.id != *id {
        return Err(Refusal::invalid(
            format!("見出しの id `{}` が指定の `{id}` と違います。", set.id),
            format!("the header names `{}`, the command names `{id}`", set.id),
        ));
    }
    Ok(set)
}

pub(super) fn withdraw(register: &Register, c: WithdrawRules) -> Decided {
    if register.rule_set(&c.rule_set).is_none() {
        return Err(Refusal::unknown("規則", "rule set", &c.rule_set));
    }
    if c.rule_set.as_str() == RuleSet::BASE {
        return Err(Refusal::wrong_state(
            "関所の基本の決まりは外せません。ほかの規則を採用していても、承認のない利用を止めるのはこの決まりです。",
            "the rules of the gate itself stay in force; it is they that stop a use without a permit",
        ));
    }
    Ok(vec![Event::RulesWithdrawn(RulesWithdrawn { rule_set: c.rule_set })])
}
