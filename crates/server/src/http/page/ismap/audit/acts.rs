//! What can be done with a record next: one form at a time, the likeliest first, the others behind links.

use super::super::step;
use crate::http::App;
use crate::http::page::error::PageError;
use crate::http::page::form::Fields;
use crate::http::page::frame::{Field, Problem};
use jiff::civil::Date;
use sekisho_domain::day::in_japan;
use sekisho_domain::ismap::chronicle::{Chronicle, Record};
use sekisho_domain::register::Register;
use serde::Deserialize;
use std::sync::Arc;

/// Field with how many steps the page knew.
pub(super) const SEEN: &str = "seen";

/// Something that can be done.
#[derive(Debug, Clone, Copy)]
pub(super) struct Act {
    /// Its name in forms and addresses.
    pub(super) key: &'static str,
    /// What it is called, also on its button.
    pub(super) label: &'static str,
    /// What it means for who does it.
    pub(super) about: &'static str,
    /// It cites a rule.
    pub(super) cites: bool,
}

impl Act {
    pub(super) const fn new(key: &'static str, label: &'static str, about: &'static str) -> Self {
        Self { key, label, about, cites: false }
    }
}

/// What the address asks for beside the day.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Opened {
    /// Which form is open.
    #[serde(default)]
    pub(super) act: String,
    /// What has just been done.
    #[serde(default)]
    pub(super) done: Option<String>,
}

/// The form of one act, with links to the others; rendered by the macro `act` of `ismap/audit/pieces.html`.
#[derive(Debug)]
pub(super) struct ActForm {
    pub(super) path: String,
    pub(super) act: Act,
    pub(super) fields: Vec<Field>,
    pub(super) seen: usize,
    pub(super) others: Vec<Act>,
}

/// What was typed into the form of an act, and what is wrong with it.
pub(super) struct Typed<'f> {
    pub(super) fields: &'f Fields,
    pub(super) problems: &'f [Problem],
}

impl ActForm {
    /// The form that is asked for, else the first; `None` when there is nothing to do. `own` gives the act's own fields.
    pub(super) fn new(
        now: (&Register, Date),
        path: String,
        acts: &[Act],
        asked: &str,
        seen: usize,
        typed: &Typed<'_>,
        own: impl FnOnce(&Act) -> Vec<Field>,
    ) -> Option<Self> {
        let act = *acts.iter().find(|act| act.key == asked).or_else(|| acts.first())?;
        let mut fields = own(&act);
        fields.extend(step::fields(now.0, now.1, typed.fields, act.cites, typed.problems));
        let others = acts.iter().filter(|other| other.key != act.key).copied().collect();
        Some(Self { path, act, fields, seen, others })
    }
}

/// What has just been done, in words.
pub(super) fn notice(done: Option<&str>) -> Option<&'static str> {
    match done? {
        "saved" => Some("保存しました。"),
        "plan" => Some("監査計画を記録しました。"),
        "evidence" => Some("証跡を受け入れました。"),
        "report" => Some("実施結果報告書を発行しました。"),
        "sign" => Some("いまの監査調書に署名しました。"),
        "raise" => Some("発見事項を事業者に渡しました。"),
        "respond" => Some("回答を監査機関に提出しました。"),
        "begun" => Some("作成しました。"),
        _ => Some("記録しました。"),
    }
}

/// How many steps a record has.
pub(super) fn count<R: Record>(chronicle: Option<&Chronicle<R>>) -> usize {
    chronicle.map_or(0, |c| c.steps().count())
}

/// Said when somebody else took a step while the form was open.
pub(super) fn overtaken() -> Problem {
    Problem::at(
        "",
        "この画面を開いたあとで、ほかの手続が記録されました。いまの状態を確かめて、もう一度行ってください。",
    )
}

/// The register and the day, as every page needs them.
pub(super) fn today(app: &App) -> Result<(Arc<Register>, Date), PageError> {
    Ok((app.journal.register()?, in_japan(app.world.now())))
}
