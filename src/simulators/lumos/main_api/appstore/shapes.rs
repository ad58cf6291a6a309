//! The configurations that bodies carry (contract §A5).

use crate::simulators::lumos::main_api::shape::{
    Field, Kind, Shape, TEXTS, may, maybe, must, open,
};

pub(super) const GROUP: Shape = open(&[
    maybe("id", Kind::Text),
    maybe("app_id", Kind::Text),
    maybe("integration_specific_id", Kind::Text),
]);
/// A user or a webhook: whatever has to be named by its id.
pub(super) const NAMED: Shape = open(&[must("id", Kind::Text)]);
const GROUPS: Kind = Kind::Many(&Kind::Thing(&GROUP), 0);
const USERS: Kind = Kind::Many(&Kind::Thing(&NAMED), 0);

const ALLOWED_GROUPS: Shape = open(&[
    may("type", Kind::Word(&["ALL_GROUPS", "SPECIFIED_GROUPS"])),
    may("groups", GROUPS),
]);
const APPROVERS: Shape = open(&[may("groups", GROUPS), may("users", USERS)]);
const APPROVER: Shape = open(&[
    may("type", Kind::Word(&["USER", "GROUP"])),
    maybe("user", Kind::Thing(&NAMED)),
    maybe("group", Kind::Thing(&GROUP)),
]);
const STAGE: Shape = open(&[maybe("approvers", Kind::Many(&Kind::Thing(&APPROVER), 0))]);

const REQUEST_FLOW: Shape = open(&[
    may("discoverability", Kind::Word(&["FULL", "LIMITED", "NONE"])),
    may("custom_approval_message", Kind::Text),
    may("require_manager_approval", Kind::Flag),
    may("require_additional_approval", Kind::Flag),
    maybe("allowed_groups", Kind::Thing(&ALLOWED_GROUPS)),
    may("approvers", Kind::Thing(&APPROVERS)),
    may("approvers_stage_2", Kind::Thing(&APPROVERS)),
    may("admins", Kind::Thing(&APPROVERS)),
    maybe("request_validation_inline_webhook", Kind::Thing(&NAMED)),
]);
const PROVISIONING: Shape = open(&[
    may(
        "groups_provisioning",
        Kind::Word(&["DIRECT_TO_USER", "GROUPS_AND_HIDDEN", "GROUPS_AND_VISIBLE"]),
    ),
    may("time_based_access", TEXTS),
    may("allow_multiple_permission_selection", Kind::Flag),
    may("manual_steps_needed", Kind::Flag),
    maybe("custom_provisioning_instructions", Kind::Text),
    maybe("default_time_based_access_option", Kind::Text),
    maybe("default_permission", Kind::Thing(&NAMED)),
    maybe("provisioning_webhook", Kind::Thing(&NAMED)),
    maybe("access_removal_inline_webhook", Kind::Thing(&NAMED)),
]);

const INSTRUCTIONS: Field = may("custom_request_instructions", Kind::Text);
const REDIRECT: Field = maybe("redirect_url", Kind::Bounded(0, 2048));
const FLOW: Field = may("request_flow", Kind::Thing(&REQUEST_FLOW));
const PROVISION: Field = may("provisioning", Kind::Thing(&PROVISIONING));

/// `AppStoreAppSettingsInput`.
pub(super) const SETTINGS: Shape = open(&[INSTRUCTIONS, REDIRECT, FLOW, PROVISION]);
/// `AppSettingInput`.
pub(super) const OLDER_SETTINGS: Shape = open(&[
    INSTRUCTIONS,
    REDIRECT,
    FLOW,
    PROVISION,
    may("in_app_store", Kind::Flag),
]);
/// `AddAppToAppStoreInput`.
pub(super) const ADD: Shape = open(&[
    INSTRUCTIONS,
    REDIRECT,
    FLOW,
    PROVISION,
    must("app_id", Kind::Text),
]);

