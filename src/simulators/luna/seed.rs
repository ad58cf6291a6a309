//! The accounts that Luna starts with: its administrator, the shared people, and fillers.

use chrono::Duration;
use serde_json::json;

use super::{
    permissions,
    state::{Account, AccountType, Password, State},
    tokens::{Token, Visibility},
};
use crate::simulators::kit::{people, seeded};

/// The administrator of the installation.
pub(super) const ROOT_LOGIN: &str = "root@luna.example";
/// The password of everybody seeded.
pub(super) const PASSWORD: &str = "simulated-password";
/// The token that the switch `auth` = `bearer` asks for.
pub(super) const BEARER: &str = "simulated-luna-token";

/// Longest description that Luna takes.
const DESCRIPTION_CHARS: usize = 128;

pub(super) fn state(count: usize) -> State {
    let password = Password::new(PASSWORD);
    let root = Described {
        login: ROOT_LOGIN.to_owned(),
        account_type: AccountType::Admin,
        description: "Administrator of this installation".to_owned(),
    };
    let everybody = people::everybody(count.saturating_sub(1))
        .enumerate()
        .map(|(n, person)| described(n, person));
    let mut state = State::default();
    for (
        n,
        Described {
            login,
            account_type,
            description,
        },
    ) in std::iter::once(root)
        .chain(everybody)
        .take(count)
        .enumerate()
    {
        let created = seeded(n);
        let account = Account {
            id: people::uuid("luna/account", n),
            login,
            account_type,
            description,
            password: Some(password.clone()),
            created,
            updated: if n % 3 == 2 {
                created + Duration::days(3)
            } else {
                created
            },
        };
        state
            .insert(account)
            .expect("seeded logins and ids are distinct");
    }
    // One for the administrator, one for the first of the people, with a permission of the installation's own.
    for (n, (owner, wanted)) in [
        (
            0,
            json!({ "account": ["view"], "face": ["view", "matching"] }),
        ),
        (
            1,
            json!({ "list": ["view"], "my_reports": ["view", "creation"] }),
        ),
    ]
    .into_iter()
    .take(count)
    .enumerate()
    {
        let token = Token {
            id: people::uuid("luna/token", n),
            account_id: people::uuid("luna/account", owner),
            description: ["health checks", "badge printer"][n].to_owned(),
            permissions: permissions::read(wanted).expect("they are well formed"),
            visibility: Visibility::Account,
            expiration: None,
            created: seeded(n),
            updated: seeded(n),
        };
        state.tokens.insert((token.created, token.id), token);
    }
    state
}

struct Described {
    login: String,
    account_type: AccountType,
    description: String,
}

/// Mostly the name, as people keep it there; now and then nothing, or as much as fits.
fn described(n: usize, person: people::Person) -> Described {
    let name = person.display_name();
    let description = match n % 20 {
        _ if person.service => format!("Service account {name}"),
        13 => String::new(),
        17 => format!("{name}: é, ü, ß, 漢字 & <b>\"quotes\"</b> ")
            .chars()
            .cycle()
            .take(DESCRIPTION_CHARS)
            .collect(),
        _ => name,
    };
    let account_type = match n {
        _ if person.service => AccountType::AdvancedUser,
        _ if n % 10 == 1 => AccountType::AdvancedUser,
        _ => AccountType::User,
    };
    Described {
        login: person.email,
        account_type,
        description,
    }
}
