//! What becomes of what somebody asks for: one request for each flow that it goes by (contract §7.1, §9).

use std::collections::BTreeMap;

use chrono::{Duration, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Pair, Person, Request};
use crate::simulators::{
    apono::{
        bundles::Bundle,
        errors::Error,
        flows::Flow,
        inventory::{Permission, Resource},
        sessions::Session,
        state::{State, User},
    },
    kit::Effects,
};

/// What somebody asks for.
pub(super) struct Wish {
    pub(super) asks: Person,
    pub(super) gets: Person,
    pub(super) pairs: Vec<Pair>,
    pub(super) bundle: Option<(String, String)>,
    pub(super) justification: Option<String>,
    pub(super) seconds: Option<i32>,
    pub(super) custom_fields: BTreeMap<String, String>,
    /// Whether it may become several requests; the older API makes one.
    pub(super) splits: bool,
}

impl Flow {
    /// What the flow asks of every request that goes by it.
    fn allows(&self, wish: &Wish) -> Result<(), Error> {
        let is_told = wish
            .justification
            .as_deref()
            .is_some_and(|text| !text.trim().is_empty());
        if self.settings.justification_required && !is_told {
            return Err(Error::Field("FIELD_MISSING", "justification", json!({})));
        }
        let most = self.minutes.map(|minutes| minutes.saturating_mul(60));
        let is_good = |seconds: i32| seconds > 0 && most.is_none_or(|most| seconds <= most);
        if wish.seconds.is_some_and(|seconds| !is_good(seconds)) {
            let details = json!({ "max_duration": most });
            return Err(Error::Field("INVALID_DURATION", "duration_in_sec", details));
        }
        Ok(())
    }

    fn first_status(&self) -> &'static str {
        if self.settings.require_mfa {
            "PendingMFA"
        } else if self.approvers.is_some() {
            "Pending"
        } else {
            "Active"
        }
    }
}

impl State {
    /// Every pair that somebody may ask for on somebody's behalf.
    pub(in super::super) fn available(
        &self,
        asks: &User,
        gets: &User,
    ) -> Vec<(&Resource, &Permission)> {
        let flows: Vec<&Flow> = self
            .flows
            .rows()
            .filter(|flow| flow.lets(self, asks, gets))
            .collect();
        self.pairs()
            .filter(|(resource, permission)| {
                flows
                    .iter()
                    .any(|flow| flow.covers(self, resource, permission))
            })
            .collect()
    }

    /// Every pair that there is; what an integration calls deleted is none.
    pub(in super::super) fn pairs(&self) -> impl Iterator<Item = (&Resource, &Permission)> {
        let there = self
            .resources
            .rows()
            .filter(|resource| resource.status != "Deleted");
        there.flat_map(|resource| {
            let fits = |permission: &&Permission| {
                permission.integration_id == resource.integration_id
                    && permission.kind == resource.kind
            };
            self.permissions
                .rows()
                .filter(fits)
                .map(move |permission| (resource, permission))
        })
    }

    pub(in super::super) fn pairs_in(&self, bundle: &Bundle) -> Vec<Pair> {
        let is_in = |(resource, permission): &(&Resource, &Permission)| {
            bundle
                .targets
                .iter()
                .any(|target| self.covers(target, resource, permission))
        };
        let pair = |(resource, permission): (&Resource, &Permission)| Pair {
            resource_id: resource.id.clone(),
            permission_id: permission.id.clone(),
        };
        self.pairs().filter(is_in).map(pair).collect()
    }

