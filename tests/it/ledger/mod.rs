//! The ledger of acts toward vendors: done once, told truly, whatever the network does.

mod audit;
mod keys;
mod order;
mod parked;
mod unclear;
