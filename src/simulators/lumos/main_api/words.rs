//! The enumerated words that parameters take (contract §A7).

pub(super) const ACCOUNT_STATUSES: &[&str] = &[
    "DISCOVERED",
    "STAGED",
    "ACCESS_CREATED",
    "ACTIVE",
    "ARCHIVED",
    "SUSPENDED",
    "DEPROVISIONED",
    "MANUALLY_REMOVED",
    "ACCESS_REMOVED",
    "NON_CORPORATE_ACCOUNT",
    "WAITING_MANUAL_REMOVAL",
];

pub(super) const SOURCES: &[&str] = &[
    "GSUITE_QUICK_INBOX",
    "GSUITE_DEEP_INBOX",
    "MICROSOFT_DEEP_INBOX",
    "MICROSOFT_OAUTH",
    "MICROSOFT_GCC",
    "GSUITE_OAUTH",
    "OKTA",
    "MANUAL",
    "ONELOGIN",
    "ATLASSIAN",
    "GOOGLE_CLOUD",
    "LUMOS_INTEGRATION",
    "JUMPCLOUD",
    "CUSTOM",
];

pub(super) const CONNECTION_SOURCES: &[&str] = &["API", "UI"];
