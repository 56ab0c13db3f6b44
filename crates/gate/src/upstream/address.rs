//! Which addresses an upstream may have, and the resolver that checks them.
//!
//! The check sits in the resolver, so the address that was checked is the one connected to: a name that answers
//! differently the second time gains nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// An address, or a name with such an address, that the target may not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{host}` has the address {address}, which this service may not have")]
pub struct RefusedAddress {
    /// The host as written in `base_url`.
    pub host: String,
    /// The address that was refused.
    pub address: IpAddr,
}

/// Whether a target may have this address. `private` is true only for services the body runs itself; cloud metadata
/// services, multicast and broadcast are refused even then, because no model lives there.
#[must_use]
pub fn permitted(address: IpAddr, private: bool) -> bool {
    let address = unwrapped(address);
    if private { !never_a_model(address) } else { is_public(address) }
}

/// The IPv4 address a translating IPv6 address stands for, else the address itself.
fn unwrapped(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    let [s0, s1, s2, s3, s4, s5, s6, s7] = v6.segments();
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        IpAddr::V4(Ipv4Addr::new(a, b, c, d))
    };
    match [s0, s1, s2, s3, s4, s5] {
        [0, 0, 0, 0, 0, 0xffff] => v4(s6, s7),       // v4-mapped
        [0, 0, 0, 0, 0, 0] if s6 != 0 => v4(s6, s7), // v4-compatible
        [0x64, 0xff9b, 0, 0, 0, 0] => v4(s6, s7),    // NAT64
        [0x2002, high, low, ..] => v4(high, low),    // 6to4
        [0, 0, 0, 0, 0xffff, 0] => v4(s6, s7),       // SIIT
        _ => address,
    }
}

fn never_a_model(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            v4.is_multicast() || v4.is_broadcast() || v4 == Ipv4Addr::new(169, 254, 169, 254) || is_other_metadata(v4)
        }
        IpAddr::V6(v6) => v6.is_multicast() || v6 == Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    }
}

/// Metadata services that do not live in a private range: Azure's and Oracle's.
fn is_other_metadata(v4: Ipv4Addr) -> bool {
    matches!(v4.octets(), [168, 63, 129, 16] | [192, 0, 0, 192])
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(v4: Ipv4Addr) -> bool {
    let [a, b, c, _] = v4.octets();
    let special = v4.is_private()
        || v4.is_loopback()
        || v4.is_link_local()
        || v4.is_documentation()
        || is_other_metadata(v4)
        || a == 0
        || a >= 224 // multicast, reserved, broadcast
        || (a == 100 && (64..128).contains(&b)) // carrier-grade NAT
        || (a == 192 && b == 0 && c == 0) // protocol assignments
        || (a == 192 && b == 88 && c == 99) // 6to4 relays
        || (a == 198 && (18..20).contains(&b)); // benchmarking
    !special
}

fn is_public_v6(v6: Ipv6Addr) -> bool {
    let [s0, s1, ..] = v6.segments();
    // Only 2000::/3 is routed; inside it, protocol assignments with Teredo (2001::/23) and documentation are not.
    let global = s0 & 0xe000 == 0x2000;
    let assignments = s0 == 0x2001 && s1 < 0x200;
    let documentation = (s0 == 0x2001 && s1 == 0xdb8) || s0 & 0xfff0 == 0x3ff0;
    global && !assignments && !documentation
}

/// Refuses a name as soon as one of its addresses is refused.
pub(super) fn check_all(host: &str, addresses: &[SocketAddr], private: bool) -> Result<(), RefusedAddress> {
    match addresses.iter().find(|address| !permitted(address.ip(), private)) {
        Some(address) => Err(RefusedAddress { host: host.to_owned(), address: address.ip() }),
        None => Ok(()),
    }
}

/// Checks a host that is an address; names are checked when they are resolved.
pub(super) fn check_literal(url: &reqwest::Url, private: bool) -> Result<(), RefusedAddress> {
    let Some(host) = url.host_str() else { return Ok(()) };
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    match bare.parse::<IpAddr>() {
        Ok(address) if !permitted(address, private) => Err(RefusedAddress { host: host.to_owned(), address }),
        _ => Ok(()),
    }
}

/// The system's resolver with the check behind it.
pub(super) struct CheckedResolver {
    pub(super) private: bool,
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let private = self.private;
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            check_all(name.as_str(), &found, private)?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_and_special_addresses_are_refused() {
        for text in [
            "127.0.0.1",
            "127.8.8.8",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "169.254.0.1",
            "100.64.0.1",
            "100.100.100.200",
            "100.127.255.255",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "192.0.0.192",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.9",
            "168.63.129.16",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "2001::1",
            "2001:db8::1",
            "fe80::1",
            "fec0::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "100::1",
            "::ffff:0:127.0.0.1",
            "3fff::1",
            "4000::1",
        ] {
            assert!(!permitted(text.parse().unwrap(), false), "{text}");
        }
    }

    #[test]
    fn public_addresses_are_permitted() {
        for text in [
            "8.8.8.8",
            "1.1.1.1",
            "172.15.0.1",
            "172.32.0.1",
            "100.63.0.1",
            "100.128.0.1",
            "192.0.1.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2400:cb00::1",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2001:4860:4860::8888",
        ] {
            assert!(permitted(text.parse().unwrap(), false), "{text}");
        }
    }

    #[test]
    fn own_services_may_be_private_but_never_metadata() {
        for text in ["127.0.0.1", "::1", "10.0.0.1", "192.168.0.9", "fd12::1", "100.64.0.1", "8.8.8.8"] {
            assert!(permitted(text.parse().unwrap(), true), "{text}");
        }
        for text in
            ["169.254.169.254", "::ffff:169.254.169.254", "fd00:ec2::254", "224.0.0.1", "ff02::1", "168.63.129.16"]
        {
            assert!(!permitted(text.parse().unwrap(), true), "{text}");
        }
    }

    #[test]
    fn one_private_address_among_public_ones_refuses_the_name() {
        let addresses = ["8.8.8.8:0".parse().unwrap(), "10.0.0.1:0".parse().unwrap()];
        let refused = check_all("mixed.example", &addresses, false).unwrap_err();
        assert_eq!(refused.address, IpAddr::from([10, 0, 0, 1]));
        assert!(check_all("mixed.example", &addresses, true).is_ok());
        assert!(check_all("public.example", &addresses[..1], false).is_ok());
    }

    #[test]
    fn literals_in_any_spelling() {
        for url in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://[::1]/",
            "http://[::ffff:7f00:1]/",
            "http://127.0.0.1./",
        ] {
            assert!(check_literal(&url.parse().unwrap(), false).is_err(), "{url}");
            assert!(check_literal(&url.parse().unwrap(), true).is_ok(), "{url}");
        }
        assert!(check_literal(&"https://api.example/".parse().unwrap(), false).is_ok());
    }
}
