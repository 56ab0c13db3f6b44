//! A large scheme for `bench/pages`: many providers with many services over several years, each year with a statement over
//! many criteria, an audit, an application and a decision. Everything goes through the same commands as in real use; the
//! statements of one year have one content, which is kept once.
//!
//! `cargo run --release --example fill_ismap -- DIR CRITERIA SERVICES YEARS`

use anyhow::{Context as _, bail};
use bytes::Bytes;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use sekisho::config::Config;
use sekisho::demo;
use sekisho::installation::Installation;
use sekisho_domain::command::*;
use sekisho_domain::day::begin_in_japan;
use sekisho_domain::id::{CatalogueId, EngagementId, FilingId, MeetingId, OfferingId, PartyId, PersonId, StatementId};
use sekisho_domain::ismap::catalogue::{Catalogue, CriteriaStep};
use sekisho_domain::ismap::committee::{AgendaItem, MeetingStep, Outcome, PublicPart, Votes};
use sekisho_domain::ismap::criterion::{Criterion, Level};
use sekisho_domain::ismap::engagement::{
    AuditFile, Conclusion, EngagementKind, EngagementStep, Evaluation, Reported, Scope,
};
use sekisho_domain::ismap::filing::{Disclosures, FilingForm, FilingKind, FilingStep, Pledge};
use sekisho_domain::ismap::firm::{FirmForm, FirmRequirement, FirmStep, Ground};
use sekisho_domain::ismap::party::PartyStep;
use sekisho_domain::ismap::rule_document::{Citation, RuleDocumentStep};
use sekisho_domain::ismap::statement::{Answer, Decision, ServiceProfile, StatementContent, StatementStep, Validated};
use sekisho_domain::ismap::{Scheme, last_day};
use sekisho_store::{Body, PaperRow, RANDOM_BYTES, Synchronous};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Someone of the demo, by the name they sign in with.
struct Filling {
    app: Installation,
    people: BTreeMap<String, String>,
}

