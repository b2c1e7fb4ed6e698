//! Which source may give a claim, and what becomes of the claims of two.

use serde_json::{Map, Value};

use super::packed::{Packaged, Packer};
use super::standard::is_standard;
use super::user::User;

/// Claims that userinfo has no say in; they describe the sign-in, which the ID token proves.
const ID_TOKEN_ONLY: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nonce",
    "sid",
    "acr",
    "amr",
    "auth_time",
];

/// The user of a sign-in: the claims of the ID token, and those of userinfo, which win where they
/// say something.
///
/// A `null` is as if absent (OIDC Core 5.3.2), and so is an empty string of userinfo; an empty list
/// is a value.
pub(crate) fn signed_in(subject: &str, id_token: &Map<String, Value>, user_info: Map<String, Value>) -> User {
    let user_info = told_by_user_info(user_info);
    let mut packer = Packer::default();
    packer.push("sub", &subject.into(), false);
    for (name, value) in id_token {
        if name != "sub" && !value.is_null() && !user_info.contains_key(name) {
            packer.push(name, value, false);
        }
    }
    for (name, value) in &user_info {
        packer.push(name, value, true);
    }
    User::packed(packer.finish())
}

/// The user after userinfo was asked again.
///
/// What it says is new; what it no longer says stays, unless the user is to be replaced (`strict`).
/// Groups that came from userinfo never stay, for who was taken out of a group must be out; those of
/// the ID token do. `names_groups` says which claims the settings and the guards read groups from; any
/// other list or object of userinfo is taken for groups too, unless it is a standard claim.
pub(crate) fn refetched(
    user: &User,
    fresh: Map<String, Value>,
    strict: bool,
    names_groups: impl Fn(&str) -> bool,
) -> User {
    let mut fresh = told_by_user_info(fresh);
    let mut packer = Packer::default();
    for claim in user.as_packed().iter() {
        let Ok(name) = std::str::from_utf8(claim.name) else {
            continue;
        };
        let holds_groups = names_groups(name)
            || (!is_standard(name) && !matches!(claim.value, Packaged::Text(_)) && is_compound(claim.value));
        if holds_groups && !claim.from_user_info {
            fresh.remove(name);
            packer.push_claim(claim, false);
        } else if let Some(value) = fresh.remove(name) {
            packer.push(name, &value, true);
        } else if is_of_id_token(name) || !(strict || holds_groups) {
            packer.push_claim(claim, claim.from_user_info);
        }
    }
    for (name, value) in &fresh {
        packer.push(name, value, true);
    }
    let refetched = User::packed(packer.finish());
    match user.groups_claim_set() {
        Some(name) => refetched.with_groups_claim(name.clone()),
        None => refetched,
    }
}

/// The user after an ID token that came later, which has these claims otherwise than the one before it. What userinfo
/// told stays.
pub(crate) fn retold(user: &User, changed: &Map<String, Value>) -> User {
    let mut changed = changed.clone();
    changed.retain(|name, value| !is_of_id_token(name) && !value.is_null());
    let mut packer = Packer::default();
    for claim in user.as_packed().iter() {
        let name = std::str::from_utf8(claim.name).unwrap_or_default();
        match changed.remove(name) {
            Some(value) if !claim.from_user_info => packer.push(name, &value, false),
            _ => packer.push_claim(claim, claim.from_user_info),
        }
    }
    for (name, value) in &changed {
        packer.push(name, value, false);
    }
    let retold = User::packed(packer.finish());
    match user.groups_claim_set() {
        Some(name) => retold.with_groups_claim(name.clone()),
        None => retold,
    }
}

/// The claims that a handler wants in place of a user's, with what is known of where they came from.
pub(crate) fn replaced(user: &User, new: &User) -> User {
    let mut packer = Packer::default();
    for claim in new.as_packed().iter() {
        let mut known = user.as_packed().iter();
        let known = known.find(|known| known.name == claim.name);
        let from_user_info = claim.from_user_info || known.is_some_and(|known| known.from_user_info);
        packer.push_claim(claim, from_user_info);
    }
    let replaced = User::packed(packer.finish());
    match user.groups_claim_set() {
        Some(name) => replaced.with_groups_claim(name.clone()),
        None => replaced,
    }
}

