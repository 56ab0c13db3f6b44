//! The gate: identify → scan → decide → record → forward → record. There is no second way to a model.
//!
//! Once a caller is identified the work runs in a tracked task: a browser that goes away loses its answer, never the
//! record.

use crate::attachment::{self, Known};
use crate::examine::{Examined, Examiner, Found};
use crate::identify::Caller;
use crate::inbound::{self, Unreadable};
use crate::record::{self, Content};
use crate::relay::listed;
use crate::spending::{Counted, Spending, Standing, in_order};
use crate::upload::must_not_be_kept;
use crate::upstream::{Endpoint, Explained, Secret, Target, Upstreams, Whole, WireFormat};
use crate::world::World;
use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use sekisho_detect::Detector;
use sekisho_detect::document::Limits;
use sekisho_domain::budget::Budget;
use sekisho_domain::day::in_japan;
use sekisho_domain::decision::Decision;
use sekisho_domain::entry::Entry;
use sekisho_domain::grade::{Grade, GradeError, GradeScale};
use sekisho_domain::id::{OrganizationId, PermitId, PersonId, ServiceId, UseId};
use sekisho_domain::register::Register;
use sekisho_domain::service::{Service, Wire};
use sekisho_domain::usage::{DecisionRecord, DeclaredBy, FindingCount, UseRequest};
use sekisho_store::{Journal, JournalError, ReadError, Store, UseRow};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock};
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::TaskTracker;

/// How often a decision is repeated when the register moves under it before the refusal "too busy" is given.
const STALE_TRIES: usize = 5;
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

/// What narrows a request, from headers; `metadata` of the body says the same and headers win.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Narrowing {
    /// `x-sekisho-permit`.
    pub permit: Option<String>,
    /// `x-sekisho-grade`.
    pub grade: Option<String>,
    /// `x-sekisho-purpose`.
    pub purpose: Option<String>,
    /// `x-sekisho-inherits`: uses and files the request builds on, by comma.
    pub inherits: Option<String>,
    /// `x-sekisho-confirm`: the token of the refusal that asked.
    pub confirm: Option<String>,
    /// `x-sekisho-reason`: why what was asked may go.
    pub reason: Option<String>,
}

/// One request of an identified caller.
#[derive(Debug, Clone)]
pub struct Call {
    /// Who.
    pub caller: Caller,
    /// Where it came in.
    pub endpoint: Endpoint,
    /// The body as received.
    pub body: Bytes,
    /// What narrows it.
    pub narrowing: Narrowing,
}

/// An answer that may go to the caller.
#[derive(Debug)]
pub enum Passed {
    /// In one piece; its closing record is durable.
    Whole {
        /// The use.
        id: UseId,
        /// The answer.
        answer: Whole,
        /// What was found.
        told: TellOfFindings,
    },
    /// As it comes. The last event follows the closing record.
    Stream {
        /// The use.
        id: UseId,
        /// Status.
        status: u16,
        /// Headers.
        headers: Vec<(HeaderName, HeaderValue)>,
        /// Events.
        events: mpsc::Receiver<Bytes>,
        /// What was found in the request; what is found in the answer follows as a comment at its end.
        told: TellOfFindings,
    },
}

/// Findings that did not stop a use, as the caller is told of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TellOfFindings {
    /// In the request, by rule.
    pub request: Vec<FindingCount>,
    /// Rules whose findings were masked.
    pub masked: Vec<String>,
    /// In the answer, by rule.
    pub answer: Vec<FindingCount>,
    /// Budgets that run out or are used up: this too is told and did not stop the use.
    pub budgets: Vec<Standing>,
}

impl TellOfFindings {
    /// `ID-PHONE=2,ID-EMAIL=1`, of the request.
    pub fn in_request(&self) -> String {
        listed(&self.request)
    }

    /// `soumu-month=812/1000,mine=9/10`: what is spent and the limit of each budget that runs out.
    pub fn of_budgets(&self) -> String {
        self.budgets.iter().map(Standing::in_short).collect::<Vec<_>>().join(",")
    }

