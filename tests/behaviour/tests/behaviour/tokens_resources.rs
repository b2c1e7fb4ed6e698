//! Access tokens for several resources and sets of scopes.

use monocloud_runtime::testing::Endpoint;
use serde_json::json;

use crate::fixtures::{Browser, Site, get, parameter, tokens_app};

const ORDERS: &str = "https://orders.example.com";
const STOCK: &str = "https://stock.example.com";

async fn site() -> Site {
    Site::with(
        |provider| provider,
        |settings| {
            settings
                .resource("https://default.example.com")
                .resources([(ORDERS, "orders:read orders:write"), (STOCK, "stock:read shared")])
        },
    )
    .await
}

/// What the last call of the token endpoint asked for: its resources, and its scopes.
fn asked(site: &Site) -> (Vec<String>, Option<String>) {
    let request = site.provider.last_request(Endpoint::Token).unwrap();
    let resources = request.form_pairs().iter().filter(|(name, _)| name == "resource");
    let resources = resources.map(|(_, value)| value.clone()).collect();
    (resources, request.form("scope").map(str::to_owned))
}

#[tokio::test]
async fn a_sign_in_asks_for_all_resources_and_the_default_token_is_for_its_own() {
    let site = site().await;
    assert_eq!(
        asked(&site),
        (vec!["https://default.example.com".to_owned()], None)
    );
    let started = get(&tokens_app(&site.auth), "/api/auth/signin", &[]).await;
    let scope = "openid profile offline_access orders:read orders:write stock:read shared";
    assert_eq!(parameter(started.location(), "scope").as_deref(), Some(scope));
    for resource in ["default", "orders", "stock"] {
        let resource = format!("resource=https%3A%2F%2F{resource}.example.com");
        assert!(started.location().contains(&resource), "{resource}");
    }
}

#[tokio::test]
async fn there_is_one_token_for_each_set_of_resources_and_scopes() {
    let mut site = site().await;
    let default = site.tokens("").await;
    let orders = site
        .tokens(&format!("?resource={ORDERS}&scopes=orders:read%20openid"))
        .await;
    assert_eq!(
        asked(&site),
        (vec![ORDERS.to_owned()], Some("orders:read openid".to_owned()))
    );
    assert_ne!(orders["access"], default["access"]);
    assert_eq!(
        (&orders["resource"], &orders["scopes"]),
        (&json!([ORDERS]), &json!(["orders:read", "openid"]))
    );
    // The same sets, in another order.
    let again = site
        .tokens(&format!("?scopes=openid%20orders:read&resource={ORDERS}"))
        .await;
    assert_eq!((&again["access"], site.token_calls()), (&orders["access"], 2));
    // Other scopes, and several resources.
    let all = site.tokens(&format!("?resource={ORDERS}")).await;
    assert_eq!(all["scopes"], json!(["orders:read", "orders:write"]));
    let both = site
        .tokens(&format!("?resource={ORDERS}%20{STOCK}&scopes=shared"))
        .await;
    assert_eq!(asked(&site).0, [ORDERS, STOCK]);
    assert_eq!(both["resource"], json!([ORDERS, STOCK]));
    assert_eq!(site.token_calls(), 4);
    // The default one is what it was, by its name too.
    assert_eq!(site.tokens("").await["access"], default["access"]);
    let named = "?resource=https://default.example.com&scopes=offline_access%20profile%20openid";
    assert_eq!(site.tokens(named).await["access"], default["access"]);
    assert_eq!(site.token_calls(), 4);

    // Each is renewed for itself.
    site.expire();
    assert_ne!(
        site.tokens(&format!("?resource={ORDERS}")).await["access"],
        all["access"]
    );
    assert_eq!(site.token_calls(), 5);
    assert_ne!(site.tokens("").await["access"], default["access"]);
    assert_eq!(
        asked(&site),
        (vec!["https://default.example.com".to_owned()], None)
    );
}

#[tokio::test]
async fn what_is_not_configured_is_refused_without_a_call() {
    let mut site = site().await;
    for query in [
        "?resource=https://other.example.com".to_owned(),
        format!("?resource={ORDERS}&scopes=stock:read"),
        format!("?resource={ORDERS}%20https://other.example.com"),
        "?scopes=orders:read".to_owned(),
        "?scopes=admin".to_owned(),
        "?resource=no-url".to_owned(),
        format!("?resource={ORDERS}&scopes=%22"),
    ] {
        let refused = site.refused(&query).await;
        assert_eq!(refused, (400, "invalid_request".to_owned()), "{query}");
    }
    assert_eq!(site.token_calls(), 1);
}

#[tokio::test]
async fn two_targets_at_once_never_send_one_refresh_token_twice() {
    let site = site().await;
    let app = tokens_app(&site.auth);
    let cookies = site.browser.cookies();
    let paths = [
        format!("/tokens?resource={ORDERS}"),
        format!("/tokens?resource={STOCK}"),
        format!("/tokens?resource={ORDERS}&scopes=orders:read"),
        "/tokens?force=".to_owned(),
    ];
    let answers = paths.iter().map(|path| {
        let mut browser = Browser::with(&app, &cookies);
        async move { browser.get(path).await.status.as_u16() }
    });
    assert_eq!(futures_util::future::join_all(answers).await, [200; 4]);
    assert_eq!(site.token_calls(), 5);
    // The issuer took none of them for stolen.
    let mut browser = Browser::with(&app, &cookies);
    assert_eq!(browser.get("/tokens?force=").await.status, 200);
}
