//! An `HttpClient` of the application's own, and what no issuer on loopback can show: one that speaks https.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::{Request, Response};
use monocloud_runtime::MonoCloud;
use monocloud_runtime::http_client::{BoxFuture, HttpClient, HttpError};
use serde_json::{Value, json};
use support::{Page, UserAgent, app, serve};

use crate::rp::{COOKIE_SECRET, Setup, assert_error_page};

type Answer = Result<Response<Vec<u8>>, HttpError>;

/// Passes calls on to the real provider, and counts them.
#[derive(Default)]
struct Forwarding {
    client: reqwest::Client,
    calls: Arc<AtomicUsize>,
}

/// Passes calls on, and changes the answers, by the path that was asked for.
pub(crate) struct Changed<F> {
    others: Forwarding,
    change: F,
}

impl<F: Fn(&str, &mut Response<Vec<u8>>)> Changed<F> {
    pub(crate) fn new(change: F) -> Self {
        let others = Forwarding::default();
        Self { others, change }
    }
}

impl<F> HttpClient for Changed<F>
where
    F: Fn(&str, &mut Response<Vec<u8>>) + Send + Sync + 'static,
{
    fn call(&self, request: Request<Vec<u8>>) -> BoxFuture<'_, Answer> {
        let path = request.uri().path().to_owned();
        Box::pin(async move {
            let mut response = self.others.call(request).await?;
            (self.change)(&path, &mut response);
            Ok(response)
        })
    }
}

/// Passes calls on, but for those of the token endpoint.
pub(crate) struct TokenEndpoint<F> {
    others: Forwarding,
    answer: F,
}

impl<F: Fn(&Request<Vec<u8>>) -> Response<Vec<u8>>> TokenEndpoint<F> {
    pub(crate) fn new(answer: F) -> Self {
        let others = Forwarding::default();
        Self { others, answer }
    }
}

impl<F> HttpClient for TokenEndpoint<F>
where
    F: Fn(&Request<Vec<u8>>) -> Response<Vec<u8>> + Send + Sync + 'static,
{
    fn call(&self, request: Request<Vec<u8>>) -> BoxFuture<'_, Answer> {
        if request.uri().path() == "/token" {
            let answer = (self.answer)(&request);
            return Box::pin(async { Ok(answer) });
        }
        self.others.call(request)
    }
}

impl HttpClient for Forwarding {
    fn call(&self, request: Request<Vec<u8>>) -> BoxFuture<'_, Answer> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            let request = reqwest::Request::try_from(request).unwrap();
            let response = self.client.execute(request).await;
            let response = response.map_err(|error| HttpError::Connection(error.into()))?;
            let (status, headers) = (response.status(), response.headers().clone());
            let mut answer = Response::new(response.bytes().await.unwrap().to_vec());
            *answer.status_mut() = status;
            *answer.headers_mut() = headers;
            Ok(answer)
        })
    }
}

/// Passes calls on, and looks at what is sent.
struct Seen {
    others: Forwarding,
    credentials: Arc<AtomicUsize>,
}

impl HttpClient for Seen {
    fn call(&self, request: Request<Vec<u8>>) -> BoxFuture<'_, Answer> {
        for (name, value) in request.headers() {
            let is_secret = name == http::header::AUTHORIZATION;
            assert_eq!(value.is_sensitive(), is_secret, "{name}");
            self.credentials
                .fetch_add(usize::from(is_secret), Ordering::SeqCst);
        }
        self.others.call(request)
    }
}

#[tokio::test]
async fn credentials_are_marked_so_that_no_log_of_headers_shows_them() {
    let credentials = Arc::new(AtomicUsize::new(0));
    let counted = credentials.clone();
    let rp = Setup::new()
        .settings(move |settings| {
            settings.http_client(Seen {
                others: Forwarding::default(),
                credentials: counted.clone(),
            })
        })
        .start()
        .await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    assert_eq!(credentials.load(Ordering::SeqCst), 2, "token and userinfo");
}

#[tokio::test]
async fn a_client_of_ones_own_makes_every_call() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let rp = Setup::new()
        .settings(move |settings| {
            settings.http_client(Forwarding {
                calls: counted.clone(),
                ..Forwarding::default()
            })
        })
        .start()
        .await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    // Discovery, token, keys, userinfo.
    assert_eq!(calls.load(Ordering::SeqCst), 4);
}

/// Answers every call in the same way.
struct Always<F>(F);

