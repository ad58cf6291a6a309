//! The Lumos connector.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use iam_gateway::adapters::contract::{
    Adapter, AdapterError, Call, CheckReport, MarkRefused, MemoryCell, PageRequest, Sent,
    SideEffect, Trouble,
};
use iam_gateway::adapters::lumos::VENDOR;
use iam_gateway::adapters::transport::{Transport, TransportConfig};
use iam_gateway::adapters::vendor::{Credentials, Parts};
use iam_gateway::domain::{
    AccountChange, AccountKind, AccountRecord, AccountStatus, Capability, Effect, ExternalKey,
    NewAccount,
};
use iam_gateway::simulators::{self, Fault, Options, Rule, Running};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;

/// The marks that were set, in order.
#[derive(Default)]
struct Marks(Mutex<Vec<Value>>);

#[async_trait]
impl Sent for Marks {
    async fn mark(&self, before: &Value) -> Result<(), MarkRefused> {
        self.0.lock().unwrap().push(before.clone());
        Ok(())
    }
}

struct Lumos {
    vendor: Running,
    adapter: Adapter,
    marks: Arc<Marks>,
}

impl Lumos {
    async fn start() -> Self {
        Self::with(&[]).await
    }

    async fn with(quirks: &[(&str, &str)]) -> Self {
        Self::connected(quirks, |_| {}).await
    }

    /// With the connection changed before the adapter is built.
    async fn connected(quirks: &[(&str, &str)], change: impl FnOnce(&mut Value)) -> Self {
        let mut options = Options::default();
        for (name, value) in quirks {
            options = options.with_quirk(name, value);
        }
        let vendor = simulators::start("lumos", options).await.unwrap();
        let mut connection = vendor.connection("lumos/connector").unwrap();
        change(&mut connection);
        let mut config = TransportConfig {
            plain_http_hosts: vec!["127.0.0.1".parse().unwrap()],
            private_hosts: vec!["127.0.0.1".parse().unwrap()],
            ..TransportConfig::default()
        };
        config.retry.first_wait = Duration::from_millis(1);
        let parts = Parts {
            connection_id: Uuid::now_v7(),
            settings: connection["settings"].clone(),
            credentials: opened(&connection["credentials"]),
            cell: MemoryCell::empty(),
            transport: Transport::new(config).unwrap(),
        };
        let adapter = (VENDOR.variants[0].build)(parts).unwrap();
        Self {
            vendor,
            adapter,
            marks: Arc::default(),
        }
    }

    fn reading(&self) -> Call {
        Call::read("test-request", Instant::now() + Duration::from_secs(10))
    }

    fn writing(&self) -> Call {
        let deadline = Instant::now() + Duration::from_secs(10);
        Call::write(
            "test-request",
            deadline,
            Uuid::now_v7(),
            Arc::new([]),
            self.marks.clone(),
        )
    }

    async fn check(&self) -> CheckReport {
        let checker = self.adapter.checker();
        checker.check(&self.reading()).await.unwrap()
    }

    async fn list(&self, page: &PageRequest) -> (Vec<AccountRecord>, Option<String>) {
        let lister = self.adapter.account_lister().unwrap();
        let page = lister.list_accounts(&self.reading(), page).await.unwrap();
        assert_eq!(page.defects, Vec::<String>::new());
        (page.items, page.next)
    }

    async fn find(&self, key: &ExternalKey) -> Result<Option<AccountRecord>, AdapterError> {
        let reader = self.adapter.account_reader().unwrap();
        reader.find_account(&self.reading(), key).await
    }

    async fn ada(&self) -> AccountRecord {
        let new = person("ada.lind@example.org");
        self.matches(&new).await.unwrap().remove(0)
    }

    async fn matches(&self, new: &NewAccount) -> Result<Vec<AccountRecord>, AdapterError> {
        let creator = self.adapter.account_creator().unwrap();
        creator.find_matches(&self.reading(), new).await
    }

    async fn create(&self, new: &NewAccount) -> Result<AccountRecord, AdapterError> {
        let creator = self.adapter.account_creator().unwrap();
        creator.prepare_create(new)?;
        let call = self.writing();
        let before = creator.find_matches(&call, new).await?;
        let before: Vec<_> = before.into_iter().map(|r| r.external_key).collect();
        let outcome = creator.create_account(&call, new, &before).await?;
        assert_eq!(outcome.effect, Effect::Created);
        Ok(outcome.value)
    }

