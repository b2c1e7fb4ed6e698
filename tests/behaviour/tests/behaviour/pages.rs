//! The pages that the library shows by itself: for visitors, in their words, with a way on; and nothing that they
//! say or carry is anybody else's to have.

use axum::Router;
use axum::routing::get as on_get;
use http::Method;
use monocloud_runtime::settings::{Builder, SameSite, SessionCookie};
use monocloud_runtime::testing::{Endpoint, Fault, Provider, ProviderUser, session_cookie};
use monocloud_runtime::{Denied, MonoCloud, protect};

use crate::fixtures::{
    Answer, Browser, ORIGIN, answer_login, app, at_rest, call, choose, get, lin, mira, parameter, provider,
    settings, settings_of,
};

/// Every page there is, by its name.
async fn pages(look: impl Fn(Builder) -> Builder) -> Vec<(&'static str, Answer)> {
    let (auth, _) = at_rest(look(settings()));
    let down = app(&auth);
    let cookie = session_cookie(&auth, lin());
    let signed_in: (&str, &str) = ("cookie", &cookie);
    let mut pages = vec![
        ("access denied", get(&down, "/admin", &[signed_in]).await),
        (
            "cross-site",
            call(&down, Method::POST, "/page", &[signed_in]).await,
        ),
        (
            "issuer away",
            get(&down, "/api/auth/signin?return_url=/page", &[]).await,
        ),
        (
            "no state",
            get(&down, "/api/auth/callback?code=secret-code", &[]).await,
        ),
        (
            "unknown state",
            get(&down, "/api/auth/callback?code=secret-code&state=x", &[]).await,
        ),
        (
            "sign-in in a frame",
            get(&down, "/api/auth/signin", &[("sec-fetch-dest", "iframe")]).await,
        ),
        (
            "sign-out in an image",
            get(&down, "/api/auth/signout", &[("sec-fetch-dest", "image")]).await,
        ),
    ];
    let provider = provider(Provider::builder().users([with_much(), mira()])).await;
    let strict = SessionCookie::new().same_site(SameSite::Strict);
    let auth = look(settings_of(&provider))
        .session_cookie(strict)
        .build()
        .unwrap();
    pages.push((
        "too much",
        Browser::new(&app(&auth)).sign_in(&provider, "much").await,
    ));
    pages.push((
        "strict",
        Browser::new(&app(&auth)).sign_in(&provider, "mira").await,
    ));
    pages.push(("cancelled", cancelled(&provider, &auth).await));
    provider.fault(Fault::BadSignature);
    pages.push((
        "failed",
        Browser::new(&app(&auth)).sign_in(&provider, "mira").await,
    ));
    pages
}

fn with_much() -> ProviderUser {
    let groups: Vec<String> = (0..2_000)
        .map(|number| format!("a-group-with-a-long-name-{number}"))
        .collect();
    ProviderUser::new("much").groups(groups)
}

async fn cancelled(provider: &Provider, auth: &MonoCloud) -> Answer {
    let mut browser = Browser::new(&app(auth));
    let started = browser.start("?return_url=%2Fpage").await;
    let callback = answer_login(provider, started.location(), &[("action", "deny")]).await;
    browser.get(&callback).await
}

fn title(page: &Answer) -> &str {
    let (_, rest) = page.body.split_once("<title>").unwrap();
    rest.split_once("</title>").unwrap().0
}

