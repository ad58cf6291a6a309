//! Page arithmetic for listings, with the page faults built in: by page number, by offset and by key for opaque tokens.

use std::ops::Range;

use super::PageFault;

/// What a listing by page number or offset serves.
#[derive(Debug, PartialEq, Eq)]
pub struct Numbered {
    /// Which rows.
    pub rows: Range<usize>,
    /// How many rows the listing claims to have.
    pub total: usize,
}

/// Page `page` (from 1) of `len` rows, `size` to a page. A page past the end is empty.
pub fn numbered(len: usize, page: usize, size: usize, fault: Option<PageFault>) -> Numbered {
    offset(len, (page - 1).saturating_mul(size), size, fault)
}

/// The page of `len` rows that leaves out the first `start`, at most `size` long. A page past the end is empty.
pub fn offset(len: usize, start: usize, size: usize, fault: Option<PageFault>) -> Numbered {
    let pages = len.div_ceil(size).max(1);
    let rows = |start: usize| slice(len, start, size);
    match fault {
        None => Numbered {
            rows: rows(start),
            total: len,
        },
        // Round and round, and always one more page to come.
        Some(PageFault::Loop) => Numbered {
            rows: rows(start % (pages * size)),
            total: start.saturating_add(2 * size).max(len),
        },
        // The first page has none before it, so it takes the second one's rows, which that then repeats.
        Some(PageFault::Repeat) => {
            let second = if pages > 1 { size } else { 0 };
            let other = if start > 0 {
                start.saturating_sub(size)
            } else {
                second
            };
            Numbered {
                rows: rows(other),
                total: len,
            }
        }
        Some(PageFault::Missing) => Numbered {
            rows: 0..0,
            total: len,
        },
    }
}

/// What a listing by token serves.
#[derive(Debug, PartialEq, Eq)]
pub struct Onward {
    /// Which rows.
    pub rows: Range<usize>,
    /// Where the next page starts; none at the end. The vendor's listing makes its token from it.
    pub next: Option<usize>,
}

/// The page of `len` rows that starts at `start`, at most `size` long.
pub fn onward(len: usize, start: usize, size: usize, fault: Option<PageFault>) -> Onward {
    let rows = slice(len, start, size);
    let end = rows.end;
    let next = match fault {
        None => end,
        // Back to the beginning, for ever.
        Some(PageFault::Loop) => {
            return Onward {
                rows,
                next: Some(0),
            };
        }
        // The same page once more.
        Some(PageFault::Repeat) => {
            return Onward {
                next: Some(start),
                rows,
            };
        }
        Some(PageFault::Missing) => end.saturating_add(size),
    };
    Onward {
        rows,
        next: (next < len).then_some(next),
    }
}

/// What a listing by key serves.
#[derive(Debug, PartialEq, Eq)]
pub struct Keyed<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// The key at which the next page starts; none at the end.
    pub next: Option<u64>,
}

/// A page of at most `size` rows. `rows` are those of key `start` and above, in that order, with their keys, which stay what
/// they are when other rows come and go; no more of them are taken than the page needs.
pub fn keyed<T>(
    rows: impl IntoIterator<Item = (u64, T)>,
    start: u64,
    size: usize,
    fault: Option<PageFault>,
) -> Keyed<T> {
    let mut left = rows.into_iter();
    let rows: Vec<T> = left.by_ref().take(size).map(|(_, row)| row).collect();
    let next = match fault {
        None => left.next(),
        // Back to the beginning, for ever.
        Some(PageFault::Loop) => {
            return Keyed {
                rows,
                next: Some(0),
            };
        }
        // The same page once more.
        Some(PageFault::Repeat) => {
            return Keyed {
                rows,
                next: Some(start),
            };
        }
        Some(PageFault::Missing) => left.nth(size),
    };
    Keyed {
        rows,
        next: next.map(|(key, _)| key),
    }
}

fn slice(len: usize, start: usize, size: usize) -> Range<usize> {
    let start = start.min(len);
    start..start.saturating_add(size).min(len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbered_pages_cover_every_row_once() {
        let pages: Vec<_> = (1..=4)
            .map(|page| numbered(25, page, 10, None).rows)
            .collect();
        assert_eq!(pages, [0..10, 10..20, 20..25, 25..25]);
        assert_eq!(offset(25, 17, 10, None).rows, 17..25);
    }

    #[test]
    fn numbered_faults_do_what_they_are_called() {
        let page = |page, fault| numbered(25, page, 10, Some(fault));
        assert_eq!(
            page(4, PageFault::Loop),
            Numbered {
                rows: 0..10,
                total: 50
            }
        );
        assert_eq!(
            page(2, PageFault::Repeat),
            Numbered {
                rows: 0..10,
                total: 25
            }
        );
        assert_eq!(
            page(1, PageFault::Repeat),
            Numbered {
                rows: 10..20,
                total: 25
            }
        );
        assert_eq!(
            page(2, PageFault::Missing),
            Numbered {
                rows: 0..0,
                total: 25
            }
        );
    }

    #[test]
    fn onward_ends_where_the_rows_end() {
        assert_eq!(
            onward(20, 10, 10, None),
            Onward {
                rows: 10..20,
                next: None
            }
        );
        assert_eq!(
            onward(21, 10, 10, None),
            Onward {
                rows: 10..20,
                next: Some(20)
            }
        );
    }

    #[test]
    fn keyed_pages_go_on_at_the_next_key_that_there_is() {
        let page = |start, fault| {
            let rows = [0, 3, 4, 9, 20].map(|key| (key, key * 10));
            keyed(
                rows.into_iter().filter(|(key, _)| *key >= start),
                start,
                2,
                fault,
            )
        };
        let expect = |rows: &[u64], next| Keyed {
            rows: rows.to_vec(),
            next,
        };
        assert_eq!(page(0, None), expect(&[0, 30], Some(4)));
        assert_eq!(page(4, None), expect(&[40, 90], Some(20)));
        assert_eq!(page(20, None), expect(&[200], None));
        assert_eq!(page(20, Some(PageFault::Loop)), expect(&[200], Some(0)));
        assert_eq!(page(4, Some(PageFault::Repeat)), expect(&[40, 90], Some(4)));
        assert_eq!(
            page(0, Some(PageFault::Missing)),
            expect(&[0, 30], Some(20))
        );
    }

    #[test]
    fn onward_faults_do_what_they_are_called() {
        assert_eq!(onward(20, 10, 10, Some(PageFault::Loop)).next, Some(0));
        assert_eq!(onward(20, 10, 10, Some(PageFault::Repeat)).next, Some(10));
        assert_eq!(onward(50, 10, 10, Some(PageFault::Missing)).next, Some(30));
    }
}
