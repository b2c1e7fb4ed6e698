//! Secrets: strong enough, and never shown.

use crate::fixtures::{SECRET, logged, settings};
use crate::settings_problems::{assert_accepted, assert_refused, problems};

/// What `openssl rand` prints, in two encodings.
const GOOD: [&str; 2] = [
    "7d1f0c9a53b2e86417adf05c3e9b8264d07a1c5f9e3b6284a7d0c1f5e9b38264",
    "k3Jx0v9QyT7bR2mZfW8sLcN5hPdE1uAo",
];

#[test]
fn secrets_are_long_enough() {
    assert_refused("AUTH_COOKIE_SECRET", &GOOD[1][..31], "openssl rand -hex 32");
    for good in GOOD {
        assert_accepted("AUTH_COOKIE_SECRET", good);
    }
    let previous = format!("{} {}", GOOD[0], &GOOD[1][..31]);
    assert_refused("AUTH_COOKIE_SECRETS_PREVIOUS", &previous, "32");
    assert_accepted("AUTH_COOKIE_SECRETS_PREVIOUS", &GOOD.join(" "));
}

#[test]
fn what_can_be_guessed_seals_nothing() {
    let weak = [
        "0".repeat(64),
        "x".repeat(32),
        "cafe".repeat(9),
        "changeme".repeat(4),
        "changeme-".repeat(4) + "!",
        "changeme1changeme2changeme3changeme4".to_owned(),
        "ChangeMe-but-make-it-long-enough-for-the-check".to_owned(),
        "0123456789".repeat(4),
        "0123456789abcdef".repeat(4),
        "0123456789abcdefghijklmnopqrstuvwxyz".to_owned(),
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJ".to_owned(),
        "zyxwvutsrqponmlkjihgfedcba9876543210".to_owned(),
        "deadbeef".repeat(8),
        "secretsecretsecretsecretsecretsecret".to_owned(),
        "what `openssl rand -hex 32` prints, once".to_owned(),
        "complex_password_at_least_32_characters_long".to_owned(),
        "<a cookie secret of 32 bytes or more>".to_owned(),
        "your-cookie-secret-of-at-least-32-bytes".to_owned(),
        "${MONOCLOUD_COOKIE_SECRET_OF_THE_APP}".to_owned(),
        "…".repeat(20),
        "qwertyuiopasdfghjklzxcvbnm1234567890".to_owned(),
    ];
    for secret in &weak {
        let found = problems(&[("MONOCLOUD_AUTH_COOKIE_SECRET", secret.as_str())]);
        assert!(
            found.len() == 1 && found[0].starts_with("MONOCLOUD_AUTH_COOKIE_SECRET: "),
            "{secret}: {found:?}"
        );
        assert!(!found[0].contains(secret.as_str()), "{found:?}");
        if !secret.contains(' ') {
            let previous = format!("{} {secret}", GOOD[0]);
            let found = problems(&[("MONOCLOUD_AUTH_COOKIE_SECRETS_PREVIOUS", previous.as_str())]);
            assert_eq!(found.len(), 1, "{secret}: {found:?}");
        }
    }
    assert_refused("AUTH_COOKIE_SECRET", &weak[0], "openssl rand -hex 32");
}

#[tokio::test]
async fn a_space_in_an_id_or_a_secret_is_one_warning_without_the_value() {
    let (client, log) = logged(async {
        settings()
            .client_id("client-1 # of production")
            .client_secret("one two")
            .build()
    })
    .await;
    assert!(client.is_ok());
    for name in [
        "client_id (MONOCLOUD_AUTH_CLIENT_ID)",
        "client_secret (MONOCLOUD_AUTH_CLIENT_SECRET)",
    ] {
        assert_eq!(log.matches(name).count(), 1, "{log}");
    }
    assert!(!log.contains("one two"), "{log}");
}

#[test]
fn secrets_are_in_no_error_and_in_no_debug_output() {
    let secrets = ["short-cookie-secret", "old-short-secret", "client-secret-value"];
    let builder = || {
        settings()
            .cookie_secret(secrets[0])
            .previous_cookie_secrets([secrets[1]])
            .client_secret(secrets[2])
    };
    let error = builder().build().unwrap_err();
    let client = settings().client_secret(secrets[2]).build().unwrap();
    let shown = [
        error.to_string(),
        format!("{error:?}"),
        format!("{:?}", builder()),
        format!("{client:?} {client:#?}"),
        format!("{:?}", client.layer()),
    ];
    for text in shown {
        for secret in secrets.iter().chain([&SECRET]) {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

/// A secret may stand under the wrong name.
#[test]
fn a_value_that_cannot_be_read_is_in_no_error() {
    let names = [
        "CLIENT_AUTH_METHOD",
        "CLIENT_ASSERTION_SIGNING_ALG",
        "USE_PAR",
        "SCOPES",
        "RESOURCE",
        "PROMPT",
        "MAX_AGE",
        "RESPONSE_MODE",
        "TRUSTED_ORIGINS",
        "COOKIE_SECRET",
        "COOKIE_SECRETS_PREVIOUS",
        "SESSION_DURATION",
        "SESSION_SLIDING",
        "SESSION_MAX_DURATION",
        "SESSION_COOKIE_NAME",
        "SESSION_COOKIE_DOMAIN",
        "SESSION_COOKIE_PATH",
        "SESSION_COOKIE_SECURE",
        "SESSION_COOKIE_SAME_SITE",
        "SESSION_COOKIE_PERSISTENT",
        "STATE_COOKIE_NAME",
        "STATE_COOKIE_DOMAIN",
        "STATE_COOKIE_PATH",
        "STATE_COOKIE_SECURE",
        "STATE_COOKIE_SAME_SITE",
        "STATE_COOKIE_PERSISTENT",
        "CALLBACK_URL",
        "SIGNIN_URL",
        "SIGNOUT_URL",
        "USER_INFO_URL",
        "USER_INFO",
        "REFETCH_USER_INFO",
        "FEDERATED_SIGNOUT",
        "POST_LOGOUT_REDIRECT_URI",
        "POST_LOGOUT_REDIRECT_URIS",
        "LOGOUT_URL",
        "ID_TOKEN_SIGNING_ALG",
        "CLOCK_SKEW",
        "CLOCK_TOLERANCE",
        "RESPONSE_TIMEOUT",
        "METADATA_CACHE_DURATION",
        "JWKS_CACHE_DURATION",
        "ALLOW_QUERY_PARAM_OVERRIDES",
        "PAGE_COLOR",
        "APP_URL",
        "TENANT_DOMAIN",
    ];
    let mut refused = 0;
    for name in names {
        for value in [
            "c0ffee",
            "c0ffee c0ffee",
            "c0ffee\"\\c0ffee",
            "/c0ffee;c0ffee",
            "/c0ffee",
            "0xc0ffee",
            "31337313373133731337",
            "31337313",
            "\"c0ffee\"",
            "c0ffee://c0ffee:c0ffee",
            "<c0ffee>",
        ] {
            let name = format!("MONOCLOUD_AUTH_{name}");
            for problem in problems(&[(&name, value)]) {
                refused += 1;
                assert!(problem.contains("MONOCLOUD_AUTH_"), "{problem}");
                assert!(!problem.contains("c0ffee"), "{name}={value}: {problem}");
                assert!(!problem.contains("31337"), "{name}={value}: {problem}");
            }
        }
    }
    assert!(refused > 200, "{refused}");
}
