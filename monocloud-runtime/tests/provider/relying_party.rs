//! A small browser and a small relying party, which only do what they are told.

use std::collections::HashMap;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use monocloud_runtime::testing::{Endpoint, Provider};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, RequestBuilder, Response, StatusCode, redirect};
use serde_json::{Map, Value};
use url::{Url, form_urlencoded};

pub(crate) const CALLBACK: &str = "http://localhost:3000/api/auth/callback";
pub(crate) const VERIFIER: &str = "a-verifier-that-is-long-enough-to-be-allowed-by-pkce";

pub(crate) type Pairs<'a> = Vec<(&'a str, &'a str)>;

/// A client that follows no redirects.
pub(crate) fn http() -> Client {
    Client::builder()
        .redirect(redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap()
}

pub(crate) fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}

pub(crate) fn encode(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

/// Sends cookies back, and nothing else that a browser does.
pub(crate) struct Browser {
    pub(crate) http: Client,
    pub(crate) cookies: HashMap<String, String>,
}

/// What a browser received.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: String,
}

impl Page {
    pub(crate) fn location(&self) -> Url {
        Url::parse(self.headers[LOCATION].to_str().unwrap()).unwrap()
    }

    /// A parameter of the address that the page redirects to.
    pub(crate) fn sent(&self, name: &str) -> Option<String> {
        let url = self.location();
        url.query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// The value of the first hidden input with this name.
    pub(crate) fn hidden(&self, name: &str) -> Option<&str> {
        let (_, rest) = self.body.split_once(&format!("name=\"{name}\" value=\""))?;
        rest.split_once('"').map(|(value, _)| value)
    }
}

impl Browser {
    pub(crate) fn new() -> Self {
        Self {
            http: http(),
            cookies: HashMap::new(),
        }
    }

    pub(crate) async fn get(&mut self, url: &str) -> Page {
        let request = self.http.get(url).header(COOKIE, self.cookie_header());
        self.keep(request.send().await.unwrap()).await
    }

    pub(crate) async fn post(&mut self, url: &str, form: &[(&str, &str)]) -> Page {
        self.post_with(url, form, &[]).await
    }

    pub(crate) async fn post_with(
        &mut self,
        url: &str,
        form: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Page {
        let mut request = self
            .http
            .post(url)
            .header(COOKIE, self.cookie_header())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(encode(form));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.keep(request.send().await.unwrap()).await
    }

    /// Opens the authorization endpoint with the usual parameters, these in place of those or beside them.
    /// An empty value takes a parameter away.
    pub(crate) async fn authorize(&mut self, provider: &Provider, changes: &[(&str, &str)]) -> Page {
        let url = authorize_url(provider, changes);
        self.get(&url).await
    }

    /// Answers a login page.
    pub(crate) async fn answer(&mut self, provider: &Provider, page: &Page, form: &[(&str, &str)]) -> Page {
        let mut fields = vec![("interaction", page.hidden("interaction").unwrap())];
        fields.extend(form);
        self.post(&provider.url(Endpoint::Login), &fields).await
    }

    /// Signs in as a user from scratch, and returns the code.
    pub(crate) async fn code(&mut self, provider: &Provider, changes: &[(&str, &str)]) -> String {
        let page = self.authorize(provider, changes).await;
        let page = self.answer(provider, &page, &[("user", "mira")]).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER);
        page.sent("code").unwrap()
    }

    fn cookie_header(&self) -> String {
        let pairs: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    async fn keep(&mut self, response: Response) -> Page {
        for cookie in response.headers().get_all(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.into(), value.into());
            }
        }
        Page {
            status: response.status(),
            headers: response.headers().clone(),
            body: response.text().await.unwrap(),
        }
    }
}

pub(crate) fn authorize_url(provider: &Provider, changes: &[(&str, &str)]) -> String {
    let challenge = challenge(VERIFIER);
    let mut pairs: Pairs = vec![
        ("client_id", provider.client_id()),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("scope", "openid profile email"),
        ("state", "the state"),
        ("nonce", "the nonce"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    pairs.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    pairs.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
    format!("{}?{}", provider.url(Endpoint::Authorize), encode(&pairs))
}

/// The form that exchanges a code.
pub(crate) fn exchange(code: &str) -> Pairs<'_> {
    vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ]
}

/// Calls the token endpoint as the default client.
pub(crate) async fn token(provider: &Provider, form: &[(&str, &str)]) -> (StatusCode, Value) {
    let response = token_as(provider, provider.client_id(), provider.client_secret(), form).await;
    let status = response.status();
    (status, json(response).await)
}

/// Calls the token endpoint with HTTP Basic.
pub(crate) async fn token_as(provider: &Provider, id: &str, secret: &str, form: &[(&str, &str)]) -> Response {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let credentials = STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret)));
    let request = post(provider, Endpoint::Token, form).header(AUTHORIZATION, format!("Basic {credentials}"));
    request.send().await.unwrap()
}

/// A form for an endpoint, of nobody yet.
pub(crate) fn post(provider: &Provider, endpoint: Endpoint, form: &[(&str, &str)]) -> RequestBuilder {
    http()
        .post(provider.url(endpoint))
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(encode(form))
}

/// Signs in as Mira with a new browser, and returns the token response.
pub(crate) async fn tokens(provider: &Provider, changes: &[(&str, &str)]) -> Value {
    let code = Browser::new().code(provider, changes).await;
    let (status, tokens) = token(provider, &exchange(&code)).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    tokens
}

pub(crate) async fn userinfo(provider: &Provider, tokens: &Value) -> (StatusCode, Value) {
    let token = tokens["access_token"].as_str().unwrap();
    let response = http()
        .get(provider.url(Endpoint::Userinfo))
        .header(AUTHORIZATION, format!("Bearer {token}"))
        .send()
        .await
        .unwrap();
    let status = response.status();
    (status, json(response).await)
}

/// The JSON that an endpoint answers a GET with.
pub(crate) async fn fetch(provider: &Provider, endpoint: Endpoint) -> Value {
    json(http().get(provider.url(endpoint)).send().await.unwrap()).await
}

pub(crate) async fn json(response: Response) -> Value {
    serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
}

/// Header and claims of a token, unverified.
pub(crate) fn decoded(token: &str) -> (Map<String, Value>, Map<String, Value>) {
    let part = |at: usize| {
        let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(at).unwrap()).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    };
    (part(0), part(1))
}

/// Header and claims of the ID token in a token response.
pub(crate) fn id_token(tokens: &Value) -> (Map<String, Value>, Map<String, Value>) {
    decoded(tokens["id_token"].as_str().unwrap())
}
