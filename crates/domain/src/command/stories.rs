//! Stories of members of staff: what everybody reads has been accepted by someone else.

use super::{Actor, Occasion, PublishStory, RetractStory, digest, people, words};
use crate::event::{Event, StoryPublished, StoryRetracted};
use crate::person::Role;
use crate::refusal::Refusal;
use crate::register::Register;

type Decided = Result<Vec<Event>, Refusal>;

pub(super) fn publish(register: &Register, occasion: &Occasion, c: PublishStory) -> Decided {
    digest("事例の内容のハッシュ（sha256）", "`sha256`", &c.sha256)?;
    let author = people::active_person(register, &c.author)?;
    if occasion.actor == Actor::Person(c.author.clone()) {
        return Err(Refusal::new(
            "SEPARATION_OF_DUTIES",
            "事例を書いた人は、自分の事例の公開を承認できません。別の人が審査してください。",
            "who wrote a story cannot accept it; another person must",
        ));
    }
    if let Some(known) = register.story(&c.story) {
        if known.published.author != c.author {
            return Err(Refusal::exists("事例", "story", &c.story));
        }
        if known.is_public() && known.published.sha256 == c.sha256 {
            return Err(Refusal::wrong_state("この内容は既に公開されています。", "this content is published already"));
        }
    }
    let department = author.department.clone();
    Ok(vec![Event::StoryPublished(StoryPublished { story: c.story, sha256: c.sha256, author: c.author, department })])
}

pub(super) fn retract(register: &Register, occasion: &Occasion, c: RetractStory) -> Decided {
    let known = register.story(&c.story).filter(|known| known.is_public());
    let known = known.ok_or_else(|| Refusal::unknown("公開中の事例", "published story", &c.story))?;
    let may = match &occasion.actor {
        Actor::Installation => false,
        Actor::Person(person) => {
            let roles = [Role::ServiceManager, Role::Approver, Role::Ciso, Role::Caio];
            *person == known.published.author || register.holds_any(person, &roles)
        }
    };
    if !may {
        return Err(Refusal::new(
            "NOT_ALLOWED",
            "公開をやめられるのは、書いた人と、外部サービス管理者・許可権限者・統括情報セキュリティ責任者・AI統括責任者です。",
            "only its author, a service manager, an approver, the CISO or the CAIO may retract a story",
        ));
    }
    words("公開をやめる理由", "the reason", &occasion.reason, 1_000)?;
    Ok(vec![Event::StoryRetracted(StoryRetracted { story: c.story })])
}
