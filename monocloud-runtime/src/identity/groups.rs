//! Groups in a claim: a list of names or ids, or of objects with both; one of them; a map whose keys
//! are names; or any of these deeper in an object.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::packed::{Group, Packaged, Packed, groups};

/// What stands where a claim's name points to.
pub(crate) enum Groups<'a> {
    InPlace(Packaged<'a>),
    Read(Value),
}

impl<'a> Groups<'a> {
    /// The claim of exactly this name, else what stands at the dotted path.
    pub(crate) fn find(claims: &'a Packed, name: &str) -> Option<Self> {
        if let Some(claim) = claims.find(name)
            && !matches!(claim.value, Packaged::Json(b"null"))
        {
            return Some(match claim.value {
                Packaged::Json(json) => Self::Read(serde_json::from_slice(json).ok()?),
                value => Self::InPlace(value),
            });
        }
        name.match_indices('.').find_map(|(dot, _)| {
            let Packaged::Json(json @ [b'{', ..]) = claims.find(&name[..dot])?.value else {
                return None;
            };
            let object: Map<String, Value> = serde_json::from_slice(json).ok()?;
            at_path(&object, &name[dot + 1..]).cloned().map(Self::Read)
        })
    }

    /// Whether any (or all) of the wanted groups are among them. Nobody is in no group at all.
    pub(crate) fn hold(&self, wanted: &[&str], all: bool) -> bool {
        let read;
        let read: &[Group<'_>] = match self {
            Self::InPlace(_) => &[],
            Self::Read(value) => {
                read = understood(value).0;
                &read
            }
        };
        let holds = |wanted: &&str| match self {
            Self::InPlace(Packaged::List(list)) => groups(list).any(|group| group.is(wanted)),
            Self::InPlace(Packaged::Text(name)) => Group::Name(name).is(wanted),
            _ => read.iter().any(|group| group.is(wanted)),
        };
        if wanted.is_empty() {
            false
        } else if all {
            wanted.iter().all(holds)
        } else {
            wanted.iter().any(holds)
        }
    }

    /// Each by its name where there is one, else by its id.
    pub(crate) fn names(&self) -> Vec<Cow<'a, str>> {
        match self {
            Self::InPlace(Packaged::List(list)) => groups(list).filter_map(Group::shown).collect(),
            Self::InPlace(Packaged::Text(name)) if !name.is_empty() => vec![String::from_utf8_lossy(name)],
            Self::InPlace(_) => Vec::new(),
            Self::Read(value) => {
                let groups = understood(value).0.into_iter();
                let names = groups.filter_map(Group::shown);
                names.map(|name| Cow::Owned(name.into_owned())).collect()
            }
        }
    }
}

/// Why nobody is in a group, though the claims speak of some.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Trouble {
    /// The claim is of a form that holds no groups.
    NotUnderstood(&'static str),
    /// The claims only say where the groups could be fetched (OIDC Core 5.6.2).
    Elsewhere,
}

/// What is wrong with the groups of somebody who signs in.
pub(crate) fn trouble(claims: &Map<String, Value>, name: &str) -> Option<Trouble> {
    if let Some(value) = at_path(claims, name) {
        return understood(value).1.map(Trouble::NotUnderstood);
    }
    let elsewhere = claims.get("_claim_names")?.as_object()?;
    let root = name.split('.').next().unwrap_or(name);
    (elsewhere.contains_key(name) || elsewhere.contains_key(root)).then_some(Trouble::Elsewhere)
}

/// The member of exactly this name, else what stands at the dotted path. `null` is as if absent.
fn at_path<'a>(object: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    if let Some(value) = object.get(path).filter(|value| !value.is_null()) {
        return Some(value);
    }
    path.match_indices('.')
        .find_map(|(dot, _)| at_path(object.get(&path[..dot])?.as_object()?, &path[dot + 1..]))
}

