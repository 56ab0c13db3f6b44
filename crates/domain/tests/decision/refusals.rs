//! What is refused at load, with its place, and what happens to a rule that fails all the same.

use crate::example::{ANY, codes, good, own, own_rule, rules, sets};
use sekisho_domain::decision::{Effect, Facts, Outcome, PermitStanding, RuleError, Rules};
use sekisho_domain::id::PersonId;
use sekisho_domain::rule_set::RuleSet;

fn refused(policies: &str) -> RuleError {
    let mut all = sets(&["base", "chiho-r5"]);
    all.push(own(policies));
    Rules::compile(&all).unwrap_err()
}

/// The header has 4 lines; the condition of a rule stands on its line 12.
const CONDITION_LINE: usize = 4 + 12;

#[test]
fn broken_text_is_refused_with_its_line() {
    let error = refused(&own_rule("OWN-1", Effect::Deny, ANY, "context.sensitive &&"));
    assert_eq!((error.set.as_str(), error.line), ("kakuu", CONDITION_LINE), "{error}");
    assert!(error.to_string().starts_with("rule set `kakuu`, line 16: "), "{error}");
}

#[test]
fn a_misspelt_field_is_refused_with_rule_and_line() {
    let good = own_rule("OWN-1", Effect::Deny, ANY, "context.sensitive");
    let error = refused(&format!("{good}{}", own_rule("OWN-2", Effect::Deny, ANY, "context.sensitiv")));
    assert_eq!((error.rule.as_deref(), error.line), (Some("OWN-2"), CONDITION_LINE + 12), "{error}");
    assert!(error.to_string().contains("rule `OWN-2`") && error.problem.contains("sensitiv"), "{error}");
}

#[test]
fn a_rule_that_could_never_apply_is_refused() {
    for condition in [
        "context.form == Form::\"standard_term\"",
        "context.form == \"standard_terms\"",
        "context.permit == Form::\"standard_terms\"",
        "context.grade && context.sensitive",
        "false",
    ] {
        let error = refused(&own_rule("OWN-1", Effect::Deny, ANY, condition));
        assert_eq!((error.rule.as_deref(), error.line > 4), (Some("OWN-1"), true), "{condition}: {error}");
    }
    let error =
        refused(&own_rule("OWN-1", Effect::Deny, "principal is Service, action, resource", "context.sensitive"));
    assert_eq!(error.rule.as_deref(), Some("OWN-1"));
}

#[test]
fn a_rule_without_its_papers_is_refused() {
    let whole = own_rule("OWN-1", Effect::Deny, ANY, "context.sensitive");
    for key in
        ["id", "code", "order", "effect", "title", "document", "edition", "clause", "evidence", "explanation", "remedy"]
    {
        let without: String =
            whole.lines().filter(|l| !l.starts_with(&format!("@{key}("))).map(|l| format!("{l}\n")).collect();
        let error = refused(&without);
        assert_eq!(error.problem, format!("`@{key}` is missing or empty"));
        assert_eq!((error.set.as_str(), error.line), ("kakuu", 5));
    }
    for (from, to, about) in [
        ("@effect(\"deny\")", "@effect(\"block\")", "`block` is not an effect"),
        ("@evidence(\"D\")", "@evidence(\"A\")", "`A` is not a grade of evidence"),
        ("@order(\"500\")", "@order(\"first\")", "`first` is not an order"),
        ("@code(\"OWN\")", "@code(\"own code\")", "`own code` is not a code"),
        ("@code(\"OWN\")", "@code(\"NO_RULE\")", "kept for the gate itself"),
        ("@remedy(\"方法\")", "@remedy(\"{garde}\")", "`@remedy`: `{garde}` is not a place"),
        ("@title(\"題\")", "@title(\"題\")\n@hint(\"x\")", "`@hint` is not known here"),
        ("@title(\"題\")", "@title(\"題\u{202e}\")", "cannot be seen"),
        ("@id(\"OWN-1\")", "@id(\"自分の\")", "`@id` needs"),
    ] {
        let error = refused(&whole.replace(from, to));
        assert!(error.problem.contains(about), "{error}");
    }
}

#[test]
fn one_id_is_one_rule() {
    let rule = own_rule("OWN-1", Effect::Deny, ANY, "context.sensitive");
    let error = refused(&format!("{rule}{rule}"));
    assert_eq!((error.line, error.problem.as_str()), (4 + 13, "the id is taken by the rule on line 5"));
    let error = refused(&own_rule("LG-82", Effect::Deny, ANY, "context.sensitive"));
    assert!(error.problem.contains("the set `chiho-r5`"), "{error}");
    let twice = [own(""), own("")];
    assert_eq!(Rules::compile(&twice).unwrap_err().problem, "a set of this id is given twice");
}

#[test]
fn a_template_is_refused() {
    let error =
        refused(&own_rule("OWN-1", Effect::Deny, "principal == ?principal, action, resource", "context.sensitive"));
    assert_eq!((error.line, error.problem.contains("?principal")), (16, true), "{error}");
}

