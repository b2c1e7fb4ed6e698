//! Wrong settings: all of them are reported at once, each with its variable and what to write, and no secret.

use std::collections::BTreeMap;

use monocloud_runtime::MonoCloud;
use monocloud_runtime::settings::{Builder, CookieBudget, Routes, SessionLifetime, StateLifetime};

use crate::fixtures::{ORIGIN, SECRET, logged, settings};

const REQUIRED: [(&str, &str); 5] = [
    ("MONOCLOUD_AUTH_TENANT_DOMAIN", "http://127.0.0.1:9"),
    ("MONOCLOUD_AUTH_CLIENT_ID", "app"),
    ("MONOCLOUD_AUTH_CLIENT_SECRET", "the-client's-secret"),
    ("MONOCLOUD_AUTH_APP_URL", ORIGIN),
    ("MONOCLOUD_AUTH_COOKIE_SECRET", SECRET),
];

/// What is wrong with the required variables and these, which replace them.
pub(crate) fn problems(vars: &[(&str, &str)]) -> Vec<String> {
    let mut all: BTreeMap<&str, &str> = REQUIRED.into();
    all.extend(vars.iter().copied());
    problems_of(MonoCloud::builder().with_vars(all))
}

pub(crate) fn problems_of(builder: Builder) -> Vec<String> {
    builder
        .build()
        .map_or_else(|error| error.problems().to_vec(), |_| Vec::new())
}

/// One variable, one problem, which names it and says what to write.
pub(crate) fn assert_refused(name: &str, value: &str, write: &str) {
    let name = format!("MONOCLOUD_{name}");
    let found = problems(&[(&name, value)]);
    assert_eq!(found.len(), 1, "{name}={value}: {found:?}");
    assert!(found[0].starts_with(&format!("{name}: ")), "{value}: {found:?}");
    assert!(
        found[0].contains(write),
        "{name}={value} does not say `{write}`: {found:?}"
    );
}

pub(crate) fn assert_accepted(name: &str, value: &str) {
    let name = format!("MONOCLOUD_{name}");
    assert_eq!(
        problems(&[(&name, value)]),
        Vec::<String>::new(),
        "{name}={value}"
    );
}

#[test]
fn what_is_missing_is_reported_all_at_once_with_what_to_write() {
    for empty in [None, Some(""), Some("  ")] {
        let vars: Vec<(&str, &str)> = REQUIRED
            .iter()
            .filter_map(|(name, _)| Some((*name, empty?)))
            .collect();
        let error = MonoCloud::builder().with_vars(vars).build().unwrap_err();
        assert_eq!(error.problems().len(), REQUIRED.len(), "{error}");
        let text = error.to_string();
        for (name, _) in REQUIRED {
            assert!(text.contains(name), "{name}: {text}");
        }
        assert!(
            text.contains("openssl rand -hex 32") && text.contains("https://app.example.com"),
            "{text}"
        );
    }
}

#[test]
fn empty_text_in_code_counts_as_not_set() {
    for empty in ["", "  "] {
        for (builder, found) in [
            (
                settings().client_id(empty),
                "client_id (MONOCLOUD_AUTH_CLIENT_ID): missing; write ",
            ),
            (
                settings().client_secret(empty),
                "client_secret (MONOCLOUD_AUTH_CLIENT_SECRET): missing; write ",
            ),
            (
                settings().app_url(empty),
                "app_url (MONOCLOUD_AUTH_APP_URL): missing; write ",
            ),
        ] {
            let problems = problems_of(builder);
            assert!(
                problems.len() == 1 && problems[0].starts_with(found),
                "{problems:?}"
            );
        }
        let optional = settings()
            .groups_claim(empty)
            .page_name(empty)
            .routes(Routes::new().sign_in(empty));
        let auth = optional
            .with_vars([("MONOCLOUD_AUTH_SIGNIN_URL", "/in")])
            .build()
            .unwrap();
        assert_eq!(auth.routes().sign_in, "/in");
    }
}

