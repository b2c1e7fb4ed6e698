//! Issuers without a network, each at an address of its own: they publish what they are told to, and count who asks.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{Request, Response, StatusCode};
use monocloud_runtime::http_client::{BoxFuture, HttpClient, HttpError};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::signer::Signer;

/// All issuers that can be reached. Clones are the same ones.
#[derive(Clone, Default)]
pub(crate) struct Issuers(Arc<Mutex<HashMap<String, Issuer>>>);

type Introspect = Arc<dyn Fn(&str) -> Answer + Send + Sync>;

struct Issuer {
    /// By path.
    documents: HashMap<String, Value>,
    introspect: Introspect,
    calls: HashMap<String, usize>,
    last: Option<(http::HeaderMap, Vec<(String, String)>)>,
    slow: Duration,
    down: bool,
}

/// What an endpoint answers.
#[derive(Clone)]
pub(crate) enum Answer {
    Json(Value),
    /// The same as text, whether it is JSON or not.
    Raw(String),
    Signed(String),
    Status(u16, Value),
    /// No connection.
    Nothing,
}

pub(crate) const METADATA: &str = "/.well-known/openid-configuration";
pub(crate) const KEYS: &str = "/jwks";
pub(crate) const INTROSPECTION: &str = "/introspect";

impl Issuers {
    /// An issuer at this address, with this key.
    pub(crate) fn add(&self, issuer: &str, signer: &Signer) {
        let url = url::Url::parse(issuer).unwrap();
        let prefix = url.path().trim_end_matches('/');
        let base = issuer.trim_end_matches('/');
        let metadata = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{base}/authorize"),
            "token_endpoint": format!("{base}/token"),
            "jwks_uri": format!("{base}{KEYS}"),
            "introspection_endpoint": format!("{base}{INTROSPECTION}"),
        });
        let documents = HashMap::from([
            (format!("{prefix}{METADATA}"), metadata),
            (format!("{prefix}{KEYS}"), json!({ "keys": [signer.jwk()] })),
        ]);
        let issuer = Issuer {
            documents,
            introspect: Arc::new(|_| Answer::Json(json!({ "active": false }))),
            calls: HashMap::new(),
            last: None,
            slow: Duration::ZERO,
            down: false,
        };
        self.0.lock().unwrap().insert(authority(base), issuer);
    }

    pub(crate) fn change(&self, issuer: &str, path: &str, change: impl FnOnce(&mut Value)) {
        self.with(issuer, |issuer| {
            change(issuer.documents.entry(path.to_owned()).or_default());
        });
    }

    pub(crate) fn remove(&self, issuer: &str, path: &str) -> Value {
        self.with(issuer, |issuer| issuer.documents.remove(path).unwrap())
    }

    pub(crate) fn publish(&self, issuer: &str, signers: &[&Signer]) {
        let keys: Vec<Value> = signers.iter().map(|signer| signer.jwk()).collect();
        self.change(issuer, KEYS, |jwks| *jwks = json!({ "keys": keys }));
    }

    pub(crate) fn introspect(&self, issuer: &str, answer: impl Fn(&str) -> Answer + Send + Sync + 'static) {
        self.with(issuer, |issuer| issuer.introspect = Arc::new(answer));
    }

    pub(crate) fn slow(&self, issuer: &str, by: Duration) {
        self.with(issuer, |issuer| issuer.slow = by);
    }

    pub(crate) fn down(&self, issuer: &str, down: bool) {
        self.with(issuer, |issuer| issuer.down = down);
    }

    pub(crate) fn calls(&self, issuer: &str, path: &str) -> usize {
        self.with(issuer, |issuer| {
            issuer.calls.get(path).copied().unwrap_or_default()
        })
    }

    /// Headers and form of the last introspection.
    pub(crate) fn last(&self, issuer: &str) -> (http::HeaderMap, Vec<(String, String)>) {
        self.with(issuer, |issuer| issuer.last.clone().unwrap())
    }

    fn with<T>(&self, issuer: &str, f: impl FnOnce(&mut Issuer) -> T) -> T {
        f(self.0.lock().unwrap().get_mut(&authority(issuer)).unwrap())
    }

    fn answer(&self, request: &Request<Vec<u8>>) -> (Duration, Option<Response<Vec<u8>>>) {
        let mut issuers = self.0.lock().unwrap();
        let path = request.uri().path().to_owned();
        let Some(issuer) = issuers.get_mut(request.uri().authority().unwrap().as_str()) else {
            return (Duration::ZERO, None);
        };
        *issuer.calls.entry(path.clone()).or_default() += 1;
        if issuer.down {
            return (issuer.slow, None);
        }
        let answer = if path.ends_with(INTROSPECTION) {
            let form: Vec<(String, String)> = form_urlencoded::parse(request.body()).into_owned().collect();
            let token = form.iter().find(|(name, _)| name == "token").unwrap().1.clone();
            issuer.last = Some((request.headers().clone(), form));
            (issuer.introspect)(&token)
        } else {
            match issuer.documents.get(&path) {
                Some(document) => Answer::Json(document.clone()),
                None => Answer::Status(404, json!({})),
            }
        };
        let (status, kind, body) = match answer {
            Answer::Json(body) => (200, "application/json", body.to_string()),
            Answer::Raw(body) => (200, "application/json", body),
            Answer::Signed(body) => (200, "application/token-introspection+jwt", body),
            Answer::Status(status, body) => (status, "application/json", body.to_string()),
            Answer::Nothing => return (issuer.slow, None),
        };
        let response = Response::builder()
            .status(StatusCode::from_u16(status).unwrap())
            .header("content-type", kind)
            .body(body.into_bytes());
        (issuer.slow, Some(response.unwrap()))
    }
}

fn authority(issuer: &str) -> String {
    url::Url::parse(issuer).unwrap().authority().to_owned()
}

impl HttpClient for Issuers {
    fn call(&self, request: Request<Vec<u8>>) -> BoxFuture<'_, Result<Response<Vec<u8>>, HttpError>> {
        Box::pin(async move {
            let (slow, answer) = self.answer(&request);
            if !slow.is_zero() {
                tokio::time::sleep(slow).await;
            }
            answer.ok_or_else(|| HttpError::Connection("nobody answers".into()))
        })
    }
}
