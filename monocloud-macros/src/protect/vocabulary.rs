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
const AUTH_PARAMS: Key = Key {
    name: "auth_params",
    example: r#"(prompt = "login")"#,
};
const MAX_AGE: Key = Key {
    name: "max_age",
    example: "300",
};
const ACR_VALUES: Key = Key {
    name: "acr_values",
    example: r#"["urn:example:mfa"]"#,
};
const SCOPES: Key = Key {
    name: "scopes",
    example: r#"["orders:write"]"#,
};
const ACCEPT: Key = Key {
    name: "accept",
    example: r#""bearer""#,
};
const CSRF: Key = Key {
    name: "csrf",
    example: "false",
};
const CHECK: Key = Key {
    name: "check",
    example: "owns_order",
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
        MAX_AGE,
        ACR_VALUES,
        AUTH_PARAMS,
        RETURN_URL,
        CSRF,
        CHECK,
        ON_ACCESS_DENIED,
        ON_GROUP_ACCESS_DENIED,
        CRATE,
    ],
    synonyms: &SYNONYMS,
    refused: &[REFUSED, OF_AN_API, PARAMETERS_OF_A_PAGE],
};

const API: Vocabulary = Vocabulary {
    owner: "#[protect_api]",
    keys: &[
        GROUPS,
        MATCH_ALL,
        GROUPS_CLAIM,
        GROUPS_FROM,
        SCOPES,
        ACCEPT,
        MAX_AGE,
        ACR_VALUES,
        CSRF,
        CHECK,
        ON_ACCESS_DENIED,
        ON_GROUP_ACCESS_DENIED,
        CRATE,
    ],
    synonyms: &SYNONYMS,
    refused: &[REFUSED, REFUSED_BY_AN_API],
};

/// What MonoCloud's other SDKs, and other libraries, call these options.
const SYNONYMS: [(&str, &str); 37] = [
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
    ("acr", "acr_values"),
    ("acrs", "acr_values"),
    ("max_auth_age", "max_age"),
    ("freshness", "max_age"),
    ("default_auth_params", "auth_params"),
    ("authorization_params", "auth_params"),
    ("params", "auth_params"),
    ("scope", "scopes"),
    ("required_scopes", "scopes"),
    ("accepts", "accept"),
    ("auth", "accept"),
    ("scheme", "accept"),
    ("schemes", "accept"),
    ("predicate", "check"),
    ("condition", "check"),
    ("policy", "check"),
    ("authorize", "check"),
];

const WHICH_MEANS: &str = "a guard asks for a class of authentication by the name that the issuer gives it; write `acr_values = [\"urn:example:mfa\"]`";
const NO_OTHER_CLAIMS: &str = "a guard checks `groups`; what other claims say is for a function of your own to decide, with `check = may_see`";

/// What MonoCloud's other SDKs have, or what somebody looks for, and is not here.
const REFUSED: &[(&str, &str)] = &[
    ("mfa", WHICH_MEANS),
    ("step_up", WHICH_MEANS),
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

macro_rules! parameters {
    ($($name:literal $example:literal)*) => {
        /// They stand one floor deeper.
        const PARAMETERS_OF_A_PAGE: &[(&str, &str)] = &[$((
            $name,
            concat!(
                "what a sign-in asks for stands in parentheses of its own; write `auth_params(",
                $example,
                ")`"
            ),
        ),)*];
    };
}

parameters! {
    "audience" "audience = \"orders\""
    "authenticator_hint" "authenticator_hint = \"passkey\""
    "display" "display = \"page\""
    "id_token_hint" "id_token_hint = \"…\""
    "login_hint" "login_hint = \"mira@example.com\""
    "prompt" "prompt = \"login\""
    "resource" "resource = \"https://api.example.com\""
    "resources" "resource = \"https://api.example.com\""
    "response_mode" "response_mode = \"form_post\""
    "scope" "scopes = \"openid profile\""
    "scopes" "scopes = \"openid profile\""
    "ui_locales" "ui_locales = \"en\""
}

const NO_TOKENS: &str = "a page is for a person with a session; remove this, or use `#[protect_api]`, which takes access tokens too";

const OF_AN_API: &[(&str, &str)] = &[
    ("accept", NO_TOKENS),
    ("accepts", NO_TOKENS),
    ("auth", NO_TOKENS),
    ("scheme", NO_TOKENS),
    ("schemes", NO_TOKENS),
    ("required_scopes", NO_TOKENS),
];

const NO_REDIRECT: &str =
    "an API answers 401 and does not redirect; remove this, or use `#[protect]` for a page";
const ONE_AUDIENCE: &str = "the audience of access tokens is a setting of the client, `MonoCloud::builder().api_audience(…)`; remove this, or name `scopes`";

const REFUSED_BY_AN_API: &[(&str, &str)] = &[
    ("return_url", NO_REDIRECT),
    ("return_to", NO_REDIRECT),
    ("redirect", NO_REDIRECT),
    ("redirect_to", NO_REDIRECT),
    ("redirect_uri", NO_REDIRECT),
    ("auth_params", NO_REDIRECT),
    ("authorization_params", NO_REDIRECT),
    ("default_auth_params", NO_REDIRECT),
    ("params", NO_REDIRECT),
    ("authenticator_hint", NO_REDIRECT),
    ("display", NO_REDIRECT),
    ("id_token_hint", NO_REDIRECT),
    ("login_hint", NO_REDIRECT),
    ("prompt", NO_REDIRECT),
    ("response_mode", NO_REDIRECT),
    ("ui_locales", NO_REDIRECT),
    ("audience", ONE_AUDIENCE),
    ("resource", ONE_AUDIENCE),
    ("resources", ONE_AUDIENCE),
];
