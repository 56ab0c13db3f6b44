//! The demo: 架空省, a fictional ministry with people, 規程, three services, permits and keys. Everything in it is made
//! through the same commands, by the same roles, as in real use.

mod accounts;
mod corpus;
pub mod founding;
mod logs;
mod scheme;

pub use accounts::{Account, accounts};
pub use corpus::corpus;
pub use logs::logs;
pub use scheme::{example as example_criteria, scheme};

use crate::installation::{Installation, write_whole};
use anyhow::{Context as _, bail};
use founding::{Founding, found, give, issue_key, join};
use jiff::ToSpan as _;
use jiff::civil::Date;
use sekisho_domain::command::{Actor, AdoptRules, ApproveApplication, Command, GrantRole, RecordConsultation};
use sekisho_domain::day::in_japan;
use sekisho_domain::event::Event;
use sekisho_domain::grade::Grade;
use sekisho_domain::id::{ApplicationId, DepartmentId, ModelId, PermitId, PersonId, RuleSetId, ServiceId};
use sekisho_domain::ismap::{DeclaredScope, Registration, Scheme};
use sekisho_domain::organization::{Department, Sector};
use sekisho_domain::permit::{Draft, RiskSheet, UserRange};
use sekisho_domain::person::Role;
use sekisho_domain::regulation::{Enactment, Part};
use sekisho_domain::rule_set::{AppliesTo, RuleSet};
use sekisho_domain::service::{Consultation, Model, ProvisionForm, Service, Terms, Upstream, Wire};
use sekisho_gate::identify::hash_of;
use sekisho_store::DirectoryChange;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const FILE: &str = "demo.json";
/// Model of the 約款型 service.
const OPEN_MODEL: &str = "kakuu-open";
/// Model of the 個別契約 service.
const CLOUD_MODEL: &str = "kakuu-cloud";
/// Model of the 自組織運用 service.
const LOCAL_MODEL: &str = "kakuu-local";
/// Name of the built-in search among models.
const SEARCH_MODEL: &str = "kakuu-search";
/// Model of the server given with `--upstream`.
const UPSTREAM_MODEL: &str = "kakuu-upstream";
const ISMAP: &str = "KAKUU-0001";

/// What a script needs to use the demo; kept in `demo.json` of the data folder.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Demo {
    /// Where the server listens.
    pub url: String,
    /// Models the staff's permits reach.
    pub models: Vec<String>,
    /// The model that goes to `--upstream`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream_model: Option<String>,
    /// Keys by role.
    pub keys: BTreeMap<String, String>,
    /// Pseudonyms by role.
    pub persons: BTreeMap<String, String>,
    /// Permits by model.
    pub permits: BTreeMap<String, String>,
    /// Accounts by role, to sign in at the browser.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub accounts: BTreeMap<String, Account>,
}

impl Demo {
    /// For programs.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or(serde_json::Value::Null)
    }

    /// What is printed after the start.
    pub fn greeting(&self, english: bool, data: &Path) -> String {
        let key = |role: &str| self.keys.get(role).cloned().unwrap_or_default();
        let chat = |model: &str, text: &str| {
            format!(
                "curl -s {}/v1/chat/completions -H 'Authorization: Bearer {}' -H 'Content-Type: application/json' \\\n    \
                 -d '{{\"model\":\"{model}\",\"messages\":[{{\"role\":\"user\",\"content\":\"{text}\"}}]}}'",
                self.url,
                key("staff")
            )
        };
        let allowed = chat(LOCAL_MODEL, "生成AIの利用申請はどこに出しますか");
        let refused = chat(OPEN_MODEL, "【機密性2情報】次の議事録を要約してください");
        let program = std::env::args().next().unwrap_or_else(|| "sekisho".into());
        let verify = format!(
            "curl -s {}/ledger/checkpoint && L=$(mktemp -d) && {program} ledger export --data {} --out $L && {program} ledger verify $L",
            self.url,
            data.display()
        );
        // The parties of ISMAP work on pages; their keys are in the file.
        let of_the_body = self.keys.iter().filter(|(role, _)| scheme::role_of(role).is_none());
        let keys: Vec<String> = of_the_body.map(|(role, key)| format!("  {role:<10} {key}")).collect();
        let signin = self.sign_in_lines(english, &program, data);
        let models = self.models.join(", ");
        let keys = keys.join("\n");
        if english {
            format!(
                "架空省 (a fictional ministry) is open at {}\n\nmodels: {models}\n\
                 All answers come from the built-in extractive model: it only quotes.\nkeys (also in {}):\n{keys}\n\n{signin}\n\
                 allowed:\n  {allowed}\n\nrefused (統一基準R3 4.2.1):\n  {refused}\n\nverify, without trusting this server:\n  {verify}\n",
                self.url,
                data.join(FILE).display()
            )
        } else {
            format!(
                "架空省の関所を開きました: {}\n\nモデル: {models}\n回答するのは内蔵の抽出モデルです（与えられた文章から抜き出すだけです）。\n鍵（{} にもあります）:\n{keys}\n\n{signin}\n\
                 通る例:\n  {allowed}\n\n止まる例（統一基準R3 4.2.1）:\n  {refused}\n\nこのサーバーを信じずに検証する:\n  {verify}\n",
                self.url,
                data.join(FILE).display()
            )
        }
    }
}

