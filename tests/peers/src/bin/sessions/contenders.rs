//! One guarded page each, and the cookie of somebody who may see it: a person with 2 KB of claims.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode};
use axum::routing::{get, post};
use axum_login::{AuthManagerLayerBuilder, AuthSession, AuthUser, AuthnBackend, login_required};
use monocloud_runtime::settings::Builder;
use monocloud_runtime::store::MemoryStore;
use monocloud_runtime::testing::MintedSession;
use monocloud_runtime::{MonoCloud, User, protect};
use redis::aio::MultiplexedConnection;
use serde_json::{Map, Value, json};
use stores::Server;
use tower::ServiceExt as _;
use tower_sessions::{Session, SessionManagerLayer, SessionStore};
use tower_sessions_redis_store::RedisStore;
use tower_sessions_redis_store::fred::prelude::{ClientLike as _, Config, Pool};

/// As many as its documentation shows.
const POOL: usize = 6;

/// The sign-in was so many seconds ago: in its first minute a session is looked at more closely.
const AGE: i64 = 120;

#[derive(Clone)]
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    /// What it is compared with.
    pub(crate) beside: Option<&'static str>,
    app: Router,
    cookie: Option<String>,
}

impl Contender {
    pub(crate) async fn answer(&self) {
        let mut request = Request::get("/");
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        let request = request.body(Body::empty()).expect("a request");
        let response = self.app.clone().oneshot(request).await.expect("it answers");
        assert_eq!(response.status(), StatusCode::OK, "{}", self.name);
    }
}

pub(crate) const IN_MEMORY: &str = "axum-login, memory: who signed in";
pub(crate) const IN_REDIS: &str = "axum-login, Redis: who signed in";
const CLAIMS_IN_MEMORY: &str = "axum-login, memory: 2 KB of claims";
const CLAIMS_IN_REDIS: &str = "axum-login, Redis: 2 KB of claims";

pub(crate) async fn all(server: &Server) -> Vec<Contender> {
    let memory = Arc::new(MemoryStore::new());
    let pool = pool(server).await;
    let in_memory = tower_sessions::MemoryStore::default;
    let in_redis = || RedisStore::new(pool.clone());
    vec![
        Contender {
            name: "bare route",
            beside: None,
            app: Router::new().route("/", get(plain)),
            cookie: None,
        },
        library("this library, cookie", IN_MEMORY, &|settings| settings).await,
        library("this library, memory", CLAIMS_IN_MEMORY, &|settings| {
            settings.store(Arc::clone(&memory))
        })
        .await,
        peer(IN_MEMORY, in_memory(), false).await,
        peer(CLAIMS_IN_MEMORY, in_memory(), true).await,
        reading(server).await,
        library("this library, Redis", CLAIMS_IN_REDIS, &|settings| {
            settings.redis(server.url())
        })
        .await,
        peer(IN_REDIS, in_redis(), false).await,
        peer(CLAIMS_IN_REDIS, in_redis(), true).await,
    ]
}

fn claims() -> Map<String, Value> {
    let claims = json!({
        "sub": "auth|6f1b2c3d4e5f60718293a4b5",
        "name": "Mira Adler",
        "given_name": "Mira",
        "family_name": "Adler",
        "email": "mira@example.com",
        "email_verified": true,
        "picture": "https://cdn.example.com/avatars/6f1b2c3d4e5f60718293a4b5.png",
        "locale": "en",
        "sid": "9c1d2e3f4a5b6c7d8e9f",
        "tier": "gold",
        "groups": ["admin", "editor", "finance", {"id": "537e7c3d-a442-4b5b-b308-30837aa045a4", "name": "ops"}],
        "note": "x".repeat(1_380),
    });
    claims.as_object().expect("it is one").clone()
}

async fn plain() -> &'static str {
    "ok"
}

// ---- This library ----------------------------------------------------------------------------------------

#[protect]
async fn guarded() -> &'static str {
    "ok"
}