/// Noon in Japan.
fn noon(day: Date) -> anyhow::Result<Timestamp> {
    Ok(begin_in_japan(day).context("no such day")?.checked_add(SignedDuration::from_hours(12))?)
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Filling {
    fn person(&self, who: &str) -> anyhow::Result<PersonId> {
        Ok(PersonId::new(self.people.get(who).with_context(|| who.to_owned())?)?)
    }

    async fn give(&self, who: &str, on: Date, command: Command) -> anyhow::Result<()> {
        let occasion = Occasion {
            actor: Actor::Person(self.person(who)?),
            at: noon(on)?,
            reason: "架空の大きな制度を作る".into(),
            documents: Vec::new(),
            fresh: self.app.world.fresh(),
        };
        let told = format!("{} {on}", command.name());
        match self.app.journal.govern(occasion, command, vec![]).await? {
            Ok(_) => Ok(()),
            Err(refusal) => bail!("{told}: {}", refusal.en),
        }
    }

    /// Keeps a content as the program keeps it.
    async fn keep(&self, bytes: &[u8]) -> anyhow::Result<String> {
        let name = sha256(bytes);
        let row = PaperRow {
            kind: "document".into(),
            id: name.clone(),
            owner: self.person("secretariat")?,
            personal: false,
            version: 1,
            created_at: self.app.world.now(),
            changed_at: self.app.world.now(),
        };
        let mut random = [0; RANDOM_BYTES];
        self.app.world.random(&mut random);
        self.app.journal.keep_paper(row, &Body::new(Bytes::copy_from_slice(bytes), &random)).await?;
        Ok(name)
    }

    /// A new version of the criteria for a year: as many items as asked, one of eight an objective.
    async fn criteria(&self, year: usize, items: usize, from: Date) -> anyhow::Result<(CatalogueId, Catalogue)> {
        let mut criteria = Vec::with_capacity(items);
        for n in 0..items {
            let (objective, detail) = (n / 8, n % 8);
            let chapter = 3 + objective % 16;
            let (section, place) = (1 + objective / 16 % 9, 1 + objective / 144);
            let number = match detail {
                0 => format!("{chapter}.{section}.{place}"),
                _ => format!("{chapter}.{section}.{place}.{detail}"),
            };
            criteria.push(Criterion {
                id: number.parse()?,
                raw_id: String::new(),
                text: format!(
                    "架空の項目 {number}。預かる情報を、決めた手順で守り、その記録を残す（{year} 年目の版）。"
                ),
                flag_provider: detail == 3,
                flag_basic: detail == 2,
                audit_group: ["A", "B", "C"].get(n % 3).copied().unwrap_or("A").into(),
                cycle_years: Some(1 + u8::try_from(n % 3)?),
            });
        }
        let chapters = (3..19).map(|n| (n, format!("架空の章 {n}"))).collect();
        let catalogue = Catalogue::new(chapters, criteria).map_err(|faults| anyhow::anyhow!("{faults:?}"))?;
        let id = CatalogueId::new(format!("ookii-{year}"))?;
        let step = CriteriaStep::Adopt {
            title: "架空の大きな管理基準".into(),
            version: format!("第{}版", year + 1),
            effective_from: from,
            sha256: self.keep(&serde_json::to_vec(&catalogue)?).await?,
            counts: catalogue.counts(),
            fictional: true,
            rule: None,
        };
        self.give("secretariat", from, Command::StepCriteria(StepCriteria { catalogue: id.clone(), step })).await?;
        Ok((id, catalogue))
    }

    async fn meeting(&self, meeting: &MeetingId, on: Date, step: MeetingStep) -> anyhow::Result<()> {
        let rule = Some(Citation { document: "fill-kisoku".parse()?, article: "5".into() });
        let public = None;
        let command = StepMeeting { meeting: meeting.clone(), on: None, rule, public, step };
        self.give("secretariat", on, Command::StepMeeting(command)).await
    }

    async fn opened(&self, name: &str, on: Date) -> anyhow::Result<MeetingId> {
        let meeting = MeetingId::new(name)?;
        self.meeting(&meeting, on, MeetingStep::Convene { day: on, quorum: 2 }).await?;
        Ok(meeting)
    }

    async fn present(&self, meeting: &MeetingId, on: Date) -> anyhow::Result<()> {
        let present =
            ["member1", "member2", "member3"].iter().map(|who| self.person(who)).collect::<anyhow::Result<_>>()?;
        self.meeting(meeting, on, MeetingStep::Open { present }).await
    }

    async fn firm(&self, on: Date) -> anyhow::Result<()> {
        let firm = PartyId::new("kakuu-kansa")?;
        let form = FirmForm {
            grounds: FirmRequirement::ALL
                .iter()
                .map(|r| (*r, Ground { note: "架空の説明".into(), sha256: String::new() }))
                .collect(),
            exec: self.person("audit-exec")?,
            lead: self.person("audit-lead")?,
            team: ["audit-exec", "audit-lead", "audit-member"]
                .iter()
                .map(|who| self.person(who))
                .collect::<anyhow::Result<_>>()?,
            exception: String::new(),
        };
        let meeting = self.opened("fill-firm", on).await?;
        for (who, step) in [
            ("audit-exec", FirmStep::Draft { form }),
            ("audit-exec", FirmStep::Submit),
            ("reception", FirmStep::Screen),
            ("secretariat", FirmStep::Docket { meeting: meeting.clone() }),
        ] {
            self.give(who, on, Command::StepFirm(StepFirm { firm: firm.clone(), on: None, rule: None, step })).await?;
        }
        self.present(&meeting, on).await?;
        let (item, outcome) = (AgendaItem::Firm { firm }, Outcome::Register { number: None });
        self.meeting(
            &meeting,
            on,
            MeetingStep::Decide { item, outcome, votes: Votes { approve: 3, against: 0, abstain: 0 } },
        )
        .await
    }
}

fn content(catalogue: &CatalogueId, items: &Catalogue, from: Date, to: Date) -> StatementContent {
    let answer = |c: &Criterion| Answer {
        decision: Some(Decision::Adopted),
        control: format!("{} について、手順書に従い月ごとに確かめ、責任者が承認して記録を一年残す。", c.id),
        ..Answer::default()
    };
    StatementContent {
        catalogue: catalogue.clone(),
        from,
        to,
        service: ServiceProfile {
            service_name: "架空の大きなサービス".into(),
            scope: "国内の二つの拠点で提供する部分".into(),
            regions: BTreeSet::from(["jp-east".into(), "jp-west".into()]),
            service_models: BTreeSet::from(["SaaS".into()]),
            generative_ai: true,
            ai_information: "自社で運用する架空のモデル".into(),
            ..ServiceProfile::default()
        },
        answers: items.criteria.iter().map(|c| (c.id, answer(c))).collect(),
    }
}

fn audit(statement_sha256: &str, items: &Catalogue) -> AuditFile {
    let evaluation = Evaluation {
        design: Some(Conclusion::Effective),
        operating: Some(Conclusion::Effective),
        note: "手順書と記録を見た。".into(),
        ..Evaluation::default()
    };
    let details = || items.criteria.iter().filter(|c| c.id.level() == Level::Detail);
    AuditFile {
        statement_sha256: statement_sha256.to_owned(),
        scope: details().map(|c| (c.id, Scope { design: true, operating: true })).collect(),
        evaluations: details().map(|c| (c.id, evaluation.clone())).collect(),
        opinion: "言明のとおりである。".into(),
        ..AuditFile::default()
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().context("fill_ismap DIR CRITERIA SERVICES YEARS");
    let data = PathBuf::from(next()?);
    let (items, services, years): (usize, usize, usize) = (next()?.parse()?, next()?.parse()?, next()?.parse()?);
    std::fs::create_dir_all(&data)?;
    let app = Installation::open(Config::for_data(&data)?, Synchronous::Full).await?;
    let demo = demo::prepare(&app, &data, "http://127.0.0.1:0", None).await?;
    let demo = demo::scheme(&app, &data, demo).await?;
    let demo = demo::accounts(&app, &data, demo).await?;
    let today = sekisho_domain::day::in_japan(app.world.now());
    let filling = Filling { app, people: demo.persons.clone() };
    let provider = PartyId::new("kakuu-cloud")?;
    let start = today.checked_sub(i64::try_from(years)?.years())?.checked_sub(2.years())?;
    let step = RuleDocumentStep::Record {
        title: "架空の登録規則".into(),
        version: "第1版".into(),
        effective_from: start,
        evidence: sekisho_domain::decision::Evidence::K,
        sha256: String::new(),
        url: String::new(),
    };
    let document = "fill-kisoku".parse()?;
    filling.give("secretariat", start, Command::StepRuleDocument(StepRuleDocument { document, step })).await?;
    filling.firm(start).await?;
    for n in 0..services {
        let step = PartyStep::Offer {
            offering: OfferingId::new(format!("sv-{n:03}"))?,
            name: format!("架空サービス {n:03}"),
        };
        filling.give("csp", start, Command::StepParty(StepParty { party: provider.clone(), step })).await?;
    }
    for year in 0..years {
        let from = start.checked_add(i64::try_from(year)?.years())?.tomorrow()?;
        let to = last_day(from, 12).context("a year")?;
        let (id, catalogue) = filling.criteria(year, items, from).await?;
        let stated = content(&id, &catalogue, from, to);
        let (validated, bytes) =
            Validated::new(&id, &catalogue, &stated).map_err(|v| anyhow::anyhow!("{:?}", v.problems.first()))?;
        filling.keep(&bytes).await?;
        let file = audit(validated.sha256(), &catalogue);
        let (reported, bytes) =
            Reported::new(&catalogue, &stated, &file).map_err(|f| anyhow::anyhow!("{:?}", f.first()))?;
        filling.keep(&bytes).await?;
        let public = PublicPart::of(&catalogue, &stated);
        let after = |days: i64| to.checked_add(days.days());
        if year % 2 == 0 {
            // The firm's term is two years: it asks for the next in time.
            renew_firm(&filling, year, after(5)?).await?;
        }
        let meeting = filling.opened(&format!("fill-{year}"), after(40)?).await?;
        for n in 0..services {
            let (statement, engagement, filing) = (
                StatementId::new(format!("st-{n:03}-{year}"))?,
                EngagementId::new(format!("en-{n:03}-{year}"))?,
                FilingId::new(format!("fi-{n:03}-{year}"))?,
            );
            let offering = OfferingId::new(format!("sv-{n:03}"))?;
            let number = format!("OOKII-{n:04}");
            let previous = year.checked_sub(1).map(|y| StatementId::new(format!("st-{n:03}-{y}"))).transpose()?;
            let stated = |step| Command::StepStatement(StepStatement { statement: statement.clone(), step });
            let audited = |step| {
                Command::StepEngagement(StepEngagement { engagement: engagement.clone(), on: None, rule: None, step })
            };
            let filed = |step| Command::StepFiling(StepFiling { filing: filing.clone(), on: None, rule: None, step });
            let draft = StatementStep::Draft {
                party: provider.clone(),
                offering: offering.clone(),
                catalogue: id.clone(),
                from,
                to,
                previous,
                changes_signed: false,
            };
            filling.give("csp", after(1)?, stated(draft)).await?;
            filling.give("csp", after(1)?, stated(StatementStep::Validate { content: validated.clone() })).await?;
            let sha256 = validated.sha256().to_owned();
            filling.give("csp-head", after(2)?, stated(StatementStep::Sign { sha256 })).await?;
            let kind = if year == 0 { EngagementKind::Initial } else { EngagementKind::Renewal };
            let firm = PartyId::new("kakuu-kansa")?;
            let sign = EngagementStep::SignOff { sha256: reported.sha256().to_owned() };
            let plan =
                EngagementStep::Plan { counts: reported.counts(), sha256: reported.sha256().to_owned(), isms: None };
            for (who, days, step) in [
                ("csp", 3, EngagementStep::Propose { firm, statement: statement.clone(), kind }),
                (
                    "audit-exec",
                    6,
                    EngagementStep::CheckIndependence { capital_ties: String::new(), officer_ties: String::new() },
                ),
                ("audit-exec", 7, EngagementStep::Contract),
                ("audit-lead", 8, plan),
                ("audit-lead", 9, EngagementStep::Start),
                ("audit-lead", 20, sign.clone()),
                ("audit-exec", 20, sign),
                ("audit-exec", 20, EngagementStep::Report { content: reported.clone() }),
            ] {
                filling.give(who, after(days)?, audited(step)).await?;
            }
            let kind = if year == 0 { FilingKind::New } else { FilingKind::Renewal { number: number.clone() } };
            let form = FilingForm {
                kind,
                scheme: Scheme::Ismap,
                party: provider.clone(),
                offering,
                statement,
                engagement: engagement.clone(),
                preliminary: None,
                internal_audit_sha256: String::new(),
                disclosures: Disclosures {
                    capital_and_officers: "特になし".into(),
                    foreign_law_risk: "特になし".into(),
                    governing_law: "日本法".into(),
                    jurisdiction: "東京地方裁判所".into(),
                    tests: "第三者が年に一度行う".into(),
                },
                pledges: Pledge::ALL.into_iter().collect(),
            };
            for (who, days, step) in [
                ("csp", 21, FilingStep::Draft { form: Box::new(form) }),
                ("csp", 22, FilingStep::File),
                ("reception", 23, FilingStep::CheckAcceptance),
                ("reception", 24, FilingStep::Accept),
                ("reviewer", 25, FilingStep::StartReview),
                ("reviewer", 30, FilingStep::Review { basic_met: true, opinion: "満たす".into() }),
                ("secretariat", 35, FilingStep::Docket { meeting: meeting.clone() }),
            ] {
                filling.give(who, after(days)?, filed(step)).await?;
            }
        }
        filling.present(&meeting, after(40)?).await?;
        for n in 0..services {
            let filing = FilingId::new(format!("fi-{n:03}-{year}"))?;
            let number = (year == 0).then(|| format!("OOKII-{n:04}"));
            let command = StepMeeting {
                meeting: meeting.clone(),
                on: None,
                rule: Some(Citation { document: "fill-kisoku".parse()?, article: "5".into() }),
                public: Some(public.clone()),
                step: MeetingStep::Decide {
                    item: AgendaItem::Filing { filing },
                    outcome: Outcome::Register { number },
                    votes: Votes { approve: 3, against: 0, abstain: 0 },
                },
            };
            filling.give("secretariat", after(40)?, Command::StepMeeting(command)).await?;
        }
        eprintln!("{year}: {to}");
    }
    filling.app.journal.checkpoint().await?;
    filling.app.close().await;
    Ok(())
}

async fn renew_firm(filling: &Filling, year: usize, on: Date) -> anyhow::Result<()> {
    let firm = PartyId::new("kakuu-kansa")?;
    let register = filling.app.journal.register()?;
    let form = register.scheme().firms.now(&firm).and_then(|f| f.form.clone()).context("a registered firm")?;
    let meeting = filling.opened(&format!("fill-firm-{year}"), on).await?;
    for (who, step) in [
        ("audit-exec", FirmStep::FileRenewal { form }),
        ("reception", FirmStep::Screen),
        ("secretariat", FirmStep::Docket { meeting: meeting.clone() }),
    ] {
        filling.give(who, on, Command::StepFirm(StepFirm { firm: firm.clone(), on: None, rule: None, step })).await?;
    }
    filling.present(&meeting, on).await?;
    let (item, outcome) = (AgendaItem::Firm { firm }, Outcome::Register { number: None });
    filling
        .meeting(
            &meeting,
            on,
            MeetingStep::Decide { item, outcome, votes: Votes { approve: 3, against: 0, abstain: 0 } },
        )
        .await
}
