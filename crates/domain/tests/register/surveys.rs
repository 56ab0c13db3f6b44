//! アンケート: opened for a range, closed with figures that fit the questions, and hidden where they would speak of few.

use crate::town::{Town, day, id, relocate};
use proptest::prelude::*;
use sekisho_domain::command::{CloseSurvey, Command, OpenSurvey};
use sekisho_domain::event::Event;
use sekisho_domain::id::SurveyId;
use sekisho_domain::permit::UserRange;
use sekisho_domain::survey::{Answers, Choice, Exact, Form, Given, Question, Questionnaire};
use sekisho_domain::use_report::{Recount, Scope, SurveyFigures, UseReport};
use std::collections::{BTreeMap, BTreeSet};

fn choices(labels: &[&str]) -> Vec<Choice> {
    let choice = |(n, label): (usize, &&str)| Choice { id: format!("c{n}"), label: (*label).into() };
    labels.iter().enumerate().map(choice).collect()
}

fn questions() -> Questionnaire {
    let question = |name: &str, text: &str, form| Question { id: name.into(), text: text.into(), form };
    Questionnaire {
        version: "sekisho-1".into(),
        questions: vec![
            question("useful", "役に立ちましたか", Form::One { choices: choices(&["はい", "少し", "いいえ"]) }),
            question("what", "何に使いましたか", Form::Many { choices: choices(&["要約", "翻訳"]) }),
            question("words", "ご意見", Form::Words),
        ],
    }
}

fn open() -> OpenSurvey {
    OpenSurvey {
        title: "利用のアンケート".into(),
        questionnaire: questions(),
        users: UserRange { departments: [id("kanbo")].into(), ..UserRange::default() },
        from: day("2026-11-22"),
        until: day("2026-12-05"),
    }
}

fn opened(town: &mut Town, command: OpenSurvey) -> SurveyId {
    match town.does("ciso", Command::OpenSurvey(command)).remove(0) {
        Event::SurveyOpened(e) => e.survey,
        other => panic!("{other:?}"),
    }
}

fn chosen(names: &[&str]) -> Given {
    Given::Chosen(names.iter().map(|name| (*name).to_owned()).collect())
}

/// So many people of each: 「はい」「少し」「いいえ」, and no answer to that question.
fn answers(counts: [usize; 4]) -> Vec<Answers> {
    let of = |at: usize| {
        let mut given = BTreeMap::from([("what".to_owned(), chosen(&["c0", "c1"]))]);
        if at < 3 {
            given.insert("useful".into(), chosen(&[&format!("c{at}")]));
        }
        Answers(given)
    };
    counts.iter().enumerate().flat_map(|(at, n)| std::iter::repeat_n(of(at), *n)).collect()
}

fn closing(survey: &SurveyId, all: &[Answers]) -> CloseSurvey {
    let (answered, counted) = questions().tally(all);
    let (answered, tallies) = questions().told(answered, &counted);
    CloseSurvey { survey: survey.clone(), answered, tallies }
}

fn report(town: &Town, from: &str, to: &str, fewest: u64) -> UseReport {
    let scope = Scope::new(day(from), day(to), None).unwrap();
    Recount::new(scope, town.entries.len() as u64).finish(&town.register, fewest)
}

#[test]
fn who_is_asked_is_counted_when_it_is_opened() {
    let mut town = Town::founded();
    for who in ["staff", "approver", "admin", "auditor"] {
        town.refused(who, Command::OpenSurvey(open()), "NOT_ALLOWED");
    }
    let survey = opened(&mut town, open());
    // All but the outsider, who is in keizai.
    assert_eq!(town.register.survey(&survey).unwrap().opened.asked, 9);
    town.does("admin", relocate("outsider", "soumu"));
    assert_eq!(town.register.survey(&survey).unwrap().opened.asked, 9);
    let takes = |on: &str| town.register.survey(&survey).unwrap().takes_answers(day(on));
    assert_eq!(["2026-11-21", "2026-11-22", "2026-12-05", "2026-12-06"].map(takes), [false, true, true, false]);
    let closing = closing(&survey, &answers([1, 0, 0, 0]));
    town.does("caio", Command::CloseSurvey(closing.clone()));
    assert!(!town.register.survey(&survey).unwrap().takes_answers(day("2026-11-23")));
    town.refused("ciso", Command::CloseSurvey(closing), "WRONG_STATE");
}

