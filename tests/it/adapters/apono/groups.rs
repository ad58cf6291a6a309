//! Groups as a whole, through the gateway: their name, and all their members at once.

use iam_gateway::simulators::{Fault, Rule};
use serde_json::{Value, json};

use super::gateway::{all, named, synced};
use crate::support::app::text;
use crate::support::{APONO, TestApp};

const ADA: &str = "ada.lind@example.org";
const BRUNO: &str = "bruno.keller@example.org";
const CHIARA: &str = "chiara.moretti@example.org";
const GRETA: &str = "greta.holm@example.org";
const HUGO: &str = "hugo.marchand@example.org";

async fn account(app: &TestApp, email: &str) -> Value {
    let path = format!("/v1/accounts?connection_id=apono&email={email}");
    app.get(&path).await["items"][0]["id"].clone()
}

async fn accounts(app: &TestApp, emails: &[&str]) -> Value {
    let mut ids = Vec::new();
    for email in emails {
        ids.push(account(app, email).await);
    }
    json!(ids)
}

/// Where a group and its holders are.
async fn places(app: &TestApp, name: &str) -> (String, String) {
    let group = named(app, "entitlements", name).await;
    let path = format!("/v1/entitlements/{}", text(&group["id"]));
    (path.clone(), format!("{path}/grants"))
}

/// Who is in a group at the vendor.
fn members(app: &TestApp, name: &str) -> Vec<String> {
    let groups = app.simulator(APONO).state().groups;
    let group = groups.iter().find(|one| one["name"] == name).expect(name);
    let members = group["members"].as_array().expect("members").iter();
    let mut members: Vec<String> = members.map(|email| text(email).to_owned()).collect();
    members.sort();
    members
}

async fn last(app: &TestApp) -> Value {
    app.operations().await.pop().expect("an operation")
}

async fn put(app: &TestApp, path: &str, emails: &[&str]) -> crate::support::Answer {
    let body = json!({ "account_ids": accounts(app, emails).await });
    app.admin().ask("PUT", path).json(body).await
}

#[tokio::test]
async fn a_group_is_renamed_once_and_a_directorys_is_not() {
    let app = synced().await;
    let (path, _) = places(&app, "on-call").await;
    let name = json!({ "name": "on-call-europe" });
    let plan = format!("{path}?mode=plan");
    let planned = app.admin().patch(&plan, name.clone()).await.expect(200);
    assert_eq!(planned["kind"], "entitlement.update");
    assert_eq!(planned["request"]["body"], name);
    assert!(app.effects(APONO).is_empty());

    for effect in ["updated", "noop"] {
        let renamed = app.admin().patch(&path, name.clone()).await.expect(200);
        assert_eq!(renamed["name"], "on-call-europe");
        assert_eq!(renamed["source"], "write");
        assert_eq!(last(&app).await["effect"], effect);
    }
    assert_eq!(app.the_effect(APONO).after["name"], "on-call-europe");
    let operation = last(&app).await;
    assert_eq!(operation["entitlement_id"], app.get(&path).await["id"]);

    let taken = json!({ "name": "break-glass" });
    let answer = app.admin().patch(&path, taken).await;
    answer.problem(409, "conflict");
    let (synced_group, of_synced) = places(&app, "engineering").await;
    let before = app.requests(APONO).len();
    let answer = app.admin().patch(&synced_group, name).await;
    let problem = answer.problem(422, "capability_not_supported");
    assert!(
        text(&problem["detail"]).contains("directory"),
        "{problem:#}"
    );
    put(&app, &of_synced, &[ADA])
        .await
        .problem(422, "capability_not_supported");
    let blank = json!({ "name": "  " });
    let answer = app.admin().patch(&path, blank).await;
    assert_eq!(answer.pointers(), ["/name"]);
    assert_eq!(app.requests(APONO).len(), before, "refused before any call");
    app.stop().await;
}

