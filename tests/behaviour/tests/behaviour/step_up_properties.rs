//! Whatever happens to a session, nothing but a new sign-in makes it fresh.

use axum::Router;
use axum::routing::get as on_get;
use monocloud_runtime::settings::SessionLifetime;
use monocloud_runtime::testing::MintedSession;
use monocloud_runtime::{Auth, Session, User, monocloud_routes, protect, protect_api};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;
use std::time::Duration;

use crate::fixtures::{Browser, at_rest, mira, settings};

const NOW: i64 = 1_800_000_000;
const MAX_AGE: i64 = 300;

#[protect(max_age = 300)]
async fn page() {}

#[protect_api(max_age = 300)]
async fn api() {}

/// Writes everything that a handler can write, as fresh as it can be.
async fn update(auth: Auth, mut session: Session) -> &'static str {
    let mut claims = session.user().to_claims();
    for time in ["auth_time", "iat", "created_at"] {
        claims.insert(time.into(), json!(NOW * 2));
    }
    session.set_user(&User::from_claims(claims)).unwrap();
    session.insert("auth_time", NOW * 2).unwrap();
    auth.update_session(session).await.unwrap();
    "updated"
}

#[derive(Clone, Debug)]
enum Step {
    Wait(i64),
    Page,
    Api,
    Update,
    Look,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (0_i64..120).prop_map(Step::Wait),
        1 => Just(Step::Wait(MAX_AGE)),
        2 => Just(Step::Page),
        2 => Just(Step::Api),
        2 => Just(Step::Update),
        1 => Just(Step::Look),
    ];
    prop::collection::vec(step, 1..25)
}

#[test]
fn nothing_but_a_new_sign_in_makes_a_session_fresh() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut runner = TestRunner::new(Config::with_cases(64));
    let lived = runner.run(&(steps(), -MAX_AGE..=0), |(steps, before)| {
        runtime.block_on(async {
            let lifetime = SessionLifetime::new()
                .sliding(true)
                .duration(Duration::from_hours(2));
            let (auth, clock) = at_rest(settings().session_lifetime(lifetime));
            let app = Router::new()
                .route("/", on_get(async |_: Option<User>| "home"))
                .route("/page", on_get(page))
                .route("/api", on_get(api))
                .route("/update", on_get(update))
                .merge(monocloud_routes!(auth))
                .layer(auth.layer());
            let cookie = MintedSession::new(mira()).auth_time(NOW + before).cookie(&auth);
            let mut browser = Browser::with(&app, &cookie);
            let mut age = -before;
            for step in steps {
                let fresh = age <= MAX_AGE;
                match step {
                    Step::Wait(seconds) => {
                        clock.advance(seconds);
                        age += seconds;
                    }
                    Step::Page => {
                        let status = browser.get("/page").await.status.as_u16();
                        prop_assert_eq!(status, if fresh { 200 } else { 303 });
                    }
                    Step::Api => {
                        let status = browser.get("/api").await.status.as_u16();
                        prop_assert_eq!(status, if fresh { 200 } else { 401 });
                    }
                    Step::Update => prop_assert_eq!(browser.get("/update").await.body, "updated"),
                    Step::Look => prop_assert_eq!(browser.get("/").await.body, "home"),
                }
            }
            Ok(())
        })
    });
    lived.unwrap();
}