#[test]
fn a_rule_made_to_exhaust_the_stack_is_refused_even_on_a_small_one() {
    let list = vec!["\"p-1\""; 5_000].join(",");
    let run = move || {
        for (refusal, condition) in [
            (true, ["context.sensitive"; 2_000].join(" && ")),
            (true, format!("{}context.sensitive{}", "(".repeat(900), ")".repeat(900))),
            (true, format!("{}1{} == [1]", "[".repeat(900), "]".repeat(900))),
            (true, format!("context{}", ".model".repeat(900))),
            (true, format!("context{}", ".model".repeat(90))),
            (true, format!("{}context.sensitive", "!".repeat(900))),
            (true, format!("{}context.sensitive", "!".repeat(90))),
            (true, format!("{}1 == 1", "-".repeat(90))),
            (true, ["1"; 900].join("+") + " == 1"),
            (true, "if context.sensitive then ".repeat(200) + "true"),
            (false, ["context.sensitive"; 30].join("&&")),
            (false, ["context.sensitive"; 30].join("||")),
            (false, ["1"; 90].join("+") + " == 1"),
            (false, format!("{}{} == 1{}", "(".repeat(22), ["1"; 90].join("+"), ")".repeat(22))),
            (false, "if context.sensitive then context.my_number else ".repeat(9) + "true"),
            (false, format!("{}context.sensitive{}", "(".repeat(22), ")".repeat(22))),
            (false, format!("context.model like \"{}\"", "*a".repeat(20_000))),
            (false, format!("[{list}].contains(context.department)")),
        ] {
            let set = own(&own_rule("OWN-1", Effect::Deny, ANY, &condition));
            let result = Rules::compile(&[set]);
            let told = result.as_ref().map(|_| ()).map_err(ToString::to_string);
            assert_eq!(result.is_err(), refusal, "{} …: {told:?}", &condition[..30]);
        }
    };
    std::thread::Builder::new().stack_size(2 << 20).spawn(run).unwrap().join().unwrap();
}

#[test]
fn a_rule_that_fails_denies_and_is_named_first() {
    // Validates, and overflows with any grade above 0. Cedar itself would skip the rule and let the request pass.
    let failing = own_rule("OWN-OVERFLOW", Effect::Deny, ANY, "context.grade + 9223372036854775807 > 0");
    let mut all = RuleSet::builtin();
    all.push(own(&failing));
    let compiled = Rules::compile(&all).unwrap();

    let decision = compiled.decide(&good());
    assert_eq!((decision.outcome, codes(&decision)), (Outcome::Deny, vec!["EVALUATION_ERROR"]));
    assert_eq!(decision.reasons[0].rule, "OWN-OVERFLOW");
    assert!(decision.reasons[0].explanation.contains("OWN-OVERFLOW"));

    let more = compiled.decide(&Facts { permit: PermitStanding::Expired, out_of_scope_information: true, ..good() });
    assert_eq!(codes(&more)[0], "EVALUATION_ERROR", "it stands above everything else");
    assert!(more.reasons.len() > 2, "and hides nothing");
}

#[test]
fn a_failing_condition_or_permission_denies_too() {
    let condition = own_rule("OWN-C", Effect::Conditional, ANY, "context.grade + 9223372036854775807 > 0");
    let permission = "@id(\"OWN-P\")\n@title(\"題\")\n@document(\"規程\")\n@edition(\"1\")\n@clause(\"1条\")\n\
        @evidence(\"D\")\npermit (principal, action, resource) when { context.grade * 9223372036854775807 > 0 };\n";
    for policies in [&condition, permission] {
        let mut all = RuleSet::builtin();
        all.push(own(policies));
        let facts =
            Facts { grade: sekisho_domain::grade::Grade(2), ceiling: sekisho_domain::grade::Grade(2), ..good() };
        let decision = Rules::compile(&all).unwrap().decide(&facts);
        assert_eq!((decision.outcome, decision.code()), (Outcome::Deny, Some("EVALUATION_ERROR")));
    }
}

#[test]
fn what_no_rule_permits_is_denied() {
    let without_base = sets(&["toitsu-r3", "chiho-r5", "bango-ho", "ismap", "ds-920"]);
    for given in [&[] as &[RuleSet], &without_base] {
        let decision = Rules::compile(given).unwrap().decide(&good());
        assert_eq!((decision.outcome, codes(&decision)), (Outcome::Deny, vec!["NO_RULE"]));
    }
    // A condition alone must not read as if the rest were permitted.
    let decision = Rules::compile(&without_base).unwrap().decide(&Facts { incident_open: true, ..good() });
    assert_eq!((decision.outcome, codes(&decision)), (Outcome::Deny, vec!["INCIDENT_OPEN", "NO_RULE"]));
    assert_eq!(decision.code(), Some("NO_RULE"));
}

#[test]
fn a_body_may_add_rules_about_one_person_or_one_service() {
    let mut all = RuleSet::builtin();
    all.push(own(&format!(
        "{}{}",
        own_rule("OWN-PERSON", Effect::Deny, "principal == Person::\"p-1\", action, resource", "context.sensitive"),
        own_rule("OWN-HOME", Effect::Conditional, ANY, "context.department like \"sou*\" && context.region != \"jp\"")
    )));
    let compiled = Rules::compile(&all).unwrap();
    assert_eq!(rules(&compiled.decide(&good())), ["OWN-PERSON"]);
    let other = Facts { person: PersonId::new("p-2").unwrap(), ..good() };
    assert_eq!(compiled.decide(&other).outcome, Outcome::Allow);
    let abroad = Facts { region: "us".into(), ..other };
    assert_eq!(compiled.decide(&abroad).outcome, Outcome::Conditional);
}
