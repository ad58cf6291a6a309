//! Tokens show nowhere.

use std::sync::Arc;

use iam_gateway::simulators::{Fault, Options, Rule, Running};
use serde_json::{Value, json};

use super::{CHECK, CONNECTION, crowd::Pair, end_access};
use crate::support::LIGHTELLIGENCE;

#[tokio::test]
async fn tokens_are_in_no_log_no_answer_and_nowhere_at_rest() {
    let pair = Pair::start(Options::default(), &[("IAM_GATEWAY_LOG", "trace")]).await;
    let [client, _] = &pair.clients;
    let mut answers = vec![client.post(CHECK, Value::Null).await];
    answers.push(
        client
            .post("/v1/accounts", LIGHTELLIGENCE.new_account("ann"))
            .await,
    );
    end_access(&pair.simulator);
    answers.push(client.post(CHECK, Value::Null).await);
    // A vendor that repeats what it was shown.
    let seen = pair.simulator.requests();
    let shown = seen
        .iter()
        .rev()
        .find_map(|request| request.headers.get("authorization").cloned());
    let echo = Fault::Status {
        code: 400,
        headers: Default::default(),
        body: Some(json!({"errorMessage": shown, "errorCode": "ODD"})),
        apply: false,
    };
    pair.simulator
        .faults([Rule::new(echo).method("POST").path_contains("/invites")]);
    answers.push(
        client
            .post("/v1/accounts", LIGHTELLIGENCE.new_account("ben"))
            .await,
    );
    for path in [
        "/v1/operations?limit=100",
        "/v1/audit-events?limit=100",
        CONNECTION,
        "/metrics",
    ] {
        answers.push(client.get(path).await);
    }
    let rows: Vec<String> = sqlx::query_scalar(
        "select t::text from connection_tokens t union all select s::text from connection_secrets s
         union all select o::text from operations o union all select a::text from audit_events a",
    )
    .fetch_all(pair.database.sql())
    .await
    .expect("rows");
    let secrets = secrets(&pair.simulator);
    assert!(
        secrets.len() >= 4,
        "two access tokens and two refresh tokens at least"
    );
    let mut places: Vec<(String, String)> = rows
        .into_iter()
        .map(|row| ("the database".to_owned(), row))
        .collect();
    places.extend(answers.iter().map(|answer| {
        (
            answer.asked.clone(),
            format!("{:?} {}", answer.headers, answer.text),
        )
    }));
    places.push(("the log".to_owned(), pair.replicas[0].program.log()));
    for (place, text) in places {
        for secret in secrets.iter() {
            for form in [secret.clone(), hex::encode(secret)] {
                assert!(!text.contains(&form), "a token got out into {place}");
            }
        }
    }
    let ciphertexts: i64 = sqlx::query_scalar(
        "select count(*) from connection_tokens where access_ciphertext is not null and refresh_ciphertext is not null",
    )
    .fetch_one(pair.database.sql())
    .await
    .expect("a count");
    assert_eq!(ciphertexts, 1);
    pair.stop().await;
}

/// The signature of every token that went over the wire: it is in the token and nowhere else.
fn secrets(simulator: &Running) -> Arc<[String]> {
    let mut found = std::collections::BTreeSet::new();
    for request in simulator.requests() {
        let bearer = request.headers.get("authorization");
        let shown = bearer
            .and_then(|header| header.strip_prefix("Bearer "))
            .map(str::to_owned);
        let form: Vec<(String, String)> = url::form_urlencoded::parse(request.body.as_bytes())
            .into_owned()
            .collect();
        let refresh = form
            .into_iter()
            .find(|(name, _)| name == "refresh_token")
            .map(|(_, value)| value);
        for token in shown.into_iter().chain(refresh) {
            let signature = token.rsplit('.').next().expect("a part");
            assert!(signature.len() > 20, "{token}");
            found.insert(signature.to_owned());
        }
    }
    found.into_iter().collect()
}
