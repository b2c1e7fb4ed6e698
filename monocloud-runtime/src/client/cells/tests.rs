//! What stands in a cell, and for how long.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, json};

use super::Keeping;
use crate::client::{ENDED_FOR, MonoCloud};
use crate::error::Error;
use crate::event::Events;
use crate::identity::User;
use crate::session::{Cell, Generation, NewSession, Session, SignIn, TokenSet};
use crate::store::{MemoryStore, SessionStore as _};

const LEASE: Duration = Duration::from_secs(25);

fn tokens(refresh_token: &str) -> TokenSet {
    let mut tokens = TokenSet::new(None);
    tokens.refresh_token = Some(refresh_token.to_owned());
    tokens
}

fn session(client: &MonoCloud) -> Session {
    let claims = Map::from_iter([("sub".to_owned(), json!("mira"))]);
    let new = NewSession {
        user: User::from_claims(claims),
        sign_in: SignIn::default(),
        tokens: tokens("first"),
    };
    let lifetime = client.settings().session_lifetime;
    Session::start(new, lifetime, client.now_millis())
}

fn renewed(session: &Session, number: u32, refresh_token: &str) -> Session {
    let mut session = session.clone();
    session.adopt(&Generation {
        number,
        renewed: Arc::new(tokens(refresh_token).into()),
    });
    session
}

struct Site {
    client: MonoCloud,
    store: Arc<MemoryStore>,
    keeping: Keeping,
}

impl Site {
    fn new() -> Self {
        let store = Arc::<MemoryStore>::default();
        Self {
            client: MonoCloud::of_tests(),
            keeping: Keeping::new(store.clone(), Events::default()),
            store,
        }
    }

    async fn open(&self, session: &Session) -> Cell {
        let mut cell = Cell::of(session.clone());
        let opened = self
            .keeping
            .open_cell(&mut cell, self.client.filing(), LEASE)
            .await;
        opened.expect("the session is not over");
        cell
    }

    async fn note(&self, cell: &mut Cell) {
        let noted = self.keeping.note_in_cell(cell, LEASE).await;
        assert!(noted.expect("the store answers"));
    }

    async fn is_there(&self, cell: &Cell) -> bool {
        let found = self.store.get(cell.key()).await;
        found.expect("the store answers").is_some()
    }
}

fn refresh_token(cell: &Cell) -> Option<&str> {
    cell.session().tokens().refresh_token.as_deref()
}

/// Otherwise what it brought would be nobody's, and another process would send the same refresh token.
#[tokio::test(start_paused = true)]
async fn a_cell_outlives_the_exchange_that_begins() {
    let site = Site::new();
    let session = session(&site.client);
    let mut cell = site.open(&session).await;
    for _ in 0..3 {
        tokio::time::advance(Duration::from_secs(599)).await;
        assert!(site.is_there(&cell).await);
        cell = site.open(&session).await;
        site.note(&mut cell).await;
        tokio::time::advance(LEASE).await;
        assert!(site.is_there(&cell).await);
    }
}

/// Whoever sent it may have died, and the browser comes again much later.
#[tokio::test(start_paused = true)]
async fn that_a_refresh_token_was_sent_is_known_for_as_long_as_it_matters() {
    let site = Site::new();
    let session = session(&site.client);
    let mut cell = site.open(&session).await;
    site.note(&mut cell).await;
    tokio::time::advance(Duration::from_hours(24)).await;
    assert!(site.open(&session).await.was_sent());
    tokio::time::advance(LEASE + Duration::from_secs(1)).await;
    assert!(!site.is_there(&cell).await, "and no longer");
}

#[tokio::test(start_paused = true)]
async fn a_refresh_token_that_was_not_used_does_not_count_as_sent() {
    let site = Site::new();
    let session = session(&site.client);
    let mut cell = site.open(&session).await;
    site.note(&mut cell).await;
    let written = site.keeping.write_cell(&cell, cell.unused()).await;
    assert!(written.expect("the store answers"));
    let cell = site.open(&session).await;
    assert!(!cell.was_sent() && refresh_token(&cell) == Some("first"));
    tokio::time::advance(Duration::from_secs(601)).await;
    assert!(
        !site.is_there(&cell).await,
        "and is not kept for longer than any other"
    );
}

#[tokio::test]
async fn a_cell_never_gives_older_tokens_than_the_session_has() {
    let site = Site::new();
    let first = session(&site.client);
    let (second, third) = (renewed(&first, 1, "second"), renewed(&first, 2, "third"));
    site.open(&first).await;
    let mut cell = site.open(&third).await;
    assert_eq!(refresh_token(&cell), Some("third"));
    site.note(&mut cell).await;
    for older in [&first, &second] {
        assert_eq!(refresh_token(&site.open(older).await), Some("third"));
    }
}

#[tokio::test]
async fn the_cell_of_a_session_that_is_over_is_not_opened_again() {
    let site = Site::new();
    let session = session(&site.client);
    let mut cell = site.open(&session).await;
    site.keeping
        .end(cell.key(), ENDED_FOR)
        .await
        .expect("it is ended");
    let noted = site.keeping.note_in_cell(&mut cell, LEASE).await;
    assert!(matches!(noted, Ok(false)), "{noted:?}");
    let opened = site
        .keeping
        .open_cell(&mut cell, site.client.filing(), LEASE)
        .await;
    assert!(matches!(opened, Err(Error::NoSession)), "{opened:?}");
}

/// Whoever dies with the older one has not used up the newer one.
#[tokio::test]
async fn a_refresh_token_counts_as_sent_only_if_it_is_the_one() {
    let site = Site::new();
    let first = session(&site.client);
    let mut cell = site.open(&first).await;
    assert!(!cell.was_sent());
    site.note(&mut cell).await;
    assert!(site.open(&first).await.was_sent());
    assert!(!site.open(&renewed(&first, 1, "second")).await.was_sent());
}

/// Whoever has the store reads nothing of it.
#[tokio::test]
async fn a_cell_opens_for_its_session_alone() {
    let site = Site::new();
    let (mine, other) = (session(&site.client), session(&site.client));
    let cell = site.open(&mine).await;
    let stored = site.store.get(cell.key()).await.expect("the store answers");
    let stored = stored.expect("it is there");
    let is_in = |text: &str| {
        stored
            .sealed
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    assert!(!is_in("first") && !is_in("mira"));
    assert!(Cell::of(mine).take(&stored));
    let mut other = Cell::of(other);
    assert!(!other.take(&stored) && other.key() != cell.key());
    assert_eq!(refresh_token(&other), Some("first"), "its own");
    assert!(other.kept().is_none());
}
