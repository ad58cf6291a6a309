//! The tenant to begin with: apps of every status, people as users, their accounts in several apps, accounts that are nobody's.

use aws_lc_rs::digest::{SHA256, digest};
use chrono::Duration;
use uuid::Uuid;

use super::{
    activity::{Event, Log},
    state::{Account, App, Group, State, User},
};
use crate::simulators::kit::{
    people::{self, Person},
    seeded,
};

const DEPARTMENTS: [&str; 5] = ["engineering", "finance", "operations", "people", "sales"];
/// The app that everybody is in, and how many more there are with accounts.
const DIRECTORY: usize = 0;
const FURTHER_APPS: usize = 5;
/// How many logs are kept at most.
const MAX_LOGS: usize = 1_000;

/// As many accounts, and half as many users: one account of each in the directory, then more of theirs in the other apps,
/// every fifth of which is a service's or a role.
pub(in crate::simulators::lumos) fn seed(count: usize) -> State {
    let mut state = State::default();
    for app in apps() {
        state.apps.put(app.id, app);
    }
    // The owners of tokens are there, whatever is asked for.
    let users: Vec<User> = people::everybody(usize::MAX)
        .filter(|person| !person.service)
        .take(count.div_ceil(2).max(people::SANDBOX))
        .enumerate()
        .map(|(n, person)| user(n, person))
        .collect();
    for k in 0..count {
        state.put_account(account(k, &users));
    }
    for group in groups(&users) {
        state.groups.put(group.id, group);
    }
    state.logs = (0..count.min(MAX_LOGS)).map(|n| log(n, &users)).collect();
    state.events = users
        .iter()
        .enumerate()
        .step_by(3)
        .take(MAX_LOGS)
        .map(|(n, user)| event(n, user))
        .collect();
    for user in users {
        state.users.put(user.id, user);
    }
    state
}

/// The id of the nth seeded user.
pub(super) fn user_id(n: usize) -> Uuid {
    people::uuid("lumos/main/user", n)
}

fn app_id(n: usize) -> Uuid {
    people::uuid("lumos/main/app", n)
}

fn user(n: usize, person: Person) -> User {
    let status = match n {
        0..people::SANDBOX => Some("ACTIVE"),
        _ => match n % 12 {
            4 => Some("STAGED"),
            6 => Some("SUSPENDED"),
            8 => Some("INACTIVE"),
            10 => None,
            _ => Some("ACTIVE"),
        },
    };
    let is_filler = n >= people::SHARED;
    User {
        id: user_id(n),
        email: (!is_filler || n % 13 != 2).then_some(person.email),
        given_name: (!is_filler || n % 10 != 9).then_some(person.given_name),
        family_name: Some(person.family_name),
        status: status.map(str::to_owned),
        department: (n % 7 != 6).then_some(DEPARTMENTS[n % DEPARTMENTS.len()]),
        manager: (n > 0).then(|| user_id(n % people::SANDBOX)),
    }
}

fn account(k: usize, users: &[User]) -> Account {
    let bare = Account {
        id: people::uuid("lumos/main/account", k),
        app_id: app_id(DIRECTORY),
        account_type: "USER".to_owned(),
        status: status(k),
        unique_identifier: String::new(),
        email: None,
        user_id: None,
        discovered_at: (k % 17 != 16).then(|| seeded(k)),
        last_login: (k % 4 != 3).then(|| seeded(k) + Duration::days(30)),
        last_activity: k.is_multiple_of(3).then(|| seeded(k) + Duration::days(31)),
        sources: sources(k),
    };
    if let Some(user) = users.get(k) {
        return Account {
            unique_identifier: format!("00u{}", &user.id.simple().to_string()[..17]),
            email: user.email.clone(),
            user_id: Some(user.id),
            status: status_of(k, bare.status),
            ..bare
        };
    }
    let j = k - users.len();
    match j % 10 {
        4 => {
            let name = format!("svc-sync-{j}@example.iam.gserviceaccount.com");
            Account {
                app_id: app_id(4),
                account_type: "SERVICE".to_owned(),
                email: (j % 20 == 4).then(|| name.clone()),
                unique_identifier: name,
                ..bare
            }
        }
        9 => Account {
            app_id: app_id(3),
            account_type: "ROLE".to_owned(),
            unique_identifier: format!("arn:aws:iam::123456789012:role/operations-{j}"),
            ..bare
        },
        _ => of_user(j - j / 5, users, bare),
    }
}

/// Goes round two thirds of the users, each time to another app.
fn of_user(j: usize, users: &[User], bare: Account) -> Account {
    let some = (users.len() * 2 / 3).max(1);
    let (n, round) = (j % some, j / some);
    let user = &users[n];
    let handle = user
        .email
        .as_deref()
        .and_then(|email| email.split('@').next());
    let handle = handle.map_or_else(|| format!("user{n}"), str::to_owned);
    let account = Account {
        app_id: app_id(1 + (n + round) % FURTHER_APPS),
        unique_identifier: format!("{handle}#{round}"),
        ..bare
    };
    match n {
        people::SANDBOX.. if n % 9 == 5 => Account {
            email: Some(format!("{handle}@example.net")),
            ..account
        },
        people::SANDBOX.. if n % 7 == 3 => Account {
            user_id: Some(user.id),
            ..account
        },
        _ => Account {
            email: user.email.clone(),
            user_id: Some(user.id),
            status: status_of(n, account.status),
            ..account
        },
    }
}

