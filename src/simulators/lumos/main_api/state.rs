//! What the tenant holds, and how the main API spells it (contract §A5).

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    activity::{Event, Log},
    apps::App,
    appstore::{AccessRequest, Permission, Rule, flow},
    front::Window,
    quirks::Quirks,
    shelf::Shelf,
    tasks::Task,
    uploads::Job,
};
use crate::simulators::kit::Holdings;

/// `User`.
#[derive(Debug, Clone)]
pub(super) struct User {
    pub(super) id: Uuid,
    pub(super) email: Option<String>,
    pub(super) given_name: Option<String>,
    pub(super) family_name: Option<String>,
    pub(super) status: Option<String>,
    pub(super) department: Option<&'static str>,
    pub(super) manager: Option<Uuid>,
}

impl User {
    pub(super) fn show(&self) -> Value {
        json!({
            "id": self.id,
            "email": self.email,
            "given_name": self.given_name,
            "family_name": self.family_name,
            "status": self.status,
        })
    }
}

/// `Account`.
#[derive(Debug, Clone)]
pub(super) struct Account {
    pub(super) id: Uuid,
    pub(super) app_id: Uuid,
    pub(super) account_type: String,
    pub(super) status: Option<String>,
    pub(super) unique_identifier: String,
    pub(super) email: Option<String>,
    pub(super) user_id: Option<Uuid>,
    pub(super) discovered_at: Option<DateTime<Utc>>,
    pub(super) last_login: Option<DateTime<Utc>>,
    pub(super) last_activity: Option<DateTime<Utc>>,
    pub(super) sources: Vec<String>,
}

impl Account {
    /// Its app and its user.
    fn owners(&self) -> [Option<Uuid>; 2] {
        [Some(self.app_id), self.user_id]
    }
}

/// `Group`.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) id: Uuid,
    pub(super) app_id: Option<Uuid>,
    pub(super) integration_specific_id: Option<String>,
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) lifecycle: &'static str,
    pub(super) members: Vec<Uuid>,
}

impl Group {
    pub(super) fn show(&self) -> Value {
        json!({
            "id": self.id,
            "app_id": self.app_id,
            "integration_specific_id": self.integration_specific_id,
            "name": self.name,
            "description": self.description,
            "group_lifecycle": self.lifecycle,
            "source_app_id": self.app_id,
        })
    }
}

/// Everything, with the ways to accounts that listings take.
#[derive(Clone, Default)]
pub(in crate::simulators::lumos) struct State {
    pub(super) users: Shelf<User>,
    pub(super) apps: Shelf<App>,
    pub(super) groups: Shelf<Group>,
    pub(super) accounts: Shelf<Account>,
    /// The accounts of an app or of a user, in order.
    accounts_of: HashMap<Uuid, Vec<Uuid>>,
    /// Oldest first.
    pub(super) logs: Vec<Log>,
    /// Oldest first.
    pub(super) events: Vec<Event>,
    /// The roles of users in Lumos itself.
    pub(super) roles: HashMap<Uuid, BTreeSet<String>>,
    pub(super) permissions: Shelf<Permission>,
    pub(super) rules: Shelf<Rule>,
    /// Oldest first.
    pub(super) requests: Shelf<AccessRequest>,
    pub(super) tasks: Shelf<Task>,
    /// The jobs that uploads made.
    pub(super) jobs: Shelf<Job>,
    /// `InlineWebhook`, `AccessPolicyOutput`, `AccessReviewOutput`, `KnowledgeContextOutput` and `VendorAgreement` as they are.
    pub(super) hooks: Shelf<Value>,
    pub(super) policies: Shelf<Value>,
    pub(super) reviews: Shelf<Value>,
    pub(super) knowledge: Shelf<Value>,
    pub(super) agreements: Shelf<Value>,
    pub(super) window: Window,
}

impl State {
    /// The accounts of an app or of a user.
    pub(super) fn accounts_of(&self, id: &str) -> &[Uuid] {
        let ids = Uuid::try_parse(id).ok();
        let ids = ids.and_then(|id| self.accounts_of.get(&id));
        ids.map_or(&[], Vec::as_slice)
    }

    /// Adds an account, or changes the one of its id, which stays in its place.
    pub(super) fn put_account(&mut self, account: Account) {
        let before = self.accounts.find(account.id);
        let before = before.map_or([None, None], Account::owners);
        for (before, after) in before.into_iter().zip(account.owners()) {
            if before != after {
                self.disown(before, account.id);
                if let Some(owner) = after {
                    self.accounts_of.entry(owner).or_default().push(account.id);
                }
            }
        }
        self.accounts.put(account.id, account);
    }

    pub(super) fn take_account(&mut self, id: Uuid) -> Option<Account> {
        let account = self.accounts.take(id)?;
        for owner in account.owners() {
            self.disown(owner, id);
        }
        Some(account)
    }