async fn library(name: &'static str, beside: &'static str, place: &dyn Fn(Builder) -> Builder) -> Contender {
    let client = |skew| -> MonoCloud {
        let settings = MonoCloud::builder()
            .tenant_domain("http://127.0.0.1:9")
            .client_id("benchmark")
            .client_secret("a secret of the client")
            .app_url("http://localhost:3000")
            .cookie_secret("a secret of the benchmark, longer than 32 bytes")
            .clock_skew(skew);
        place(settings).build().expect("settings")
    };
    let session = MintedSession::new(User::from_claims(claims()));
    Contender {
        name,
        beside: Some(beside),
        cookie: Some(session.cookie_in_store(&client(-AGE)).await),
        app: Router::new().route("/", get(guarded)).layer(client(0).layer()),
    }
}

// ---- axum-login ------------------------------------------------------------------------------------------

#[derive(Clone, Debug)]
struct Person {
    hash: Vec<u8>,
    #[expect(dead_code, reason = "as large as those in the other sessions")]
    claims: String,
}

impl AuthUser for Person {
    type Id = u64;

    fn id(&self) -> u64 {
        1
    }

    fn session_auth_hash(&self) -> &[u8] {
        &self.hash
    }
}

/// Users in memory, so that nothing but the library is measured: an application has a database.
#[derive(Clone, Debug)]
struct Backend(Person);

impl AuthnBackend for Backend {
    type User = Person;
    type Credentials = ();
    type Error = Infallible;

    async fn authenticate(&self, (): ()) -> Result<Option<Person>, Infallible> {
        Ok(Some(self.0.clone()))
    }

    async fn get_user(&self, _: &u64) -> Result<Option<Person>, Infallible> {
        Ok(Some(self.0.clone()))
    }
}

/// The claims stand in the session, or beside it, with the user.
async fn peer(name: &'static str, store: impl SessionStore + Clone, in_session: bool) -> Contender {
    let sign_in = move |mut auth: AuthSession<Backend>, session: Session| async move {
        let person = auth
            .authenticate(())
            .await
            .expect("infallible")
            .expect("somebody");
        auth.login(&person).await.expect("a session");
        if in_session {
            session.insert("claims", claims()).await.expect("JSON");
        }
    };
    let backend = Backend(Person {
        hash: vec![5; 32],
        claims: if in_session {
            String::new()
        } else {
            Value::Object(claims()).to_string()
        },
    });
    let app = Router::new()
        .route("/", get(plain))
        .route_layer(login_required!(Backend))
        .route("/sign-in", post(sign_in))
        .layer(AuthManagerLayerBuilder::new(backend, SessionManagerLayer::new(store)).build());
    let request = Request::post("/sign-in").body(Body::empty()).expect("a request");
    let response = app.clone().oneshot(request).await.expect("it answers");
    assert_eq!(response.status(), StatusCode::OK, "{name}");
    let cookie = response.headers()["set-cookie"].to_str().expect("ASCII");
    Contender {
        name,
        beside: None,
        cookie: cookie.split(';').next().map(str::to_owned),
        app,
    }
}

async fn pool(server: &Server) -> Pool {
    let config = Config::from_url(&server.url()).expect("an address");
    let pool = Pool::new(config, None, None, None, POOL).expect("some");
    pool.init().await.expect("the server answers");
    pool
}

// ---- Redis alone -----------------------------------------------------------------------------------------

/// A bare route that reads as many bytes in the same way, and does nothing with them.
async fn reading(server: &Server) -> Contender {
    let value = "x".repeat(2_000);
    server.ask(&["HSET", "benchmark", "r", &value, "v", "1"]);
    let client = redis::Client::open(server.url()).expect("an address");
    let connection = client.get_multiplexed_async_connection().await;
    let read = |State(mut connection): State<MultiplexedConnection>| async move {
        let mut command = redis::cmd("HMGET");
        command.arg("benchmark").arg("r").arg("v");
        let (record, _): (Vec<u8>, u64) = command.query_async(&mut connection).await.expect("it answers");
        assert_eq!(record.len(), 2_000);
        "ok"
    };
    Contender {
        name: "bare route that reads 2 KB in Redis",
        beside: Some(IN_REDIS),
        app: Router::new()
            .route("/", get(read))
            .with_state(connection.expect("the server answers")),
        cookie: None,
    }
}
