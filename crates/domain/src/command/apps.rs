//! Apps of members of staff: what others run has been accepted by someone else.

use super::{Actor, Occasion, ShareApp, UnshareApp, digest};
use crate::event::{AppShared, AppUnshared, Event};
use crate::person::Role;
use crate::refusal::Refusal;
use crate::register::Register;

type Decided = Result<Vec<Event>, Refusal>;

pub(super) fn share(register: &Register, occasion: &Occasion, c: ShareApp) -> Decided {
    digest("アプリの内容のハッシュ（sha256）", "`sha256`", &c.sha256)?;
    if register.department(&c.department).is_none() {
        return Err(Refusal::unknown("部局", "department", &c.department));
    }
    if !register.person(&c.author).is_some_and(|author| author.active) {
        return Err(Refusal::unknown("作成者", "author", &c.author));
    }
    if occasion.actor == Actor::Person(c.author.clone()) {
        return Err(Refusal::new(
            "SEPARATION_OF_DUTIES",
            "アプリを作った人は、自分のアプリの共有を承認できません。別の人が審査してください。",
            "who made an app cannot accept it; another person must",
        ));
    }
    if let Some(shared) = register.shared_app(&c.app) {
        if shared.author != c.author {
            return Err(Refusal::exists("アプリ", "app", &c.app));
        }
        if shared.sha256 == c.sha256 && shared.department == c.department {
            return Err(Refusal::wrong_state(
                "この内容は、この部局に既に共有されています。",
                "this content is shared with this department already",
            ));
        }
    }
    Ok(vec![Event::AppShared(AppShared { app: c.app, sha256: c.sha256, department: c.department, author: c.author })])
}

pub(super) fn unshare(register: &Register, occasion: &Occasion, c: UnshareApp) -> Decided {
    let shared = register.shared_app(&c.app).ok_or_else(|| Refusal::unknown("共有中のアプリ", "shared app", &c.app))?;
    let may = match &occasion.actor {
        Actor::Installation => false,
        Actor::Person(person) => {
            *person == shared.author || register.holds_any(person, &[Role::ServiceManager, Role::Approver, Role::Ciso])
        }
    };
    if !may {
        return Err(Refusal::new(
            "NOT_ALLOWED",
            "共有をやめられるのは、作成者と、外部サービス管理者・許可権限者・統括情報セキュリティ責任者です。",
            "only its author, a service manager, an approver or the CISO may stop sharing an app",
        ));
    }
    Ok(vec![Event::AppUnshared(AppUnshared { app: c.app })])
}
