//! What a caller may do.

/// A permission of a caller, `<area>:<act>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(&'static str);

macro_rules! words {
    ($($name:ident = $word:literal),* $(,)?) => {
        #[allow(missing_docs, reason = "the word says it")]
        impl Scope {
            $(pub const $name: Self = Self($word);)*
            /// Every scope that a key can hold.
            pub const ALL: &'static [Self] = &[$(Self($word)),*];
        }
    };
}

words! {
    CONNECTIONS_READ = "connections:read",
    CONNECTIONS_WRITE = "connections:write",
    ACCOUNTS_READ = "accounts:read",
    ACCOUNTS_WRITE = "accounts:write",
    IDENTITIES_READ = "identities:read",
    IDENTITIES_WRITE = "identities:write",
    ENTITLEMENTS_READ = "entitlements:read",
    ENTITLEMENTS_WRITE = "entitlements:write",
    GRANTS_READ = "grants:read",
    GRANTS_WRITE = "grants:write",
    TOKENS_READ = "tokens:read",
    TOKENS_WRITE = "tokens:write",
    ACCESS_REQUESTS_READ = "access_requests:read",
    ACCESS_REQUESTS_WRITE = "access_requests:write",
    POLICIES_READ = "policies:read",
    POLICIES_WRITE = "policies:write",
    SESSIONS_READ = "sessions:read",
    SESSIONS_WRITE = "sessions:write",
    OPERATIONS_READ = "operations:read",
    OPERATIONS_WRITE = "operations:write",
    ACTIVITY_READ = "activity:read",
    ACTIVITY_WRITE = "activity:write",
    TOKENS_REVEAL = "tokens:reveal",
    TOKENS_VERIFY = "tokens:verify",
    ACCESS_REQUESTS_DECIDE = "access_requests:decide",
    UPSTREAM_READ = "upstream:read",
    UPSTREAM_WRITE = "upstream:write",
    AUDIT_READ = "audit:read",
    KEYS_ADMIN = "keys:admin",
    KEYS_PEOPLE = "keys:people",
}

impl Scope {
    /// The word used on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// The scope that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.0 == word)
    }

    /// Whether only a person may hold it.
    pub fn needs_person(self) -> bool {
        self == Self::ACCESS_REQUESTS_DECIDE
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}
