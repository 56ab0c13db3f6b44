//! A fictional catalogue, statement, audit and crosswalk, in our own words.

use jiff::Timestamp;
use jiff::civil::{Date, date};
use sekisho_domain::id::{CatalogueId, EngagementId, PartyId, PersonId, StatementId};
use sekisho_domain::ismap::catalogue::{Catalogue, Crosswalk, CrosswalkLine, Relation};
use sekisho_domain::ismap::criterion::{Criterion, CriterionId};
use sekisho_domain::ismap::engagement::{
    AuditFile, Conclusion, EngagementKind, Evaluation, Evidence, EvidenceKind, Finding, FindingState, Method, Scope,
};
use sekisho_domain::ismap::statement::{Answer, ControlChange, Decision, ServiceProfile, StatementContent};
use sekisho_oscal::{CatalogueMeta, CrosswalkMeta, EngagementMeta, Made, Party, StatementMeta};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const FROM: Date = date(2025, 4, 1);
pub(crate) const TO: Date = date(2026, 3, 31);

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn id(text: &str) -> CriterionId {
    text.parse().unwrap()
}

pub(crate) fn item(number: &str, text: &str) -> Criterion {
    let id = id(number);
    Criterion {
        id,
        raw_id: String::new(),
        text: text.to_owned(),
        flag_provider: id.says_provider(),
        flag_basic: id.says_basic(),
        audit_group: String::new(),
        cycle_years: None,
    }
}

pub(crate) fn catalogue_meta(id: &str) -> CatalogueMeta {
    CatalogueMeta {
        id: CatalogueId::new(id).unwrap(),
        title: "架空クラウド管理基準".to_owned(),
        version: "令和8年版".to_owned(),
        effective_from: Some(date(2026, 4, 1)),
        effective_to: None,
        fictional: true,
        last_modified: at("2026-03-02T01:30:00Z"),
    }
}

pub(crate) fn catalogue() -> Catalogue {
    let chapters = [(5, "架空の方針"), (9, "架空の入退室"), (12, "架空の運用")];
    let mut criteria = vec![
        item("5.1.1", "方針を書き、従事者に配る。"),
        item("5.1.1.9.PB", "方針を年に一度見直す。\n見直した日を残す。"),
        item("5.1.1.10", "方針の写しを利用者に渡せる。"),
        item("9.2.3", "鍵を持つ者を決める。"),
        item("9.2.3.11.PB", "鍵の貸出しを二人で確かめる。"),
        item("12.2.1", "知らない道具を入れない。"),
        item("12.2.1.15", "道具の一覧を月ごとに見直す。"),
    ];
    criteria[1].audit_group = "甲".to_owned();
    criteria[1].cycle_years = Some(3);
    criteria[3].raw_id = "A.9.2.3".to_owned();
    let chapters = chapters.map(|(n, title)| (n, title.to_owned()));
    Catalogue::new(BTreeMap::from(chapters), criteria).unwrap()
}

pub(crate) fn statement_meta() -> StatementMeta {
    StatementMeta {
        id: StatementId::new("s-2026-kumo").unwrap(),
        version: "2".to_owned(),
        provider: Some(Party { id: PartyId::new("kakuu-kumo").unwrap(), name: "架空クモ株式会社".to_owned() }),
        last_modified: at("2026-04-10T00:00:00Z"),
    }
}

pub(crate) fn statement() -> StatementContent {
    let set = |texts: &[&str]| texts.iter().map(|t| (*t).to_owned()).collect::<BTreeSet<String>>();
    let adopted =
        |control: &str| Answer { decision: Some(Decision::Adopted), control: control.to_owned(), ..Answer::default() };
    let excluded =
        |reason: &str| Answer { decision: Some(Decision::Excluded), reason: reason.to_owned(), ..Answer::default() };
    let mut changed = adopted("貸出簿に二人の印を押す。\n印のない貸出しは翌日に調べる。");
    changed.changed = BTreeSet::from([ControlChange::Procedure, ControlChange::AddedRegion]);
    changed.change_note = "貸出簿を紙から画面に改めた。".to_owned();
    let mut overridden = excluded("写しを渡す利用者がいない。");
    overridden.overridden_by = Some(PersonId::new("p-0a1b").unwrap());
    overridden.control = "前年は窓口で渡した。".to_owned();
    StatementContent {
        catalogue: CatalogueId::new("kakuu-r8").unwrap(),
        from: FROM,
        to: TO,
        service: ServiceProfile {
            service_name: "架空クモ 文書庫".to_owned(),
            scope: "文書庫とその管理画面。\n請求の仕組みは含まない。".to_owned(),
            regions: set(&["東京", "大阪"]),
            sub_services: set(&["文書庫", "検索"]),
            service_models: set(&["SaaS"]),
            generative_ai: true,
            ai_information: "要約に自社のモデルを使う。\n外部のモデルには送らない。".to_owned(),
            subsequent_events: String::new(),
        },
        answers: BTreeMap::from([
            (id("5.1.1"), adopted("方針を社内の頁に置き、入社の日に読み合わせる。")),
            (id("5.1.1.10"), overridden),
            (id("9.2.3.11.PB"), changed),
            (id("12.2.1"), Answer::default()),
        ]),
    }
}

