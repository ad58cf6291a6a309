//! One person over all connections, as far as e-mail addresses tell.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{AccountKind, AccountStatus};

/// An identity with those of its accounts that the asking caller sees; there is at least one.
#[derive(Clone, Debug)]
pub struct Identity {
    /// UUIDv7; stays the same for ever.
    pub id: Uuid,
    /// The address that all its accounts have, in lower case.
    pub email: String,
    /// When it first appeared here, or one of its accounts last changed.
    pub changed_at: DateTime<Utc>,
    /// Its accounts, the first that came to the gateway first; deleted ones too.
    pub accounts: Vec<IdentityAccount>,
}

/// An account as part of an identity.
#[derive(Clone, Debug)]
pub struct IdentityAccount {
    /// The account.
    pub id: Uuid,
    /// Its connection.
    pub connection_id: Uuid,
    /// The vendor of the connection.
    pub vendor: String,
    /// Its state.
    pub status: AccountStatus,
    /// Person or machine.
    pub kind: AccountKind,
    /// Full name, or what the vendor has in its place.
    pub display_name: Option<String>,
    /// When our copy of it last changed.
    pub changed_at: DateTime<Utc>,
    /// See [`super::Account::seen_at`].
    pub seen_at: DateTime<Utc>,
}

impl Identity {
    /// The accounts that say something of the person now: those that are not deleted, or all where none is left.
    pub fn telling(&self) -> impl Iterator<Item = &IdentityAccount> {
        let any_live = self.accounts.iter().any(IdentityAccount::is_live);
        self.accounts
            .iter()
            .filter(move |account| account.is_live() || !any_live)
    }

    /// The name of the first telling account that has one: a person's before a machine's, an active one before others, the
    /// oldest here before younger ones.
    pub fn display_name(&self) -> Option<&str> {
        let named = self.telling().filter_map(|account| {
            let name = account.display_name.as_deref()?;
            (!name.trim().is_empty()).then_some((account, name))
        });
        named
            .min_by_key(|(account, _)| {
                let is_active = account.status == AccountStatus::Active;
                (account.kind != AccountKind::Human, !is_active, account.id)
            })
            .map(|(_, name)| name)
    }
}

impl IdentityAccount {
    /// Whether it is there at its vendor, as far as we know.
    pub fn is_live(&self) -> bool {
        self.status != AccountStatus::Deleted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(
        number: u128,
        kind: AccountKind,
        status: AccountStatus,
        name: &str,
    ) -> IdentityAccount {
        IdentityAccount {
            id: Uuid::from_u128(number),
            connection_id: Uuid::nil(),
            vendor: "any".into(),
            status,
            kind,
            display_name: (!name.is_empty()).then(|| name.to_owned()),
            changed_at: DateTime::UNIX_EPOCH,
            seen_at: DateTime::UNIX_EPOCH,
        }
    }

    fn name(accounts: Vec<IdentityAccount>) -> Option<String> {
        let identity = Identity {
            id: Uuid::nil(),
            email: "ada@example.org".into(),
            changed_at: DateTime::UNIX_EPOCH,
            accounts,
        };
        identity.display_name().map(str::to_owned)
    }

    #[test]
    fn the_name_is_the_best_accounts_whatever_their_order() {
        use AccountKind::{Human, Service, Unknown};
        use AccountStatus::{Active, Deleted, Suspended};
        // From the best to the least.
        let ranked = [
            account(8, Human, Active, "first"),
            account(9, Human, Active, "second"),
            account(1, Human, Suspended, "third"),
            account(2, Unknown, Active, "fourth"),
            account(3, Service, Active, "fifth"),
            account(4, Service, Suspended, "sixth"),
        ];
        for left_out in 0..ranked.len() {
            let mut accounts = ranked[left_out..].to_vec();
            let best = accounts[0].display_name.clone();
            accounts.push(account(0, Human, Deleted, "gone"));
            accounts.push(account(0, Human, Active, ""));
            accounts.push(account(0, Human, Active, "  "));
            assert_eq!(name(accounts.clone()), best);
            accounts.reverse();
            assert_eq!(name(accounts), best);
        }
    }

    #[test]
    fn the_deleted_speak_only_where_nobody_else_is_left() {
        use AccountStatus::{Active, Deleted};
        let gone = account(1, AccountKind::Human, Deleted, "Ada");
        assert_eq!(name(vec![gone.clone()]).as_deref(), Some("Ada"));
        let nameless = account(2, AccountKind::Human, Active, "");
        assert_eq!(name(vec![gone, nameless]), None);
    }
}
