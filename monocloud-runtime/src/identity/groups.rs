//! Groups in a claim: a list of names or ids, or of objects with both.

use serde_json::Value;

/// Whether a claim holds any (or all) of the wanted groups. Nobody is in no group at all.
pub(crate) fn is_member(claim: Option<&Value>, wanted: &[&str], all: bool) -> bool {
    let Some(claim) = claim else {
        return false;
    };
    let holds = |wanted: &&str| entries(claim).any(|group| matches(group, wanted));
    if wanted.is_empty() {
        false
    } else if all {
        wanted.iter().all(holds)
    } else {
        wanted.iter().any(holds)
    }
}

/// The groups of a claim, by name where there is one, else by id.
pub(crate) fn names(claim: Option<&Value>) -> impl Iterator<Item = &str> {
    claim.into_iter().flat_map(entries).filter_map(|group| {
        group
            .as_str()
            .or_else(|| group["name"].as_str())
            .or_else(|| group["id"].as_str())
    })
}

/// A claim with one group may be the group itself.
fn entries(claim: &Value) -> impl Iterator<Item = &Value> {
    match claim {
        Value::Array(groups) => groups.iter(),
        single => std::slice::from_ref(single).iter(),
    }
}

fn matches(group: &Value, wanted: &str) -> bool {
    match group {
        Value::String(name) => name == wanted,
        Value::Object(fields) => ["id", "name"]
            .iter()
            .any(|field| fields.get(*field).and_then(Value::as_str) == Some(wanted)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{is_member, names};

    #[test]
    fn whatever_is_not_a_clear_yes_is_a_no() {
        for claim in [
            json!(null),
            json!([]),
            json!({}),
            json!(7),
            json!([null, 1, ["admin"]]),
            json!("admins"),
            json!("Admin"),
        ] {
            assert!(!is_member(Some(&claim), &["admin"], false), "{claim}");
        }
        assert!(!is_member(None, &["admin"], false));
        assert!(!is_member(Some(&json!(["admin"])), &[], false));
        assert!(!is_member(Some(&json!(["admin"])), &[], true));
        assert!(!is_member(Some(&json!(["admin"])), &["admin", "editor"], true));
    }

    #[test]
    fn names_and_ids_match() {
        let claim = json!([{"id": "1", "name": "admin"}, "editor", {"id": "9"}]);
        for group in ["1", "admin", "editor", "9"] {
            assert!(is_member(Some(&claim), &[group], false), "{group}");
        }
        assert!(is_member(Some(&claim), &["1", "editor"], true));
        assert_eq!(names(Some(&claim)).collect::<Vec<_>>(), ["admin", "editor", "9"]);
        assert!(is_member(Some(&json!("admin")), &["admin"], false));
    }
}
