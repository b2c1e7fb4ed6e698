//! Several issuers of access tokens: each is known by its exact name, and has its own audience, keys and metadata.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::Request;
use monocloud_runtime::settings::Builder;
use monocloud_runtime::testing::Clock;
use monocloud_runtime::tokens::{AccessTokenError, AccessTokenRequirement};
use monocloud_runtime::{MonoCloud, monocloud_routes};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::api::{
    AUDIENCE, Answer, Api, INTROSPECTION, ISSUER, Issuers, KEYS, METADATA, NOW, Signer, builder, claims,
};

const PARTNER: &str = "https://partner.example.org/tenant/";
const PARTNER_AUDIENCE: &str = "orders";

struct Two {
    api: Api,
    partner: Signer,
}

fn two() -> Two {
    two_with(|settings| settings)
}

fn two_with(more: impl FnOnce(Builder) -> Builder) -> Two {
    let api = Api::with("ES256", |settings| {
        more(settings.trusted_token_issuers([(PARTNER, PARTNER_AUDIENCE)]))
    });
    let partner = Signer::new("EdDSA", "first");
    api.issuers.add(PARTNER, &partner);
    Two { api, partner }
}

fn of(issuer: &str, audience: Value) -> Value {
    let mut claims = claims();
    claims["iss"] = issuer.into();
    claims["aud"] = audience;
    claims
}

fn partner_calls(api: &Api, path: &str) -> usize {
    api.issuers.calls(PARTNER, path)
}

#[tokio::test]
async fn each_issuers_tokens_are_good_with_its_own_audience_and_key() {
    let Two { api, partner } = two();
    let own = api.signer.access_token(&claims());
    let partners = partner.access_token(&of(PARTNER, json!(PARTNER_AUDIENCE)));
    assert_eq!(api.validate(&own).await.unwrap().issuer(), Some(ISSUER));
    assert_eq!(api.validate(&partners).await.unwrap().issuer(), Some(PARTNER));
    assert_eq!((api.calls(METADATA), api.calls(KEYS)), (1, 1));
    // Remembered, both.
    api.issuers.down(ISSUER, true);
    api.issuers.down(PARTNER, true);
    assert!(api.is_good(&own).await && api.is_good(&partners).await);
}

#[tokio::test]
async fn no_issuer_speaks_for_another() {
    let Two { api, partner } = two();
    for (what, token) in [
        (
            "A's token for B's audience",
            api.signer.access_token(&of(ISSUER, json!(PARTNER_AUDIENCE))),
        ),
        (
            "B's token for A's audience",
            partner.access_token(&of(PARTNER, json!(AUDIENCE))),
        ),
        ("B signs as A", partner.access_token(&claims())),
        (
            "A signs as B",
            api.signer.access_token(&of(PARTNER, json!(PARTNER_AUDIENCE))),
        ),
        (
            "both audiences, the other key",
            partner.access_token(&of(ISSUER, json!([AUDIENCE, PARTNER_AUDIENCE]))),
        ),
    ] {
        api.refuses(what, &token).await;
    }
}

#[tokio::test]
async fn an_issuer_is_known_by_its_exact_name() {
    let Two { api, partner } = two();
    for name in [
        "https://partner.example.org/tenant",
        "https://partner.example.org/",
        "https://partner.example.org/tenant//",
        "https://partner.example.org/Tenant/",
        "https://partner.example.org:443/tenant/",
        "http://partner.example.org/tenant/",
        "partner.example.org/tenant/",
    ] {
        api.refuses(name, &partner.access_token(&of(name, json!(PARTNER_AUDIENCE))))
            .await;
    }
    // Who is not trusted is not even asked who it is.
    assert_eq!(api.calls(METADATA), 0);
}

/// Where it is an authorization server and no OpenID provider (RFC 8414 §3).
#[tokio::test]
async fn metadata_stand_at_either_well_known_address() {
    let Two { api, partner } = two();
    let document = api
        .issuers
        .remove(PARTNER, "/tenant/.well-known/openid-configuration");
    api.issuers.change(
        PARTNER,
        "/.well-known/oauth-authorization-server/tenant",
        |metadata| *metadata = document,
    );
    let token = partner.access_token(&of(PARTNER, json!(PARTNER_AUDIENCE)));
    assert!(api.is_good(&token).await);
    assert_eq!(partner_calls(&api, "/tenant/.well-known/openid-configuration"), 1);
}

#[tokio::test]
async fn an_issuer_that_is_away_takes_no_other_with_it() {
    let Two { api, partner } = two();
    api.issuers.down(PARTNER, true);
    let token = partner.access_token(&of(PARTNER, json!(PARTNER_AUDIENCE)));
    assert_eq!(api.validate(&token).await.unwrap_err().status(), 503);
    assert!(api.is_good(&api.signer.access_token(&claims())).await);
}

