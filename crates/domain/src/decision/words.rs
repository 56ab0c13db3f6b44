//! Texts with places for facts, such as `{service}は{grade}を扱えません`.

use super::facts::Facts;

/// A fact that a text may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Grade,
    Ceiling,
    Service,
    Model,
    ScopeGap,
    Changes,
    Region,
    Zone,
}

const PLACES: [(&str, Place); 8] = [
    ("grade", Place::Grade),
    ("ceiling", Place::Ceiling),
    ("service", Place::Service),
    ("model", Place::Model),
    ("scope_gap", Place::ScopeGap),
    ("changes", Place::Changes),
    ("region", Place::Region),
    ("zone", Place::Zone),
];

/// Said where a fact has no text.
const UNKNOWN: &str = "不明";

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Said(String),
    Fact(Place),
}

/// A text read once and filled in for each decision. What is filled in is never read again for places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Words(Vec<Part>);

impl Words {
    /// Reads a text; the error says which place is unknown or left open.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((said, after)) = rest.split_once('{') {
            let (name, tail) = after.split_once('}').ok_or_else(|| "a `{` is not closed by a `}`".to_owned())?;
            let place = PLACES.iter().find(|(known, _)| *known == name).map(|(_, place)| *place);
            let place = place.ok_or_else(|| {
                let known = PLACES.iter().map(|(known, _)| format!("`{{{known}}}`")).collect::<Vec<_>>();
                format!("`{{{}}}` is not a place; the places are {}", short(name), known.join(", "))
            })?;
            if !said.is_empty() {
                parts.push(Part::Said(said.to_owned()));
            }
            parts.push(Part::Fact(place));
            rest = tail;
        }
        if rest.contains('}') {
            return Err("a `}` stands without a `{`".to_owned());
        }
        if !rest.is_empty() {
            parts.push(Part::Said(rest.to_owned()));
        }
        Ok(Self(parts))
    }

    /// The text with the facts filled in.
    pub(super) fn fill(&self, facts: &Facts) -> String {
        let mut text = String::with_capacity(256);
        for part in &self.0 {
            match part {
                Part::Said(said) => text.push_str(said),
                Part::Fact(place) => {
                    let value = match place {
                        Place::Grade => &facts.grade_label,
                        Place::Ceiling => &facts.ceiling_label,
                        Place::Service => &facts.service_name,
                        Place::Model => &facts.model,
                        Place::ScopeGap => &facts.scope_gap,
                        Place::Changes => &facts.permit_changes,
                        Place::Region => &facts.region,
                        Place::Zone => &facts.zone,
                    };
                    text.push_str(if value.is_empty() { UNKNOWN } else { value });
                }
            }
        }
        text
    }
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_does_not_exist_is_named() {
        let error = Words::parse("「{sevrice}」は使えません").unwrap_err();
        assert!(error.starts_with("`{sevrice}` is not a place; the places are `{grade}`"), "{error}");
        assert!(Words::parse("開いたままの{grade").is_err());
        assert!(Words::parse("閉じるだけの}").is_err());
    }
}
