//! The real program under attack: killed, stopped, asked to end, cut off from its database, while clients create accounts.
//!
//! Whatever happens, the books must balance: no account made twice, none lost, every operation ended as it really did.
//! `scene` starts the programs, `crowd` plays the clients, `books` compares what the vendors did with what the ledger says;
//! the other files are one kind of attack each.
//!
//! `cargo test` runs a short version of `kill`. The full one (200 creations, 20 kills) is
//! `CHAOS=full cargo test --test it chaos::kill -- --nocapture`; `CHAOS_SEED=<number>` repeats a run's dice.

mod books;
mod crowd;
mod database;
mod dice;
mod embedded;
mod end;
mod kill;
mod ledger;
mod scene;
mod stop;
mod syncs;
