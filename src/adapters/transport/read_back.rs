//! Looking at what a write left behind, before its answer goes out.

use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::adapters::contract::AdapterError;

/// How often, and how far apart, it is looked.
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_millis(200);
/// The write has succeeded already; nobody waits longer than this to see it.
const LIMIT: Duration = Duration::from_secs(5);

/// What the vendor shows after a write; `None` when it can't be seen. Reads again while it does not show what it should,
/// and then answers what it shows. Trouble that no repetition mends ends it.
pub async fn read_back<T, R>(read: impl Fn() -> R, shows: impl Fn(&T) -> bool) -> Option<T>
where
    R: Future<Output = Result<Option<T>, AdapterError>>,
{
    let mut seen = None;
    let reading = async {
        for attempt in 0..TRIES {
            if attempt > 0 {
                sleep(PAUSE).await;
            }
            match read().await {
                Ok(shown) => seen = shown,
                Err(error) if error.trouble.is_passing() => {}
                Err(_) => break,
            }
            if seen.as_ref().is_some_and(&shows) {
                break;
            }
        }
    };
    // Cut short, the last thing seen still counts.
    let _ = timeout(LIMIT, reading).await;
    seen
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::adapters::contract::Trouble;

    /// Reads these one after the other; how many were read, and what came out. `3` is what should show.
    async fn reading(answers: Vec<Result<Option<u8>, Trouble>>) -> (usize, Option<u8>) {
        let left = RefCell::new(answers);
        let before = left.borrow().len();
        let read = || {
            let answer = left.borrow_mut().remove(0);
            async move { answer.map_err(|trouble| AdapterError::new(trouble, "no")) }
        };
        let seen = read_back(read, |shown| *shown == 3).await;
        (before - left.borrow().len(), seen)
    }

    #[tokio::test]
    async fn it_looks_again_until_the_write_shows() {
        let late = vec![Ok(None), Ok(Some(2)), Ok(Some(3))];
        assert_eq!(reading(late).await, (3, Some(3)));
        let at_once = vec![Ok(Some(3)), Ok(Some(2))];
        assert_eq!(reading(at_once).await, (1, Some(3)));
        let never = vec![Ok(Some(1)), Err(Trouble::Timeout), Ok(Some(2)), Ok(Some(3))];
        assert_eq!(reading(never).await, (3, Some(2)));
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_not_asked_for_again() {
        let lacking = vec![Err(Trouble::Unsupported), Ok(Some(3))];
        assert_eq!(reading(lacking).await, (1, None));
        let refused = vec![Ok(Some(1)), Err(Trouble::AuthFailed), Ok(Some(3))];
        assert_eq!(reading(refused).await, (2, Some(1)));
    }
}