/// The groups of a value, and the form of what in it is none.
fn understood(value: &Value) -> (Vec<Group<'_>>, Option<&'static str>) {
    match value {
        Value::Null => (Vec::new(), None),
        Value::String(name) if name.is_empty() => (Vec::new(), None),
        Value::String(name) => {
            let form = name
                .trim_start()
                .starts_with(['[', '{'])
                .then_some("JSON as text");
            (vec![Group::Name(name.as_bytes())], form)
        }
        Value::Bool(_) => (Vec::new(), Some("a boolean")),
        Value::Number(_) => (Vec::new(), Some("a number")),
        Value::Array(entries) => {
            let groups: Vec<_> = entries.iter().filter_map(entry).collect();
            let form = (groups.len() < entries.len()).then_some("a list with entries that are no names");
            (groups, form)
        }
        Value::Object(members)
            if ["id", "name"]
                .iter()
                .any(|name| members.get(*name).is_some_and(|value| !value.is_null())) =>
        {
            let group = one_group(members);
            let form = group
                .is_none()
                .then_some("an object whose `id` and `name` are no text");
            (group.into_iter().collect(), form)
        }
        Value::Object(members) => (keys(members).collect(), None),
    }
}

/// An entry of a list.
fn entry(value: &Value) -> Option<Group<'_>> {
    match value {
        Value::String(name) => Some(Group::Name(name.as_bytes())),
        Value::Object(members) => one_group(members),
        _ => None,
    }
}

fn one_group(members: &Map<String, Value>) -> Option<Group<'_>> {
    let text = |name| members.get(name).and_then(Value::as_str).map(str::as_bytes);
    let (id, name) = (text("id"), text("name"));
    (id.is_some() || name.is_some()).then_some(Group::Object { id, name })
}

