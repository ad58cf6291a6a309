//! A gateway that gives several identity and access vendors one normalized REST API.
//!
//! The floors, from the top: `main → sandbox → app → http, work → services → store, adapters → error → domain`;
//! `simulators` stand beside them and know nothing of the rest.

pub mod adapters;
pub mod app;
pub mod cli;
pub mod config;
pub mod domain;
pub mod error;
pub mod http;
pub mod postgres;
pub mod sandbox;
pub mod secrets;
pub mod services;
pub mod simulators;
pub mod store;
pub mod telemetry;
pub mod work;
