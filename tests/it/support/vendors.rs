//! What tests know of each vendor: how to start it, what a good account looks like, and which calls faults should strike.

use iam_gateway::simulators::{Fault, Rule, Running};
use serde_json::{Value, json};

/// A vendor under test: its simulator and the connection that tests make to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vendor {
    /// The vendor's and its simulator's name.
    pub name: &'static str,
    /// The name of the connection, as in the sandbox.
    pub connection: &'static str,
    /// The variant of the connection.
    pub variant: &'static str,
    /// Whether we choose the id of a new account there, which makes creating idempotent.
    pub chooses_ids: bool,
    /// Whether accounts there can be switched on and off.
    pub has_states: bool,
    /// Whether fields of accounts there can be changed.
    pub has_updates: bool,
    /// How often a refused credential is shown at most: one that can be renewed, once more.
    pub shows_refused: usize,
    create: (&'static str, &'static str),
    list: (&'static str, &'static str),
    read: (&'static str, &'static str),
    update: (&'static str, &'static str),
    delete: (&'static str, &'static str),
}

/// Strict bodies, chosen ids, real pages.
pub const LUNA: Vendor = Vendor {
    name: "luna",
    connection: "luna",
    variant: "luna/accounts",
    chooses_ids: true,
    has_states: false,
    has_updates: true,
    shows_refused: 1,
    create: ("POST", "/1/accounts"),
    list: ("GET", "/1/accounts"),
    read: ("GET", "/1/accounts/"),
    update: ("PATCH", "/1/accounts/"),
    delete: ("DELETE", "/1/accounts/"),
};

/// Signed requests, unpaged lists, states.
pub const DEVO: Vendor = Vendor {
    name: "devo",
    connection: "devo",
    variant: "devo/domain",
    chooses_ids: false,
    has_states: true,
    has_updates: true,
    shows_refused: 1,
    create: ("POST", "/user/internal"),
    list: ("GET", "/user/domain/"),
    read: ("GET", "/user/email/"),
    update: ("PUT", "/user/internal/"),
    delete: ("DELETE", "/user/email/"),
};

/// Every domain of a multitenant, one after the other, with the same calls beside the list of domains.
pub const DEVO_MULTITENANT: Vendor = Vendor {
    connection: "devo-multitenant",
    variant: "devo/multitenant",
    list: ("GET", "/probio/domain"),
    ..DEVO
};

/// Errors inside a 200, opaque page tokens, fields of the connector's own.
pub const LUMOS: Vendor = Vendor {
    name: "lumos",
    connection: "lumos-connector",
    variant: "lumos/connector",
    chooses_ids: false,
    has_states: true,
    has_updates: true,
    shows_refused: 1,
    create: ("POST", "create_account"),
    list: ("POST", "list_accounts"),
    read: ("POST", "get_account"),
    update: ("POST", "update_account"),
    delete: ("POST", "delete_account"),
};

/// Users in pages by token, read only.
pub const APONO: Vendor = Vendor {
    name: "apono",
    connection: "apono",
    variant: "apono/tenant",
    chooses_ids: false,
    has_states: false,
    has_updates: false,
    shows_refused: 1,
    create: NOWHERE,
    list: ("GET", "/api/admin/v3/users"),
    read: ("GET", "/api/admin/v3/users/"),
    update: NOWHERE,
    delete: NOWHERE,
};

/// Two listings in one, numbered pages, calls that are counted; read only.
pub const LUMOS_MAIN: Vendor = Vendor {
    name: "lumos",
    connection: "lumos",
    variant: "lumos/main",
    chooses_ids: false,
    has_states: false,
    has_updates: false,
    shows_refused: 1,
    create: NOWHERE,
    list: ("GET", "/users"),
    read: ("GET", "/users/"),
    update: NOWHERE,
    delete: NOWHERE,
};

/// Invites that become users, tokens that are renewed; nothing to change.
pub const LIGHTELLIGENCE: Vendor = Vendor {
    name: "lightelligence",
    connection: "lightelligence",
    variant: "lightelligence/tenant",
    chooses_ids: false,
    has_states: false,
    has_updates: false,
    shows_refused: 2,
    create: ("POST", "/invites"),
    list: ("GET", "/users"),
    read: ("GET", "/roles"),
    update: ("PATCH", "/tenants/"),
    delete: ("DELETE", "/tenants/"),
};

