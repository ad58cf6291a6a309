//! One member of a list of hosts: a name or a network, for every port or one.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
    str::FromStr,
};

/// Which hosts an operator means. Names are compared without regard to case and never by suffix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostRule {
    /// A name as it stands in a URL.
    Name {
        /// In lower case.
        host: String,
        /// `None`: all of them.
        port: Option<u16>,
    },
    /// An address, or all that share its first bits.
    Network {
        /// Where the network begins.
        address: IpAddr,
        /// How many leading bits count.
        prefix: u8,
        /// `None`: all of them.
        port: Option<u16>,
    },
}

impl HostRule {
    /// Whether the rule means this name. A name's rule says nothing of the addresses that it resolves to.
    pub fn matches_name(&self, name: &str, on: u16) -> bool {
        match self {
            Self::Name { host, port } => {
                host.eq_ignore_ascii_case(name) && port.is_none_or(|port| port == on)
            }
            Self::Network { .. } => false,
        }
    }

    /// Whether the rule means this address.
    pub fn matches_address(&self, candidate: IpAddr, on: u16) -> bool {
        match self {
            Self::Name { .. } => false,
            Self::Network {
                address,
                prefix,
                port,
            } => port.is_none_or(|port| port == on) && same_network(*address, candidate, *prefix),
        }
    }
}

fn same_network(network: IpAddr, candidate: IpAddr, prefix: u8) -> bool {
    match (network, candidate) {
        (IpAddr::V4(network), IpAddr::V4(candidate)) => {
            (network.to_bits() ^ candidate.to_bits()).leading_zeros() >= u32::from(prefix)
        }
        (IpAddr::V6(network), IpAddr::V6(candidate)) => {
            (network.to_bits() ^ candidate.to_bits()).leading_zeros() >= u32::from(prefix)
        }
        _ => false,
    }
}

impl FromStr for HostRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "'{text}' is none of: host, host:port, address, [v6 address]:port, network/bits"
            )
        };
        let network = |address: IpAddr, prefix, port| {
            Ok(Self::Network {
                address,
                prefix,
                port,
            })
        };
        if let Some((address, bits)) = text.split_once('/') {
            let address: IpAddr = address.parse().map_err(|_| wrong())?;
            let prefix = bits
                .parse()
                .ok()
                .filter(|bits| *bits <= full_prefix(address))
                .ok_or_else(wrong)?;
            return network(address, prefix, None);
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return network(address, full_prefix(address), None);
        }
        if let Some(rest) = text.strip_prefix('[') {
            let (address, port) = rest.split_once(']').ok_or_else(wrong)?;
            let address: Ipv6Addr = address.parse().map_err(|_| wrong())?;
            let port = match port.strip_prefix(':') {
                Some(port) => Some(parse_port(port).ok_or_else(wrong)?),
                None if port.is_empty() => None,
                None => return Err(wrong()),
            };
            return network(address.into(), 128, port);
        }
        let (host, port) = match text.split_once(':') {
            Some((host, port)) => (host, Some(parse_port(port).ok_or_else(wrong)?)),
            None => (text, None),
        };
        if let Ok(address) = host.parse::<IpAddr>() {
            return network(address, full_prefix(address), port);
        }
        if is_name(host) {
            Ok(Self::Name {
                host: host.to_ascii_lowercase(),
                port,
            })
        } else {
            Err(wrong())
        }
    }
}

impl fmt::Display for HostRule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let port = match self {
            Self::Name { host, port } => {
                formatter.write_str(host)?;
                port
            }
            Self::Network {
                address,
                prefix,
                port,
            } => {
                match (address, port) {
                    (IpAddr::V6(address), Some(_)) => write!(formatter, "[{address}]")?,
                    _ => write!(formatter, "{address}")?,
                }
                if *prefix < full_prefix(*address) {
                    write!(formatter, "/{prefix}")?;
                }
                port
            }
        };
        port.map_or(Ok(()), |port| write!(formatter, ":{port}"))
    }
}

fn full_prefix(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn parse_port(text: &str) -> Option<u16> {
    text.parse().ok().filter(|port| *port != 0)
}

/// A host name whose last label isn't a number: `127.1` and `2130706433` are addresses in disguise.
fn is_name(host: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    host.split('.').all(label) && !last.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> HostRule {
        text.parse().expect(text)
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect(text)
    }

    #[test]
    fn names_match_whole_and_on_their_port() {
        let any = rule("Vendor.Example");
        assert!(any.matches_name("vendor.example", 443) && any.matches_name("VENDOR.EXAMPLE", 80));
        assert!(
            !any.matches_name("evil.vendor.example", 443)
                && !any.matches_name("vendor.example.evil", 443)
        );
        let one = rule("localhost:9000");
        assert!(one.matches_name("localhost", 9000) && !one.matches_name("localhost", 9001));
        assert!(!one.matches_address(address("127.0.0.1"), 9000));
    }

    #[test]
    fn networks_match_by_their_leading_bits() {
        let network = rule("10.1.0.0/16");
        assert!(network.matches_address(address("10.1.255.1"), 1));
        assert!(
            !network.matches_address(address("10.2.0.1"), 1)
                && !network.matches_address(address("::1"), 1)
        );
        assert!(rule("0.0.0.0/0").matches_address(address("192.0.2.1"), 1));
        assert!(rule("fd00::/8").matches_address(address("fd12::1"), 1));
        assert!(!rule("fd00::/8").matches_address(address("fe80::1"), 1));
    }

    #[test]
    fn single_addresses_may_carry_a_port() {
        assert!(rule("127.0.0.1:80").matches_address(address("127.0.0.1"), 80));
        assert!(!rule("127.0.0.1:80").matches_address(address("127.0.0.1"), 81));
        assert!(rule("127.0.0.1").matches_address(address("127.0.0.1"), 81));
        assert!(!rule("127.0.0.1").matches_address(address("127.0.0.2"), 81));
        assert!(rule("[::1]:80").matches_address(address("::1"), 80));
        assert!(
            rule("::1").matches_address(address("::1"), 81)
                && rule("[::1]").matches_address(address("::1"), 81)
        );
    }

    #[test]
    fn a_rule_is_written_as_it_is_read() {
        for text in [
            "host",
            "host:80",
            "10.0.0.1",
            "10.0.0.1:80",
            "10.0.0.0/8",
            "::1",
            "[::1]:80",
            "fd00::/8",
        ] {
            assert_eq!(rule(text).to_string(), text);
        }
    }

    #[test]
    fn what_means_no_host_is_refused() {
        for text in [
            "",
            "a b",
            "http://host",
            "host:",
            "host:0",
            "host:99999",
            "10.0.0.0/33",
            "::/129",
            "[::1",
            "[::1]80",
            "*.host",
            "host/8",
            "10.0.0",
            "2130706433",
            "a..b",
            "host.",
        ] {
            assert!(text.parse::<HostRule>().is_err(), "{text}");
        }
    }
}
