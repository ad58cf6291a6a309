//! Measured times.

use std::time::Instant;

/// How long something took, many times over.
#[derive(Default)]
pub(crate) struct Times(Vec<f64>);

impl Times {
    /// Measures one more.
    pub(crate) async fn take<T>(
        &mut self,
        work: impl Future<Output = anyhow::Result<T>>,
    ) -> anyhow::Result<()> {
        let began = Instant::now();
        work.await?;
        self.0.push(began.elapsed().as_secs_f64());
        Ok(())
    }

    /// Adds those of another.
    pub(crate) fn join(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// Half of them are shorter.
    pub(crate) fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    /// This share of them is shorter, in seconds.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let place = ((sorted.len() as f64 * share) as usize).min(sorted.len().saturating_sub(1));
        sorted.get(place).copied().unwrap_or(f64::NAN)
    }
}

/// Of two medians.
pub(crate) fn ratio(one: &Times, other: &Times) -> f64 {
    one.median() / other.median()
}
