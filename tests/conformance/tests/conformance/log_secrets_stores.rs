//! Where sessions are in a store, or a store is beside them, sign-ins, refreshes and logouts by the issuer are logged without
//! a secret.

use std::sync::{Arc, Mutex};

use monocloud_runtime::settings::{Builder, SessionsIn};
use monocloud_runtime::store::MemoryStore;
use monocloud_runtime::testing::Fault;

use crate::log_secrets::{watch_tokens, with_fixed_secrets};
use crate::logging::collect;
use crate::rp::{Rp, Setup};

async fn refresh(rp: &Rp, status: u16) {
    let tokens = rp.app.at("/api/tokens");
    let page = rp.agent.fetch(http::Method::POST, &tokens).await;
    assert_eq!(page.status, status, "{page:?}");
}

async fn the_log_holds_no_secret(setup: Setup) {
    let mut secrets = with_fixed_secrets();
    let log = collect();
    let rp = setup.back_channel().start().await;
    let tokens = watch_tokens(&rp);
    let logouts: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = logouts.clone();
    rp.provider.tamper_logout_token(move |_, claims| {
        for name in ["jti", "sid"] {
            let value = claims.get(name).and_then(|value| value.as_str());
            seen.lock().unwrap().extend(value.map(str::to_owned));
        }
    });
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    secrets.gather(&rp);
    rp.provider.fault(Fault::TokenError("invalid_grant".into()));
    refresh(&rp, 401).await;
    rp.provider.clear_faults();
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    refresh(&rp, 200).await;
    secrets.gather(&rp);
    for answer in rp.provider.end_sessions_of("mira").await {
        assert_eq!(answer.status().unwrap().as_u16(), 200);
    }
    let page = rp.agent.visit(&rp.app.at("/api/me")).await;
    assert_eq!(page.status, 401, "{page:?}");
    for token in tokens.lock().unwrap().iter() {
        secrets.add_token(token);
    }
    for value in logouts.lock().unwrap().iter() {
        secrets.add("of a logout token", value);
    }
    let (text, events) = (log.text(), log.events());
    for event in ["monocloud.sign_in.completed", "monocloud.refresh.completed"] {
        assert!(events.iter().any(|line| line.ends_with(event)), "{events:?}");
    }
    secrets.assert_absent("the log", &text);
}

#[tokio::test]
async fn the_log_of_a_session_in_a_store_holds_no_secret() {
    the_log_holds_no_secret(setup(|settings| settings.store(MemoryStore::new()))).await;
}

#[tokio::test]
async fn the_log_of_a_session_in_cookies_beside_a_store_holds_no_secret() {
    the_log_holds_no_secret(setup(|settings| {
        settings
            .store(MemoryStore::new())
            .sessions_in(SessionsIn::Cookies)
    }))
    .await;
}

fn setup(place: fn(Builder) -> Builder) -> Setup {
    Setup::new().settings(move |settings| place(settings.scopes("openid profile email offline_access")))
}