    fn disown(&mut self, owner: Option<Uuid>, account: Uuid) {
        if let Some(ids) = owner.and_then(|owner| self.accounts_of.get_mut(&owner)) {
            ids.retain(|id| *id != account);
        }
    }

    /// Takes an app away with all that is of it.
    pub(super) fn take_app(&mut self, id: Uuid) -> Option<App> {
        let app = self.apps.take(id)?;
        for account in self.accounts_of.get(&id).cloned().unwrap_or_default() {
            self.take_account(account);
        }
        self.permissions
            .retain(|permission| permission.app_id != id);
        self.rules.retain(|rule| rule.app_id != id);
        Some(app)
    }

    /// Takes a user out of everything; the accounts stay, as nobody's.
    pub(super) fn take_user(&mut self, id: Uuid) -> Option<User> {
        let user = self.users.take(id)?;
        for account in self.accounts_of.remove(&id).unwrap_or_default() {
            if let Some(account) = self.accounts.find_mut(account) {
                account.user_id = None;
            }
        }
        for group in self.groups.all_mut() {
            group.members.retain(|member| *member != id);
        }
        Some(user)
    }

    /// What happens by itself: syncs end, and access that was given for a time.
    pub(super) fn pass_time(&mut self, now: DateTime<Utc>) {
        for app in self.apps.all_mut() {
            app.pass_time(now);
        }
        flow::expire(self, now);
    }

    /// With custom attributes, if they are asked for (contract §A4).
    pub(super) fn user(&self, user: &User, expanded: bool) -> Value {
        let mut shown = user.show();
        shown["custom_attributes"] = Value::Null;
        if expanded {
            shown["custom_attributes"] = attributes([
                (
                    "department",
                    "SINGLE_SELECT",
                    user.department.map(Value::from),
                ),
                ("manager", "USER", self.people(user.manager)),
                ("hired", "TEXT", None),
            ]);
        }
        shown
    }

    /// Likewise.
    pub(super) fn app(&self, app: &App, expanded: bool) -> Value {
        let mut shown = app.show();
        shown["custom_attributes"] = Value::Null;
        if expanded {
            shown["custom_attributes"] = attributes([
                ("owner", "USER", self.people(app.owner)),
                (
                    "cost_center",
                    "TEXT",
                    app.category.as_ref().map(|_| "4711".into()),
                ),
            ]);
        }
        shown
    }

    /// With its app, if that is asked for.
    pub(super) fn account(&self, quirks: &Quirks, account: &Account, expanded: bool) -> Value {
        let app = self.apps.find(account.app_id).filter(|_| expanded);
        let time = |at: Option<DateTime<Utc>>| at.map(|at| quirks.account_time(at));
        json!({
            "id": account.id,
            "app_id": account.app_id,
            "account_type": account.account_type,
            "status": account.status,
            "app": app.map(App::show),
            "unique_identifier": account.unique_identifier,
            "email": account.email,
            "user_id": account.user_id,
            "discovered_at": time(account.discovered_at),
            "last_login": time(account.last_login),
            "last_activity": time(account.last_activity),
            "sources": account.sources,
        })
    }

    /// Who is in which group, and to whom which permission was given.
    fn grants(&self) -> Vec<Value> {
        let members = self.groups.all().flat_map(|group| {
            let id = group.id;
            let member = move |user: &Uuid| json!({ "user_id": user, "group_id": id });
            group.members.iter().map(member)
        });
        let given = self
            .requests
            .all()
            .filter(|request| request.is_given())
            .flat_map(|request| {
                request.permissions.iter().map(|permission| {
                    json!({
                        "user_id": request.target, "permission_id": permission, "access_request_id": request.id,
                        "status": request.status
                    })
                })
            });
        members.chain(given).collect()
    }

    fn people(&self, id: Option<Uuid>) -> Option<Value> {
        self.users.find(id?).map(|user| json!([user.show()]))
    }

    /// Everything as `GET /state` shows it.
    pub(in crate::simulators::lumos) fn shown(&self, quirks: &Quirks) -> Holdings {
        let group = |group: &Group| {
            let mut shown = group.show();
            shown["members"] = json!(group.members);
            shown
        };
        Holdings {
            accounts: self
                .accounts
                .all()
                .map(|account| self.account(quirks, account, false))
                .collect(),
            entitlements: self
                .permissions
                .all()
                .map(|permission| permission.show(self, false))
                .collect(),
            grants: self.grants(),
            requests: self
                .requests
                .all()
                .map(|request| request.show(self, quirks, &[]))
                .collect(),
            users: self.users.all().map(User::show).collect(),
            groups: self.groups.all().map(group).collect(),
            apps: self.apps.all().map(App::show).collect(),
            ..Holdings::default()
        }
    }
}

fn attributes<const N: usize>(all: [(&str, &str, Option<Value>); N]) -> Value {
    let pairs = all.into_iter().map(|(name, kind, value)| {
        let attribute = json!({ "type": kind, "value": value });
        (name.to_owned(), attribute)
    });
    Value::Object(pairs.collect::<Map<_, _>>())
}
