//! The AppStore (contract §A4): its apps and their settings, what can be asked for, who is approved beforehand, who asked.

pub(super) mod apps;
pub(super) mod flow;
pub(super) mod permissions;
pub(super) mod requests;
pub(super) mod rules;
pub(super) mod settings;
mod shapes;

pub(super) use self::{permissions::Permission, requests::AccessRequest, rules::Rule};
