//! The control API of a simulator that runs as a program of its own.

use serde_json::Value;

use super::Client;

/// Asks a simulator what happened, and makes things go wrong there.
#[derive(Clone)]
pub struct Control(Client);

impl Control {
    /// `url` is the `control` of the ready line.
    pub fn new(url: &str) -> Self {
        Self(Client::over_http(url))
    }

    /// Every change that was really applied, in order.
    pub async fn effects(&self) -> Vec<Value> {
        items(self.0.get("/effects").await.expect(200))
    }

    /// Every call that it got.
    pub async fn requests(&self) -> Vec<Value> {
        items(self.0.get("/requests").await.expect(200))
    }

    /// What the vendor holds now.
    pub async fn state(&self) -> Value {
        self.0.get("/state").await.expect(200)
    }

    /// Appends a schedule of faults.
    pub async fn faults(&self, schedule: Value) {
        self.0.post("/faults", schedule).await.expect(200);
    }

    /// Ends all faults.
    pub async fn clear_faults(&self) {
        self.0.delete("/faults").await.expect(204);
    }

    /// Changes things behind the gateway's back.
    pub async fn drift(&self, drifts: Value) {
        self.0.post("/drift", drifts).await.expect(204);
    }
}

fn items(body: Value) -> Vec<Value> {
    body["items"].as_array().expect("items").clone()
}
