//! 単価: what a model costs, by the day it counts from. Whole yen for a million tokens, so a token costs a whole number of
//! millionths of a yen and no amount is ever rounded.

use crate::entry::Governance;
use crate::id::{ModelId, PersonId, ServiceId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a model costs from a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// Which service.
    pub service: ServiceId,
    /// The name by which callers ask for the model.
    pub model: ModelId,
    /// Yen for a million tokens in.
    pub input: u64,
    /// Yen for a million tokens out.
    pub output: u64,
    /// First day.
    pub from: Date,
}

/// A price with who set it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PriceVersion {
    /// When it was set.
    pub at: Timestamp,
    /// By whom.
    pub by: PersonId,
    /// Why, in the actor's words.
    pub reason: String,
    /// The price.
    pub price: Price,
}

/// All prices that were ever set, each model's oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PriceList {
    models: BTreeMap<ServiceId, BTreeMap<ModelId, Vec<PriceVersion>>>,
    edition: u64,
}

impl PriceList {
    /// How often a price was set: sums of yen that were made by another edition are out of date.
    pub fn edition(&self) -> u64 {
        self.edition
    }

    /// The price of a model on a day: of those that count by then, the one set last.
    pub fn on(&self, service: &ServiceId, model: &ModelId, day: Date) -> Option<&Price> {
        let versions = self.models.get(service)?.get(model)?;
        Some(&versions.iter().rev().find(|version| version.price.from <= day)?.price)
    }

    /// What tokens of a day cost, in millionths of a yen; nothing where there is no price.
    pub fn cost(&self, service: &str, model: &str, day: Date, input_tokens: u64, output_tokens: u64) -> u64 {
        let (Ok(service), Ok(model)) = (ServiceId::new(service), ModelId::new(model)) else { return 0 };
        self.on(&service, &model, day).map_or(0, |price| {
            input_tokens.saturating_mul(price.input).saturating_add(output_tokens.saturating_mul(price.output))
        })
    }

    /// Every price that was set, by service and model, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &PriceVersion> {
        self.models.values().flat_map(BTreeMap::values).flatten()
    }

    pub(crate) fn set(&mut self, entry: &Governance, price: Price) {
        self.edition += 1;
        let versions = self.models.entry(price.service.clone()).or_default().entry(price.model.clone()).or_default();
        let (at, by, reason) = (entry.at, entry.actor.clone(), entry.reason.clone());
        versions.push(PriceVersion { at, by, reason, price });
    }
}
