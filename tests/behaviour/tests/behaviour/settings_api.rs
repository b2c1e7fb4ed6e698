//! The settings for access tokens: what they may be, what belongs together, and what is said at start.

use monocloud_runtime::MonoCloud;
use monocloud_runtime::settings::ClientAuthMethod;
use monocloud_runtime::testing::{ProviderClient, SigningAlg};

use crate::fixtures::{logged, settings};
use crate::settings_problems::{assert_accepted, assert_refused, problems, problems_of};

const AUDIENCE: (&str, &str) = ("MONOCLOUD_BACKEND_AUDIENCE", "https://api.example.com");

#[test]
fn each_variable_is_read_and_checked() {
    for (name, good, bad, write) in [
        (
            "AUDIENCE",
            "https://api.example.com",
            "https://a https://b",
            "one audience",
        ),
        (
            "TENANT_DOMAIN",
            "tokens.example.com",
            "http://tokens.example.com",
            "loopback",
        ),
        (
            "CLIENT_AUTH_METHOD",
            "client_secret_basic",
            "basic",
            "client_secret_basic",
        ),
        ("INTROSPECT_JWT_TOKENS", "yes", "maybe", "true or false"),
        ("ACCEPT_PLAIN_JWT_TOKENS", "ON", "jwt", "true or false"),
        ("GROUPS_CLAIM", "realm_access.roles", "\"groups\"", "without"),
        ("GROUPS_MATCH_ALL", "1", "2", "true or false"),
        ("CLOCK_SKEW", "-30", "86401", "0 or -30"),
        ("CLOCK_TOLERANCE", "0", "86401", "60"),
        ("JWKS_CACHE_DURATION", "0", "86401", "300"),
        ("METADATA_CACHE_DURATION", "86400", "five", "number"),
    ] {
        assert_accepted(&format!("BACKEND_{name}"), good);
        assert_refused(&format!("BACKEND_{name}"), bad, write);
    }
    let found = problems(&[
        AUDIENCE,
        ("MONOCLOUD_BACKEND_CLIENT_ID", "api"),
        ("MONOCLOUD_BACKEND_CLIENT_SECRET", "the api's secret"),
    ]);
    assert_eq!(found, [""; 0]);
}

#[tokio::test]
async fn no_variable_of_the_api_is_unknown() {
    let vars = [
        AUDIENCE,
        ("MONOCLOUD_BACKEND_TENANT_DOMAIN", "http://127.0.0.1:8"),
        ("MONOCLOUD_BACKEND_CLIENT_ID", "api"),
        ("MONOCLOUD_BACKEND_CLIENT_SECRET", "of-the-api"),
        ("MONOCLOUD_BACKEND_CLIENT_AUTH_METHOD", "client_secret_basic"),
        ("MONOCLOUD_BACKEND_INTROSPECT_JWT_TOKENS", "true"),
        ("MONOCLOUD_BACKEND_ACCEPT_PLAIN_JWT_TOKENS", "true"),
        ("MONOCLOUD_BACKEND_GROUPS_CLAIM", "roles"),
        ("MONOCLOUD_BACKEND_GROUPS_MATCH_ALL", "true"),
        ("MONOCLOUD_BACKEND_CLOCK_SKEW", "1"),
        ("MONOCLOUD_BACKEND_CLOCK_TOLERANCE", "1"),
        ("MONOCLOUD_BACKEND_JWKS_CACHE_DURATION", "1"),
        ("MONOCLOUD_BACKEND_METADATA_CACHE_DURATION", "1"),
    ];
    let (client, log) = logged(async { settings().with_vars(vars).build() }).await;
    client.unwrap();
    assert!(!log.contains("WARN"), "{log}");
}

#[test]
fn who_introspects_is_named_with_its_secret() {
    for (name, value, missing) in [
        ("CLIENT_ID", "api", "MONOCLOUD_BACKEND_CLIENT_SECRET: missing"),
        ("CLIENT_SECRET", "of-the-api", ""),
    ] {
        let found = problems(&[AUDIENCE, (&format!("MONOCLOUD_BACKEND_{name}"), value)]);
        // The secret alone is another one of the sign-in's client.
        assert_eq!(found.len(), usize::from(!missing.is_empty()), "{found:?}");
        assert!(found.iter().all(|found| found.starts_with(missing)), "{found:?}");
    }
    let other = ("MONOCLOUD_BACKEND_TENANT_DOMAIN", "tokens.example.com");
    let found = problems(&[AUDIENCE, other, ("MONOCLOUD_BACKEND_CLIENT_SECRET", "of-the-api")]);
    assert_eq!(found.len(), 1);
    assert!(
        found[0].starts_with("MONOCLOUD_BACKEND_CLIENT_ID: missing"),
        "{found:?}"
    );
    // Nobody may ask another issuer, so that its JWTs cannot be asked about.
    let found = problems(&[
        AUDIENCE,
        other,
        ("MONOCLOUD_BACKEND_INTROSPECT_JWT_TOKENS", "true"),
    ]);
    assert_eq!(found.len(), 1);
    assert!(
        found[0].starts_with("MONOCLOUD_BACKEND_INTROSPECT_JWT_TOKENS: "),
        "{found:?}"
    );
}

