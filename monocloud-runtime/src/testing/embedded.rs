//! The provider in place of an issuer, for an application that nobody has configured yet.
//!
//! People copy examples, so this opens no door by accident: one `MONOCLOUD_AUTH_*` variable, even a
//! wrong or an empty one, means that a real issuer is wanted. Only what says where sessions are goes with either.

use std::io;

use url::Url;

use super::provider::Provider;
use crate::client::{Builder, MonoCloud};
use crate::config::ConfigError;
use crate::crypto;
use crate::http_client::is_loopback;

const PREFIX: &str = "MONOCLOUD_AUTH_";
const OF_THE_API: &str = "MONOCLOUD_BACKEND_";
const OF_SESSIONS: [&str; 3] = [
    "MONOCLOUD_AUTH_REDIS_URL",
    "MONOCLOUD_AUTH_SESSIONS_IN",
    "MONOCLOUD_AUTH_MAX_SESSIONS_PER_USER",
];
const SWITCH: &str = "MONOCLOUD_EMBEDDED_PROVIDER";

/// Why there is neither an issuer nor a provider.
///
/// `Debug` prints what `Display` does, so that it can be read where `main` returns it.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum EmbeddedError {
    /// The variables are set, and something is wrong with them.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A release build does not start a provider that asks for no password.
    #[error(
        "no MONOCLOUD_AUTH_* variable names an issuer, and the embedded provider runs in debug builds only; set the variables of a real issuer, or {SWITCH}=true to try a release build"
    )]
    ReleaseBuild,
    /// An application that others can reach must not sign in whoever asks.
    #[error("the embedded provider signs in whoever asks, so the app URL must be on localhost, not `{0}`")]
    PublicAppUrl(String),
    /// The provider could not listen on loopback.
    #[error("the embedded provider could not start: {0}")]
    Io(#[from] io::Error),
}

impl std::fmt::Debug for EmbeddedError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

/// A client with the issuer of the variables or, when no other `MONOCLOUD_AUTH_*` variable is set than those below, with
/// a [`Provider`] that runs in this process; then for an application at `app_url`.
///
/// `MONOCLOUD_BACKEND_*` variables are read with both, so that an API takes access tokens of either, and so are
/// `MONOCLOUD_AUTH_SESSIONS_IN`, `MONOCLOUD_AUTH_REDIS_URL` and `MONOCLOUD_AUTH_MAX_SESSIONS_PER_USER`, which say nothing of
/// an issuer.
///
/// The provider stops when it is dropped, so keep it as long as the application runs. Its clients
/// and sessions are forgotten with the process. Who signs out there is signed out of the application too: it is told by
/// a logout token (OIDC Back-Channel Logout 1.0).
///
/// # Errors
///
/// See [`EmbeddedError`]. A partial set of variables is an error that names what is missing.
pub async fn from_env_or_embedded(app_url: &str) -> Result<(MonoCloud, Option<Provider>), EmbeddedError> {
    from_env_or_embedded_with(app_url, |settings, _| settings).await
}

/// The same, with what is set in code, such as hooks. `settings` also gets the [`Provider`], if there is one: what it sets
/// wins over variables, so scopes and the like are better set for the provider alone.
///
/// # Errors
///
/// As [`from_env_or_embedded`].
pub async fn from_env_or_embedded_with(
    app_url: &str,
    settings: impl FnOnce(Builder, Option<&Provider>) -> Builder,
) -> Result<(MonoCloud, Option<Provider>), EmbeddedError> {
    let names = std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
    let switched_on = std::env::var(SWITCH)
        .is_ok_and(|value| matches!(&*value.to_ascii_lowercase(), "true" | "1" | "yes" | "on"));
    if is_configured(names) {
        return Ok((configured(MonoCloud::builder().with_env(), settings)?, None));
    }
    if !cfg!(debug_assertions) && !switched_on {
        return Err(EmbeddedError::ReleaseBuild);
    }
    let of_either = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| goes_with_either(name));
    let (client, provider) = embedded_with(app_url, of_either, settings).await?;
    Ok((client, Some(provider)))
}

/// A client with a provider in this process, for an application at `app_url` on this machine.
///
/// # Errors
///
/// See [`EmbeddedError`].
pub async fn embedded(app_url: &str) -> Result<(MonoCloud, Provider), EmbeddedError> {
    embedded_with(app_url, [], |settings, _| settings).await
}

async fn embedded_with(
    app_url: &str,
    of_either: impl IntoIterator<Item = (String, String)>,
    settings: impl FnOnce(Builder, Option<&Provider>) -> Builder,
) -> Result<(MonoCloud, Provider), EmbeddedError> {
    if !Url::parse(app_url).is_ok_and(|url| is_loopback(&url)) {
        return Err(EmbeddedError::PublicAppUrl(app_url.to_owned()));
    }
    let provider = Provider::builder().start().await?;
    let client = MonoCloud::builder()
        .with_vars(of_either)
        .tenant_domain(provider.issuer())
        .client_id(provider.client_id())
        .client_secret(provider.client_secret())
        .app_url(app_url)
        .cookie_secret(crypto::random_token());
    let client = settings(client, Some(&provider)).build()?;
    // By the front channel every sign-out would stop at a page of the provider's.
    let logout = client
        .settings()
        .site
        .app_url
        .join(client.routes().back_channel_logout);
    provider.tell_of_logouts(logout);
    Ok((client, provider))
}

