//! The three processes and the provider that they trust.

use std::time::{Duration, Instant};

use fleet::{Front, Gate, Process};
use futures_util::future::join_all;
use monocloud_runtime::MonoCloud;
use monocloud_runtime::settings::{Builder, ClientAuthMethod};
use oidc_provider_peer::Peer;
use reqwest::Method;
use serde_json::{Value, json};
use stores::Server;
use support::{Page, UserAgent};

use crate::mode::Mode;

pub(crate) const CLIENT_SECRET: &str = "s3cret:/+%&=?~-long-enough-for-anyone";
pub(crate) const COOKIE_SECRET: &str = "a secret of the tests, longer than 32 bytes";

/// Where the provider tells of logouts.
pub(crate) const BACK_CHANNEL: &str = "/api/auth/backchannel-logout";

/// On two cores with much else to do, what takes less than a second elsewhere.
const SOON: Duration = Duration::from_secs(10);

/// What a test wants otherwise than others.
pub(crate) struct Setup {
    pub mode: Mode,
    /// The Redis of each process.
    pub redis: [String; 3],
    /// Another client of the provider's.
    pub other: Option<Value>,
    /// Of the provider, in milliseconds.
    pub response_timeout: &'static str,
}

impl Setup {
    /// All of it in one Redis.
    pub(crate) fn at(mode: Mode, redis: &str) -> Self {
        Self {
            mode,
            redis: [0; 3].map(|_| redis.to_owned()),
            other: None,
            // Twice of it and five seconds more are how long somebody who died is waited for.
            response_timeout: "2500",
        }
    }

    /// Where all is well, and nobody gives up waiting though much is done at once.
    pub(crate) fn patient(mode: Mode, redis: &Server) -> Self {
        Self {
            response_timeout: "20000",
            ..Self::at(mode, &format!("{}?timeout=20000", redis.url()))
        }
    }
}

pub(crate) struct Fleet {
    mode: Mode,
    redis: [String; 3],
    response_timeout: &'static str,
    pub processes: [Process; 3],
    pub front: Front,
    pub gate: Gate,
    pub peer: Peer,
}

impl Fleet {
    pub(crate) async fn of(mode: Mode, redis: &Server) -> Self {
        Self::start(Setup::at(mode, &redis.url())).await
    }

    pub(crate) async fn start(setup: Setup) -> Self {
        let (front, gate) = (Front::start().await, Gate::start().await);
        let app = registration("app", front.url(), Some(&front.at(BACK_CHANNEL)));
        let clients: Vec<_> = [app].into_iter().chain(setup.other).collect();
        let peer = Peer::start(&json!({
            "issuer": gate.url(),
            "provider": provider(),
            "clients": clients,
            "accounts": {
                "ada-byron": { "name": "Ada Byron", "email": "ada@example.com", "groups": ["admin", "editor"] },
                "ben-okri": { "name": "Ben Okri", "email": "ben@example.com", "groups": ["editor"] },
            },
            "keys": [{ "kid": "key", "alg": "RS256" }],
        }));
        gate.lead_to(&peer.address);
        let start = |redis| start_process(&front, &peer, setup.mode, redis, setup.response_timeout);
        let processes = setup.redis.each_ref().map(|redis| start(redis));
        let fleet = Self {
            mode: setup.mode,
            redis: setup.redis,
            response_timeout: setup.response_timeout,
            processes,
            front,
            gate,
            peer,
        };
        fleet.lead_to_all();
        fleet
    }

    fn lead_to_all(&self) {
        let urls = self.processes.iter().map(|process| process.url.clone());
        self.front.lead_to(urls.collect());
    }

    /// Ends one of the processes as `kill -9` does, and starts it anew.
    pub(crate) fn start_anew(&mut self, at: usize) {
        self.processes[at].kill();
        let redis = &self.redis[at];
        self.processes[at] = start_process(&self.front, &self.peer, self.mode, redis, self.response_timeout);
        self.lead_to_all();
    }