impl<F: Fn() -> BoxFuture<'static, Answer> + Send + Sync + 'static> HttpClient for Always<F> {
    fn call(&self, _: Request<Vec<u8>>) -> BoxFuture<'_, Answer> {
        (self.0)()
    }
}

const ISSUER: &str = "https://issuer.example";

/// The sign-in route of an app whose calls are answered like this.
async fn sign_in(answer: impl Fn() -> BoxFuture<'static, Answer> + Send + Sync + 'static) -> Page {
    let auth = MonoCloud::builder()
        .tenant_domain(ISSUER)
        .client_id("app")
        .client_secret("secret")
        .app_url("http://localhost:3000")
        .cookie_secret(COOKIE_SECRET)
        .response_timeout(Duration::from_millis(300))
        .http_client(Always(answer))
        .build()
        .unwrap();
    let app = serve(app(&auth)).await;
    let agent = UserAgent::new();
    let page = agent.visit(&app.at("/api/auth/signin")).await;
    assert!(agent.cookies(&app.url).is_empty());
    page
}

fn metadata() -> Value {
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": format!("{ISSUER}/authorize"),
        "token_endpoint": format!("{ISSUER}/token"),
        "userinfo_endpoint": format!("{ISSUER}/userinfo"),
        "end_session_endpoint": format!("{ISSUER}/end-session"),
        "jwks_uri": format!("{ISSUER}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    })
}

fn json_answer(value: &Value) -> BoxFuture<'static, Answer> {
    let body = value.to_string().into_bytes();
    Box::pin(async { Ok(Response::new(body)) })
}

/// One endpoint in plain http would carry codes, secrets or tokens through the open.
#[tokio::test]
async fn http_endpoints_of_an_https_issuer_are_refused() {
    for endpoint in [
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "end_session_endpoint",
        "jwks_uri",
    ] {
        for url in [
            "http://issuer.example/x",
            "http://127.0.0.1/x",
            "ftp://issuer.example/x",
            "javascript:alert(1)",
        ] {
            let page = sign_in(move || {
                let mut metadata = metadata();
                metadata[endpoint] = url.into();
                json_answer(&metadata)
            })
            .await;
            assert_eq!(page.status, 502, "{endpoint} {url}: {page:?}");
            assert_error_page(&page);
        }
    }
}

#[tokio::test]
async fn metadata_without_what_is_needed_is_a_malformed_answer() {
    for missing in ["issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"] {
        let page = sign_in(move || {
            let mut metadata = metadata();
            metadata.as_object_mut().unwrap().remove(missing);
            json_answer(&metadata)
        })
        .await;
        assert_eq!(page.status, 502, "{missing}: {page:?}");
    }
}

/// The issuer's name is compared as a string (OIDC Discovery 4.3).
#[tokio::test]
async fn metadata_of_an_issuer_with_a_similar_name_is_refused() {
    for name in [
        "https://issuer.example.com",
        "https://ISSUER.example",
        "http://issuer.example",
        "https://issuer.example//",
        "https://issuer.example/x",
        "https://issuer.example:443",
    ] {
        let page = sign_in(move || {
            let mut metadata = metadata();
            metadata["issuer"] = name.into();
            json_answer(&metadata)
        })
        .await;
        assert_eq!(page.status, 502, "{name}: {page:?}");
    }
}

/// The limits are ours, whatever a client does.
#[tokio::test]
async fn a_client_that_hangs_or_sends_too_much_is_held_to_the_limits() {
    let hangs = sign_in(|| Box::pin(std::future::pending())).await;
    assert_eq!(hangs.status, 503, "{hangs:?}");
    // As good as any other, but for its size.
    let huge = sign_in(|| {
        let mut metadata = metadata();
        metadata["padding"] = "x".repeat(1024 * 1024).into();
        json_answer(&metadata)
    })
    .await;
    assert_eq!(huge.status, 502, "{huge:?}");
    let broken = sign_in(|| Box::pin(async { Err(HttpError::Connection("gone".into())) })).await;
    assert_eq!(broken.status, 503, "{broken:?}");
}

/// A panic in it fails that call, and no later one waits for it for ever.
#[tokio::test]
async fn a_client_that_panics_is_an_issuer_that_is_away() {
    let page = sign_in(|| Box::pin(async { panic!("in a test") })).await;
    assert_eq!(page.status, 503, "{page:?}");
}