    /// The same of the answer.
    pub fn in_answer(&self) -> String {
        listed(&self.answer)
    }
}

/// Why there is no answer. Each of these is recorded, save that nothing can be written at all.
#[derive(Debug)]
pub enum Stopped {
    /// Refused by the rules.
    Refused {
        /// The use.
        id: UseId,
        /// All reasons.
        decision: Box<Decision>,
        /// What was found, and where.
        found: Vec<Found>,
        /// What confirms what was asked; `None` when nothing was.
        confirm: Option<String>,
    },
    /// The request cannot be read.
    Unreadable {
        /// The use.
        id: UseId,
        /// What is wrong.
        problem: Unreadable,
    },
    /// The upstream failed.
    Upstream {
        /// The use.
        id: UseId,
        /// What to tell the caller.
        explained: Box<Explained>,
    },
    /// No record, no request.
    Unavailable {
        /// For the log.
        inside: String,
    },
}

/// The gate. Built once; everything it needs is handed in.
pub struct Gate {
    store: Store,
    pub(crate) journal: Journal,
    pub(crate) detector: Arc<Detector>,
    pub(crate) upstreams: Upstreams,
    secrets: BTreeMap<String, Secret>,
    pub(crate) world: Arc<dyn World>,
    node: String,
    pub(crate) attachments: Limits,
    pub(crate) tasks: TaskTracker,
    spending: Arc<Spending>,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").field("node", &self.node).finish_non_exhaustive()
    }
}

/// A request that was read, examined and looked up on one register.
pub(crate) struct Prepared {
    request: UseRequest,
    pub(crate) examined: Examined,
    register: Arc<Register>,
}

/// A use whose opening is durable: only holding one lets a request out.
pub(crate) struct Permitted {
    pub(crate) id: UseId,
    pub(crate) organization: OrganizationId,
    pub(crate) opened: u64,
    pub(crate) row: UseRow,
    pub(crate) target: Target,
    /// The service names a secret that the configuration lacks.
    pub(crate) lacks_secret: Option<String>,
    /// The register it was decided on: its list of grades reads the answer too.
    pub(crate) register: Arc<Register>,
    /// Where it is counted, if a budget binds it.
    pub(crate) counted: Option<Counted>,
}

/// Why there is no opening yet.
enum NotAdmitted {
    /// The register moved on: prepare and decide again.
    Stale,
    Stopped(Stopped),
}

impl Gate {
    /// Builds the gate. `secrets` are those of the configuration, by name.
    pub fn new(
        (store, journal): (Store, Journal),
        upstreams: Upstreams,
        secrets: BTreeMap<String, Secret>,
        world: Arc<dyn World>,
        node: String,
        tasks: TaskTracker,
    ) -> Self {
        let (detector, attachments) = (Arc::new(Detector::new()), Limits::default());
        let spending = Arc::default();
        Self { store, journal, detector, upstreams, secrets, world, node, attachments, tasks, spending }
    }

