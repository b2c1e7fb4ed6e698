//! Several processes of one site: the same settings, one store, and each its own way there.

use std::sync::Arc;

use axum::extract::Query;
use axum::routing::get as on_get;
use axum::{Json, Router};
use monocloud_runtime::settings::{Builder, SessionsIn};
use monocloud_runtime::store::MemoryStore;
use monocloud_runtime::testing::{
    Clock, Provider, ProviderBuilder, ProviderClient, SigningAlg, refresh_token,
};
use monocloud_runtime::{Auth, MonoCloud, Session};
use serde_json::{Value, json};

use super::eventually;
use super::faulty::{Call, Faulty};
use crate::fixtures::{Answer, Browser, ORIGIN, SECRET, app, code, get, lin, mira, open_session, tokens_app};

pub(crate) struct Fleet {
    pub(crate) provider: Provider,
    pub(crate) clock: Clock,
    pub(crate) store: Arc<MemoryStore>,
    /// Whether sessions are in cookies, and the store is beside them.
    pub(crate) in_cookies: bool,
}

pub(crate) struct Process {
    pub(crate) auth: MonoCloud,
    pub(crate) app: Router,
    pub(crate) store: Arc<Faulty>,
}

impl Fleet {
    pub(crate) async fn start() -> Self {
        Self::with(|provider| provider).await
    }

    /// With sessions in cookies, and the store beside them.
    pub(crate) async fn in_cookies() -> Self {
        let mut fleet = Self::start().await;
        fleet.in_cookies = true;
        fleet
    }

    /// One with sessions in the store, and one with sessions in cookies.
    pub(crate) async fn both() -> [Self; 2] {
        [Self::start().await, Self::in_cookies().await]
    }

    pub(crate) async fn with(provider: impl FnOnce(ProviderBuilder) -> ProviderBuilder) -> Self {
        let clock = Clock::fixed(1_800_000_000);
        let same_time = clock.clone();
        let client = ProviderClient::new("app").id_token_alg(SigningAlg::Es256);
        let builder = Provider::builder()
            .default_client(client)
            .user(mira())
            .user(lin())
            .clock(Arc::new(move || same_time.now()));
        Self {
            provider: provider(builder).start().await.unwrap(),
            clock,
            store: Arc::default(),
            in_cookies: false,
        }
    }

    /// All that they have in common but the store.
    pub(crate) fn settings(&self) -> Builder {
        MonoCloud::builder()
            .tenant_domain(self.provider.issuer())
            .client_id(self.provider.client_id())
            .client_secret(self.provider.client_secret())
            .app_url(ORIGIN)
            .cookie_secret(SECRET)
            .id_token_signing_alg("ES256")
            .scopes("openid profile offline_access")
            .clock(self.clock.clone())
    }

    pub(crate) fn process(&self) -> Process {
        self.process_with(|settings| settings)
    }

    pub(crate) fn process_with(&self, settings: impl FnOnce(Builder) -> Builder) -> Process {
        // A test of both kinds that fails shows with which.
        println!("a process with sessions in cookies: {}", self.in_cookies);
        let store = Arc::new(Faulty::new(self.store.clone()));
        let mut shared = settings(self.settings()).store(store.clone());
        if self.in_cookies {
            shared = shared.sessions_in(SessionsIn::Cookies).multiple_instances(true);
        }
        let auth = shared.build().unwrap();
        let app = fleet_app(&auth);
        Process { auth, app, store }
    }

    pub(crate) fn three(&self) -> [Process; 3] {
        [self.process(), self.process(), self.process()]
    }

    /// What tells the others that a session was signed out.
    pub(crate) fn ending(&self) -> Call {
        if self.in_cookies {
            Call::Append
        } else {
            Call::Delete
        }
    }

    /// What tells the others of a logout.
    pub(crate) fn logging_out(&self) -> Call {
        if self.in_cookies {
            Call::Append
        } else {
            Call::EndAll
        }
    }

    /// All processes refuse these cookies: at once where they ask the store, and once they hear it otherwise.
    pub(crate) async fn is_over<'a>(&self, cookies: &str, processes: impl IntoIterator<Item = &'a Process>) {
        for process in processes {
            if self.in_cookies {
                eventually(async || !process.lets_in(cookies).await).await;
            } else {
                assert!(!process.lets_in(cookies).await);
            }
        }
    }
}

impl Process {
    /// Somebody's browser, signed in here.
    pub(crate) async fn sign_in(&self, fleet: &Fleet, user: &str) -> Browser {
        let mut browser = Browser::new(&self.app);
        let answer = browser.sign_in(&fleet.provider, user).await;
        assert_eq!(answer.status, 303, "{answer:?}");
        browser
    }

    pub(crate) async fn get(&self, path: &str, cookies: &str) -> Answer {
        get(&self.app, path, &[("cookie", cookies)]).await
    }

    /// Whether these cookies let in.
    pub(crate) async fn lets_in(&self, cookies: &str) -> bool {
        match self.get("/api/me", cookies).await.status.as_u16() {
            200 => true,
            401 => false,
            other => panic!("{other}"),
        }
    }

    /// What `/tokens` gives, which must be good.
    pub(crate) async fn tokens(&self, query: &str, cookies: &str) -> Value {
        let answer = self.get(&format!("/tokens{query}"), cookies).await;
        assert_eq!(answer.status, 200, "{:?}", code(&answer));
        answer.json()
    }

    /// The same, and the cookies of whoever asked.
    pub(crate) async fn renewed(&self, query: &str, cookies: &str) -> (Value, String) {
        let mut browser = Browser::with(&self.app, cookies);
        let answer = browser.get(&format!("/tokens{query}")).await;
        assert_eq!(answer.status, 200, "{:?}", code(&answer));
        (answer.json(), browser.cookies())
    }

    /// Status and code of the error of `/tokens`.
    pub(crate) async fn refused(&self, query: &str, cookies: &str) -> (u16, String) {
        code(&self.get(&format!("/tokens{query}"), cookies).await)
    }

    pub(crate) fn session(&self, cookies: &str) -> Option<Session> {
        open_session(&self.auth, cookies)
    }

    pub(crate) fn has_refresh_token(&self, cookies: &str) -> bool {
        refresh_token(&self.session(cookies).unwrap()).is_some()
    }

    /// What the issuer calls the session.
    pub(crate) fn sid(&self, browser: &Browser) -> String {
        let session = self.session(&browser.cookies()).unwrap();
        session.sid().unwrap().to_owned()
    }
}

fn fleet_app(auth: &MonoCloud) -> Router {
    Router::new()
        .route(
            "/session",
            on_get(async |session: Session| session.user().sub().to_owned()),
        )
        .route(
            "/auth",
            on_get(async |auth: Auth| auth.is_authenticated().await.to_string()),
        )
        .route("/note", on_get(note))
        .route("/revoke", on_get(revoke))
        .layer(auth.layer())
        .merge(app(auth))
        .fallback_service(tokens_app(auth))
}

/// Keeps values of the application's own, and gives all that were there before.
async fn note(auth: Auth, mut session: Session, Query(values): Query<Vec<(String, String)>>) -> Json<Value> {
    let before = json!({ "one": session.get::<String>("one"), "other": session.get::<String>("other") });
    for (name, value) in values {
        session.insert(name, value).unwrap();
    }
    let kept = auth.update_session(session).await;
    Json(json!({ "before": before, "kept": kept.map_err(|error| error.code()).err() }))
}

async fn revoke(auth: Auth) -> &'static str {
    match auth.revoke_tokens().await {
        Ok(()) => "revoked",
        Err(error) => error.code(),
    }
}