    pub(super) fn submit(
        &mut self,
        effects: &mut Effects<'_>,
        wish: Wish,
    ) -> Result<Vec<Request>, Error> {
        let mut parts: Vec<(&Flow, Vec<Pair>)> = Vec::new();
        for pair in &wish.pairs {
            let flow = self.flow_for(&wish, pair, &parts)?;
            match parts.iter_mut().find(|(known, _)| known.id == flow.id) {
                Some((_, pairs)) => pairs.push(pair.clone()),
                None => parts.push((flow, vec![pair.clone()])),
            }
        }
        if parts.is_empty() {
            return Err(Error::Forbidden(
                "there is nothing in it that may be asked for".to_owned(),
            ));
        }
        if parts.len() > 1 && !wish.splits {
            return Err(Error::bad("one request can't go by several access flows"));
        }
        let mut made = Vec::new();
        for (n, (flow, pairs)) in parts.into_iter().enumerate() {
            flow.allows(&wish)?;
            let status = flow.first_status();
            let now = Utc::now();
            let minutes = flow.minutes.map(|minutes| i64::from(minutes) * 60);
            let seconds = wish.seconds.map(i64::from).or(minutes);
            made.push(Request {
                id: Uuid::new_v4().to_string(),
                friendly_id: format!("AR-{}", 1000 + self.requests.len() + n),
                status: status.to_owned(),
                seconds: seconds.and_then(|seconds| u32::try_from(seconds).ok()),
                justification: wish.justification.clone(),
                created: now,
                ends: seconds
                    .filter(|_| status == "Active")
                    .map(|seconds| now + Duration::seconds(seconds)),
                custom_fields: wish.custom_fields.clone(),
                pairs,
                requestor: wish.asks.clone(),
                grantee: wish.gets.clone(),
                bundle: wish.bundle.clone(),
                flow: flow.name.clone(),
                stands_still: false,
            });
        }
        for request in &made {
            effects.applied(request.id.clone(), Value::Null, request.show(self, ""));
            self.requests.add(request.clone());
            if request.status == "Active" {
                self.open_sessions(request);
            }
        }
        Ok(made)
    }

    /// The flow that a pair goes by: one that others of the same wish go by already, if it can be.
    fn flow_for<'a>(
        &'a self,
        wish: &Wish,
        pair: &Pair,
        known: &[(&'a Flow, Vec<Pair>)],
    ) -> Result<&'a Flow, Error> {
        let resource = self.resources.find(&pair.resource_id);
        let resource = resource.ok_or_else(|| {
            Error::BadRequest(format!("there is no resource {}", pair.resource_id))
        })?;
        let permission = self
            .permissions
            .find(&pair.permission_id)
            .filter(|permission| {
                permission.integration_id == resource.integration_id
                    && permission.kind == resource.kind
            });
        let permission = permission.ok_or_else(|| {
            Error::BadRequest(format!("there is no permission {}", pair.permission_id))
        })?;
        let (asks, gets) = (
            self.users.find(&wish.asks.id),
            self.users.find(&wish.gets.id),
        );
        let (Some(asks), Some(gets)) = (asks, gets) else {
            return Err(Error::Internal);
        };
        let known = known.iter().map(|(flow, _)| *flow);
        let mut flows = known.chain(self.flows.rows());
        flows
            .find(|flow| {
                asks.active
                    && gets.active
                    && flow.lets(self, asks, gets)
                    && flow.covers(self, resource, permission)
            })
            .ok_or_else(|| {
                Error::Forbidden(format!(
                    "{} on {} may not be asked for",
                    permission.name, resource.name
                ))
            })
    }

    /// A session at each integration that a request gives access to.
    pub(in super::super) fn open_sessions(&mut self, request: &Request) {
        let resources = request.pairs.iter();
        let mut ids: Vec<String> = resources
            .filter_map(|pair| {
                Some(
                    self.resources
                        .find(&pair.resource_id)?
                        .integration_id
                        .clone(),
                )
            })
            .collect();
        ids.dedup();
        for integration_id in ids {
            let held = self.sessions.rows_mut().find(|session| {
                session.integration_id == integration_id && session.owner == request.grantee.email
            });
            match held {
                Some(session) => session.request_ids.push(request.id.clone()),
                None => {
                    let kind = self
                        .integrations
                        .find(&integration_id)
                        .map_or("", |one| &one.kind)
                        .to_owned();
                    let id = Uuid::new_v4().to_string();
                    self.sessions
                        .add(Session::new(id, request, integration_id, &kind));
                }
            }
        }
    }
}
