//! References in configurations: a group, a user, a webhook or a permission is named by its id and shown whole.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{errors::Error, state::State};

/// What a member of a configuration refers to, by its name.
#[derive(Clone, Copy)]
enum Noun {
    Group,
    User,
    Webhook,
    Permission,
}

fn noun(name: &str) -> Option<Noun> {
    match name {
        "group" | "groups" | "provisioning_group" | "preapproved_groups" => Some(Noun::Group),
        "user" | "users" => Some(Noun::User),
        "default_permission" | "preapproved_permissions" => Some(Noun::Permission),
        name if name.ends_with("_webhook") || name.ends_with("_webhooks") => Some(Noun::Webhook),
        _ => None,
    }
}

/// Checks every reference in a configuration and leaves only its id of it.
pub(super) fn settle(state: &State, value: &mut Value) -> Result<(), Error> {
    walk(value, &|noun, named| settled(state, noun, named))
}

/// The configuration with everything that it refers to; what is gone since is left out.
pub(super) fn expand(state: &State, value: &Value) -> Value {
    let mut shown = value.clone();
    let show = |noun, named: &Value| Ok(shown_whole(state, noun, named).unwrap_or(Value::Null));
    // Nothing is refused when it is shown.
    let _ = walk(&mut shown, &show);
    shown
}

/// Puts what is given over what is there; objects member by member.
pub(super) fn merge(there: &mut Value, given: Value) {
    match (there, given) {
        (Value::Object(there), Value::Object(given)) if !given.contains_key("id") => {
            for (name, value) in given {
                merge(there.entry(name).or_insert(Value::Null), value);
            }
        }
        (there, given) => *there = given,
    }
}

type Replace<'a> = dyn Fn(Noun, &Value) -> Result<Value, Error> + 'a;

fn walk(value: &mut Value, replace: &Replace<'_>) -> Result<(), Error> {
    match value {
        Value::Array(items) => items.iter_mut().try_for_each(|item| walk(item, replace)),
        Value::Object(members) => {
            for (name, member) in members {
                match (noun(name), &mut *member) {
                    (Some(noun), Value::Array(items)) => {
                        for item in &mut *items {
                            *item = replace(noun, item)?;
                        }
                        items.retain(|item| !item.is_null());
                    }
                    (Some(noun), Value::Object(_)) => *member = replace(noun, member)?,
                    _ => walk(member, replace)?,
                }
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn settled(state: &State, noun: Noun, named: &Value) -> Result<Value, Error> {
    let id = find(state, noun, named).ok_or(Error::NotFound(match noun {
        Noun::Group => "Group",
        Noun::User => "User",
        Noun::Webhook => "Webhook",
        Noun::Permission => "Permission",
    }))?;
    Ok(json!({ "id": id }))
}

fn find(state: &State, noun: Noun, named: &Value) -> Option<Uuid> {
    let id = named["id"].as_str();
    let uuid = id.and_then(|id| Uuid::try_parse(id).ok());
    match noun {
        Noun::Group if id.is_none() => {
            let there = named["integration_specific_id"].as_str()?;
            let app = named["app_id"].as_str()?;
            let mut groups = state.groups.all();
            groups
                .find(|group| {
                    group.integration_specific_id.as_deref() == Some(there)
                        && group.app_id.is_some_and(|id| id.to_string() == app)
                })
                .map(|group| group.id)
        }
        Noun::Group => uuid.filter(|id| state.groups.find(*id).is_some()),
        Noun::User => uuid.filter(|id| state.users.find(*id).is_some()),
        Noun::Webhook => uuid.filter(|id| state.hooks.find(*id).is_some()),
        Noun::Permission => uuid.filter(|id| state.permissions.find(*id).is_some()),
    }
}

fn shown_whole(state: &State, noun: Noun, named: &Value) -> Option<Value> {
    let id = Uuid::try_parse(named["id"].as_str()?).ok()?;
    match noun {
        Noun::Group => state.groups.find(id).map(|group| group.show()),
        Noun::User => state.users.find(id).map(|user| user.show()),
        Noun::Webhook => state.hooks.find(id).cloned(),
        Noun::Permission => state
            .permissions
            .find(id)
            .map(|permission| permission.brief(state)),
    }
}
