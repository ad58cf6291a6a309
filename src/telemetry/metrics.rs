//! The metrics recorder, and the text that Prometheus reads.

use std::{sync::OnceLock, thread, time::Duration};

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing::warn;

/// Upper bounds in seconds. All our histograms are durations; a write to a vendor may take 60 s.
const BUCKETS: [f64; 13] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0,
];

/// How often values wait between two looks of Prometheus; nobody may look for days.
const UPKEEP: Duration = Duration::from_secs(5);

/// What was counted and measured so far.
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// In the text format of Prometheus.
    pub fn render(&self) -> String {
        self.0.render()
    }
}

pub(super) fn installed() -> &'static Metrics {
    static METRICS: OnceLock<Metrics> = OnceLock::new();
    METRICS.get_or_init(|| {
        let builder = PrometheusBuilder::new()
            .set_buckets(&BUCKETS)
            .expect("the list has members");
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            warn!("Another metrics recorder is set already; /metrics will stay empty");
        }
        let upkeep = handle.clone();
        let thread = thread::Builder::new().name("metrics-upkeep".to_owned());
        let spawned = thread.spawn(move || {
            loop {
                thread::sleep(UPKEEP);
                upkeep.run_upkeep();
            }
        });
        if let Err(error) = spawned {
            warn!("Metrics are gathered only when asked for: {error}");
        }
        Metrics(handle)
    })
}

#[cfg(test)]
mod tests {
    use super::super::metrics;

    #[test]
    fn what_is_recorded_is_rendered() {
        let shown = metrics();
        ::metrics::counter!("iam_gateway_test_total", "vendor" => "luna").increment(2);
        ::metrics::histogram!("iam_gateway_test_seconds").record(0.02);
        let text = shown.render();
        assert!(
            text.contains(r#"iam_gateway_test_total{vendor="luna"} 2"#),
            "{text}"
        );
        assert!(
            text.contains(r#"iam_gateway_test_seconds_bucket{le="0.025"} 1"#),
            "{text}"
        );
        assert!(std::ptr::eq(shown, metrics()));
    }
}
