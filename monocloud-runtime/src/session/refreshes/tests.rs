//! What is decided when a refresh goes wrong, and how long that is remembered.

use std::future::{Future, pending, ready};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, json};

use super::{Arrival, Failed, Failure, Refreshes};
use crate::clock::Clock;
use crate::config::Lifetime;
use crate::crypto::KeyRing;
use crate::error::{Error, ErrorResponse};
use crate::event::Events;
use crate::identity::User;
use crate::session::{Aim, Denials, Ending, Generation, NewSession, Renewed, Session, SignIn, TokenSet};

const LIFETIME: Lifetime = Lifetime::Absolute { duration: 86_400 };

fn tokens(refresh_token: Option<&str>) -> TokenSet {
    let mut tokens = TokenSet::new(None);
    tokens.refresh_token = refresh_token.map(str::to_owned);
    tokens
}

/// A session whose tokens were renewed this often.
fn session(number: u32) -> Session {
    let claims = Map::from_iter([("sub".to_owned(), json!("mira"))]);
    let new = NewSession {
        user: User::from_claims(claims),
        sign_in: SignIn::default(),
        tokens: tokens(Some("0")),
    };
    let mut session = Session::start(new, LIFETIME, 1_800_000_000_000);
    session.adopt(&Generation {
        number,
        renewed: Arc::new(tokens(Some(&number.to_string())).into()),
    });
    session
}

fn refreshes() -> (Refreshes, Arc<Denials>) {
    let clock = Clock::fixed(1_800_000_000);
    let keys = KeyRing::new(&[], "a secret", [], clock.clone(), 86_400);
    let denials = Arc::new(Denials::new(keys.names().clone()));
    let day = Duration::from_hours(24);
    (
        Refreshes::new(denials.clone(), day, false, clock, Events::new(None)),
        denials,
    )
}

fn unclear() -> Failure {
    Failure::Unclear(Error::unreachable("the token endpoint", "the answer was lost"))
}

fn refused() -> Failure {
    let response = ErrorResponse {
        error: "invalid_grant".to_owned(),
        description: None,
        uri: None,
    };
    Failure::Refused(Error::RefreshRefused(response))
}

/// What a refresh that nobody else is at comes to.
async fn outcome<F>(refreshes: &Refreshes, session: &Session, work: F) -> Result<Generation, Failed>
where
    F: Future<Output = Result<Renewed, Failure>> + Send + 'static,
{
    match refreshes.arrive(session, &Aim::Default, true, || Ok(work)) {
        Ok(Arrival::Began(flight)) => flight.await,
        _ => panic!("it is begun"),
    }
}

/// Until what failed is tried again.
async fn a_moment() {
    tokio::time::advance(Duration::from_secs(2)).await;
}

