//! The sign-out route: whom it signs out, and where the browser goes then.

use std::time::Duration;

use http::Method;
use monocloud_runtime::MonoCloud;
use monocloud_runtime::settings::Builder;
use monocloud_runtime::testing::{Endpoint, Fault};
use monocloud_runtime::testing::{Provider, session_cookie};

use crate::fixtures::{
    Answer, Browser, ORIGIN, app, at_rest, call, get, logged, mira, provider, settings, settings_of,
};

#[tokio::test]
async fn other_methods_and_prefetches_sign_nobody_out() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth);
    let cookie = session_cookie(&auth, mira());
    let signed_in: (&str, &str) = ("cookie", &cookie);
    for method in [Method::HEAD, Method::PUT, Method::DELETE, Method::OPTIONS] {
        let answer = call(&app, method.clone(), "/api/auth/signout", &[signed_in]).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("allow")),
            (405, Some("GET, POST")),
            "{method}"
        );
        assert!(answer.cookies().is_empty(), "{answer:?}");
        assert_eq!(answer.header("cache-control"), Some("private, no-store"));
    }
    for header in [
        ("sec-purpose", "prefetch"),
        ("purpose", "prefetch"),
        ("x-moz", "prefetch"),
    ] {
        let answer = get(&app, "/api/auth/signout", &[signed_in, header]).await;
        assert_eq!(
            (answer.status.as_u16(), answer.cookies().len()),
            (401, 0),
            "{header:?}"
        );
        assert_eq!(answer.header("cache-control"), Some("private, no-store"));
    }
    assert_eq!(get(&app, "/page", &[signed_in]).await.status, 200);
}

#[tokio::test]
async fn an_image_signs_nobody_out() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth);
    let cookie = session_cookie(&auth, mira());
    for embedded in ["image", "script", "style", "iframe", "empty", "video"] {
        let headers = [("cookie", cookie.as_str()), ("sec-fetch-dest", embedded)];
        let answer = get(&app, "/api/auth/signout", &headers).await;
        assert_eq!(
            (answer.status.as_u16(), answer.cookies().len()),
            (400, 0),
            "{embedded}: {answer:?}"
        );
    }
    assert_eq!(get(&app, "/page", &[("cookie", &cookie)]).await.status, 200);
    let headers = [("cookie", cookie.as_str()), ("sec-fetch-dest", "document")];
    assert_eq!(
        get(&app, "/api/auth/signout", &headers).await.deleted(),
        ["session"]
    );
}

/// Where a sign-out without the issuer ends.
async fn end(settings: Builder, post_logout_url: &str) -> Answer {
    let (auth, _) = at_rest(settings.federated_sign_out(false));
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("post_logout_url", post_logout_url)
        .finish();
    let answer = get(&app(&auth), &format!("/api/auth/signout?{query}"), &[]).await;
    assert_eq!(answer.status, 303, "{post_logout_url}: {answer:?}");
    answer
}

#[tokio::test]
async fn a_post_logout_url_elsewhere_is_passed_over() {
    let listed = || {
        settings().post_logout_redirect_uris(["https://partner.example/bye?x=1", "https://other.example/"])
    };
    for elsewhere in [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "https:evil.example",
        "javascript:alert(1)",
        "https://partner.example/",
        "https://partner.example/bye",
        "https://partner.example/bye?x=1&y=2",
        "https://partner.example/bye?x=1#there",
        "http://partner.example/bye?x=1",
        "https://partner.example.evil.example/bye?x=1",
        "https://other.example/below",
        "http://localhost:3001/",
        "/api/auth/signout",
    ] {
        assert_eq!(end(listed(), elsewhere).await.location(), ORIGIN, "{elsewhere}");
    }
}

#[tokio::test]
async fn a_post_logout_url_may_be_on_this_site_or_listed() {
    let listed =
        || settings().post_logout_redirect_uris(["https://partner.example/bye?x=1", "https://other.example"]);
    for (given, location) in [
        ("/bye?x=1#y", "http://localhost:3000/bye?x=1#y"),
        ("bye", "http://localhost:3000/bye"),
        ("http://localhost:3000/bye", "http://localhost:3000/bye"),
        (
            "https://partner.example/bye?x=1",
            "https://partner.example/bye?x=1",
        ),
        ("https://other.example", "https://other.example/"),
        ("", "http://localhost:3000/"),
    ] {
        assert_eq!(end(listed(), given).await.location(), location, "{given}");
    }
}

