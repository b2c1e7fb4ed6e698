//! The options that a guard knows, and those that people try.

use super::kind::Kind;
use crate::arguments::{Key, Vocabulary};

/// What a guard of that kind understands.
pub(super) fn of(kind: Kind) -> &'static Vocabulary {
    match kind {
        Kind::Page => &PAGE,
        Kind::Api => &API,
    }
}

const GROUPS: Key = Key {
    name: "groups",
    example: r#"["admin"]"#,
};
const MATCH_ALL: Key = Key {
    name: "match_all",
    example: "true",
};
const GROUPS_CLAIM: Key = Key {
    name: "groups_claim",
    example: r#""roles""#,
};
const GROUPS_FROM: Key = Key {
    name: "groups_from",
    example: "crate::auth",
};
const RETURN_URL: Key = Key {
    name: "return_url",
    example: r#""/dashboard""#,
};
const CSRF: Key = Key {
    name: "csrf",
    example: "false",
};
const ON_ACCESS_DENIED: Key = Key {
    name: "on_access_denied",
    example: "sign_in_first",
};
const ON_GROUP_ACCESS_DENIED: Key = Key {
    name: "on_group_access_denied",
    example: "not_your_group",
};
const CRATE: Key = Key {
    name: "crate",
    example: "::my_runtime",
};

const PAGE: Vocabulary = Vocabulary {
    owner: "#[protect]",
    keys: &[
        GROUPS,
        MATCH_ALL,
        GROUPS_CLAIM,
        GROUPS_FROM,
        RETURN_URL,
        CSRF,
        ON_ACCESS_DENIED,
        ON_GROUP_ACCESS_DENIED,
        CRATE,
    ],
    synonyms: &SYNONYMS,
    refused: &REFUSED,
};

const API: Vocabulary = Vocabulary {
    owner: "#[protect_api]",
    keys: &[
        GROUPS,
        MATCH_ALL,
        GROUPS_CLAIM,
        GROUPS_FROM,
        CSRF,
        ON_ACCESS_DENIED,
        ON_GROUP_ACCESS_DENIED,
        CRATE,
    ],
    synonyms: &SYNONYMS,
    refused: &REFUSED_BY_AN_API,
};

/// What MonoCloud's other SDKs, and other libraries, call these options.
const SYNONYMS: [(&str, &str); 20] = [
    ("all", "groups"),
    ("any", "groups"),
    ("group", "groups"),
    ("role", "groups"),
    ("roles", "groups"),
    ("any_group", "groups"),
    ("any_of", "groups"),
    ("allowed_groups", "groups"),
    ("all_groups", "match_all"),
    ("require_all", "match_all"),
    ("claim", "groups_claim"),
    ("groups_path", "groups_from"),
    ("redirect", "return_url"),
    ("redirect_to", "return_url"),
    ("redirect_uri", "return_url"),
    ("return_to", "return_url"),
    ("on_denied", "on_access_denied"),
    ("on_unauthorized", "on_access_denied"),
    ("on_forbidden", "on_group_access_denied"),
    ("csrf_protection", "csrf"),
];

const NO_PARAMETERS: &str = "a guard has no authorization parameters of its own yet; what every sign-in sends is set once, `MonoCloud::builder().auth_params(…)`";
const NO_SCOPES: &str = "a guard does not check scopes yet; name `groups`, or remove this";
const NO_STEP_UP: &str =
    "a guard does not ask for another or a fresh sign-in yet; remove this, it would protect nothing";
const NO_OTHER_CLAIMS: &str =
    "a guard checks `groups`; what other claims say is for the handler to decide, with `user.claim(…)`";

/// What MonoCloud's other SDKs have, or what somebody looks for, and is not here.
const REFUSED: [(&str, &str); 23] = [
    ("auth_params", NO_PARAMETERS),
    ("audience", NO_PARAMETERS),
    ("authenticator_hint", NO_PARAMETERS),
    ("display", NO_PARAMETERS),
    ("login_hint", NO_PARAMETERS),
    ("prompt", NO_PARAMETERS),
    ("resource", NO_PARAMETERS),
    ("resources", NO_PARAMETERS),
    ("response_mode", NO_PARAMETERS),
    ("ui_locales", NO_PARAMETERS),
    ("scope", NO_SCOPES),
    ("scopes", NO_SCOPES),
    ("acr", NO_STEP_UP),
    ("acr_values", NO_STEP_UP),
    ("max_age", NO_STEP_UP),
    ("mfa", NO_STEP_UP),
    ("claims", NO_OTHER_CLAIMS),
    ("permission", NO_OTHER_CLAIMS),
    ("permissions", NO_OTHER_CLAIMS),
    ("users", NO_OTHER_CLAIMS),
    (
        "on_error",
        "`on_error` is an option of `monocloud_routes!`; a guard answers with `on_access_denied` and `on_group_access_denied`",
    ),
    (
        "protected_routes",
        "a guard stands on the handler that it protects; remove this, and put `#[protect]` on each handler",
    ),
    (
        "sign_in_url",
        "where people sign in is a setting of the client, `MonoCloud::builder().routes(…)`",
    ),
];

const REFUSED_BY_AN_API: [(&str, &str); 28] = {
    const REASON: &str =
        "an API answers 401 and does not redirect; remove this, or use `#[protect]` for a page";
    let mut refused = [("", REASON); 28];
    let mut at = 0;
    while at < REFUSED.len() {
        refused[at] = REFUSED[at];
        at += 1;
    }
    refused[at].0 = "return_url";
    refused[at + 1].0 = "return_to";
    refused[at + 2].0 = "redirect";
    refused[at + 3].0 = "redirect_to";
    refused[at + 4].0 = "redirect_uri";
    refused
};