/// Whether a claim of the user is the ID token's to give.
fn is_of_id_token(name: &str) -> bool {
    ID_TOKEN_ONLY.contains(&name)
}

/// What userinfo may add to or change in the user, and does.
fn told_by_user_info(mut claims: Map<String, Value>) -> Map<String, Value> {
    claims.retain(|name, value| !is_of_id_token(name) && !value.is_null() && value != "");
    claims
}

fn is_compound(value: Packaged<'_>) -> bool {
    match value {
        Packaged::Text(_) => false,
        Packaged::List(_) => true,
        Packaged::Json(json) => matches!(json.first(), Some(b'[' | b'{')),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::{refetched, replaced, signed_in};
    use crate::identity::User;

    fn object(value: &Value) -> Map<String, Value> {
        value.as_object().expect("an object").clone()
    }

    fn user(id_token: &Value, user_info: &Value) -> User {
        signed_in("1", &object(id_token), object(user_info))
    }

    fn again(user: &User, fresh: &Value, strict: bool) -> Value {
        let names_groups = |name: &str| name == "groups" || name == "role";
        Value::Object(refetched(user, object(fresh), strict, names_groups).to_claims())
    }

    #[test]
    fn userinfo_wins_where_it_says_something() {
        let id_token = json!({"sub": "x", "name": "Ada", "groups": ["admin"], "email": "a@b.c", "zip": null});
        for nothing in [json!(null), json!("")] {
            let silent = json!({"sub": "1", "name": nothing, "groups": nothing, "email": nothing});
            assert_eq!(
                Value::Object(user(&id_token, &silent).to_claims()),
                json!({"sub": "1", "name": "Ada", "groups": ["admin"], "email": "a@b.c"})
            );
        }
        let telling = json!({"groups": [], "name": "Ada L", "sid": "forged", "acr": "forged"});
        assert_eq!(
            Value::Object(user(&id_token, &telling).to_claims()),
            json!({"sub": "1", "name": "Ada L", "groups": [], "email": "a@b.c"})
        );
    }

    #[test]
    fn groups_of_userinfo_are_replaced_by_the_fresh_ones_whatever_these_are() {
        let person = user(
            &json!({"acr": "2"}),
            &json!({"groups": ["admin"], "role": "owner", "teams": ["a"], "nested": {"r": ["x"]}, "name": "Ada", "tier": "gold"}),
        );
        let kept = json!({"sub": "1", "acr": "2", "name": "Ada", "tier": "gold"});
        for fresh in [
            json!({}),
            json!({"groups": null, "role": "", "teams": null, "nested": null}),
        ] {
            assert_eq!(again(&person, &fresh, false), kept, "{fresh}");
        }
        let emptied = again(&person, &json!({"groups": []}), false);
        assert_eq!(emptied["groups"], json!([]));
        let fresh = json!({"groups": ["editor"], "role": "guest", "teams": "b", "name": "Ada L"});
        assert_eq!(
            again(&person, &fresh, false),
            json!({"sub": "1", "acr": "2", "groups": ["editor"], "role": "guest", "teams": "b", "name": "Ada L", "tier": "gold"})
        );
        assert_eq!(
            again(&person, &json!({"name": "B"}), true),
            json!({"sub": "1", "acr": "2", "name": "B"})
        );
    }

    #[test]
    fn groups_of_the_id_token_stay() {
        let person = user(
            &json!({"groups": ["admin"], "teams": ["a"]}),
            &json!({"name": "Ada"}),
        );
        for fresh in [
            json!({}),
            json!({"groups": null}),
            json!({"groups": []}),
            json!({"groups": ["x"]}),
        ] {
            for strict in [false, true] {
                let claims = again(&person, &fresh, strict);
                assert_eq!(
                    (&claims["groups"], &claims["teams"]),
                    (&json!(["admin"]), &json!(["a"])),
                    "{fresh}"
                );
            }
        }
    }

    #[test]
    fn claims_that_a_handler_replaced_keep_where_they_came_from() {
        let person = user(&json!({}), &json!({"groups": ["admin"], "name": "Ada"}));
        let mut claims = person.to_claims();
        claims.insert("theme".to_owned(), json!("dark"));
        let person = replaced(&person, &User::from_claims(claims));
        assert_eq!(
            again(&person, &json!({}), false),
            json!({"sub": "1", "name": "Ada", "theme": "dark"})
        );
    }
}
