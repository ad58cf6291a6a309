//! Faults: what can go wrong between a client and a vendor, as a schedule of rules that a test writes.
//!
//! A rule says which calls it is for, how many of them it skips, and how often it strikes. What a fault does to a call is in
//! `intercept.rs`; page faults are asked for by the vendor's own listing code, through `Call::page_fault`.

mod fault;
mod rule;
mod schedule;

pub(super) use self::schedule::{Schedule, Strike};
pub use self::{
    fault::{Fault, PageFault},
    rule::{Match, Rule},
};
