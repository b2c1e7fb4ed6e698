//! Links to sign in, sign up and sign out, as templates print them.

use axum::Router;
use axum::extract::State;
use axum::routing::get as on_get;
use monocloud_runtime::settings::AuthParams;
use monocloud_runtime::testing::Provider;
use monocloud_runtime::{Auth, MonoCloud, monocloud_routes};

use crate::fixtures::{
    Answer, Browser, ORIGIN, app, at_rest, choose, get, parameter, provider, settings, settings_of,
};

/// What the sign-in route answers when a link is followed.
async fn followed(app: &Router, link: &str) -> Answer {
    let answer = get(app, link.strip_prefix(ORIGIN).unwrap(), &[]).await;
    assert_eq!(answer.status, 303, "{link}: {answer:?}");
    answer
}

#[tokio::test]
async fn plain_links_are_readable() {
    let (auth, _) = at_rest(settings());
    let signin = format!("{ORIGIN}/api/auth/signin");
    assert_eq!(auth.sign_in_url().to_string(), signin);
    assert_eq!(
        auth.sign_in_url().return_url("/a?b=c&d#e").to_string(),
        format!("{signin}?return_url=%2Fa%3Fb%3Dc%26d%23e")
    );
    assert_eq!(auth.sign_up_url().to_string(), format!("{signin}?register=true"));
    let out = format!("{ORIGIN}/api/auth/signout");
    assert_eq!(auth.sign_out_url().to_string(), out);
    assert_eq!(
        auth.sign_out_url().post_logout_url("/bye").to_string(),
        format!("{out}?post_logout_url=%2Fbye")
    );
}

#[tokio::test]
async fn the_routes_paths_are_readable() {
    let routes = monocloud_runtime::settings::Routes::new()
        .sign_in("/in")
        .callback("/back");
    let (auth, _) = at_rest(settings().app_url("http://localhost:3000/app").routes(routes));
    let found = auth.routes();
    assert_eq!((found.sign_in, found.callback), ("/in", "/back"));
    assert_eq!(
        (found.user_info, found.sign_out),
        ("/api/auth/userinfo", "/api/auth/signout")
    );
    assert_eq!(auth.redirect_uri(), "http://localhost:3000/app/back");
}

#[tokio::test]
async fn a_link_stays_on_this_site_and_in_its_attribute() {
    let (auth, _) = at_rest(settings());
    for evil in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\"><script>alert(1)</script>",
        "javascript:alert(1)",
        "/api/auth/signout",
        "",
    ] {
        let links = [
            auth.sign_in_url().return_url(evil).to_string(),
            auth.sign_in_url().return_url(evil).prompt(evil).to_string(),
            auth.sign_out_url().post_logout_url(evil).to_string(),
        ];
        for link in links {
            assert!(link.starts_with(ORIGIN), "{link}");
            assert!(!link.contains(['"', '\'', '<', '>', ' ']), "{link}");
            assert!(!link.contains("evil.example"), "{link}");
        }
    }
}

#[tokio::test]
async fn what_a_link_asks_for_is_sealed_and_asked_for() {
    let provider = provider(Provider::builder()).await;
    let auth = settings_of(&provider).build().unwrap();
    let app = app(&auth);
    let link = auth
        .sign_in_url()
        .return_url("/page")
        .prompt("login")
        .login_hint("mira@example.com")
        .max_age(60)
        .acr_values("urn:mfa")
        .ui_locales("pt")
        .display("popup")
        .authenticator_hint("passkey")
        .to_string();
    for hidden in ["prompt", "login", "mira", "page", "return_url"] {
        assert!(
            !link[ORIGIN.len() + "/api/auth/signin".len()..].contains(hidden),
            "{link}"
        );
    }
    let started = followed(&app, &link).await;
    for (name, value) in [
        ("prompt", "login"),
        ("login_hint", "mira@example.com"),
        ("max_age", "60"),
        ("acr_values", "urn:mfa"),
        ("ui_locales", "pt"),
        ("display", "popup"),
        ("authenticator_hint", "passkey"),
    ] {
        assert_eq!(started.asked(name).as_deref(), Some(value), "{name}");
    }
    let mut browser = Browser::new(&app);
    let started = browser.get(link.strip_prefix(ORIGIN).unwrap()).await;
    let callback = choose(&provider, started.location(), "mira").await;
    assert_eq!(browser.get(&callback).await.location(), format!("{ORIGIN}/page"));
}

#[tokio::test]
async fn a_sealed_value_wins_over_anybodys_query() {
    let provider = provider(Provider::builder()).await;
    for allowed in [false, true] {
        let auth = settings_of(&provider)
            .allow_query_param_overrides(allowed)
            .build()
            .unwrap();
        let link = auth.sign_in_url().prompt("login").to_string();
        let started = followed(&app(&auth), &format!("{link}&prompt=none")).await;
        assert_eq!(started.asked("prompt").as_deref(), Some("login"));
    }
}

