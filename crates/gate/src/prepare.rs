//! What a request says of itself: its body, what narrows it, what it builds on; read, examined and put into the terms of a
//! decision. Nothing is decided and nothing recorded here.

use crate::attachment::{self, Known};
use crate::call::Call;
use crate::examine::{Examined, Examiner};
use crate::inbound::{self, Unreadable};
use crate::pipeline::{Gate, name, scale};
use crate::upload::must_not_be_kept;
use bytes::Bytes;
use sekisho_domain::entry::Entry;
use sekisho_domain::grade::{Grade, GradeError};
use sekisho_domain::id::{PermitId, PersonId, UseId};
use sekisho_domain::register::Register;
use sekisho_domain::usage::{DeclaredBy, UseRequest};
use sekisho_store::ReadError;
use std::collections::HashMap;
use std::sync::Arc;

/// Longest model name that is recorded.
const MODEL_CHARS: usize = 200;
/// Longest purpose; an application may name no longer one.
const PURPOSE_CHARS: usize = 200;
/// Longest reason of a confirmation.
const REASON_CHARS: usize = 200;
/// Most uses and files one request may build on.
const MOST_INHERITED: usize = 20;
/// A larger body is examined apart, so that other requests do not wait for it.
const LARGE_BODY: usize = 256 << 10;

/// A request that was read, examined and looked up on one register.
pub(crate) struct Prepared {
    pub(crate) request: UseRequest,
    pub(crate) examined: Examined,
    pub(crate) register: Arc<Register>,
}

/// Why a request could not be prepared.
pub(crate) enum Problem {
    Unreadable(Unreadable),
    Unavailable(String),
}

impl Gate {
    /// Reads and examines.
    pub(crate) async fn prepare(&self, call: &Call) -> Result<Prepared, Problem> {
        let register = self.journal.register().map_err(|e| Problem::Unavailable(e.to_string()))?;
        let mut examined = self.examine(call, &register).await?;
        let scale = scale(&register);
        let inbound = &examined.inbound;
        let header_or_metadata = |header: &Option<String>, name: &str| match header {
            Some(value) => Some((value.clone(), DeclaredBy::Header)),
            None => inbound.narrowed.get(name).map(|value| (value.clone(), DeclaredBy::Metadata)),
        };
        // A request may raise what its key declares, never lower it: the highest of all that was declared counts.
        let mut declared = (call.caller.declared, DeclaredBy::Key);
        let in_metadata = inbound.narrowed.get("grade").map(|text| (text, DeclaredBy::Metadata));
        let in_header = call.narrowing.grade.as_ref().map(|text| (text, DeclaredBy::Header));
        for (text, by) in in_metadata.into_iter().chain(in_header) {
            let grade = scale.parse(text).map_err(|e| Problem::Unreadable(bad_grade(&e)))?;
            if grade >= declared.0 {
                declared = (grade, by);
            }
        }
        let (declared, declared_by) = declared;
        let permit = match header_or_metadata(&call.narrowing.permit, "permit") {
            Some((text, _)) => Some(narrowed_permit(&text, call.caller.permit.as_ref())?),
            None => call.caller.permit.clone(),
        };
        let purpose = header_or_metadata(&call.narrowing.purpose, "purpose").map(|(text, _)| text);
        if purpose.as_ref().is_some_and(|text| text.chars().count() > PURPOSE_CHARS) {
            return Err(Problem::Unreadable(Unreadable {
                code: "INVALID_PURPOSE",
                param: Some("purpose".into()),
                ja: format!("業務（purpose）は {PURPOSE_CHARS} 文字までにしてください。"),
                en: format!("`purpose` may have {PURPOSE_CHARS} characters at most"),
            }));
        }
        let confirm = header_or_metadata(&call.narrowing.confirm, "confirm").map(|(text, _)| text);
        let reason = header_or_metadata(&call.narrowing.reason, "reason").map(|(text, _)| text);
        if reason.as_ref().is_some_and(|text| text.chars().count() > REASON_CHARS) {
            return Err(Problem::Unreadable(Unreadable {
                code: "INVALID_REASON",
                param: Some("reason".into()),
                ja: format!("理由（reason）は {REASON_CHARS} 文字までにしてください。"),
                en: format!("`reason` may have {REASON_CHARS} characters at most"),
            }));
        }
        // These two enter the ledger as they are, and nothing is ever taken out of that.
        for (name, text) in [("purpose", &purpose), ("reason", &reason)] {
            if text.as_ref().is_some_and(|text| must_not_be_kept(&self.detector, text)) {
                return Err(Problem::Unreadable(Unreadable {
                    code: if name == "purpose" { "INVALID_PURPOSE" } else { "INVALID_REASON" },
                    param: Some(name.into()),
                    ja: format!("`{name}` に個人番号または認証情報があります。台帳に残るので、書かないでください。"),
                    en: format!("`{name}` holds a 個人番号 or a credential; it would stay in the ledger"),
                }));
            }
        }
        let named = header_or_metadata(&call.narrowing.inherits, "inherits").map(|(text, _)| text);
        let (model, signals) = (inbound.model.chars().take(MODEL_CHARS).collect(), examined.signals);
        let (mut inherits, mut inherited) = (examined.inherits.clone(), examined.inherited);
        if let Some(named) = named {
            let (names, grade) = self.inherited(&call.caller.person, &named).await?;
            inherits.extend(names);
            inherited = inherited.max(grade);
        }
        inherits.sort();
        inherits.dedup();
        let grade = declared.max(inherited).max(signals.detected);
        examined.settle_hints(scale.is_sensitive(grade));
        let handled = examined.handled(&call.caller.person, confirm.as_deref(), reason.as_deref());
        let request = UseRequest {
            app: call.caller.app.clone(),
            at: self.world.now(),
            declared,
            declared_by,
            endpoint: name(call.endpoint).to_owned(),
            handled,
            inherited,
            inherits,
            key: call.caller.key.clone(),
            model,
            permit,
            person: call.caller.person.clone(),
            purpose,
            signals,
            spent: Vec::new(),
            zone: String::new(),
        };
        Ok(Prepared { request, examined, register })
    }