/// What an earlier start left.
pub fn read(data: &Path) -> anyhow::Result<Demo> {
    let file = data.join(FILE);
    let text = std::fs::read_to_string(&file).with_context(|| {
        format!("`{}` がありません。この場所は demo のものではないか、途中で止まりました。別の --data を使ってください / missing; use another --data", file.display())
    })?;
    serde_json::from_str(&text).with_context(|| format!("`{}` を読めません / cannot be read", file.display()))
}

/// Makes the ministry the first time and finds it again later.
pub async fn prepare(
    installation: &Installation,
    data: &Path,
    url: &str,
    upstream: Option<(String, String)>,
) -> anyhow::Result<Demo> {
    let file = data.join(FILE);
    let established = installation.journal.register()?.organization().is_some();
    let mut demo = if established { read(data)? } else { Ministry::make(installation, url).await? };
    demo.url = url.to_owned();
    if let Some((base_url, model)) = upstream {
        register_upstream(installation, &mut demo, &base_url, &model).await?;
    }
    write_whole(&file, format!("{:#}\n", demo.to_json()).as_bytes())?;
    Ok(demo)
}

/// Everyone in the story, by pseudonym.
struct Ministry<'a> {
    installation: &'a Installation,
    admin: PersonId,
    staff: PersonId,
    applicant: PersonId,
    approver: PersonId,
    manager: PersonId,
    ciso: PersonId,
    caio: PersonId,
    auditor: PersonId,
}

impl<'a> Ministry<'a> {
    async fn make(installation: &'a Installation, url: &str) -> anyhow::Result<Demo> {
        let founding = Founding {
            organization: "kakuu-sho".into(),
            name: "架空省".into(),
            sector: Sector::National,
            administrator: "管理 一郎".into(),
            department: "johosystem".into(),
        };
        let (admin, admin_key) = found(installation, founding).await?;
        let by_admin = Actor::Person(admin.clone());
        let mut departments = BTreeMap::new();
        for (id, parent, name) in [
            ("johosystem", None, "情報システム室"),
            ("kanbo", None, "大臣官房"),
            ("kikaku", Some("kanbo"), "企画課"),
            ("shinsa", None, "審査課"),
            ("kansa", None, "監査室"),
        ] {
            let department = DepartmentId::new(id)?;
            let parent = parent.map(DepartmentId::new).transpose()?;
            let row = DirectoryChange::Department { department: department.clone(), name: name.into() };
            let command = Command::PlaceDepartment(Department { department: department.clone(), parent });
            give(installation, by_admin.clone(), command, "", vec![row]).await?;
            departments.insert(id, department);
        }
        let department = |id: &str| departments.get(id).context("a department of the demo");
        let add = async |at: &str, name: &str, post: (&str, &str), role: Option<Role>| -> anyhow::Result<PersonId> {
            let person = join(installation, by_admin.clone(), department(at)?, name, post).await?;
            if let Some(role) = role {
                let command = Command::GrantRole(GrantRole { person: person.clone(), role });
                give(installation, by_admin.clone(), command, "", vec![]).await?;
            }
            Ok(person)
        };
        let ministry = Self {
            installation,
            staff: add("kikaku", "企画 花子", ("kakaricho", "係長"), None).await?,
            applicant: add("shinsa", "審査 次郎", ("kakariin", "係員"), None).await?,
            approver: add("kanbo", "承認 三恵", ("kacho", "課長"), Some(Role::Approver)).await?,
            manager: add("johosystem", "運用 四葉", ("kakaricho", "係長"), Some(Role::ServiceManager)).await?,
            ciso: add("kanbo", "統括 五月", ("shingikan", "審議官"), Some(Role::Ciso)).await?,
            caio: add("kanbo", "人工 六花", ("shingikan", "審議官"), Some(Role::Caio)).await?,
            auditor: add("kansa", "監査 七海", ("kansakan", "監査官"), Some(Role::Auditor)).await?,
            admin,
        };
        // In a small body one person keeps the services and the records.
        let keeper = GrantRole { person: ministry.manager.clone(), role: Role::RecordsManager };
        ministry.by(&ministry.admin, Command::GrantRole(keeper), "").await?;
        ministry.rules().await?;
        ministry.services().await?;
        let permits = ministry.permits().await?;
        ministry.waiting().await?;
        ministry.demo(url, permits, &admin_key).await
    }

