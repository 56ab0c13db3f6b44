//! The rules in force: compiled once, then asked for every use of AI.

use super::context::{self, Vocabulary};
use super::facts::Facts;
use super::reading::{error, read_set};
use super::reason::{Decision, Effect, Evidence, Outcome, Reason};
use super::screen::Screen;
use super::words::Words;
use crate::rule_set::RuleSet;
use cedar_policy::{
    AuthorizationError, Authorizer, Decision as Verdict, Entities, Policy, PolicyId, PolicySet, Response, Schema,
    Validator,
};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};

const SCHEMA: &str = include_str!("../../rules/sekisho.cedarschema");

/// The code when a rule could not be evaluated. No rule may carry it.
pub(super) const EVALUATION_ERROR: &str = "EVALUATION_ERROR";
/// The code when no rule permits the use. No rule may carry it.
pub(super) const NO_RULE: &str = "NO_RULE";
/// Stands for a rule where the facts themselves could not be put to Cedar.
const FACTS: &str = "SK-FACTS";
const OWN_DOCUMENT: &str = "関所の基本の決まり";

/// Why a set of rules is refused. The sets in force before stay in force.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("rule set `{set}`, line {line}{}: {problem}", rule.as_ref().map(|r| format!(", rule `{r}`")).unwrap_or_default())]
pub struct RuleError {
    /// The set.
    pub set: String,
    /// The line of its text; 1 for the first.
    pub line: usize,
    /// The rule by its `@id`, when it is known.
    pub rule: Option<String>,
    /// What is wrong with it.
    pub problem: String,
}

/// One rule that can stop a request, as its set has it: texts with their places still open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Unique over all sets compiled together.
    pub id: String,
    /// The code of its reasons.
    pub code: String,
    /// Its weight; reasons are listed lightest number first.
    pub order: u32,
    /// What it does to the outcome.
    pub effect: Effect,
    /// Not listed where another rule of the same code and effect, not itself a fallback, applies too.
    pub fallback: bool,
    /// The rule in a few words.
    pub title: String,
    /// The document it follows.
    pub document: String,
    /// Its edition.
    pub edition: String,
    /// The place in it.
    pub clause: String,
    /// How well the source is known.
    pub evidence: Evidence,
    /// What is said to the person, with places such as `{grade}`.
    pub explanation: String,
    /// What the person is told to do, with places.
    pub remedy: String,
    /// The set it belongs to.
    pub set: String,
    /// Where in the set's text it stands.
    pub line: usize,
    pub(super) explanation_words: Words,
    pub(super) remedy_words: Words,
}

/// Compiled sets of rules. Immutable: adopting other rules makes another value.
pub struct Rules {
    /// Rules that stop, in the order in which their reasons are listed.
    rules: Vec<Rule>,
    place: HashMap<PolicyId, usize>,
    forbids: Policies,
    permits: Policies,
    vocabulary: Vocabulary,
    authorizer: Authorizer,
    entities: Entities,
    digest: String,
}

/// Policies of one effect: all together, and each with its screen.
#[derive(Default)]
struct Policies {
    all: PolicySet,
    each: Vec<(Screen, PolicySet)>,
}

impl std::fmt::Debug for Rules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rules").field("digest", &self.digest).field("rules", &self.rules.len()).finish_non_exhaustive()
    }
}

impl Rules {
    /// Reads, checks and joins sets of rules. Strict, because Cedar skips a `forbid` whose condition fails: whatever
    /// could fail or never apply is refused here, with its place.
    pub fn compile(sets: &[RuleSet]) -> Result<Self, RuleError> {
        let inside = |problem: String| RuleError { set: "sekisho.cedarschema".into(), line: 1, rule: None, problem };
        let (schema, _) = Schema::from_cedarschema_str(SCHEMA).map_err(|e| inside(e.to_string()))?;
        let vocabulary = Vocabulary::new().map_err(inside)?;
        let validator = Validator::new(schema);

        let mut by_id: BTreeMap<&str, &RuleSet> = BTreeMap::new();
        for set in sets {
            if by_id.insert(set.id.as_str(), set).is_some() {
                return Err(error(set, 1, None, "a set of this id is given twice"));
            }
        }
        let mut hash = Sha256::new();
        for (id, set) in &by_id {
            for part in [id.as_bytes(), set.text.as_bytes()] {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part);
            }
        }
        let digest = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();

