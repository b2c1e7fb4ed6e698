//! The applications that may sign people in here, and the URIs that they may name.

use std::fmt;

use serde_json::Value;
use url::{Host, Url};

use super::encoding::random_id;
use super::keys::SigningKey;
use super::signing_alg::SigningAlg;

/// How a client proves who it is. Only the registered way is accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientAuth {
    /// `client_secret_basic`: HTTP Basic, id and secret form-encoded first (RFC 6749 2.3.1).
    #[default]
    SecretBasic,
    /// `client_secret_post`: id and secret in the form.
    SecretPost,
    /// `client_secret_jwt`: an assertion that is authenticated with the secret (RFC 7523, OIDC Core 9).
    SecretJwt,
    /// `private_key_jwt`: an assertion that is signed with a key of the client's (RFC 7523, OIDC Core 9).
    PrivateKeyJwt,
}

impl ClientAuth {
    /// The name in metadata, such as `client_secret_basic`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SecretBasic => "client_secret_basic",
            Self::SecretPost => "client_secret_post",
            Self::SecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
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
    public_keys: Vec<Value>,
    assertion_alg: Option<String>,
    id_token_alg: SigningAlg,
    userinfo_alg: Option<SigningAlg>,
    introspection_alg: Option<SigningAlg>,
    own_scopes: Option<Vec<String>>,
    audiences: Vec<String>,
    redirect_uris: Vec<String>,
    post_logout_redirect_uris: Vec<String>,
    back_channel_logout_uri: Option<String>,
    front_channel_logout_uri: Option<String>,
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
            public_keys: Vec::new(),
            assertion_alg: None,
            id_token_alg: SigningAlg::Rs256,
            userinfo_alg: None,
            introspection_alg: None,
            own_scopes: None,
            audiences: Vec::new(),
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            back_channel_logout_uri: None,
            front_channel_logout_uri: None,
        }
    }

    /// A chosen secret in place of the random one.
    #[must_use]
    pub fn secret_value(mut self, secret: impl Into<String>) -> Self {
        self.secret = secret.into();
        self
    }

    /// How the client authenticates at the token, the pushed authorization request and every other endpoint that
    /// asks for it.
    #[must_use]
    pub fn auth_method(mut self, auth: ClientAuth) -> Self {
        self.auth = Some(auth);
        self
    }

    /// Has the client authenticate with a private key that is made here (`private_key_jwt`): its public half is
    /// registered, and [`ProviderClient::secret`] is the key itself, in PEM, as the setting `client_secret` takes it.
    /// An RSA key may sign with any algorithm of RSA, unless [`ProviderClient::assertion_alg`] names one.
    ///
    /// ```
    /// use monocloud_runtime::testing::{ProviderClient, SigningAlg};
    ///
    /// let client = ProviderClient::new("shop").private_key_jwt(SigningAlg::Es256);
    /// assert!(client.secret().starts_with("-----BEGIN PRIVATE KEY-----"));
    /// ```
    #[must_use]
    pub fn private_key_jwt(self, alg: SigningAlg) -> Self {
        let key = SigningKey::generate(alg);
        let mut jwk = key.jwk();
        if let Some(members) = jwk.as_object_mut() {
            // PEM says neither, so that nothing says it of the same key here.
            members.retain(|name, _| name != "alg" && name != "kid");
        }
        Self {
            secret: key.pem(),
            ..self.public_key(jwk)
        }
    }

    /// Has the client authenticate with a private key (`private_key_jwt`) whose public half is this JWK, beside others
    /// that are registered.
    #[must_use]
    pub fn public_key(mut self, jwk: Value) -> Self {
        self.auth = Some(ClientAuth::PrivateKeyJwt);
        self.public_keys.push(jwk);
        self
    }

    /// The one algorithm of the client's assertions, such as `PS256` or `HS512`
    /// (`token_endpoint_auth_signing_alg`). Without it, any that fits its key or its secret.
    #[must_use]
    pub fn assertion_alg(mut self, alg: impl Into<String>) -> Self {
        self.assertion_alg = Some(alg.into());
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

    /// Has introspection answer this client with a JWT, signed with this algorithm, in place of JSON
    /// (`introspection_signed_response_alg`; RFC 9701 6). Without it, a client that accepts
    /// `application/token-introspection+jwt` gets one of the algorithm of its ID tokens.
    #[must_use]
    pub fn introspection_alg(mut self, alg: SigningAlg) -> Self {
        self.introspection_alg = Some(alg);
        self
    }

    /// Registers the client for access tokens of its own (RFC 6749 4.4), with these scopes at most: those that it asks
    /// for, or all of them. Others that it asks for are left out.
    #[must_use]
    pub fn client_credentials<I>(mut self, scopes: I) -> Self
    where
        I: IntoIterator<Item: Into<String>>,
    {
        self.own_scopes = Some(scopes.into_iter().map(Into::into).collect());
        self
    }

    /// An API that the client is: introspection tells it of tokens for this audience. Every client is told of its own.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
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

    /// Where the client is told that somebody who is signed in there has signed out
    /// (`backchannel_logout_uri`; OIDC Back-Channel Logout 1.0 2.2).
    #[must_use]
    pub fn back_channel_logout_uri(mut self, uri: impl Into<String>) -> Self {
        self.back_channel_logout_uri = Some(uri.into());
        self
    }

    /// What the page at the end of a sign-out embeds, with `iss` and `sid`, so that the client learns of it by the
    /// browser (`frontchannel_logout_uri`; OIDC Front-Channel Logout 1.0 2).
    #[must_use]
    pub fn front_channel_logout_uri(mut self, uri: impl Into<String>) -> Self {
        self.front_channel_logout_uri = Some(uri.into());
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

    /// The registered authentication method, else the provider's first.
    pub(super) fn auth(&self, default: ClientAuth) -> ClientAuth {
        self.auth.unwrap_or(default)
    }

    pub(super) fn public_keys(&self) -> &[Value] {
        &self.public_keys
    }

    pub(super) fn alg_of_assertions(&self) -> Option<&str> {
        self.assertion_alg.as_deref()
    }

    pub(super) fn alg_of_id_token(&self) -> SigningAlg {
        self.id_token_alg
    }

    pub(super) fn alg_of_userinfo(&self) -> Option<SigningAlg> {
        self.userinfo_alg
    }

    pub(super) fn alg_of_introspection(&self) -> Option<SigningAlg> {
        self.introspection_alg
    }

    /// The scopes of its own tokens, where it may have any.
    pub(super) fn own_scopes(&self) -> Option<&[String]> {
        self.own_scopes.as_deref()
    }

    /// Whether the client is one of the APIs that a token is for.
    pub(super) fn is_one_of(&self, audience: &[String]) -> bool {
        self.audiences.iter().any(|own| audience.contains(own))
    }

    pub(super) fn back_channel(&self) -> Option<&str> {
        self.back_channel_logout_uri.as_deref()
    }

    pub(super) fn front_channel(&self) -> Option<&str> {
        self.front_channel_logout_uri.as_deref()
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
            .field("public_keys", &self.public_keys)
            .field("assertion_alg", &self.assertion_alg)
            .field("id_token_alg", &self.id_token_alg)
            .field("userinfo_alg", &self.userinfo_alg)
            .field("introspection_alg", &self.introspection_alg)
            .field("own_scopes", &self.own_scopes)
            .field("audiences", &self.audiences)
            .field("redirect_uris", &self.redirect_uris)
            .field("post_logout_redirect_uris", &self.post_logout_redirect_uris)
            .field("back_channel_logout_uri", &self.back_channel_logout_uri)
            .field("front_channel_logout_uri", &self.front_channel_logout_uri)
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