    fn marks(&self) -> Vec<Value> {
        self.marks.0.lock().unwrap().clone()
    }

    /// The capabilities through which something was really changed.
    fn effects(&self) -> Vec<String> {
        let name = |operation: &str| operation.rsplit('/').next().unwrap().to_owned();
        let effects = self.vendor.effects();
        effects.iter().map(|e| name(&e.operation)).collect()
    }
}

fn opened(credentials: &Value) -> Credentials {
    let mut fields: BTreeMap<String, String> = serde_json::from_value(credentials.clone()).unwrap();
    Credentials {
        kind: fields.remove("kind").unwrap(),
        fields: fields
            .into_iter()
            .map(|(name, value)| (name, SecretString::from(value)))
            .collect(),
    }
}

fn person(email: &str) -> NewAccount {
    let attributes = json!({"department": "sales", "cost_center": 4711});
    NewAccount {
        operation_id: Uuid::now_v7(),
        login: None,
        email: Some(email.to_owned()),
        display_name: None,
        given_name: Some("Zoe".to_owned()),
        family_name: None,
        kind: Some(AccountKind::Human),
        password: None,
        attributes: attributes.as_object().unwrap().clone(),
    }
}

#[tokio::test]
async fn a_check_learns_what_the_connector_can_do_wherever_it_says_so() {
    for lacks in [
        "none",
        "info",
        "info,connected_info",
        "info,connected_info,app_info",
    ] {
        let lumos = Lumos::with(&[("lacks", lacks)]).await;
        let report = lumos.check().await;
        assert_eq!(report.findings, [], "{lacks}");
        assert_eq!(
            report.capabilities.unwrap(),
            Capability::ALL.into_iter().collect(),
            "{lacks}"
        );
        let schema = report.create_attributes_schema.unwrap();
        let names: Vec<_> = schema["properties"].as_object().unwrap().keys().collect();
        assert_eq!(names, ["cost_center", "department", "invite"], "{lacks}");
        assert_eq!(schema["required"], json!(["department"]), "{lacks}");
    }
    let lumos = Lumos::with(&[("lacks", "get_account,delete_account")]).await;
    let can = lumos.check().await.capabilities.unwrap();
    assert!(!can.contains(&Capability::ReadAccounts));
    assert!(!can.contains(&Capability::DeleteAccounts));
    assert!(can.contains(&Capability::UpdateAccounts));
}

#[tokio::test]
async fn a_check_finds_refused_credentials_and_wrong_places() {
    let wrong_token = |connection: &mut Value| connection["credentials"]["token"] = "wrong".into();
    for refusal in ["error", "invalid"] {
        let lumos = Lumos::connected(&[("refusal", refusal)], wrong_token).await;
        let findings = lumos.check().await.findings;
        assert_eq!(findings[0].code, "auth_failed", "{refusal}");
        assert!(findings[0].fatal);
    }
    let lumos = Lumos::connected(&[], |connection| {
        connection["settings"]["connector_id"] = "other".into();
    })
    .await;
    assert_eq!(lumos.check().await.findings[0].code, "unreachable");
    let lumos = Lumos::connected(&[], |connection| {
        connection["settings"]["tenant_id"] = "somebody-else".into();
    })
    .await;
    assert_eq!(lumos.check().await.findings[0].code, "wrong_tenant");
}

#[tokio::test]
async fn every_place_and_every_kind_of_credential_works() {
    for style in ["id", "connectors", "bare"] {
        let lumos = Lumos::with(&[("path_style", style), ("outer_token", "simulated-outer")]).await;
        assert_eq!(lumos.check().await.findings, [], "{style}");
    }
    for kind in [
        "basic",
        "oauth",
        "oauth_client_credentials",
        "key_pair",
        "empty",
    ] {
        let lumos = Lumos::with(&[("auth", kind)]).await;
        assert_eq!(lumos.check().await.findings, [], "{kind}");
    }
    let lumos = Lumos::connected(&[], |connection| {
        connection["credentials"]["credential_id"] = "directory".into();
    })
    .await;
    assert_eq!(lumos.check().await.findings, []);
}

