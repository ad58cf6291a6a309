//! Luna: contract §5–§8.

use std::collections::BTreeMap;

use iam_gateway::services::catalogue::UpstreamOperation;
use serde_json::json;

use super::{Arrival, Contract, Direct, Exchange, exchange_all};
use crate::support::app::text;
use crate::support::{LUNA, Vendor};

struct Luna;

/// The three operations that name an account by a header take it as a query parameter at the gateway.
const ACCOUNT_ID: &str = "Luna-Account-Id";

impl Contract for Luna {
    const VENDOR: Vendor = LUNA;
    const QUIRKS: &'static [(&'static str, &'static str)] = &[("auth", "bearer")];

    async fn exchanges(direct: &Direct<'_>) -> Vec<Exchange> {
        let state = direct.simulator.state();
        let account = text(&state.accounts[0]["account_id"]);
        let token = text(&state.tokens[0]["token_id"]);
        let of = Exchange::of;
        let times = [
            ("create_time__gte", "2020-01-01T00:00:00.000Z"),
            ("create_time__lt", "2040-01-01T00:00:00.000Z"),
        ];
        vec![
            of("create_account")
                .asking(&[(ACCOUNT_ID, "0b0a6f0e-5a0c-4f6a-9a77-0e6d7a1c9b11")])
                .json(&json!({
                    "login": "new@example.org", "password": "s3cret-pass", "account_type": "user", "description": "né"
                }))
                .answered(201),
            of("get_accounts").asking(&[
                ("page", "1"),
                ("page_size", "3"),
                ("account_type", "user"),
                ("targets", "login,account_id"),
                times[0],
                times[1],
            ]),
            of("get_account")
                .at(&[account])
                .asking(&[("targets", "login,description")]),
            of("patch_account")
                .at(&[account])
                .json(&json!({ "description": "né" }))
                .answered(204),
            of("delete_account").at(&[account]).answered(204),
            of("get_accounts_count"),
            of("create_token")
                .asking(&[("grant_all_permissions", "1"), (ACCOUNT_ID, account)])
                .json(&json!({ "expiration_time": null, "visibility_area": "account" }))
                .answered(201),
            of("get_tokens").asking(&[
                ("permissions_targets", "all"),
                ("page", "1"),
                ("page_size", "3"),
                times[0],
            ]),
            of("get_token")
                .at(&[token])
                .asking(&[("permissions_targets", "all")]),
            of("replace_token").at(&[token]).json(&json!({
                "permissions": { "face": ["view", "creation"], "my_reports": ["view"] },
                "description": "badge printer", "expiration_time": null, "visibility_area": "account"
            })),
            of("delete_token").at(&[token]).answered(204),
            of("verify_credentials")
                .asking(&[("permissions_targets", "standard")])
                .json(&json!({ "login": "ada.lind@example.org", "password": "simulated-password" })),
            of("get_version"),
            of("healthcheck").asking(&[("include_luna_services", "1")]),
            of("get_metrics").accepting("text/plain"),
            of("get_config").accepting("text/plain"),
            of("get_docs_spec").accepting("application/x-yaml"),
            of("get_docs_dev").accepting("text/html").answered(303),
            of("get_plugins"),
        ]
    }

    fn query(_operation: &UpstreamOperation, exchange: &Exchange) -> Vec<(&'static str, String)> {
        let query = exchange.query.iter();
        query
            .filter(|(name, _)| *name != ACCOUNT_ID)
            .cloned()
            .collect()
    }

    /// The credential of the connection, since Luna documents none; the name of the request, and of an account (§2).
    fn headers(arrival: &Arrival<'_>) -> BTreeMap<&'static str, String> {
        let token = text(&arrival.connection["credentials"]["token"]);
        let named = arrival.received.headers.get("luna-request-id");
        let (time, id) = named.and_then(|id| id.split_once(',')).expect("an id");
        assert_eq!(time.len(), 10, "{named:?}");
        assert!(time.parse::<u64>().is_ok() && id.parse::<uuid::Uuid>().is_ok());
        assert_eq!(id, id.to_lowercase());
        let account = arrival
            .exchange
            .query
            .iter()
            .find(|(name, _)| *name == ACCOUNT_ID);
        let account = account.map(|(_, id)| ("luna-account-id", id.clone()));
        [
            ("authorization", format!("Bearer {token}")),
            ("luna-request-id", format!("{time},{id}")),
        ]
        .into_iter()
        .chain(account)
        .collect()
    }
}

#[tokio::test]
async fn every_operation_of_luna_is_exchanged_as_documented() {
    exchange_all::<Luna>().await;
}