/// The keys of a map: names, where the value says that it is so.
fn keys(members: &Map<String, Value>) -> impl Iterator<Item = Group<'_>> {
    members.iter().filter_map(|(name, value)| {
        let is_member = match value {
            Value::Bool(is_member) => *is_member,
            Value::String(text) => !text.is_empty(),
            Value::Array(list) => !list.is_empty(),
            Value::Object(object) => !object.is_empty(),
            Value::Null | Value::Number(_) => false,
        };
        is_member.then_some(Group::Name(name.as_bytes()))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    use super::{Groups, Packed, Trouble, trouble};

    fn claims(name: &str, value: Value) -> Map<String, Value> {
        [(name.to_owned(), value)].into_iter().collect()
    }

    fn is_in(claim: &Value, wanted: &[&str], all: bool) -> bool {
        let packed = Packed::of(claims("groups", claim.clone()));
        Groups::find(&packed, "groups").is_some_and(|groups| groups.hold(wanted, all))
    }

    #[test]
    fn whatever_is_not_a_clear_yes_is_a_no() {
        for claim in [
            json!(null),
            json!([]),
            json!({}),
            json!(7),
            json!(true),
            json!([null, 1, ["admin"], {"admin": true}]),
            json!("admins"),
            json!("Admin"),
            json!({"admin": false}),
            json!({"admin": null}),
            json!({"admin": 1}),
            json!({"admin": ""}),
            json!({"admin": []}),
            json!({"admin": {}}),
            json!({"id": "1", "admin": true}),
            json!({"name": 1, "admin": true}),
            json!({"id": "", "name": "", "admin": true}),
            json!({"groups": ["admin"]}),
        ] {
            assert!(!is_in(&claim, &["admin"], false), "{claim}");
        }
        let nothing = Packed::of(Map::new());
        assert!(Groups::find(&nothing, "groups").is_none());
        assert!(!is_in(&json!(["admin"]), &[], false));
        assert!(!is_in(&json!(["admin"]), &[], true));
        assert!(!is_in(&json!(["", {"id": ""}]), &[""], false));
        assert!(!is_in(&json!(["admin"]), &["admin", "editor"], true));
    }

    #[test]
    fn names_and_ids_match_in_every_form() {
        for claim in [
            json!(["admin", "editor"]),
            json!([{"id": "1", "name": "admin"}, "editor"]),
            json!([{"id": "admin", "type": "role"}, {"name": "editor", "since": 3}, 7]),
            json!({"admin": true, "editor": true, "other": false}),
            json!({"admin": {"223": "org"}, "editor": ["x"]}),
            json!({"admin": "yes", "editor": "x"}),
            json!({"id": null, "name": null, "admin": true, "editor": true}),
        ] {
            assert!(is_in(&claim, &["admin", "editor"], true), "{claim}");
            assert!(!is_in(&claim, &["other"], false), "{claim}");
        }
        for claim in [
            json!("admin"),
            json!({"id": "admin"}),
            json!({"id": "1", "name": "admin", "x": 1}),
        ] {
            assert!(is_in(&claim, &["admin"], true), "{claim}");
        }
    }

    #[test]
    fn a_path_leads_deeper_where_no_claim_has_the_whole_name() {
        let nested = json!({"roles": ["admin"], "my.app": {"roles": {"editor": true}}});
        let mut all = claims("realm_access", nested);
        all.insert("https://example.com/roles".to_owned(), json!(["reader"]));
        let packed = Packed::of(all.clone());
        for (path, name) in [
            ("realm_access.roles", "admin"),
            ("realm_access.my.app.roles", "editor"),
            ("https://example.com/roles", "reader"),
        ] {
            let groups = Groups::find(&packed, path).expect(path);
            assert_eq!(groups.names(), [name], "{path}");
            assert_eq!(trouble(&all, path), None, "{path}");
        }
        for path in [
            "realm_access",
            "realm_access.",
            "realm_access.x",
            "roles",
            ".",
            "a.b",
        ] {
            let groups = Groups::find(&packed, path);
            assert!(
                groups.is_none_or(|groups| !groups.hold(&["admin"], false)),
                "{path}"
            );
        }
        all.insert("realm_access.roles".to_owned(), json!(["owner"]));
        let groups = Packed::of(all);
        let groups = Groups::find(&groups, "realm_access.roles").map(|groups| groups.names().concat());
        assert_eq!(groups.as_deref(), Some("owner"), "the whole name comes first");
    }

    #[test]
    fn what_holds_no_groups_is_told_by_its_form() {
        for (value, form) in [
            (json!(7), Some("a number")),
            (json!(true), Some("a boolean")),
            (json!([1, 2]), Some("a list with entries that are no names")),
            (json!([["a"]]), Some("a list with entries that are no names")),
            (
                json!({"id": 7, "admin": true}),
                Some("an object whose `id` and `name` are no text"),
            ),
            (json!("[\"admin\"]"), Some("JSON as text")),
            (json!(" {\"admin\": true}"), Some("JSON as text")),
            (json!("CN=admin,OU=groups"), None),
            (json!({"a": 1, "b": false}), None),
            (json!([]), None),
            (json!(""), None),
            (json!(null), None),
        ] {
            let found = trouble(&claims("groups", value.clone()), "groups");
            assert_eq!(found, form.map(Trouble::NotUnderstood), "{value}");
        }
        let elsewhere = claims("_claim_names", json!({"groups": "src1"}));
        assert_eq!(trouble(&elsewhere, "groups"), Some(Trouble::Elsewhere));
        assert_eq!(trouble(&elsewhere, "roles"), None);
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let name = "admin|editor|id|name|";
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            name.prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(name, inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        /// Packed or read, in the session or at sign-in.
        #[test]
        fn groups_are_those_that_are_shown_and_nobody_is_in_one_that_is_not_there(claim in any_json()) {
            let packed = Packed::of(claims("groups", claim.clone()));
            let found = Groups::find(&packed, "groups");
            let written = claim.to_string();
            for name in ["admin", "editor", "", "nobody"] {
                let is_in = found.as_ref().is_some_and(|groups| groups.hold(&[name], false));
                let is_there = written.contains(&format!("\"{name}\"")) && !name.is_empty();
                prop_assert!(!is_in || is_there, "{} of {}", name, claim);
            }
            for shown in found.iter().flat_map(Groups::names).filter(|name| !name.is_empty()) {
                prop_assert!(is_in(&claim, &[&shown], false), "{} of {}", shown, claim);
            }
        }
    }
}
