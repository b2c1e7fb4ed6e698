//! A running provider, as tests and applications hold it.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::net::TcpSocket;
use tokio::task::spawn_blocking;
use url::Url;

use super::clients::ProviderClient;
use super::core::Core;
use super::log::{Endpoint, RecordedRequest};
use super::server::Server;
use super::users::ProviderUser;

/// How long a port that was taken by someone else is tried for.
const PATIENCE: Duration = Duration::from_secs(5);

/// An `OpenID` provider in the process, for quickstarts and tests. It listens on loopback only, asks for no
/// password, and forgets everything when it is dropped. Nothing of it is meant for the open network.
///
/// People sign in with a page that lists them; the authorization code flow, pushed authorization requests, refresh
/// tokens, client credentials, userinfo, introspection, revocation, RP-initiated, back-channel and front-channel logout are there. It is strict where relying parties can go wrong: single-use
/// codes bound to client, redirect URI and PKCE challenge, pushed requests that are used once, the registered client
/// authentication method only, client assertions that are for the issuer, of a minute and used once, rotated refresh
/// tokens, exact redirect URIs. And it can be made to misbehave: see [`Fault`](super::Fault) and the methods
/// that begin with `tamper`.
///
/// ```
/// use monocloud_runtime::testing::{Endpoint, Fault, Provider, ProviderUser};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let provider = Provider::builder()
///     .user(ProviderUser::new("1").name("Noor Lindqvist").groups(["admin"]))
///     .start()
///     .await?;
/// assert!(provider.issuer().starts_with("http://127.0.0.1:"));
///
/// provider.fault(Fault::WrongNonce); // The next sign-ins must be refused …
/// provider.clear_faults(); // … and these go through again.
///
/// assert_eq!(provider.calls(Endpoint::Token), 0);
/// assert!(provider.last_request(Endpoint::Token).is_none());
/// # Ok(())
/// # }
/// ```
///
/// # Who is asked
///
/// The page is shown to those who are not signed in at the provider, and to others when the request asks for it:
/// with `prompt=login`, `select_account` or `create`, with a `max_age` that is over, with `acr_values` that the
/// sign-in did not reach, or with an `id_token_hint` or a `login_hint` that means another user. With `prompt=none`
/// the answer is `login_required` instead. A `login_hint` puts its user first: a `sub`, an e-mail address or a
/// `preferred_username`. ID tokens always tell `auth_time`, and `acr` when it was asked for.
///
/// # Access tokens
///
/// A token is opaque, unless its request names an API: with `resource` (RFC 8707) in the token request, or with
/// `audience` there or in the sign-in. Then it is a JWT for that API (RFC 9068), of the type `at+jwt`, signed as the
/// client's ID tokens are, with `iss`, `sub`, `aud`, `client_id`, `scope`, `iat`, `exp`, `jti`, `auth_time`, the user's
/// `groups` and, when it was asked for and reached, `acr`. Some APIs may want opaque ones all the same: see
/// [`ProviderBuilder::opaque_resources`](super::ProviderBuilder::opaque_resources).
///
/// Clients that are registered for it get tokens of their own ([`ProviderClient::client_credentials`]), and every client
/// introspects its tokens (RFC 7662) and those for the APIs that it is ([`ProviderClient::audience`]): what is not
/// known, expired, revoked or another's is inactive. [`Provider::access_token`] and [`Provider::client_credentials`]
/// make a token straight away, [`Fault::AccessToken`](super::Fault::AccessToken) and
/// [`Provider::tamper_access_token`] one that no API may take.
///
/// # Answering the page without a browser
///
/// A test sends the cookies back and posts `application/x-www-form-urlencoded` to [`Endpoint::Login`], with
/// `interaction` as it stands in the page and either `user` (a `sub`), or `action=sign_up` with `name`, `email` and
/// `groups`, or `action=deny`.
pub struct Provider {
    core: Arc<Core>,
    address: SocketAddr,
    /// The client that stands for all in [`Provider::client_id`] and [`Provider::client_secret`].
    client: ProviderClient,
    server: Mutex<Option<Server>>,
    /// Keeps the port from others while nobody listens.
    held: Mutex<Option<TcpSocket>>,
}

impl Provider {
    /// The issuer, exactly as it stands in the metadata and in ID tokens.
    pub fn issuer(&self) -> &str {
        &self.core.issuer
    }

    /// The identifier of the default client.
    pub fn client_id(&self) -> &str {
        self.client.id()
    }

    /// The secret of the default client.
    pub fn client_secret(&self) -> &str {
        self.client.secret()
    }

    /// Everyone who can sign in, those who signed up included.
    pub fn users(&self) -> Vec<ProviderUser> {
        self.core.memory().users.clone()
    }

    /// Adds a user, or replaces the one with the same `sub`. Sessions and tokens of that user stay valid, and
    /// userinfo tells the new claims.
    pub fn put_user(&self, user: ProviderUser) {
        self.core.memory().put_user(user);
    }

    /// Removes a user. Codes and tokens of that user lead nowhere from now on.
    pub fn remove_user(&self, sub: &str) {
        self.core.memory().users.retain(|user| user.sub() != sub);
    }

    /// Registers a client, or replaces the one with the same identifier.
    pub fn put_client(&self, client: ProviderClient) {
        let mut memory = self.core.memory();
        memory.clients.retain(|known| known.id() != client.id());
        memory.clients.push(client);
    }