#[tokio::test]
async fn no_page_is_kept_sniffed_framed_or_tells_its_address() {
    for (name, page) in pages(|builder| builder).await {
        for (header, value) in [
            ("content-type", "text/html; charset=utf-8"),
            ("cache-control", "private, no-store"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("x-content-type-options", "nosniff"),
        ] {
            assert_eq!(page.header(header), Some(value), "{name}: {page:?}");
        }
        let policy = page.header("content-security-policy").unwrap();
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert!(
            !page.body.contains("<script") && !page.body.contains("secret-code"),
            "{name}: {page:?}"
        );
    }
}

#[tokio::test]
async fn pages_speak_to_visitors_and_show_a_way_on() {
    for (name, page) in pages(|builder| builder).await {
        let text = page.body.split_once("</head>").unwrap().1;
        for word in [
            "MONOCLOUD",
            "InvalidRequest",
            "SessionTooLarge",
            "proxy_buffer_size",
            "cookie",
            "token",
            "signature",
            "`",
            "127.0.0.1",
            "state",
            "Sec-Fetch",
        ] {
            assert!(!text.contains(word), "{word} on {name}: {text}");
        }
        assert!(text.contains("<a "), "{name}: {text}");
        let title = title(&page);
        let later = title.split_once(' ').map_or("", |(_, later)| later);
        assert!(
            title.starts_with(char::is_uppercase) && later == later.to_lowercase(),
            "{title}"
        );
    }
}

#[tokio::test]
async fn pages_take_the_applications_name_and_colour() {
    let plain = pages(|builder| builder).await;
    let named = pages(|builder| builder.page_name("Bread & <Butter>").page_color("#ffe600")).await;
    for ((name, plain), (_, named)) in plain.into_iter().zip(named) {
        assert!(
            title(&named).ends_with(" · Bread &#38; &#60;Butter&#62;"),
            "{name}: {named:?}"
        );
        assert!(
            named.body.contains("--accent:#ffe600;--on-accent:#000"),
            "{name}: {named:?}"
        );
        assert!(
            named.body.contains("fill=&#39;%23ffe600&#39;"),
            "the icon too: {named:?}"
        );
        assert!(
            !plain.body.contains("Bread") && !plain.body.contains("ffe600"),
            "{plain:?}"
        );
        assert!(
            plain
                .body
                .contains("<link rel=\"icon\" href=\"data:image/svg+xml,"),
            "{plain:?}"
        );
    }
}

#[tokio::test]
async fn the_page_of_a_denied_user_says_who_is_signed_in() {
    let (auth, _) = at_rest(settings());
    for (user, shown) in [
        (
            ProviderUser::new("1").name("Lin Sato").email("lin@example.com"),
            "as Lin Sato (lin@example.com),",
        ),
        (
            ProviderUser::new("1").name("Lin <b>").email("x@example.com"),
            "as Lin &#60;b&#62; (x@example.com),",
        ),
        (
            ProviderUser::new("1").name("").email("lin@example.com"),
            "as lin@example.com,",
        ),
        (
            ProviderUser::new("1")
                .name("lin@example.com")
                .email("lin@example.com"),
            "as lin@example.com,",
        ),
    ] {
        let cookie = session_cookie(&auth, user);
        let page = get(&app(&auth), "/admin?x=1", &[("cookie", &cookie)]).await;
        assert!(
            page.status == 403 && page.body.contains(shown),
            "{shown}: {page:?}"
        );
        assert!(
            page.body.contains(&format!("href=\"{ORIGIN}/api/auth/signout\"")),
            "{page:?}"
        );
        let links = links(&page);
        assert_eq!(links.len(), 3, "{links:?}");
        assert_eq!(links[0], "/");
        let other = links[1].strip_prefix(ORIGIN).unwrap();
        assert!(other.starts_with("/api/auth/signin?sealed="), "{links:?}");
    }
}

/// The addresses that the page links to.
fn links(page: &Answer) -> Vec<String> {
    page.body
        .split("<a ")
        .skip(1)
        .map(|rest| rest.split_once("href=\"").unwrap().1.split_once('"').unwrap().0)
        .map(|url| url.replace("&#38;", "&"))
        .collect()
}

#[tokio::test]
async fn who_is_denied_may_sign_in_as_someone_else_and_come_back() {
    let provider = provider(Provider::builder().users([lin(), mira()])).await;
    let auth = settings_of(&provider).build().unwrap();
    let mut browser = Browser::new(&app(&auth));
    browser.sign_in(&provider, "lin").await;
    let page = browser.get("/admin?x=1").await;
    assert_eq!(page.status, 403);
    let other = links(&page).into_iter().nth(1).unwrap();
    assert!(
        other.starts_with(&format!("{ORIGIN}/api/auth/signin?")),
        "{other}"
    );
    assert!(
        !other.contains("prompt"),
        "nobody else can write such a link: {other}"
    );
    let started = browser.get(other.strip_prefix(ORIGIN).unwrap()).await;
    let prompt = started.asked("prompt").unwrap();
    assert!(prompt == "select_account" || prompt == "login", "{prompt}");
    let callback = choose(&provider, started.location(), "mira").await;
    assert_eq!(
        browser.get(&callback).await.location(),
        format!("{ORIGIN}/admin?x=1")
    );
    assert_eq!(browser.get("/admin?x=1").await.body, "administration by mira");
}

async fn own_page(denied: Denied) -> String {
    format!(
        "{} {}",
        denied.sign_in_as_someone_else_url(),
        denied.sign_out_url()
    )
}

#[protect(groups = ["admin"], on_group_access_denied = own_page)]
async fn admins() {}

#[tokio::test]
async fn a_page_of_the_applications_own_has_the_same_links() {
    let (auth, _) = at_rest(settings());
    let app: Router = Router::new().route("/admins", on_get(admins)).layer(auth.layer());
    let cookie = session_cookie(&auth, lin());
    let page = get(&app, "/admins", &[("cookie", &cookie)]).await;
    let (other, out) = page.body.split_once(' ').unwrap();
    assert!(
        other.starts_with(&format!("{ORIGIN}/api/auth/signin?")),
        "{page:?}"
    );
    assert_eq!(out, format!("{ORIGIN}/api/auth/signout"));
}

#[tokio::test]
async fn trying_again_goes_on_to_the_wanted_page() {
    let (auth, _) = at_rest(settings());
    let away = get(&app(&auth), "/api/auth/signin?return_url=%2Fpage%3Fa%3D1", &[]).await;
    assert!(
        away.status == 503 && away.body.contains(">Try again</a>"),
        "{away:?}"
    );
    assert_eq!(
        parameter(&links(&away)[0], "return_url").as_deref(),
        Some("/page?a=1")
    );
    assert!(away.header("retry-after").is_some());

    let provider = provider(Provider::builder()).await;
    let auth = settings_of(&provider).build().unwrap();
    let mut browser = Browser::new(&app(&auth));
    let started = browser.start("?return_url=%2Fpage%3Fa%3D1").await;
    let callback = choose(&provider, started.location(), "mira").await;
    provider.fault(Fault::Disconnect(Endpoint::Token));
    let away = browser.get(&callback).await;
    assert!(
        away.status == 503 && away.body.contains(">Try again</a>"),
        "{away:?}"
    );
    assert_eq!(
        parameter(&links(&away)[0], "return_url").as_deref(),
        Some("/page?a=1")
    );
}

#[tokio::test]
async fn who_cancelled_may_go_home() {
    let provider = provider(Provider::builder()).await;
    let auth = settings_of(&provider).build().unwrap();
    let page = cancelled(&provider, &auth).await;
    let links = links(&page);
    assert!(
        links[0].starts_with(&format!("{ORIGIN}/api/auth/signin?return_url=")),
        "{links:?}"
    );
    assert_eq!(links[1], "/", "{links:?}");
}