#[test]
fn the_method_of_who_introspects_fits_its_secret_or_key() {
    let key = ProviderClient::new("any")
        .private_key_jwt(SigningAlg::Es256)
        .secret()
        .to_owned();
    let found = |secret: &str, method| {
        problems_of(
            settings()
                .api_audience("orders")
                .api_client_id("api")
                .api_client_secret(secret)
                .api_client_auth_method(method),
        )
    };
    let long = "a secret that is long enough for HS256";
    for (secret, method, good) in [
        (&*key, ClientAuthMethod::PrivateKeyJwt, true),
        (&*key, ClientAuthMethod::ClientSecretPost, false),
        (long, ClientAuthMethod::ClientSecretJwt, true),
        ("short", ClientAuthMethod::ClientSecretJwt, false),
        ("short", ClientAuthMethod::ClientSecretBasic, true),
        ("short", ClientAuthMethod::PrivateKeyJwt, false),
    ] {
        let found = found(secret, method);
        assert_eq!(found.is_empty(), good, "{method:?}: {found:?}");
        assert!(found.iter().all(|found| {
            found.starts_with("api_client_auth_method (MONOCLOUD_BACKEND_CLIENT_AUTH_METHOD)")
                && !found.contains(secret)
        }));
    }
}

/// An ID token names the client in `aud`.
#[test]
fn where_plain_jwts_are_taken_the_client_is_no_audience() {
    for (audience, plain, refused) in [
        ("app", true, true),
        ("app", false, false),
        ("orders", true, false),
    ] {
        let found = problems_of(settings().api_audience(audience).accept_plain_jwt_tokens(plain));
        assert_eq!(!found.is_empty(), refused, "{audience} {plain}: {found:?}");
        assert!(
            found
                .iter()
                .all(|found| found.starts_with("api_audience (MONOCLOUD_BACKEND_AUDIENCE)"))
        );
    }
    let of_trusted = settings()
        .api_audience("orders")
        .accept_plain_jwt_tokens(true)
        .trusted_token_issuers([("https://partner.example.org", "app")]);
    assert_eq!(problems_of(of_trusted).len(), 1);
    let of_the_apis_client = settings()
        .api_audience("orders")
        .accept_plain_jwt_tokens(true)
        .api_client_id("orders")
        .api_client_secret("s3cret-of-the-api");
    assert_eq!(problems_of(of_the_apis_client).len(), 1);
}

#[test]
fn trusted_issuers_are_addresses_each_once_and_not_the_apis_own() {
    let found = |pairs: &[(&str, &str)]| {
        problems_of(
            settings()
                .api_audience("orders")
                .trusted_token_issuers(pairs.iter().copied()),
        )
    };
    let partner = ("https://partner.example.org", "orders");
    assert_eq!(
        found(&[partner, ("https://partner.example.org/", "orders")]),
        [""; 0]
    );
    for wrong in [
        &[("partner", "orders")][..],
        &[("http://partner.example.org", "orders")],
        &[("https://user:s3cret@partner.example.org", "orders")],
        &[("https://partner.example.org?a", "orders")],
        &[("https://partner.example.org", "")],
        &[("", "orders")],
        &[("https://partner.example.org", "a b")],
        &[("https://login.microsoftonline.com/common/v2.0", "orders")],
        &[partner, partner],
        &[("http://127.0.0.1:9", "orders")],
        &[("http://127.0.0.1:9/", "orders")],
    ] {
        let found = found(wrong);
        assert_eq!(found.len(), 1, "{wrong:?}: {found:?}");
        assert!(found[0].starts_with("trusted_token_issuers: "), "{found:?}");
        assert!(!found[0].contains("s3cret"), "{found:?}");
    }
    let without_audience = settings().trusted_token_issuers([partner]);
    let found = problems_of(without_audience);
    assert!(found[0].contains("MONOCLOUD_BACKEND_AUDIENCE"), "{found:?}");
}

#[tokio::test]
async fn what_has_no_effect_without_an_audience_is_a_warning() {
    let (client, log) = logged(async {
        settings()
            .api_client_id("api")
            .api_client_secret("s3cret-of-the-api")
            .introspect_jwt_tokens(true)
            .build()
    })
    .await;
    client.unwrap();
    let warnings: Vec<&str> = log.lines().filter(|line| line.contains("WARN")).collect();
    assert_eq!(warnings.len(), 3, "{log}");
    for name in ["CLIENT_ID", "CLIENT_SECRET", "INTROSPECT_JWT_TOKENS"] {
        let name = format!("MONOCLOUD_BACKEND_{name}");
        assert_eq!(
            warnings.iter().filter(|line| line.contains(&name)).count(),
            1,
            "{log}"
        );
    }
    assert!(!log.contains("s3cret"), "{log}");
}

#[tokio::test]
async fn an_audience_without_metadata_is_said_at_start() {
    for (audience, lines) in [
        ("https://api.example.com", 0),
        ("http://localhost:3000/api", 0),
        ("orders", 1),
        ("api://orders", 1),
        ("http://api.example.com", 1),
    ] {
        let (client, log) = logged(async { settings().api_audience(audience).build() }).await;
        client.unwrap();
        assert_eq!(log.matches("RFC 9728").count(), lines, "{audience}: {log}");
    }
}

#[tokio::test]
async fn a_guard_for_tokens_alone_where_none_are_taken_is_said_at_start() {
    for (built, lines) in [
        (settings().build(), 1),
        (settings().api_audience("https://api.example.com").build(), 0),
    ] {
        let client = built.unwrap();
        let (_layer, log) = logged(async { client.layer() }).await;
        assert_eq!(log.matches("access tokens alone").count(), lines, "{log}");
        assert_eq!(log.matches("MONOCLOUD_BACKEND_AUDIENCE").count(), lines, "{log}");
    }
}

#[test]
fn the_secret_of_the_api_is_never_shown() {
    let built = MonoCloud::builder()
        .api_client_secret("s3cret-of-the-api")
        .api_audience("a b")
        .build();
    let error = built.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("s3cret-of-the-api"));
}
