use reqwest::Client;
use serde_json::{Value, json};

use super::{ADMIN, act, call, get, held, items, lumos, text};
use crate::simulators::Running;

async fn first(lumos: &Running, path: &str) -> Value {
    items(&get(lumos, path).await)[0].clone()
}

#[tokio::test]
async fn a_task_is_commented_reassigned_and_held() {
    let lumos = lumos().await;
    let state = held(&lumos);
    let task = first(&lumos, "/tasks?task_category=GENERIC").await;
    let path = format!("/tasks/{}", text(&task["id"]));
    assert_eq!(task["actions"], Value::Null, "not expanded");
    let whole = format!("{path}?expand=actions&expand=assignees&expand=comments");
    assert_eq!(get(&lumos, &whole).await["comments"], json!([]));
    let comment = act(
        &lumos,
        "POST",
        &format!("{path}/comments"),
        json!({ "comment": "Hm" }),
    )
    .await;
    assert_eq!(comment.0, 201);
    let empty = act(
        &lumos,
        "POST",
        &format!("{path}/comments"),
        json!({ "comment": "" }),
    )
    .await;
    assert_eq!(empty.1["detail"][0]["type"], "string_too_short");
    let (user, group) = (&state.users[4]["id"], &state.groups[2]["id"]);
    let more = json!({ "user_ids": [user], "group_ids": [group], "replace": false });
    assert_eq!(
        act(&lumos, "POST", &format!("{path}/reassign"), more)
            .await
            .0,
        204
    );
    let shown = get(&lumos, &whole).await;
    let kinds: Vec<_> = shown["assignees"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["type"])
        .collect();
    assert_eq!(kinds, ["USER", "USER", "GROUP"]);
    assert_eq!(shown["comments"][0]["body"], "Hm");
    let instead = act(
        &lumos,
        "POST",
        &format!("{path}/reassign"),
        json!({ "user_ids": [user] }),
    )
    .await;
    assert_eq!(instead.0, 204);
    assert_eq!(
        get(&lumos, &whole).await["assignees"]
            .as_array()
            .unwrap()
            .len(),
        1
    );

    let perform = async |body: Value| {
        let path = format!("{path}/perform-action");
        act(&lumos, "POST", &path, body).await.0
    };
    assert_eq!(perform(json!({ "action_type": "FLY" })).await, 400);
    assert_eq!(
        perform(json!({ "action_type": "HOLD" })).await,
        400,
        "two ends: one must be named"
    );
    let hold = json!({ "action_type": "HOLD", "transition_to": "BLOCKED" });
    assert_eq!(perform(hold.clone()).await, 204);
    assert_eq!(perform(hold).await, 409);
    assert_eq!(get(&lumos, &path).await["status"], "BLOCKED");
    assert_eq!(get(&lumos, &format!("{path}/actions")).await, json!([]));
}

#[tokio::test]
async fn a_policy_is_kept_replaced_and_removed() {
    let lumos = lumos().await;
    let app = &held(&lumos).apps[3]["id"];
    let mut input =
        json!({ "name": "Ops", "business_justification": "They run it", "apps": [{ "id": app }] });
    let nobody = act(&lumos, "POST", "/access_policies", input.clone()).await;
    assert_eq!(nobody.0, 400, "nobody is meant");
    input["is_everyone_condition"] = json!(true);
    let (status, made) = act(&lumos, "POST", "/access_policies", input.clone()).await;
    assert_eq!(
        (status, &made["status"]),
        (200, &json!("PUBLISHED")),
        "not 201"
    );
    assert_eq!(
        first(&lumos, "/access_policies").await,
        made,
        "newest first"
    );
    let path = format!("/access_policies/{}", text(&made["id"]));
    input["is_enabled"] = json!(false);
    let (status, changed) = act(&lumos, "PUT", &path, input.clone()).await;
    assert_eq!((status, &changed["is_enabled"]), (200, &json!(false)));
    input["apps"] = json!([]);
    let empty = act(&lumos, "PUT", &path, input).await;
    assert_eq!(empty.1["detail"][0]["type"], "too_short");
    assert_eq!(act(&lumos, "DELETE", &path, Value::Null).await.0, 204);
    assert_eq!(call(&lumos, ADMIN, &path).await.0, 404);
}

