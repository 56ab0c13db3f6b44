//! DS-920 in the demo: a use whose risk waits for the CAIO, a リスクケース that was taken up, and a check sheet begun.

use super::founding::give;
use super::{Demo, FILE, apply_with};
use crate::checklist::{Filled, PAPER, builtin, bytes};
use crate::installation::Installation;
use anyhow::Context as _;
use bytes::Bytes;
use sekisho_domain::command::{Actor, Command, StepRiskCase};
use sekisho_domain::day::in_japan;
use sekisho_domain::ds920::checklist::{Answer, Answers, Given, SetKind};
use sekisho_domain::ds920::risk_case::{CaseKind, CaseStep};
use sekisho_domain::ds920::risk_table::RiskLevel;
use sekisho_domain::event::Event;
use sekisho_domain::grade::Grade;
use sekisho_domain::id::{DepartmentId, PersonId, ServiceId};
use sekisho_domain::permit::{RiskSheet, UserRange};
use sekisho_store::{Body, PaperRow, RANDOM_BYTES};
use std::collections::BTreeSet;

/// Makes the examples the first time; the second time they are there already.
pub async fn ds920(installation: &Installation, demo: &Demo) -> anyhow::Result<()> {
    if installation.journal.register()?.ds920().cases().next().is_some() {
        return Ok(());
    }
    let person = |role: &str| -> anyhow::Result<PersonId> {
        Ok(PersonId::new(demo.persons.get(role).with_context(|| format!("`{role}` is missing in {FILE}"))?)?)
    };
    let (staff, applicant, manager) = (person("staff")?, person("applicant")?, person("manager")?);
    let users = UserRange { departments: BTreeSet::from([DepartmentId::new("shinsa")?]), ..UserRange::default() };
    let sheet = RiskSheet { users: 3, work: 2, learning: 1, judgement: 2 };
    let purpose = "住民からの問合せへの自動応答の試行";
    let by = Actor::Person(applicant);
    apply_with(installation, by, "kakuu-cloud", (purpose, sheet), Grade(1), users).await?;
    case(installation, &staff, &manager).await?;
    sheet_begun(installation, &staff).await
}

async fn case(installation: &Installation, staff: &PersonId, manager: &PersonId) -> anyhow::Result<()> {
    let step = CaseStep::Report {
        kind: CaseKind::WrongAnswer,
        known_at: installation.world.now(),
        summary: "要約した会議資料に、元の資料にない日付が入っていた。配る前に気付いた。".into(),
        impact: "架空の会議の出席者。外には出していない。".into(),
        service: Some(ServiceId::new("kakuu-cloud")?),
        uses: BTreeSet::new(),
    };
    let command = Command::StepRiskCase(StepRiskCase { case: None, step });
    let committed = give(installation, Actor::Person(staff.clone()), command, "", vec![]).await?;
    let begun = committed.entries.iter().find_map(|entry| match &entry.event {
        Event::RiskCaseStepped(e) => Some(e.case.clone()),
        _ => None,
    });
    let step = CaseStep::Receive {
        note: "資料を差し替え、同じ設定で作った資料を確かめることにした。".into()
    };
    let command = Command::StepRiskCase(StepRiskCase { case: begun, step });
    give(installation, Actor::Person(manager.clone()), command, "", vec![]).await.map(drop)
}

/// A sheet with its first answers.
async fn sheet_begun(installation: &Installation, staff: &PersonId) -> anyhow::Result<()> {
    let set = builtin(SetKind::Procurement)?;
    let now = installation.world.now();
    let answers: Answers = set
        .questions
        .iter()
        .take(3)
        .map(|question| {
            let given = Given {
                answer: Some(Answer::Met),
                reason: String::new(),
                evidence: "架空の仕様書案 2章".into(),
                assessor: staff.clone(),
                on: in_japan(now),
                requirement: question.requirement.clone(),
            };
            (question.id.clone(), given)
        })
        .collect();
    let service = ServiceId::new("kakuu-cloud")?;
    let filled = Filled { set, service, application: None, level: RiskLevel::Low, answers };
    let row = PaperRow {
        kind: PAPER.to_owned(),
        id: "cs-mihon".to_owned(),
        owner: staff.clone(),
        personal: false,
        version: 1,
        created_at: now,
        changed_at: now,
    };
    let mut random = [0; RANDOM_BYTES];
    installation.world.random(&mut random);
    installation.journal.keep_paper(row, &Body::new(Bytes::from(bytes(&filled)?), &random)).await?;
    Ok(())
}
