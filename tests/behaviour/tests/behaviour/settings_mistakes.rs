//! Values that reached the program by mistake: in quotes, cut off, or as a documentation shows them.

use crate::fixtures::{logged, settings};
use crate::settings_problems::{assert_accepted, assert_refused, problems, problems_of};

/// One of each kind, with a value that would do.
const SETTINGS: [(&str, &str); 12] = [
    ("TENANT_DOMAIN", "https://acme.example.com"),
    ("CLIENT_ID", "client-1"),
    ("CLIENT_SECRET", "s3cret-0123456789"),
    ("APP_URL", "https://app.example.test"),
    ("COOKIE_SECRET", "k3Jx0v9QyT7bR2mZfW8sLcN5hPdE1uAo"),
    ("SCOPES", "openid email"),
    ("GROUPS_CLAIM", "roles"),
    ("SESSION_COOKIE_NAME", "sid"),
    ("SESSION_DURATION", "3600"),
    ("FEDERATED_SIGNOUT", "true"),
    ("CALLBACK_URL", "/back"),
    ("STATE_COOKIE_SAME_SITE", "lax"),
];

#[test]
fn quotes_around_a_value_are_part_of_it_and_refused() {
    for (name, value) in SETTINGS {
        let name = format!("AUTH_{name}");
        for [open, close] in [
            ["\"", "\""],
            ["'", "'"],
            ["`", "`"],
            ["“", "”"],
            ["„", "“"],
            ["‘", "’"],
            ["«", "»"],
            ["\"", "”"],
        ] {
            let quoted = format!("{open}{value}{close}");
            assert_refused(&name, &quoted, "quotes");
            let found = problems(&[(&format!("MONOCLOUD_{name}"), quoted.as_str())]);
            assert!(!found[0].contains(value), "it may be a secret: {found:?}");
        }
        assert_accepted(&name, value);
    }
    let found = problems_of(settings().client_id("\"client-1\""));
    assert!(
        found.len() == 1 && found[0].starts_with("client_id (MONOCLOUD_AUTH_CLIENT_ID): "),
        "{found:?}"
    );
    assert_accepted("AUTH_CLIENT_SECRET", "it's-\"a\"-s3cret-0123456789");
}

#[test]
fn placeholders_of_documentations_are_refused() {
    for (name, value) in [
        ("TENANT_DOMAIN", "https://your-tenant.us.monocloud.com"),
        ("TENANT_DOMAIN", "https://<your-tenant>.us.monocloud.com"),
        ("TENANT_DOMAIN", "https://yourdomain.example.com"),
        ("TENANT_DOMAIN", "https://...us.monocloud.com/..."),
        ("TENANT_DOMAIN", "https://${TENANT}.example.com"),
        ("TENANT_DOMAIN", "$TENANT_DOMAIN"),
        ("CLIENT_ID", "…"),
        ("CLIENT_ID", "..."),
        ("CLIENT_ID", "<client-id>"),
        ("CLIENT_ID", "your-client-id"),
        ("CLIENT_ID", "YOUR_CLIENT_ID"),
        ("CLIENT_ID", "{{ client_id }}"),
        ("CLIENT_ID", "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"),
        ("CLIENT_ID", "%CLIENT_ID%"),
        ("CLIENT_SECRET", "…"),
        ("CLIENT_SECRET", "<secret>"),
        ("CLIENT_SECRET", "your_client_secret"),
        ("CLIENT_SECRET", "changeme"),
        ("CLIENT_SECRET", "change-me"),
        ("CLIENT_SECRET", "********"),
        ("CLIENT_SECRET", "${CLIENT_SECRET}"),
        ("APP_URL", "https://your-app.example.com"),
        ("APP_URL", "https://<host>"),
        ("TRUSTED_AUDIENCES", "your-project-id"),
    ] {
        assert_refused(&format!("AUTH_{name}"), value, "placeholder");
    }
}

#[test]
fn names_of_ones_own_are_no_placeholders() {
    for (name, value) in [
        ("TENANT_DOMAIN", "https://login.your-health.example.com"),
        ("TENANT_DOMAIN", "https://example.com"),
        ("TENANT_DOMAIN", "https://tenant-1.example.test"),
        ("CLIENT_ID", "client-1"),
        ("CLIENT_ID", "https://app.example.com/client"),
        ("CLIENT_SECRET", "aQ8~x.y<Z>w$1{2}%3"),
        ("CLIENT_SECRET", "x-1"),
        ("APP_URL", "https://yours.example.com"),
        ("GROUPS_CLAIM", "https://app.example.com/groups"),
    ] {
        assert_accepted(&format!("AUTH_{name}"), value);
    }
}

#[test]
fn characters_that_nobody_sees_are_named() {
    for (name, value) in SETTINGS {
        if ["SESSION_DURATION", "FEDERATED_SIGNOUT", "STATE_COOKIE_SAME_SITE"].contains(&name) {
            continue;
        }
        let name = format!("AUTH_{name}");
        let (start, end) = value.split_at(value.len() / 2);
        for (between, code) in [
            ("\n", "U+000A"),
            ("\r\n", "U+000D"),
            ("\0", "U+0000"),
            ("\u{200b}", "U+200B"),
            ("\u{feff}", "U+FEFF"),
            ("\u{202e}", "U+202E"),
            ("\u{2028}", "U+2028"),
        ] {
            assert_refused(&name, &format!("{start}{between}{end}"), code);
        }
    }
}

#[test]
fn a_page_name_is_for_people() {
    for value in ["Acme Orders", "Zoë’s “Shop” …", "¿Qué tal?"] {
        assert_accepted("AUTH_PAGE_NAME", value);
    }
    assert_refused("AUTH_PAGE_NAME", "a\u{202e}b", "U+202E");
    assert_refused("AUTH_PAGE_NAME", &"n".repeat(101), "100");
}

/// Both may be meant, and nearly never are.
#[tokio::test]
async fn commas_and_comments_are_one_warning_without_the_value() {
    for (name, value) in [
        ("SCOPES", "openid c0ffee,email"),
        ("FILTERED_ID_TOKEN_CLAIMS", "nonce,c0ffee"),
        ("TRUSTED_AUDIENCES", "c0ffee, other"),
        ("GROUPS_CLAIM", "c0ffee # the roles"),
        (
            "POST_LOGOUT_REDIRECT_URIS",
            "https://a.example.test/c0ffee,https://b.example.test/",
        ),
        ("RESOURCE", "https://api.example.test/c0ffee,x"),
    ] {
        let name = format!("MONOCLOUD_AUTH_{name}");
        let (client, log) = logged(async { settings().with_vars([(&*name, value)]).build() }).await;
        assert!(client.is_ok(), "{name}: {client:?}");
        let warnings: Vec<&str> = log.lines().filter(|line| line.contains("WARN")).collect();
        assert!(warnings.len() == 1 && warnings[0].contains(&name), "{log}");
        assert!(!log.contains("c0ffee"), "{log}");
    }
}
