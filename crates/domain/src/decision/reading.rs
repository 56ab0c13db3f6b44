//! Reading one set of rules: strict, because Cedar skips a `forbid` whose condition fails. Whatever could fail or never
//! apply is refused here, with its place.

use super::reason::{Effect, Evidence};
use super::rules::{EVALUATION_ERROR, NO_RULE, Rule, RuleError, id_text};
use super::words::Words;
use crate::rule_set::RuleSet;
use cedar_policy::ffi::DetailedError;
use cedar_policy::{Policy, PolicyId, PolicySet, ValidationMode, ValidationWarning, Validator};
use std::collections::BTreeMap;

/// How deep brackets may stand in one another, and how many signs of operators (`&`, `.`, `+` …) and how many `if` one
/// rule may have outside its texts. Cedar reads and checks by recursion, so that a hostile rule could exhaust the stack,
/// which ends the whole program.
const MOST_DEPTH: usize = 24;
const MOST_SIGNS: usize = 100;

/// A policy under the id of its rule.
pub(super) struct Read {
    pub(super) id: String,
    pub(super) line: usize,
    pub(super) policy: Policy,
    /// None for a rule that permits.
    pub(super) rule: Option<Rule>,
}

/// Every policy of a set, in the order of its text.
pub(super) fn read_set(set: &RuleSet, validator: &Validator) -> Result<Vec<Read>, RuleError> {
    measure(set)?;
    let parsed: PolicySet = set.text.parse().map_err(|e| {
        let (at, problem) = told(&e);
        error(set, at.map_or(1, |at| line_of(&set.text, at)), None, problem)
    })?;
    if parsed.num_of_templates() > 0 {
        let at = set.text.find("?principal").or_else(|| set.text.find("?resource")).unwrap_or(0);
        return Err(error(
            set,
            line_of(&set.text, at),
            None,
            "a rule with `?principal` or `?resource` is not accepted",
        ));
    }
    let mut policies: Vec<&Policy> = parsed.policies().collect();
    // Cedar numbers them `policy0`, `policy1`, … as they stand in the text.
    policies.sort_by_key(|p| {
        id_text(p.id()).trim_start_matches(|c: char| !c.is_ascii_digit()).parse::<usize>().unwrap_or(usize::MAX)
    });

    let mut read = Vec::new();
    let mut checked = PolicySet::new();
    let mut lines: BTreeMap<String, usize> = BTreeMap::new();
    let mut cursor = 0;
    for policy in policies {
        let text = policy.to_cedar().unwrap_or_default();
        let found = set.text.get(cursor..).and_then(|rest| rest.find(&text)).map(|at| cursor + at);
        let line = line_of(&set.text, found.unwrap_or(cursor));
        cursor = found.map_or(cursor, |at| at + text.len());

        let one = read_policy(set, line, policy)?;
        if let Some(first) = lines.insert(one.id.clone(), line) {
            return Err(error(set, line, Some(&one.id), format!("the id is taken by the rule on line {first}")));
        }
        checked.add(one.policy.clone()).map_err(|e| error(set, line, Some(&one.id), e.to_string()))?;
        read.push(one);
    }

    let result = validator.validate(&checked, ValidationMode::Strict);
    let mut problems: Vec<(usize, String, String)> = Vec::new();
    let mut note = |id: &PolicyId, (at, problem): (Option<usize>, String)| {
        let line = at.map(|at| line_of(&set.text, at)).or_else(|| lines.get(id_text(id)).copied()).unwrap_or(1);
        problems.push((line, id_text(id).to_owned(), problem));
    };
    for e in result.validation_errors() {
        note(e.policy_id(), told(e));
    }
    for w in result.validation_warnings() {
        // Mixed scripts are everyday Japanese (`自治体機密性3A`); every other warning is refused.
        if !matches!(w, ValidationWarning::MixedScriptString(_) | ValidationWarning::MixedScriptIdentifier(_)) {
            note(w.policy_id(), told(w));
        }
    }
    problems.sort();
    match problems.into_iter().next() {
        Some((line, id, problem)) => Err(error(set, line, Some(&id), problem)),
        None => Ok(read),
    }
}

const COMMON: [&str; 6] = ["id", "title", "document", "edition", "clause", "evidence"];
const STOPPING: [&str; 6] = ["code", "order", "effect", "explanation", "remedy", "fallback"];

