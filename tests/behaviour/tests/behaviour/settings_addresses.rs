//! Addresses: of the issuer, of the application, of pages; and what is pasted in their place.

use monocloud_runtime::MonoCloud;

use crate::fixtures::{logged, settings};
use crate::settings_problems::{assert_accepted, assert_refused, problems};

#[test]
fn addresses_are_checked() {
    for value in [
        "http://acme.example.com",
        "http://192.168.1.1",
        "http://localhost.example.com",
    ] {
        assert_refused("AUTH_TENANT_DOMAIN", value, "https://acme.us.monocloud.com");
    }
    for value in [
        "ftp://x",
        "https://",
        "https://a?q",
        "https://a#f",
        "https://user:pass@acme.example.com",
    ] {
        assert_refused("AUTH_TENANT_DOMAIN", value, "https://acme.us.monocloud.com");
    }
    for value in [
        "acme.example.com",
        "https://acme.example.com/",
        "http://localhost:9",
        "http://[::1]:9",
        "http://127.0.0.2",
    ] {
        assert_accepted("AUTH_TENANT_DOMAIN", value);
    }
    for value in [
        "localhost:3000",
        "example.com",
        "/",
        "https://a?q",
        "https://a#f",
        "https://u@a",
        "https://*.example.com",
        "javascript:1",
    ] {
        assert_refused("AUTH_APP_URL", value, "https://app.example.com");
    }
    assert_accepted("AUTH_APP_URL", "https://example.com/app/");
    assert_refused("AUTH_POST_LOGOUT_REDIRECT_URI", "https://", "not a URL");
    assert_refused(
        "AUTH_POST_LOGOUT_REDIRECT_URIS",
        "https://a.example.com /relative",
        "not an absolute URL",
    );
    for value in ["api", "https://a.example.com/?q", "https://a.example.com/#f"] {
        assert_refused("AUTH_RESOURCE", value, "https://api.example.com");
    }
}

#[test]
fn the_address_of_the_metadata_is_not_the_issuer() {
    for (value, issuer) in [
        (
            "https://sso.example.test/.well-known/openid-configuration",
            "https://sso.example.test",
        ),
        (
            "https://sso.example.test/realms/a/.well-known/openid-configuration",
            "https://sso.example.test/realms/a",
        ),
        (
            "https://sso.example.test/.well-known/openid-configuration/",
            "https://sso.example.test",
        ),
        (
            "sso.example.test/.well-known/oauth-authorization-server",
            "https://sso.example.test",
        ),
        (
            "https://sso.example.test/.well-known/oauth-authorization-server/tenant",
            "https://sso.example.test",
        ),
        ("http://localhost:9/.well-known/jwks.json", "http://localhost:9"),
        (
            "https://sso.example.test/a/.well-known",
            "https://sso.example.test/a",
        ),
    ] {
        assert_refused("AUTH_TENANT_DOMAIN", value, &format!("write {issuer}"));
    }
}

#[test]
fn an_endpoint_for_several_tenants_is_refused_with_words_of_its_own() {
    for value in [
        "https://login.example.test/{tenantid}/v2.0",
        "https://login.example.test/common/v2.0",
        "https://login.example.test/organizations/v2.0/",
        "https://login.example.test/consumers",
        "login.example.test/Common/v2.0",
        "https://login.example.test/{tenant}",
    ] {
        assert_refused("AUTH_TENANT_DOMAIN", value, "the tenant's own address");
    }
    for value in [
        "https://sso.example.test/realms/common",
        "https://login.example.test/3f2b0c1e/v2.0",
        "https://common.example.test",
    ] {
        assert_accepted("AUTH_TENANT_DOMAIN", value);
    }
}

#[test]
fn plain_http_to_an_issuer_elsewhere_is_refused_with_the_ways_out() {
    for value in [
        "http://keycloak:8080/realms/demo",
        "http://host.docker.internal:8080",
        "http://idp.internal",
        "http://10.0.0.7:8080",
        "http://0.0.0.0:8080",
    ] {
        for way in ["TLS", "hosts file", "HttpClient"] {
            assert_refused("AUTH_TENANT_DOMAIN", value, way);
        }
    }
}

#[test]
fn an_app_url_is_not_the_address_of_a_route() {
    let own = ("MONOCLOUD_AUTH_CALLBACK_URL", "/back");
    for (value, base) in [
        (
            "https://app.example.test/api/auth/callback",
            "https://app.example.test",
        ),
        (
            "https://app.example.test/api/auth/callback/",
            "https://app.example.test",
        ),
        (
            "https://app.example.test/shop/api/auth/signin",
            "https://app.example.test/shop",
        ),
        (
            "https://app.example.test/api/auth/signout",
            "https://app.example.test",
        ),
        ("http://localhost:3000/api/auth/userinfo", "http://localhost:3000"),
        ("https://app.example.test/back", "https://app.example.test"),
    ] {
        let found = problems(&[("MONOCLOUD_AUTH_APP_URL", value), own]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].starts_with("MONOCLOUD_AUTH_APP_URL: ") && found[0].ends_with(&format!("write {base}")),
            "{found:?}"
        );
    }
    assert_accepted("AUTH_APP_URL", "https://app.example.test/api/auth");
}

#[test]
fn no_address_shows_a_password() {
    for name in [
        "TENANT_DOMAIN",
        "APP_URL",
        "POST_LOGOUT_REDIRECT_URI",
        "POST_LOGOUT_REDIRECT_URIS",
        "TRUSTED_ORIGINS",
        "LOGOUT_URL",
    ] {
        for value in [
            "https://someone:hunter2@acme.example.com",
            "http://someone:hunter2@acme.example.com",
            "https://someone:hunter2@acme.example.com?q",
            "https://someone:hunter2@acme.example.com:port",
            "https://someone:hunter2",
            "https://someone:hunter2@",
            "https://hunter2@acme.example.com/.well-known/openid-configuration",
            "https://someone:hunter2@acme.example.com/api/auth/callback",
        ] {
            let name = format!("MONOCLOUD_AUTH_{name}");
            let found = problems(&[(&name, value)]);
            assert!(
                found.len() == 1 && found[0].starts_with(&format!("{name}: ")),
                "{value}: {found:?}"
            );
            assert!(!found[0].contains("hunter2"), "{found:?}");
        }
    }
    let builder = MonoCloud::builder()
        .tenant_domain("https://a:hunter2@b")
        .app_url("https://a:hunter2@b");
    assert!(!format!("{builder:?}").contains("hunter2"));
}

#[tokio::test]
async fn an_app_url_of_plain_http_elsewhere_is_one_warning() {
    for value in [
        "http://app.example.test",
        "http://192.168.1.4:3000",
        "http://0.0.0.0:3000",
    ] {
        let (client, log) = logged(async { settings().app_url(value).build() }).await;
        assert!(client.is_ok());
        let warnings: Vec<&str> = log.lines().filter(|line| line.contains("WARN")).collect();
        assert!(
            warnings.len() == 1 && warnings[0].contains("app_url (MONOCLOUD_AUTH_APP_URL)"),
            "{log}"
        );
    }
    for value in [
        "http://localhost:3000",
        "http://127.0.0.1:3000",
        "https://app.example.test",
    ] {
        let (_, log) = logged(async { settings().app_url(value).build() }).await;
        assert!(!log.contains("WARN"), "{log}");
    }
}
