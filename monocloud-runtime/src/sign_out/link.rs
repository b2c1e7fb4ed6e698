//! Addresses of the sign-out route, for links in pages.

use std::fmt;

use url::form_urlencoded;

use crate::client::MonoCloud;
use crate::params::with_query;
use crate::sign_in::{ReturnUrl, post_logout};

/// The address of the sign-out route.
///
/// ```
/// # let auth = monocloud_runtime::MonoCloud::builder()
/// #     .tenant_domain("https://acme.us.monocloud.com")
/// #     .client_id("app")
/// #     .client_secret("secret")
/// #     .app_url("https://app.example.com")
/// #     .cookie_secret("b1946ac92492d2347c6235b4d2611184a591a6153c79b9fb5b1946ac92492d23")
/// #     .build()?;
/// assert_eq!(auth.sign_out_url().to_string(), "https://app.example.com/api/auth/signout");
/// # Ok::<(), monocloud_runtime::settings::ConfigError>(())
/// ```
#[derive(Clone)]
#[must_use = "it is printed, or sent as the place of a redirect"]
pub struct SignOutUrl {
    client: MonoCloud,
    post_logout_url: Option<String>,
}

impl SignOutUrl {
    /// Where the browser ends after it: a path of the application as its router knows it, or an absolute URL
    /// on this site or listed with
    /// [`Builder::post_logout_redirect_uris`](crate::settings::Builder::post_logout_redirect_uris). Anything else is
    /// passed over.
    pub fn post_logout_url(mut self, url: impl AsRef<str>) -> Self {
        let url = url.as_ref();
        let settings = self.client.settings();
        let on_site = ReturnUrl::of_application(&self.client, url).map(ReturnUrl::into_string);
        if let Some(url) = on_site.or_else(|| post_logout(settings, url)) {
            self.post_logout_url = Some(url);
        }
        self
    }
}

impl fmt::Display for SignOutUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = self.client.settings();
        let mut query = form_urlencoded::Serializer::new(String::new());
        if let Some(url) = &self.post_logout_url {
            query.append_pair("post_logout_url", url);
        }
        f.write_str(&with_query(
            settings.site.app_url.join(&settings.routes.sign_out),
            &query.finish(),
        ))
    }
}

impl From<SignOutUrl> for String {
    fn from(url: SignOutUrl) -> Self {
        url.to_string()
    }
}

impl fmt::Debug for SignOutUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignOutUrl")
            .field("post_logout_url", &self.post_logout_url)
            .finish_non_exhaustive()
    }
}

impl MonoCloud {
    /// Where to sign out, for a link.
    pub fn sign_out_url(&self) -> SignOutUrl {
        SignOutUrl {
            client: self.clone(),
            post_logout_url: None,
        }
    }
}