#[tokio::test]
async fn a_review_takes_in_apps_and_tells_of_those_that_it_cannot() {
    let lumos = lumos().await;
    let apps = held(&lumos).apps;
    let input = json!({
        "name": "Second quarter", "deadline_at": "2031-07-01T00:00:00Z",
        "apps": [{ "id": apps[1]["id"] }, { "id": apps[6]["id"] }, { "id": "none" }]
    });
    let (status, made) = act(&lumos, "POST", "/access_reviews", input).await;
    let review = &made["access_review"];
    assert_eq!((status, &review["status"]), (201, &json!("IN_PREPARATION")));
    let errors: Vec<_> = made["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["error"])
        .collect();
    assert_eq!(errors, ["not connected", "invalid"]);
    let path = format!("/access_reviews/{}", text(&review["id"]));
    let more = json!({ "apps": [{ "id": apps[1]["id"] }, { "id": apps[3]["id"], "review_type": "ACCOUNTS" }] });
    let (status, added) = act(&lumos, "POST", &format!("{path}/apps"), more).await;
    assert_eq!(
        (status, &added["errors"][0]["error"]),
        (201, &json!("already present"))
    );
    assert_eq!(added["added_apps"][0]["review_type"], "ACCOUNTS");
    let place = text(&review["apps"][0]["id"]).to_owned();
    let options = get(
        &lumos,
        &format!("/access_reviews/scope_options?arda_id={place}"),
    )
    .await;
    assert!(!options["scope_options"].as_array().unwrap().is_empty());
    assert_eq!(
        call(&lumos, ADMIN, "/access_reviews/scope_options").await.0,
        400
    );
    let remove = format!("{path}/apps/{place}");
    assert_eq!(act(&lumos, "DELETE", &remove, Value::Null).await.0, 204);
    assert_eq!(act(&lumos, "DELETE", &remove, Value::Null).await.0, 404);
    assert_eq!(
        get(&lumos, &path).await["apps"].as_array().unwrap().len(),
        1
    );
    let strange = act(&lumos, "PATCH", &path, json!({ "title": "x" })).await;
    assert_eq!(strange.1["detail"][0]["type"], "extra_forbidden");
    assert_eq!(act(&lumos, "DELETE", &path, Value::Null).await.0, 204);
}

#[tokio::test]
async fn knowledge_comes_as_a_form_and_errs_with_codes() {
    let lumos = lumos().await;
    let send = async |method: &str, path: &str, form: &str| {
        let body = form.replace('\n', "\r\n");
        let request =
            Client::new().request(method.parse().unwrap(), format!("{}{path}", lumos.url));
        let request = request.header("content-type", "multipart/form-data; boundary=x");
        let response = request.bearer_auth(ADMIN).body(body).send().await.unwrap();
        let status = response.status().as_u16();
        (
            status,
            serde_json::from_str::<Value>(&response.text().await.unwrap()).unwrap(),
        )
    };
    let area = "/v1/knowledge/context";
    let form = "--x\nContent-Disposition: form-data; name=\"title\"\n\nOn call\n--x\n\
        Content-Disposition: form-data; name=\"product_scopes\"\n\nGLOBAL\n--x\n\
        Content-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\n\ntext\n--x--\n";
    let (status, made) = send("POST", area, form).await;
    assert_eq!((status, &made["title"]), (201, &json!("On call")));
    assert_eq!(made["product_scopes"], json!(["GLOBAL"]));
    assert!(text(&made["file_url"]).ends_with("/a.txt"));
    let path = format!("{area}/{}", text(&made["id"]));
    let clear = "--x\nContent-Disposition: form-data; name=\"clear_attachment\"\n\ntrue\n--x--\n";
    let (_, changed) = send("PATCH", &path, clear).await;
    assert_eq!(
        (&changed["file_url"], &changed["title"]),
        (&Value::Null, &json!("On call"))
    );
    let (status, refused) = send("POST", area, "--x--").await;
    assert_eq!(
        (status, &refused["detail"][0]["loc"]),
        (422, &json!(["body", "title"]))
    );

    let mut seen = Vec::new();
    let mut query = format!("{area}?page_size=2");
    loop {
        let page = get(&lumos, &query).await;
        seen.extend(page["knowledge_context"].as_array().unwrap().clone());
        match page["next_page_token"].as_str() {
            Some(token) => query = format!("{area}?page_size=2&page_token={token}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 3);
    assert_eq!(act(&lumos, "DELETE", &path, Value::Null).await.0, 204);
    for (token, path, status, kind, code) in [
        (ADMIN, path.as_str(), 404, "not_found", "not_found"),
        ("lsk_other", area, 401, "authentication", "unauthenticated"),
        (super::MEMBER, area, 403, "permission", "permission_denied"),
    ] {
        let (answered, body) = call(&lumos, token, path).await;
        assert_eq!(
            (answered, &body["type"], &body["code"]),
            (status, &json!(kind), &json!(code))
        );
    }
}

#[tokio::test]
async fn an_order_makes_an_agreement() {
    let lumos = lumos().await;
    let order = json!({
        "unique_identifier": "o-7", "vendor": { "name": "Notes" }, "start_date": "2031-01-01", "end_date": "2031-12-31",
        "auto_renewal": false, "currency": "EUR",
        "line_items": [{
            "name": "Seats", "type": "LICENSE", "quantity": 3, "start_date": "2031-01-01", "end_date": null,
            "unit_cost": { "period": "MONTH", "value": "2.5" }
        }]
    });
    assert_eq!(act(&lumos, "POST", "/orders", order.clone()).await.0, 201);
    let listed = get(&lumos, "/vendor_agreements").await;
    let made = items(&listed)
        .iter()
        .find(|one| one["label"] == "o-7")
        .unwrap();
    assert_eq!(
        made["total_contract_cost"],
        json!({ "currency": "EUR", "value": 7.5 })
    );
    let path = format!(
        "/vendor_agreements/{}/custom_attributes/cost%20center",
        text(&made["id"])
    );
    let (status, set) = act(&lumos, "PUT", &path, json!({ "value": "4712" })).await;
    assert_eq!((status, &set["value"]), (200, &json!("4712")));
    let mut bad = order;
    bad["start_date"] = json!("January");
    let (status, refused) = act(&lumos, "POST", "/orders", bad).await;
    assert_eq!(
        (status, &refused["detail"][0]["loc"]),
        (422, &json!(["body", "start_date"]))
    );
}

#[tokio::test]
async fn other_vendors_call_without_a_token_about_an_app_that_there_is() {
    let lumos = lumos().await;
    let app = text(&held(&lumos).apps[0]["id"]).to_owned();
    let send = async |path: String| {
        let request = Client::new().post(format!("{}{path}", lumos.url));
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(
        send(format!("/webhooks/vendr/request_completed/{app}")).await,
        200
    );
    assert_eq!(
        send("/webhooks/vendr/request_completed/none".into()).await,
        404
    );
    let airbase = format!("/webhooks/airbase/purchase_request_approved/{app}");
    assert_eq!(send(airbase).await, 422, "it needs a body");
    let hooks = get(&lumos, "/inline_webhooks").await;
    assert_eq!(hooks.as_array().unwrap().len(), 5);
}
