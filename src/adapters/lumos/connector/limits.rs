//! How many entitlements of a type an account may and must hold (contract §B7). Pure.

use std::collections::BTreeMap;

use super::types::{Type, Types};
use crate::adapters::contract::{AdapterError, SideEffect, Trouble};
use crate::domain::{Bounds, EntitlementRecord, ExternalKey};

const ASSIGN: &str = "assign_entitlement";
const UNASSIGN: &str = "unassign_entitlement";
const CREATE: &str = "create_account";

/// The bounds for an act: what the type requires for it, and where that is silent what holds for the type.
fn bounds(of_type: Bounds, requirements: &BTreeMap<String, Bounds>, act: &str) -> Bounds {
    let own = requirements.get(act).copied().unwrap_or_default();
    Bounds {
        min: own.min.or(of_type.min),
        max: own.max.or(of_type.max),
    }
}

/// Whether an account's entitlements of this type are counted, so that acts on them must see each other.
pub(super) fn is_counted(entitlement: &EntitlementRecord) -> bool {
    entitlement.bounds != Bounds::default() || !entitlement.requirements.is_empty()
}

/// Whether one more may be held beside those of its type that are.
pub(super) fn check_assign(
    entitlement: &EntitlementRecord,
    held: &[String],
) -> Result<(), AdapterError> {
    let bounds = bounds(entitlement.bounds, &entitlement.requirements, ASSIGN);
    match bounds.max {
        Some(max) if held.len() >= max as usize => Err(conflict(format!(
            "an account may hold at most {max} of the type `{}`, and this one holds {}: {}",
            kind_of(&entitlement.external_key),
            held.len(),
            named(held)
        ))),
        _ => Ok(()),
    }
}

/// Whether one of those of its type that are held may go.
pub(super) fn check_unassign(
    entitlement: &EntitlementRecord,
    held: &[String],
) -> Result<(), AdapterError> {
    let bounds = bounds(entitlement.bounds, &entitlement.requirements, UNASSIGN);
    match bounds.min {
        Some(min) if held.len() <= min as usize && min > 0 => Err(conflict(format!(
            "an account must hold at least {min} of the type `{}`, and this one holds {}: {}",
            kind_of(&entitlement.external_key),
            held.len(),
            named(held)
        ))),
        _ => Ok(()),
    }
}

/// Whether these can be given with a new account. Only types that say so for a creation belong there.
pub(super) fn check_given(given: &[EntitlementRecord]) -> Result<(), AdapterError> {
    for (n, entitlement) in given.iter().enumerate() {
        let pointer = format!("/entitlement_ids/{n}");
        let kind = kind_of(&entitlement.external_key);
        if !entitlement.requirements.contains_key(CREATE) {
            return Err(AdapterError::unsupported(
                &pointer,
                format!(
                    "the connector gives nothing of the type `{kind}` to a new account; grant it afterwards"
                ),
            ));
        }
        if !entitlement.assignable {
            return Err(AdapterError::unsupported(&pointer, NOT_ASSIGNABLE));
        }
        let max = bounds(entitlement.bounds, &entitlement.requirements, CREATE).max;
        let upto = &given[..=n];
        let so_many = upto.iter().filter(|one| kind_of(&one.external_key) == kind);
        if max.is_some_and(|max| so_many.count() > max as usize) {
            let max = max.unwrap_or_default();
            return Err(AdapterError::invalid(
                &pointer,
                format!("a new account takes at most {max} of the type `{kind}`"),
            ));
        }
    }
    Ok(())
}

/// Whether nothing that a new account must be given is missing.
pub(super) fn check_needed(given: &[EntitlementRecord], types: &Types) -> Result<(), AdapterError> {
    let short = |(id, one): &(&str, &Type)| {
        one.requirements.get(CREATE)?;
        let min = bounds(one.bounds, &one.requirements, CREATE).min?;
        let of_type = given
            .iter()
            .filter(|given| kind_of(&given.external_key) == *id);
        (of_type.count() < min as usize).then_some(min)
    };
    match types.iter().find_map(|one| Some((one.0, short(&one)?))) {
        Some((id, min)) => Err(AdapterError::invalid(
            "/entitlement_ids",
            format!("a new account needs at least {min} of the type `{id}`"),
        )),
        None => Ok(()),
    }
}

