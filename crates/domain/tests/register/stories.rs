//! 事例 of members of staff: accepted by somebody else, counted in the report of their day.

use crate::town::{Town, day, id, leave, sha};
use sekisho_domain::command::{Command, PublishStory, RetractStory};
use sekisho_domain::event::Event;
use sekisho_domain::use_report::{Recount, Scope};

fn publish(story: &str, content: char, author: &str) -> Command {
    Command::PublishStory(PublishStory { story: id(story), sha256: sha(content), author: id(author) })
}

fn retract(story: &str) -> Command {
    Command::RetractStory(RetractStory { story: id(story) })
}

fn counted(town: &Town, from: &str, to: &str, unit: Option<&str>) -> Vec<String> {
    let scope = Scope::new(day(from), day(to), unit.map(id)).unwrap();
    let report = Recount::new(scope, town.entries.len() as u64).finish(&town.register, 5);
    report.stories.into_iter().map(|one| format!("{} {}", one.story, one.published)).collect()
}

#[test]
fn a_story_is_accepted_by_a_role_and_never_by_its_author() {
    let mut town = Town::founded();
    for who in ["staff", "admin", "auditor"] {
        town.refused(who, publish("s-1", 'a', "colleague"), "NOT_ALLOWED");
    }
    town.refused("approver", publish("s-1", 'a', "approver"), "SEPARATION_OF_DUTIES");
    town.refused("approver", publish("s-1", 'a', "nobody"), "UNKNOWN");
    let events = town.does("approver", publish("s-1", 'a', "staff"));
    assert!(matches!(&events[..], [Event::StoryPublished(e)] if e.department == id("jinji") && e.sha256 == sha('a')));
    town.refused("caio", publish("s-1", 'a', "staff"), "WRONG_STATE");
    town.refused("caio", publish("s-1", 'b', "colleague"), "EXISTS");
    town.does("admin", leave("staff"));
    town.refused("caio", publish("s-2", 'a', "staff"), "WRONG_STATE");
}

#[test]
fn a_story_is_retracted_with_a_reason_by_its_author_or_who_may_accept_one() {
    let mut town = Town::founded();
    town.refused("staff", retract("s-1"), "UNKNOWN");
    for who in ["staff", "approver", "manager", "ciso", "caio"] {
        let by = if who == "approver" { "caio" } else { "approver" };
        town.does(by, publish("s-1", 'a', "staff"));
        town.refused("colleague", retract("s-1"), "NOT_ALLOWED");
        let reason = std::mem::take(&mut town.reason);
        town.refused(who, retract("s-1"), "INVALID");
        town.reason = reason;
        town.does(who, retract("s-1"));
        let story = town.register.story(&id("s-1")).unwrap();
        assert_eq!(story.retracted.as_ref().unwrap().reason, "業務のため");
        town.refused(who, retract("s-1"), "UNKNOWN");
    }
}

#[test]
fn a_report_counts_what_is_public_under_the_day_it_was_first_published() {
    let mut town = Town::founded();
    town.does("approver", publish("s-1", 'a', "staff"));
    town.does("approver", publish("s-2", 'a', "outsider"));
    town.on("2026-12-10");
    town.does("caio", publish("s-1", 'b', "staff"));
    town.does("approver", publish("s-3", 'c', "staff"));
    assert_eq!(counted(&town, "2026-11-01", "2026-11-30", None), ["s-1 2026-11-22", "s-2 2026-11-22"]);
    assert_eq!(counted(&town, "2026-12-01", "2026-12-31", None), ["s-3 2026-12-10"]);
    assert_eq!(counted(&town, "2026-11-01", "2026-12-31", Some("soumu")), ["s-1 2026-11-22", "s-3 2026-12-10"]);
    town.does("staff", retract("s-1"));
    assert_eq!(counted(&town, "2026-11-01", "2026-11-30", None), ["s-2 2026-11-22"]);
}
