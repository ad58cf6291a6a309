//! What there is to hold, who holds it, and changing the type of an account.

use async_trait::async_trait;
use serde_json::json;
use uuid::Uuid;

use super::draft::Edit;
use super::{Api, convert, read, types};
use crate::adapters::contract::{
    AdapterError, Call, Completeness, GrantsEntitlements, ListsAccounts, ListsEntitlements,
    ListsGrants, Outcome, Page, PageRequest, Pair, ReadsEntitlements, ReadsGrants,
    RevokesEntitlements, Trouble,
};
use crate::domain::{AccountRecord, Effect, EntitlementRecord, ExternalKey, GrantRecord};

#[async_trait]
impl ListsEntitlements for Api {
    /// Nothing is asked: they are documented, and the service lists none.
    async fn list_entitlements(
        &self,
        _call: &Call,
        _page: &PageRequest,
    ) -> Result<Page<EntitlementRecord>, AdapterError> {
        let items = types::all(&self.settings.default_account_type);
        Ok(Page {
            total: Some(items.len() as u64),
            items,
            next: None,
            defects: Vec::new(),
        })
    }
}

#[async_trait]
impl ReadsEntitlements for Api {
    async fn find_entitlement(
        &self,
        _call: &Call,
        key: &ExternalKey,
    ) -> Result<Option<EntitlementRecord>, AdapterError> {
        let mut all = types::all(&self.settings.default_account_type).into_iter();
        Ok(all.find(|one| one.external_key == *key))
    }
}

#[async_trait]
impl ListsGrants for Api {
    fn completeness(&self) -> Completeness {
        Completeness::Whole
    }

    /// Page by page with the accounts: each holds its type.
    async fn list_grants(
        &self,
        call: &Call,
        page: &PageRequest,
    ) -> Result<Page<GrantRecord>, AdapterError> {
        Ok(types::held(self.list_accounts(call, page).await?))
    }
}

#[async_trait]
impl ReadsGrants for Api {
    async fn find_grant(
        &self,
        call: &Call,
        pair: Pair<'_>,
    ) -> Result<Option<GrantRecord>, AdapterError> {
        let id = convert::id(&pair.account.external_key).ok_or_else(read::not_ours)?;
        // Permissions are held by tokens; no account ever holds one.
        let Some(wanted) = types::type_word(&pair.entitlement.external_key) else {
            return Ok(None);
        };
        let Some(account) = self.find(call, id).await? else {
            return Ok(None);
        };
        // A type that is not documented is another one than this.
        let shown = shown_type(&account)?;
        Ok((shown == wanted)
            .then(|| types::grant(&account).ok())
            .flatten())
    }
}

#[async_trait]
impl GrantsEntitlements for Api {
    /// The same as the account's own acts: all of them change one thing by PATCH.
    fn turns_of_granting(&self, pair: Pair<'_>) -> String {
        pair.account.external_key.as_str().to_owned()
    }

    fn prepare_grant(&self, pair: Pair<'_>) -> Result<(), AdapterError> {
        types_of(pair).map(drop)
    }

    async fn grant(
        &self,
        call: &Call,
        pair: Pair<'_>,
    ) -> Result<Outcome<Option<GrantRecord>>, AdapterError> {
        let (id, wanted) = types_of(pair)?;
        let account = self.find(call, id).await?.ok_or_else(|| {
            AdapterError::new(Trouble::NotFound, "Luna has no such account any more")
                .at("/account_id")
        })?;
        let now = shown_type(&account)?;
        if now == wanted {
            return Ok(Outcome {
                effect: Effect::Noop,
                value: types::grant(&account).ok(),
            });
        }
        if now != self.settings.default_account_type {
            let words = format!(
                "the account is of the type `{now}`, and an account at Luna has one type: revoke that first"
            );
            return Err(AdapterError::new(Trouble::Conflict, words).at("/entitlement_id"));
        }
        let shown = self.set_type(call, id, now, wanted).await?;
        Ok(Outcome {
            effect: Effect::Created,
            value: shown.and_then(|account| types::grant(&account).ok()),
        })
    }
}

#[async_trait]
impl RevokesEntitlements for Api {
    fn turns_of_revoking(&self, pair: Pair<'_>) -> String {
        self.turns_of_granting(pair)
    }

    fn prepare_revoke(&self, pair: Pair<'_>) -> Result<(), AdapterError> {
        let (_, word) = types_of(pair)?;
        let rest = &self.settings.default_account_type;
        if word == *rest {
            let words = format!(
                "every account at Luna has a type, and `{rest}` is what it has without any other: grant another one instead"
            );
            return Err(AdapterError::unsupported("/entitlement_id", words));
        }
        Ok(())
    }

    async fn revoke(
        &self,
        call: &Call,
        pair: Pair<'_>,
        restores: Option<&EntitlementRecord>,
    ) -> Result<Outcome<()>, AdapterError> {
        self.prepare_revoke(pair)?;
        let (id, word) = types_of(pair)?;
        let nothing = Outcome {
            effect: Effect::Noop,
            value: (),
        };
        let Some(account) = self.find(call, id).await? else {
            return Ok(nothing);
        };
        if shown_type(&account)? != word {
            return Ok(nothing);
        }
        let back = restores
            .and_then(|record| types::type_word(&record.external_key))
            .filter(|back| *back != word)
            .unwrap_or(&self.settings.default_account_type);
        self.set_type(call, id, word, back).await?;
        Ok(Outcome {
            effect: Effect::Deleted,
            value: (),
        })
    }
}

impl Api {
    /// Changes the type of an account and looks whether Luna shows it; the account as it is then, where it can be read.
    async fn set_type(
        &self,
        call: &Call,
        id: Uuid,
        now: &str,
        wanted: &str,
    ) -> Result<Option<AccountRecord>, AdapterError> {
        let edit = Edit {
            login: None,
            password: None,
            account_type: Some(wanted),
            description: None,
        };
        let before = json!({ "account_type": now });
        let patched = self.client.patch_account(call, id, &edit, &before).await;
        patched.map_err(|error| match error.pointer {
            Some(_) => error.at("/entitlement_id"),
            None => error,
        })?;
        let shown = self
            .read_back(call, id, |read| !edit.is_contradicted_by(read))
            .await;
        match shown {
            Some(account) if edit.is_contradicted_by(&account) => Err(AdapterError::new(
                Trouble::Malformed,
                format!(
                    "Luna accepted the type `{wanted}` for the account and still shows `{}`",
                    shown_type(&account).unwrap_or("none")
                ),
            )),
            shown => Ok(shown),
        }
    }
}

/// The account and the type of a pair, if it is one of an account and a type.
fn types_of(pair: Pair<'_>) -> Result<(Uuid, &'static str), AdapterError> {
    let id = convert::id(&pair.account.external_key)
        .ok_or_else(|| read::not_ours().at("/account_id"))?;
    let key = &pair.entitlement.external_key;
    let word = types::type_word(key).ok_or_else(|| {
        AdapterError::unsupported(
            "/entitlement_id",
            if types::is_permission(key) {
                "permissions are held by Luna's tokens, not by accounts; an account can be granted an account type"
            } else {
                "this is nothing that an account at Luna can be granted; an account type is"
            },
        )
    })?;
    Ok((id, word))
}

fn shown_type(account: &AccountRecord) -> Result<&str, AdapterError> {
    let shown = account.attributes.get("account_type");
    shown.and_then(|word| word.as_str()).ok_or_else(|| {
        AdapterError::new(
            Trouble::Malformed,
            "Luna does not say of which type the account is",
        )
    })
}
