//! Documented operations passed through: what leaves, and what comes back.

use bytes::Bytes;
use futures_util::TryStreamExt;
use wiremock::matchers::any;

use super::*;
use crate::adapters::contract::{Forward, Forwarded, UpstreamOperation};

const ODD: &str = r#"{"odd":  "bytes, as they came"}"#;

async fn forwarded(lumos: &Lumos, forward: &Forward) -> Result<(u16, Bytes), AdapterError> {
    let forwarder = lumos.adapter.forwarder().unwrap();
    let Forwarded {
        status,
        content_type,
        body,
    } = forwarder.forward_read(&lumos.call(), forward).await?;
    assert_eq!(
        content_type.as_deref(),
        Some("application/problem-free+json")
    );
    let pieces: Vec<Bytes> = body.try_collect().await?;
    Ok((status, Bytes::from(pieces.concat())))
}

/// With an odd value in the place of each parameter.
fn filled(operation: &'static UpstreamOperation) -> Forward {
    let part = |part: &str| match part.starts_with('{') {
        true => "a/b ?&=ü".to_owned(),
        false => part.to_owned(),
    };
    Forward {
        operation,
        segments: operation.path.split('/').skip(1).map(part).collect(),
        query: vec![
            ("expand".into(), "a b".into()),
            ("expand".into(), "c&d".into()),
        ],
        accept: Some("application/json;q=0.5".into()),
        content_type: Some("application/merge+json".into()),
        body: Bytes::from_static(b"{ \"as\":  \"sent\" }"),
    }
}

#[tokio::test]
async fn every_answer_comes_back_as_it_was_sent() {
    let lumos = Lumos::start().await;
    let odd = ResponseTemplate::new(202).set_body_raw(ODD, "application/problem-free+json");
    Mock::given(any())
        .respond_with(odd)
        .mount(&lumos.server)
        .await;
    let operations = TENANT.iter().chain(APPSTORE).chain(WORK);
    for (n, operation) in operations.enumerate() {
        let forward = filled(operation);
        let (status, body) = forwarded(&lumos, &forward).await.unwrap();
        assert_eq!(
            (status, &body[..]),
            (202, ODD.as_bytes()),
            "{}",
            operation.id
        );

        let received = lumos.server.received_requests().await.unwrap();
        let sent = &received[n];
        assert_eq!(sent.method.as_str(), operation.method, "{}", operation.id);
        let path: Vec<&str> = operation
            .path
            .split('/')
            .map(|part| match part.starts_with('{') {
                true => "a%2Fb%20%3F&=%C3%BC",
                false => part,
            })
            .collect();
        assert_eq!(sent.url.path(), format!("/lumos{}", path.join("/")));
        assert_eq!(sent.url.query(), Some("expand=a+b&expand=c%26d"));
        assert_eq!(sent.body, forward.body);
        assert_eq!(sent.headers["accept"], "application/json;q=0.5");
        assert_eq!(sent.headers["content-type"], "application/merge+json");
        let token = sent.headers.get("authorization");
        let token = token.map(|value| value.to_str().unwrap());
        let needed = (operation.credential == "api_token").then_some("Bearer lsk_canary");
        assert_eq!(token, needed, "{}", operation.id);
    }
}

#[tokio::test]
async fn a_refusal_is_told_as_in_any_call_and_without_the_token() {
    let lumos = Lumos::start().await;
    let refused = ResponseTemplate::new(409).set_body_json(refusal("busy with lsk_canary"));
    Mock::given(any())
        .respond_with(refused)
        .mount(&lumos.server)
        .await;
    let operation = &TENANT[0];
    let error = forwarded(&lumos, &filled(operation)).await.unwrap_err();
    assert_eq!(error.trouble, Trouble::Conflict);
    assert!(error.message.contains("busy with"), "{}", error.message);
    assert!(!format!("{error:?}").contains("lsk_canary"), "{error:?}");
}
