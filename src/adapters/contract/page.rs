//! Paging between the gateway and an adapter: one call, one page; the caller loops.

/// Which page is wanted.
#[derive(Clone, Debug, Default)]
pub struct PageRequest {
    /// What [`Page::next`] of the page before said; `None` for the first page.
    pub cursor: Option<String>,
    /// How many items are wanted; the adapter lowers it to what its vendor allows.
    pub size: u32,
}

/// One page of a vendor's listing.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The items, converted.
    pub items: Vec<T>,
    /// Where the listing goes on; `None` at its end.
    pub next: Option<String>,
    /// How many items the whole listing has, where the vendor says so.
    pub total: Option<u64>,
    /// Items that could not be converted, in words without secrets. A listing with defects proves no absence.
    pub defects: Vec<String>,
}
