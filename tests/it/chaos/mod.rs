//! The real program under attack: killed, stopped, asked to end, cut off from its database, while clients create accounts.
//!
//! Whatever happens, the books must balance: no account made twice, none lost, every operation ended as it really did.
//! `scene` starts the programs, `crowd` plays the clients, `books` compares what the vendors did with what the ledger says;
//! the other files are one kind of attack each.
//!
//! `cargo test` runs short versions of `kill` and `syncs`. The full ones (200 creations, 20 kills; 50,000 accounts, 5 kills) are
//! `CHAOS=full cargo test --test it chaos:: -- --nocapture`; `CHAOS_SEED=<number>` repeats a run's dice.

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