#[test]
fn all_problems_of_all_kinds_are_in_one_error() {
    let wrong = [
        ("MONOCLOUD_AUTH_TENANT_DOMAIN", "http://acme.example.com"),
        ("MONOCLOUD_AUTH_APP_URL", "app.example.com"),
        ("MONOCLOUD_AUTH_COOKIE_SECRET", "short"),
        ("MONOCLOUD_AUTH_SCOPES", "profile"),
        ("MONOCLOUD_AUTH_RESPONSE_TIMEOUT", "ten"),
        ("MONOCLOUD_AUTH_USER_INFO", "maybe"),
        ("MONOCLOUD_AUTH_SIGNIN_URL", "sign in"),
        ("MONOCLOUD_AUTH_SESSION_DURATION", "0"),
        ("MONOCLOUD_AUTH_STATE_COOKIE_SAME_SITE", "strict"),
        ("MONOCLOUD_AUTH_ID_TOKEN_SIGNING_ALG", "none"),
        ("MONOCLOUD_AUTH_CLIENT_AUTH_METHOD", "tls_client_auth"),
        ("MONOCLOUD_AUTH_CLIENT_ASSERTION_SIGNING_ALG", "none"),
        ("MONOCLOUD_AUTH_USE_PAR", "perhaps"),
    ];
    let found = problems(&wrong);
    for (name, _) in wrong {
        let of = |problem: &&String| problem.starts_with(&format!("{name}: "));
        assert_eq!(found.iter().filter(of).count(), 1, "{name}: {found:#?}");
    }
    assert_eq!(found.len(), wrong.len(), "{found:#?}");
}

#[test]
fn booleans_are_read_in_every_spelling_and_nothing_else() {
    let booleans = [
        "FEDERATED_SIGNOUT",
        "ALLOW_QUERY_PARAM_OVERRIDES",
        "USE_PAR",
        "USER_INFO",
        "FETCH_USER_INFO",
        "REFETCH_USER_INFO",
        "REFETCH_STRICT_PROFILE_SYNC",
        "SESSION_COOKIE_HTTP_ONLY",
        "SESSION_COOKIE_SECURE",
        "SESSION_COOKIE_PERSISTENT",
        "SESSION_SLIDING",
        "STATE_COOKIE_SECURE",
        "STATE_COOKIE_PERSISTENT",
    ];
    for name in booleans {
        let name = format!("AUTH_{name}");
        for value in [
            "true", "TRUE", "True", "1", "yes", "Yes", "on", "ON", "false", "False", "0", "no", "NO", "off",
            " true ",
        ] {
            assert_accepted(&name, value);
        }
        for value in ["maybe", "2", "-1", "y", "n", "t", "f", "enabled", "true false"] {
            assert_refused(&name, value, "write true or false");
        }
    }
}

#[test]
fn numbers_are_whole_numbers() {
    for name in [
        "AUTH_CLOCK_TOLERANCE",
        "AUTH_RESPONSE_TIMEOUT",
        "AUTH_SESSION_DURATION",
        "AUTH_SESSION_MAX_DURATION",
        "AUTH_STATE_DURATION",
        "AUTH_JWKS_CACHE_DURATION",
        "AUTH_METADATA_CACHE_DURATION",
    ] {
        for value in ["ten", "1.5", "-1", "1e3", "10s", "99999999999999999999"] {
            assert_refused(name, value, "write a whole number of");
        }
        assert_accepted(name, "86400");
    }
    for value in ["x", "1.5"] {
        for name in [
            "AUTH_CLOCK_SKEW",
            "AUTH_COOKIE_BUDGET",
            "AUTH_COOKIE_LIMIT",
            "AUTH_MAX_AGE",
        ] {
            assert_refused(name, value, "write a whole number");
        }
    }
    assert_accepted("AUTH_CLOCK_SKEW", "-30");
    for value in ["300", "-1", "x"] {
        assert_refused("AUTH_STATE_MAX_CONCURRENT", value, "write a whole number");
    }
}

#[test]
fn scopes_have_openid() {
    for value in ["profile email", "openidx", "OPENID"] {
        assert_refused("AUTH_SCOPES", value, "openid");
    }
    assert_refused("AUTH_SCOPES", "openid \"quoted\" email", "not a scope");
    assert_accepted("AUTH_SCOPES", "email openid");
}

