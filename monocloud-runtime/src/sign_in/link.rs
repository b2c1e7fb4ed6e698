//! Addresses of the sign-in route, for links in pages.

use std::fmt;

use url::form_urlencoded;

use super::requested::{Requested, usable};
use super::return_url::ReturnUrl;
use super::sealed_parameters::{self, SealedParameters};
use super::step_up::StepUp;
use super::transaction::Transaction;
use crate::client::MonoCloud;
use crate::config::{ResourceSet, ResponseMode, ScopeSet};
use crate::params::with_query;

/// The address of the sign-in route, with what the sign-in is to ask for.
///
/// A template prints it; it is an absolute URL, and every character that HTML would read otherwise is
/// encoded. What goes beyond the return URL is sealed: it works whatever
/// [`Builder::allow_query_param_overrides`](crate::settings::Builder::allow_query_param_overrides) says, and for a day.
///
/// ```
/// # let auth = monocloud_runtime::MonoCloud::builder()
/// #     .tenant_domain("https://acme.us.monocloud.com")
/// #     .client_id("app")
/// #     .client_secret("secret")
/// #     .app_url("https://app.example.com")
/// #     .cookie_secret("b1946ac92492d2347c6235b4d2611184a591a6153c79b9fb5b1946ac92492d23")
/// #     .build()?;
/// assert_eq!(
///     auth.sign_in_url().return_url("/orders?open=7").to_string(),
///     "https://app.example.com/api/auth/signin?return_url=%2Forders%3Fopen%3D7",
/// );
/// # Ok::<(), monocloud_runtime::settings::ConfigError>(())
/// ```
#[derive(Clone)]
#[must_use = "it is printed, or sent as the place of a redirect"]
pub struct SignInUrl {
    client: MonoCloud,
    sign_up: bool,
    return_url: Option<ReturnUrl>,
    parameters: SealedParameters,
}

impl SignInUrl {
    fn new(client: &MonoCloud, sign_up: bool) -> Self {
        Self {
            client: client.clone(),
            sign_up,
            return_url: None,
            parameters: SealedParameters::default(),
        }
    }

    /// The page to come back to: a path of the application as its router knows it, or an absolute URL on
    /// this site. Anything else is passed over, and the start page stays.
    pub fn return_url(mut self, url: impl AsRef<str>) -> Self {
        if let Some(url) = ReturnUrl::of_application(&self.client, url.as_ref()) {
            self.return_url = Some(url);
        }
        self
    }

    /// Scopes in place of the configured ones, separated by spaces and with `openid` among them. Anything
    /// else is passed over, and the log says so.
    pub fn scopes(mut self, scopes: impl AsRef<str>) -> Self {
        self.parameters.requested.scopes = usable("scopes", ScopeSet::with_openid(scopes.as_ref()));
        self
    }

    /// Resource indicators in place of the configured ones, separated by spaces (RFC 8707): absolute URLs
    /// without query and fragment. Anything else is passed over, and the log says so.
    pub fn resource(mut self, resource: impl AsRef<str>) -> Self {
        self.parameters.requested.resource = usable("resource", ResourceSet::parse(resource.as_ref()));
        self
    }

    /// `audience`, for issuers that take it in place of `resource`.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.parameters.requested.audience = Some(audience.into());
        self
    }

    /// `prompt` (OIDC Core 3.1.2.1), such as `login` for a person who is to prove again who they are.
    pub fn prompt(mut self, prompt: impl Into<String>) -> Self {
        self.parameters.requested.prompt = Some(prompt.into());
        self
    }

    /// How the issuer shows its pages (`display`): `page`, `popup`, `touch` or `wap`.
    pub fn display(mut self, display: impl Into<String>) -> Self {
        self.parameters.requested.display = Some(display.into());
        self
    }

    /// Preferred languages of the issuer's pages, separated by spaces (`ui_locales`).
    pub fn ui_locales(mut self, locales: impl Into<String>) -> Self {
        self.parameters.requested.ui_locales = Some(locales.into());
        self
    }

    /// Ways of authentication that are asked for, separated by spaces (`acr_values`). A guard's `acr_values`
    /// are checked too; these are not.
    pub fn acr_values(mut self, values: impl Into<String>) -> Self {
        self.parameters.requested.acr_values = Some(values.into());
        self
    }

    /// `MonoCloud`'s hint for the authenticator to begin with.
    pub fn authenticator_hint(mut self, hint: impl Into<String>) -> Self {
        self.parameters.requested.authenticator_hint = Some(hint.into());
        self
    }

    /// The most seconds since the person proved who they are; checked on return (`max_age`).
    pub fn max_age(mut self, seconds: u32) -> Self {
        self.parameters.requested.max_age = Some(seconds);
        self
    }

    /// Who is about to sign in, for the issuer to fill in (`login_hint`).
    pub fn login_hint(mut self, hint: impl Into<String>) -> Self {
        self.parameters.requested.login_hint = Some(hint.into());
        self
    }

    /// An ID token of the person that is expected (`id_token_hint`). Most are too long for a link: then the
    /// link asks for the configured parameters, and the log says so.
    pub fn id_token_hint(mut self, hint: impl Into<String>) -> Self {
        self.parameters.requested.id_token_hint = Some(hint.into());
        self
    }

    /// How the authorization response comes back. `form_post` needs an app URL that is https or on this
    /// machine, and is passed over elsewhere.
    pub fn response_mode(mut self, mode: ResponseMode) -> Self {
        self.parameters.requested.response_mode = Some(mode);
        self
    }

    /// Made for the user with this `sub`: whoever else signs in ends on the start page, and not on a page
    /// that was somebody else's.
    pub fn for_subject(mut self, sub: impl Into<String>) -> Self {
        self.parameters.subject = Some(sub.into());
        self
    }

    /// For whoever is signed in and wants to be somebody else: the issuer asks which account it is to be.
    pub fn as_someone_else(mut self) -> Self {
        self.parameters.other_account = true;
        self
    }

    pub(crate) fn back_to(mut self, page: Option<ReturnUrl>) -> Self {
        self.return_url = page;
        self
    }

    /// What a guard asks for: its parameters, what its sign-ins must prove, and who is expected, if not anyone.
    pub(crate) fn for_guard(
        mut self,
        requested: Requested,
        step_up: Option<StepUp>,
        subject: Option<&str>,
    ) -> Self {
        self.parameters.requested = requested;
        self.parameters.step_up = step_up;
        self.parameters.subject = subject.map(str::to_owned);
        self
    }

    /// A sign-in that did not prove what it had to, once more: this time the issuer must ask.
    pub(super) fn again(client: &MonoCloud, transaction: &Transaction) -> Option<Self> {
        let step_up = transaction.step_up.clone()?;
        let requested = Requested {
            scopes: transaction
                .scopes
                .as_deref()
                .and_then(|scopes| ScopeSet::with_openid(scopes).ok()),
            resource: ResourceSet::parse(&transaction.resource).ok(),
            prompt: Some("login".to_owned()),
            ..Requested::default()
        };
        let back = ReturnUrl::parse(client.settings(), &transaction.return_url);
        Some(Self::new(client, false).back_to(back).for_guard(
            requested,
            Some(step_up),
            transaction.subject.as_deref(),
        ))
    }

    fn parameters(&self) -> SealedParameters {
        let mut parameters = self.parameters.clone();
        parameters.requested.forget(&self.client.settings().auth_params);
        parameters
    }
}