#[tokio::test]
async fn a_name_whose_answer_is_lost_is_found_by_reading() {
    let app = synced().await;
    let (path, _) = places(&app, "on-call").await;
    for (fault, name, sends) in [
        (Fault::DropAfterApply, "late", 1),
        (Fault::DropBeforeApply, "later", 2),
    ] {
        let lost = Rule::new(fault).method("PUT").path_contains("/name");
        app.faults(APONO, [lost]);
        let renamed = app.admin().patch(&path, json!({ "name": name })).await;
        assert_eq!(renamed.expect(200)["name"], name);
        let operation = last(&app).await;
        assert_eq!(
            (&operation["sends"], &operation["effect"]),
            (&json!(sends), &json!("updated"))
        );
    }
    assert_eq!(app.effects(APONO).len(), 2);
    let later = app.admin().patch(&path, json!({ "name": "latest" }));
    let accepted = later.respond_async().await.expect(202);
    assert_eq!(accepted["kind"], "entitlement.update");
    let ended = app.wait_operation(&accepted["id"]).await;
    assert_eq!(ended["status"], "succeeded");
    assert_eq!(app.get(&path).await["name"], "latest");
    app.stop().await;
}

#[tokio::test]
async fn members_are_replaced_and_the_answer_tells_everybody_who_lost_it() {
    let app = synced().await;
    let group = named(&app, "entitlements", "break-glass").await;
    let (_, path) = places(&app, "break-glass").await;
    let kept = app.get(&path).await["items"].clone();
    let kept = kept.as_array().expect("grants").iter();
    let ada = account(&app, ADA).await;
    let kept = kept
        .clone()
        .find(|one| one["account_id"] == ada)
        .expect("hers");
    // One whom our copy knows and no grant of whom, and one whom nobody here knows.
    let stranger =
        json!({ "email": "joan@example.org", "first_name": "Joan", "last_name": "Clarke" });
    let id = &group["external_id"];
    app.drift(
        APONO,
        json!([
            { "op": "add", "kind": "account", "value": stranger },
            { "op": "add", "kind": "grant", "id": id, "value": { "email": "joan@example.org" } },
            { "op": "add", "kind": "grant", "id": id, "value": { "email": HUGO } },
        ]),
    );
    let wanted = accounts(&app, &[ADA, GRETA]).await;
    let body = json!({ "account_ids": wanted, "reason": "The rota of May." });
    let plan = format!("{path}?mode=plan");
    let planned = app.admin().ask("PUT", &plan).json(body.clone()).await;
    let planned = planned.expect(200);
    assert_eq!(
        planned["request"]["body"],
        json!({ "members_emails": [ADA, GRETA] })
    );
    let replaced = app.admin().ask("PUT", &path).json(body.clone());
    let replaced = replaced.idempotent("rota").await.expect(200);
    assert_eq!(members(&app, "break-glass"), [ADA, GRETA]);
    assert_eq!(replaced["entitlement_id"], group["id"]);
    assert_eq!(replaced["added"], accounts(&app, &[GRETA]).await);
    let mut removed: Vec<String> = replaced["removed"]
        .as_array()
        .expect("removed")
        .iter()
        .map(|id| text(id).to_owned())
        .collect();
    let gone = accounts(&app, &[BRUNO, CHIARA, HUGO]).await;
    let mut gone: Vec<&str> = gone.as_array().expect("ids").iter().map(text).collect();
    removed.sort();
    gone.sort_unstable();
    assert_eq!(removed, gone);
    assert_eq!(replaced["removed_unknown"], json!(["joan@example.org"]));
    for told in [&planned["result"], &last(&app).await["result"]] {
        for name in ["added", "removed", "removed_unknown"] {
            assert_eq!(told[name], replaced[name], "{name}");
        }
    }

    let items = replaced["items"].as_array().expect("grants");
    assert_eq!(items.len(), 2);
    let hers = items.iter().find(|one| one["account_id"] == ada);
    assert_eq!(hers.expect("a grant"), kept, "who held it is not touched");
    assert_eq!(kept["managed"], false);
    let new = items.iter().find(|one| one["account_id"] != ada);
    assert_eq!(new.expect("a grant")["managed"], true);
    let of_group = format!("&entitlement_id={}&status=deleted", text(&group["id"]));
    assert_eq!(all(&app, "grants", &of_group).await.len(), 2);
    let operation = last(&app).await;
    assert_eq!(
        (
            &operation["kind"],
            &operation["effect"],
            &operation["sends"]
        ),
        (&json!("grant.replace"), &json!("updated"), &json!(1))
    );
    let events = app.get("/v1/audit-events?limit=1").await["items"][0].clone();
    assert_eq!(events["detail"]["reason"], "The rota of May.");
    assert_eq!(events["detail"]["result"], operation["result"]);

    // The same key tells the same; without one there is nothing to do.
    let again = app.admin().ask("PUT", &path).json(body.clone());
    assert_eq!(again.idempotent("rota").await.expect(200), replaced);
    let again = app.admin().ask("PUT", &path).json(body).await.expect(200);
    assert_eq!(again["added"], json!([]));
    assert_eq!(again["items"], replaced["items"]);
    assert_eq!(last(&app).await["effect"], "noop");
    assert_eq!(app.effects(APONO).len(), 1);
    app.synced(APONO).await;
    let ids = |items: &Value| -> Vec<Value> {
        let items = items.as_array().expect("grants").iter();
        items.map(|one| one["id"].clone()).collect()
    };
    let listed = app.get(&path).await["items"].clone();
    assert_eq!(ids(&listed), ids(&replaced["items"]));
    app.stop().await;
}

