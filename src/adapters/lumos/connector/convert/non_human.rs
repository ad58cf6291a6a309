//! Accounts of workloads.

use serde_json::Value;

use super::activity::moment;
use super::{attributes, filled, status_or};
use crate::adapters::lumos::connector::settings::AbsentStatus;
use crate::adapters::lumos::connector::wire::FoundNonHumanAccount;
use crate::domain::{AccountKind, AccountRecord, ExternalKey};

/// The first part of their keys, so that they can't run into those of other accounts.
pub(in super::super) const FIRST_PART: &str = "non_human";

/// One of a listing. `Err` says in words what is wrong with it.
pub(in super::super) fn non_human(
    item: &Value,
    absent: AbsentStatus,
) -> Result<AccountRecord, String> {
    let found: FoundNonHumanAccount = serde_json::from_value(item.clone()).map_err(|_| {
        "a non-human account has no `id`, or a field of the wrong JSON type".to_owned()
    })?;
    if found.id.is_empty() {
        return Err("a non-human account's `id` is empty".into());
    }
    let time = |text: &Option<String>| text.as_deref().and_then(moment);
    let own = [
        ("resource_id", filled(found.resource_id).into()),
        ("type", filled(found.kind).into()),
        ("workload_name", filled(found.workload_name).into()),
        ("workload_id", filled(found.workload_id).into()),
    ];
    Ok(AccountRecord {
        external_key: ExternalKey::new(&[FIRST_PART, &found.id]),
        external_id: found.id,
        login: None,
        email: None,
        display_name: filled(found.label),
        given_name: None,
        family_name: None,
        kind: AccountKind::Service,
        status: status_or(found.status.as_deref(), absent),
        vendor_status: found.status,
        resource_key: None,
        attributes: attributes(own, found.extra_data, found.custom_attributes),
        last_activity_at: time(&found.last_login).max(time(&found.last_activity)),
        created_at: time(&found.created_at),
        updated_at: time(&found.updated_at),
        raw: item.clone(),
        succeeds: None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::AccountStatus;

    #[test]
    fn one_reads_as_documented() {
        let item = json!({
            "resource_id": "3", "id": "00u1ada", "label": "Backup runner", "workload_name": "backup",
            "workload_id": "w-1", "type": "service_principal", "status": "ACTIVE",
            "created_at": "2025-01-06T08:00:00Z", "last_login": "2026-01-01T00:00:00Z",
            "last_activity": "2026-01-02T00:00:00Z", "extra_data": {"runtime": "container"}
        });
        let record = non_human(&item, AbsentStatus::Unknown).unwrap();
        assert_eq!(record.external_key.as_str(), r#"["non_human","00u1ada"]"#);
        assert_ne!(record.external_key, super::super::key("00u1ada"));
        assert_eq!(record.display_name.as_deref(), Some("Backup runner"));
        assert_eq!(
            (record.kind, record.status),
            (AccountKind::Service, AccountStatus::Active)
        );
        assert_eq!(record.last_activity_at, moment("2026-01-02"));
        assert_eq!(record.attributes["resource_id"], "3");
        assert_eq!(record.attributes["runtime"], "container");
        assert!(non_human(&json!({"id": ""}), AbsentStatus::Unknown).is_err());
    }
}
