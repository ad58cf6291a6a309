//! The rules of the house, checked. A gate that fails says what to do.

mod imports;
mod operations;
mod secrets;
mod source;
mod spec;
mod upstream;
mod vendors;
