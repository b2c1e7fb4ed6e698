//! What takes a browser or a client, without one: what comes back to the application when somebody signs in, and
//! access tokens.

use axum::response::Response;
use http::header::LOCATION;
use url::Url;

use super::access_token::{self, Purpose, Subject};
use super::authorization_request::AuthorizationRequest;
use super::core::Core;
use super::destination::destination;
use super::handle::Provider;
use super::params::Params;
use super::{authorization_response, par};

impl Provider {
    /// The redirect that ends a sign-in of the user `sub` at `authorization_url`, to which the application's sign-in
    /// has sent the browser: the address of the callback, with the authorization response. For tests that need no
    /// page and no cookies of the provider; nobody is signed in at the provider by it.
    ///
    /// # Errors
    ///
    /// Says why the provider would not send the browser back with that: the request is not acceptable, there is no
    /// such user, or a form is to be posted (`response_mode=form_post`).
    pub fn sign_in(&self, authorization_url: &str, sub: &str) -> Result<String, SignInError> {
        callback(self.core(), authorization_url, sub).map_err(SignInError)
    }
}

/// Access tokens without a flow, for what an API does with them.
impl Provider {
    /// An access token that the default client got for the API `audience`, with these scopes, when the user `sub` signed
    /// in just now. It is known to introspection and userinfo as any other, of the form that
    /// [`Provider`](Self#access-tokens) describes, and spoiled by the faults that are set.
    ///
    /// ```
    /// # use monocloud_runtime::testing::{AccessTokenFault, Fault, Provider};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let provider = Provider::builder().start().await?;
    /// let good = provider.access_token("mira", "https://api.example.com", &["orders:read"]);
    /// provider.fault(Fault::AccessToken(AccessTokenFault::Expired));
    /// let expired = provider.access_token("mira", "https://api.example.com", &["orders:read"]);
    /// assert_ne!(good, expired);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// When there is no such user.
    pub fn access_token(&self, sub: &str, audience: &str, scopes: &[&str]) -> String {
        let core = self.core();
        assert!(core.memory().user(sub).is_some(), "there is no user `{sub}`");
        let subject = Subject::User {
            sub,
            auth_time: core.now(),
            acr: None,
        };
        self.issue(subject, audience, scopes)
    }

    /// An access token of the default client's own for the API `audience`, with these scopes, as the client credentials
    /// grant gives them (RFC 6749 4.4): its `sub` is the client. The client need not be registered for that.
    pub fn client_credentials(&self, audience: &str, scopes: &[&str]) -> String {
        self.issue(Subject::Client, audience, scopes)
    }

    /// Ends an access token, or a refresh token with everything that came of its grant. What is not known is over
    /// already.
    pub fn revoke(&self, token: &str) {
        self.core().memory().revoke_token(token);
    }

    fn issue(&self, subject: Subject<'_>, audience: &str, scopes: &[&str]) -> String {
        let scopes: Vec<_> = scopes.iter().copied().map(String::from).collect();
        let purpose = Purpose {
            client: self.client(),
            subject,
            grant_id: None,
            scopes: &scopes,
            audience: &[audience.to_owned()],
        };
        access_token::issue(self.core(), &purpose)
    }
}

/// Why a sign-in without a browser came to nothing.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct SignInError(String);

fn callback(core: &Core, url: &str, sub: &str) -> Result<String, String> {
    let url = Url::parse(url).map_err(|error| format!("`{url}` is no address: {error}"))?;
    let query = Params::parse(url.query().unwrap_or_default().as_bytes());
    let was_pushed = par::reference(&query).is_some();
    let params = par::resolve(core, query)?;
    let to = destination(core, &params)?;
    if to.form_post {
        return Err("the request asks for a form, which a browser posts".to_owned());
    }
    if core.settings.requires.par && !was_pushed {
        return Err("requests must be pushed".to_owned());
    }
    let request = AuthorizationRequest::parse(&params, to, core.settings.requires.pkce)
        .map_err(|error| error.description.into_owned())?;
    if core.memory().user(sub).is_none() {
        return Err(format!("there is no user `{sub}`"));
    }
    let acr = core.settings.reached_acr(&request.acr_values);
    let (cookie, session) = core.memory().sign_in(sub, acr, core.now());
    core.memory().sessions.remove(&cookie);
    location(&authorization_response::code(core, request, session)).ok_or_else(|| "no redirect".to_owned())
}

fn location(response: &Response) -> Option<String> {
    response.headers().get(LOCATION)?.to_str().ok().map(str::to_owned)
}