#[tokio::test]
async fn a_post_logout_url_given_twice_is_refused_and_signs_nobody_out() {
    let (auth, _) = at_rest(settings());
    let cookie = session_cookie(&auth, mira());
    let path = "/api/auth/signout?post_logout_url=/a&post_logout_url=/b";
    let answer = get(&app(&auth), path, &[("cookie", &cookie)]).await;
    assert_eq!(
        (answer.status.as_u16(), answer.cookies().len()),
        (400, 0),
        "{answer:?}"
    );
}

#[tokio::test]
async fn the_default_end_is_the_app_or_what_is_set_relative_to_it() {
    for (app_url, set, location) in [
        (ORIGIN, None, "http://localhost:3000"),
        (ORIGIN, Some("/bye"), "http://localhost:3000/bye"),
        (ORIGIN, Some("/tschüß"), "http://localhost:3000/tsch%C3%BC%C3%9F"),
        (
            ORIGIN,
            Some("https://www.example.com/bye"),
            "https://www.example.com/bye",
        ),
        (
            "https://example.com/app",
            Some("/bye"),
            "https://example.com/app/bye",
        ),
        ("https://example.com/app/", None, "https://example.com/app"),
    ] {
        let mut builder = settings().app_url(app_url);
        if let Some(set) = set {
            builder = builder.post_logout_redirect_uri(set);
        }
        let (auth, _) = at_rest(builder);
        let answer = get(&app(&auth), "/api/auth/signout", &[]).await;
        assert_eq!(
            (answer.status.as_u16(), answer.location()),
            (303, location),
            "{set:?}"
        );
    }
}

#[tokio::test]
async fn the_session_ends_at_both_ends() {
    let provider = provider(Provider::builder()).await;
    let auth = settings_of(&provider).build().unwrap();
    let mut browser = Browser::new(&app(&auth));
    browser.sign_in(&provider, "mira").await;
    let answer = browser.get("/api/auth/signout?post_logout_url=/bye").await;
    assert!(
        answer.location().starts_with(&provider.url(Endpoint::EndSession)),
        "{answer:?}"
    );
    assert_eq!(answer.asked("client_id").as_deref(), Some(provider.client_id()));
    assert_eq!(
        answer.asked("post_logout_redirect_uri").as_deref(),
        Some("http://localhost:3000/bye")
    );
    assert_eq!(answer.asked("id_token_hint").unwrap().split('.').count(), 3);
    assert!(answer.asked("state").is_some());
    assert_eq!(answer.header("cache-control"), Some("private, no-store"));
    assert!(browser.jar.is_empty(), "{:?}", browser.names());
    assert_eq!(browser.get("/page").await.status, 303);
}

#[tokio::test]
async fn without_a_session_the_issuer_is_not_bothered() {
    let provider = provider(Provider::builder()).await;
    let auth = settings_of(&provider).build().unwrap();
    for headers in [&[][..], &[("cookie", "session=garbage")]] {
        let answer = get(&app(&auth), "/api/auth/signout", headers).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, ORIGIN));
    }
    assert_eq!(provider.calls(Endpoint::Discovery), 0);
}

#[tokio::test]
async fn sign_out_stays_here_when_it_is_not_federated() {
    let provider = provider(Provider::builder()).await;
    let auth = settings_of(&provider).federated_sign_out(false).build().unwrap();
    let mut browser = Browser::new(&app(&auth));
    browser.sign_in(&provider, "mira").await;
    let answer = browser.get("/api/auth/signout").await;
    assert_eq!((answer.location(), browser.jar.len()), (ORIGIN, 0));
}

#[tokio::test]
async fn sign_out_stays_here_when_the_issuer_has_no_end_session_endpoint() {
    let provider = provider(Provider::builder()).await;
    provider.tamper_metadata(|metadata| {
        metadata.as_object_mut().unwrap().remove("end_session_endpoint");
    });
    let auth = settings_of(&provider).build().unwrap();
    let cookie = session_cookie(&auth, mira());
    let answer = get(&app(&auth), "/api/auth/signout", &[("cookie", &cookie)]).await;
    assert_eq!(
        (answer.location(), answer.deleted()),
        (ORIGIN, vec!["session".to_owned()])
    );
}

