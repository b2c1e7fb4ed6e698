//! Where sign-out leads.

use url::Url;

use super::address::has_credentials;
use super::kind::{Flag, Kind, Text, Texts};
use super::rules::{Check, any_or, each, optional};
use super::setting::settings;
use super::site::AppUrl;
use super::sources::Sources;
use crate::http_client::is_loopback;

settings! {
    in sign_out(app_url: Option<&AppUrl>) -> SignOutRules;

    /// Whether sign-out also ends the session at the issuer. `MONOCLOUD_AUTH_FEDERATED_SIGNOUT`, `true`.
    federated_sign_out: Flag = "MONOCLOUD_AUTH_FEDERATED_SIGNOUT",
        any_or(true) => bool;

    /// Whether sign-out also revokes the session's tokens at the issuer (RFC 7009). `MONOCLOUD_AUTH_REVOKE_ON_SIGNOUT`,
    /// `false`.
    revoke_on_sign_out: Flag = "MONOCLOUD_AUTH_REVOKE_ON_SIGNOUT",
        any_or(false) => bool;

    /// Where sign-out ends. `MONOCLOUD_AUTH_POST_LOGOUT_REDIRECT_URI`, the app URL; a relative value is resolved
    /// against it.
    post_logout_redirect_uri: Text = "MONOCLOUD_AUTH_POST_LOGOUT_REDIRECT_URI",
        |given| post_logout(app_url, given) => String;

    /// Further absolute URIs that `post_logout_url` may name. `MONOCLOUD_AUTH_POST_LOGOUT_REDIRECT_URIS`, separated by
    /// spaces.
    post_logout_redirect_uris: Texts = "MONOCLOUD_AUTH_POST_LOGOUT_REDIRECT_URIS",
        each(absolute) => Vec<String>;

    /// The issuer's own logout page, where its metadata has no `end_session_endpoint`; with `{client_id}` and
    /// `{post_logout_redirect_uri}` where it takes them. `MONOCLOUD_AUTH_LOGOUT_URL`.
    logout_url: Text = "MONOCLOUD_AUTH_LOGOUT_URL",
        optional(LogoutUrl::parse) => Option<LogoutUrl>;
}

fn post_logout(app_url: Option<&AppUrl>, given: Option<String>) -> Result<String, String> {
    // Without an app URL there is a problem already.
    let Some(app_url) = app_url else {
        return Ok(String::new());
    };
    let Some(given) = given else {
        return Ok(app_url.join(""));
    };
    // A path is the application's own, below where it is mounted.
    let parsed = if given.starts_with('/') && !given.starts_with("//") {
        Url::parse(&app_url.join(&given))
    } else {
        app_url.url().join(&given)
    };
    match parsed {
        Ok(url) if matches!(url.scheme(), "http" | "https") && !has_credentials(&url) => Ok(url.into()),
        Ok(_) => Err(format!("not a web address; write one like {}", app_url.url())),
        Err(error) => Err(format!("not a URL ({error}); write one like {}", app_url.url())),
    }
}

/// Any scheme, since applications on devices have their own.
fn absolute(value: &str) -> Result<String, String> {
    match Url::parse(value) {
        Ok(url) if url.host().is_some() && !has_credentials(&url) => Ok(url.into()),
        Ok(url) if has_credentials(&url) => {
            Err("a URL with a user name or password is not allowed".to_owned())
        }
        _ => Err("one of them is not an absolute URL, such as https://www.example.com/bye".to_owned()),
    }
}

/// The address of an issuer's own logout page, with places for the client's id and for where the browser goes
/// afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogoutUrl(String);

impl LogoutUrl {
    const EXAMPLE: &str =
        "https://auth.example.com/logout?client_id={client_id}&logout_uri={post_logout_redirect_uri}";

    fn parse(value: &str) -> Result<Self, String> {
        let template = Self(value.to_owned());
        if template.with("", "").contains(['{', '}']) {
            return Err(format!(
                "it may name {{client_id}} and {{post_logout_redirect_uri}} and no others; write one like {}",
                Self::EXAMPLE
            ));
        }
        let origin = |filled: &str| {
            Url::parse(&template.with(filled, filled))
                .ok()
                .filter(|url| url.scheme() == "https" || url.scheme() == "http" && is_loopback(url))
                .filter(|url| !has_credentials(url))
                .map(|url| url.origin())
        };
        // What is filled in stands behind the host, and so decides nothing about where the browser goes.
        if origin("a").is_none() || origin("a") != origin("b") {
            return Err(format!("not an https address; write one like {}", Self::EXAMPLE));
        }
        Ok(template)
    }

    /// The address for one sign-out.
    pub(crate) fn to(&self, client_id: &str, post_logout_redirect_uri: &str) -> Url {
        let encoded =
            |value: &str| url::form_urlencoded::byte_serialize(value.as_bytes()).collect::<String>();
        Url::parse(&self.with(&encoded(client_id), &encoded(post_logout_redirect_uri)))
            .expect("letters, digits and percent signs behind the host keep a URL a URL")
    }

    fn with(&self, client_id: &str, post_logout_redirect_uri: &str) -> String {
        self.0
            .replace("{client_id}", client_id)
            .replace("{post_logout_redirect_uri}", post_logout_redirect_uri)
    }
}

#[cfg(test)]
mod tests {
    use super::LogoutUrl;

    #[test]
    fn what_is_filled_in_stays_one_parameter() {
        let url = LogoutUrl::parse(LogoutUrl::EXAMPLE).expect("valid");
        assert_eq!(
            url.to("a&b", "https://app.example.com/?x={client_id}").as_str(),
            "https://auth.example.com/logout?client_id=a%26b&logout_uri=https%3A%2F%2Fapp.example.com%2F%3Fx%3D%7Bclient_id%7D"
        );
    }
}
