//! A browser without a screen and without scripts.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::header::{ACCEPT, COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response};
use serde_json::Value;
use url::{Url, form_urlencoded};

use crate::jar::{Context, Jar};
use crate::page::Page;

const MOST_REDIRECTS: usize = 20;

/// Keeps cookies, follows redirects, submits forms, and says where a request comes from as browsers do
/// (`Origin`, `Sec-Fetch-*`, `SameSite`).
///
/// The tabs of one browser are the [`Page`]s that one user-agent has opened; another person is another
/// user-agent.
#[derive(Debug)]
pub struct UserAgent {
    client: Client,
    jar: Mutex<Jar>,
}

impl Default for UserAgent {
    fn default() -> Self {
        Self::new()
    }
}

impl UserAgent {
    /// A browser just installed.
    ///
    /// # Panics
    ///
    /// When the machine has no usable TLS.
    pub fn new() -> Self {
        let client = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            // Listeners of tests are on IPv4 only, whatever the machine resolves this to.
            .resolve("localhost", SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
            .timeout(Duration::from_secs(30))
            .build()
            .expect("an HTTP client");
        let jar = Mutex::default();
        Self { client, jar }
    }

    /// Opens an address as if it were typed in.
    ///
    /// # Panics
    ///
    /// When nobody answers there, or when redirects do not end.
    pub async fn visit(&self, url: &str) -> Page {
        let url = url.parse().unwrap_or_else(|error| panic!("{error}: {url}"));
        self.navigate(Method::GET, url, None, None).await
    }

    /// Follows a link of a page, or goes to any other address from there.
    ///
    /// # Panics
    ///
    /// As [`UserAgent::visit`] does.
    pub async fn follow(&self, page: &Page, link: &str) -> Page {
        self.navigate(Method::GET, resolve(page, link), None, Some(&page.url))
            .await
    }

    /// Fills in and submits the first form that has all these fields; a button counts as a field.
    ///
    /// # Panics
    ///
    /// When the page has no such form, and as [`UserAgent::visit`] does.
    pub async fn submit(&self, page: &Page, fields: &[(&str, &str)]) -> Page {
        let form = page.form_with(fields);
        let mut target = resolve(page, form.action.as_deref().unwrap_or_default());
        let sent = form.filled(fields);
        if form.post {
            let body = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(&sent)
                .finish();
            return self
                .navigate(Method::POST, target, Some(body), Some(&page.url))
                .await;
        }
        target.query_pairs_mut().clear().extend_pairs(&sent);
        self.navigate(Method::GET, target, None, Some(&page.url)).await
    }

    /// Asks as a script of the same origin does with `fetch`. Redirects are shown, not followed.
    ///
    /// # Panics
    ///
    /// When nobody answers there.
    pub async fn fetch(&self, method: Method, url: &str) -> Page {
        self.ask(method, url, None).await
    }

    /// The same with a body of JSON.
    ///
    /// # Panics
    ///
    /// As [`UserAgent::fetch`] does.
    pub async fn fetch_json(&self, method: Method, url: &str, body: &Value) -> Page {
        self.ask(method, url, Some(body)).await
    }

    async fn ask(&self, method: Method, url: &str, body: Option<&Value>) -> Page {
        let url: Url = url.parse().unwrap_or_else(|error| panic!("{error}: {url}"));
        let context = Context {
            same_site: true,
            top_level_get: false,
        };
        let mut request = self
            .client
            .request(method.clone(), url.clone())
            .header(ACCEPT, "application/json")
            .header("sec-fetch-site", "same-origin")
            .header("sec-fetch-mode", "cors")
            .header("sec-fetch-dest", "empty");
        if method != Method::GET && method != Method::HEAD {
            request = request.header(ORIGIN, url.origin().ascii_serialization());
        }
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        if let Some(cookies) = self.jar().header(&url, context) {
            request = request.header(COOKIE, cookies);
        }
        let response = request
            .send()
            .await
            .unwrap_or_else(|error| panic!("{url}: {error:?}"));
        self.take_cookies(&url, &response);
        read(vec![url], response).await
    }

    /// Name and value of every cookie kept for this address's host.
    ///
    /// # Panics
    ///
    /// When this is no address.
    pub fn cookies(&self, url: &str) -> Vec<(String, String)> {
        let url = url.parse().unwrap_or_else(|error| panic!("{error}: {url}"));
        self.jar().of_host(&url)
    }

    /// Names of the cookies kept for this address's host that were set to live longer than a minute.
    ///
    /// # Panics
    ///
    /// When this is no address.
    pub fn lasting_cookies(&self, url: &str) -> Vec<String> {
        let url = url.parse().unwrap_or_else(|error| panic!("{error}: {url}"));
        self.jar().lasting(&url)
    }

    /// Takes a `Set-Cookie` header as if this address had sent it.
    ///
    /// # Panics
    ///
    /// When a browser would not take it.
    pub fn set_cookie(&self, url: &str, header: &str) {
        let url = url.parse().unwrap_or_else(|error| panic!("{error}: {url}"));
        self.jar().take(&url, header);
    }

    async fn navigate(
        &self,
        mut method: Method,
        mut url: Url,
        mut body: Option<String>,
        from: Option<&Url>,
    ) -> Page {
        let mut relation = Relation::None;
        let mut trail = Vec::new();
        loop {
            relation = relation.and(from, &url);
            let context = Context {
                same_site: relation != Relation::CrossSite,
                top_level_get: method == Method::GET,
            };
            let mut request = self
                .client
                .request(method.clone(), url.clone())
                .header(ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8")
                .header("sec-fetch-site", relation.header())
                .header("sec-fetch-mode", "navigate")
                .header("sec-fetch-dest", "document")
                .header("sec-fetch-user", "?1");
            if let (Some(from), Some(body)) = (from, &body) {
                request = request
                    .header(ORIGIN, from.origin().ascii_serialization())
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body(body.clone());
            }
            if let Some(cookies) = self.jar().header(&url, context) {
                request = request.header(COOKIE, cookies);
            }
            let response = request
                .send()
                .await
                .unwrap_or_else(|error| panic!("{url}: {error:?}"));
            self.take_cookies(&url, &response);
            trail.push(url.clone());
            let Some(target) = redirect_target(&url, &response) else {
                return read(trail, response).await;
            };
            assert!(
                trail.len() <= MOST_REDIRECTS,
                "redirects without an end: {trail:#?}"
            );
            if ![307, 308].contains(&response.status().as_u16()) {
                (method, body) = (Method::GET, None);
            }
            url = target;
        }
    }

    fn take_cookies(&self, url: &Url, response: &Response) {
        let mut jar = self.jar();
        for header in response.headers().get_all(SET_COOKIE) {
            jar.take(url, header.to_str().expect("cookies in ASCII"));
        }
    }

    fn jar(&self) -> MutexGuard<'_, Jar> {
        self.jar.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What `Sec-Fetch-Site` tells. The farthest of all hops counts, so the order is of meaning.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Relation {
    None,
    SameOrigin,
    SameSite,
    CrossSite,
}

impl Relation {
    fn and(self, from: Option<&Url>, to: &Url) -> Self {
        let Some(from) = from else { return Self::None };
        let hop = if from.origin() == to.origin() {
            Self::SameOrigin
        } else if from.scheme() == to.scheme() && from.host_str() == to.host_str() {
            Self::SameSite
        } else {
            Self::CrossSite
        };
        self.max(hop)
    }

    fn header(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::SameOrigin => "same-origin",
            Self::SameSite => "same-site",
            Self::CrossSite => "cross-site",
        }
    }
}

fn resolve(page: &Page, link: &str) -> Url {
    page.url
        .join(link)
        .unwrap_or_else(|error| panic!("{error}: {link} in {page:?}"))
}

fn redirect_target(url: &Url, response: &Response) -> Option<Url> {
    if !response.status().is_redirection() {
        return None;
    }
    let location = response
        .headers()
        .get(LOCATION)?
        .to_str()
        .expect("a location in ASCII");
    Some(
        url.join(location)
            .unwrap_or_else(|error| panic!("{error}: {url} redirects to {location}")),
    )
}

async fn read(trail: Vec<Url>, response: Response) -> Page {
    let url = trail.last().expect("at least one address").clone();
    let (status, headers) = (response.status(), response.headers().clone());
    let body = response
        .text()
        .await
        .unwrap_or_else(|error| panic!("{url}: {error:?}"));
    Page {
        url,
        status,
        headers,
        body,
        trail,
    }
}