/// Why an entitlement that the connector does not let be assigned can't be granted.
pub(super) const NOT_ASSIGNABLE: &str =
    "the connector says of this one that it can't be assigned; those with `assignable: true` can";

/// The type, which is the first part of an entitlement's key.
pub(super) fn kind_of(key: &ExternalKey) -> String {
    key.parts().into_iter().next().unwrap_or_default()
}

fn named(held: &[String]) -> String {
    match held {
        [] => "none".to_owned(),
        held => held.join(", "),
    }
}

fn conflict(message: String) -> AdapterError {
    AdapterError::new(Trouble::Conflict, message).with_effect(SideEffect::None)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::adapters::lumos::connector::convert;

    fn types(requirements: serde_json::Value) -> Types {
        let mut types = Types::default();
        types.absorb(&[json!({"type_id": "license", "resource_type_id": "", "min": 1, "max": 2, "requirements": requirements})]);
        types
    }

    fn licence(id: &str, types: &Types) -> EntitlementRecord {
        let item = json!({"entitlement_type": "license", "integration_specific_id": id});
        convert::entitlement(&item, types).unwrap()
    }

    fn held(n: usize) -> Vec<String> {
        (0..n).map(|n| format!("l{n}")).collect()
    }

    #[test]
    fn a_full_type_names_the_limit_and_what_is_held() {
        let pro = licence("pro", &types(json!(null)));
        assert!(check_assign(&pro, &held(1)).is_ok());
        let error = check_assign(&pro, &held(2)).unwrap_err();
        assert_eq!(
            (error.trouble, error.effect),
            (Trouble::Conflict, SideEffect::None)
        );
        assert!(
            error.message.contains("at most 2") && error.message.contains("l0, l1"),
            "{}",
            error.message
        );
        assert!(check_unassign(&pro, &held(2)).is_ok());
        let error = check_unassign(&pro, &held(1)).unwrap_err();
        assert!(error.message.contains("at least 1"), "{}", error.message);
    }

    #[test]
    fn a_requirement_for_the_act_goes_before_the_type() {
        let pro = licence(
            "pro",
            &types(json!({"assign_entitlement": {"max": 3}, "unassign_entitlement": {"min": 0}})),
        );
        assert!(check_assign(&pro, &held(2)).is_ok());
        assert!(check_assign(&pro, &held(3)).is_err());
        assert!(check_unassign(&pro, &held(1)).is_ok());
        assert!(is_counted(&pro));
    }

    #[test]
    fn a_new_account_takes_what_is_said_for_creations() {
        let plain = types(json!(null));
        let error = check_given(&[licence("pro", &plain)]).unwrap_err();
        assert_eq!(
            (error.trouble, error.pointer.as_deref()),
            (Trouble::Unsupported, Some("/entitlement_ids/0"))
        );
        assert!(check_needed(&[], &plain).is_ok());

        let types = types(json!({"create_account": {"min": 1, "max": 1}}));
        let [pro, basic] = ["pro", "basic"].map(|id| licence(id, &types));
        assert!(check_given(std::slice::from_ref(&pro)).is_ok());
        assert!(check_needed(std::slice::from_ref(&pro), &types).is_ok());
        let error = check_given(&[pro, basic]).unwrap_err();
        assert_eq!(
            (error.trouble, error.pointer.as_deref()),
            (Trouble::Invalid, Some("/entitlement_ids/1"))
        );
        let error = check_needed(&[], &types).unwrap_err();
        assert_eq!(error.pointer.as_deref(), Some("/entitlement_ids"));
    }

    #[test]
    fn what_cannot_be_assigned_cannot_come_with_an_account() {
        let types = types(json!({"create_account": {"min": 0}}));
        let mut pro = licence("pro", &types);
        pro.assignable = false;
        assert_eq!(
            check_given(&[pro]).unwrap_err().trouble,
            Trouble::Unsupported
        );
    }
}
