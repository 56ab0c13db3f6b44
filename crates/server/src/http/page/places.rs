//! Which pages there are and who may open them. A path that does not stand here opens for nobody: the door looks the
//! matched route up in this list before any handler runs.

use super::{account, apps, chat, desk, ismap, oversight, records, research, setup};
use sekisho_domain::person::Role;
use std::collections::BTreeSet;

/// Who may open a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Anyone, without a session; a form there comes before there is one.
    Anyone,
    /// Everyone with a session, whatever they have shown so far.
    AnySession,
    /// Everyone who is signed in with all they need.
    SignedIn,
    /// Those who hold one of these roles.
    Holding(&'static [Role]),
}

impl Who {
    /// Whether someone signed in with these roles comes in.
    pub fn lets_in(self, roles: &BTreeSet<Role>) -> bool {
        match self {
            Self::Anyone | Self::AnySession | Self::SignedIn => true,
            Self::Holding(needed) => needed.iter().any(|role| roles.contains(role)),
        }
    }
}

/// A page, or what a page's forms are sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The route, as the router knows it.
    pub path: &'static str,
    /// Who may open it.
    pub who: Who,
    /// Its name in the main menu, if it stands there.
    pub label: Option<&'static str>,
}

impl Place {
    /// A page that is not in the menu.
    pub const fn new(path: &'static str, who: Who) -> Self {
        Self { path, who, label: None }
    }

    /// A page of the main menu.
    pub const fn in_menu(path: &'static str, who: Who, label: &'static str) -> Self {
        Self { path, who, label: Some(label) }
    }
}

impl Place {
    /// Whether people who act for a provider or an audit firm come in: they take part in ISMAP and are no staff of the
    /// body, whose chat, permits and oversight are not theirs.
    pub fn lets_outsiders_in(&self) -> bool {
        self.who != Who::SignedIn && !matches!(self.who, Who::Holding(_))
            || self.path.starts_with("/ismap")
            || account::PLACES.iter().any(|place| place.path == self.path)
    }
}

/// Every page, in the order of the menu.
pub fn all() -> impl Iterator<Item = &'static Place> {
    [
        chat::PLACES,
        apps::PLACES,
        research::PLACES,
        desk::PLACES,
        ismap::PLACES,
        ismap::criteria::PLACES,
        ismap::statement::PLACES,
        ismap::audit::PLACES,
        ismap::operator::PLACES,
        ismap::list::PLACES,
        oversight::PLACES,
        records::PLACES,
        setup::PLACES,
        account::PLACES,
    ]
    .into_iter()
    .flatten()
}

/// Whether pages of people who are signed in lie around this path, so that what is missing there is a missing page.
pub(in crate::http) fn are_around(path: &str) -> bool {
    let first = |path: &str| path.split('/').nth(1).unwrap_or("").to_owned();
    all().any(|place| match place.who {
        Who::SignedIn | Who::Holding(_) => first(place.path) == first(path),
        // Below a link with a secret; `/signin` and what is beside it are nobody's matter without a session.
        Who::Anyone | Who::AnySession => place.path.split_once('{').is_some_and(|(top, _)| path.starts_with(top)),
    })
}

/// The page of a matched route.
pub(in crate::http) fn of(route: &str) -> Option<&'static Place> {
    all().find(|place| place.path == route)
}
