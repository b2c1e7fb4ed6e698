//! The userinfo route, and the routes' errors in the hands of the application.

use axum::Router;
use axum::response::{IntoResponse, Response};
use http::Method;
use monocloud_runtime::settings::Builder;
use monocloud_runtime::testing::{Endpoint, Fault};
use monocloud_runtime::testing::{Provider, ProviderUser, session_cookie};
use monocloud_runtime::{Failure, monocloud_routes};
use serde_json::json;

use crate::fixtures::{Browser, app, at_rest, call, get, mira, provider, settings, settings_of};

const PATH: &str = "/api/auth/userinfo";

#[tokio::test]
async fn other_methods_are_405_and_prefetches_401() {
    let (auth, _) = at_rest(settings());
    for method in [
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::DELETE,
        Method::OPTIONS,
    ] {
        let answer = call(&app(&auth), method.clone(), PATH, &[]).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("allow")),
            (405, Some("GET")),
            "{method}"
        );
    }
    assert_eq!(
        get(&app(&auth), PATH, &[("sec-purpose", "prefetch")])
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn signed_out_is_204_and_signed_in_is_200_with_the_claims_at_the_top() {
    let (auth, _) = at_rest(settings());
    let answer = get(&app(&auth), PATH, &[]).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (204, ""));
    assert_eq!(answer.header("cache-control"), Some("private, no-store"));

    let cookie = session_cookie(&auth, mira().claim("department", json!({"id": 7})));
    let answer = get(&app(&auth), PATH, &[("cookie", &cookie)]).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("content-type")),
        (200, Some("application/json"))
    );
    assert_eq!(
        answer.json(),
        json!({
            "sub": "mira", "name": "Mira Adler", "groups": ["admin", "editor"], "department": {"id": 7},
        })
    );
    assert_eq!(answer.header("cache-control"), Some("private, no-store"));
}

/// As a script of the app asks.
async fn refetch(browser: &mut Browser) -> crate::fixtures::Answer {
    let own = [("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors")];
    browser
        .call(Method::GET, "/api/auth/userinfo?refetch=true", &own)
        .await
}

/// Signed in as someone whose claims then change at the issuer.
async fn changed(settings: fn(&Provider) -> Builder) -> (Provider, Browser) {
    let before = ProviderUser::new("ada")
        .name("Ada")
        .claim("nickname", "Countess")
        .groups(["old"]);
    let provider = provider(Provider::builder().user(before)).await;
    let auth = settings(&provider).build().unwrap();
    let mut browser = Browser::new(&app(&auth));
    assert_eq!(browser.sign_in(&provider, "ada").await.status, 303);
    provider.put_user(ProviderUser::new("ada").name("Ada Lovelace").groups(["new"]));
    (provider, browser)
}

#[tokio::test]
async fn it_is_fetched_anew_when_that_is_asked_for_and_kept() {
    let (provider, mut browser) = changed(settings_of).await;
    for stale in [PATH, "/api/auth/userinfo?refetch=false"] {
        assert_eq!(browser.get(stale).await.json()["name"], "Ada", "{stale}");
    }
    assert_eq!(provider.calls(Endpoint::Userinfo), 1, "at sign-in");
    let fresh = refetch(&mut browser).await.json();
    assert_eq!(
        (&fresh["name"], &fresh["groups"]),
        (&json!("Ada Lovelace"), &json!(["new"]))
    );
    assert_eq!(fresh["nickname"], "Countess", "merged");
    let mut kept = browser.get("/api/me").await.json();
    assert!(kept.as_object_mut().unwrap().remove("sid").is_some(), "{kept}");
    assert_eq!(kept, fresh, "kept in the session, and no script is told `sid`");
}

#[tokio::test]
async fn it_is_fetched_anew_every_time_when_that_is_set() {
    let (provider, mut browser) = changed(|provider| settings_of(provider).refetch_user_info(true)).await;
    assert_eq!(browser.get(PATH).await.json()["name"], "Ada Lovelace");
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    browser.get(PATH).await;
    assert_eq!(provider.calls(Endpoint::Userinfo), 3);
}

#[tokio::test]
async fn a_session_is_refetched_once_a_second_however_many_ask() {
    for settings in [
        settings_of,
        (|provider| settings_of(provider).refetch_user_info(true)) as fn(&Provider) -> Builder,
    ] {
        let (provider, mut browser) = changed(settings).await;
        provider.fault(Fault::Slow(
            Endpoint::Userinfo,
            std::time::Duration::from_millis(50),
        ));
        let app = browser.app().clone();
        let cookies = browser.cookies();
        let headers = [("cookie", cookies.as_str()), ("sec-fetch-site", "same-origin")];
        let path = "/api/auth/userinfo?refetch=true";
        let asked = (0..20).map(|_| get(&app, path, &headers));
        for answer in futures_util::future::join_all(asked).await {
            assert_eq!(answer.json()["name"], "Ada Lovelace");
        }
        assert_eq!(refetch(&mut browser).await.json()["name"], "Ada Lovelace");
        assert_eq!(provider.calls(Endpoint::Userinfo), 2, "at sign-in, and once");
    }
}

