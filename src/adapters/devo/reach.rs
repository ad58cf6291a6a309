//! Which domains a connection covers: one, or all of a multitenant. Pure.

use std::fmt;

use serde::Deserialize;

use super::draft;
use crate::adapters::vendor::BuildError;

/// The domains that a connection covers; the setting that names them says which kind it is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reach {
    /// One domain, with its `@multitenant` tail where it has one.
    Domain(String),
    /// The domains whose tail this is, and the one of this name where there is one (§3).
    Multitenant(String),
}

impl Reach {
    /// Refuses names that Devo would misread.
    pub(super) fn check(&self) -> Result<(), BuildError> {
        let wrong = match self {
            Self::Domain(name) if !draft::is_domain(name) => {
                "setting `domain` is no Devo domain: it is `name` or `name@multitenant`"
            }
            Self::Multitenant(name) if name.contains('@') || !draft::is_domain(name) => {
                "setting `multitenant` is no Devo multitenant: it is what stands behind the `@` of its domains"
            }
            Self::Domain(_) | Self::Multitenant(_) => return Ok(()),
        };
        Err(BuildError(format!(
            "{wrong}, begins with a letter, ends with a letter or digit, and has letters, digits, `_` and `-` between"
        )))
    }

    /// Whether the connection covers this domain.
    pub(super) fn covers(&self, domain: &str) -> bool {
        match self {
            Self::Domain(name) => name == domain,
            Self::Multitenant(name) => tail(domain).unwrap_or(domain) == name,
        }
    }

    /// Whether Devo asks for signed requests here, by the multitenant's key (§2).
    pub(super) fn is_in_multitenant(&self) -> bool {
        match self {
            Self::Domain(name) => tail(name).is_some(),
            Self::Multitenant(_) => true,
        }
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Domain(name) => write!(f, "the domain {name}"),
            Self::Multitenant(name) => write!(f, "the multitenant {name}"),
        }
    }
}

/// The multitenant in the name of a domain (§3).
pub(super) fn tail(domain: &str) -> Option<&str> {
    domain.split_once('@').map(|(_, tail)| tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_multitenant_covers_its_domains_and_the_one_of_its_name() {
        let reach = Reach::Multitenant("parent".to_owned());
        for covered in ["acme@parent", "parent"] {
            assert!(reach.covers(covered), "{covered}");
        }
        for other in ["acme@other", "acme", "parent@other", "acme@parent@x", ""] {
            assert!(!reach.covers(other), "{other}");
        }
    }

    #[test]
    fn a_domain_covers_itself() {
        let reach = Reach::Domain("acme@parent".to_owned());
        assert!(reach.covers("acme@parent"));
        for other in ["acme", "parent", "beta@parent"] {
            assert!(!reach.covers(other), "{other}");
        }
    }

    #[test]
    fn signed_requests_are_asked_for_where_there_is_a_multitenant() {
        for (reach, asked) in [
            (Reach::Domain("acme".to_owned()), false),
            (Reach::Domain("acme@parent".to_owned()), true),
            (Reach::Multitenant("parent".to_owned()), true),
        ] {
            assert_eq!(reach.is_in_multitenant(), asked, "{reach}");
        }
    }
}
