//! One entry of an operator's list of hosts: a name, an address or a network, with or without a port.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use url::Host;

/// One entry of a list of hosts: `host`, `host:port`, `10.1.2.3`, `10.0.0.0/8`, `10.1.2.3:8443`, `fd00::1`, `[fd00::1]:8443`, `[fd00::/8]:8443`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostRule {
    target: Target,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Target {
    Name(String),
    Network(IpAddr, u8),
}

/// An entry that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no host: write a name, an address or a network such as 10.0.0.0/8, with `:port` behind it if only that port is meant"
)]
pub struct BadHostRule(String);

impl HostRule {
    /// Whether the entry names that host.
    pub fn covers_name(&self, name: &str, port: Option<u16>) -> bool {
        match &self.target {
            Target::Name(listed) => listed.eq_ignore_ascii_case(name) && self.covers_port(port),
            Target::Network(..) => false,
        }
    }

    /// Whether the entry is or holds that address.
    pub fn covers_address(&self, address: IpAddr, port: Option<u16>) -> bool {
        match self.target {
            Target::Network(net, bits) => {
                covers(net, bits, canonical(address)) && self.covers_port(port)
            }
            Target::Name(_) => false,
        }
    }

    /// An unknown port is covered only by an entry that holds for every port.
    fn covers_port(&self, port: Option<u16>) -> bool {
        self.port.is_none_or(|bound| port == Some(bound))
    }
}

impl FromStr for HostRule {
    type Err = BadHostRule;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let bad = || BadHostRule(text.to_owned());
        let (host, port) = split_port(text).ok_or_else(bad)?;
        let port = port.map(str::parse).transpose().map_err(|_| bad())?;
        let target = parse_target(host).ok_or_else(bad)?;
        Ok(Self { target, port })
    }
}

/// Host and port, brackets taken off. A bare IPv6 address has more than one colon and no port.
fn split_port(text: &str) -> Option<(&str, Option<&str>)> {
    if let Some(rest) = text.strip_prefix('[') {
        let (host, behind) = rest.split_once(']')?;
        return match behind.strip_prefix(':') {
            Some(port) => Some((host, Some(port))),
            None if behind.is_empty() => Some((host, None)),
            None => None,
        };
    }
    match text.split_once(':') {
        Some((host, port)) if !port.contains(':') => Some((host, Some(port))),
        _ => Some((text, None)),
    }
}

fn parse_target(host: &str) -> Option<Target> {
    if let Some((net, bits)) = host.split_once('/') {
        let net: IpAddr = net.parse().ok()?;
        let bits: u8 = bits.parse().ok()?;
        let most = if net.is_ipv4() { 32 } else { 128 };
        return (bits <= most).then_some(Target::Network(net, bits));
    }
    if let Ok(address) = host.parse() {
        return Some(whole(address));
    }
    match Host::parse(host).ok()? {
        Host::Domain(name) => {
            let name = name.trim_end_matches('.').to_owned();
            (!name.is_empty()).then_some(Target::Name(name))
        }
        Host::Ipv4(address) => Some(whole(address.into())),
        Host::Ipv6(address) => Some(whole(address.into())),
    }
}

fn whole(address: IpAddr) -> Target {
    match canonical(address) {
        address @ IpAddr::V4(_) => Target::Network(address, 32),
        address @ IpAddr::V6(_) => Target::Network(address, 128),
    }
}

impl fmt::Display for HostRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = match &self.target {
            Target::Name(name) => name.clone(),
            Target::Network(net @ IpAddr::V4(_), 32) => net.to_string(),
            Target::Network(net @ IpAddr::V6(_), 128) => net.to_string(),
            Target::Network(net, bits) => format!("{net}/{bits}"),
        };
        match self.port {
            Some(port) if host.contains(':') => write!(f, "[{host}]:{port}"),
            Some(port) => write!(f, "{host}:{port}"),
            None => f.write_str(&host),
        }
    }
}

/// The address that a packet really goes to: IPv4 in its mapped and NAT64 forms is IPv4.
pub fn canonical(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else {
        return address;
    };
    if let Some(v4) = v6.to_ipv4_mapped() {
        return IpAddr::V4(v4);
    }
    match v6.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            let [a, b] = high.to_be_bytes();
            let [c, d] = low.to_be_bytes();
            IpAddr::V4(Ipv4Addr::new(a, b, c, d))
        }
        _ => address,
    }
}

/// Whether a network of that many bits holds the address; never across families.
pub fn covers(net: IpAddr, bits: u8, address: IpAddr) -> bool {
    match (net, address) {
        (IpAddr::V4(net), IpAddr::V4(address)) => {
            let rest = 32_u32.saturating_sub(bits.into());
            let cut = |ip: Ipv4Addr| u32::from(ip).checked_shr(rest).unwrap_or(0);
            cut(net) == cut(address)
        }
        (IpAddr::V6(net), IpAddr::V6(address)) => {
            let rest = 128_u32.saturating_sub(bits.into());
            let cut = |ip: Ipv6Addr| u128::from(ip).checked_shr(rest).unwrap_or(0);
            cut(net) == cut(address)
        }
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> HostRule {
        text.parse().expect(text)
    }

    #[test]
    fn every_form_reads_and_shows_alike() {
        for text in [
            "idp.example.com",
            "idp.example.com:8443",
            "10.1.2.3",
            "10.1.2.3:8443",
            "10.0.0.0/8",
            "10.0.0.0/8:8443",
            "fd00::1",
            "[fd00::1]:8443",
            "fd00::/8",
            "[fd00::/8]:8443",
        ] {
            assert_eq!(rule(text).to_string(), text);
        }
        assert_eq!(rule(" IDP.Example.com ").to_string(), "idp.example.com");
        assert_eq!(rule("[::1]").to_string(), "::1");
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            ":80",
            "host:",
            "host:99999",
            "host:x",
            "10.0.0.0/33",
            "fd00::/129",
            "a b",
            "[::1",
            "[::1]8080",
            "https://host",
            "host/path",
        ] {
            assert!(
                text.parse::<HostRule>().is_err(),
                "{text:?} must be refused"
            );
        }
    }

    #[test]
    fn a_port_binds_the_entry() {
        let address = "10.1.2.3".parse().expect("an address");
        assert!(rule("10.0.0.0/8").covers_address(address, None));
        assert!(rule("10.0.0.0/8:80").covers_address(address, Some(80)));
        assert!(!rule("10.0.0.0/8:80").covers_address(address, Some(81)));
        assert!(!rule("10.0.0.0/8:80").covers_address(address, None));
        assert!(rule("inner:80").covers_name("INNER", Some(80)));
        assert!(!rule("inner:80").covers_name("inner", Some(443)));
        assert!(!rule("inner").covers_name("sub.inner", Some(443)));
    }

    #[test]
    fn an_address_is_covered_in_its_ipv6_forms_too() {
        for text in ["::ffff:10.1.2.3", "64:ff9b::10.1.2.3"] {
            let address = text.parse().expect(text);
            assert!(rule("10.0.0.0/8").covers_address(address, None), "{text}");
        }
    }
}
