//! What keeps sessions in memory, each with as many bytes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header::COOKIE;
use axum::http::{Request, StatusCode};
use bytes::Bytes;
use monocloud_runtime::store::{
    IndexKey, MemoryStore, Names, NewRecord, Record, SessionStore as _, StoreKey,
};
use monocloud_runtime::testing::MintedSession;
use monocloud_runtime::{MonoCloud, User};
use serde_json::Value;
use tower::ServiceExt as _;
use tower_sessions::SessionStore as _;
use tower_sessions::cookie::time::OffsetDateTime;
use tower_sessions::session::{Id, Record as PeersRecord};

use crate::app::{clients_with, guarded_app, now, user};

/// Bytes of a session.
pub(crate) const RECORD: usize = 2_000;
/// Bytes that a list shows of it.
pub(crate) const SUMMARY: usize = 120;
const DAY: Duration = Duration::from_secs(86_400);

pub(crate) trait Kept {
    /// What it takes to find one, made before.
    type Asked;

    fn with(sessions: u64) -> Self;

    /// How many can be asked for.
    fn count(&self) -> u64;

    fn ask(&self, number: u64) -> Self::Asked;

    /// Whether it is there.
    fn find(&self, asked: Self::Asked) -> bool;
}

/// A record and a summary.
type Halves = [Box<[u8]>; 2];

pub(crate) struct Map(Mutex<HashMap<[u8; 16], Halves>>);

impl Kept for Map {
    type Asked = [u8; 16];

    fn with(sessions: u64) -> Self {
        let value = || [vec![7; RECORD].into(), vec![8; SUMMARY].into()];
        let all = (0..sessions).map(|number| (spread(number, 3), value()));
        let mut map = HashMap::new();
        // As it grows where people sign in.
        for (key, value) in all {
            map.insert(key, value);
        }
        Self(Mutex::new(map))
    }

    fn count(&self) -> u64 {
        self.0.lock().unwrap().len() as u64
    }

    fn ask(&self, number: u64) -> [u8; 16] {
        spread(number, 3)
    }

    fn find(&self, key: [u8; 16]) -> bool {
        let map = self.0.lock().unwrap();
        let found = map.get(&key).map(|[record, _]| Bytes::copy_from_slice(record));
        found.is_some_and(|record| record.len() == RECORD)
    }
}

pub(crate) struct Peer(tower_sessions::MemoryStore, u64);

impl Kept for Peer {
    type Asked = Id;

    fn with(sessions: u64) -> Self {
        let store = tower_sessions::MemoryStore::default();
        for number in 0..sessions {
            let claims = Value::String("x".repeat(RECORD + SUMMARY));
            let record = PeersRecord {
                id: id(number),
                data: HashMap::from([("claims".to_owned(), claims)]),
                expiry_date: OffsetDateTime::now_utc() + DAY,
            };
            now(store.save(&record)).unwrap();
        }
        Self(store, sessions)
    }

    fn count(&self) -> u64 {
        self.1
    }

    fn ask(&self, number: u64) -> Id {
        id(number)
    }

    fn find(&self, id: Id) -> bool {
        let found = now(self.0.load(&id)).unwrap();
        found.is_some_and(|record| record.id == id)
    }
}

fn id(number: u64) -> Id {
    Id(i128::from_be_bytes(spread(number, 3)))
}

pub(crate) struct Store(MemoryStore, u64);

impl Kept for Store {
    type Asked = StoreKey;

    fn with(sessions: u64) -> Self {
        let store = MemoryStore::new();
        (0..sessions).for_each(|number| keep(&store, number));
        Self(store, sessions)
    }

    fn count(&self) -> u64 {
        self.1
    }

    fn ask(&self, number: u64) -> StoreKey {
        StoreKey::from_bytes(spread(number, 3))
    }

    fn find(&self, key: StoreKey) -> bool {
        let found = self.0.get_now(key).unwrap().unwrap();
        found.is_some_and(|stored| stored.sealed.len() == RECORD)
    }
}

fn keep(store: &MemoryStore, number: u64) {
    let record = Record::new(vec![7; RECORD].into(), vec![8; SUMMARY].into(), DAY);
    let names = Names {
        sid: Some(IndexKey::from_bytes(spread(number, 1))),
        sub: IndexKey::from_bytes(spread(number, 2)),
    };
    let new = NewRecord::new(record, names, 1, DAY);
    now(store.create(StoreKey::from_bytes(spread(number, 3)), new)).unwrap();
}

/// Every twentieth of a million has a cookie, and whoever sends it is let in.
pub(crate) struct Guarded {
    app: Router,
    cookies: Vec<String>,
}

impl Kept for Guarded {
    type Asked = (Router, Request<Body>);

    fn with(sessions: u64) -> Self {
        const MOST: u64 = 50_000;
        let store = Arc::new(MemoryStore::new());
        let (client, earlier) = clients_with(Arc::clone(&store));
        let every = sessions.div_ceil(MOST);
        let mut cookies = Vec::new();
        for number in 0..sessions {
            if number % every == 0 {
                cookies.push(sign_in(&earlier, number));
            } else {
                keep(&store, number);
            }
        }
        let kept = Self {
            app: guarded_app(&client),
            cookies,
        };
        // With the first request of a session the store is told that it is in use.
        for number in 0..kept.count() {
            assert!(kept.find(kept.ask(number)));
        }
        kept
    }

    fn count(&self) -> u64 {
        self.cookies.len() as u64
    }

    fn ask(&self, number: u64) -> Self::Asked {
        let cookie = &self.cookies[usize::try_from(number).unwrap()];
        let request = Request::get("/").header(COOKIE, cookie);
        (self.app.clone(), request.body(Body::empty()).unwrap())
    }

    fn find(&self, (app, request): Self::Asked) -> bool {
        now(app.oneshot(request)).unwrap().status() == StatusCode::OK
    }
}

fn sign_in(client: &MonoCloud, number: u64) -> String {
    let mut claims = user(RECORD).to_claims();
    for name in ["sub", "sid"] {
        claims.insert(name.to_owned(), format!("{name}|{number:020}").into());
    }
    MintedSession::new(User::from_claims(claims)).cookie(client)
}

/// Spread as HMACs are.
fn spread(number: u64, kind: u64) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    bytes[8..].copy_from_slice(
        &(number << 2 | kind)
            .wrapping_mul(0xbf58_476d_1ce4_e5b9)
            .swap_bytes()
            .to_le_bytes(),
    );
    bytes
}