    async fn by(&self, person: &PersonId, command: Command, reason: &str) -> anyhow::Result<Vec<Event>> {
        let committed = give(self.installation, Actor::Person(person.clone()), command, reason, vec![]).await?;
        Ok(committed.entries.into_iter().map(|e| e.event).collect())
    }

    /// The four parts of the 規程 and the national rule sets.
    async fn rules(&self) -> anyhow::Result<()> {
        for part in Part::ALL {
            let title = format!("架空省外部サービス利用規程 {}", part.label());
            let command = Command::EnactRegulation(Enactment {
                part,
                document: hash_of(&title),
                title,
                version: "令和8年度版".into(),
            });
            self.by(&self.ciso, command, "規程の整備").await?;
        }
        for set in RuleSet::builtin_for(AppliesTo::National) {
            let command = Command::AdoptRules(AdoptRules { rule_set: RuleSetId::new(set.id.as_str())?, text: None });
            self.by(&self.ciso, command, "組込みの規則を採用").await?;
        }
        Ok(())
    }

    async fn services(&self) -> anyhow::Result<()> {
        let today = in_japan(self.installation.world.now());
        let row = Registration {
            csp_name: "架空クラウド株式会社".into(),
            scope: DeclaredScope {
                regions: BTreeSet::from(["jp".to_owned()]),
                sub_services: BTreeSet::new(),
                generative_ai: true,
            },
            ..Registration::listed(ISMAP.into(), Scheme::Ismap, "架空クラウド".into(), today, plus_year(today)?)
        };
        self.by(&self.manager, Command::RecordRegistration(row), "架空の登録").await?;
        for service in [
            service("kakuu-open", "架空オープンチャット", ProvisionForm::StandardTerms, OPEN_MODEL, None)?,
            service("kakuu-cloud", "架空クラウドAI", ProvisionForm::IndividualContract, CLOUD_MODEL, Some(ISMAP))?,
            service("kakuu-local", "架空省内モデル", ProvisionForm::SelfOperated, LOCAL_MODEL, None)?,
        ] {
            self.by(&self.manager, Command::RegisterService(service), "架空のサービス").await?;
        }
        let mut search =
            service("kakuu-search", "検索（法令・国会会議録）", ProvisionForm::SelfOperated, SEARCH_MODEL, None)?;
        search.upstream.wire = Wire::Library;
        for model in &mut search.models {
            model.upstream_model = "library".into();
            model.generative = false;
        }
        self.by(&self.manager, Command::RegisterService(search), "内蔵の検索").await?;
        let command = Command::RecordConsultation(RecordConsultation {
            service: ServiceId::new("kakuu-cloud")?,
            state: Consultation::Consented,
            addressee: "架空の報告先".into(),
            on: today,
        });
        self.by(&self.manager, command, "了解").await?;
        Ok(())
    }

