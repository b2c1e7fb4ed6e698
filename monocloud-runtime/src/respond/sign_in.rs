//! The answer of a handler that wants somebody to sign in.

use super::Answer;
use super::redirect::go;
use crate::config::ResponseMode;
use crate::sign_in::SignInUrl;

/// Sends the browser to sign in (303, or `HX-Redirect` for HTMX), with what the sign-in is to ask for.
/// [`Auth::sign_in`](crate::Auth::sign_in) makes it, and it comes back to the page that was asked for; from a
/// link it is made with `SignIn::from(auth.sign_in_url())`.
///
/// ```
/// use monocloud_runtime::{Auth, SignIn};
///
/// async fn report(auth: Auth) -> Result<&'static str, SignIn> {
///     if auth.is_user_in_group(["auditor"]).await {
///         return Ok("the report");
///     }
///     Err(auth.sign_in().return_url("/reports").prompt("select_account"))
/// }
/// ```
#[derive(Clone, Debug)]
#[must_use = "only as the answer it takes the browser to sign in"]
pub struct SignIn {
    url: SignInUrl,
    by_htmx: bool,
}

macro_rules! as_the_url {
    ($($option:ident($value:ident: $type:ty);)*) => {
        impl SignIn {
            $(
                #[doc = concat!("As [`SignInUrl::", stringify!($option), "`].")]
                pub fn $option(mut self, $value: $type) -> Self {
                    self.url = self.url.$option($value);
                    self
                }
            )*

            /// As [`SignInUrl::as_someone_else`].
            pub fn as_someone_else(mut self) -> Self {
                self.url = self.url.as_someone_else();
                self
            }
        }
    };
}

as_the_url! {
    return_url(url: impl AsRef<str>);
    scopes(scopes: impl AsRef<str>);
    resource(resource: impl AsRef<str>);
    audience(audience: impl Into<String>);
    prompt(prompt: impl Into<String>);
    display(display: impl Into<String>);
    ui_locales(locales: impl Into<String>);
    acr_values(values: impl Into<String>);
    authenticator_hint(hint: impl Into<String>);
    max_age(seconds: u32);
    login_hint(hint: impl Into<String>);
    id_token_hint(hint: impl Into<String>);
    response_mode(mode: ResponseMode);
    for_subject(sub: impl Into<String>);
}

impl From<SignInUrl> for SignIn {
    fn from(url: SignInUrl) -> Self {
        Self { url, by_htmx: false }
    }
}

impl SignIn {
    pub(crate) fn by_htmx(self, by_htmx: bool) -> Self {
        Self { by_htmx, ..self }
    }

    pub(crate) fn into_answer(self) -> Answer {
        go(&self.url.to_string(), self.by_htmx)
    }
}