#[tokio::test]
async fn every_account_is_listed_once_at_any_page_size() {
    let lumos = Lumos::start().await;
    for size in [7, 1000] {
        let mut page = PageRequest { cursor: None, size };
        let mut seen = Vec::new();
        loop {
            let (items, next) = lumos.list(&page).await;
            seen.extend(items.into_iter().map(|record| record.external_id));
            if next.is_none() {
                break;
            }
            page.cursor = next;
        }
        let held: Vec<String> = lumos
            .vendor
            .state()
            .accounts
            .iter()
            .map(|account| {
                account["integration_specific_id"]
                    .as_str()
                    .unwrap()
                    .to_owned()
            })
            .collect();
        assert_eq!(seen, held, "{size}");
    }
}

#[tokio::test]
async fn an_account_lives_from_create_to_delete() {
    for created_id in ["given", "null"] {
        let lumos = Lumos::with(&[("created_id", created_id)]).await;
        let zoe = lumos.create(&person("zoe@example.org")).await.unwrap();
        assert_eq!(zoe.login.as_deref(), Some("zoe"), "{created_id}");
        assert_eq!(zoe.status, AccountStatus::Active);
        assert_eq!(zoe.attributes["cost_center"], 4711);
        assert_eq!(
            lumos.find(&zoe.external_key).await.unwrap(),
            Some(zoe.clone())
        );

        let change = AccountChange {
            given_name: Some(None),
            family_name: Some(Some("Falk".into())),
            attributes: json!({"cost_center": null}).as_object().unwrap().clone(),
            ..AccountChange::default()
        };
        let updater = lumos.adapter.account_updater().unwrap();
        let call = lumos.writing();
        let changed = updater.update_account(&call, &zoe, &change).await.unwrap();
        assert_eq!(changed.effect, Effect::Updated);
        assert_eq!(changed.value.display_name.as_deref(), Some("Falk"));
        assert!(updater.shows_update(&changed.value, &change));

        let deactivator = lumos.adapter.account_deactivator().unwrap();
        let activator = lumos.adapter.account_activator().unwrap();
        for effect in [Effect::Updated, Effect::Noop] {
            let call = lumos.writing();
            let off = deactivator.deactivate_account(&call, &zoe).await.unwrap();
            assert_eq!(off.effect, effect);
            assert_eq!(off.value.unwrap().status, AccountStatus::Suspended);
        }
        let call = lumos.writing();
        let on = activator.activate_account(&call, &zoe).await.unwrap();
        assert_eq!(on.value.unwrap().status, AccountStatus::Active);

        let deleter = lumos.adapter.account_deleter().unwrap();
        for effect in [Effect::Deleted, Effect::Noop] {
            let gone = deleter
                .delete_account(&lumos.writing(), &zoe)
                .await
                .unwrap();
            assert_eq!(gone.effect, effect);
        }
        assert_eq!(lumos.find(&zoe.external_key).await.unwrap(), None);
        assert_eq!(
            lumos.effects(),
            [
                "create_account",
                "update_account",
                "deactivate_account",
                "activate_account",
                "delete_account"
            ]
        );
        assert_eq!(lumos.marks()[0], json!({"matches": []}));
    }
}

#[tokio::test]
async fn a_name_that_is_there_is_a_conflict_even_where_the_connector_would_not_mind() {
    let lumos = Lumos::with(&[("duplicates", "allowed")]).await;
    let error = lumos
        .create(&person("ADA.lind@example.org"))
        .await
        .unwrap_err();
    assert_eq!(
        (error.trouble, error.effect),
        (Trouble::Conflict, SideEffect::None)
    );
    assert!(lumos.marks().is_empty());
}

#[tokio::test]
async fn what_the_connector_cannot_keep_is_refused_before_anything_is_sent() {
    let lumos = Lumos::start().await;
    let mut named = person("zoe@example.org");
    named.display_name = Some("Zoe".into());
    let mut homeless = person("zoe@example.org");
    homeless.attributes.remove("department");
    let mut wrong = person("zoe@example.org");
    wrong.attributes["department"] = "moon".into();
    for (new, trouble, pointer) in [
        (named, Trouble::Unsupported, "/display_name"),
        (homeless, Trouble::Invalid, "/attributes/department"),
        (wrong, Trouble::Invalid, "/attributes/department"),
    ] {
        let error = lumos.create(&new).await.unwrap_err();
        assert_eq!(
            (error.trouble, error.pointer.as_deref()),
            (trouble, Some(pointer))
        );
        assert_eq!(error.effect, SideEffect::None);
    }
    assert!(lumos.marks().is_empty());
    assert!(lumos.effects().is_empty());
}

