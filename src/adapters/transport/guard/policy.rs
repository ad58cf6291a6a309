//! What may be called: pure, so that a connection's settings can be checked before they are stored.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::address::is_public;
use crate::domain::HostRule;

/// Which URLs and addresses may be called.
#[derive(Clone, Debug, Default)]
pub struct AddressPolicy {
    plain_http: Vec<HostRule>,
    private: Vec<HostRule>,
}

/// Why a URL may not be called, in words for the caller.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refusal(String);

impl AddressPolicy {
    /// A policy with the operator's two lists: hosts allowed by plain http, and hosts allowed though not public.
    pub fn new(plain_http: Vec<HostRule>, private: Vec<HostRule>) -> Self {
        Self {
            plain_http,
            private,
        }
    }

    /// Checks what can be seen in the URL itself. Names are resolved, and their addresses checked, only when they are dialled.
    ///
    /// # Errors
    /// Says in plain words what is wrong with the URL.
    pub fn check_url(&self, url: &Url) -> Result<(), Refusal> {
        let refuse = |words: &str| Err(Refusal(words.to_owned()));
        let is_plain = match url.scheme() {
            "https" => false,
            "http" => true,
            other => {
                return Err(Refusal(format!(
                    "the scheme `{other}` is not allowed: use https"
                )));
            }
        };
        if !url.username().is_empty() || url.password().is_some() {
            return refuse(
                "a user name or password in the URL is not allowed: use the credentials",
            );
        }
        if url.fragment().is_some() {
            return refuse("a fragment (`#…`) in the URL is not allowed");
        }
        let Some(host) = url.host() else {
            return refuse("the URL names no host");
        };
        let port = url.port_or_known_default();
        if port == Some(0) {
            return refuse("port 0 is not allowed");
        }
        if let Host::Domain(name) = host
            && name.ends_with('.')
        {
            return refuse("a host name that ends in a dot is not allowed");
        }
        if !self.allows_inner(&host, port) {
            return Err(Refusal(format!(
                "the host `{host}` is not a public one, and the operator has not listed it as an allowed private host"
            )));
        }
        if is_plain && !lists(&self.plain_http, &host, port) {
            return Err(Refusal(format!(
                "plain http is not allowed for the host `{host}`: use https, or let the operator list it for plain http"
            )));
        }
        Ok(())
    }

    /// Whether that name may be dialled at that address. An unknown port is matched by no entry that is bound to a port.
    pub(super) fn permits(&self, name: &str, address: IpAddr, port: Option<u16>) -> bool {
        is_public(address)
            || self
                .private
                .iter()
                .any(|rule| rule.covers_address(address, port) || rule.covers_name(name, port))
    }

    /// Whether a host that can be seen to lie inside is listed; true for all others.
    fn allows_inner(&self, host: &Host<&str>, port: Option<u16>) -> bool {
        match host {
            Host::Ipv4(address) => self.permits("", (*address).into(), port),
            Host::Ipv6(address) => self.permits("", (*address).into(), port),
            Host::Domain(name) if is_localhost(name) => {
                self.permits(name, Ipv4Addr::LOCALHOST.into(), port)
                    || self.permits(name, Ipv6Addr::LOCALHOST.into(), port)
            }
            Host::Domain(_) => true,
        }
    }
}

fn is_localhost(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost")
}

