//! The applications that may sign people in here, and the URIs that they may name.

use std::fmt;

use url::{Host, Url};

use super::encoding::random_id;
use super::signing_alg::SigningAlg;

/// How a client proves who it is at the token endpoint. Only the registered way is accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientAuth {
    /// `client_secret_basic`: HTTP Basic, id and secret form-encoded first (RFC 6749 2.3.1).
    #[default]
    SecretBasic,
    /// `client_secret_post`: id and secret in the form.
    SecretPost,
}

impl ClientAuth {
    /// The name in metadata, such as `client_secret_basic`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SecretBasic => "client_secret_basic",
            Self::SecretPost => "client_secret_post",
        }
    }
}

/// An application that is registered with the provider.
///
/// ```
/// use monocloud_runtime::testing::{ClientAuth, ProviderClient, SigningAlg};
///
/// let client = ProviderClient::new("shop")
///     .auth_method(ClientAuth::SecretPost)
///     .id_token_alg(SigningAlg::Es256)
///     .redirect_uri("http://localhost:3000/api/auth/callback");
/// assert_eq!(client.id(), "shop");
/// ```
#[derive(Clone)]
pub struct ProviderClient {
    id: String,
    secret: String,
    auth: Option<ClientAuth>,
    id_token_alg: SigningAlg,
    userinfo_alg: Option<SigningAlg>,
    redirect_uris: Vec<String>,
    post_logout_redirect_uris: Vec<String>,
}

impl ProviderClient {
    /// A client with a random secret, the provider's first authentication method (`client_secret_basic`, see
    /// [`ProviderBuilder::token_auth_methods`](super::ProviderBuilder::token_auth_methods)) and RS256. Any URI on
    /// loopback is a redirect URI until one is registered.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            secret: random_id(32),
            auth: None,
            id_token_alg: SigningAlg::Rs256,
            userinfo_alg: None,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
        }
    }

    /// A chosen secret in place of the random one.
    #[must_use]
    pub fn secret_value(mut self, secret: impl Into<String>) -> Self {
        self.secret = secret.into();
        self
    }

    /// How the client authenticates at the token endpoint.
    #[must_use]
    pub fn auth_method(mut self, auth: ClientAuth) -> Self {
        self.auth = Some(auth);
        self
    }

    /// The algorithm that signs this client's ID tokens.
    #[must_use]
    pub fn id_token_alg(mut self, alg: SigningAlg) -> Self {
        self.id_token_alg = alg;
        self
    }

    /// Has userinfo answer this client with a JWT, signed with this algorithm, in place of JSON
    /// (`userinfo_signed_response_alg`; OIDC Core 5.3.2).
    #[must_use]
    pub fn userinfo_alg(mut self, alg: SigningAlg) -> Self {
        self.userinfo_alg = Some(alg);
        self
    }

    /// Registers a redirect URI. It is compared as a string, whole (RFC 9700 4.1.3).
    #[must_use]
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uris.push(uri.into());
        self
    }

    /// Registers a URI to return to after sign-out. It is compared as a string, whole.
    #[must_use]
    pub fn post_logout_redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.post_logout_redirect_uris.push(uri.into());
        self
    }

    /// The client identifier.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The client secret.
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// The registered authentication method, if one was named.
    pub(super) fn registered_auth(&self) -> Option<ClientAuth> {
        self.auth
    }

    pub(super) fn alg_of_id_token(&self) -> SigningAlg {
        self.id_token_alg
    }

    pub(super) fn alg_of_userinfo(&self) -> Option<SigningAlg> {
        self.userinfo_alg
    }

    pub(super) fn may_redirect_to(&self, uri: &str) -> bool {
        allowed(&self.redirect_uris, uri)
    }

    pub(super) fn may_return_to(&self, uri: &str) -> bool {
        allowed(&self.post_logout_redirect_uris, uri)
    }
}

/// Leaves the secret out.
impl fmt::Debug for ProviderClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderClient")
            .field("id", &self.id)
            .field("secret", &"[redacted]")
            .field("auth", &self.auth)
            .field("id_token_alg", &self.id_token_alg)
            .field("userinfo_alg", &self.userinfo_alg)
            .field("redirect_uris", &self.redirect_uris)
            .field("post_logout_redirect_uris", &self.post_logout_redirect_uris)
            .finish()
    }
}

fn allowed(registered: &[String], uri: &str) -> bool {
    if registered.is_empty() {
        is_loopback(uri)
    } else {
        registered.iter().any(|known| known == uri)
    }
}

/// Whether a URI leads to this machine over HTTP, and is fit to be redirected to (no fragment, no user).
fn is_loopback(uri: &str) -> bool {
    let Ok(url) = Url::parse(uri) else {
        return false;
    };
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    here && matches!(url.scheme(), "http" | "https")
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
}