#[tokio::test]
async fn what_expired_or_cannot_be_read_is_a_plain_sign_in() {
    let provider = provider(Provider::builder()).await;
    let (auth, clock) = at_rest(settings_of(&provider));
    let app = app(&auth);
    let link = auth.sign_in_url().return_url("/page").prompt("login").to_string();
    let value = parameter(&link, "sealed").unwrap();
    let of = |value: &str| format!("{ORIGIN}/api/auth/signin?sealed={value}");
    let plain = |answer: &Answer| answer.asked("prompt").is_none();
    assert!(!plain(&followed(&app, &of(&value)).await));
    let others = at_rest(settings_of(&provider).cookie_secret(crate::fixtures::OTHER_SECRET)).0;
    let foreign = parameter(&others.sign_in_url().prompt("login").to_string(), "sealed").unwrap();
    let half = &value[..value.len() / 2];
    let mut flipped = value.clone().into_bytes();
    flipped[20] = if flipped[20] == b'A' { b'B' } else { b'A' };
    let flipped = String::from_utf8(flipped).unwrap();
    let twice = format!("{value}&sealed={value}");
    for unreadable in [
        "",
        "x",
        "%FF%FE",
        half,
        &flipped,
        &foreign,
        &"A".repeat(1_000),
        &"A".repeat(6_000),
        &twice,
    ] {
        assert!(plain(&followed(&app, &of(unreadable)).await), "{unreadable}");
    }
    // A page that was open while the secret was replaced goes on.
    let replaced = settings_of(&provider)
        .cookie_secret(crate::fixtures::OTHER_SECRET)
        .previous_cookie_secrets([crate::fixtures::SECRET])
        .clock(clock.clone())
        .build()
        .unwrap();
    assert!(!plain(&followed(&self::app(&replaced), &of(&value)).await));
    clock.advance(86_400);
    assert!(plain(&followed(&app, &of(&value)).await), "expired");
}

#[tokio::test]
async fn only_what_differs_from_the_settings_is_sealed_and_nothing_longer_than_a_kibibyte() {
    let defaults = AuthParams::new().prompt("login").max_age(60);
    let (auth, _) = at_rest(settings().auth_params(defaults));
    let link = auth.sign_in_url().prompt("login").max_age(60).return_url("/x");
    assert_eq!(
        link.to_string(),
        format!("{ORIGIN}/api/auth/signin?return_url=%2Fx")
    );
    assert!(parameter(&auth.sign_in_url().prompt("consent").to_string(), "sealed").is_some());
    let long = format!("/x?{}", "y".repeat(1_500));
    let link = auth.sign_in_url().prompt("consent").return_url(&long).to_string();
    assert!(parameter(&link, "sealed").unwrap().len() <= 1_024, "{link}");
    assert_eq!(parameter(&link, "return_url"), Some(long));
    let link = auth.sign_in_url().login_hint("x".repeat(2_000)).to_string();
    assert_eq!(parameter(&link, "sealed"), None);
}

#[tokio::test]
async fn whoever_else_signs_in_ends_on_the_start_page() {
    let provider = provider(Provider::builder()).await;
    let auth = settings_of(&provider).build().unwrap();
    let app = app(&auth);
    let link = auth
        .sign_in_url()
        .return_url("/page")
        .for_subject("mira")
        .to_string();
    for (user, end) in [("mira", "/page"), ("lin", "/")] {
        let mut browser = Browser::new(&app);
        let started = browser.get(link.strip_prefix(ORIGIN).unwrap()).await;
        let callback = choose(&provider, started.location(), user).await;
        let answer = browser.get(&callback).await;
        assert_eq!(answer.location(), format!("{ORIGIN}{end}"), "{user}");
        assert_eq!(browser.get("/").await.body, format!("signed in as {user}"));
    }
}

#[tokio::test]
async fn somebody_else_is_asked_who_they_are() {
    let provider = provider(Provider::builder()).await;
    let hinted = AuthParams::new().login_hint("lin@example.com");
    let auth = settings_of(&provider).auth_params(hinted).build().unwrap();
    let link = auth.sign_in_url().as_someone_else().to_string();
    let started = followed(&app(&auth), &link).await;
    let prompt = started.asked("prompt").unwrap();
    assert_eq!(prompt, "select_account", "the issuer knows it");
    assert_eq!(
        started.asked("login_hint"),
        None,
        "that would be who it is not to be"
    );
}

#[tokio::test]
async fn links_of_a_page_lead_back_to_it_and_the_client_is_a_state() {
    async fn of_page(auth: Auth) -> String {
        format!(
            "{} {} {}",
            auth.sign_in_url(),
            auth.sign_up_url(),
            auth.sign_out_url()
        )
    }
    async fn of_client(State(auth): State<MonoCloud>) -> String {
        auth.sign_in_url().return_url("/there").to_string()
    }
    let (auth, _) = at_rest(settings());
    let app: Router = Router::new()
        .route("/page", on_get(of_page))
        .route("/state", on_get(of_client))
        .merge(monocloud_routes!(<MonoCloud> auth))
        .layer(auth.layer())
        .with_state(auth.clone());
    let page = get(&app, "/page?x=1", &[]).await.body;
    let links: Vec<&str> = page.split(' ').collect();
    assert_eq!(parameter(links[0], "return_url").as_deref(), Some("/page?x=1"));
    assert_eq!(parameter(links[1], "return_url").as_deref(), Some("/page?x=1"));
    assert_eq!(parameter(links[1], "register").as_deref(), Some("true"));
    assert_eq!(links[2], format!("{ORIGIN}/api/auth/signout"));
    let of_client = get(&app, "/state", &[]).await.body;
    assert_eq!(parameter(&of_client, "return_url").as_deref(), Some("/there"));
}
