//! What may differ between installations, as switches: set at the start as quirks, and while running by a drift of `settings`.

use serde_json::Value;

use crate::simulators::kit::Options;

/// What [`connection`](crate::simulators::kit::Vendor::connection) hands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handed {
    RefreshToken,
    ClientCredentials,
    AuthorizationCode,
    /// The credentials of a custom application, which user management is barred to.
    CustomApplication,
}

/// Whether the realm answers at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    Open,
    /// Realm not enabled.
    Off,
    /// Asks for HTTPS, which a simulator never has.
    HttpsOnly,
}

/// Which generation of the calls about roles there is (contract §4, §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    Both,
    /// The deprecated ones only.
    Legacy,
    /// None that is deprecated.
    Current,
}

/// What the list of a tenant's users shows of their roles (contract §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleRows {
    /// `userRoles`.
    Whole,
    /// `roleNames`.
    Names,
    Nothing,
}

/// How the platform behaves where the contract leaves it open. By switch, with the default first:
///
/// - `auth`: the credentials that `connection` names: `refresh_token`, `client_credentials`, `authorization_code`, `custom_application`;
/// - `rotation`: `on` gives a new refresh token on each use and refuses the one before; `off` lets all of a session's be used;
/// - `access_seconds`, `refresh_seconds`: how long tokens last that are issued from now on: 864000 and 950400 (contract §2.3);
/// - `code_seconds`: how long an authorization code lasts: 60;
/// - `tenant_header`: heeded with `both` refresh tokens and client credentials, or `refresh_only`, as the seed document has it;
/// - `idp`: the answers of a `current` Keycloak or of an `old` one (contract §2.3);
/// - `realm`: `on`, `off`, or `https`, which refuses plain HTTP;
/// - `legacy_put`: the deprecated change of roles answers `201` with a body, or `204` and then lets users in who were none;
/// - `roles`: `both` generations of the calls about roles, or one of them: `legacy`, `current`; the other's are a `404`;
/// - `role_rows`: what the list of users shows of roles: `whole`, `names`, `nothing`;
/// - `other_users`: somebody else's `/users/{userId}` is a `404`, or a `403` ID_FORBIDDEN.
#[derive(Debug, Clone)]
pub struct Settings {
    pub handed: Handed,
    pub rotates: bool,
    pub access_seconds: u32,
    pub refresh_seconds: u32,
    pub code_seconds: u32,
    pub tenant_on_refresh_only: bool,
    pub old_idp: bool,
    pub door: Door,
    pub legacy_put_assigns: bool,
    pub generation: Generation,
    pub role_rows: RoleRows,
    pub tells_other_users: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            handed: Handed::RefreshToken,
            rotates: true,
            access_seconds: 864_000,
            refresh_seconds: 950_400,
            code_seconds: 60,
            tenant_on_refresh_only: false,
            old_idp: false,
            door: Door::Open,
            legacy_put_assigns: false,
            generation: Generation::Both,
            role_rows: RoleRows::Whole,
            tells_other_users: false,
        }
    }
}

impl Settings {
    const NAMES: [&str; 12] = [
        "auth",
        "rotation",
        "access_seconds",
        "refresh_seconds",
        "code_seconds",
        "tenant_header",
        "idp",
        "realm",
        "legacy_put",
        "roles",
        "role_rows",
        "other_users",
    ];

    /// From the quirks of a start.
    pub fn read(options: &Options) -> anyhow::Result<Self> {
        options.allow_quirks(&Self::NAMES)?;
        let mut settings = Settings::default();
        for (name, word) in &options.quirks {
            settings
                .set(name, word)
                .map_err(|why| anyhow::anyhow!("quirk {name}={word}: {why}"))?;
        }
        Ok(settings)
    }

    /// Sets some of them: an object of switches, with strings or numbers.
    pub fn change(&mut self, value: &Value) -> Result<(), String> {
        let switches = value.as_object().ok_or("an object of switches is needed")?;
        for (name, value) in switches {
            let word = match value {
                Value::String(word) => word.clone(),
                other => other.to_string(),
            };
            self.set(name, &word)
                .map_err(|why| format!("{name}={word}: {why}"))?;
        }
        Ok(())
    }

    fn set(&mut self, name: &str, word: &str) -> Result<(), String> {
        let seconds = || {
            word.parse()
                .map_err(|_| "a number of seconds is expected".to_owned())
        };
        match name {
            "auth" => {
                self.handed = pick(
                    word,
                    &[
                        ("refresh_token", Handed::RefreshToken),
                        ("client_credentials", Handed::ClientCredentials),
                        ("authorization_code", Handed::AuthorizationCode),
                        ("custom_application", Handed::CustomApplication),
                    ],
                )?;
            }
            "rotation" => self.rotates = pick(word, &[("on", true), ("off", false)])?,
            "access_seconds" => self.access_seconds = seconds()?,
            "refresh_seconds" => self.refresh_seconds = seconds()?,
            "code_seconds" => self.code_seconds = seconds()?,
            "tenant_header" => {
                self.tenant_on_refresh_only =
                    pick(word, &[("both", false), ("refresh_only", true)])?;
            }
            "idp" => self.old_idp = pick(word, &[("current", false), ("old", true)])?,
            "realm" => {
                self.door = pick(
                    word,
                    &[
                        ("on", Door::Open),
                        ("off", Door::Off),
                        ("https", Door::HttpsOnly),
                    ],
                )?;
            }
            "legacy_put" => self.legacy_put_assigns = pick(word, &[("201", false), ("204", true)])?,
            "roles" => {
                self.generation = pick(
                    word,
                    &[
                        ("both", Generation::Both),
                        ("legacy", Generation::Legacy),
                        ("current", Generation::Current),
                    ],
                )?;
            }
            "role_rows" => {
                self.role_rows = pick(
                    word,
                    &[
                        ("whole", RoleRows::Whole),
                        ("names", RoleRows::Names),
                        ("nothing", RoleRows::Nothing),
                    ],
                )?;
            }
            "other_users" => self.tells_other_users = pick(word, &[("404", false), ("403", true)])?,
            _ => {
                let known = Self::NAMES.join(", ");
                return Err(format!("there is no such switch; there is {known}"));
            }
        }
        Ok(())
    }
}

fn pick<T: Copy>(word: &str, words: &[(&str, T)]) -> Result<T, String> {
    let found = words.iter().find(|(known, _)| *known == word);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let known: Vec<&str> = words.iter().map(|(known, _)| *known).collect();
        format!("one of {} is expected", known.join(", "))
    })
}
