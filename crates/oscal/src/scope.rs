//! Which items an audit looks at, and how deep: the reviewed controls of a plan and of results.

use crate::document::Model;
use crate::error::{ExportError, ImportError};
use crate::names;
use crate::read::Node;
use crate::report::Why;
use crate::written::Property;
use sekisho_domain::ismap::criterion::CriterionId;
use sekisho_domain::ismap::engagement::Scope;
use serde::Serialize;
use std::collections::BTreeMap;

/// Depths, in the order they are written.
const DEPTHS: [Scope; 4] = [
    Scope { design: true, operating: true },
    Scope { design: true, operating: false },
    Scope { design: false, operating: true },
    Scope { design: false, operating: false },
];

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct ReviewedControls {
    control_selections: Vec<Selection>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Selection {
    description: &'static str,
    props: Vec<Property>,
    include_controls: Vec<ControlId>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct ControlId {
    control_id: String,
}

impl ReviewedControls {
    /// One selection for each depth. OSCAL wants at least one control.
    pub(crate) fn of(model: Model, scope: &BTreeMap<CriterionId, Scope>) -> Result<Self, ExportError> {
        let selection = |depth: Scope| {
            let of_depth = scope.iter().filter(|(_, s)| **s == depth);
            let include_controls: Vec<ControlId> =
                of_depth.map(|(id, _)| ControlId { control_id: names::control_id(*id) }).collect();
            (!include_controls.is_empty()).then(|| Selection {
                description: described(depth),
                props: vec![Property::ours("design", depth.design), Property::ours("operating", depth.operating)],
                include_controls,
            })
        };
        let control_selections: Vec<Selection> = DEPTHS.into_iter().filter_map(selection).collect();
        if control_selections.is_empty() {
            return Err(ExportError::Nothing {
                model, what_ja: "監査の対象とする項目", what_en: "an item in scope"
            });
        }
        Ok(Self { control_selections })
    }
}

fn described(depth: Scope) -> &'static str {
    match (depth.design, depth.operating) {
        (true, true) => "整備状況と運用状況を評価する項目",
        (true, false) => "整備状況だけを評価する項目",
        (false, true) => "運用状況だけを評価する項目",
        (false, false) => "評価の深さを決めていない項目",
    }
}

/// Reads the reviewed controls into `scope`. An item that stands twice is audited as deep as either says.
pub(crate) fn read(reviewed: &Node<'_>, scope: &mut BTreeMap<CriterionId, Scope>) -> Result<(), ImportError> {
    for selection in reviewed.list("control-selections")? {
        let truth = |text: &str| text.parse::<bool>().ok();
        let mut props = selection.props()?;
        let (design, operating) = (props.parsed("design", truth)?, props.parsed("operating", truth)?);
        let included = selection.unread_list("include-controls")?;
        if design.is_none() && operating.is_none() && !included.is_empty() {
            selection.tell(Why::Depth);
        }
        let deep =
            Scope { design: design.unwrap_or(operating.is_none()), operating: operating.unwrap_or(design.is_none()) };
        for control in included {
            control.take();
            match names::criterion(control.need_text("control-id")?) {
                Some(id) => {
                    let known = scope.entry(id).or_insert(deep);
                    known.design |= deep.design;
                    known.operating |= deep.operating;
                }
                None => control.tell(Why::NotOurNumber),
            }
        }
    }
    Ok(())
}
