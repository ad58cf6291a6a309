//! What needs no token: is anybody there?

use axum::response::Json;
use serde_json::{Value, json};

const ART: &str = r"
    .
   /|\    L U M O S
  / | \
 /__|__\   (simulated)
";

pub(super) async fn art() -> &'static str {
    ART
}

/// The revision that runs.
pub(super) async fn info() -> Json<Value> {
    Json(json!({ "git_revision": "5111a7ed0000000000000000000000000000cafe" }))
}
