//! How the things of a report are called.

use crate::installation::Installation;
use crate::story::{self, Story};
use sekisho_domain::id::{ServiceId, StoryId};
use sekisho_domain::register::Register;
use sekisho_store::ReadError;
use std::collections::BTreeMap;

/// Names of departments, posts and apps, and the words of stories, which the ledger does not know.
#[derive(Debug, Default)]
pub(crate) struct Names {
    departments: BTreeMap<String, String>,
    posts: BTreeMap<String, String>,
    stories: BTreeMap<StoryId, Story>,
}

impl Names {
    /// The names of today's directory.
    pub(crate) async fn of(app: &Installation, register: &Register) -> Result<Self, ReadError> {
        let departments = app.store.department_names().await?;
        let mut posts = BTreeMap::new();
        for (post, last) in register.posts() {
            let person = app.store.directory_person(last).await?;
            posts.insert(post.to_owned(), person.map(|person| person.post).unwrap_or_default());
        }
        let mut stories = BTreeMap::new();
        for record in register.stories().filter(|record| record.is_public()) {
            let published = &record.published;
            if let Some(story) = story::published(app, &published.sha256).await? {
                stories.insert(published.story.clone(), story);
            }
        }
        Ok(Self { departments, posts, stories })
    }

    /// What a story says; none where it is not at hand.
    pub(crate) fn story(&self, id: &StoryId) -> Option<&Story> {
        self.stories.get(id)
    }

    pub(crate) fn department(&self, id: &str) -> String {
        match self.departments.get(id).filter(|name| !name.is_empty()) {
            Some(name) => name.clone(),
            None if id.is_empty() => "（特定できない）".to_owned(),
            None => id.to_owned(),
        }
    }

    pub(crate) fn post(&self, code: &str) -> String {
        match self.posts.get(code).filter(|name| !name.is_empty()) {
            Some(name) => name.clone(),
            None if code.is_empty() => "（職級なし）".to_owned(),
            None => code.to_owned(),
        }
    }

    pub(crate) fn service(&self, register: &Register, id: &str) -> String {
        let record = ServiceId::new(id).ok().and_then(|id| register.service(&id));
        match record {
            Some(record) => record.service.name.clone(),
            None if id.is_empty() => "（特定できない）".to_owned(),
            None => id.to_owned(),
        }
    }

    /// A recorded reason by the title of its rule, as the rules in force have it, with the code.
    pub(crate) fn reason(&self, register: &Register, reason: &str) -> String {
        let rule = reason.split_once(' ').map_or("", |(_, rule)| rule);
        let known = register.rules().and_then(|rules| rules.rules().iter().find(|one| one.id == rule));
        match known {
            Some(known) => format!("{}（{reason}）", known.title),
            None => reason.to_owned(),
        }
    }
}

/// How an app is called.
pub(crate) fn app_name(id: &str) -> String {
    match id {
        "" => "直接の利用（API）".to_owned(),
        "chat" => "チャット".to_owned(),
        "mcp" => "法令・国会会議録の道具（MCP）".to_owned(),
        other => crate::app::builtin::get(other).map_or_else(|| other.to_owned(), |app| app.name.clone()),
    }
}
