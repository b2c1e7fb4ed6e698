//! What a refresh, or userinfo, says of how and when somebody signed in: nothing that a guard would believe.

use std::sync::Arc;

use axum::Router;
use axum::routing::get as on_get;
use monocloud_runtime::testing::{Clock, Provider, ProviderClient, SigningAlg};
use monocloud_runtime::tokens::TokenRequest;
use monocloud_runtime::{Auth, MonoCloud, User, monocloud_routes, protect, protect_api};
use serde_json::json;

use crate::fixtures::{Browser, mira, open_session, settings_of};
use crate::step_up::NOW;

#[protect(max_age = 300)]
async fn fresh(user: User) -> String {
    user.sub().to_owned()
}

#[protect(acr_values = ["urn:high"])]
async fn strong(user: User) -> String {
    user.sub().to_owned()
}

#[protect_api(max_age = 300, acr_values = ["urn:high"])]
async fn api(user: User) -> String {
    user.sub().to_owned()
}

async fn renew(auth: Auth) -> String {
    let request = TokenRequest::new().force_refresh().refetch_user_info();
    match auth.tokens(request).await {
        Ok(tokens) => tokens.access_token().to_owned(),
        Err(error) => error.to_string(),
    }
}

/// Somebody who signed in long ago, by a weak means, at an issuer that is too good to be true from now on.
struct Site {
    provider: Provider,
    auth: MonoCloud,
    clock: Clock,
    browser: Browser,
}

impl Site {
    async fn start(knows_auth_time: bool) -> Self {
        let clock = Clock::fixed(NOW);
        let issuers = clock.clone();
        let provider = Provider::builder()
            .default_client(ProviderClient::new("app").id_token_alg(SigningAlg::Es256))
            .clock(Arc::new(move || issuers.now()))
            .user(mira())
            .start()
            .await
            .unwrap();
        let auth = settings_of(&provider)
            .id_token_signing_alg("ES256")
            .scopes("openid profile offline_access")
            .clock(clock.clone())
            .build()
            .unwrap();
        let app = Router::new()
            .route("/fresh", on_get(fresh))
            .route("/strong", on_get(strong))
            .route("/api", on_get(api))
            .route("/renew", on_get(renew))
            .merge(monocloud_routes!(auth))
            .layer(auth.layer());
        if !knows_auth_time {
            provider.tamper_id_token(|_, claims| drop(claims.remove("auth_time")));
        }
        let mut browser = Browser::new(&app);
        assert_eq!(browser.sign_in(&provider, "mira").await.status, 303);
        Self {
            provider,
            auth,
            clock,
            browser,
        }
    }

    async fn assert_denied(&mut self, when: &str) {
        for (path, status) in [("/fresh?a=1", 303), ("/strong", 303), ("/api", 401)] {
            assert_eq!(self.browser.get(path).await.status, status, "{path} {when}");
        }
    }
}

#[tokio::test]
async fn a_refresh_is_no_sign_in_whatever_its_id_token_says() {
    for (knows_auth_time, repeats_auth_time) in [(true, true), (true, false), (false, true)] {
        let mut site = Site::start(knows_auth_time).await;
        let first = open_session(&site.auth, &site.browser.cookies()).unwrap();
        site.clock.advance(301);
        let now = site.clock.now();
        let auth_time = first.auth_time().unwrap_or(now);
        site.provider.tamper_id_token(move |_, claims| {
            claims.insert("acr".to_owned(), json!("urn:high"));
            claims.insert("amr".to_owned(), json!(["hwk"]));
            claims.insert("iat".to_owned(), json!(now));
            claims.remove("auth_time");
            if repeats_auth_time {
                claims.insert("auth_time".to_owned(), json!(auth_time));
            }
        });
        site.provider.tamper_userinfo(move |answer| {
            answer["acr"] = json!("urn:high");
            answer["auth_time"] = json!(now);
        });
        site.assert_denied("before").await;
        let renewed = site.browser.get("/renew").await.body;
        let last = open_session(&site.auth, &site.browser.cookies()).unwrap();
        assert_eq!(
            monocloud_runtime::testing::access_token(&last),
            Some(renewed.as_str()),
            "it was renewed"
        );
        site.assert_denied("after a refresh").await;
        assert_eq!((last.auth_time(), last.acr()), (first.auth_time(), first.acr()));
    }
}