    async fn permits(&self) -> anyhow::Result<BTreeMap<String, String>> {
        let mut permits = BTreeMap::new();
        for (service, model, purpose, ceiling) in [
            ("kakuu-open", OPEN_MODEL, "公表資料の下調べ", Grade(0)),
            ("kakuu-cloud", CLOUD_MODEL, "会議資料と議事録の作成", Grade(1)),
            ("kakuu-local", LOCAL_MODEL, "文書の要約と校正", Grade(1)),
            ("kakuu-search", SEARCH_MODEL, "法令と国会会議録の調査", Grade(1)),
        ] {
            let people =
                UserRange { departments: BTreeSet::from([DepartmentId::new("kanbo")?]), ..UserRange::default() };
            let permit = self.permit(service, purpose, ceiling, people).await?;
            permits.insert(model.to_owned(), permit.to_string());
        }
        Ok(permits)
    }

    /// An application that waits for the approver.
    async fn waiting(&self) -> anyhow::Result<()> {
        let people = UserRange { departments: BTreeSet::from([DepartmentId::new("shinsa")?]), ..UserRange::default() };
        let applicant = Actor::Person(self.applicant.clone());
        apply(self.installation, applicant, "kakuu-cloud", "窓口での案内文の下書き", Grade(1), people).await.map(drop)
    }

    async fn permit(&self, service: &str, purpose: &str, ceiling: Grade, users: UserRange) -> anyhow::Result<PermitId> {
        let staff = Actor::Person(self.staff.clone());
        let application = apply(self.installation, staff, service, purpose, ceiling, users).await?;
        approve(self.installation, &self.approver, &self.manager, application).await
    }

    async fn demo(&self, url: &str, permits: BTreeMap<String, String>, admin_key: &str) -> anyhow::Result<Demo> {
        let by_admin = Actor::Person(self.admin.clone());
        let mut keys = BTreeMap::from([("admin".to_owned(), admin_key.to_owned())]);
        let mut persons = BTreeMap::from([("admin".to_owned(), self.admin.to_string())]);
        for (role, person) in [
            ("staff", &self.staff),
            ("applicant", &self.applicant),
            ("approver", &self.approver),
            ("manager", &self.manager),
            ("ciso", &self.ciso),
            ("caio", &self.caio),
            ("auditor", &self.auditor),
        ] {
            let secret = issue_key(self.installation, by_admin.clone(), person, None).await?;
            keys.insert(role.to_owned(), secret.to_string());
            persons.insert(role.to_owned(), person.to_string());
        }
        let models = [LOCAL_MODEL, CLOUD_MODEL, OPEN_MODEL].map(str::to_owned).to_vec();
        let accounts = BTreeMap::new();
        Ok(Demo { url: url.to_owned(), models, upstream_model: None, keys, persons, permits, accounts })
    }
}

fn plus_year(day: Date) -> anyhow::Result<Date> {
    day.checked_add(1.year()).context("a year from today")
}

fn service(id: &str, name: &str, form: ProvisionForm, model: &str, ismap: Option<&str>) -> anyhow::Result<Service> {
    let own = form == ProvisionForm::SelfOperated;
    Ok(Service {
        service: ServiceId::new(id)?,
        name: name.into(),
        provider: if own { "架空省".into() } else { "架空クラウド株式会社".into() },
        form,
        terms: (!own).then(|| Terms { url: format!("https://example.invalid/{id}/terms"), sha256: terms_hash(id) }),
        models: vec![Model {
            model: ModelId::new(model)?,
            upstream_model: "extractive".into(),
            generative: true,
            sub_service: None,
        }],
        region: "jp".into(),
        governing_law: "JP".into(),
        hosting_route: if own { "on-premises".into() } else { "internet".into() },
        ismap: ismap.map(str::to_owned),
        upstream: Upstream { wire: Wire::Extractive, base_url: String::new(), secret: None, api_version: None },
    })
}

fn terms_hash(service: &str) -> String {
    hash_of(&format!("{service} の架空の約款 第1版"))
}

