//! How long the desk's pages take in a large body: 180,000 persons, 2,000 departments, 200 services, 10,000 applications.
//! Minutes long, so only on demand, and worth something with optimisation alone:
//! `cargo nextest run --release -p sekisho --test http --run-ignored only -E 'test(desk_speed)' --no-capture`.

use crate::browser::Browser;
use crate::house::House;
use sekisho_domain::command::{Actor, ApproveApplication, Command, JoinPerson, Occasion};
use sekisho_domain::grade::Grade;
use sekisho_domain::id::{ApplicationId, DepartmentId, ModelId, PersonId, ServiceId};
use sekisho_domain::organization::Department;
use sekisho_domain::permit::{Draft, RiskSheet, UserRange};
use sekisho_domain::service::{Model, ProvisionForm, Service, Upstream, Wire};
use sekisho_store::DirectoryChange;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

const DEPARTMENTS: usize = 2_000;
const PERSONS: usize = 180_000;
const SERVICES: usize = 200;
const APPLICATIONS: usize = 10_000;
/// Commands on the way at once.
const AT_ONCE: usize = 512;

fn id<T: std::str::FromStr<Err = sekisho_domain::id::BadId>>(text: String) -> T {
    text.parse().unwrap()
}

/// Gives many commands; the writer takes them in groups.
fn give_all(house: &House, all: impl Iterator<Item = (PersonId, String, Command, Vec<DirectoryChange>)>) {
    let app = house.installation();
    let mut all = all.peekable();
    while all.peek().is_some() {
        let journal = app.journal.clone();
        let group: Vec<_> = all.by_ref().take(AT_ONCE).collect();
        let at = app.world.now();
        house.block_on(async move {
            let mut waiting = tokio::task::JoinSet::new();
            for (actor, fresh, command, directory) in group {
                let journal = journal.clone();
                let occasion =
                    Occasion { actor: Actor::Person(actor), at, reason: "試験".into(), documents: vec![], fresh };
                waiting.spawn(async move { journal.govern(occasion, command, directory).await.unwrap().unwrap() });
            }
            waiting.join_all().await;
        });
    }
}

fn filled() -> House {
    let house = House::with_accounts();
    let person = |role: &str| id::<PersonId>(house.person(role).to_owned());
    let (admin, manager, approver) = (person("admin"), person("manager"), person("approver"));
    give_all(
        &house,
        (0..DEPARTMENTS).map(|n| {
            let department: DepartmentId = id(format!("d{n}"));
            let parent = (n >= 50).then(|| id(format!("d{}", n / 40)));
            let row = DirectoryChange::Department { department: department.clone(), name: format!("架空第{n}課") };
            (admin.clone(), format!("d{n}"), Command::PlaceDepartment(Department { department, parent }), vec![row])
        }),
    );
    give_all(
        &house,
        (0..PERSONS).map(|n| {
            let person: PersonId = id(format!("p-{n}"));
            let command = JoinPerson {
                person: person.clone(),
                department: id(format!("d{}", n % DEPARTMENTS)),
                post: ["kakariin", "kakaricho", "kacho"][n % 3].into(),
            };
            let name = format!("架空 {n}郎");
            let row = DirectoryChange::Person { person, name, mail: String::new(), post: "係員".into() };
            (admin.clone(), format!("p{n}"), Command::JoinPerson(command), vec![row])
        }),
    );
    give_all(
        &house,
        (0..SERVICES).map(|n| {
            let service = Service {
                service: id(format!("s{n}")),
                name: format!("架空サービス{n}"),
                provider: "架空株式会社".into(),
                form: ProvisionForm::SelfOperated,
                terms: None,
                models: vec![Model {
                    model: ModelId::new(format!("m{n}")).unwrap(),
                    upstream_model: "x".into(),
                    generative: true,
                    sub_service: None,
                }],
                region: "jp".into(),
                governing_law: "JP".into(),
                hosting_route: "on-premises".into(),
                ismap: None,
                upstream: Upstream { wire: Wire::Extractive, base_url: String::new(), secret: None, api_version: None },
            };
            (manager.clone(), format!("s{n}"), Command::RegisterService(service), vec![])
        }),
    );
    let (from, until) = (house.today(), house.in_a_year());
    give_all(
        &house,
        (0..APPLICATIONS).map(|n| {
            let draft = Draft {
                services: BTreeSet::from([id::<ServiceId>(format!("s{}", n % SERVICES))]),
                purpose: format!("架空の業務その{n}の文書の作成"),
                users: UserRange {
                    departments: BTreeSet::from([id(format!("d{}", n % DEPARTMENTS))]),
                    ..UserRange::default()
                },
                ceiling: Grade(1),
                from,
                until,
                risk_statement: "確かめた。".into(),
                terms_read: BTreeMap::new(),
                risk: Some(RiskSheet { users: 1, work: 1, learning: 0, judgement: 0 }),
                liu_work_listed_low: false,
            };
            // One person has handed in a hundred of them.
            let applicant = if n < 100 { person("staff") } else { id(format!("p-{n}")) };
            (applicant, format!("a{n}"), Command::SubmitApplication(draft), vec![])
        }),
    );
    give_all(
        &house,
        (0..APPLICATIONS).filter(|n| n % 3 != 0).map(|n| {
            let command = ApproveApplication {
                application: id::<ApplicationId>(format!("ap-a{n}")),
                manager: manager.clone(),
                conditions: vec!["確かめて使う".into()],
                review_on: until,
            };
            (approver.clone(), format!("a{n}"), Command::ApproveApplication(command), vec![])
        }),
    );
    house
}

#[test]
#[ignore = "minutes long; with --release it shows how fast the pages are"]
fn a_page_of_a_large_body_comes_at_once() {
    let begun = Instant::now();
    let house = filled();
    println!("filled in {:?}", begun.elapsed());
    let mut slow = Vec::new();
    for (who, paths) in [
        (
            "staff",
            &[
                "/me",
                "/applications",
                "/applications/ap-a1",
                "/apply",
                "/permits",
                "/permits/pm-a1",
                "/services",
                "/notices",
            ][..],
        ),
        (
            "approver",
            &[
                "/review",
                "/review?show=all&sort=purpose&page=40",
                "/review/ap-a0",
                "/review/ap-a1",
                "/permits?q=%E6%A5%AD%E5%8B%99",
                "/notices/new",
            ][..],
        ),
        ("manager", &["/inventory", "/services/s1", "/services/s1/change"][..]),
    ] {
        let mut browser = Browser::signed_in(&house, who);
        for path in paths {
            let mut took: Vec<Duration> = Vec::new();
            let mut bytes = 0;
            for _ in 0..21 {
                let begun = Instant::now();
                let reply = browser.get(path);
                took.push(begun.elapsed());
                assert_eq!(reply.status, 200, "{path}");
                bytes = reply.body.len();
            }
            took.sort();
            println!("{who:9} {path:45} median {:>9.3?} worst {:>9.3?} {bytes} bytes", took[10], took[20]);
            if bytes > 100_000 || (!cfg!(debug_assertions) && took[10] > Duration::from_millis(20)) {
                slow.push(*path);
            }
        }
    }
    assert!(slow.is_empty(), "too slow or too large: {slow:?}");
}
