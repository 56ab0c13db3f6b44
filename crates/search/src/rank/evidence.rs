//! From passages to units: the best passage, what the group adds, who speaks.

use std::collections::HashMap;

use super::{At, Scored, Why, weight};
use crate::unit::Role;

/// The best units by number, with where their best passage stands and why; passages come best first.
pub(super) fn weigh(passages: &[Scored]) -> Vec<(u64, At, Why)> {
    let top = passages.first().map_or(1.0, |passage| passage.score).max(f32::MIN_POSITIVE);
    let mut best: HashMap<u64, &Scored> = HashMap::new();
    let mut units = Vec::new();
    for passage in passages {
        best.entry(passage.unit).or_insert_with(|| {
            units.push(passage);
            passage
        });
    }
    let mut groups: HashMap<u64, (f32, u32)> = HashMap::new();
    for unit in &units {
        let (sum, count) = groups.entry(unit.group).or_default();
        if *count < weight::GROUP_SIZE {
            *sum += unit.score / top * weight::GROUP_DECAY.powi(i32::try_from(*count).unwrap_or(i32::MAX));
            *count += 1;
        }
    }
    let mut ranked: Vec<(u64, At, Why)> = units
        .iter()
        .map(|unit| {
            let passage = unit.score / top;
            let lift = if unit.role == Role::Other { weight::GROUP } else { weight::GROUP_OF_RECORDS };
            let group = lift * groups.get(&unit.group).map_or(0.0, |(sum, _)| *sum);
            let factor = match unit.role {
                Role::Answers => weight::ANSWERS,
                Role::Presides => weight::PRESIDES,
                Role::Asks | Role::Other => 0.0,
            };
            (unit.unit, unit.at, Why { passage, group, role: factor * (passage + group), ..Why::default() })
        })
        .collect();
    ranked.sort_by(|a, b| b.2.sum().total_cmp(&a.2.sum()).then(a.0.cmp(&b.0)));
    ranked
}
