//! The transport against real sockets.

mod answers;
mod guard;
mod kit;
mod lane;
mod pace;
mod plans;
mod reads;
mod streams;
mod writes;
