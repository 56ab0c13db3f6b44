//! The gate: identify → scan → decide → record → forward → record. There is no second way to a model.
//!
//! Once a caller is identified the work runs in a tracked task: a browser that goes away loses its answer, never the
//! record.

use crate::call::{Call, Passed, Stopped};
use crate::identify::Caller;
use crate::inbound::Unreadable;
use crate::passage::{Passage, Watch};
use crate::prepare::{Prepared, Problem};
use crate::record::{self, Content};
use crate::spending::{Counted, Spending, Standing, in_order};
use crate::under_way::UsesUnderWay;
use crate::upload::must_not_be_kept;
use crate::upstream::{Endpoint, Secret, Target, Upstreams, WireFormat};
use crate::world::World;
use sekisho_detect::Detector;
use sekisho_detect::document::Limits;
use sekisho_domain::budget::Budget;
use sekisho_domain::day::in_japan;
use sekisho_domain::grade::GradeScale;
use sekisho_domain::id::{OrganizationId, PersonId, ServiceId, UseId};
use sekisho_domain::register::Register;
use sekisho_domain::service::{Service, Wire};
use sekisho_domain::usage::DecisionRecord;
use sekisho_store::{Journal, JournalError, ReadError, Store, UseRow};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use tokio::sync::oneshot;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

/// How often a decision is repeated when the register moves under it before the refusal "too busy" is given.
const STALE_TRIES: usize = 5;

/// The gate. Built once; everything it needs is handed in.
pub struct Gate {
    pub(crate) store: Store,
    pub(crate) journal: Journal,
    pub(crate) detector: Arc<Detector>,
    pub(crate) upstreams: Upstreams,
    secrets: BTreeMap<String, Secret>,
    pub(crate) world: Arc<dyn World>,
    node: String,
    pub(crate) attachments: Limits,
    pub(crate) tasks: TaskTracker,
    spending: Arc<Spending>,
    under_way: Arc<UsesUnderWay>,
    pub(crate) streams: AtomicUsize,
    watch: Option<Arc<dyn Watch>>,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").field("node", &self.node).finish_non_exhaustive()
    }
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
        Self {
            store,
            journal,
            detector,
            upstreams,
            secrets,
            world,
            node,
            attachments,
            tasks,
            spending: Arc::default(),
            under_way: Arc::default(),
            streams: AtomicUsize::new(0),
            watch: None,
        }
    }

    /// With someone who is told how each request passed.
    #[must_use]
    pub fn watched_by(self, watch: Arc<dyn Watch>) -> Self {
        Self { watch: Some(watch), ..self }
    }

    /// How many uses are being worked on here.
    pub fn count_under_way(&self) -> usize {
        self.under_way.count()
    }

    /// Those uses.
    pub fn under_way(&self) -> Vec<UseId> {
        self.under_way.now()
    }

    /// How many answers are being streamed.
    pub fn open_streams(&self) -> usize {
        self.streams.load(Ordering::Relaxed)
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
        let mut passage = Passage::begin(self.world.now(), endpoint, None);
        let recorded = self.tasks.spawn(async move {
            let recorded = async {
                let id = gate.new_use()?;
                passage.id = Some(id.clone());
                gate.record_unread(&id, &caller, endpoint, bytes, &problem).await?;
                Ok(id)
            };
            let stopped = match recorded.await {
                Ok(id) => Stopped::Unreadable { id, problem },
                Err(stopped) => stopped,
            };
            passage.stopped(&stopped);
            gate.tell(passage);
            stopped
        });
        recorded.await.unwrap_or_else(|error| Stopped::Unavailable { inside: error.to_string() })
    }

    /// Whether a use is being worked on here: from before its opening can be in the ledger until its end is there, or could
    /// not be written.
    pub fn is_under_way(&self, id: &UseId) -> bool {
        self.under_way.holds(id)
    }

    async fn work(&self, call: Call, done: oneshot::Sender<Result<Passed, Stopped>>) {
        let mut passage = Passage::begin(self.world.now(), name(call.endpoint), call.trace);
        let id = match self.new_use() {
            Ok(id) => id,
            Err(stopped) => {
                passage.stopped(&stopped);
                self.tell(passage);
                return drop(done.send(Err(stopped)));
            }
        };
        passage.id = Some(id.clone());
        // Whatever is logged on the way carries the use. An error's level, so that no filter takes the name away.
        let span = tracing::error_span!("use", %id);
        let work = async {
            let _under_way = self.under_way.begin(&id);
            match self.let_in(id.clone(), &call, &mut passage).await {
                Ok((permitted, prepared)) => {
                    self.forward(permitted, call.endpoint, prepared, done, &mut passage).await;
                }
                Err(stopped) => {
                    if let Stopped::Unavailable { inside } = &stopped {
                        tracing::warn!(inside, "the use could not be recorded");
                    }
                    passage.stopped(&stopped);
                    drop(done.send(Err(stopped)));
                }
            }
        };
        work.instrument(span).await;
        self.tell(passage);
    }

    fn tell(&self, passage: Passage) {
        if let Some(watch) = &self.watch {
            watch.passed(passage);
        }
    }

    /// Everything up to the durable opening. If the register moves while a request is prepared and decided, all of it
    /// is done again: so every use was examined and decided on exactly the register of its own place in the ledger.
    async fn let_in(&self, id: UseId, call: &Call, passage: &mut Passage) -> Result<(Permitted, Prepared), Stopped> {
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
            passage.in_request.clone_from(&prepared.examined.counts);
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