    /// All of them, each of which is ended before any other starts: what was in memory is gone.
    pub(crate) fn start_all_anew(&mut self) {
        self.processes.iter_mut().for_each(Process::kill);
        for at in 0..self.processes.len() {
            self.start_anew(at);
        }
    }

    /// For another application that is known to the provider.
    pub(crate) fn settings(&self) -> Builder {
        MonoCloud::builder()
            .tenant_domain(&self.peer.issuer)
            .client_secret(CLIENT_SECRET)
            .client_auth_method(ClientAuthMethod::ClientSecretBasic)
            .cookie_secret(COOKIE_SECRET)
    }

    /// Signs in for a page, by way of the provider's login page, and ends there.
    pub(crate) async fn sign_in(&self, agent: &UserAgent, account: &str) {
        let page = self.come_back(agent, account).await;
        self.assert_is_in(&page);
    }

    /// As [`Fleet::sign_in`], wherever it ends.
    pub(crate) async fn come_back(&self, agent: &UserAgent, account: &str) -> Page {
        let login = agent.visit(&self.front.at("/dashboard")).await;
        assert!(login.body.contains(r#"name="login""#), "{login:?}");
        let consent = agent
            .submit(&login, &[("login", account), ("password", "any")])
            .await;
        consented(agent, consent).await
    }

    /// Signs in again where the provider still knows who it is.
    pub(crate) async fn sign_in_again(&self, agent: &UserAgent) {
        let consent = agent
            .visit(&self.front.at("/api/auth/signin?return_url=%2Fdashboard"))
            .await;
        let page = consented(agent, consent).await;
        self.assert_is_in(&page);
    }

    fn assert_is_in(&self, page: &Page) {
        assert_eq!(page.url.as_str(), self.front.at("/dashboard"), "{page:?}");
        assert_eq!(page.status, 200, "{page:?}");
    }

    /// What a guarded route of each process answers.
    pub(crate) async fn ask(&self, agent: &UserAgent) -> [u16; 3] {
        let answers = self.processes.each_ref().map(|process| {
            let url = process.at("/api/me");
            async move { status(&agent.fetch(Method::GET, &url).await) }
        });
        join_all(answers).await.try_into().unwrap()
    }

    /// Asks until each process answers so.
    pub(crate) async fn comes_to(&self, agent: &UserAgent, expected: u16) {
        until(&format!("{expected} at all three"), async || {
            self.ask(agent).await == [expected; 3]
        })
        .await;
    }

    /// Each process refuses what is over: at once where it asks the Redis, and soon where it hears of it.
    pub(crate) async fn is_over(&self, agent: &UserAgent) {
        let began = Instant::now();
        let mut answers = self.ask(agent).await;
        while answers != [401; 3] && !self.mode.is_store() && began.elapsed() < SOON {
            tokio::time::sleep(Duration::from_millis(5)).await;
            answers = self.ask(agent).await;
        }
        assert_eq!(answers, [401; 3], "a stolen copy is let in");
    }

    /// Refreshes by way of the front, whether it is time or not.
    pub(crate) async fn refresh(&self, agent: &UserAgent) -> Page {
        agent.fetch(Method::POST, &self.front.at("/api/tokens?")).await
    }

    /// The tokens as one of the processes gives them.
    pub(crate) async fn tokens(&self, agent: &UserAgent, at: usize) -> Page {
        let url = self.processes[at].at("/api/tokens?");
        agent.fetch(Method::GET, &url).await
    }

    /// Whether it was answered as done.
    pub(crate) async fn sign_out(&self, agent: &UserAgent) -> bool {
        let page = agent.visit(&self.front.at("/api/auth/signout")).await;
        let is_done = page.status == 200;
        assert!(is_done || status(&page) == 503, "{page:?}");
        is_done
    }

    /// Signs out at the provider, which tells the site.
    pub(crate) async fn sign_out_at_provider(&self, agent: &UserAgent) {
        let question = agent.visit(&format!("{}/session/end", self.peer.issuer)).await;
        agent.submit(&question, &[("logout", "yes")]).await;
    }

    /// Somebody else's browser with a copy of the cookies.
    pub(crate) fn copy(&self, agent: &UserAgent) -> UserAgent {
        let copy = UserAgent::new();
        for (name, value) in self.cookies(agent) {
            copy.set_cookie(self.front.url(), &format!("{name}={value}; Path=/"));
        }
        copy
    }

    pub(crate) fn cookies(&self, agent: &UserAgent) -> Vec<(String, String)> {
        let mut cookies = agent.cookies(self.front.url());
        cookies.sort();
        cookies
    }

    /// How often the provider has taken a refresh token, after it was made sure that it took none for stolen.
    pub(crate) fn refreshes(&mut self) -> usize {
        let seen = self.peer.seen();
        let bad = |event: &&String| event.starts_with("grant.error") || event.starts_with("grant.revoked");
        assert_eq!(seen.iter().find(bad), None, "{seen:?}");
        let is_refresh = |event: &&String| *event == "grant.success refresh_token";
        seen.iter().filter(is_refresh).count()
    }
}

fn start_process(front: &Front, peer: &Peer, mode: Mode, redis: &str, response_timeout: &str) -> Process {
    let variables = [
        ("MONOCLOUD_AUTH_TENANT_DOMAIN", &*peer.issuer),
        ("MONOCLOUD_AUTH_CLIENT_ID", "app"),
        ("MONOCLOUD_AUTH_CLIENT_SECRET", CLIENT_SECRET),
        ("MONOCLOUD_AUTH_COOKIE_SECRET", COOKIE_SECRET),
        ("MONOCLOUD_AUTH_APP_URL", front.url()),
        ("MONOCLOUD_AUTH_SCOPES", "openid profile email offline_access"),
        // OIDC Core 11: without consent there is no offline access.
        ("MONOCLOUD_AUTH_PROMPT", "consent"),
        ("MONOCLOUD_AUTH_FEDERATED_SIGNOUT", "false"),
        ("MONOCLOUD_AUTH_RESPONSE_TIMEOUT", response_timeout),
        ("MONOCLOUD_AUTH_MULTIPLE_INSTANCES", "true"),
        ("MONOCLOUD_AUTH_SESSIONS_IN", mode.0),
        ("MONOCLOUD_AUTH_REDIS_URL", redis),
    ];
    Process::start(env!("CARGO_BIN_EXE_site"), variables)
}

/// Says yes to the provider's question, with whatever it ends.
async fn consented(agent: &UserAgent, consent: Page) -> Page {
    assert!(consent.body.contains(r#"value="consent""#), "{consent:?}");
    agent.submit(&consent, &[]).await
}

/// The status, after it was made sure that nobody is told to come back who is not told when.
pub(crate) fn status(page: &Page) -> u16 {
    if page.status == 503 {
        let seconds = page
            .header("retry-after")
            .and_then(|value| value.parse::<u32>().ok());
        assert!(seconds.is_some(), "{page:?}");
    }
    page.status.as_u16()
}

/// As `stores::until`, for what has to be waited for.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !holds().await {
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "{what}: not within a minute"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// What the provider is told of an app.
pub(crate) fn registration(client_id: &str, url: &str, back_channel: Option<&str>) -> Value {
    let mut client = json!({
        "client_id": client_id,
        "client_secret": CLIENT_SECRET,
        "grant_types": ["authorization_code", "refresh_token"],
        "redirect_uris": [format!("{url}/api/auth/callback")],
        "post_logout_redirect_uris": [url],
    });
    if let Some(back_channel) = back_channel {
        client["backchannel_logout_uri"] = back_channel.into();
        client["backchannel_logout_session_required"] = true.into();
    }
    client
}

fn provider() -> Value {
    json!({
        "rotateRefreshToken": true,
        "features": { "backchannelLogout": { "enabled": true } },
    })
}
