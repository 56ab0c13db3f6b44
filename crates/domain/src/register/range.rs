//! Who is where: departments with those above and below them, and whom a 利用者の範囲 covers.

use super::Register;
use crate::id::DepartmentId;
use crate::permit::UserRange;
use crate::person::Person;
use std::collections::{BTreeMap, BTreeSet};

impl Register {
    /// A department and all below it.
    pub fn with_those_below(&self, department: &DepartmentId) -> BTreeSet<DepartmentId> {
        self.departments.with_those_below(&BTreeSet::from([department.clone()]))
    }

    /// Active people of every department with all below it; departments without any are left out.
    pub fn people_by_department(&self) -> BTreeMap<&DepartmentId, usize> {
        let mut counts = BTreeMap::new();
        for department in self.headcount.departments() {
            let people = self.headcount.in_department(department);
            for id in self.departments.with_those_above(department) {
                *counts.entry(id).or_default() += people;
            }
        }
        counts
    }

    /// How many active people a range covers.
    pub fn covers(&self, range: &UserRange) -> usize {
        let within = |id: &DepartmentId| self.departments.is_below(id, &range.departments);
        let mut count = 0;
        for department in self.headcount.departments() {
            count += if within(department) {
                self.headcount.in_department(department)
            } else {
                range.posts.iter().map(|post| self.headcount.in_post(department, post)).sum()
            };
        }
        let besides = range.people.iter().filter_map(|id| self.persons.get(id)).filter(|person| {
            person.active
                && !within(&person.department)
                && (person.post.is_empty() || !range.posts.contains(&person.post))
        });
        count + besides.count()
    }

    /// 利用者の範囲 includes the person: by name, by post, or by department or one above it.
    pub fn in_range(&self, range: &UserRange, person: &Person) -> bool {
        if range.people.contains(&person.person) || (!person.post.is_empty() && range.posts.contains(&person.post)) {
            return true;
        }
        self.departments.is_below(&person.department, &range.departments)
    }
}