#[tokio::test]
async fn a_replacement_whose_answer_is_lost_is_settled_by_the_members() {
    let app = synced().await;
    let (_, path) = places(&app, "break-glass").await;
    for (fault, wanted, other, sends) in [
        (Fault::DropAfterApply, GRETA, ADA, 1),
        (Fault::DropBeforeApply, HUGO, GRETA, 2),
    ] {
        let lost = Rule::new(fault).method("PUT").path_contains("/members");
        app.faults(APONO, [lost]);
        let replaced = put(&app, &path, &[wanted]).await.expect(200);
        assert_eq!(replaced["added"], accounts(&app, &[wanted]).await);
        let removed = replaced["removed"].as_array().expect("ids");
        assert!(
            removed.contains(&account(&app, other).await),
            "{replaced:#}"
        );
        assert_eq!(members(&app, "break-glass"), [wanted]);
        assert_eq!(last(&app).await["sends"], sends);
    }
    assert_eq!(app.effects(APONO).len(), 2);
    app.stop().await;
}

#[tokio::test]
async fn who_can_not_be_named_is_refused_before_anything_is_sent() {
    let app = synced().await;
    let (_, path) = places(&app, "break-glass").await;
    let before = app.requests(APONO).len();
    let ada = account(&app, ADA).await;
    let nobody = "019fffff-ffff-7fff-bfff-ffffffffffff";
    for (ids, pointers) in [
        (
            json!([ada, nobody, ada]),
            &["/account_ids/1", "/account_ids/2"][..],
        ),
        (json!([]), &["/account_ids"]),
        (json!(vec![nobody; 1001]), &["/account_ids"]),
    ] {
        let body = json!({ "account_ids": ids });
        let answer = app.admin().ask("PUT", &path).json(body).await;
        answer.problem(400, "invalid_request");
        assert_eq!(answer.pointers(), pointers);
    }
    assert_eq!(app.requests(APONO).len(), before);
    assert!(app.operations().await.is_empty());
    app.stop().await;
}

#[tokio::test]
async fn whatever_is_done_to_a_group_goes_one_after_the_other() {
    let app = synced().await;
    let (path, of_group) = places(&app, "break-glass").await;
    let slow = Rule::new(Fault::DelayMs { value: 200 }).method("PUT");
    app.faults(APONO, [slow.times(0)]);
    let group = named(&app, "entitlements", "break-glass").await;
    let give = json!({ "account_id": account(&app, HUGO).await, "entitlement_id": group["id"] });
    let client = app.admin();
    let (replaced, given, renamed) = tokio::join!(
        put(&app, &of_group, &[ADA]),
        client.post("/v1/grants", give).send(),
        client.patch(&path, json!({ "name": "glass" })).send(),
    );
    replaced.expect(200);
    given.expect("an answer").expect(201);
    renamed.expect("an answer").expect(200);
    // Whichever came first, what we show is what there is.
    let shown = app.get(&of_group).await["items"]
        .as_array()
        .expect("grants")
        .len();
    assert_eq!(shown, members(&app, "glass").len());
    let mut ends = Vec::new();
    for operation in app.operations().await {
        let at = |name: &str| text(&operation[name]).parse::<chrono::DateTime<chrono::Utc>>();
        ends.push((
            at("sent_at").expect("sent"),
            at("finished_at").expect("ended"),
        ));
    }
    ends.sort();
    assert!(
        ends.windows(2).all(|pair| pair[0].1 <= pair[1].0),
        "two were under way at once: {ends:?}"
    );
    app.stop().await;
}
