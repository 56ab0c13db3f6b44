//! A large body for `bench/pages`: the demo's ministry with many more people, services, applications, permits and uses
//! than a town hall will see. Everything but the uses goes through the same commands as in real use.
//!
//! `cargo run --release --example fill -- DIR PERSONS SERVICES APPLICATIONS`

use anyhow::{Context as _, bail};
use futures_util::StreamExt as _;
use futures_util::stream;
use jiff::ToSpan as _;
use sekisho::config::Config;
use sekisho::demo;
use sekisho::installation::{Installation, fresh_pseudonym};
use sekisho_domain::command::{
    Actor, ApproveApplication, Command, JoinPerson, Occasion, RefuseApplication, ReturnApplication,
};
use sekisho_domain::day::in_japan;
use sekisho_domain::event::Event;
use sekisho_domain::grade::Grade;
use sekisho_domain::id::{DepartmentId, ModelId, PersonId, ServiceId};
use sekisho_domain::organization::Department;
use sekisho_domain::permit::{Draft, UserRange};
use sekisho_domain::service::{Model, ProvisionForm, Service, Upstream, Wire};
use sekisho_store::{Committed, DirectoryChange, Synchronous};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Commands waiting at once, so that many share one write to the disk.
const AT_ONCE: usize = 512;
const DEPARTMENTS: usize = 400;

async fn give(
    app: &Installation,
    actor: &PersonId,
    command: Command,
    directory: Vec<DirectoryChange>,
) -> anyhow::Result<Committed> {
    let occasion = Occasion {
        actor: Actor::Person(actor.clone()),
        at: app.world.now(),
        reason: "架空の大きな機関を作る".into(),
        documents: Vec::new(),
        fresh: app.world.fresh(),
    };
    match app.journal.govern(occasion, command, directory).await? {
        Ok(committed) => Ok(committed),
        Err(refusal) => bail!("{}", refusal.en),
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().context("fill DIR PERSONS SERVICES APPLICATIONS");
    let data = PathBuf::from(next()?);
    let (persons, services, applications): (usize, usize, usize) =
        (next()?.parse()?, next()?.parse()?, next()?.parse()?);
    std::fs::create_dir_all(&data)?;
    let app = Installation::open(Config::for_data(&data)?, Synchronous::Full).await?;
    let demo = demo::prepare(&app, &data, "http://127.0.0.1:0", None).await?;
    let demo = demo::accounts(&app, &data, demo).await?;
    let who = |role: &str| PersonId::new(demo.persons.get(role).map_or("", String::as_str));
    let (admin, manager, approver) = (who("admin")?, who("manager")?, who("approver")?);
    let department = |n: usize| DepartmentId::new(format!("ka{:03}", n % DEPARTMENTS));
    for n in 0..DEPARTMENTS {
        let id = department(n)?;
        let row = DirectoryChange::Department { department: id.clone(), name: format!("架空第{n}課") };
        let command =
            Command::PlaceDepartment(Department { department: id, parent: Some(DepartmentId::new("kanbo")?) });
        give(&app, &admin, command, vec![row]).await?;
    }
    let join = async |n: usize| -> anyhow::Result<PersonId> {
        let person = PersonId::new(fresh_pseudonym(&*app.world))?;
        let row = DirectoryChange::Person {
            person: person.clone(),
            name: format!("架空 {n}郎"),
            mail: format!("kakuu{n}@example.go.jp"),
            post: "係員".into(),
        };
        let command = Command::JoinPerson(JoinPerson {
            person: person.clone(),
            department: department(n)?,
            post: "kakariin".into(),
        });
        give(&app, &admin, command, vec![row]).await?;
        Ok(person)
    };
    let joined: Vec<anyhow::Result<PersonId>> =
        stream::iter(0..persons).map(join).buffer_unordered(AT_ONCE).collect().await;
    let joined = joined.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
    for n in 0..services {
        let service = Service {
            service: ServiceId::new(format!("kakuu-{n:03}"))?,
            name: format!("架空モデル{n}"),
            provider: "架空省".into(),
            form: ProvisionForm::SelfOperated,
            terms: None,
            models: vec![Model {
                model: ModelId::new(format!("kakuu-model-{n:03}"))?,
                upstream_model: "extractive".into(),
                generative: true,
                sub_service: None,
            }],
            region: "jp".into(),
            governing_law: "JP".into(),
            hosting_route: "on-premises".into(),
            ismap: None,
            upstream: Upstream { wire: Wire::Extractive, base_url: String::new(), secret: None, api_version: None },
        };
        give(&app, &manager, Command::RegisterService(service), vec![]).await?;
    }
    let today = in_japan(app.world.now());
    let (joined, approver, manager) = (&joined, &approver, &manager);
    let apply = async |n: usize| -> anyhow::Result<()> {
        let applicant = joined.get(n % joined.len().max(1)).context("nobody to apply")?;
        let draft = Draft {
            services: BTreeSet::from([ServiceId::new(format!("kakuu-{:03}", n % services.max(1)))?]),
            purpose: format!("架空の業務 その{n}"),
            users: UserRange { departments: BTreeSet::from([department(n)?]), ..UserRange::default() },
            ceiling: Grade(1),
            from: today,
            until: today.checked_add(1.year())?,
            risk_statement: "省内のモデルで、外へ出ない。".into(),
            terms_read: BTreeMap::new(),
            risk: None,
            liu_work_listed_low: false,
        };
        let committed = give(&app, applicant, Command::SubmitApplication(draft), vec![]).await?;
        let id = committed.entries.into_iter().find_map(|entry| match entry.event {
            Event::ApplicationSubmitted(e) => Some(e.application),
            _ => None,
        });
        let application = id.context("no application came of it")?;
        let command = match n % 10 {
            0..=6 => Command::ApproveApplication(ApproveApplication {
                application,
                manager: manager.clone(),
                conditions: vec!["出力は職員が確認してから使うこと".into()],
                review_on: today.checked_add(6.months())?,
            }),
            7 => Command::RefuseApplication(RefuseApplication { application }),
            8 => Command::ReturnApplication(ReturnApplication { application }),
            _ => return Ok(()),
        };
        give(&app, approver, command, vec![]).await.map(drop)
    };
    let applied: Vec<anyhow::Result<()>> =
        stream::iter(0..applications).map(apply).buffer_unordered(AT_ONCE).collect().await;
    applied.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
    app.journal.checkpoint().await?;
    app.close().await;
    Ok(())
}
