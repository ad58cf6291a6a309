//! How far a run is, and when it will end: from the vendor's count where it has one, else from earlier runs.

use chrono::{DateTime, TimeDelta, Utc};

use super::SyncRun;

/// What can be told of the rest of a run; `None` where nothing is known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Progress {
    /// Pages that will have been read at its end.
    pub expected_pages: Option<i64>,
    /// Seconds from now.
    pub remaining_seconds: Option<i64>,
    /// When that is.
    pub expected_end_at: Option<DateTime<Utc>>,
}

/// How far a run is. One that has ended has no progress; of one that has not begun the pages are known at most.
pub fn progress(run: &SyncRun) -> Progress {
    let running = run.status == "running";
    if !running && run.status != "pending" {
        return Progress::default();
    }
    let Some(pages_left) = pages_left(run) else {
        return Progress::default();
    };
    let expected_pages = Some(i64::from(run.pages) + pages_left);
    let seconds = pace(run).filter(|_| running).map(|pace| {
        let seconds = (pages_left as f64 * pace).ceil();
        // A century is enough.
        seconds.clamp(0.0, 3e9) as i64
    });
    Progress {
        expected_pages,
        remaining_seconds: seconds,
        expected_end_at: seconds.map(|seconds| run.observed_at + TimeDelta::seconds(seconds)),
    }
}

/// How many pages are still to be read: of the part at hand as its vendor counts, of the others as earlier runs tell.
fn pages_left(run: &SyncRun) -> Option<i64> {
    let earlier_runs = run
        .expected_pages
        .map(|pages| i64::from(pages) - i64::from(run.pages))
        .filter(|left| *left > 0);
    // After the last page of a part others may follow, of which its vendor's count says nothing.
    let goes_on = run.pass_items > 0 && run.cursor.is_some();
    let part = run.total.filter(|_| goes_on).map(|total| {
        let items_left = (total - run.pass_items).max(0) as f64;
        let page = run.pass_items as f64 / f64::from(run.pass_pages);
        // A cursor is there, so one page at least is as well.
        ((items_left / page).ceil() as i64).max(1)
    });
    // `None` is less than any number.
    part.max(earlier_runs)
}

/// Seconds per page: so far, else as the last complete runs took.
fn pace(run: &SyncRun) -> Option<f64> {
    match run.started_at {
        Some(started_at) if run.pages > 0 => {
            let elapsed = (run.observed_at - started_at).as_seconds_f64();
            Some(elapsed / f64::from(run.pages))
        }
        _ => {
            let pages = run.expected_pages.filter(|pages| *pages > 0)?;
            Some(run.expected_seconds? / f64::from(pages))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use sqlx::types::Json;
    use uuid::Uuid;

    use super::*;

    /// A run that began 20 s ago.
    fn run(status: &str, pages: i32) -> SyncRun {
        let now: DateTime<Utc> = "2031-05-02T07:08:20Z".parse().unwrap();
        SyncRun {
            id: Uuid::nil(),
            connection_id: Uuid::nil(),
            noun: "accounts".into(),
            cause: "demand".into(),
            status: status.into(),
            epoch: 1,
            attempts: 1,
            requested_at: now - TimeDelta::seconds(21),
            requested_by: None,
            started_at: Some(now - TimeDelta::seconds(20)),
            finished_at: None,
            cursor: Some("more".into()),
            total: None,
            pages,
            seen: i64::from(pages) * 100,
            created: 0,
            changed: 0,
            removed: 0,
            pass: 1,
            pass_pages: pages,
            pass_items: i64::from(pages) * 100,
            pass_seen: i64::from(pages) * 100,
            shifted: false,
            defects: json!([]),
            error: None,
            expected_pages: None,
            expected_seconds: None,
            missing: None,
            live: None,
            lifts: Json(Vec::new()),
            lifted_into: None,
            part_started_at: None,
            since: None,
            unresolved: 0,
            parts: Json(Vec::new()),
            observed_at: now,
        }
    }

    #[test]
    fn the_vendors_count_and_the_pace_so_far_tell_the_end() {
        let told = progress(&SyncRun {
            total: Some(1030),
            ..run("running", 4)
        });
        assert_eq!(told.expected_pages, Some(11));
        assert_eq!(told.remaining_seconds, Some(35), "seven pages of 5 s");
        assert_eq!(
            told.expected_end_at,
            Some("2031-05-02T07:08:55Z".parse().unwrap())
        );
    }

    #[test]
    fn a_second_pass_has_all_its_pages_before_it() {
        let told = progress(&SyncRun {
            total: Some(400),
            pass: 2,
            pass_pages: 1,
            pass_items: 100,
            ..run("running", 5)
        });
        assert_eq!(told.expected_pages, Some(8));
        assert_eq!(told.remaining_seconds, Some(12));
    }

    #[test]
    fn without_a_count_earlier_runs_tell() {
        let known = |pages| SyncRun {
            expected_pages: Some(10),
            expected_seconds: Some(60.0),
            ..run("running", pages)
        };
        let told = progress(&known(5));
        assert_eq!(
            (told.expected_pages, told.remaining_seconds),
            (Some(10), Some(20))
        );
        let told = progress(&known(0));
        assert_eq!(
            (told.expected_pages, told.remaining_seconds),
            (Some(10), Some(60))
        );
        // It takes longer than ever before: nothing is known.
        assert_eq!(progress(&known(10)), Progress::default());
    }

    #[test]
    fn where_nothing_is_known_nothing_is_told() {
        assert_eq!(progress(&run("running", 3)), Progress::default());
        for ended in ["complete", "incomplete", "failed"] {
            let ended = SyncRun {
                total: Some(1000),
                ..run(ended, 3)
            };
            assert_eq!(progress(&ended), Progress::default());
        }
    }

    #[test]
    fn a_run_that_has_not_begun_has_no_end_yet() {
        let told = progress(&SyncRun {
            started_at: None,
            expected_pages: Some(10),
            expected_seconds: Some(60.0),
            ..run("pending", 0)
        });
        assert_eq!(
            told,
            Progress {
                expected_pages: Some(10),
                ..Progress::default()
            }
        );
    }

    #[test]
    fn after_the_last_page_of_a_part_earlier_runs_tell_of_the_others() {
        let first = SyncRun {
            cursor: None,
            total: Some(400),
            ..run("running", 4)
        };
        assert_eq!(progress(&first), Progress::default());
        let told = progress(&SyncRun {
            expected_pages: Some(10),
            ..first
        });
        assert_eq!(
            (told.expected_pages, told.remaining_seconds),
            (Some(10), Some(30))
        );
    }
}
