//! What may be asked for, by whom it is for (contract §6.9, §7.2).

use axum::{extract::State, response::Json};
use serde_json::{Value, json};

use super::{
    auth::Caller,
    errors::Error,
    front::Front,
    lists::Listing,
    state::{self, User},
};

impl state::State {
    /// Who asks, and for whom: for themselves unless the call names somebody. `None`: the token's owner is no user any more.
    fn parties(&self, caller: Caller, listing: &Listing) -> Result<Option<(&User, &User)>, Error> {
        let Some(asks) = self.user_of_email(caller.0.unwrap_or_default()) else {
            return Ok(None);
        };
        let gets = match listing.query().one("grantee") {
            Some(who) => self
                .person(who)
                .ok_or_else(|| Error::BadRequest(format!("there is no user {who}")))?,
            None => asks,
        };
        Ok(Some((asks, gets)))
    }
}

pub(super) async fn entitlements(
    State(front): State<Front>,
    caller: Caller,
    listing: Listing,
) -> Result<Json<Value>, Error> {
    front.world.read(|state| {
        let Some((asks, gets)) = state.parties(caller, &listing)? else {
            return Ok(Json(listing.answer_whole(Vec::new())));
        };
        let query = listing.query();
        let rows = state.available(asks, gets).into_iter().filter(|(resource, permission)| {
            query.takes("integration_id", &resource.integration_id)
                && query.takes("integration_name", state.source(Some(&resource.integration_id)).unwrap_or_default())
                && query.takes("resource_name", &resource.name)
                && query.takes_any("resource_type_id", [resource.kind.as_str()])
                && query.takes_any("permission_name", [permission.name.as_str()])
        });
        let rows: Vec<Value> = rows
            .map(|(resource, permission)| {
                json!({
                    "integration": state.integration_partial(&resource.integration_id),
                    "resource": resource.show_entitled(),
                    "permission": { "id": permission.id, "source_id": permission.name, "name": permission.name },
                })
            })
            .collect();
        Ok(Json(listing.answer_whole(rows)))
    })
}

/// Bundles of which everything may be asked for.
pub(super) async fn bundles(
    State(front): State<Front>,
    caller: Caller,
    listing: Listing,
) -> Result<Json<Value>, Error> {
    front.world.read(|state| {
        let Some((asks, gets)) = state.parties(caller, &listing)? else {
            return Ok(Json(listing.answer_whole(Vec::new())));
        };
        let available = state.available(asks, gets);
        let may = |id: &str, permission_id: &str| {
            available
                .iter()
                .any(|(resource, permission)| resource.id == id && permission.id == permission_id)
        };
        let rows = state.bundles.rows().filter(|bundle| {
            let pairs = state.pairs_in(bundle);
            listing.query().takes_any_like("name", &bundle.name)
                && !pairs.is_empty()
                && pairs
                    .iter()
                    .all(|pair| may(&pair.resource_id, &pair.permission_id))
        });
        let rows: Vec<Value> = rows
            .map(|bundle| json!({ "id": bundle.id, "name": bundle.name }))
            .collect();
        Ok(Json(listing.answer_whole(rows)))
    })
}
