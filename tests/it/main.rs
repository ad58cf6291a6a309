//! Everything that needs more than one layer.

mod adapters;
