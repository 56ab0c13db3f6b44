//! What a person may do to a record: one form at a time on top of the page, the rest as links beside it. Whether
//! something may be done is asked of the register itself, so a button never promises what a command would refuse.

use super::step;
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::give_with;
use crate::http::page::error::PageError;
use crate::http::page::form::Fields;
use crate::http::page::frame::{Control, Field, Problem};
use crate::http::page::upload::Chosen;
use crate::ismap::documents;
use axum::http::StatusCode;
use bytes::Bytes;
use jiff::civil::Date;
use sekisho_domain::command::{Actor, Command, Occasion, decide};
use sekisho_domain::entry::Governance;
use sekisho_domain::ismap::chronicle::{Chronicle, Record};
use sekisho_domain::refusal::Refusal;
use sekisho_domain::register::Register;
use serde::Deserialize;

/// The hidden field with the number of steps that the page showed.
const SEEN: &str = "seen";
/// The field with the key of what is done.
pub(super) const ACT: &str = "act";

/// Which form the address asks for, and what has just been done.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    pub(super) act: String,
    #[serde(default)]
    pub(super) done: Option<String>,
}

/// How a page of a record is shown this time.
#[derive(Default)]
pub(super) struct Shown<'f> {
    /// The past day that is asked about.
    pub(super) as_of: Option<Date>,
    /// What has just been done.
    pub(super) done: Option<&'static str>,
    /// Which form.
    pub(super) act: String,
    /// What was typed.
    pub(super) typed: Option<&'f Fields>,
    /// What is wrong with it.
    pub(super) problems: Vec<Problem>,
    /// The answer's status.
    pub(super) status: StatusCode,
}

impl<'f> Shown<'f> {
    /// The form again, with what is wrong.
    pub(super) fn again(fields: &'f Fields, problems: Vec<Problem>) -> Self {
        Self {
            act: fields.get(ACT).to_owned(),
            typed: Some(fields),
            problems,
            status: StatusCode::UNPROCESSABLE_ENTITY,
            ..Self::default()
        }
    }
}

impl<'f> Shown<'f> {
    /// The form again, because somebody else was first.
    pub(super) fn overtaken(fields: &'f Fields) -> Self {
        Self { status: StatusCode::CONFLICT, ..Self::again(fields, vec![Problem::at("", OVERTAKEN)]) }
    }

    /// The form again, because the register refused; `first` is the field that a wrong value is told at.
    pub(super) fn refused(fields: &'f Fields, refusal: &Refusal, first: &'static str) -> Self {
        Self::again(fields, vec![Problem::refused(at(refusal, first), refusal)])
    }
}

/// A file that goes with a form.
#[derive(Debug)]
pub(super) struct Upload {
    /// What the file is.
    pub(super) label: &'static str,
    /// What happens to it.
    pub(super) help: &'static str,
    /// What is wrong with it.
    pub(super) problem: Option<String>,
}

/// One thing to do.
#[derive(Debug)]
pub(super) struct Act {
    /// Value of the field [`ACT`].
    pub(super) key: &'static str,
    /// What the button says.
    pub(super) label: &'static str,
    /// What it means.
    pub(super) about: String,
    /// What will be recorded, where it is known beforehand.
    pub(super) follows: Vec<String>,
    /// What has to be said.
    pub(super) fields: Vec<Field>,
    /// A file that goes with it.
    pub(super) upload: Option<Upload>,
}

impl Act {
    /// Something to do, with its fields.
    pub(super) fn new(key: &'static str, label: &'static str, about: impl Into<String>, fields: Vec<Field>) -> Self {
        Self { key, label, about: about.into(), follows: Vec::new(), fields, upload: None }
    }

    /// Says what will be recorded.
    pub(super) fn following(self, follows: Vec<String>) -> Self {
        Self { follows, ..self }
    }

    /// Takes a file.
    pub(super) fn with_file(self, label: &'static str, help: &'static str, problems: &[Problem]) -> Self {
        let problem = problems.iter().find(|p| p.field == "upload").map(|p| p.text.clone());
        Self { upload: Some(Upload { label, help, problem }), ..self }
    }
}

/// The forms of a record; rendered by the macro `acts` of `ismap/operator/pieces.html`.
#[derive(Debug)]
pub(super) struct Acts {
    /// Where the forms are sent to.
    pub(super) path: String,
    /// How many steps the page shows.
    pub(super) seen: usize,
    /// The form that is open.
    pub(super) chosen: Option<Act>,
    /// The others, each with its address.
    pub(super) others: Vec<(String, &'static str)>,
}

impl Acts {
    /// Opens the form that is wanted, else the first.
    pub(super) fn choose(path: String, seen: usize, all: Vec<Act>, wanted: &str) -> Self {
        let at = all.iter().position(|act| act.key == wanted).unwrap_or(0);
        let (mut chosen, mut others) = (None, Vec::new());
        for (place, act) in all.into_iter().enumerate() {
            if place == at {
                chosen = Some(act);
            } else {
                others.push((format!("{path}?act={}", act.key), act.label));
            }
        }
        Self { path, seen, chosen, others }
    }

    /// The form is among them.
    pub(super) fn offers(&self, key: &str) -> bool {
        let end = format!("?act={key}");
        self.chosen.as_ref().is_some_and(|act| act.key == key) || self.others.iter().any(|(to, _)| to.ends_with(&end))
    }