#[test]
fn what_cannot_be_asked_is_refused() {
    let mut town = Town::founded();
    let with = |change: &dyn Fn(&mut OpenSurvey)| {
        let mut command = open();
        change(&mut command);
        Command::OpenSurvey(command)
    };
    for bad in [
        with(&|c| c.title = " ".into()),
        with(&|c| c.questionnaire.questions.clear()),
        with(&|c| c.questionnaire.questions[0].text = String::new()),
        with(&|c| c.questionnaire.questions[1].id = "useful".into()),
        with(&|c| c.questionnaire.questions[0].form = Form::One { choices: choices(&["はい"]) }),
        with(&|c| c.questionnaire.version = "版 1".into()),
        with(&|c| c.until = day("2026-11-21")),
        with(&|c| c.users = UserRange::default()),
        // A few people, or people by name: their answers would speak of them.
        with(&|c| c.users.departments = [id("soumu")].into()),
        with(&|c| c.users.people = [id("staff")].into()),
    ] {
        town.refused("ciso", bad, "INVALID");
    }
    town.refused("ciso", with(&|c| c.users.departments = [id("no-such")].into()), "UNKNOWN");
}

#[test]
fn figures_that_no_answers_can_give_are_refused() {
    let mut town = Town::founded();
    let survey = opened(&mut town, open());
    let good = closing(&survey, &answers([6, 5, 0, 0]));
    let with = |change: &dyn Fn(&mut CloseSurvey)| {
        let mut command = good.clone();
        change(&mut command);
        Command::CloseSurvey(command)
    };
    for bad in [
        with(&|c| *c.tallies[0].chosen.get_mut("c0").unwrap() = Some(7)),
        with(&|c| c.answered = Some(10)),
        with(&|c| c.tallies.truncate(2)),
        with(&|c| c.tallies.swap(0, 1)),
        with(&|c| assert!(c.tallies[1].chosen.remove("c1").is_some())),
        with(&|c| assert!(c.tallies[2].chosen.insert("c0".into(), Some(6)).is_none())),
        // No figure that speaks of one to four people enters the ledger.
        with(&|c| *c.tallies[0].chosen.get_mut("c2").unwrap() = Some(1)),
        with(&|c| c.tallies[2].answered = Some(3)),
        // Figures of so few people are not kept at all.
        with(&|c| c.answered = Some(4)),
        with(&|c| c.answered = None),
    ] {
        town.refused("ciso", bad, "INVALID");
    }
    town.does("ciso", Command::CloseSurvey(good));
}

#[test]
fn a_report_has_the_surveys_of_its_days_and_hides_small_groups() {
    let mut town = Town::founded();
    let survey = opened(&mut town, open());
    assert_eq!(report(&town, "2026-11-01", "2026-12-31", 0).surveys, [], "an open survey has no figures");
    town.on("2026-12-06");
    town.does("ciso", Command::CloseSurvey(closing(&survey, &answers([9, 3, 6, 2]))));
    for (from, to, there) in [
        ("2026-10-01", "2026-11-21", false),
        ("2026-11-22", "2026-11-22", true),
        ("2026-12-06", "2027-01-01", true),
        ("2026-12-07", "2027-01-01", false),
    ] {
        assert_eq!(report(&town, from, to, 0).surveys.len(), usize::from(there), "{from} {to}");
    }
    let all = &report(&town, "2026-12-01", "2026-12-31", 0).surveys[0];
    assert_eq!((all.asked, all.answered), (9, Some(20)));
    let people = |one: &SurveyFigures| one.questions[0].choices.iter().map(|c| c.people).collect::<Vec<_>>();
    // Whoever reads: three of a kind, and the two who gave no answer, are nobody's to see.
    assert_eq!((people(all), all.questions[0].answered), (vec![Some(9), None, Some(6)], None));
    let few = &report(&town, "2026-12-01", "2026-12-31", 5).surveys[0];
    assert_eq!(few, all);
    assert_eq!(few.questions[1].choices.iter().map(|c| c.people).collect::<Vec<_>>(), [Some(20), Some(20)]);
    assert_eq!(few.questions[2].choices, []);
    // Of a department there are none: they are not counted so.
    let scope = Scope::new(day("2026-12-01"), day("2026-12-31"), Some(id("soumu"))).unwrap();
    assert_eq!(Recount::new(scope, 99).finish(&town.register, 0).surveys, []);
}