        let mut rules = Vec::new();
        let mut home: BTreeMap<String, String> = BTreeMap::new();
        let (mut forbids, mut permits) = (Policies::default(), Policies::default());
        for set in by_id.values() {
            for read in read_set(set, &validator)? {
                let place = |problem: String| error(set, read.line, Some(&read.id), problem);
                if let Some(other) = home.insert(read.id.clone(), set.id.to_string()) {
                    return Err(place(format!("the id is taken by a rule of the set `{other}`")));
                }
                let joined = if read.rule.is_some() { &mut forbids } else { &mut permits };
                joined.add(read.policy).map_err(place)?;
                rules.extend(read.rule);
            }
        }
        rules.sort_by(|a: &Rule, b: &Rule| (a.order, &a.id).cmp(&(b.order, &b.id)));
        let place = rules.iter().enumerate().map(|(at, rule)| (PolicyId::new(&rule.id), at)).collect();
        Ok(Self {
            rules,
            place,
            forbids,
            permits,
            vocabulary,
            authorizer: Authorizer::new(),
            entities: Entities::empty(),
            digest,
        })
    }

    /// SHA-256 over the ids and texts of all sets, in lower-case hex; the order in which they were given is of no
    /// account.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Every rule that can stop a request, in the order in which reasons are listed.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Decides. Denies by default: without a rule that permits, and whenever any rule cannot be evaluated.
    pub fn decide(&self, facts: &Facts) -> Decision {
        let values = context::values(facts);
        let mut request = None;
        let mut findings = Findings::default();
        // The rules that stop and those that permit are asked apart: asked together, Cedar would not say whether a
        // use that meets a condition was permitted at all.
        for (policies, stops) in [(&self.forbids, true), (&self.permits, false)] {
            for (screen, policy) in &policies.each {
                if !stops && screen.always() {
                    findings.permitted = true;
                } else if screen.lets_through(facts, &values) {
                    match request.get_or_insert_with(|| self.vocabulary.request(facts)) {
                        Ok(request) => findings.add(&self.authorizer.is_authorized(request, policy, &self.entities)),
                        Err(_) => findings.failed.push(FACTS.to_owned()),
                    }
                }
            }
        }
        self.conclude(facts, findings)
    }

    /// The same decision with every rule put before Cedar, which takes some fifty microseconds: for those who would
    /// check that the short way of [`Rules::decide`] leaves nothing out.
    pub fn decide_by_cedar_alone(&self, facts: &Facts) -> Decision {
        let mut findings = Findings::default();
        match self.vocabulary.request(facts) {
            Ok(request) => {
                for policies in [&self.forbids, &self.permits] {
                    findings.add(&self.authorizer.is_authorized(&request, &policies.all, &self.entities));
                }
            }
            Err(_) => findings.failed.push(FACTS.to_owned()),
        }
        self.conclude(facts, findings)
    }

    fn conclude(&self, facts: &Facts, mut findings: Findings) -> Decision {
        let mut met: Vec<usize> = Vec::new();
        for id in findings.met {
            match self.place.get(&id) {
                Some(at) => met.push(*at),
                None => findings.failed.push(id_text(&id).to_owned()),
            }
        }
        met.sort_unstable();
        findings.failed.sort();
        findings.failed.dedup();

        let met: Vec<&Rule> = met.into_iter().filter_map(|at| self.rules.get(at)).collect();
        let mut reasons: Vec<Reason> = findings.failed.iter().map(|rule| evaluation_error(rule)).collect();
        for rule in &met {
            let gives_way = rule.fallback
                && met.iter().any(|other| !other.fallback && other.code == rule.code && other.effect == rule.effect);
            if !gives_way {
                reasons.push(rule.reason(facts));
            }
        }
        if !findings.permitted {
            reasons.push(no_rule());
        }
        let outcome = if reasons.iter().any(|r| r.effect == Effect::Deny) {
            Outcome::Deny
        } else if reasons.is_empty() {
            Outcome::Allow
        } else {
            Outcome::Conditional
        };
        Decision { outcome, reasons, rules: self.digest.clone() }
    }
}

/// What was found while asking the rules.
#[derive(Default)]
struct Findings {
    met: Vec<PolicyId>,
    failed: Vec<String>,
    permitted: bool,
}

impl Findings {
    fn add(&mut self, response: &Response) {
        self.failed.extend(response.diagnostics().errors().map(|e| match e {
            AuthorizationError::PolicyEvaluationError(e) => id_text(e.policy_id()).to_owned(),
        }));
        match response.decision() {
            Verdict::Allow => self.permitted = true,
            Verdict::Deny => self.met.extend(response.diagnostics().reason().cloned()),
        }
    }
}

impl Policies {
    fn add(&mut self, policy: Policy) -> Result<(), String> {
        let mut alone = PolicySet::new();
        alone.add(policy.clone()).map_err(|e| e.to_string())?;
        self.each.push((Screen::of(&policy), alone));
        self.all.add(policy).map_err(|e| e.to_string())
    }
}

impl Rule {
    fn reason(&self, facts: &Facts) -> Reason {
        Reason {
            code: self.code.clone(),
            rule: self.id.clone(),
            document: self.document.clone(),
            edition: self.edition.clone(),
            clause: self.clause.clone(),
            title: self.title.clone(),
            explanation: self.explanation_words.fill(facts),
            remedy: self.remedy_words.fill(facts),
            evidence: self.evidence,
            effect: self.effect,
        }
    }
}

pub(super) fn id_text(id: &PolicyId) -> &str {
    id.as_ref()
}

fn evaluation_error(rule: &str) -> Reason {
    Reason {
        code: EVALUATION_ERROR.into(),
        rule: rule.into(),
        document: OWN_DOCUMENT.into(),
        edition: "第2版".into(),
        clause: "第9項".into(),
        title: "決まりを判定できない".into(),
        explanation: format!("決まり「{rule}」の判定中に誤りが起きました。判定できない利用は通しません。"),
        remedy: "この画面の番号を添えて管理者に知らせてください。決まりの文が直るまで使えません。".into(),
        evidence: Evidence::D,
        effect: Effect::Deny,
    }
}

fn no_rule() -> Reason {
    Reason {
        code: NO_RULE.into(),
        rule: "SK-NO-RULE".into(),
        document: OWN_DOCUMENT.into(),
        edition: "第2版".into(),
        clause: "第1項".into(),
        title: "許す決まりがない".into(),
        explanation: "この利用を許す決まりがありません。許す決まりのない利用は通しません。".into(),
        remedy: "管理者に、決まりの一式が採用されているか確かめるよう頼んでください。".into(),
        evidence: Evidence::D,
        effect: Effect::Deny,
    }
}
