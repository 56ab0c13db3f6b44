//! The catalogue: which services there are and by which hosts they are met.

mod domain;
mod error;
mod index;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use domain::{Domain, DomainError};
pub use error::CatalogueError;
use index::Index;

/// The catalogue of this edition, as it is shipped.
const BUILTIN: &str = include_str!("catalogue/catalogue.toml");

/// In what form a service is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// 一般向け: anybody may open it in a browser.
    General,
    /// API: programs call it.
    Api,
    /// 他のサービスへの組み込み: part of a service that does other things as well.
    Embedded,
    /// 開発支援: for writing software.
    Developer,
    /// 業務向け: for work in offices.
    Business,
    /// 画像・音声・動画: makes pictures, sound or film.
    Media,
}

impl Form {
    /// The Japanese word.
    pub fn japanese(self) -> &'static str {
        match self {
            Self::General => "一般向け",
            Self::Api => "API",
            Self::Embedded => "組み込み",
            Self::Developer => "開発支援",
            Self::Business => "業務向け",
            Self::Media => "画像・音声・動画",
        }
    }
}

/// A service of generative AI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Short and stable: findings refer to it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its Japanese name, where that is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_ja: Option<String>,
    /// Who provides it.
    pub provider: String,
    /// Where the provider sits, ISO 3166-1 alpha-2. This says nothing about where data lie.
    pub country: String,
    /// In what form.
    pub form: Form,
    /// Domains: the name itself and everything below it.
    #[serde(default)]
    pub domains: Vec<String>,
    /// Hosts that count alone, without what is below them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exact: Vec<String>,
    /// The same domains also serve what has nothing to do with generative AI.
    #[serde(default)]
    pub shared: bool,
    /// Where to check the entry.
    pub source: String,
    /// The day somebody looked there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looked: Option<jiff::civil::Date>,
    /// Whether somebody did. `false` is 要確認.
    #[serde(default)]
    pub confirmed: bool,
}

impl Service {
    /// The name to show Japanese readers.
    pub fn japanese_name(&self) -> &str {
        self.name_ja.as_deref().unwrap_or(&self.name)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    edition: Option<String>,
    #[serde(default)]
    service: Vec<toml::Spanned<Service>>,
}

/// A place in [`Catalogue::services`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceIndex(pub(crate) u32);

/// Services, and the index by which a host finds its own.
#[derive(Debug, Clone)]
pub struct Catalogue {
    edition: String,
    services: Vec<Service>,
    index: Index,
}

impl Catalogue {
    /// What is shipped with this program.
    ///
    /// # Errors
    /// Never in a program whose tests passed; the type says so all the same, since an edition is data.
    pub fn builtin() -> Result<Self, CatalogueError> {
        Self::parse(BUILTIN, "catalogue.toml")
    }

    /// A catalogue from text; `name` is the file that errors speak of.
    ///
    /// # Errors
    /// Not TOML, an unknown field, a name that no host has, a domain or an id given twice.
    pub fn parse(text: &str, name: &str) -> Result<Self, CatalogueError> {
        let written: Written = toml::from_str(text).map_err(|error| CatalogueError::Unreadable {
            file: name.to_owned(),
            line: error.span().map_or(1, |span| line_of(text, span.start)),
            what: error.message().to_owned(),
        })?;
        let mut catalogue = Self {
            edition: written.edition.unwrap_or_else(|| name.to_owned()),
            services: Vec::new(),
            index: Index::default(),
        };
        let mut ids = BTreeSet::new();
        for service in written.service {
            let line = line_of(text, service.span().start);
            let service = service.into_inner();
            let refuse = |what| CatalogueError::Entry { file: name.to_owned(), line, id: service.id.clone(), what };
            check(&service).map_err(refuse)?;
            if !ids.insert(service.id.clone()) {
                return Err(CatalogueError::IdTwice { file: name.to_owned(), line, id: service.id });
            }
            catalogue.add(service, name, line)?;
        }
        Ok(catalogue)
    }

    /// This catalogue and a body's own entries. An addition with an id that exists takes the place of that entry, so an
    /// entry that has become wrong can be mended before the next edition.
    ///
    /// # Errors
    /// A domain of an addition belongs to another service already.
    pub fn with_additions(&self, additions: &Self) -> Result<Self, CatalogueError> {
        let replaced: BTreeSet<&str> = additions.services.iter().map(|service| service.id.as_str()).collect();
        let kept = self.services.iter().filter(|service| !replaced.contains(service.id.as_str()));
        let mut both = Self {
            edition: format!("{} + {}", self.edition, additions.edition),
            services: Vec::new(),
            index: Index::default(),
        };
        for service in kept {
            both.add(service.clone(), &self.edition, 0)?;
        }
        for service in &additions.services {
            both.add(service.clone(), &additions.edition, 0)?;
        }
        Ok(both)
    }

    /// The edition it names.
    pub fn edition(&self) -> &str {
        &self.edition
    }

    /// Its services in their order.
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// The service behind an index.
    pub fn service(&self, at: ServiceIndex) -> Option<&Service> {
        self.services.get(at.0 as usize)
    }

    /// The service a host belongs to: the longest domain that the host equals or lies below. Upper case, the dot at the
    /// end and international names are brought into form first.
    pub fn find(&self, host: &[u8]) -> Option<ServiceIndex> {
        if host.is_ascii() && memchr::memchr(b'%', host).is_none() {
            return self.index.find(host.strip_suffix(b".").unwrap_or(host)).map(ServiceIndex);
        }
        self.index.find(&crate::host::normal(host)?).map(ServiceIndex)
    }

    /// Every domain with its service, for those who want to look for them by other means.
    pub fn domains(&self) -> BTreeMap<&str, &Service> {
        let pairs = self.services.iter().flat_map(|service| {
            service.domains.iter().chain(&service.exact).map(move |domain| (domain.as_str(), service))
        });
        pairs.collect()
    }

    fn add(&mut self, mut service: Service, file: &str, line: usize) -> Result<(), CatalogueError> {
        let at = u32::try_from(self.services.len()).unwrap_or(u32::MAX);
        let id = service.id.clone();
        for (written, exact) in service
            .domains
            .iter_mut()
            .map(|name| (name, false))
            .chain(service.exact.iter_mut().map(|name| (name, true)))
        {
            let domain = Domain::parse(written).map_err(|what| CatalogueError::Domain {
                file: file.to_owned(),
                line,
                id: id.clone(),
                domain: written.clone(),
                what,
            })?;
            domain.as_str().clone_into(written);
            if let Some(other) = self.index.insert(domain.as_str(), at, exact) {
                let other = self.services.get(other as usize).map_or(&id, |service| &service.id).clone();
                return Err(CatalogueError::DomainTwice {
                    file: file.to_owned(),
                    line,
                    id,
                    other,
                    domain: written.clone(),
                });
            }
        }
        self.services.push(service);
        Ok(())
    }
}

fn check(service: &Service) -> Result<(), error::Entry> {
    let id_fits = !service.id.is_empty()
        && service.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !id_fits {
        return Err(error::Entry::Id);
    }
    if service.name.trim().is_empty() || service.provider.trim().is_empty() {
        return Err(error::Entry::Nameless);
    }
    if service.country.len() != 2 || !service.country.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(error::Entry::Country);
    }
    if service.domains.is_empty() && service.exact.is_empty() {
        return Err(error::Entry::NoDomain);
    }
    if !service.source.starts_with("https://") {
        return Err(error::Entry::Source);
    }
    if service.confirmed && service.looked.is_none() {
        return Err(error::Entry::ConfirmedWithoutDay);
    }
    Ok(())
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|&byte| byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests;
