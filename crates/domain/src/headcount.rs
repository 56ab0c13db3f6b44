//! How many people a range covers, counted as people come and go: a body of 180,000 is not walked through for a page.

use crate::id::{DepartmentId, PersonId};
use crate::person::Person;
use imbl::HashMap;
use std::collections::BTreeMap;

/// Active people by department and post.
#[derive(Debug, Clone, Default)]
pub(crate) struct Headcount {
    by_department: HashMap<DepartmentId, BTreeMap<String, usize>>,
    /// Who took up a post last: the directory knows what that person's post is called.
    last_in_post: HashMap<String, PersonId>,
}

impl Headcount {
    pub(crate) fn add(&mut self, person: &Person) {
        let posts = self.by_department.entry(person.department.clone()).or_default();
        *posts.entry(person.post.clone()).or_default() += 1;
        if !person.post.is_empty() {
            self.last_in_post.insert(person.post.clone(), person.person.clone());
        }
    }

    pub(crate) fn remove(&mut self, person: &Person) {
        if let Some(posts) = self.by_department.get_mut(&person.department)
            && let Some(count) = posts.get_mut(&person.post)
        {
            *count = count.saturating_sub(1);
        }
    }

    /// Everyone.
    pub(crate) fn total(&self) -> usize {
        self.by_department.values().flat_map(BTreeMap::values).sum()
    }

    /// People directly in a department.
    pub(crate) fn in_department(&self, department: &DepartmentId) -> usize {
        self.by_department.get(department).map_or(0, |posts| posts.values().sum())
    }

    /// People directly in a department who hold a post.
    pub(crate) fn in_post(&self, department: &DepartmentId, post: &str) -> usize {
        self.by_department.get(department).and_then(|posts| posts.get(post)).copied().unwrap_or(0)
    }

    /// Departments that have, or had, people.
    pub(crate) fn departments(&self) -> impl Iterator<Item = &DepartmentId> {
        self.by_department.keys()
    }

    /// Posts with who took each up last.
    pub(crate) fn posts(&self) -> impl Iterator<Item = (&str, &PersonId)> {
        self.last_in_post.iter().map(|(post, person)| (post.as_str(), person))
    }
}