    /// Nothing to do, as on a page about a past day.
    pub(super) fn none(path: String) -> Self {
        Self { path, seen: 0, chosen: None, others: Vec::new() }
    }
}

/// Whether a step rests on a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cites {
    /// It is not asked for.
    No,
    /// It may be named.
    May,
    /// It has to be named.
    Must,
}

/// A field with what was typed and what is wrong with it.
fn again(field: Field, typed: &Fields, told: &[Problem]) -> Field {
    let id = field.id.to_string();
    let field = match typed.text(&id) {
        _ if field.control == Control::Checks && !typed.get(ACT).is_empty() => field.ticked(&typed.chosen(&id)),
        text if text.is_empty() => field,
        text => field.value(&text),
    };
    field.told(told)
}

/// The fields of a form: its own and those of every step, with what was typed into this very form.
pub(super) fn fields(
    register: &Register,
    today: Date,
    shown: &Shown<'_>,
    key: &str,
    own: Vec<Field>,
    cites: Cites,
) -> Vec<Field> {
    let none = Fields::default();
    let typed = shown.typed.filter(|_| shown.act == key).unwrap_or(&none);
    let told = if shown.act == key { shown.problems.as_slice() } else { &[] };
    let mut all: Vec<Field> = own.into_iter().map(|field| again(field, typed, told)).collect();
    let rest = step::fields(register, today, typed, cites != Cites::No, told);
    all.extend(rest.into_iter().map(|field| match field.id.as_ref() {
        step::RULE | step::ARTICLE if cites == Cites::May => field.optional(),
        _ => field,
    }));
    all
}

/// What the register would say to a command given now.
pub(super) fn would(
    app: &App,
    register: &Register,
    signed: &SignedIn,
    command: Command,
) -> Result<Vec<Governance>, Refusal> {
    let occasion = Occasion {
        actor: Actor::Person(signed.person().clone()),
        at: app.world.now(),
        reason: String::new(),
        documents: Vec::new(),
        fresh: "foreseen".to_owned(),
    };
    decide(register, &occasion, command)
}

/// Nothing stands against the step but fields that are still to be filled in. Texts and hashes of the step itself are to be
/// given in their form, because they are looked at before the person and the state are.
pub(super) fn is_open(app: &App, register: &Register, signed: &SignedIn, command: Command) -> bool {
    match would(app, register, signed, command) {
        Ok(_) => true,
        Err(refusal) => refusal.code == "INVALID",
    }
}

/// How the record moved on since the page was made.
pub(super) enum Moved {
    /// Not at all.
    No,
    /// By what is asked for now, and by the same person: the form was sent twice.
    ByThis,
    /// Otherwise.
    Otherwise,
}

/// Compares the page a form came from with the record.
pub(super) fn moved<R: Record>(
    chronicle: &Chronicle<R>,
    signed: &SignedIn,
    fields: &Fields,
    key: impl Fn(&R::Step) -> &'static str,
) -> Moved {
    let seen: usize = fields.get(SEEN).parse().unwrap_or(usize::MAX);
    if chronicle.steps().count() == seen {
        return Moved::No;
    }
    let same =
        chronicle.last().is_some_and(|last| last.stamp.actor == *signed.person() && key(&last.step) == fields.get(ACT));
    if same { Moved::ByThis } else { Moved::Otherwise }
}

/// Said when somebody else was first.
pub(super) const OVERTAKEN: &str =
    "この画面を開いたあとに、別の手続が記録されました。今の内容を確かめてから、もう一度手続してください。";

/// The field a refusal is told at: what was typed wrongly is said by the code and the words of the register, which
/// names the field; the day and the rule have fields of their own in every form.
pub(super) fn at(refusal: &Refusal, first: &'static str) -> &'static str {
    let says = |word: &str| refusal.en.contains(word);
    if says("rule document") || says("is not in force on") || says("article") {
        step::RULE
    } else if says("has not come yet") || says("the day of what it follows from") {
        step::ON
    } else if refusal.code == "MUST_NOT_BE_KEPT" {
        step::REASON
    } else if refusal.code == "INVALID" {
        first
    } else {
        ""
    }
}

/// The bytes of the file that a form asks for; what is wrong with it is told at its field. `what` names it.
pub(super) fn chosen(file: Option<Result<Chosen, String>>, what: &str, problems: &mut Vec<Problem>) -> Option<Bytes> {
    let problem = match file {
        Some(Ok(chosen)) if !chosen.bytes.is_empty() => return Some(chosen.bytes),
        Some(Ok(_)) => format!("選んだファイルは空です。{what}のファイルを選んでください。"),
        Some(Err(text)) => text,
        None => format!("{what}のファイルを選んでください。"),
    };
    problems.push(Problem::at("upload", problem));
    None
}

/// Gives a command that names a file's hash, and keeps the file. Nothing is kept of a step that would be refused.
pub(super) async fn give_file(
    app: &App,
    signed: &SignedIn,
    command: Command,
    reason: &str,
    bytes: &[u8],
) -> Result<Result<(), Refusal>, PageError> {
    let register = app.journal.register()?;
    if let Err(refusal) = would(app, &register, signed, command.clone()) {
        return Ok(Err(refusal));
    }
    let sha256 = documents::keep(app, signed.person(), bytes).await?;
    Ok(give_with(app, signed, command, reason, vec![sha256]).await?.map(drop))
}
