//! Clocks that differ, where a vendor refuses for it.

use chrono::TimeDelta;
use iam_gateway::adapters::contract::{AdapterError, Trouble};
use iam_gateway::domain::Capability;
use iam_gateway::simulators::Options;

use super::cases::{ALWAYS, clock};
use super::drive;
use super::front::{Alter, Which};
use super::matrix::Bench;
use crate::support::DEVO;

/// What Devo refuses for its time it answers like bad credentials, or like an unknown path (§2); 5 minutes may be between
/// the clocks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signature_that_is_refused_for_its_time_is_told_as_trouble_of_clocks() {
    let good = Bench::start(DEVO).await;
    let known = drive::accounts(&good.stand).await.remove(0);
    for (minutes, status, words) in [
        (7, "401", "7 min ahead of ours"),
        (-7, "401", "7 min behind ours"),
        (7, "404", "7 min ahead of ours"),
    ] {
        let ahead = TimeDelta::minutes(minutes) + TimeDelta::seconds(30 * minutes.signum());
        let options = Options {
            accounts: Some(12),
            ..Options::default()
        };
        let options = options
            .with_quirk("clock_ahead_seconds", &ahead.num_seconds().to_string())
            .with_quirk("bad_signature_status", status);
        let late = Bench::tuned(DEVO, options).await;
        let check = |of: Capability, outcome: Result<String, AdapterError>| {
            let error = outcome.expect_err("it is refused");
            assert_eq!(error.trouble, Trouble::AuthFailed, "{of}: {error}");
            assert!(error.message.contains(words), "{of}: {error}");
        };
        for of in late.stand.adapter.capabilities() {
            late.front
                .strike(Which::All, ALWAYS, Alter::Dated(clock(ahead)));
            match of {
                Capability::ListAccounts
                | Capability::ListResources
                | Capability::ListEntitlements
                | Capability::ListGrants => {
                    let listed = drive::list(&late.stand, of, 100).await;
                    check(of, listed.map(|listed| format!("{listed:?}")));
                }
                Capability::ReadAccounts => {
                    let read = drive::read(&late.stand, of, &known.external_key).await;
                    check(of, read.map(|there| there.to_string()));
                }
                Capability::DeleteAccounts => {
                    let api = late.stand.adapter.account_deleter().expect("a slot");
                    let deleted = api.delete_account(&late.stand.writing(), &known).await;
                    check(of, deleted.map(|outcome| format!("{:?}", outcome.effect)));
                }
                _ => {}
            }
            late.front.rest();
        }
        assert!(late.stand.vendor.effects().is_empty());
    }
}