/// Of a request that a vendor has not; no call is like it.
const NOWHERE: (&str, &str) = ("", "");

/// The vendors whose accounts can be made, changed and deleted: what the ledger promises is tested with each of them.
pub const WRITABLE: [Vendor; 3] = [LUNA, DEVO, LUMOS];

/// Every vendor where accounts can be made, if only by inviting somebody.
pub const CREATABLE: [Vendor; 5] = [LUNA, DEVO, DEVO_MULTITENANT, LUMOS, LIGHTELLIGENCE];

/// Every vendor whose accounts the gateway reads, which is every vendor of this build.
pub const READABLE: [Vendor; 7] = [
    LUNA,
    DEVO,
    DEVO_MULTITENANT,
    LUMOS,
    LIGHTELLIGENCE,
    APONO,
    LUMOS_MAIN,
];

impl Vendor {
    /// The body of a good new account; `who` is lower-case letters and digits.
    pub fn new_account(self, who: &str) -> Value {
        let email = format!("{who}@example.org");
        match self.name {
            "luna" => json!({
                "connection_id": self.connection,
                "login": email,
                "password": format!("first-secret-of-{who}"),
                "display_name": format!("Account of {who}"),
            }),
            // Its seed has an invite of a newcomer already.
            "lightelligence" => json!({
                "connection_id": self.connection,
                "email": format!("{who}@guests.example.org"),
            }),
            "devo" => {
                let mut body = json!({
                    "connection_id": self.connection,
                    "email": email,
                    "display_name": format!("Account of {who}"),
                });
                if self == DEVO_MULTITENANT {
                    body["attributes"] = json!({"domain": "acme@parent"});
                }
                body
            }
            _ => json!({
                "connection_id": self.connection,
                "login": who,
                "email": email,
                "given_name": "Given",
                "family_name": "Family",
                "attributes": {"department": "engineering"},
            }),
        }
    }

    /// A change that this vendor can keep, and a second one that differs.
    pub fn changes(self) -> [Value; 2] {
        match self.name {
            "luna" | "devo" => [
                json!({"display_name": "First change"}),
                json!({"display_name": "Second change"}),
            ],
            _ => [
                json!({"given_name": "First"}),
                json!({"given_name": "Second"}),
            ],
        }
    }

    /// A field of an account that this vendor can't keep, with a value that would be fine elsewhere.
    pub fn unkept(self) -> (&'static str, Value) {
        match self.name {
            "luna" | "devo" => ("given_name", json!("Ada")),
            _ => ("display_name", json!("Ada Lind")),
        }
    }

    /// How many accounts its simulator holds; open invites are kept apart there.
    pub fn held(self, simulator: &Running) -> usize {
        let state = simulator.state();
        let here = state.of(self.variant);
        let open = here.requests.iter().filter(|one| one["status"] == "open");
        let invites = match self.name {
            "lightelligence" => open.count(),
            _ => 0,
        };
        here.accounts.len() + here.users.len() + invites
    }

    /// A fault that strikes the request which creates accounts.
    pub fn on_create(self, fault: Fault) -> Rule {
        rule(self.create, fault)
    }

    /// A fault that strikes listings.
    pub fn on_list(self, fault: Fault) -> Rule {
        rule(self.list, fault)
    }

    /// A fault that strikes the reading of one account.
    pub fn on_read(self, fault: Fault) -> Rule {
        rule(self.read, fault)
    }

    /// A fault that strikes the request which changes accounts.
    pub fn on_update(self, fault: Fault) -> Rule {
        rule(self.update, fault)
    }

    /// A fault that strikes the request which deletes accounts.
    pub fn on_delete(self, fault: Fault) -> Rule {
        rule(self.delete, fault)
    }
}

fn rule(call: (&str, &str), fault: Fault) -> Rule {
    assert_ne!(call, NOWHERE, "the vendor has no such call");
    let (method, path) = call;
    Rule::new(fault).method(method).path_contains(path)
}
