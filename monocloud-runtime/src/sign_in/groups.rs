//! Groups that nobody will be in: said to operators when somebody signs in.

use crate::access::groups_claims;
use crate::client::MonoCloud;
use crate::identity::{Trouble, User, trouble};

/// One warning for each claim that guards read groups from and each form that holds none.
pub(super) fn warn_of_trouble(client: &MonoCloud, user: &User) {
    let claims = user.to_claims();
    let mut names = vec![&**client.groups_claim()];
    for name in groups_claims() {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    for name in names {
        let Some(trouble) = trouble(&claims, name) else {
            continue;
        };
        if !client.is_first_time(format!("groups {name} {trouble:?}")) {
            continue;
        }
        match trouble {
            Trouble::NotUnderstood(form) => tracing::warn!(
                name: "monocloud.groups.not_understood",
                claim = name,
                form,
                "the groups claim is of a form that holds no groups; it should be a list of names, or MONOCLOUD_AUTH_GROUPS_CLAIM should name another claim"
            ),
            Trouble::Elsewhere => tracing::warn!(
                name: "monocloud.groups.elsewhere",
                claim = name,
                "the issuer only says where the groups could be fetched (`_claim_names`), as it does for people with very many: limit the groups in the token at the issuer, to those assigned to the application, or use its roles"
            ),
        }
    }
}