#[tokio::test]
async fn only_the_apis_own_issuer_is_asked_about_tokens() {
    let api = Api::with("ES256", |settings| {
        settings
            .trusted_token_issuers([(PARTNER, PARTNER_AUDIENCE)])
            .introspect_jwt_tokens(true)
    });
    let partner = Signer::new("EdDSA", "first");
    api.issuers.add(PARTNER, &partner);
    api.refuses("opaque", "opaque").await;
    let partners = partner.access_token(&of(PARTNER, json!(PARTNER_AUDIENCE)));
    assert!(api.is_good(&partners).await);
    assert_eq!(partner_calls(&api, "/tenant/introspect"), 0);
    assert_eq!(api.calls(INTROSPECTION), 1);
}

/// Its name in `iss` is that of its metadata, to the last slash.
#[tokio::test]
async fn the_apis_own_issuer_may_have_a_slash_at_its_end() {
    const WITH_SLASH: &str = "https://issuer.example.com/";
    let (issuers, clock, signer) = (
        Issuers::default(),
        Clock::fixed(NOW),
        Signer::new("ES256", "first"),
    );
    issuers.add(WITH_SLASH, &signer);
    let auth = builder(&issuers, &clock).build().unwrap();
    let good = async |auth: &MonoCloud, iss: &str| {
        let token = signer.access_token(&of(iss, json!(AUDIENCE)));
        auth.validate_access_token(&token, AccessTokenRequirement::new())
            .await
            .is_ok()
    };
    assert!(good(&auth, WITH_SLASH).await);
    assert!(!good(&auth, ISSUER).await);
}

/// Clients compare it with the metadata that they find there (RFC 8414 §3.3).
#[tokio::test]
async fn the_apis_description_names_issuers_as_they_name_themselves() {
    const WITH_SLASH: &str = "https://issuer.example.com/";
    let (issuers, clock, signer) = (
        Issuers::default(),
        Clock::fixed(NOW),
        Signer::new("ES256", "first"),
    );
    issuers.add(WITH_SLASH, &signer);
    let auth = builder(&issuers, &clock)
        .trusted_token_issuers([
            (PARTNER, AUDIENCE),
            ("https://other.example.org", PARTNER_AUDIENCE),
        ])
        .build()
        .unwrap();
    let servers = async || {
        let app: Router = monocloud_routes!(&auth);
        let request = Request::get("/.well-known/oauth-protected-resource");
        let answer = app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let caching = answer.headers()["cache-control"].to_str().unwrap().to_owned();
        let body = axum::body::to_bytes(answer.into_body(), 65_536).await.unwrap();
        let document: Value = serde_json::from_slice(&body).unwrap();
        (document["authorization_servers"].clone(), caching)
    };
    issuers.down(WITH_SLASH, true);
    let (named, caching) = servers().await;
    assert_eq!(named, json!([ISSUER, PARTNER]), "what is configured");
    assert_eq!(caching, "no-store", "the name may be wrong");
    issuers.down(WITH_SLASH, false);
    // A failure is remembered for a second.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let (named, caching) = servers().await;
    assert_eq!(named, json!([WITH_SLASH, PARTNER]));
    assert_eq!(caching, "public, max-age=300");
}

#[tokio::test]
async fn an_api_with_an_issuer_of_its_own_has_nothing_to_do_with_the_sign_ins() {
    let api = Api::with("ES256", |settings| {
        settings
            .api_tenant_domain(PARTNER)
            .api_client_id("api")
            .api_client_secret("s3cret-of-the-api")
    });
    let partner = Signer::new("PS256", "first");
    api.issuers.add(PARTNER, &partner);
    api.issuers
        .change(PARTNER, "/tenant/.well-known/openid-configuration", |metadata| {
            // What sign-ins need does not matter here.
            let members = metadata.as_object_mut().unwrap();
            members.remove("authorization_endpoint");
            members.remove("token_endpoint");
        });
    api.issuers
        .introspect(PARTNER, |_| Answer::Json(json!({ "active": false })));
    assert!(
        api.is_good(&partner.access_token(&of(PARTNER, json!(AUDIENCE))))
            .await
    );
    api.refuses("of the sign-in's issuer", &api.signer.access_token(&claims()))
        .await;
    assert_eq!(api.calls(METADATA), 0);
}

#[tokio::test]
async fn the_groups_of_another_issuer_are_nobodys_here_unless_that_is_said() {
    let asked = || AccessTokenRequirement::new().groups(["admin"]);
    let two = two();
    let token = two.partner.access_token(&of(PARTNER, json!(PARTNER_AUDIENCE)));
    let claims = two.api.validate(&token).await.unwrap();
    assert_eq!(claims.claim("groups").unwrap()[0], "admin");
    assert!(!claims.user().unwrap().is_in_group("admin"));
    for requirement in [asked(), asked().groups_claim("groups")] {
        let outcome = two.api.auth.validate_access_token(&token, requirement).await;
        assert!(
            matches!(outcome, Err(AccessTokenError::WrongGroup)),
            "{outcome:?}"
        );
    }
    let own = two.api.signer.access_token(&crate::api::claims());
    assert!(two.api.auth.validate_access_token(&own, asked()).await.is_ok());
    let two = two_with(|builder| builder.trusted_issuers_groups_claim("groups"));
    let token = two.partner.access_token(&of(PARTNER, json!(PARTNER_AUDIENCE)));
    assert!(two.api.auth.validate_access_token(&token, asked()).await.is_ok());
}