/// With a real issuer, whom the variables name.
fn configured(
    variables: Builder,
    settings: impl FnOnce(Builder, Option<&Provider>) -> Builder,
) -> Result<MonoCloud, ConfigError> {
    settings(variables, None).build()
}

fn is_configured(names: impl IntoIterator<Item = String>) -> bool {
    let mut names = names.into_iter();
    names.any(|name| name.starts_with(PREFIX) && !goes_with_either(&name))
}

fn goes_with_either(name: &str) -> bool {
    name.starts_with(OF_THE_API) || OF_SESSIONS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::{EmbeddedError, configured, embedded, embedded_with, is_configured};
    use crate::client::MonoCloud;
    use crate::tokens::AccessTokenRequirement;

    #[test]
    fn one_variable_is_enough_to_want_a_real_issuer() {
        let configured = |names: &[&str]| is_configured(names.iter().map(|name| (*name).to_owned()));
        assert!(configured(&["PATH", "MONOCLOUD_AUTH_APP_URL"]));
        assert!(configured(&["MONOCLOUD_AUTH_TYPO"]));
        assert!(!configured(&[
            "PATH",
            "MONOCLOUD_EMBEDDED_PROVIDER",
            "MONOCLOUD_BACKEND_AUDIENCE",
            "MONOCLOUD_AUTH_REDIS_URL",
            "MONOCLOUD_AUTH_SESSIONS_IN",
            "MONOCLOUD_AUTH_MAX_SESSIONS_PER_USER"
        ]));
        assert!(configured(&[
            "MONOCLOUD_AUTH_SESSIONS_IN",
            "MONOCLOUD_AUTH_CLIENT_ID"
        ]));
        assert!(configured(&["MONOCLOUD_AUTH_SESSIONS_IN_"]));
    }

    #[tokio::test]
    async fn sessions_are_where_a_variable_says() {
        let variables = [
            ("MONOCLOUD_AUTH_SESSIONS_IN".to_owned(), "memory".to_owned()),
            ("MONOCLOUD_AUTH_MAX_SESSIONS_PER_USER".to_owned(), "3".to_owned()),
        ];
        let (client, _provider) = embedded_with("http://localhost:3000", variables, |settings, _| settings)
            .await
            .expect("a client");
        assert!(client.keeping().is_some());
        assert_eq!(client.settings().sessions.max_sessions_per_user, Some(3));
    }

    #[tokio::test]
    async fn a_public_app_url_is_refused() {
        for public in [
            "https://app.example.com",
            "http://192.168.1.4:3000",
            "http://localhost.example.com",
            "x",
        ] {
            assert!(
                matches!(embedded(public).await, Err(EmbeddedError::PublicAppUrl(_))),
                "{public}"
            );
        }
    }

    #[tokio::test]
    async fn settings_beyond_the_defaults_are_taken_and_checked() {
        let of = |scopes: &'static str| {
            embedded_with("http://localhost:3000", [], move |settings, _| {
                settings.scopes(scopes)
            })
        };
        let (client, _provider) = of("openid offline_access").await.expect("a client");
        assert_eq!(
            client.settings().auth_params.scopes.to_string(),
            "openid offline_access"
        );
        assert!(
            matches!(of("profile").await, Err(EmbeddedError::Config(_))),
            "without `openid`"
        );
    }

    #[tokio::test]
    async fn access_tokens_of_the_provider_are_taken_where_a_variable_says_so() {
        let of_the_api = [(
            "MONOCLOUD_BACKEND_AUDIENCE".to_owned(),
            "https://api.example.com".to_owned(),
        )];
        let (client, provider) = embedded_with("http://localhost:3000", of_the_api, |settings, _| settings)
            .await
            .expect("a client");
        let token = provider.access_token("mira", "https://api.example.com", &[]);
        let asked = AccessTokenRequirement::new();
        assert!(client.validate_access_token(&token, asked).await.is_ok());
    }

    #[test]
    fn what_is_set_in_code_is_also_set_beside_variables() {
        let variables = [
            ("MONOCLOUD_AUTH_TENANT_DOMAIN", "https://issuer.example.com"),
            ("MONOCLOUD_AUTH_CLIENT_ID", "web"),
            ("MONOCLOUD_AUTH_CLIENT_SECRET", "s3cret-of-the-client"),
            ("MONOCLOUD_AUTH_APP_URL", "https://app.example.com"),
            (
                "MONOCLOUD_AUTH_COOKIE_SECRET",
                "7c1e9f3a5b2d48606e8d0c1b2a394857f6e5d4c3b2a190817263544f3e2d1c0b",
            ),
            ("MONOCLOUD_AUTH_SCOPES", "openid profile"),
        ];
        let client = configured(MonoCloud::builder().with_vars(variables), |settings, provider| {
            assert!(provider.is_none(), "the issuer is a real one");
            settings.use_par(true)
        });
        let client = client.expect("a client");
        assert!(client.settings().client_auth.use_par);
        assert_eq!(client.settings().auth_params.scopes.to_string(), "openid profile");
    }
}
