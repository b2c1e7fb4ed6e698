//! What pages of other origins make a browser send to an application: its cookies come along, and nothing is
//! done with them.
//!
//! `localhost` at another port is the same site, which gets cookies of any `SameSite`; `127.0.0.1` is another
//! site, which gets those that are `None`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use monocloud_runtime::settings::{SameSite, SessionCookie};
use monocloud_runtime::testing::{ProviderUser, session_cookie};
use monocloud_runtime::{MonoCloud, User, monocloud_routes, protect};
use support::{Served, listen};

use crate::browser::Browser;

/// The application, and how often each of its handlers ran.
struct Site {
    app: Served,
    /// Another application on this host.
    neighbour: Served,
    /// An application elsewhere.
    stranger: Served,
    ran: Arc<AtomicUsize>,
}

#[protect]
async fn guarded(user: User) -> String {
    format!("done by {}", user.sub())
}

async fn by_extractor(user: User) -> String {
    format!("done by {}", user.sub())
}

async fn perhaps(user: Option<User>) -> String {
    user.map_or_else(
        || "done by nobody".to_owned(),
        |user| format!("done by {}", user.sub()),
    )
}

#[protect]
async fn guarded_socket(headers: HeaderMap) -> Response {
    accept(&headers)
}

async fn socket_by_extractor(_: User, headers: HeaderMap) -> Response {
    accept(&headers)
}

/// RFC 6455 §4.2.2. Nothing is said over it: that it opens is what counts.
fn accept(headers: &HeaderMap) -> Response {
    let mut key = headers["sec-websocket-key"].as_bytes().to_vec();
    key.extend(b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    let accept = STANDARD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &key));
    let headers = [
        ("connection", "Upgrade".to_owned()),
        ("upgrade", "websocket".to_owned()),
        ("sec-websocket-accept", accept),
    ];
    (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
}

/// A page of whatever site, which does all that a page can to the application.
fn page(app: &str) -> Html<String> {
    let socket = app.replace("http://", "ws://");
    let forms = ["guarded", "extractor", "perhaps"].map(|name| {
        format!("<form method=post action='{app}/{name}'><button id={name}>{name}</button></form>")
    });
    let sockets = ["guarded", "extractor"].map(|name| {
        format!(
            "<script>{{
                const say = what => document.body.insertAdjacentHTML('beforeend', `<p id=socket-{name}>${{what}}</p>`);
                const socket = new WebSocket('{socket}/socket/{name}');
                socket.onopen = () => say('opened');
                socket.onerror = () => say('refused');
            }}</script>"
        )
    });
    let leave = format!("<a id=leave href='{app}/api/auth/signout'>leave</a>");
    Html(format!(
        "<!doctype html>{leave}{}{}",
        forms.concat(),
        sockets.concat()
    ))
}

impl Site {
    async fn start() -> Self {
        let listening = listen().await;
        let auth = MonoCloud::builder()
            .tenant_domain("http://127.0.0.1:9")
            .client_id("app")
            .client_secret("the client's secret")
            .app_url(&listening.url)
            .cookie_secret("2f0c8a41d7be93655a1e47c09bd8f32641ac7e905d3b8f16")
            .session_cookie(SessionCookie::new().same_site(SameSite::None).secure(true))
            .federated_sign_out(false)
            .build()
            .unwrap();
        let cookie = session_cookie(&auth, ProviderUser::new("mira").groups(["admin"]));
        let cookie = format!("{cookie}; Path=/; HttpOnly; Secure; SameSite=None");
        let url = listening.url.clone();
        let own_page = page(&url);
        let ran = Arc::new(AtomicUsize::new(0));
        let counted = ran.clone();
        let app = Router::new()
            .route("/guarded", post(guarded))
            .route("/extractor", post(by_extractor))
            .route("/perhaps", post(perhaps))
            .route("/socket/guarded", get(guarded_socket))
            .route("/socket/extractor", get(socket_by_extractor))
            .route("/page", get(guarded))
            .route(
                "/",
                get(move || async move { ([("set-cookie", cookie)], own_page) }),
            )
            .merge(monocloud_routes!(auth))
            .layer(auth.layer())
            .layer(axum::middleware::map_response(move |response: Response| {
                let done =
                    response.status().is_success() || response.status() == StatusCode::SWITCHING_PROTOCOLS;
                counted.fetch_add(usize::from(done), Ordering::SeqCst);
                async move { response }
            }));
        let app = listening.serve(app);
        let attack = || {
            let page = page(&url);
            Router::new().route("/", get(move || async move { page }))
        };
        let elsewhere = listen().await;
        let stranger_url = elsewhere.url.replace("localhost", "127.0.0.1");
        let mut stranger = elsewhere.serve(attack());
        stranger.url = stranger_url;
        Self {
            neighbour: support::serve(attack()).await,
            stranger,
            app,
            ran,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_origins_do_nothing_in_the_name_of_who_is_signed_in() {
    let site = Site::start().await;
    let browser = Browser::start().await;
    browser.open(&site.app.at("/")).await;
    browser.open(&site.app.at("/page")).await;
    assert_eq!(browser.text("body").await, "done by mira");
    for attacker in [&site.neighbour, &site.stranger] {
        let before = site.ran.load(Ordering::SeqCst);
        browser.open(&attacker.at("/")).await;
        for socket in ["#socket-guarded", "#socket-extractor"] {
            assert_eq!(browser.text(socket).await, "refused", "{} {socket}", attacker.url);
        }
        for form in ["guarded", "extractor"] {
            browser.open(&attacker.at("/")).await;
            browser.click(&format!("#{form}")).await;
            browser.wait_for(&site.app.at(&format!("/{form}"))).await;
            assert_eq!(browser.status().await, 403, "{} {form}", attacker.url);
        }
        assert_eq!(site.ran.load(Ordering::SeqCst), before, "{}", attacker.url);
        browser.open(&attacker.at("/")).await;
        browser.click("#perhaps").await;
        browser.wait_for(&site.app.at("/perhaps")).await;
        assert_eq!(browser.text("body").await, "done by nobody");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_applications_own_page_does_it_all() {
    let site = Site::start().await;
    let browser = Browser::start().await;
    browser.open(&site.app.at("/")).await;
    // Its cookie was not there yet when the page opened its sockets.
    browser.open(&site.app.at("/")).await;
    for socket in ["#socket-guarded", "#socket-extractor"] {
        assert_eq!(browser.text(socket).await, "opened", "{socket}");
    }
    for form in ["guarded", "extractor", "perhaps"] {
        browser.open(&site.app.at("/")).await;
        browser.click(&format!("#{form}")).await;
        browser.wait_for(&site.app.at(&format!("/{form}"))).await;
        assert_eq!(browser.text("body").await, "done by mira", "{form}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_of_another_site_signs_out_when_the_person_agrees() {
    let site = Site::start().await;
    let browser = Browser::start().await;
    browser.open(&site.app.at("/")).await;
    browser.open(&site.stranger.at("/")).await;
    browser.click("#leave").await;
    assert_eq!(browser.text("h1").await, "Sign out?");
    browser.open(&site.app.at("/page")).await;
    assert_eq!(
        browser.text("body").await,
        "done by mira",
        "nothing has happened yet"
    );
    browser.open(&site.neighbour.at("/")).await;
    browser.click("#leave").await;
    browser.click("button").await;
    browser.wait_for(&site.app.at("/")).await;
    // The start page has set the cookie once more: it is over for every copy.
    browser.open(&site.app.at("/page")).await;
    assert_eq!(browser.text("h1").await, "The sign-in service does not answer");
}
