//! What the platform starts with: a tenant of an owner, the shared people and fillers; two tenants beside it; the clients.

mod sign_in;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    permissions::{self, ALL, Permission},
    realm::{Realm, RefreshKey, Session},
    roll::Roll,
    settings::Settings,
    state::{Application, Invite, InviteStatus, NewRole, Role, State, Tenant, User},
};
use crate::simulators::kit::{people, seeded};

pub use self::sign_in::{CODE, PORTAL, REDIRECT_URI, SECRET, SERVICE, session};

/// Who owns the seeded tenant and is signed in to the portal.
const OWNER: &str = "owner@example.org";
/// Registered, but in the seeded tenant by nothing.
const OUTSIDER: &str = "outsider@example.org";

/// What the seeded session and code have asked for: all that a full token needs, and who it is of.
pub const SCOPE: &str = "openid profile email olt-applications";

/// The tenant that the connection is for.
pub fn home() -> Uuid {
    people::uuid("lightelligence/tenant", 0)
}

/// A tenant that the owner is in, too.
fn beside() -> Uuid {
    people::uuid("lightelligence/tenant", 1)
}

/// A tenant of the outsider's.
fn elsewhere() -> Uuid {
    people::uuid("lightelligence/tenant", 2)
}

/// The custom application, which is also the id of its client.
pub fn application() -> Uuid {
    people::uuid("lightelligence/application", 0)
}

pub fn state(
    accounts: usize,
    settings: Settings,
    refresh_key: RefreshKey,
    session: Session,
) -> State {
    let mut state = State::new(settings, Realm::new(refresh_key, user(0)), home());
    let mut tenant = new_tenant(0, home(), "Acme Lighting");
    let mut register = |id: Uuid, email: &str, first_name: &str, last_name: &str| {
        let user = User {
            id,
            email: email.to_owned(),
            first_name: first_name.to_owned(),
            last_name: last_name.to_owned(),
        };
        state
            .register(user)
            .expect("seeded addresses and ids are distinct");
    };
    register(user(0), OWNER, "Olga", "Owner");
    register(outsider(), OUTSIDER, "Otto", "Outsider");
    // A tenant has its owner at least.
    seat(&mut tenant, user(0), &["owner"]);
    for (n, person) in people::everybody(accounts.saturating_sub(1)).enumerate() {
        let id = user(n + 1);
        register(id, &person.email, &person.given_name, &person.family_name);
        seat(&mut tenant, id, roles_of(n, person.service));
    }
    add_invites(&mut tenant);
    state.tenants.insert(tenant.id, tenant);

    let mut second = new_tenant(1, beside(), "Acme Test");
    seat(&mut second, user(0), &["owner"]);
    state.tenants.insert(second.id, second);
    let mut third = new_tenant(2, elsewhere(), "Elsewhere");
    seat(&mut third, outsider(), &["owner"]);
    state.tenants.insert(third.id, third);

    state.applications.insert(application(), dashboard());
    sign_in::add_clients(&mut state);
    state.realm.add_session(session);
    state
        .realm
        .add_code(sign_in::CODE.to_owned(), sign_in::code());
    state
}

/// The owner's, the outsider's aside.
pub fn user(n: usize) -> Uuid {
    people::uuid("lightelligence/user", n)
}

fn outsider() -> Uuid {
    people::uuid("lightelligence/outsider", 0)
}

fn new_tenant(n: usize, id: Uuid, name: &str) -> Tenant {
    let details = json!({
        "billingContact": { "firstName": "Olga", "lastName": "Owner", "email": OWNER },
        "billingCompany": { "name": name, "country": "DE" },
        "package": { "id": people::uuid("lightelligence/package", 0) },
    });
    let details = match details {
        Value::Object(details) => details,
        _ => Map::new(),
    };
    let mut tenant = Tenant::new(id, name, details, seeded(n));
    for (own, name, description, aliases) in [
        (
            0,
            "auditor",
            "Sees users and roles, changes nothing",
            &[permissions::TENANT_READ, permissions::USERS_READ][..],
        ),
        (
            1,
            "device-operator",
            "Runs devices",
            &["devices:read", "devices:write", "devicetypes:read"][..],
        ),
    ] {
        let known = aliases
            .iter()
            .filter_map(|alias| permissions::by_alias(alias));
        let role = NewRole {
            name: Some(name.to_owned()),
            description: Some(description.to_owned()),
            permissions: Some(known.collect()),
        };
        let id = people::uuid("lightelligence/role", n * 10 + own);
        tenant
            .add_role(id, role)
            .expect("seeded roles are named apart");
    }
    tenant
}

/// `owner`, `writer` and `reader`, which every tenant has; their ids are the same for the same tenant.
pub fn add_default_roles(tenant: &mut Tenant) {
    let may: [fn(&&Permission) -> bool; 3] = [
        |_| true,
        |known| !permissions::is_management(known.alias),
        |known| !permissions::is_management(known.alias) && known.alias.ends_with(":read"),
    ];
    let words = [
        ("owner", "Owner", "All that there is to do"),
        ("writer", "Writer", "Read and write"),
        ("reader", "Reader", "Read only"),
    ];
    for (n, ((name, display_name, description), may)) in words.into_iter().zip(may).enumerate() {
        let id = people::uuid(&format!("lightelligence/role/{}", tenant.id), n);
        let role = Role {
            id,
            name: name.to_owned(),
            display_name: display_name.to_owned(),
            description: description.to_owned(),
            locked: true,
            permissions: ALL.iter().filter(may).collect(),
            created: tenant.created,
            updated: tenant.created,
            holders: Roll::default(),
        };
        tenant.roles.insert(id, role);
    }
}

fn seat(tenant: &mut Tenant, user: Uuid, roles: &[&str]) {
    let ids = roles.iter().filter_map(|name| tenant.role_named(name));
    let ids = ids.collect();
    tenant.seat(user, ids);
}

/// Mostly one role, now and then two, rarely none.
fn roles_of(n: usize, service: bool) -> &'static [&'static str] {
    match n % 12 {
        _ if service => &["device-operator"],
        2 | 8 => &["writer"],
        5 => &["reader", "auditor"],
        7 => &["writer", "device-operator"],
        9 => &["owner"],
        11 if n >= people::SHARED => &[],
        _ => &["reader"],
    }
}

/// One that waits and one that was declined.
fn add_invites(tenant: &mut Tenant) {
    for (n, email, status) in [
        (0, "newcomer@example.org", InviteStatus::Open),
        (1, "somebody.else@example.org", InviteStatus::Declined),
    ] {
        let id = people::uuid("lightelligence/invite", n);
        let invite = Invite {
            id,
            receiver_email: email.to_owned(),
            sender: Some(user(0)),
            roles: tenant.role_named("reader").into_iter().collect(),
            status,
            created: seeded(n),
            updated: seeded(n),
        };
        tenant.invites.insert(id, invite);
    }
}

fn dashboard() -> Application {
    Application {
        id: application(),
        name: "Acme Dashboard".to_owned(),
        description: "Shows what the lights do".to_owned(),
        public: false,
        developer: home(),
        allowed: vec![beside()],
        created: seeded(0),
        updated: seeded(0),
    }
}
