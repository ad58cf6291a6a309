//! Our copies of resources, entitlements, grants and activity: kept, listed, read anew.

mod lists;
mod parts;
mod store;