#[tokio::test]
async fn an_unclear_creation_is_told_by_reading() {
    let lumos = Lumos::start().await;
    let zoe = person("zoe@example.org");
    let strike = |fault| {
        let rule = Rule::new(fault).path_contains("/create_account");
        lumos.vendor.faults([rule]);
    };
    strike(Fault::ErrorIn200 { body: None });
    let error = lumos.create(&zoe).await.unwrap_err();
    assert_eq!(
        (error.trouble, error.effect),
        (Trouble::Unavailable, SideEffect::Unknown)
    );
    assert_eq!(lumos.matches(&zoe).await.unwrap(), []);

    strike(Fault::DropAfterApply);
    let error = lumos.create(&zoe).await.unwrap_err();
    assert_eq!(error.effect, SideEffect::Unknown);
    assert_eq!(lumos.matches(&zoe).await.unwrap().len(), 1);
    assert_eq!(lumos.effects(), ["create_account"]);
}

#[tokio::test]
async fn a_listing_in_circles_proves_no_absence() {
    let lumos = Lumos::start().await;
    let zoe = person("zoe@example.org");
    lumos.matches(&zoe).await.unwrap();
    lumos.vendor.faults([Rule::new(Fault::PageLoop).times(0)]);
    let error = lumos.matches(&zoe).await.unwrap_err();
    assert_eq!(error.trouble, Trouble::Malformed);
}

#[tokio::test]
async fn a_lacking_capability_never_reads_as_gone() {
    let lumos = Lumos::with(&[("lacks", "info,get_account")]).await;
    let ada = lumos.ada().await;
    let error = lumos.find(&ada.external_key).await.unwrap_err();
    assert_eq!(error.trouble, Trouble::Unsupported);
    assert!(error.message.contains("get_account"), "{}", error.message);

    // An account can be made and changed all the same; what can't be read back is shown as it was asked for.
    let zoe = lumos.create(&person("zoe@example.org")).await.unwrap();
    assert_eq!(zoe.email.as_deref(), Some("zoe@example.org"));
    assert_eq!(zoe.status, AccountStatus::Active);
}

#[tokio::test]
async fn absence_counts_only_while_the_connection_proves_itself() {
    let lumos = Lumos::start().await;
    let stranger = ExternalKey::new(&["00unobody"]);
    assert_eq!(lumos.find(&stranger).await.unwrap(), None);
    let refused = json!({"is_error": true, "error": {"message": "m", "error_code": "unauthorized", "app_id": "x"}});
    let rule = Rule::new(Fault::ErrorIn200 {
        body: Some(refused),
    });
    lumos
        .vendor
        .faults([rule.path_contains("/validate_credentials")]);
    let error = lumos.find(&stranger).await.unwrap_err();
    assert_eq!(error.trouble, Trouble::AuthFailed);
}

#[tokio::test]
async fn a_deleted_account_that_is_kept_reads_as_gone() {
    let lumos = Lumos::with(&[("deleted", "kept")]).await;
    let ada = lumos.ada().await;
    let deleter = lumos.adapter.account_deleter().unwrap();
    let gone = deleter
        .delete_account(&lumos.writing(), &ada)
        .await
        .unwrap();
    assert_eq!(gone.effect, Effect::Deleted);
    assert_eq!(lumos.find(&ada.external_key).await.unwrap(), None);
    assert_eq!(
        lumos
            .matches(&person("ada.lind@example.org"))
            .await
            .unwrap(),
        []
    );
}

#[tokio::test]
async fn no_error_repeats_a_credential() {
    let lumos = Lumos::start().await;
    let echo = json!({"is_error": true, "error": {
        "message": "refused simulated-connector-token", "error_code": "bad_request", "app_id": "x"
    }});
    lumos
        .vendor
        .faults([Rule::new(Fault::ErrorIn200 { body: Some(echo) })]);
    let lister = lumos.adapter.account_lister().unwrap();
    let page = PageRequest {
        cursor: None,
        size: 10,
    };
    let error = lister
        .list_accounts(&lumos.reading(), &page)
        .await
        .unwrap_err();
    assert!(
        !format!("{error:?}").contains("simulated-connector-token"),
        "{error:?}"
    );
}