#[test]
fn of_fewer_than_five_answers_no_figure_is_kept() {
    let mut town = Town::founded();
    let survey = opened(&mut town, open());
    town.does("ciso", Command::CloseSurvey(closing(&survey, &answers([2, 1, 0, 0]))));
    let figures = &report(&town, "2026-11-01", "2026-12-31", 5).surveys[0];
    assert_eq!((figures.answered, figures.questions.len()), (None, 0));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever people answer, the count explains itself, and no group of one to four can be had from what is shown.
    #[test]
    fn no_small_group_follows_from_what_is_shown(counts in prop::array::uniform4(0..12_usize)) {
        let all = answers(counts);
        let (answered, tallies) = questions().tally(&all);
        prop_assert_eq!(answered, all.len() as u64);
        let survey: SurveyId = id("survey-x");
        let kept = closing(&survey, &all);
        prop_assert_eq!(questions().explains(kept.answered, &kept.tallies), Ok(()));
        let text = format!("{kept:?}");
        for few in 1..5 {
            prop_assert!(!text.contains(&format!("Some({few})")), "{text}");
        }
        let mut town = Town::founded();
        let survey = opened(&mut town, open());
        town.does("ciso", Command::CloseSurvey(closing(&survey, &all)));
        let figures = report(&town, "2026-11-01", "2026-12-31", 5).surveys.remove(0);
        if answered > 0 && answered < 5 {
            prop_assert_eq!((figures.answered, figures.questions.len()), (None, 0));
            return Ok(());
        }
        let Some(question) = figures.questions.first() else { return Ok(()) };
        prop_assert_eq!(tallies[0].answered, (counts[0] + counts[1] + counts[2]) as u64);
        // The groups of the whole, and those whose figure is not said: one alone would be what is left.
        let shown: Vec<Option<u64>> = question.choices.iter().map(|choice| choice.people).collect();
        for n in shown.iter().flatten() {
            prop_assert!(*n == 0 || *n >= 5, "{counts:?}: {shown:?}");
        }
        // And what is left of the answers when all that is shown is taken off speaks of five people or of none.
        let left = answered - shown.iter().flatten().sum::<u64>() - question.answered.map_or(0, |n| answered - n);
        prop_assert!(left == 0 || left >= 5 || answered < 5, "{counts:?}: {shown:?}");
        let hidden = shown.iter().filter(|n| n.is_none()).count();
        match question.answered {
            Some(n) => {
                prop_assert_eq!(hidden, 0, "{:?}", counts);
                let silent = answered - n;
                prop_assert!(silent == 0 || silent >= 5, "{counts:?}");
            }
            None => prop_assert!(hidden >= 1 || answered == 0 || counts.iter().sum::<usize>() < 5, "{counts:?}: {shown:?}"),
        }
    }
}

#[test]
fn answers_that_were_not_asked_for_count_for_nothing() {
    let bad: [(&str, Given); 5] = [
        ("useful", chosen(&["c0", "c1"])),
        ("useful", chosen(&["c9"])),
        ("nothing", chosen(&["c0"])),
        ("words", chosen(&[])),
        ("what", Given::Words("要約".into())),
    ];
    for (question, given) in bad {
        let answers = Answers(BTreeMap::from([(question.to_owned(), given)]));
        assert!(questions().fits(&answers).is_err(), "{answers:?}");
        assert_eq!(questions().tally([&answers]).0, 0);
    }
    let empty = Answers(BTreeMap::from([("words".to_owned(), Given::Words("  ".into()))]));
    let (answered, tallies) = questions().tally([&empty, &Answers::default()]);
    assert_eq!((answered, tallies.iter().map(|t: &Exact| t.answered).sum::<u64>()), (2, 0));
    assert_eq!(tallies[0].chosen.keys().cloned().collect::<BTreeSet<_>>().len(), 3);
}
