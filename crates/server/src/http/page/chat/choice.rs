//! What a person may use today, named by what it is for.

use crate::http::page::frame::{Choice, Control, Field};
use crate::http::page::words;
use jiff::civil::Date;
use sekisho_domain::decision::PermitStanding;
use sekisho_domain::grade::{Grade, GradeScale};
use sekisho_domain::id::{PermitId, ServiceId};
use sekisho_domain::person::Person;
use sekisho_domain::register::{Register, ServiceRecord};

/// So many are shown side by side; more go into a list that opens.
const SIDE_BY_SIDE: usize = 6;

/// A permit and one of its models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) permit: PermitId,
    pub(super) purpose: String,
    pub(super) service: ServiceId,
    pub(super) service_name: String,
    pub(super) model: String,
    pub(super) ceiling: Grade,
    pub(super) conditions: Vec<String>,
}

impl Way {
    /// What a form calls it. `~` stands in no identifier.
    pub(super) fn key(&self) -> String {
        format!("{}~{}", self.permit, self.model)
    }

    /// The conditions of the permit, to be read behind its name.
    pub(super) fn under(&self) -> String {
        if self.conditions.is_empty() { String::new() } else { format!("・条件: {}", self.conditions.join("、")) }
    }
}

/// Every way that is open to a person today, in the order of their purposes.
pub(super) fn ways(register: &Register, person: &Person, today: Date) -> Vec<Way> {
    let mut ways = Vec::new();
    for permit in register.permits() {
        if permit.standing_on(today) != PermitStanding::Active || !register.in_range(&permit.draft.users, person) {
            continue;
        }
        for service in &permit.draft.services {
            // An app that runs elsewhere is used through its form.
            let talks = |record: &&ServiceRecord| !record.withdrawn && record.service.upstream.wire.talks();
            let Some(record) = register.service(service).filter(talks) else { continue };
            for model in record.service.models.iter().filter(|model| model.generative) {
                ways.push(Way {
                    permit: permit.permit.clone(),
                    purpose: permit.draft.purpose.clone(),
                    service: service.clone(),
                    service_name: record.service.name.clone(),
                    model: model.model.to_string(),
                    ceiling: permit.draft.ceiling,
                    conditions: permit.conditions.clone(),
                });
            }
        }
    }
    ways.sort_by(|one, other| {
        (&one.purpose, &one.service_name, &one.model).cmp(&(&other.purpose, &other.service_name, &other.model))
    });
    ways
}

/// The control that chooses a way.
pub(super) fn way_field(register: &Register, ways: &[Way], chosen: &str) -> Field {
    let few = ways.len() <= SIDE_BY_SIDE;
    let chosen = if ways.iter().any(|way| way.key() == chosen) {
        chosen.to_owned()
    } else {
        ways.first().map(Way::key).unwrap_or_default()
    };
    let choices = ways
        .iter()
        .map(|way| {
            let behind = format!(
                "{}（{}）・{}まで{}",
                way.service_name,
                way.model,
                words::grade(register, way.ceiling),
                way.under()
            );
            if few {
                Choice { help: behind, ..Choice::new(way.key(), way.purpose.clone()) }
            } else {
                Choice::new(way.key(), format!("{} — {behind}", way.purpose))
            }
        })
        .collect();
    let field = if few { Field::radio("way", "業務", choices) } else { Field::select("way", "業務", choices) };
    field.value(&chosen)
}

/// The control that declares a grade, up to what the ways allow.
pub(super) fn grade_field(scale: &GradeScale, ceiling: Grade, chosen: &str) -> Field {
    let chosen = if scale.parse(chosen).is_ok_and(|grade| grade <= ceiling) {
        chosen.to_owned()
    } else {
        scale.level(Grade::default()).code.clone()
    };
    let choices = scale
        .levels()
        .iter()
        .take(usize::from(ceiling.0) + 1)
        .map(|level| {
            let more = if level.sensitive { "（要機密情報）" } else { "" };
            Choice::new(level.code.clone(), format!("{}{more}", level.label))
        })
        .collect();
    Field::radio("grade", "送る情報の格付", choices)
        .value(&chosen)
        .help("文と添付ファイルに含まれる情報のうち、いちばん高い格付を選びます。これより高い格付の表示などが見つかったときは、高い方で判断します。")
}

/// Whether a field of choices leaves nothing to choose.
pub(super) fn is_settled(field: &Field) -> bool {
    matches!(field.control, Control::Radio | Control::Select) && field.choices.len() < 2
}
