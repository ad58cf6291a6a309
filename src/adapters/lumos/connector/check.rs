//! Whether the connection works, and what its connector can do.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::Connector;
use super::describe::{CREATE, Description, UPDATE};
use super::settings::ActivityActors;
use super::wire::ValidatedCredentials;
use crate::adapters::contract::{AdapterError, Call, CheckReport, Checks, Finding, Trouble};
use crate::domain::Capability;

#[async_trait]
impl Checks for Connector {
    async fn check(&self, call: &Call) -> Result<CheckReport, AdapterError> {
        let mut report = CheckReport::default();
        match self.client.validate_credentials(call).await {
            Ok(answer) => report
                .findings
                .extend(refusal(&answer, self.settings.tenant_id.as_deref())),
            // Refused credentials come as an error or as `valid: false` (contract §B7).
            Err(error) if error.trouble == Trouble::AuthFailed => {
                report.findings.push(fatal("auth_failed", said(&error)));
            }
            // Every connector has this capability (contract §B7), so there is none at this address.
            Err(error) if error.trouble == Trouble::Unsupported => {
                report.findings.push(fatal("unreachable", error.message));
            }
            Err(error) => return Err(error),
        }
        if report.findings.iter().any(|finding| finding.fatal) {
            return Ok(report);
        }
        let description = self.description_now(call).await?;
        describe(&description, self.settings.activity_actors, &mut report);
        Ok(report)
    }
}

/// What is wrong with validated credentials.
fn refusal(answer: &ValidatedCredentials, expected: Option<&str>) -> Option<Finding> {
    if answer.valid != Some(true) {
        return Some(fatal(
            "auth_failed",
            "the connector says that the credentials are not valid",
        ));
    }
    let expected = expected?;
    let named = answer.unique_tenant_id.as_deref();
    (named != Some(expected)).then(|| {
        fatal(
            "wrong_tenant",
            match named {
                Some(named) => {
                    format!("the credentials belong to tenant `{named}`, not to `{expected}`")
                }
                None => format!("the connector names no tenant, `{expected}` was expected"),
            },
        )
    })
}

/// Narrows the capabilities to what the connector has.
fn describe(description: &Description, actors: ActivityActors, report: &mut CheckReport) {
    if let Ok(fields) = description.create_fields() {
        report.create_attributes_schema = Some(fields.attributes_schema());
    }
    let Some(names) = &description.capabilities else {
        report.findings.push(notice(
            "capabilities_unknown",
            "the connector does not say what it can do; what it lacks will be refused when it is asked for",
        ));
        return;
    };
    let can: BTreeSet<Capability> = Capability::ALL
        .into_iter()
        .filter(|capability| has(description, actors, *capability))
        .collect();
    for (name, error) in [
        (CREATE, description.create_fields().err()),
        (UPDATE, description.update_fields().err()),
    ] {
        if let Some(error) = error.filter(|_| names.contains(name)) {
            report
                .findings
                .push(notice("capability_missing", error.message));
        }
    }
    if !can.contains(&Capability::ListAccounts) {
        report.findings.push(notice(
            "capability_missing",
            "the connector has no `list_accounts`: its accounts can't be synced, and none can be created safely",
        ));
    }
    if can.contains(&Capability::ListEntitlements) && description.types.is_empty() {
        report.findings.push(notice(
            "entitlement_types_unknown",
            "the connector does not say which types of entitlement it has, so that limits are not known and what is at a resource \
                can't be named; the setting `entitlement_types` can say it",
        ));
    }
    report.capabilities = Some(can);
}

fn has(description: &Description, actors: ActivityActors, capability: Capability) -> bool {
    let has = |name: &str| description.has(name);
    // Without the entitlements nobody could tell which one an association means.
    let reads_grants = (has("get_account_entitlement_associations")
        || has("find_entitlement_associations"))
        && has("list_entitlements");
    match capability {
        Capability::ListAccounts => has("list_accounts"),
        Capability::ReadAccounts => has("get_account"),
        // Without a listing nobody could tell whether an unclear creation happened.
        Capability::CreateAccounts => {
            has(CREATE) && has("list_accounts") && description.create.is_some()
        }
        Capability::UpdateAccounts => has(UPDATE) && description.update.is_some(),
        Capability::DeleteAccounts => has("delete_account"),
        Capability::ActivateAccounts => has("activate_account"),
        Capability::DeactivateAccounts => has("deactivate_account"),
        Capability::ListResources => has("list_resources"),
        Capability::ListEntitlements => has("list_entitlements"),
        Capability::ListGrants => has("find_entitlement_associations") && has("list_entitlements"),
        Capability::ReadGrants => reads_grants,
        // Limits and outcomes are told by reading.
        Capability::CreateGrants => has("assign_entitlement") && reads_grants,
        Capability::DeleteGrants => has("unassign_entitlement") && reads_grants,
        Capability::ListActivity => {
            has("list_activity_records") && (actors == ActivityActors::All || has("list_accounts"))
        }
        // A connector reads neither of them alone, and changes things one by one.
        Capability::ReadResources
        | Capability::ReadEntitlements
        | Capability::UpdateManyAccounts
        | Capability::UpdateEntitlements
        | Capability::ReplaceGrants => false,
    }
}

/// Our words, and the connector's own where it has some.
fn said(error: &AdapterError) -> String {
    let theirs = error.upstream.as_ref().and_then(|up| up.message.as_deref());
    match theirs {
        Some(theirs) => format!("{}: {theirs}", error.message),
        None => error.message.clone(),
    }
}

fn fatal(code: &str, detail: impl Into<String>) -> Finding {
    Finding {
        code: code.into(),
        detail: detail.into(),
        fatal: true,
    }
}

fn notice(code: &str, detail: impl Into<String>) -> Finding {
    Finding {
        code: code.into(),
        detail: detail.into(),
        fatal: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn validated(valid: Option<bool>, tenant: Option<&str>) -> ValidatedCredentials {
        ValidatedCredentials {
            valid,
            unique_tenant_id: tenant.map(str::to_owned),
        }
    }

    #[test]
    fn only_true_is_valid() {
        for valid in [Some(false), None] {
            let finding = refusal(&validated(valid, Some("t")), None).unwrap();
            assert_eq!(
                (finding.code.as_str(), finding.fatal),
                ("auth_failed", true)
            );
        }
        assert_eq!(refusal(&validated(Some(true), None), None), None);
    }

    #[test]
    fn another_tenant_is_found() {
        let code = |tenant| refusal(&validated(Some(true), tenant), Some("t-1")).map(|f| f.code);
        assert_eq!(code(Some("t-1")), None);
        assert_eq!(code(Some("t-2")).as_deref(), Some("wrong_tenant"));
        assert_eq!(code(None).as_deref(), Some("wrong_tenant"));
    }

    #[test]
    fn creation_needs_a_listing_and_a_schema() {
        let names = |list: &[&str]| Some(list.iter().map(|name| (*name).to_owned()).collect());
        let mut report = CheckReport::default();
        let description = Description {
            capabilities: names(&["list_accounts", "create_account", "get_account", "info"]),
            ..Description::default()
        };
        describe(&description, ActivityActors::Listed, &mut report);
        let can: Vec<&str> = report
            .capabilities
            .unwrap()
            .iter()
            .map(|c| c.as_str())
            .collect();
        assert_eq!(can, ["accounts.list", "accounts.read"]);
        assert_eq!(report.findings.len(), 1);
        assert!(report.findings[0].detail.contains("create_account"));
    }
}
