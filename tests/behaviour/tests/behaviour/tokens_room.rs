//! Room for tokens: what gives way, in which order, and what is known before the refresh token is spent.

use monocloud_runtime::settings::{Builder, CookieBudget};
use monocloud_runtime::testing::{access_token, refresh_token};
use serde_json::json;

use crate::fixtures::{Site, mira};

const RESOURCES: usize = 9;

fn resource(number: usize) -> String {
    format!("https://{number}.example.com")
}

fn resources() -> Vec<String> {
    (0..RESOURCES).map(resource).collect()
}

fn settings(settings: Builder) -> Builder {
    settings
        .fetch_user_info(false)
        .resources(resources().into_iter().map(|resource| (resource, String::new())))
}

/// All access tokens are opaque, and of one length.
async fn site() -> Site {
    Site::with(|provider| provider.opaque_resources(resources()), settings).await
}

async fn ask(site: &mut Site, number: usize) {
    site.tokens(&format!("?resource={}", resource(number))).await;
}

fn refresh_token_of(site: &Site) -> Option<String> {
    refresh_token(&site.session().unwrap()).map(str::to_owned)
}

/// From now on access tokens have so many bytes.
fn grow_access_tokens(site: &Site, bytes: usize) {
    // It says nothing of a token that was changed on the way.
    site.provider.tamper_id_token(|_, claims| {
        claims.remove("at_hash");
    });
    site.provider
        .tamper_token_response(move |answer| answer["access_token"] = json!("t".repeat(bytes)));
}

#[tokio::test]
async fn of_more_than_eight_access_tokens_the_oldest_gives_way() {
    let mut site = site().await;
    let default = site.tokens("").await;
    for number in 0..7 {
        ask(&mut site, number).await;
    }
    let calls = site.token_calls();
    for number in 0..7 {
        ask(&mut site, number).await;
    }
    assert_eq!(site.token_calls(), calls, "with the default one they are eight");
    ask(&mut site, 7).await;
    for number in 1..8 {
        ask(&mut site, number).await;
    }
    assert_eq!(site.token_calls(), calls + 1, "the others are there");
    ask(&mut site, 0).await;
    assert_eq!(site.token_calls(), calls + 2, "the oldest was not");
    assert_eq!(site.tokens("").await["access"], default["access"]);
    assert_eq!(site.token_calls(), calls + 2, "and the default one stays");
}

/// The limit leaves room for what is there, and for no further token.
#[tokio::test]
async fn what_would_not_fit_is_known_before_the_refresh_token_is_spent() {
    let tight = |settings: Builder, limit| {
        let budget = CookieBudget::new().trim_above(1_024).refuse_above(limit);
        settings.cookie_budget(budget)
    };
    let mut site = Site::with(
        |provider| provider.opaque_resources(resources()),
        |builder| tight(settings(builder), 15_360),
    )
    .await;
    // A limit is no less than 1,024.
    site.provider.put_user(mira().claim("about", "x".repeat(1_000)));
    site.tokens("?refetch=").await;
    let limit = site.browser.cookies().len() + 20;
    let mut site = site.with_settings(|builder| tight(settings(builder), limit));
    let (calls, refresh_token) = (site.token_calls(), refresh_token_of(&site));
    for _ in 0..2 {
        let query = format!("?resource={}", resource(0));
        let refused = site.refused(&query).await;
        assert_eq!(refused, (500, "session_too_large".to_owned()));
    }
    assert_eq!(site.token_calls(), calls, "the issuer was not asked");
    assert_eq!(refresh_token_of(&site), refresh_token);
    // What is in place of something else fits.
    site.tokens("?force=").await;
    assert_eq!(site.token_calls(), calls + 1);
    assert_ne!(refresh_token_of(&site), refresh_token);
}

/// How long a token is that comes for the first time, nobody knows before.
#[tokio::test]
async fn a_token_that_turns_out_too_long_is_given_and_the_refresh_token_is_kept() {
    let mut site = site().await;
    let earlier = refresh_token_of(&site);
    grow_access_tokens(&site, 20_000);
    let given = site.tokens("?force=").await;
    assert_eq!(given["access"].as_str().unwrap().len(), 20_000);
    let session = site.session().unwrap();
    assert_eq!(access_token(&session), None);
    let kept = refresh_token_of(&site);
    assert!(kept.is_some() && kept != earlier);

    site.provider.clear_faults();
    ask(&mut site, 0).await;
    let of_resource = site.tokens(&format!("?resource={}", resource(0))).await;
    let default = site.tokens("").await;
    assert_ne!(
        default["access"], of_resource["access"],
        "a token for a resource is never given as the default one"
    );
    assert_eq!(default["resource"], json!([]));
}

#[tokio::test]
async fn the_oldest_gives_way_to_what_would_not_fit_and_the_refresh_token_never() {
    let mut site = site().await;
    grow_access_tokens(&site, 2_500);
    let mut calls = site.token_calls();
    for number in 0..6 {
        let before = refresh_token_of(&site);
        ask(&mut site, number).await;
        calls += 1;
        assert_eq!(site.token_calls(), calls);
        let after = refresh_token_of(&site);
        assert!(after.is_some() && after != before);
    }
    ask(&mut site, 5).await;
    assert_eq!(site.token_calls(), calls, "the newest is there");
    ask(&mut site, 0).await;
    assert_eq!(site.token_calls(), calls + 1, "the oldest was not");
}
