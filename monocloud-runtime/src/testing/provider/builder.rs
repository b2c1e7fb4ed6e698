//! Settings of a provider, each with a default that suits a quickstart.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::clients::{ClientAuth, ProviderClient};
use super::core::{Clock, Core, Requires, Settings};
use super::handle::Provider;
use super::log::Endpoint;
use super::users::{ProviderUser, default_users};

impl Provider {
    /// A builder with one client, `quickstart`, and three users.
    pub fn builder() -> ProviderBuilder {
        ProviderBuilder::default()
    }
}

/// Makes a [`Provider`]. See [`Provider::builder`].
#[must_use]
pub struct ProviderBuilder {
    port: u16,
    issuer_path: String,
    client: ProviderClient,
    more_clients: Vec<ProviderClient>,
    users: Vec<ProviderUser>,
    settings: Settings,
}

impl Default for ProviderBuilder {
    fn default() -> Self {
        Self {
            port: 0,
            issuer_path: String::new(),
            client: ProviderClient::new("quickstart"),
            more_clients: Vec::new(),
            users: Vec::new(),
            settings: Settings {
                clock: system_clock(),
                requires: Requires::default(),
                groups: true,
                claims_in_id_token: false,
                access_token_lifetime: Duration::from_hours(1),
                id_token_lifetime: Duration::from_hours(1),
                token_auth_methods: vec![
                    ClientAuth::SecretBasic,
                    ClientAuth::SecretPost,
                    ClientAuth::SecretJwt,
                    ClientAuth::PrivateKeyJwt,
                ],
                left_out: Vec::new(),
                acr_values: None,
                opaque_resources: Vec::new(),
            },
        }
    }
}

impl ProviderBuilder {
    /// The port on 127.0.0.1, in place of one that the system chooses.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// A path for the issuer, such as `/tenant`. A trailing slash becomes part of the issuer's name: `/` or
    /// `/tenant/`. A missing leading slash is added.
    pub fn issuer_path(mut self, path: impl AsRef<str>) -> Self {
        let path = path.as_ref();
        let slash = if path.is_empty() || path.starts_with('/') {
            ""
        } else {
            "/"
        };
        self.issuer_path = format!("{slash}{path}");
        self
    }

    /// The default client, in place of `quickstart` with a random secret.
    pub fn default_client(mut self, client: ProviderClient) -> Self {
        self.client = client;
        self
    }

    /// One more client.
    pub fn client(mut self, client: ProviderClient) -> Self {
        self.more_clients.push(client);
        self
    }

    /// A user. With the first one, the three default users go.
    pub fn user(mut self, user: ProviderUser) -> Self {
        self.users.push(user);
        self
    }

    /// Users. With the first one, the three default users go.
    pub fn users(mut self, users: impl IntoIterator<Item = ProviderUser>) -> Self {
        self.users.extend(users);
        self
    }

    /// Refuses sign-ins without a PKCE challenge. Off by default: one is verified when it is sent.
    pub fn require_pkce(mut self, required: bool) -> Self {
        self.settings.requires.pkce = required;
        self
    }

    /// Refuses sign-ins that were not pushed (RFC 9126), and says so in the metadata
    /// (`require_pushed_authorization_requests`). Off by default: one may be pushed.
    ///
    /// ```
    /// use monocloud_runtime::testing::{Endpoint, Provider};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let provider = Provider::builder().require_par(true).start().await?;
    /// // After a sign-in, what was asked for stands in the pushed request alone:
    /// // provider.last_request(Endpoint::PushedAuthorization)
    /// assert_eq!(provider.calls(Endpoint::PushedAuthorization), 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn require_par(mut self, required: bool) -> Self {
        self.settings.requires.par = required;
        self
    }

    /// Whether the `groups` claim is told. On by default.
    pub fn groups_claim(mut self, told: bool) -> Self {
        self.settings.groups = told;
        self
    }

    /// Whether the ID token repeats the user's claims, which userinfo always has. Off by default.
    pub fn claims_in_id_token(mut self, repeated: bool) -> Self {
        self.settings.claims_in_id_token = repeated;
        self
    }

    /// How clients may authenticate, as the metadata tells it (`token_endpoint_auth_methods_supported`): all that
    /// [`ClientAuth`] has by default, HTTP Basic first. The first one is that of
    /// clients which are registered without a method. With an empty list the metadata tells nothing, which means
    /// HTTP Basic (OIDC Discovery 3).
    pub fn token_auth_methods(mut self, methods: impl IntoIterator<Item = ClientAuth>) -> Self {
        self.settings.token_auth_methods = methods.into_iter().collect();
        self
    }

    /// Leaves an endpoint out, in the metadata and at its address, such as [`Endpoint::EndSession`] or
    /// [`Endpoint::Userinfo`].
    pub fn without_endpoint(mut self, endpoint: Endpoint) -> Self {
        self.settings.left_out.push(endpoint);
        self
    }

    /// The authentication contexts that a sign-in can reach, told by the metadata (`acr_values_supported`). A
    /// request for others is answered without `acr`. By default every one that is asked for is reached, and the
    /// metadata tells nothing.
    pub fn acr_values<I>(mut self, values: I) -> Self
    where
        I: IntoIterator<Item: Into<String>>,
    {
        self.settings.acr_values = Some(values.into_iter().map(Into::into).collect());
        self
    }

    /// APIs whose access tokens are opaque: each a `resource` or `audience`, compared as strings. A token for any other
    /// is a JWT (RFC 9068). One for several is opaque where one of them wants that.
    pub fn opaque_resources<I>(mut self, resources: I) -> Self
    where
        I: IntoIterator<Item: Into<String>>,
    {
        let resources = resources.into_iter().map(Into::into);
        self.settings.opaque_resources.extend(resources);
        self
    }

    /// How long access tokens last, in whole seconds. An hour by default.
    pub fn access_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.access_token_lifetime = lifetime;
        self
    }

    /// How long ID tokens last, in whole seconds. An hour by default.
    pub fn id_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.id_token_lifetime = lifetime;
        self
    }

    /// A clock that tells Unix seconds, in place of the system's.
    pub fn clock(mut self, clock: Arc<dyn Fn() -> i64 + Send + Sync>) -> Self {
        self.settings.clock = clock;
        self
    }

    /// Binds to 127.0.0.1 and serves, on a thread of its own.
    ///
    /// # Errors
    ///
    /// When the port is taken, the issuer's path is no plain path, or the system gives no port or thread.
    pub async fn start(self) -> io::Result<Provider> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
        if !self.issuer_path.bytes().all(plain) || self.issuer_path.contains("//") {
            let text = "the issuer's path may have letters, digits, `-._~` and single slashes";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        let mut clients = vec![self.client.clone()];
        clients.extend(self.more_clients);
        let users = if self.users.is_empty() {
            default_users()
        } else {
            self.users
        };
        Provider::start(self.port, self.client, |address| {
            let path = &self.issuer_path;
            Core::new(address.to_string(), path, self.settings, clients, users)
        })
        .await
    }
}

fn system_clock() -> Clock {
    Arc::new(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}

impl fmt::Debug for ProviderBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderBuilder")
            .field("port", &self.port)
            .field("issuer_path", &self.issuer_path)
            .finish_non_exhaustive()
    }
}
