//! ISMAP in the demo: a fictional operator, two providers, two audit firms and the ministry as a procuring body, with people
//! and accounts, rule documents marked 要確認, and the fictional criteria.

use super::founding::{give, issue_key, join};
use super::{Demo, FILE};
use crate::installation::{Installation, write_whole};
use crate::ismap::documents;
use anyhow::Context as _;
use jiff::ToSpan as _;
use jiff::civil::Date;
use sekisho_domain::command::{Actor, Command, StepCriteria, StepParty, StepRuleDocument};
use sekisho_domain::day::in_japan;
use sekisho_domain::decision::Evidence;
use sekisho_domain::id::{CatalogueId, DepartmentId, OfferingId, PartyId, PersonId, RuleDocumentId};
use sekisho_domain::ismap::catalogue::{Catalogue, CriteriaStep};
use sekisho_domain::ismap::criterion::{Criterion, CriterionId};
use sekisho_domain::ismap::party::{PartyKind, PartyStep, SchemeRole};
use sekisho_domain::ismap::rule_document::RuleDocumentStep;
use sekisho_domain::organization::Department;
use sekisho_store::DirectoryChange;
use std::collections::BTreeMap;
use std::path::Path;

/// The fictional criteria, in words of ours.
const CRITERIA: &str = include_str!("../../ismap/criteria-example.csv");

/// Identifier, kind, name, 法人番号. The numbers keep the check digit and belong to nobody.
const PARTIES: [(&str, PartyKind, &str, &str); 6] = [
    ("unei", PartyKind::Operator, "架空評価制度 運営事務局", ""),
    ("kakuu-cloud", PartyKind::Csp, "架空クラウド株式会社", "8990000000001"),
    ("mihon-data", PartyKind::Csp, "見本データ株式会社", "7990000000002"),
    ("kakuu-kansa", PartyKind::AuditFirm, "架空監査法人", "6990000000003"),
    ("mihon-kansa", PartyKind::AuditFirm, "見本監査法人", "5990000000004"),
    ("kakuu-sho", PartyKind::ProcuringBody, "架空省", ""),
];

/// Name to sign in with, name, party, role.
const PEOPLE: [(&str, &str, &str, SchemeRole); 18] = [
    ("secretariat", "事務 一葉", "unei", SchemeRole::Secretariat),
    ("reception", "受理 二郎", "unei", SchemeRole::IpaReception),
    ("reviewer", "技審 三月", "unei", SchemeRole::IpaReviewer),
    ("member1", "委員 一子", "unei", SchemeRole::CommitteeMember),
    ("member2", "委員 二助", "unei", SchemeRole::CommitteeMember),
    ("member3", "委員 三代", "unei", SchemeRole::CommitteeMember),
    ("csp", "雲川 四季", "kakuu-cloud", SchemeRole::CspStaff),
    ("csp-head", "雲山 五郎", "kakuu-cloud", SchemeRole::CspHead),
    ("csp2", "見本 六実", "mihon-data", SchemeRole::CspStaff),
    ("csp2-head", "見本 七男", "mihon-data", SchemeRole::CspHead),
    ("audit-exec", "監理 八雲", "kakuu-kansa", SchemeRole::AuditExec),
    ("audit-lead", "監実 九太", "kakuu-kansa", SchemeRole::AuditLead),
    ("audit-member", "監員 十和", "kakuu-kansa", SchemeRole::AuditMember),
    ("audit2-exec", "検理 百恵", "mihon-kansa", SchemeRole::AuditExec),
    ("audit2-lead", "検実 千秋", "mihon-kansa", SchemeRole::AuditLead),
    ("audit2-member", "検員 万里", "mihon-kansa", SchemeRole::AuditMember),
    ("procurer", "調達 春香", "kakuu-sho", SchemeRole::Procurer),
    ("observer", "閲覧 夏生", "unei", SchemeRole::Observer),
];

/// What somebody of the scheme does in it, by the name they sign in with; `None` for people of the body.
pub(super) fn role_of(login: &str) -> Option<String> {
    let (.., party, role) = PEOPLE.iter().find(|(known, ..)| *known == login)?;
    let name = PARTIES.iter().find(|(id, ..)| id == party).map_or("", |(_, _, name, _)| name);
    Some(format!("{name} {}", role.label()))
}

