//! The transport against real sockets.

mod answers;
pub(in crate::adapters) mod any_answer;
mod guard;
mod kit;
mod lane;
mod pace;
mod plans;
mod reads;
mod streams;
mod writes;
