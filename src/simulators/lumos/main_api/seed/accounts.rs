//! Accounts of every status and type: the users' own, a service's, a role; with an e-mail and a user, or without.

use chrono::Duration;

use super::{DIRECTORY, app_id, at};
use crate::simulators::{
    kit::people,
    lumos::main_api::state::{Account, User},
};

/// How many apps there are with accounts besides the directory.
const FURTHER_APPS: usize = 5;

/// The kth account: first one of each user, then the others.
pub(super) fn account(k: usize, users: &[User]) -> Account {
    let bare = Account {
        id: people::uuid("lumos/main/account", k),
        app_id: app_id(DIRECTORY),
        account_type: "USER".to_owned(),
        status: status(k),
        unique_identifier: String::new(),
        email: None,
        user_id: None,
        discovered_at: (k % 17 != 16).then(|| at(k)),
        last_login: (k % 4 != 3).then(|| at(k) + Duration::days(30)),
        last_activity: k.is_multiple_of(3).then(|| at(k) + Duration::days(31)),
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
