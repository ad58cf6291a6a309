//! What is the same for our copies of every noun: how they are written, how they go, and how runs miss them. The four tables
//! have these columns in common, so that their statements differ in the name of the table and in what a vendor says of a noun.

mod absence;
mod gone;
mod named;
mod write;

pub use absence::{Absence, mark_missed, reset_missed, tombstone_missed};
pub use gone::{tombstone, tombstone_read};
pub use named::named_by;
pub use write::PageWritten;
pub(super) use write::{Batch, fingerprint, storable, text, upsert, write};

/// The statement for the table of a noun, whose name stands between the two pieces.
macro_rules! of_table {
    ($noun:expr, $before:expr, $after:expr) => {
        match $noun {
            $crate::domain::Noun::Resources => concat!($before, " resources ", $after),
            $crate::domain::Noun::Entitlements => concat!($before, " entitlements ", $after),
            $crate::domain::Noun::Accounts => concat!($before, " accounts ", $after),
            $crate::domain::Noun::Grants => concat!($before, " grants ", $after),
        }
    };
}

/// Whether an operation on the row `t`, which can only be a grant, is under way: then nothing else touches it.
macro_rules! in_between {
    () => {
        "(t.status in ('granting', 'revoking') and t.source = 'write')"
    };
}

pub(super) use {in_between, of_table};