    /// Examines a request. What may take long (files, large bodies) does so apart from the other requests.
    async fn examine(&self, call: &Call, register: &Arc<Register>) -> Result<Examined, Problem> {
        let inbound = inbound::read(&call.body).map_err(Problem::Unreadable)?;
        let carries_media = inbound.media;
        let files = if carries_media { self.files(&call.caller.person, &call.body).await? } else { HashMap::new() };
        let (detector, register, limits) = (self.detector.clone(), register.clone(), self.attachments);
        let body = call.body.clone();
        let examine = move || {
            let scale = scale(&register);
            let by = Examiner { detector: &detector, register: &register, scale, limits: &limits, files: &files };
            by.examine(&body, inbound)
        };
        let examined = if carries_media || call.body.len() > LARGE_BODY {
            let done = self.tasks.spawn_blocking(examine).await;
            done.map_err(|e| Problem::Unavailable(format!("the examination broke off: {e}")))?
        } else {
            examine()
        };
        examined.map_err(Problem::Unreadable)
    }

    /// The caller's uploaded files that a request names.
    async fn files(&self, person: &PersonId, body: &Bytes) -> Result<HashMap<String, Known>, Problem> {
        let mut files = HashMap::new();
        for id in attachment::named(body).into_iter().take(MOST_INHERITED) {
            match self.store.file(&id, person, self.world.now()).await {
                Ok((row, content)) => {
                    let file = serde_json::from_slice(&content).map_err(|e| Problem::Unavailable(e.to_string()))?;
                    files.insert(id, Known { file, grade: row.grade });
                }
                Err(ReadError::Missing(_)) => {}
                Err(error) => return Err(Problem::Unavailable(error.to_string())),
            }
        }
        Ok(files)
    }

    /// TK-CLS-2: what is made of an earlier use or of a file is graded no lower than that.
    async fn inherited(&self, person: &PersonId, named: &str) -> Result<(Vec<String>, Grade), Problem> {
        let names: Vec<&str> = named.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
        let unknown = |name: &str| {
            let name: String = name.chars().take(80).collect();
            Problem::Unreadable(Unreadable {
                code: "INVALID_INHERITS",
                param: Some("inherits".into()),
                ja: format!(
                    "引き継ぐもの `{name}` がありません。自分の利用の番号（u-…）かファイル（file-…）を {MOST_INHERITED} 個まで、コンマで区切って指定してください。"
                ),
                en: format!("`{name}` is neither a use nor a file of yours; name up to {MOST_INHERITED}, by comma"),
            })
        };
        if names.len() > MOST_INHERITED {
            return Err(unknown(names.last().unwrap_or(&"")));
        }
        let mut grade = Grade::default();
        for name in &names {
            let of = if attachment::is_ours(name) {
                self.store.file(name, person, self.world.now()).await.map(|(row, _)| row.grade)
            } else {
                match UseId::new(*name) {
                    Ok(id) => self.grade_of_use(&id, person).await,
                    Err(_) => return Err(unknown(name)),
                }
            };
            match of {
                Ok(of) => grade = grade.max(of),
                Err(ReadError::Missing(_)) => return Err(unknown(name)),
                Err(error) => return Err(Problem::Unavailable(error.to_string())),
            }
        }
        Ok((names.into_iter().map(str::to_owned).collect(), grade))
    }

    /// The grade of a person's use: of its request, or of its answer where marks in that spoke of a higher one.
    async fn grade_of_use(&self, id: &UseId, person: &PersonId) -> Result<Grade, ReadError> {
        let missing = || ReadError::Missing(format!("use `{id}`"));
        let row = self.store.use_row(id).await?;
        if row.person != *person {
            return Err(missing());
        }
        let mut grade = Grade(row.grade);
        if row.closed > 0 {
            let entry = self.store.entry(row.closed).await?;
            if let Ok(Entry::UseClosed(closed)) = Entry::read(&entry) {
                grade = grade.max(closed.data.detected);
            }
        }
        Ok(grade)
    }
}

pub(crate) fn bad_grade(error: &GradeError) -> Unreadable {
    let ja = match error {
        GradeError::Unknown { given, known } => {
            format!("格付 `{given}` はこの機関の一覧にありません。使えるのは {known} です。")
        }
        other => format!("格付を読めません: {other}"),
    };
    Unreadable { code: "INVALID_GRADE", param: Some("grade".into()), ja, en: error.to_string() }
}

/// A request may narrow the key's permit, never widen it.
fn narrowed_permit(text: &str, of_key: Option<&PermitId>) -> Result<PermitId, Problem> {
    let unreadable =
        |code, ja: String, en: String| Problem::Unreadable(Unreadable { code, param: Some("permit".into()), ja, en });
    let permit = PermitId::new(text)
        .map_err(|e| unreadable("INVALID_PERMIT", format!("承認の識別子として読めません: `{}`", e.0), e.to_string()))?;
    match of_key {
        Some(bound) if *bound != permit => Err(unreadable(
            "PERMIT_NOT_OF_KEY",
            format!("この鍵は承認 `{bound}` に結び付いています。`{permit}` には使えません。"),
            format!("this key is bound to the permit `{bound}` and cannot be used for `{permit}`"),
        )),
        _ => Ok(permit),
    }
}