#[test]
fn algorithms_and_methods_that_cannot_be_used_are_refused_with_the_reason() {
    for (value, why) in [
        ("none", "does not prove"),
        ("HS256", "does not prove"),
        ("RS1", "RS256"),
        ("rs256", "RS256"),
    ] {
        assert_refused("AUTH_ID_TOKEN_SIGNING_ALG", value, why);
    }
    for value in [
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
    ] {
        assert_accepted("AUTH_ID_TOKEN_SIGNING_ALG", value);
    }
    for value in ["tls_client_auth", "none", "CLIENT_SECRET_BASIC"] {
        assert_refused("AUTH_CLIENT_AUTH_METHOD", value, "client_secret_basic");
    }
}

#[test]
fn routes_are_plain_paths_that_do_not_clash() {
    for name in [
        "AUTH_CALLBACK_URL",
        "AUTH_SIGNIN_URL",
        "AUTH_SIGNOUT_URL",
        "AUTH_USER_INFO_URL",
    ] {
        for value in [
            "signin",
            "/",
            "//x",
            "/a//b",
            "/a?b",
            "/a#b",
            "/{a}",
            "/a b",
            "/ä",
            "https://a/b",
            "/%61",
            "/a/../b",
            "/./a",
        ] {
            assert_refused(name, value, "plain path");
        }
        assert_accepted(name, "/a/b-c_d.e~f");
    }
    assert_refused("AUTH_SIGNIN_URL", "signin", "write one like /api/auth/signin");
    assert_refused("AUTH_SIGNIN_URL", "/api/auth/callback", "another route");
    assert_refused("AUTH_USER_INFO_URL", "/api/auth/signout", "another route");
    let twice = Routes::new().sign_in("/same").sign_out("/same");
    assert_eq!(problems_of(settings().routes(twice)).len(), 1);
}

#[test]
fn the_builder_is_checked_by_the_same_rules() {
    let day = std::time::Duration::from_secs(86_400);
    let wrong = settings()
        .scopes("profile")
        .resource("api")
        .session_lifetime(
            SessionLifetime::new()
                .sliding(true)
                .duration(day)
                .max_duration(day / 2),
        )
        .state_lifetime(StateLifetime::new().max_concurrent(0))
        .cookie_budget(CookieBudget::new().trim_above(9_000).refuse_above(5_000))
        .post_logout_redirect_uris(["/relative"]);
    let found = problems_of(wrong);
    for name in [
        "auth_params.scopes (MONOCLOUD_AUTH_SCOPES)",
        "auth_params.resource (MONOCLOUD_AUTH_RESOURCE)",
        "session_lifetime.max_duration (MONOCLOUD_AUTH_SESSION_MAX_DURATION)",
        "state_lifetime.max_concurrent (MONOCLOUD_AUTH_STATE_MAX_CONCURRENT)",
        "cookie_budget.trim_above (MONOCLOUD_AUTH_COOKIE_BUDGET)",
        "post_logout_redirect_uris (MONOCLOUD_AUTH_POST_LOGOUT_REDIRECT_URIS)",
    ] {
        assert!(
            found
                .iter()
                .any(|problem| problem.starts_with(&format!("{name}: "))),
            "{name}: {found:#?}"
        );
    }
    assert_eq!(found.len(), 6, "{found:#?}");
}

#[tokio::test]
async fn unknown_variables_are_one_warning_and_never_a_refusal() {
    let unknown = [
        ("MONOCLOUD_AUTH_TYPO", "value-1"),
        ("MONOCLOUD_AUTH_TRUST_STORE_ID", "value-2"),
        ("MONOCLOUD_BACKEND_TRUST_STORE_ID", "value-3"),
        ("OTHER_VARIABLE", "value-4"),
    ];
    let vars = REQUIRED.into_iter().chain(unknown);
    let (client, log) = logged(async { MonoCloud::builder().with_vars(vars).build() }).await;
    assert!(client.is_ok());
    let warnings: Vec<&str> = log.lines().filter(|line| line.contains("WARN")).collect();
    assert_eq!(warnings.len(), 1, "{log}");
    for (name, value) in &unknown[..3] {
        assert!(
            warnings[0].contains(name) && !warnings[0].contains(value),
            "{warnings:?}"
        );
    }
    assert!(!warnings[0].contains("OTHER_VARIABLE"), "none of ours");

    let (_, silent) = logged(async { MonoCloud::builder().with_vars(REQUIRED).build() }).await;
    assert!(!silent.contains("WARN"), "{silent}");
}