/// Makes the scheme the first time; the second time it is there already.
pub async fn scheme(installation: &Installation, data: &Path, mut demo: Demo) -> anyhow::Result<Demo> {
    if demo.persons.contains_key("secretariat") {
        return Ok(demo);
    }
    let admin = PersonId::new(demo.persons.get("admin").with_context(|| format!("`admin` is missing in {FILE}"))?)?;
    let by = Actor::Person(admin);
    let department = DepartmentId::new("gaibu")?;
    let row =
        DirectoryChange::Department { department: department.clone(), name: "ISMAP 関係者（庁外）".into() };
    let command = Command::PlaceDepartment(Department { department: department.clone(), parent: None });
    give(installation, by.clone(), command, "", vec![row]).await?;
    for (party, kind, name, number) in PARTIES {
        let step = PartyStep::Enter { kind, name: name.into(), corporate_number: number.into() };
        let command = Command::StepParty(StepParty { party: PartyId::new(party)?, step });
        give(installation, by.clone(), command, "架空の当事者", vec![]).await?;
    }
    for (login, name, party, role) in PEOPLE {
        let person = join(installation, by.clone(), &department, name, ("", role.label())).await?;
        let step = PartyStep::Admit { person: person.clone(), role };
        let command = Command::StepParty(StepParty { party: PartyId::new(party)?, step });
        give(installation, by.clone(), command, "", vec![]).await?;
        let key = issue_key(installation, by.clone(), &person, None).await?;
        demo.keys.insert(login.into(), key.to_string());
        demo.persons.insert(login.into(), person.to_string());
    }
    let of = |login: &str| -> anyhow::Result<Actor> {
        Ok(Actor::Person(PersonId::new(demo.persons.get(login).context("someone of the demo")?)?))
    };
    for (login, party, offering, name) in [
        ("csp", "kakuu-cloud", "kakuu-cloud-ai", "架空クラウドAI基盤"),
        ("csp", "kakuu-cloud", "kakuu-storage", "架空クラウドストレージ"),
        ("csp2", "mihon-data", "mihon-sfa", "見本業務クラウド"),
    ] {
        let step = PartyStep::Offer { offering: OfferingId::new(offering)?, name: name.into() };
        give(installation, of(login)?, Command::StepParty(StepParty { party: PartyId::new(party)?, step }), "", vec![])
            .await?;
    }
    let today = in_japan(installation.world.now());
    let start = today.checked_sub(2.years()).context("two years ago")?;
    documents_of_rules(installation, of("secretariat")?, start).await?;
    criteria(installation, demo.persons.get("secretariat").context("the secretariat")?, start).await?;
    write_whole(&data.join(FILE), format!("{:#}\n", demo.to_json()).as_bytes())?;
    Ok(demo)
}

/// Titles alone: their texts are not shipped, and nobody here has compared them, so their evidence is K.
async fn documents_of_rules(installation: &Installation, by: Actor, start: Date) -> anyhow::Result<()> {
    for (id, title) in [
        ("kihon-kitei", "基本規程"),
        ("toroku-kisoku", "クラウドサービス登録規則"),
        ("liu-kisoku", "ISMAP-LIUクラウドサービス登録規則"),
        ("kansa-kisoku", "監査機関登録規則"),
    ] {
        let step = RuleDocumentStep::Record {
            title: title.into(),
            version: "見本の版".into(),
            effective_from: start,
            evidence: Evidence::K,
            sha256: String::new(),
            url: String::new(),
        };
        let command = Command::StepRuleDocument(StepRuleDocument { document: RuleDocumentId::new(id)?, step });
        give(installation, by.clone(), command, "架空の制度の規程類", vec![]).await?;
    }
    Ok(())
}

async fn criteria(installation: &Installation, secretariat: &str, start: Date) -> anyhow::Result<()> {
    let person = PersonId::new(secretariat)?;
    let catalogue = example()?;
    let bytes = serde_json::to_vec(&catalogue)?;
    let step = CriteriaStep::Adopt {
        title: "架空の管理基準".into(),
        version: "見本 第1版".into(),
        effective_from: start,
        sha256: documents::keep(installation, &person, &bytes).await?,
        counts: catalogue.counts(),
        fictional: true,
        rule: None,
    };
    let command = Command::StepCriteria(StepCriteria { catalogue: CatalogueId::new("mihon-1")?, step });
    give(installation, Actor::Person(person), command, "架空の管理基準", vec![]).await?;
    Ok(())
}

/// The fictional criteria. Columns: number, title of the chapter, text, provider, basic, group, cycle.
pub fn example() -> anyhow::Result<Catalogue> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(CRITERIA.trim_start_matches('\u{feff}').as_bytes());
    let (mut chapters, mut criteria) = (BTreeMap::new(), Vec::new());
    // The headings stand below a title.
    let below = reader.records().skip_while(|r| r.as_ref().is_ok_and(|r| r.get(0) != Some("項目番号"))).skip(1);
    for record in below {
        let record = record?;
        let cell = |at: usize| record.get(at).unwrap_or("").trim();
        let id: CriterionId = cell(0).parse()?;
        if !cell(1).is_empty() {
            chapters.insert(id.chapter(), cell(1).to_owned());
        }
        criteria.push(Criterion {
            id,
            raw_id: String::new(),
            text: cell(2).to_owned(),
            flag_provider: !cell(3).is_empty(),
            flag_basic: !cell(4).is_empty(),
            audit_group: cell(5).to_owned(),
            cycle_years: cell(6).parse().ok(),
        });
    }
    Catalogue::new(chapters, criteria)
        .map_err(|faults| anyhow::anyhow!(faults.iter().map(|f| f.ja()).collect::<Vec<_>>().join(" ")))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_fictional_criteria_are_a_catalogue_with_every_kind_of_item() {
        let catalogue = super::example().unwrap();
        let counts = catalogue.counts();
        assert!(counts.objectives > 1 && counts.details > counts.objectives, "{counts:?}");
        assert!(counts.basic > 0 && counts.provider > 0, "{counts:?}");
    }
}