#[tokio::test]
async fn an_issuer_that_keeps_its_session_is_one_line_in_the_log() {
    let provider = provider(Provider::builder()).await;
    provider.tamper_metadata(|metadata| {
        metadata.as_object_mut().unwrap().remove("end_session_endpoint");
    });
    let said = async |auth: &MonoCloud| {
        let cookie = session_cookie(auth, mira());
        let (_, log) = logged(get(&app(auth), "/api/auth/signout", &[("cookie", &cookie)])).await;
        log.contains("WARN")
            && log.contains("MONOCLOUD_AUTH_LOGOUT_URL")
            && log.contains("end_session_endpoint")
    };
    let auth = settings_of(&provider).build().unwrap();
    assert!(said(&auth).await && !said(&auth).await, "once");
    let here = settings_of(&provider).federated_sign_out(false).build().unwrap();
    assert!(!said(&here).await, "it is meant to stay here");
    let elsewhere = settings_of(&provider).logout_url("https://issuer.example/logout?client_id={client_id}");
    assert!(!said(&elsewhere.build().unwrap()).await, "it has a logout page");
}

#[tokio::test]
async fn a_logout_page_that_is_set_is_where_the_browser_goes_when_the_metadata_has_none() {
    let provider = provider(Provider::builder()).await;
    let set = |provider: &Provider| {
        settings_of(provider)
            .logout_url("https://issuer.example/logout?id={client_id}&to={post_logout_redirect_uri}")
    };
    let out = async |auth: &MonoCloud, query: &str| {
        let cookie = session_cookie(auth, mira());
        let path = format!("/api/auth/signout{query}");
        get(&app(auth), &path, &[("cookie", &cookie)]).await
    };
    // The endpoint of the metadata is preferred.
    let answer = out(&set(&provider).build().unwrap(), "").await;
    assert!(answer.location().starts_with(&provider.url(Endpoint::EndSession)));
    provider.tamper_metadata(|metadata| {
        metadata.as_object_mut().unwrap().remove("end_session_endpoint");
    });
    let auth = set(&provider).build().unwrap();
    for (query, to) in [
        ("", ORIGIN.to_owned()),
        (
            "?post_logout_url=%2Fbye%3Fx%3D1%26to%3D2",
            format!("{ORIGIN}/bye?x=1&to=2"),
        ),
        ("?post_logout_url=https%3A%2F%2Fevil.example", ORIGIN.to_owned()),
    ] {
        let answer = out(&auth, query).await;
        assert!(
            answer.location().starts_with("https://issuer.example/logout?"),
            "{answer:?}"
        );
        assert_eq!(answer.asked("id").as_deref(), Some(provider.client_id()));
        assert_eq!(answer.asked("to"), Some(to), "{query}");
        assert_eq!(answer.deleted(), ["session"]);
    }
    let here = set(&provider).federated_sign_out(false).build().unwrap();
    assert_eq!(out(&here, "").await.location(), ORIGIN);
}

#[tokio::test]
async fn an_issuer_that_is_down_or_silent_keeps_nobody_signed_in() {
    let down = settings().build().unwrap();
    let silent = provider(Provider::builder()).await;
    silent.fault(Fault::Slow(Endpoint::Discovery, Duration::from_secs(20)));
    let silent = settings_of(&silent)
        .response_timeout(Duration::from_millis(800))
        .build()
        .unwrap();
    for auth in [down, silent] {
        let app = app(&auth);
        let cookie = session_cookie(&auth, mira());
        let answer = get(&app, "/api/auth/signout", &[("cookie", &cookie)]).await;
        assert_eq!(
            (answer.status.as_u16(), answer.location()),
            (303, ORIGIN),
            "{answer:?}"
        );
        assert_eq!(answer.deleted(), ["session"]);
        assert_eq!(get(&app, "/page", &[("cookie", &cookie)]).await.status, 303);
    }
}