fn lists(rules: &[HostRule], host: &Host<&str>, port: Option<u16>) -> bool {
    rules.iter().any(|rule| match host {
        Host::Domain(name) => rule.covers_name(name, port),
        Host::Ipv4(address) => rule.covers_address((*address).into(), port),
        Host::Ipv6(address) => rule.covers_address((*address).into(), port),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(texts: &[&str]) -> Vec<HostRule> {
        texts.iter().map(|text| text.parse().expect(text)).collect()
    }

    /// What a person who means harm would try; each is either no URL at all or refused.
    const HOSTILE: [&str; 62] = [
        "http://api.example.com/",
        "ftp://api.example.com/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_FLUSHALL",
        "data:text/plain,hello",
        "javascript:alert(1)",
        "unix:///var/run/docker.sock",
        "https://",
        "https:///",
        "//api.example.com",
        "api.example.com",
        "https://user@api.example.com/",
        "https://user:pass@api.example.com/",
        "https://:pass@api.example.com/",
        "https://api.example.com@127.0.0.1/",
        "https://api.example.com:443@10.0.0.1/",
        "https://api.example.com/#fragment",
        "https://api.example.com./",
        "https://localhost/",
        "https://LOCALHOST/",
        "https://localhost./",
        "https://localhost:8443/",
        "https://api.localhost/",
        "https://127.0.0.1/",
        "https://127.0.0.1./",
        "https://127.1/",
        "https://127.0.1/",
        "https://2130706433/",
        "https://017700000001/",
        "https://0177.0.0.1/",
        "https://0x7f.0.0.1/",
        "https://0x7f000001/",
        "https://%31%32%37.0.0.1/",
        "https://１２７.０.０.１/",
        "https://127。0。0。1/",
        "https://0/",
        "https://0.0.0.0/",
        "https://10.0.0.1/",
        "https://172.16.0.1/",
        "https://192.168.1.1/",
        "https://100.64.0.1/",
        "https://100.100.100.200/latest/meta-data/",
        "https://169.254.169.254/latest/meta-data/",
        "https://2852039166/",
        "https://0xa9fea9fe/",
        "https://168.63.129.16/",
        "https://198.18.0.1/",
        "https://224.0.0.1/",
        "https://255.255.255.255/",
        "https://999.1.1.1/",
        "https://[::]/",
        "https://[::1]/",
        "https://[::127.0.0.1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:a9fe:a9fe]/",
        "https://[64:ff9b::169.254.169.254]/",
        "https://[64:ff9b:1::10.0.0.1]/",
        "https://[2002:7f00:1::]/",
        "https://[2001:0:7f00:1::]/",
        "https://[fd00:ec2::254]/",
        "https://[fe80::1]/",
        "https://[ff02::1]/",
    ];

    #[test]
    fn hostile_urls_are_refused() {
        let policy = AddressPolicy::default();
        for text in HOSTILE {
            if let Ok(url) = Url::parse(text) {
                let refusal = policy.check_url(&url);
                assert!(refusal.is_err(), "{text} was allowed as {url}");
            }
        }
    }

    #[test]
    fn public_https_urls_are_allowed() {
        let policy = AddressPolicy::default();
        for text in [
            "https://api.example.com/",
            "https://api.example.com:8443/v1?page=2",
            "https://8.8.8.8/",
            "https://[2606:4700::1111]/",
            "https://xn--bcher-kva.example/",
        ] {
            let url = Url::parse(text).expect(text);
            assert_eq!(policy.check_url(&url), Ok(()), "{text}");
        }
    }

    #[test]
    fn lists_open_just_what_they_name() {
        let policy = AddressPolicy::new(
            rules(&["127.0.0.1:8081", "inner.example"]),
            rules(&["127.0.0.1:8081", "10.0.0.0/8"]),
        );
        let allowed = |text: &str| policy.check_url(&Url::parse(text).expect(text)).is_ok();
        assert!(allowed("http://127.0.0.1:8081/"));
        assert!(allowed("https://127.0.0.1:8081/"));
        assert!(!allowed("http://127.0.0.1:8082/"));
        assert!(!allowed("https://127.0.0.1/"));
        assert!(allowed("http://inner.example/"));
        assert!(!allowed("http://other.example/"));
        assert!(allowed("https://10.9.8.7/"));
        assert!(!allowed("http://10.9.8.7/"));
        assert!(allowed("https://localhost:8081/"));
        assert!(!allowed("https://localhost:8082/"));
    }

    #[test]
    fn a_listed_name_may_lie_inside_and_no_other() {
        let policy = AddressPolicy::new(Vec::new(), rules(&["inner.example", "bound.example:81"]));
        let inside = "10.0.0.1".parse().expect("an address");
        assert!(policy.permits("inner.example", inside, None));
        assert!(!policy.permits("other.example", inside, Some(443)));
        assert!(policy.permits("bound.example", inside, Some(81)));
        assert!(!policy.permits("bound.example", inside, Some(82)));
        assert!(!policy.permits("bound.example", inside, None));
    }
}