impl fmt::Display for SignInUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = self.client.settings();
        let mut query = form_urlencoded::Serializer::new(String::new());
        if self.sign_up {
            query.append_pair("register", "true");
        }
        let mut plain = self.return_url.as_ref().map(ReturnUrl::as_str);
        let mut parameters = self.parameters();
        if !parameters.asks_for_nothing() {
            parameters.return_url = plain.map(str::to_owned);
            let whole = parameters.seal(&self.client);
            if whole.is_some() {
                plain = None;
            } else {
                parameters.return_url = None;
            }
            let sealed = whole.or_else(|| parameters.seal(&self.client)).or_else(|| {
                tracing::warn!(
                    name: "monocloud.sign_in_url.too_long",
                    "the parameters of a sign-in link are too long to be sealed, so it asks for the configured ones"
                );
                // What a guard checks is asked for all the same: nobody would get past it without.
                parameters.requested = Requested::default();
                (!parameters.asks_for_nothing()).then(|| parameters.seal(&self.client))?
            });
            if let Some(sealed) = sealed {
                query.append_pair(sealed_parameters::NAME, &sealed);
            }
        }
        if let Some(back) = plain {
            query.append_pair("return_url", back);
        }
        f.write_str(&with_query(
            settings.site.app_url.join(&settings.routes.sign_in),
            &query.finish(),
        ))
    }
}

impl From<SignInUrl> for String {
    fn from(url: SignInUrl) -> Self {
        url.to_string()
    }
}

impl fmt::Debug for SignInUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignInUrl")
            .field("sign_up", &self.sign_up)
            .field("return_url", &self.return_url)
            .field("parameters", &self.parameters)
            .finish_non_exhaustive()
    }
}

impl MonoCloud {
    /// Where to sign in, for a link.
    pub fn sign_in_url(&self) -> SignInUrl {
        SignInUrl::new(self, false)
    }

    /// Where to sign up, for a link: the issuer is asked for its registration page.
    pub fn sign_up_url(&self) -> SignInUrl {
        SignInUrl::new(self, true)
    }
}

#[cfg(test)]
mod tests {
    use super::{MonoCloud, Requested, SealedParameters, StepUp};
    use crate::access::Requirement;

    #[test]
    fn what_a_guard_checks_is_sealed_however_long_the_rest_is() {
        let client = MonoCloud::of_tests();
        let requested = Requested {
            id_token_hint: Some("x".repeat(2_000)),
            ..Requested::default()
        };
        let requirement = Requirement {
            max_age: Some(300),
            ..Requirement::PAGE
        };
        let step_up = StepUp::of(&requirement);
        let link = client
            .sign_in_url()
            .for_guard(requested, step_up.clone(), Some("mira"))
            .return_url("/page")
            .to_string();
        let (_, query) = link.split_once('?').expect("a query");
        let query: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
        let sealed = SealedParameters::of(&client, &query);
        assert!(step_up.is_some() && sealed.step_up == step_up);
        assert_eq!(sealed.subject.as_deref(), Some("mira"));
        assert!(sealed.requested == Requested::default());
        assert!(query.contains(&("return_url".into(), "/page".into())), "{link}");
    }
}
