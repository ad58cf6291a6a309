//! Clients that want an account each and do not give up: whatever cuts them off, they ask again with the same key.

use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::scene::Desk;
use crate::support::Vendor;

/// How long one client may need in all.
const PATIENCE: Duration = Duration::from_secs(240);

/// How it ended, as a client was told.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Told {
    /// The account is there.
    Created,
    /// It is not, and asking again would not help.
    Refused(String),
    /// Nobody knows; a person has to look.
    Unknown,
}

/// One client and how it fared.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    pub(super) vendor: Vendor,
    pub(super) who: String,
    pub(super) told: Told,
    /// How often its connection was cut or refused.
    pub(super) cuts: u32,
    /// How often it was told to ask again.
    pub(super) again: u32,
}

/// Asks for an account until the answer is final.
pub(super) async fn create(desk: Desk, vendor: Vendor, who: String) -> Wish {
    let deadline = Instant::now() + PATIENCE;
    let mut wish = Wish {
        vendor,
        who,
        told: Told::Unknown,
        cuts: 0,
        again: 0,
    };
    loop {
        assert!(Instant::now() < deadline, "never answered: {wish:?}");
        let ask = desk
            .client()
            .post("/v1/accounts", vendor.new_account(&wish.who))
            .idempotent(&wish.who);
        let Ok(answer) = ask.send().await else {
            wish.cuts += 1;
            sleep(Duration::from_millis(100)).await;
            continue;
        };
        let body: Value = serde_json::from_str(&answer.text).unwrap_or_default();
        wish.told = match (answer.status.as_u16(), body["code"].as_str()) {
            (201, _) => Told::Created,
            (502, Some("outcome_unknown")) => Told::Unknown,
            (202, _) | (409, Some("idempotency_in_progress")) => {
                wish.again += 1;
                sleep(Duration::from_millis(200)).await;
                continue;
            }
            _ if body["retryable"] == true => {
                wish.again += 1;
                sleep(Duration::from_millis(200)).await;
                continue;
            }
            _ => Told::Refused(answer.to_string()),
        };
        return wish;
    }
}
