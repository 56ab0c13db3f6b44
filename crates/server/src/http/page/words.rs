//! How things of the register are called on pages.

use crate::http::App;
use crate::http::page::error::PageError;
use jiff::civil::Date;
use sekisho_domain::grade::Grade;
use sekisho_domain::id::{DepartmentId, PersonId, ServiceId};
use sekisho_domain::register::Register;
use std::collections::BTreeMap;

/// `2026年11月25日`.
pub(super) fn day(day: Date) -> String {
    day.strftime("%Y年%-m月%-d日").to_string()
}

/// The label of a grade in this body's list.
pub(super) fn grade(register: &Register, grade: Grade) -> String {
    let levels = register.organization().map(|body| body.grades.levels());
    let level = levels.and_then(|levels| levels.get(usize::from(grade.0)));
    level.map_or_else(|| grade.0.to_string(), |level| level.label.clone())
}

/// The name of a service.
pub(super) fn service(register: &Register, id: &ServiceId) -> String {
    register.service(id).map_or_else(|| id.to_string(), |record| record.service.name.clone())
}

/// Names of people: what the directory says, else the pseudonym.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeMap<PersonId, String>);

impl Names {
    pub(super) async fn of(app: &App, people: impl IntoIterator<Item = &PersonId>) -> Result<Self, PageError> {
        Ok(Self(app.store.names_of(people).await?))
    }

    pub(super) fn get(&self, person: &PersonId) -> String {
        match self.0.get(person).filter(|name| !name.is_empty()) {
            Some(name) => name.clone(),
            None => format!("（名簿にない人 {person}）"),
        }
    }
}

/// Names of departments: what the directory says, else the identifier.
#[derive(Debug, Default)]
pub(super) struct Departments(BTreeMap<String, String>);

impl Departments {
    pub(super) async fn all(app: &App) -> Result<Self, PageError> {
        Ok(Self(app.store.department_names().await?))
    }

    pub(super) fn get(&self, department: &DepartmentId) -> String {
        self.0.get(department.as_str()).cloned().unwrap_or_else(|| department.to_string())
    }
}
