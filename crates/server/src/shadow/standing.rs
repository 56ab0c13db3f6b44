//! Which services of the catalogue the body has registered, and whether a permit lives today.

use jiff::civil::Date;
use sekisho_domain::decision::PermitStanding;
use sekisho_domain::id::ServiceId;
use sekisho_domain::register::Register;
use sekisho_shadow::Catalogue;
use std::collections::BTreeMap;

/// How a service of the catalogue stands in the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    /// No registered service has an address of it.
    Unknown,
    /// Registered, and no permit lives today.
    WithoutPermit {
        /// The service of the register.
        service: ServiceId,
        /// Its name there.
        name: String,
    },
    /// The permits that live today: id and purpose. What goes past the gate does not rest on them all the same.
    Permitted(Vec<(String, String)>),
}

/// The standing of each service of the catalogue that the register knows, by its id there. A registered service is known
/// by the host of its upstream address.
pub(crate) fn standings(register: &Register, catalogue: &Catalogue, today: Date) -> BTreeMap<String, Standing> {
    let mut all = BTreeMap::new();
    for record in register.services().filter(|record| !record.withdrawn) {
        let Some(host) = host(&record.service.upstream.base_url) else { continue };
        let Some(found) = catalogue.find(host.as_bytes()).and_then(|at| catalogue.service(at)) else { continue };
        let live = register.permits_on(&record.service.service);
        let live = live.filter(|permit| permit.standing_on(today) == PermitStanding::Active);
        let live: Vec<(String, String)> =
            live.map(|permit| (permit.permit.to_string(), permit.draft.purpose.clone())).collect();
        let standing = all.entry(found.id.clone()).or_insert(Standing::Unknown);
        *standing = match (std::mem::replace(standing, Standing::Unknown), live) {
            (Standing::Permitted(mut known), more) => {
                known.extend(more);
                Standing::Permitted(known)
            }
            (_, more) if more.is_empty() => {
                Standing::WithoutPermit { service: record.service.service.clone(), name: record.service.name.clone() }
            }
            (_, more) => Standing::Permitted(more),
        };
    }
    all
}

/// The host of an address, without user and port.
fn host(url: &str) -> Option<&str> {
    let rest = url.split_once("://")?.1;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if host.starts_with('[') {
        return host.split_once(']').map(|(host, _)| host);
    }
    Some(host.split(':').next().unwrap_or(host)).filter(|host| !host.is_empty())
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn the_host_of_an_address_stands_without_user_and_port() {
        let found =
            ["https://api.example.jp/v1", "http://u:p@Api.example.jp:8443?x", "https://[2001:db8::1]:443/", "x"];
        assert_eq!(found.map(host), [Some("api.example.jp"), Some("Api.example.jp"), Some("[2001:db8::1"), None]);
    }
}
