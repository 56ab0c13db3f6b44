//! Which apps there are for someone: the built-in ones, one's own, those shared with one's department, and those that
//! run elsewhere.

use super::builtin;
use super::definition::Definition;
use super::way::ways;
use crate::installation::Installation;
use jiff::civil::Date;
use sekisho_domain::id::{AppId, DepartmentId, ModelId, PersonId};
use sekisho_domain::permit::UserRange;
use sekisho_domain::register::{Register, SharedApp};
use sekisho_gate::identify::hash_of;
use sekisho_store::{Paper, ReadError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Papers that hold apps of members of staff.
pub const PAPER: &str = "app";
/// Papers that hold apps that run elsewhere.
pub const OUTSIDE: &str = "app-outside";
/// Papers that hold what was accepted, under the app's name and its hash.
pub const ACCEPTED: &str = "app-accepted";
/// Papers that ask for a review, under the app's name.
pub const REQUEST: &str = "app-request";
/// Most papers that are listed.
pub const MOST: u64 = 2_000;

/// An app as its author keeps it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Kept {
    /// The app's file.
    pub file: String,
    /// The model of the service behind an app that runs elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside: Option<ModelId>,
}

/// A request to share, as it was handed in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    /// The app's file on that day.
    pub file: String,
    /// For whom.
    pub department: DepartmentId,
    /// Why, in the author's words.
    pub note: String,
    /// Why it was returned; `None` while it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned: Option<String>,
    /// Who returned it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonId>,
}

impl Request {
    /// What a reviewer saw of it: content, audience and words. A decision on a page made for another one is stale.
    pub fn seal(&self) -> String {
        hash_of(&format!("{:?}", (&self.file, &self.department, &self.note)))
    }
}

/// Where an app comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// With the program.
    BuiltIn,
    /// From the one who looks.
    Own,
    /// From somebody else, accepted for one's department.
    Shared,
    /// It runs elsewhere.
    Outside,
}

impl Kind {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::BuiltIn => "標準",
            Self::Own => "自分で作成",
            Self::Shared => "共有",
            Self::Outside => "外部アプリ",
        }
    }
}

/// An app that someone may run.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Its name in addresses and in the ledger.
    pub id: String,
    /// Where it comes from.
    pub kind: Kind,
    /// What it is.
    pub app: Arc<Definition>,
    /// The model of an app that runs elsewhere.
    pub outside: Option<ModelId>,
    /// Who made it; `None` for built-in ones.
    pub author: Option<PersonId>,
}

/// Where accepted content is kept.
pub fn accepted_paper(app: &AppId, sha256: &str) -> String {
    format!("{app}.{}", sha256.get(..32).unwrap_or(sha256))
}

/// The name of a paper: the app's.
pub fn paper_content<T: for<'de> Deserialize<'de>>(paper: &Paper) -> Result<T, ReadError> {
    let bad = |error: serde_json::Error| ReadError::Corrupt(format!("{} `{}`: {error}", paper.row.kind, paper.row.id));
    serde_json::from_slice(&paper.content).map_err(bad)
}

fn definition(paper: &Paper, file: &str) -> Result<Arc<Definition>, ReadError> {
    let bad = |what: Vec<_>| ReadError::Corrupt(format!("{} `{}`: {what:?}", paper.row.kind, paper.row.id));
    Definition::read(file).map(Arc::new).map_err(bad)
}

/// Whether an accepted app is for this person.
pub fn is_for(register: &Register, shared: &SharedApp, person: &PersonId) -> bool {
    let range = UserRange { departments: BTreeSet::from([shared.department.clone()]), ..UserRange::default() };
    register.person(person).is_some_and(|person| register.in_range(&range, person))
}

/// The accepted content of a shared app; `None` when it is not there or is not what was accepted.
pub async fn accepted(app: &Installation, shared: &SharedApp) -> Result<Option<Arc<Definition>>, ReadError> {
    let Some(paper) = app.store.paper(ACCEPTED, &accepted_paper(&shared.app, &shared.sha256)).await? else {
        tracing::error!(app = %shared.app, "the accepted content of a shared app is missing");
        return Ok(None);
    };
    let kept: Kept = paper_content(&paper)?;
    let definition = definition(&paper, &kept.file)?;
    if definition.sha256() == shared.sha256 {
        Ok(Some(definition))
    } else {
        tracing::error!(app = %shared.app, "the content of a shared app is not what was accepted");
        Ok(None)
    }
}

/// The app of a paper, for its owner, and for those whose permits reach one that runs elsewhere.
fn mine_or_reached(
    register: &Register,
    person: &PersonId,
    day: Date,
    paper: Paper,
) -> Result<Option<Listed>, ReadError> {
    let kept: Kept = paper_content(&paper)?;
    let reaches = |model: &ModelId| !ways(register, person, day, Some(model.as_str())).is_empty();
    if paper.row.owner != *person && !kept.outside.as_ref().is_some_and(reaches) {
        return Ok(None);
    }
    let kind = if kept.outside.is_some() { Kind::Outside } else { Kind::Own };
    let app = definition(&paper, &kept.file)?;
    Ok(Some(Listed { id: paper.row.id, kind, app, outside: kept.outside, author: Some(paper.row.owner) }))
}

/// One app, if this person may run it today.
pub async fn find(
    app: &Installation,
    register: &Register,
    person: &PersonId,
    day: Date,
    id: &str,
) -> Result<Option<Listed>, ReadError> {
    if let Some(built_in) = builtin::get(id) {
        let listed =
            Listed { id: id.to_owned(), kind: Kind::BuiltIn, app: built_in.clone(), outside: None, author: None };
        return Ok(Some(listed));
    }
    let Ok(name) = AppId::new(id) else { return Ok(None) };
    for kind in [PAPER, OUTSIDE] {
        if let Some(paper) = app.store.paper(kind, id).await?
            && let Some(listed) = mine_or_reached(register, person, day, paper)?
        {
            return Ok(Some(listed));
        }
    }
    let Some(shared) = register.shared_app(&name).filter(|shared| is_for(register, shared, person)) else {
        return Ok(None);
    };
    Ok(accepted(app, shared).await?.map(|app| Listed {
        id: id.to_owned(),
        kind: Kind::Shared,
        app,
        outside: None,
        author: Some(shared.author.clone()),
    }))
}

/// All apps that this person may run today.
pub async fn all(
    app: &Installation,
    register: &Register,
    person: &PersonId,
    day: Date,
) -> Result<Vec<Listed>, ReadError> {
    let built_in = |(id, app): &(&str, Arc<Definition>)| Listed {
        id: (*id).to_owned(),
        kind: Kind::BuiltIn,
        app: app.clone(),
        outside: None,
        author: None,
    };
    let mut all: Vec<Listed> = builtin::all().iter().map(built_in).collect();
    let mine = app.store.papers_of(PAPER, person, MOST).await?;
    for paper in mine.into_iter().chain(app.store.papers(OUTSIDE, MOST).await?) {
        all.extend(mine_or_reached(register, person, day, paper)?);
    }
    let shared = register.shared_apps().filter(|shared| shared.author != *person && is_for(register, shared, person));
    for shared in shared {
        if let Some(definition) = accepted(app, shared).await? {
            all.push(Listed {
                id: shared.app.to_string(),
                kind: Kind::Shared,
                app: definition,
                outside: None,
                author: Some(shared.author.clone()),
            });
        }
    }
    Ok(all)
}