#[tokio::test(start_paused = true)]
async fn an_unclear_refresh_ends_no_session_of_which_nothing_was_known_before() {
    // As after a restart.
    for number in [0, 1, 7] {
        let (refreshes, denials) = refreshes();
        let session = session(number);
        assert!(
            outcome(&refreshes, &session, ready(Err(unclear())))
                .await
                .is_err()
        );
        tokio::time::advance(Duration::from_hours(1)).await;
        let failed = outcome(&refreshes, &session, ready(Err(refused()))).await;
        assert!(failed.is_err_and(|failed| !failed.ends_session), "{number}");
        assert!(!denials.denies(session.record()), "{number}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_became_unclear_stays_so_for_hours_also_when_more_goes_wrong() {
    let (refreshes, denials) = refreshes();
    let session = session(0);
    assert!(
        outcome(&refreshes, &session, ready(Err(unclear())))
            .await
            .is_err()
    );
    a_moment().await;
    let breaks_off = async { std::panic::resume_unwind(Box::new("it panics")) };
    assert!(outcome(&refreshes, &session, breaks_off).await.is_err());
    tokio::time::advance(Duration::from_hours(1)).await;
    let failed = outcome(&refreshes, &session, ready(Err(refused()))).await;
    assert!(failed.is_err_and(|failed| !failed.ends_session));
    assert!(!denials.denies(session.record()));
}

#[tokio::test(start_paused = true)]
async fn a_refresh_token_that_was_refused_stays_out_for_hours() {
    let (refreshes, _) = refreshes();
    let session = session(0);
    assert!(
        outcome(&refreshes, &session, ready(Err(unclear())))
            .await
            .is_err()
    );
    a_moment().await;
    assert!(
        outcome(&refreshes, &session, ready(Err(refused())))
            .await
            .is_err()
    );
    tokio::time::advance(Duration::from_hours(1)).await;
    // For whoever comes with the cookie of before.
    let arrival = refreshes.arrive(&session, &Aim::Default, true, || Ok(pending()));
    match arrival {
        Ok(Arrival::Newer(newer)) => assert_eq!(newer.renewed.tokens.refresh_token, None),
        _ => panic!("it is not sent again"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_an_older_refresh_token_says_nothing_to_who_has_the_newest() {
    let (refreshes, denials) = refreshes();
    let older = session(3);
    let mut newest = older.clone();
    newest.adopt(&Generation {
        number: 5,
        renewed: Arc::new(tokens(Some("5")).into()),
    });
    let slowly = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Err(refused())
    };
    let arrival = refreshes.arrive(&older, &Aim::Default, true, || Ok(slowly));
    let Ok(Arrival::Began(first)) = arrival else {
        panic!("nothing newer is known");
    };
    match refreshes.arrive(&newest, &Aim::Default, true, || Ok(pending())) {
        Ok(Arrival::Busy(flight)) => assert!(flight.await.is_err()),
        _ => panic!("it waits for its turn"),
    }
    assert!(first.await.is_err_and(|failed| !failed.ends_session));
    assert!(!denials.denies(newest.record()));
    let brought = outcome(&refreshes, &newest, ready(Ok(tokens(Some("6")).into()))).await;
    assert!(brought.is_ok_and(|brought| brought.number == 6));
}

/// Two processes renewed the session, each for itself.
#[tokio::test(start_paused = true)]
async fn two_refresh_tokens_of_one_generation_are_not_one() {
    let (refreshes, _) = refreshes();
    let begun = session(0);
    let renewed = |refresh_token| {
        let mut session = begun.clone();
        session.adopt(&Generation {
            number: 3,
            renewed: Arc::new(tokens(Some(refresh_token)).into()),
        });
        session
    };
    let (here, there) = (renewed("here"), renewed("there"));
    let slowly = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ok(tokens(Some("4")).into())
    };
    let arrival = refreshes.arrive(&here, &Aim::Default, true, || Ok(slowly));
    assert!(matches!(arrival, Ok(Arrival::Began(_))));
    match refreshes.arrive(&there, &Aim::Default, true, || Ok(pending())) {
        Ok(Arrival::Busy(flight)) => drop(flight.await),
        _ => panic!("it brings nothing for another refresh token"),
    }
    let arrival = refreshes.arrive(&there, &Aim::Default, true, || Ok(pending()));
    assert!(matches!(arrival, Ok(Arrival::Newer(newer)) if newer.number == 4));
}

#[tokio::test(start_paused = true)]
async fn a_session_that_has_ended_is_neither_refreshed_nor_remembered() {
    let (refreshes, denials) = refreshes();
    let ending = session(0);
    let _ = denials.end(
        Ending::of(ending.record()),
        Duration::from_hours(24),
        1_800_000_000_000,
    );
    refreshes.end(Ending::of(ending.record()).session());
    let arrival = refreshes.arrive(&ending, &Aim::Default, true, || Ok(pending()));
    assert!(matches!(arrival, Err(Error::NoSession)));

    let refusing = session(0);
    let failed = outcome(&refreshes, &refusing, ready(Err(refused()))).await;
    assert!(failed.is_err_and(|failed| failed.ends_session));
    assert!(denials.denies(refusing.record()));
    assert!(refreshes.inner.slots().by_session.is_empty());
}