async fn apply(
    installation: &Installation,
    applicant: Actor,
    service: &str,
    purpose: &str,
    ceiling: Grade,
    users: UserRange,
) -> anyhow::Result<ApplicationId> {
    let today = in_japan(installation.world.now());
    let id = ServiceId::new(service)?;
    let own =
        installation.journal.register()?.service(&id).is_some_and(|r| r.service.form == ProvisionForm::SelfOperated);
    let draft = Draft {
        services: BTreeSet::from([id.clone()]),
        purpose: purpose.into(),
        users,
        ceiling,
        from: today,
        until: plus_year(today)?,
        risk_statement: "約款を確認し、入力する情報の格付の範囲でリスクを許容できると判断した。".into(),
        terms_read: if own { BTreeMap::new() } else { BTreeMap::from([(id, terms_hash(service))]) },
        risk: Some(RiskSheet { users: 1, work: 1, learning: 0, judgement: 0 }),
        liu_work_listed_low: false,
    };
    let committed = give(installation, applicant, Command::SubmitApplication(draft), purpose, vec![]).await?;
    for entry in committed.entries {
        if let Event::ApplicationSubmitted(e) = entry.event {
            return Ok(e.application);
        }
    }
    bail!("no application came of it")
}

async fn approve(
    installation: &Installation,
    approver: &PersonId,
    manager: &PersonId,
    application: ApplicationId,
) -> anyhow::Result<PermitId> {
    let today = in_japan(installation.world.now());
    let command = Command::ApproveApplication(ApproveApplication {
        application,
        manager: manager.clone(),
        conditions: vec!["出力は職員が確認してから使うこと".into()],
        review_on: plus_year(today)?,
    });
    let reason = "業務と利用者の範囲、格付の上限が規程に合う";
    let committed = give(installation, Actor::Person(approver.clone()), command, reason, vec![]).await?;
    for entry in committed.entries {
        if let Event::ApplicationApproved(e) = entry.event {
            return Ok(e.permit);
        }
    }
    bail!("no permit came of it")
}

/// Registers an OpenAI-compatible server of one's own (Ollama, vLLM, llama.cpp) and a permit for it.
async fn register_upstream(
    installation: &Installation,
    demo: &mut Demo,
    base_url: &str,
    model: &str,
) -> anyhow::Result<()> {
    let person = |role: &str| -> anyhow::Result<PersonId> {
        Ok(PersonId::new(demo.persons.get(role).with_context(|| format!("`{role}` is missing in {FILE}"))?)?)
    };
    let (staff, approver, manager) = (person("staff")?, person("approver")?, person("manager")?);
    let id = ServiceId::new("kakuu-upstream")?;
    let mut upstream =
        service(id.as_str(), "自組織のモデルサーバー", ProvisionForm::SelfOperated, UPSTREAM_MODEL, None)?;
    upstream.upstream = Upstream { wire: Wire::OpenAi, base_url: base_url.to_owned(), secret: None, api_version: None };
    for entry in &mut upstream.models {
        entry.upstream_model = model.to_owned();
    }
    let by_manager = Actor::Person(manager.clone());
    let known = installation.journal.register()?.service(&id).map(|r| r.service.clone());
    match known {
        Some(known) if known == upstream => {}
        Some(_) => {
            give(installation, by_manager, Command::ChangeService(upstream), "接続先の変更", vec![]).await?;
            if let Some(permit) = demo.permits.get(UPSTREAM_MODEL) {
                // The change has suspended the permit, as it must; the approver looks again.
                let command = sekisho_domain::command::ReapprovePermit { permit: PermitId::new(permit)? };
                let command = Command::ReapprovePermit(command);
                give(installation, Actor::Person(approver), command, "変更内容を確認した", vec![]).await?;
            }
        }
        None => {
            give(installation, by_manager, Command::RegisterService(upstream), "自組織のサーバー", vec![]).await?;
            let users =
                UserRange { departments: BTreeSet::from([DepartmentId::new("kanbo")?]), ..UserRange::default() };
            let staff = Actor::Person(staff);
            let application = apply(installation, staff, id.as_str(), "自組織のモデルの利用", Grade(1), users).await?;
            let permit = approve(installation, &approver, &manager, application).await?;
            demo.permits.insert(UPSTREAM_MODEL.into(), permit.to_string());
            demo.models.push(UPSTREAM_MODEL.into());
        }
    }
    demo.upstream_model = Some(UPSTREAM_MODEL.into());
    Ok(())
}