    /// How budgets stand today: each for the person it is asked about, or for all it binds together. One that binds each
    /// person alone has no standing without a person.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn standings(
        &self,
        register: &Register,
        asked: Vec<(Budget, Option<PersonId>)>,
    ) -> Result<Vec<Standing>, ReadError> {
        let today = in_japan(self.world.now());
        Ok(in_order(self.spending.standings((&self.store, &self.tasks), register, asked, today).await?))
    }

    /// Whether a text holds what must never enter the ledger, of which nothing is ever taken out: a 個人番号 or a
    /// credential.
    pub fn must_not_be_kept(&self, text: &str) -> bool {
        must_not_be_kept(&self.detector, text)
    }

    /// Lets a request through, or says why not.
    pub async fn pass(self: &Arc<Self>, call: Call) -> Result<Passed, Stopped> {
        let (done, answer) = oneshot::channel();
        let gate = Arc::clone(self);
        self.tasks.spawn(async move { gate.work(call, done).await });
        answer.await.unwrap_or_else(|_| Err(Stopped::Unavailable { inside: "the task ended without an answer".into() }))
    }

    /// Records a request of an identified caller that could not even be received: too large, too slow, not readable.
    pub async fn refuse_unread(
        self: &Arc<Self>,
        caller: &Caller,
        endpoint: &'static str,
        bytes: u64,
        problem: Unreadable,
    ) -> Stopped {
        let (gate, caller) = (Arc::clone(self), caller.clone());
        let recorded = self.tasks.spawn(async move {
            let id = gate.new_use()?;
            gate.record_unread(&id, &caller, endpoint, bytes, &problem).await?;
            Ok((id, problem))
        });
        match recorded.await {
            Ok(Ok((id, problem))) => Stopped::Unreadable { id, problem },
            Ok(Err(stopped)) => stopped,
            Err(error) => Stopped::Unavailable { inside: error.to_string() },
        }
    }

    async fn work(&self, call: Call, done: oneshot::Sender<Result<Passed, Stopped>>) {
        match self.let_in(&call).await {
            Ok((permitted, prepared)) => self.forward(permitted, call.endpoint, prepared, done).await,
            Err(stopped) => drop(done.send(Err(stopped))),
        }
    }

    /// Everything up to the durable opening. If the register moves while a request is prepared and decided, all of it
    /// is done again: so every use was examined and decided on exactly the register of its own place in the ledger.
    async fn let_in(&self, call: &Call) -> Result<(Permitted, Prepared), Stopped> {
        let id = self.new_use()?;
        let bytes = call.body.len() as u64;
        for _ in 0..STALE_TRIES {
            let prepared = match self.prepare(call).await {
                Ok(prepared) => prepared,
                Err(Problem::Unreadable(problem)) => {
                    self.record_unread(&id, &call.caller, name(call.endpoint), bytes, &problem).await?;
                    return Err(Stopped::Unreadable { id, problem });
                }
                Err(Problem::Unavailable(inside)) => return Err(Stopped::Unavailable { inside }),
            };
            match self.admit(id.clone(), call, &prepared).await {
                Ok(permitted) => return Ok((permitted, prepared)),
                Err(NotAdmitted::Stale) => {}
                Err(NotAdmitted::Stopped(stopped)) => return Err(stopped),
            }
        }
        Err(Stopped::Unavailable { inside: "the register kept changing while the request was decided".into() })
    }

    fn new_use(&self) -> Result<UseId, Stopped> {
        UseId::new(format!("u-{}", self.world.fresh())).map_err(|e| Stopped::Unavailable { inside: e.to_string() })
    }

    async fn record_unread(
        &self,
        id: &UseId,
        caller: &Caller,
        endpoint: &'static str,
        bytes: u64,
        problem: &Unreadable,
    ) -> Result<(), Stopped> {
        let unavailable = |inside: String| Stopped::Unavailable { inside };
        let register = self.journal.register().map_err(|e| unavailable(e.to_string()))?;
        let organization = organization(&register).map_err(unavailable)?;
        let known = record::Known { id, node: &self.node, organization: &organization, bytes };
        let record = record::unread(&known, self.world.now(), &caller.person, endpoint, problem.code)
            .map_err(|e| unavailable(e.to_string()))?;
        self.journal.append(record).await.map_err(|e| unavailable(e.to_string()))?;
        Ok(())
    }

    /// Reads and examines.
    async fn prepare(&self, call: &Call) -> Result<Prepared, Problem> {
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

    /// Decides and records on the register the request was prepared on. The record stands only if no governance entry
    /// came between that register and the record itself.
    async fn admit(&self, id: UseId, call: &Call, prepared: &Prepared) -> Result<Permitted, NotAdmitted> {
        let unavailable = |inside: String| NotAdmitted::Stopped(Stopped::Unavailable { inside });
        let Prepared { request, examined, register } = prepared;
        let decided = self.spending.decide((&self.store, &self.tasks), register, request.clone()).await;
        let (request, considered, decision, mut counted) = decided.map_err(|e| unavailable(e.to_string()))?;
        let request = &request;
        let content = Content::new(&*self.world, examined.kept.clone(), examined.body.clone());
        let organization = organization(register).map_err(unavailable)?;
        let known =
            record::Known { id: &id, node: &self.node, organization: &organization, bytes: call.body.len() as u64 };
        let findings = examined.counts.clone();
        let position = register.position();
        let not_recorded = |error: JournalError| match error {
            JournalError::Stale => NotAdmitted::Stale,
            error => unavailable(error.to_string()),
        };
        if !decision.is_allowed() {
            let record = record::refused(&known, request, &considered, &decision, position, findings, content)
                .map_err(|e| unavailable(e.to_string()))?;
            self.journal.append(record).await.map_err(not_recorded)?;
            let (found, confirm) = (examined.found(), examined.token(&request.person));
            return Err(NotAdmitted::Stopped(Stopped::Refused { id, decision: Box::new(decision), found, confirm }));
        }
        let (target, lacks_secret) = considered
            .service
            .as_ref()
            .and_then(|service| self.target(register, service, &request.model))
            .ok_or_else(|| unavailable("an allowed request without a service".into()))?;
        let decided = DecisionRecord::of(&decision, position);
        let (record, row) = record::opened(&known, request, &considered, decided, findings, content)
            .map_err(|e| unavailable(e.to_string()))?;
        let opened = self.journal.append(record).await.map_err(not_recorded)?;
        if let Some(counted) = &mut counted {
            counted.opened(opened);
        }
        let row = UseRow { opened, ..row };
        Ok(Permitted { id, organization, opened, row, target, lacks_secret, register: register.clone(), counted })
    }

    /// Where the request goes, and the name of a secret it would need and does not have.
    fn target(&self, register: &Register, service: &ServiceId, model: &str) -> Option<(Target, Option<String>)> {
        let record = register.service(service)?;
        let service: &Service = &record.service;
        let upstream = &service.upstream;
        let secret = upstream.secret.as_ref().and_then(|name| self.secrets.get(name)).cloned();
        let lacks = upstream.secret.clone().filter(|_| secret.is_none());
        let target = Target {
            format: match upstream.wire {
                Wire::OpenAi => WireFormat::OpenAi,
                Wire::AzureOpenAi => WireFormat::AzureOpenAi,
                Wire::Anthropic => WireFormat::Anthropic,
                Wire::Extractive => WireFormat::Extractive,
                Wire::Gennai => WireFormat::Gennai,
                Wire::Library => WireFormat::Library,
            },
            base_url: upstream.base_url.clone(),
            upstream_model: service.model(model)?.upstream_model.clone(),
            secret,
            api_version: upstream.api_version.clone(),
            private_addresses: service.may_reach_private_addresses(),
        };
        Some((target, lacks))
    }
}

enum Problem {
    Unreadable(Unreadable),
    Unavailable(String),
}

/// The body's list of grades; the national one before a body is established.
pub(crate) fn scale(register: &Register) -> &GradeScale {
    static NATIONAL: LazyLock<GradeScale> = LazyLock::new(GradeScale::national);
    register.organization().map_or(&NATIONAL, |body| &body.grades)
}

fn organization(register: &Register) -> Result<OrganizationId, String> {
    register
        .organization()
        .map(|body| body.organization.clone())
        .ok_or_else(|| "the body is not established".to_owned())
}

/// The name of an endpoint in records.
pub fn name(endpoint: Endpoint) -> &'static str {
    match endpoint {
        Endpoint::ChatCompletions => "chat.completions",
        Endpoint::Responses => "responses",
        Endpoint::Embeddings => "embeddings",
        Endpoint::Tools => "tools",
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
