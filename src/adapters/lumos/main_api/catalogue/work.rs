//! Tasks, policies, reviews, and what is kept of knowledge, agreements and orders.

use super::{delete, get, patch, post, put};
use crate::adapters::contract::UpstreamOperation;

pub(super) const OPERATIONS: &[UpstreamOperation] = &[
    // Tasks. A task that has the wanted status already answers 409, which is as good as done (§A3).
    get("list_tasks", "/tasks"),
    get("get_task", "/tasks/{task_id}"),
    get("get_task_actions", "/tasks/{task_id}/actions"),
    post("perform_task_action", "/tasks/{task_id}/perform-action").read_back_by("get_task"),
    post("reassign_task", "/tasks/{task_id}/reassign")
        .idempotent()
        .read_back_by("get_task"),
    post("add_task_comment", "/tasks/{task_id}/comments").read_back_by("get_task"),
    post("complete_task", "/tasks/{task_id}/complete")
        .idempotent()
        .read_back_by("get_task"),
    post("dismiss_task", "/tasks/{task_id}/dismiss")
        .idempotent()
        .read_back_by("get_task"),
    // Access policies.
    get("get_access_policies", "/access_policies"),
    post("create_access_policy", "/access_policies").read_back_by("get_access_policies"),
    get("get_access_policy", "/access_policies/{access_policy_id}"),
    delete(
        "delete_access_policy",
        "/access_policies/{access_policy_id}",
    )
    .read_back_by("get_access_policy"),
    put(
        "update_access_policy",
        "/access_policies/{access_policy_id}",
    )
    .read_back_by("get_access_policy"),
    // Access reviews.
    get("list_access_reviews", "/access_reviews"),
    post("create_access_review", "/access_reviews").read_back_by("list_access_reviews"),
    get("get_scope_options", "/access_reviews/scope_options"),
    get("get_access_review", "/access_reviews/{access_review_id}"),
    patch("update_access_review", "/access_reviews/{access_review_id}")
        .read_back_by("get_access_review"),
    delete("delete_access_review", "/access_reviews/{access_review_id}")
        .read_back_by("get_access_review"),
    post(
        "add_apps_to_access_review",
        "/access_reviews/{access_review_id}/apps",
    )
    .read_back_by("get_access_review"),
    delete(
        "delete_access_review_app",
        "/access_reviews/{access_review_id}/apps/{arda_id}",
    )
    .read_back_by("get_access_review"),
    // Knowledge.
    get("list_knowledge_context", "/v1/knowledge/context"),
    post("create_knowledge_context", "/v1/knowledge/context")
        .read_back_by("list_knowledge_context"),
    get(
        "get_knowledge_context",
        "/v1/knowledge/context/{knowledge_context_id}",
    ),
    patch(
        "update_knowledge_context",
        "/v1/knowledge/context/{knowledge_context_id}",
    )
    .read_back_by("get_knowledge_context"),
    delete(
        "delete_knowledge_context",
        "/v1/knowledge/context/{knowledge_context_id}",
    )
    .read_back_by("get_knowledge_context"),
    // Agreements with vendors, and the documents and orders that they are made of. Of documents nothing can be read.
    get("list_vendor_agreements", "/vendor_agreements"),
    put(
        "update_vendor_agreement_custom_attribute",
        "/vendor_agreements/{vendor_agreement_id}/custom_attributes/{label}",
    )
    .read_back_by("list_vendor_agreements"),
    post("create_found_document", "/found_documents"),
    post("create_order", "/orders").read_back_by("list_vendor_agreements"),
];