/// Those who try things out are active everywhere.
fn status_of(n: usize, usual: Option<String>) -> Option<String> {
    if n < people::SANDBOX {
        return Some("ACTIVE".to_owned());
    }
    usual
}

fn status(k: usize) -> Option<String> {
    let status = match k % 24 {
        3 => "DISCOVERED",
        5 => "STAGED",
        7 => "ACCESS_CREATED",
        9 => "ARCHIVED",
        11 => "SUSPENDED",
        13 => "DEPROVISIONED",
        15 => "MANUALLY_REMOVED",
        17 => "ACCESS_REMOVED",
        19 => "NON_CORPORATE_ACCOUNT",
        21 => "WAITING_MANUAL_REMOVAL",
        23 => return None,
        _ => "ACTIVE",
    };
    Some(status.to_owned())
}

fn sources(k: usize) -> Vec<String> {
    let sources: &[&str] = match k % 6 {
        0 | 1 => &["OKTA"],
        2 => &["GSUITE_OAUTH", "LUMOS_INTEGRATION"],
        3 => &["LUMOS_INTEGRATION"],
        4 => &["MANUAL"],
        _ => &[],
    };
    sources.iter().map(|source| (*source).to_owned()).collect()
}

fn apps() -> Vec<App> {
    const OKTA: &[&str] = &["OKTA"];
    const OWN: &[&str] = &["LUMOS_INTEGRATION"];
    let rows = [
        (
            "okta",
            "example",
            "Okta",
            "APPROVED",
            OKTA,
            Some("IT & Security"),
            Some("UI"),
            Some("SUCCESS"),
        ),
        (
            "github.com",
            "0oa1example",
            "GitHub",
            "APPROVED",
            OKTA,
            Some("Developers"),
            Some("API"),
            Some("SYNCING"),
        ),
        // Neither class nor instance is unique.
        (
            "github.com",
            "0oa1example",
            "GitHub (contractors)",
            "IN_REVIEW",
            OKTA,
            Some("Developers"),
            Some("API"),
            None,
        ),
        (
            "aws",
            "123456789012",
            "AWS production",
            "NEEDS_REVIEW",
            OWN,
            None,
            Some("API"),
            Some("FAILED"),
        ),
        (
            "gcp",
            "example-prod",
            "Google Cloud",
            "DISCOVERED",
            OWN,
            None,
            Some("UI"),
            None,
        ),
        (
            "notes",
            "custom_app_import",
            "Notes",
            "BLOCKLISTED",
            &["MANUAL"],
            None,
            None,
            None,
        ),
        (
            "old-crm",
            "custom_app_import",
            "Old CRM",
            "DEPRECATED",
            &["MANUAL", "CUSTOM"],
            Some("Sales & Support"),
            Some("API"),
            None,
        ),
    ];
    let app = |(n, row)| {
        let (
            app_class_id,
            instance_id,
            label,
            status,
            sources,
            category,
            connection_source,
            sync_status,
        ) = row;
        App {
            id: app_id(n),
            app_class_id,
            instance_id,
            label,
            status,
            sources,
            category,
            connection_source,
            disconnected: status == "DEPRECATED",
            sync_status,
            owner: (n % 2 == 0).then(|| user_id(0)),
        }
    };
    rows.into_iter().enumerate().map(app).collect()
}

fn groups(users: &[User]) -> Vec<Group> {
    let group = |n: usize, name: &str, is_member: &dyn Fn(usize, &User) -> bool| {
        let synced = n < DEPARTMENTS.len();
        let id = people::uuid("lumos/main/group", n);
        let members = users.iter().enumerate();
        let members = members.filter(|(n, user)| is_member(*n, user));
        Group {
            id,
            app_id: synced.then(|| app_id(DIRECTORY)),
            integration_specific_id: synced
                .then(|| format!("00g{}", &id.simple().to_string()[..17])),
            name: name.to_owned(),
            description: (n % 2 == 0).then(|| format!("Everybody in {name}")),
            lifecycle: if synced { "SYNCED" } else { "NATIVE" },
            members: members.map(|(_, user)| user.id).collect(),
        }
    };
    let mut groups: Vec<Group> = DEPARTMENTS
        .iter()
        .enumerate()
        .map(|(n, name)| group(n, name, &|_, user| user.department == Some(*name)))
        .collect();
    groups.push(group(DEPARTMENTS.len(), "approvers", &|n, _| {
        n < people::SANDBOX
    }));
    groups
}

fn log(n: usize, users: &[User]) -> Log {
    let hash = digest(&SHA256, format!("lumos/main/log/{n}").as_bytes());
    let (kind, title) = match n % 3 {
        0 => ("USER_LOGGED_IN", "User logged in"),
        1 => ("ACCESS_REQUEST_CREATED", "Access request created"),
        _ => ("ACCOUNT_SYNCED", "Account synced"),
    };
    Log {
        hash: hex::encode(hash),
        kind,
        title,
        outcome: if n % 8 == 7 { "FAILURE" } else { "SUCCESS" },
        actor: users[n % users.len()].id,
        target: people::uuid("lumos/main/account", n),
        at: (n > 0).then(|| seeded(n)),
    }
}

fn event(n: usize, user: &User) -> Event {
    let department = DEPARTMENTS[(n + 1) % DEPARTMENTS.len()].to_owned();
    Event {
        id: people::uuid("lumos/main/event", n),
        user_id: user.id,
        at: seeded(n),
        field: if n % 2 == 0 { "team" } else { "title" }.to_owned(),
        before: (n % 4 != 0).then_some(department),
        after: user.department.map(str::to_owned),
    }
}
