//! What a domain of a multitenant asks of a new user: the first one owns it (§4).

use super::domain::Domain;
use super::draft::Draft;
use crate::adapters::contract::{AdapterError, Call, Trouble};

impl Domain<'_> {
    /// Whether the domain is there and can be given this user: its first one is its owner, and nobody else is.
    ///
    /// Where the connection is one domain's, that is Devo's to say: the gateway makes no owners there.
    pub(super) async fn takes(self, call: &Call, draft: &Draft<'_>) -> Result<(), AdapterError> {
        if !self.is_of_many() {
            return Ok(());
        }
        let name = self.name;
        if self.read(call).await?.is_none() {
            let words = format!("the multitenant has no domain {name}");
            return Err(AdapterError::invalid("/attributes/domain", words));
        }
        let users = self.users(call).await?;
        let owner = users.iter().find(|user| user["owner"] == true);
        let words = match owner {
            _ if users.is_empty() && !draft.is_owner() => format!(
                "the domain {name} has no user yet, and its first one must be its owner: give the role OWNER, which brings ADMIN \
                 and can't be taken away, nor the user be deleted again"
            ),
            Some(owner) if draft.is_owner() => format!(
                "the domain {name} has an owner already, {}",
                owner["email"].as_str().unwrap_or("without an address")
            ),
            _ => return Ok(()),
        };
        Err(AdapterError::new(Trouble::Conflict, words).at("/attributes/role"))
    }
}