pub(crate) fn engagement() -> EngagementMeta {
    EngagementMeta {
        id: EngagementId::new("e-2026-kumo").unwrap(),
        kind: EngagementKind::Renewal,
        statement: StatementId::new("s-2026-kumo").unwrap(),
        firm: Some(Party { id: PartyId::new("kakuu-kansa").unwrap(), name: "架空監査法人".to_owned() }),
        from: FROM,
        to: TO,
        last_modified: at("2026-06-20T09:00:00Z"),
    }
}

pub(crate) fn audit_file() -> AuditFile {
    let sha = "ab".repeat(32);
    let evaluation = |design, operating, methods: &[Method], note: &str| Evaluation {
        design,
        operating,
        methods: methods.to_vec(),
        note: note.to_owned(),
        ..Evaluation::default()
    };
    let mut keys = evaluation(
        Some(Conclusion::Effective),
        Some(Conclusion::Deficient),
        &[Method::Examine, Method::Interview, Method::Test],
        "25 件の貸出しのうち 2 件に印がない。",
    );
    keys.evidence = vec![sha.clone()];
    keys.by = Some(PersonId::new("p-3c4d").unwrap());
    keys.on = Some(date(2026, 5, 12));
    let finding = |criterion: &str, text: &str, state| Finding {
        criterion: id(criterion),
        text: text.to_owned(),
        response: String::new(),
        due: None,
        state,
    };
    let mut left = finding("9.2.3.11.PB", "貸出し 2 件に二人目の印がない。", FindingState::Reported);
    left.response = "印のない貸出しを画面で止める。".to_owned();
    left.due = Some(date(2026, 9, 30));
    AuditFile {
        statement_sha256: "cd".repeat(32),
        scope: BTreeMap::from([
            (id("5.1.1"), Scope { design: true, operating: false }),
            (id("9.2.3.11.PB"), Scope { design: true, operating: true }),
            (id("12.2.1"), Scope { design: false, operating: true }),
        ]),
        evaluations: BTreeMap::from([
            (id("5.1.1"), evaluation(Some(Conclusion::Effective), None, &[Method::Examine], "頁を見た。")),
            (id("9.2.3.11.PB"), keys),
            (id("12.2.1"), evaluation(None, Some(Conclusion::NotApplicable), &[], "期間中に新しい道具がない。")),
        ]),
        findings: BTreeMap::from([
            ("F-1".to_owned(), left),
            ("F-2".to_owned(), finding("5.1.1", "配布先に抜けがあった。", FindingState::Resolved)),
        ]),
        evidence: BTreeMap::from([(
            sha,
            Evidence {
                title: "貸出簿の写し".to_owned(),
                kind: EvidenceKind::Document,
                effective_on: date(2026, 3, 31),
                valid_until: Some(date(2027, 3, 31)),
            },
        )]),
        opinion: "言明のとおりに整備されている。\n運用に発見事項が一件ある。".to_owned(),
    }
}

pub(crate) fn crosswalk_meta() -> CrosswalkMeta {
    let (from, to) = (catalogue_meta("kakuu-r7"), catalogue_meta("kakuu-r8"));
    CrosswalkMeta::between(&from, &to, Made::ByPeople, at("2026-04-01T00:00:00Z"))
}

pub(crate) fn crosswalk() -> Crosswalk {
    let line = |from: &str, to: &str, relation| CrosswalkLine {
        from: (!from.is_empty()).then(|| id(from)),
        to: (!to.is_empty()).then(|| id(to)),
        relation,
    };
    Crosswalk {
        lines: vec![
            line("5.1.1", "5.1.1", Relation::Equal),
            line("9.2.3.11.B", "9.2.3.11.PB", Relation::Wider),
            line("12.2.1.14", "12.2.1.15", Relation::Narrower),
            line("12.2.1.14", "12.2.1.16", Relation::Overlapping),
            line("6.1.1", "", Relation::None),
            line("", "5.1.1.10", Relation::None),
        ],
    }
}