    /// How often an endpoint was called, failed calls included.
    pub fn calls(&self, endpoint: Endpoint) -> usize {
        self.core.memory().log.calls(endpoint)
    }

    /// The last request that an endpoint received.
    pub fn last_request(&self, endpoint: Endpoint) -> Option<RecordedRequest> {
        self.core.memory().log.last(endpoint)
    }

    /// The URL of an endpoint.
    pub fn url(&self, endpoint: Endpoint) -> String {
        self.core.url(endpoint)
    }

    /// The URL that starts a sign-in from elsewhere, as a link of this issuer would: the application's
    /// `initiate_login_uri` with `iss` and, if they are given, `login_hint` and `target_link_uri`
    /// (third-party-initiated login, OIDC Core 4). Sent as a form, its query is the body of the POST.
    ///
    /// # Panics
    ///
    /// When `initiate_login_uri` is no absolute URL.
    ///
    /// ```
    /// # use monocloud_runtime::testing::Provider;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let provider = Provider::builder().issuer_path("/a").start().await?;
    /// let uri = "https://shop.example.com/api/auth/initiate";
    /// let link = provider.initiate_login_url(uri, Some("mira"), None);
    /// assert!(link.starts_with("https://shop.example.com/api/auth/initiate?iss=http%3A%2F%2F127.0.0.1%3A"));
    /// assert!(link.ends_with("%2Fa&login_hint=mira"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn initiate_login_url(
        &self,
        initiate_login_uri: &str,
        login_hint: Option<&str>,
        target_link_uri: Option<&str>,
    ) -> String {
        let mut url = Url::parse(initiate_login_uri).expect("an initiate_login_uri is an absolute URL");
        url.query_pairs_mut()
            .append_pair("iss", &self.core.issuer)
            .extend_pairs(login_hint.map(|hint| ("login_hint", hint)))
            .extend_pairs(target_link_uri.map(|target| ("target_link_uri", target)));
        url.into()
    }

    /// Replaces all signing keys. The old ones are published no longer; ID tokens that they signed are still
    /// good as an `id_token_hint`.
    pub fn rotate_keys(&self) {
        self.core.memory().keys.rotate();
    }

    /// Ends all sessions at the provider, so that the next sign-in shows the login page. Tokens stay valid.
    pub fn end_sessions(&self) {
        self.core.memory().sessions.clear();
    }

    /// Goes away: closes every connection, and refuses others. Users, keys, sessions and tokens are kept for
    /// [`Provider::restart`], and so is the port where the system allows it.
    pub async fn stop(&self) {
        let server = self.server().take();
        // The server's thread may be busy making a key; whoever waits here must not hold up others.
        let _ = spawn_blocking(move || drop(server)).await;
        let mut held = self.held();
        if held.is_none() {
            *held = hold(self.address).ok();
        }
    }

    /// Comes back at the same address, after [`Provider::stop`] or in place of it.
    ///
    /// # Errors
    ///
    /// When the port was taken by someone else in the meantime, and is not given back within some seconds.
    pub async fn restart(&self) -> io::Result<()> {
        self.stop().await;
        let address = self.address;
        drop(self.held().take());
        let listener = spawn_blocking(move || listen_again(address))
            .await
            .map_err(io::Error::other)??;
        let server = Server::start(listener, Arc::clone(&self.core)).await?;
        *self.server() = Some(server);
        Ok(())
    }

    /// Starts on a port of loopback; 0 lets the system choose one.
    pub(super) async fn start(
        port: u16,
        client: ProviderClient,
        core: impl FnOnce(SocketAddr) -> Core,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let address = listener.local_addr()?;
        let core = Arc::new(core(address));
        let server = Server::start(listener, Arc::clone(&core)).await?;
        Ok(Self {
            core,
            address,
            client,
            server: Mutex::new(Some(server)),
            held: Mutex::default(),
        })
    }

    /// Has the client that stands for all told of logouts there, unless it is told elsewhere.
    pub(in crate::testing) fn tell_of_logouts(&self, uri: String) {
        let mut memory = self.core.memory();
        let client = memory
            .clients
            .iter_mut()
            .find(|client| client.id() == self.client.id());
        if let Some(client) = client.filter(|client| client.back_channel().is_none()) {
            *client = client.clone().back_channel_logout_uri(uri);
        }
    }

    /// The client that stands for all.
    pub(super) fn client(&self) -> &ProviderClient {
        &self.client
    }

    pub(super) fn core(&self) -> &Core {
        &self.core
    }

    fn server(&self) -> std::sync::MutexGuard<'_, Option<Server>> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Option<TcpSocket>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bound, and not listening: who connects is refused, and nobody is given the port.
fn hold(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    // Connections that were closed a moment ago still have it.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// Blocks, so that a clock that was stopped does not matter.
fn listen_again(address: SocketAddr) -> io::Result<TcpListener> {
    let began = Instant::now();
    loop {
        match TcpListener::bind(address) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && began.elapsed() < PATIENCE => {
                thread::sleep(Duration::from_millis(50));
            }
            done => return done,
        }
    }
}

/// Shows where it listens, and no secret.
impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("issuer", &self.core.issuer)
            .field("client_id", &self.client.id())
            .finish_non_exhaustive()
    }
}
