//! The people whom every simulated vendor knows by the same e-mail, and as many more as somebody asks for.
//!
//! All of it is the same on every start. Addresses are lower-case ASCII without sub-domains or hyphens in the domain, because
//! one vendor's login pattern takes nothing else.

/// How many people are shared over all vendors.
pub const SHARED: usize = 25;

/// How many of them, from the first, are the ones that the sandbox hands keys to: give them an account at every vendor.
pub const SANDBOX: usize = 3;

/// The e-mail domain of everybody.
pub const DOMAIN: &str = "example.org";

/// Somebody or something with a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Lower-case e-mail address.
    pub email: String,
    /// Given name; of a service its name.
    pub given_name: String,
    /// Family name; empty for a service.
    pub family_name: String,
    /// A service's login rather than a person's.
    pub service: bool,
}

impl Person {
    /// Given and family name, or the service's name.
    pub fn display_name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
            .trim_end()
            .to_owned()
    }
}

const NAMES: [(&str, &str); SHARED] = [
    ("Ada", "Lind"),
    ("Bruno", "Keller"),
    ("Chiara", "Moretti"),
    ("Dario", "Novak"),
    ("Elif", "Demir"),
    ("Farid", "Rahimi"),
    ("Greta", "Holm"),
    ("Hugo", "Marchand"),
    ("Ines", "Duarte"),
    ("Jonas", "Berg"),
    ("Kaori", "Tanabe"),
    ("Liam", "Byrne"),
    ("Mina", "Petrova"),
    ("Noor", "Haddad"),
    ("Oskar", "Wolf"),
    ("Priya", "Raman"),
    ("Quentin", "Leroy"),
    ("Rosa", "Iglesias"),
    ("Stefan", "Ionescu"),
    ("Tilda", "Ekman"),
    ("Umar", "Siddiqui"),
    ("Vera", "Kovacs"),
    ("Wen", "Zhao"),
    ("Xenia", "Papadaki"),
    ("Yusuf", "Okafor"),
];

const SERVICES: [&str; 8] = [
    "backup",
    "billing",
    "ci",
    "etl",
    "inventory",
    "monitoring",
    "payroll",
    "reporting",
];

/// The first `count` of everybody: the shared people, then fillers of which every fifth is a service.
pub fn everybody(count: usize) -> impl Iterator<Item = Person> {
    (0..count).map(|n| match NAMES.get(n) {
        Some((given, family)) => person(given, family, ""),
        None => filler(n - SHARED),
    })
}

fn filler(n: usize) -> Person {
    if n % 5 == 4 {
        let name = format!("{}-{}", SERVICES[n / 5 % SERVICES.len()], n / 5 + 1);
        return Person {
            email: format!("svc-{name}@{DOMAIN}"),
            given_name: name,
            family_name: String::new(),
            service: true,
        };
    }
    // Two steps that share no factor with the number of names, so that they pair up differently all the time.
    let (given, _) = NAMES[n * 7 % SHARED];
    let (_, family) = NAMES[(n * 11 + n / SHARED + 3) % SHARED];
    person(given, family, &(n + 1).to_string())
}

fn person(given: &str, family: &str, suffix: &str) -> Person {
    Person {
        email: format!(
            "{}.{}{suffix}@{DOMAIN}",
            given.to_lowercase(),
            family.to_lowercase()
        ),
        given_name: given.to_owned(),
        family_name: family.to_owned(),
        service: false,
    }
}

/// A version 4 UUID in lower case, the same for the same namespace (a vendor's noun, such as `luna/account`) and number.
pub fn uuid(namespace: &str, n: usize) -> uuid::Uuid {
    // FNV-1a over the name, then SplitMix64 for the bits: enough to look random and never to collide in a seed.
    let name = namespace
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    let high = split_mix(name ^ split_mix(n as u64));
    let low = split_mix(high ^ n as u64);
    let bits = u128::from(high) << 64 | u128::from(low);
    uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid()
}

fn split_mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn everybody_has_an_address_of_their_own() {
        let emails: HashSet<_> = everybody(5_000).map(|person| person.email).collect();
        assert_eq!(emails.len(), 5_000);
        assert!(emails.contains("ada.lind@example.org"));
    }

    #[test]
    fn ids_are_distinct_and_stay_the_same() {
        let ids: HashSet<_> = (0..5_000).map(|n| uuid("luna/account", n)).collect();
        assert_eq!(ids.len(), 5_000);
        assert_eq!(uuid("luna/account", 7), uuid("luna/account", 7));
        assert_ne!(uuid("luna/account", 7), uuid("devo/user", 7));
    }
}
