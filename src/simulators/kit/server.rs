//! Starting and stopping: one server for the vendor's API, one for the control API, both on loopback.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, ensure};
use axum::middleware;
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use super::{
    Drift, Effect, Holdings, Options, Received, Rule, Vendor, World, control,
    cut::{CuttableListener, Line},
    intercept::intercept,
    simulator::Simulator,
};

/// How long [`Running::shutdown`] waits for calls under way.
const GRACE: Duration = Duration::from_secs(3);

/// A simulator that runs until it is shut down or dropped.
pub struct Running {
    /// Root of the vendor's API, without a trailing slash: `http://127.0.0.1:41234`.
    pub url: String,
    /// Root of the control API, likewise.
    pub control: String,
    simulator: Arc<Simulator>,
    stop: CancellationToken,
    servers: [JoinHandle<()>; 2],
}

/// Starts a vendor's simulator; returns when it can be called.
pub async fn start<V: Vendor>(vendor: V, options: &Options) -> anyhow::Result<Running> {
    let (api, url) = bind(options.listen).await?;
    let (desk, control) = bind(options.control_listen).await?;
    let vendor = Arc::new(vendor);
    let world = World::new(vendor.seed());
    let router = vendor.router(world.clone());
    let simulator = Arc::new(Simulator::new(vendor, world));
    let stop = CancellationToken::new();

    let router = router.layer(middleware::from_fn_with_state(
        Arc::clone(&simulator),
        intercept,
    ));
    let router = router.into_make_service_with_connect_info::<Line>();
    let serve_api = axum::serve(CuttableListener(api), router)
        .with_graceful_shutdown(stop.clone().cancelled_owned());
    let serve_control = axum::serve(desk, control::router(Arc::clone(&simulator)))
        .with_graceful_shutdown(stop.clone().cancelled_owned());
    // Serving on a bound listener ends only by the stop signal; it has no other error.
    let servers = [
        tokio::spawn(async { drop(serve_api.await) }),
        tokio::spawn(async { drop(serve_control.await) }),
    ];
    Ok(Running {
        url,
        control,
        simulator,
        stop,
        servers,
    })
}

async fn bind(address: SocketAddr) -> anyhow::Result<(TcpListener, String)> {
    ensure!(
        address.ip().is_loopback(),
        "a simulator listens on loopback only, and {address} is not (try 127.0.0.1:0)"
    );
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("can't listen on {address}"))?;
    let url = format!("http://{}", listener.local_addr()?);
    Ok((listener, url))
}

impl Running {
    /// What a client of this variant needs to connect to the seeded vendor: `{"settings": {…}, "credentials": {…}}`. None if
    /// the vendor has no such variant.
    pub fn connection(&self, variant: &str) -> Option<Value> {
        self.simulator.connection(variant, &self.url)
    }

    /// Every call received, in order; the oldest are forgotten after some 200 000.
    pub fn requests(&self) -> Vec<Received> {
        self.simulator.calls.all()
    }

    /// Every change that a call really made, in order.
    pub fn effects(&self) -> Vec<Effect> {
        self.simulator.effects()
    }

    /// What the vendor holds now.
    pub fn state(&self) -> Holdings {
        self.simulator.holdings()
    }

    /// Appends rules to the schedule of faults.
    pub fn faults(&self, rules: impl IntoIterator<Item = Rule>) {
        self.simulator.schedule.append(rules);
    }

    /// Ends all faults.
    pub fn clear_faults(&self) {
        self.simulator.schedule.clear();
    }

    /// Changes what the vendor holds behind its clients' backs: all of it, or nothing and the reason.
    pub fn drift(&self, drifts: &[Drift]) -> Result<(), String> {
        self.simulator.drift(drifts)
    }

    /// Back to the seed: no effects, no requests, no faults.
    pub fn reset(&self) {
        self.simulator.reset();
    }

    /// Stops taking calls and waits a moment for those under way.
    pub async fn shutdown(mut self) {
        self.stop.cancel();
        let ended = futures_util::future::join_all(self.servers.iter_mut());
        // A call held up by a fault ends with the process.
        let _ = tokio::time::timeout(GRACE, ended).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