fn read_policy(set: &RuleSet, line: usize, policy: &Policy) -> Result<Read, RuleError> {
    let wrong = |problem: String| error(set, line, policy.annotation("id"), problem);
    let stops = policy.effect() == cedar_policy::Effect::Forbid;
    let mut known: Vec<&str> = COMMON.to_vec();
    if stops {
        known.extend(STOPPING);
    }
    let mut given: Vec<(&str, &str)> = policy.annotations().collect();
    given.sort_unstable();
    for (key, value) in given {
        if !known.contains(&key) {
            return Err(wrong(format!("`@{key}` is not known here; known are {}", list(&known))));
        }
        if value.chars().any(unseen) {
            return Err(wrong(format!("`@{key}` holds a character that cannot be seen")));
        }
    }
    let get = |key: &str| match policy.annotation(key).map(str::trim) {
        Some(value) if !value.is_empty() => Ok(value.to_owned()),
        _ => Err(wrong(format!("`@{key}` is missing or empty"))),
    };

    let id = get("id")?;
    if id.len() > 64 || !id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')) {
        return Err(wrong("`@id` needs 1 to 64 of A-Z, a-z, 0-9, `-`, `_`, `.`".into()));
    }
    let [title, document, edition, clause] = [get("title")?, get("document")?, get("edition")?, get("clause")?];
    let evidence = match get("evidence")?.as_str() {
        "P" => Evidence::P,
        "S" => Evidence::S,
        "K" => Evidence::K,
        "D" => Evidence::D,
        other => return Err(wrong(format!("`{other}` is not a grade of evidence: use `P`, `S`, `K` or `D`"))),
    };
    let policy = policy.new_id(PolicyId::new(&id));
    if !stops {
        return Ok(Read { id, line, policy, rule: None });
    }

    let code = get("code")?;
    let code_is_plain = code.len() <= 64
        && code.starts_with(|c: char| c.is_ascii_uppercase())
        && code.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    if !code_is_plain {
        return Err(wrong(format!("`{code}` is not a code: use capital letters, digits and `_`")));
    }
    if code == EVALUATION_ERROR || code == NO_RULE {
        return Err(wrong(format!("the code `{code}` is kept for the gate itself")));
    }
    let order = get("order")?;
    let order: u32 = order.parse().map_err(|_| wrong(format!("`{order}` is not an order: use a whole number")))?;
    let effect = match get("effect")?.as_str() {
        "deny" => Effect::Deny,
        "conditional" => Effect::Conditional,
        other => return Err(wrong(format!("`{other}` is not an effect: use `deny` or `conditional`"))),
    };
    let fallback = match policy.annotation("fallback") {
        None => false,
        Some("true") => true,
        Some(other) => {
            return Err(wrong(format!("`{other}` is not a value of `@fallback`: use `true` or leave it out")));
        }
    };
    let [title, explanation] = [marked(title, evidence), marked(get("explanation")?, evidence)];
    let remedy = get("remedy")?;
    let words = |key: &str, text: &str| Words::parse(text).map_err(|e| wrong(format!("`@{key}`: {e}")));
    let explanation_words = words("explanation", &explanation)?;
    let remedy_words = words("remedy", &remedy)?;
    let rule = Rule {
        id: id.clone(),
        code,
        order,
        effect,
        fallback,
        title,
        document,
        edition,
        clause,
        evidence,
        explanation,
        remedy,
        set: set.id.to_string(),
        line,
        explanation_words,
        remedy_words,
    };
    Ok(Read { id, line, policy, rule: Some(rule) })
}

/// What nobody has confirmed says so, whoever wrote the text.
fn marked(text: String, evidence: Evidence) -> String {
    const MARK: &str = "要確認: ";
    if evidence == Evidence::K && !text.starts_with(MARK) { format!("{MARK}{text}") } else { text }
}

/// Controls, and the marks that make text run backwards or hide.
fn unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Refuses what is nested too deeply or chained too long, before Cedar reads it.
fn measure(set: &RuleSet) -> Result<(), RuleError> {
    let (mut depth, mut signs, mut last) = (0_usize, 0_usize, ' ');
    let mut rest = set.text.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        match c {
            '/' if rest.peek().is_some_and(|(_, next)| *next == '/') => {
                while rest.next_if(|(_, c)| *c != '\n').is_some() {}
            }
            '"' => {
                while let Some((_, c)) = rest.next() {
                    match c {
                        '\\' => drop(rest.next()),
                        '"' => break,
                        _ => {}
                    }
                }
            }
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            ';' => (depth, signs) = (0, 0),
            'f' if last == 'i' => signs += 8,
            c if c.is_ascii_punctuation() && !matches!(c, '_' | ',' | '@' | ':') => signs += 1,
            _ => {}
        }
        last = c;
        let problem = if depth > MOST_DEPTH {
            format!("brackets stand more than {MOST_DEPTH} deep")
        } else if signs > MOST_SIGNS {
            "the rule is too long: make several rules of it, or ask whether a list `.contains(…)` the value".to_owned()
        } else {
            continue;
        };
        return Err(error(set, line_of(&set.text, at), None, problem));
    }
    Ok(())
}

/// Cedar's message with its advice, and where in the text it points.
fn told<'e, E>(e: &'e E) -> (Option<usize>, String)
where
    DetailedError: From<&'e E>,
{
    let told = DetailedError::from(e);
    let at = told.source_locations.first().map(|label| label.loc.start);
    let label = told.source_locations.first().and_then(|label| label.label.clone());
    let mut text = told.message;
    for more in [label, told.help].into_iter().flatten() {
        text.push_str("; ");
        text.push_str(&more);
    }
    (at, text)
}

pub(super) fn error(set: &RuleSet, line: usize, rule: Option<&str>, problem: impl Into<String>) -> RuleError {
    RuleError { set: set.id.to_string(), line, rule: rule.map(str::to_owned), problem: problem.into() }
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|b| *b == b'\n').count() + 1
}

fn list(names: &[&str]) -> String {
    names.iter().map(|n| format!("`@{n}`")).collect::<Vec<_>>().join(", ")
}