#[tokio::test]
async fn another_site_refetches_nothing() {
    let (provider, mut browser) = changed(settings_of).await;
    for headers in [
        &[][..],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
        &[("origin", "https://evil.example")],
    ] {
        let answer = browser
            .call(Method::GET, "/api/auth/userinfo?refetch=true", headers)
            .await;
        assert_eq!(answer.json()["name"], "Ada", "{headers:?}: as it is known");
    }
    assert_eq!(provider.calls(Endpoint::Userinfo), 1, "at sign-in");
}

#[tokio::test]
async fn strict_profile_sync_replaces_what_is_gone() {
    let (_provider, mut browser) = changed(|provider| settings_of(provider).strict_profile_sync(true)).await;
    let fresh = refetch(&mut browser).await.json();
    assert_eq!(
        (&fresh["name"], &fresh["nickname"]),
        (&json!("Ada Lovelace"), &json!(null))
    );
    assert_eq!(fresh["sub"], "ada");
}

#[tokio::test]
async fn userinfo_has_no_say_in_what_the_id_token_proves() {
    let (provider, mut browser) = changed(|provider| settings_of(provider).strict_profile_sync(true)).await;
    let before = browser.get(PATH).await.json();
    provider.tamper_userinfo(|claims| {
        for name in [
            "iss",
            "aud",
            "exp",
            "iat",
            "nonce",
            "sid",
            "acr",
            "amr",
            "auth_time",
        ] {
            claims[name] = json!("chosen");
        }
    });
    let after = refetch(&mut browser).await.json();
    for name in [
        "iss",
        "aud",
        "exp",
        "iat",
        "nonce",
        "sid",
        "acr",
        "amr",
        "auth_time",
    ] {
        assert_eq!(after[name], before[name], "{name}");
    }
}

#[tokio::test]
async fn another_subject_is_refused_and_the_session_stays_as_it_was() {
    let (provider, mut browser) = changed(settings_of).await;
    provider.fault(Fault::UserinfoWrongSub);
    let answer = refetch(&mut browser).await;
    assert!(!answer.status.is_success(), "{answer:?}");
    assert_eq!(answer.json()["error"], "userinfo_subject");
    provider.clear_faults();
    // Later than the moment for which a refetch is remembered.
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    provider.fault(Fault::Status(Endpoint::Userinfo, 503));
    let answer = refetch(&mut browser).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.json()["error"]),
        (503, &json!("unreachable"))
    );
    assert_eq!(browser.get("/api/me").await.json()["name"], "Ada");
}

#[tokio::test]
async fn it_is_not_fetched_at_sign_in_when_that_is_off() {
    let (provider, mut browser) = changed(|provider| settings_of(provider).fetch_user_info(false)).await;
    assert_eq!(provider.calls(Endpoint::Userinfo), 0);
    assert_eq!(browser.get(PATH).await.json()["name"], json!(null));
}

async fn show(failure: Failure) -> Response {
    let text = format!(
        "{} {} {}",
        failure.error().code(),
        failure.status().as_u16(),
        failure.uri().path()
    );
    (http::StatusCode::IM_A_TEAPOT, text).into_response()
}

#[tokio::test]
async fn on_error_answers_in_place_of_the_library() {
    let provider = provider(Provider::builder()).await;
    let auth = settings_of(&provider).build().unwrap();
    let app: Router = Router::new()
        .merge(monocloud_routes!(auth, on_error = show))
        .layer(auth.layer());
    let unknown = get(&app, "/api/auth/callback?code=x&state=y", &[]).await;
    assert_eq!(unknown.status, 418);
    assert_eq!(unknown.body, "unknown_transaction 400 /api/auth/callback");

    let mut browser = Browser::new(&app);
    let started = browser.start("").await;
    let callback = crate::fixtures::answer_login(&provider, started.location(), &[("action", "deny")]).await;
    let refused = browser.get(&callback).await;
    assert_eq!(refused.body, "refused 400 /api/auth/callback");
    assert_eq!(browser.pending(), 0, "cookies are written all the same");
    assert_eq!(refused.header("cache-control"), Some("private, no-store"));

    let image = get(&app, "/api/auth/signout", &[("sec-fetch-dest", "image")]).await;
    assert_eq!(image.body, "invalid_request 400 /api/auth/signout");
    assert_eq!(
        get(&app, "/api/auth/signin", &[]).await.status,
        303,
        "what works is not asked about"
    );
}