const APPROVAL_CONFIG: Shape = open(&[
    maybe("request_approval_config_override", Kind::Flag),
    maybe(
        "manager_approval",
        Kind::Word(&["NONE", "INITIAL_APPROVAL"]),
    ),
    maybe("require_additional_approval", Kind::Flag),
    maybe("custom_approval_message", Kind::Text),
    maybe("custom_approval_message_override", Kind::Flag),
    may("approvers", Kind::Thing(&APPROVERS)),
    may("approvers_stage_2", Kind::Thing(&APPROVERS)),
    maybe(
        "request_approval_stages",
        Kind::Many(&Kind::Thing(&STAGE), 0),
    ),
]);
const FULFILLMENT_CONFIG: Shape = open(&[
    maybe("manual_steps_needed", Kind::Flag),
    maybe("manual_instructions", Kind::Text),
    may("time_based_access", TEXTS),
    maybe("time_based_access_override", Kind::Flag),
    maybe("provisioning_group", Kind::Thing(&GROUP)),
    maybe("provisioning_webhook", Kind::Thing(&NAMED)),
]);
/// `RequestConfigInputCreate` and `RequestConfigInputUpdate`, which differ in one field that the latter ignores.
const CONFIG: Shape = open(&[
    maybe("appstore_visibility", Kind::Word(&["HIDDEN", "VISIBLE"])),
    maybe("allowed_groups_override", Kind::Flag),
    maybe("allowed_groups", Kind::Thing(&ALLOWED_GROUPS)),
    maybe("request_approval_config", Kind::Thing(&APPROVAL_CONFIG)),
    maybe("access_removal_inline_webhook", Kind::Thing(&NAMED)),
    maybe("request_validation_inline_webhook", Kind::Thing(&NAMED)),
    maybe(
        "request_fulfillment_config",
        Kind::Thing(&FULFILLMENT_CONFIG),
    ),
]);
/// `RequestablePermissionInput`.
pub(super) const PERMISSION: Shape = open(&[
    must("app_id", Kind::Text),
    maybe("app_class_id", Kind::Text),
    maybe("app_instance_id", Kind::Text),
    must("label", Kind::Text),
    maybe("request_config", Kind::Thing(&CONFIG)),
]);
/// `RequestablePermissionInputUpdate`.
pub(super) const PERMISSION_UPDATE: Shape = open(&[
    maybe("app_id", Kind::Text),
    maybe("app_class_id", Kind::Text),
    maybe("app_instance_id", Kind::Text),
    maybe("label", Kind::Text),
    maybe("request_config", Kind::Thing(&CONFIG)),
]);

const PERMISSION_ID: Shape = open(&[may("id", Kind::Text)]);
const EQUALITY: Shape = open(&[must("attribute", Kind::Text), must("value", Kind::Text)]);
const JUSTIFICATION: Field = must("justification", Kind::Text);
const TIMES: Field = may("time_based_access", TEXTS);
const FOR_GROUPS: Field = may("preapproved_groups", GROUPS);
const FOR_PERMISSIONS: Field = may(
    "preapproved_permissions",
    Kind::Many(&Kind::Thing(&PERMISSION_ID), 0),
);
const FOR_USERS: Field = may(
    "preapproved_users_by_attribute",
    Kind::Many(&Kind::Thing(&EQUALITY), 0),
);
const ASKED: Field = may("preapproval_webhooks", Kind::Many(&Kind::Thing(&NAMED), 0));
/// `PreApprovalRuleInput`.
pub(super) const RULE: Shape = open(&[
    JUSTIFICATION,
    TIMES,
    must("app_id", Kind::Text),
    FOR_GROUPS,
    FOR_PERMISSIONS,
    FOR_USERS,
    ASKED,
]);
/// `PreApprovalRuleUpdateInput`.
pub(super) const RULE_UPDATE: Shape = open(&[
    JUSTIFICATION,
    TIMES,
    FOR_GROUPS,
    FOR_PERMISSIONS,
    FOR_USERS,
    ASKED,
]);

/// `CreateAccessRequestInput`.
pub(super) const REQUEST: Shape = open(&[
    must("app_id", Kind::Text),
    may("requester_user_id", Kind::Text),
    may("target_user_id", Kind::Text),
    maybe("note", Kind::Text),
    maybe("business_justification", Kind::Text),
    maybe("expiration_in_seconds", Kind::Whole),
    maybe("access_length", Kind::Text),
    maybe("requestable_permission_ids", TEXTS),
]);
