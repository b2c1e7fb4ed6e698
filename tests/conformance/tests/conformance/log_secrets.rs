//! What is logged of a sign-in, of the use of a session, of a refetch and of a sign-out holds no secret.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use monocloud_runtime::settings::{AuthParams, ResponseMode};
use monocloud_runtime::testing::{Endpoint, Fault, ProviderClient, SigningAlg};
use support::Page;

use crate::http2::Http2Front;
use crate::logging::collect;
use crate::rp::{CLIENT_ID, CLIENT_SECRET, COOKIE_SECRET, Rp, Setup};

/// Values that must not be logged, each with its name.
#[derive(Default)]
pub(crate) struct Secrets(BTreeMap<String, String>);

impl Secrets {
    pub(crate) fn add(&mut self, name: &str, value: &str) {
        // Chance finds shorter ones in any text.
        assert!(value.len() >= 12, "{name} is `{value}`");
        self.0.insert(value.to_owned(), name.to_owned());
    }

    pub(crate) fn add_token(&mut self, token: &str) {
        self.add("token", token);
        // The parts of a token are of use without its signature too.
        for part in token.split('.').filter(|part| part.len() > 40) {
            self.add("part of a token", part);
        }
    }

    /// All that the provider and the browser saw up to here.
    pub(crate) fn gather(&mut self, rp: &Rp) {
        for endpoint in [
            Endpoint::PushedAuthorization,
            Endpoint::Authorize,
            Endpoint::Token,
            Endpoint::Userinfo,
            Endpoint::EndSession,
        ] {
            let Some(request) = rp.provider.last_request(endpoint) else {
                continue;
            };
            for (name, value) in request.query_pairs().iter().chain(request.form_pairs()) {
                let secret = [
                    "state",
                    "nonce",
                    "code",
                    "code_verifier",
                    "id_token_hint",
                    "client_secret",
                    "client_assertion",
                    "request_uri",
                ];
                if secret.contains(&name.as_str()) {
                    self.add(name, value);
                }
            }
            if let Some(authorization) = request.header("authorization") {
                self.add("authorization", authorization.split_once(' ').unwrap().1);
            }
        }
        // A private key in PEM has lines.
        let lines = rp.provider.client_secret().lines();
        for line in lines.filter(|line| !line.starts_with('-')) {
            self.add("client secret", line);
        }
        for (name, value) in rp.agent.cookies(&rp.app.url) {
            if !value.is_empty() {
                self.add(&format!("cookie {name}"), &value);
            }
        }
    }

    #[track_caller]
    pub(crate) fn assert_absent(&self, from: &str, text: &str) {
        for (value, name) in &self.0 {
            let at = text.find(value.as_str());
            let around = at.map(|at| {
                let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
                text[start..].lines().next().unwrap_or_default().to_owned()
            });
            assert_eq!(around, None, "{name} is in {from}");
        }
    }
}

pub(crate) fn with_fixed_secrets() -> Secrets {
    let mut secrets = Secrets::default();
    secrets.add("client secret", CLIENT_SECRET);
    secrets.add("form-encoded client secret", "p%2Bss%3Aw%25rd");
    secrets.add("cookie secret", COOKIE_SECRET);
    secrets
}

pub(crate) fn watch_tokens(rp: &Rp) -> Arc<Mutex<Vec<String>>> {
    let tokens: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = tokens.clone();
    rp.provider.tamper_token_response(move |answer| {
        for name in ["access_token", "id_token", "refresh_token"] {
            if let Some(token) = answer[name].as_str() {
                seen.lock().unwrap().push(token.to_owned());
            }
        }
    });
    tokens
}

/// The runtime is on this thread, and so is all that logs but the provider, which is no part of the app.
async fn the_log_of_a_whole_sign_in_holds_no_secret(setup: Setup, below: &[&str]) {
    let mut secrets = with_fixed_secrets();
    let log = collect();
    let rp = setup.start().await;
    let tokens = watch_tokens(&rp);
    let login = rp.begin(&rp.agent).await;
    secrets.gather(&rp);
    let page = rp.go_on(&rp.agent, login, "mira").await;
    rp.assert_signed_in(&page);
    secrets.gather(&rp);
    for path in ["/dashboard", "/admin", "/api/me"] {
        let page = rp.agent.visit(&rp.app.at(path)).await;
        assert_eq!(page.status, 200, "{page:?}");
    }
    let refetch = rp.app.at("/api/auth/userinfo?refetch=true");
    let page = rp.agent.fetch(http::Method::GET, &refetch).await;
    assert_eq!(page.status, 200, "{page:?}");
    secrets.gather(&rp);
    let page = rp.agent.visit(&rp.app.at("/api/auth/signout")).await;
    assert_eq!(page.body, "home: signed out");
    secrets.gather(&rp);
    for token in tokens.lock().unwrap().iter() {
        secrets.add_token(token);
    }
    let text = log.text();
    // It was all heard: what the library says, and those below it.
    assert!(
        log.events()
            .contains(&"INFO monocloud.sign_in.completed".to_owned())
    );
    for target in below {
        assert!(text.contains(target), "{target}: {text}");
    }
    assert!(secrets.0.len() > 14, "{:?}", secrets.0.values());
    secrets.assert_absent("the log", &text);
}

fn setup(mode: ResponseMode) -> Setup {
    Setup::new().settings(move |settings| {
        settings
            .scopes("openid profile email offline_access")
            .auth_params(AuthParams::new().response_mode(mode))
    })
}

#[tokio::test]
async fn the_log_of_a_sign_in_at_trace_holds_no_secret() {
    for mode in [ResponseMode::Query, ResponseMode::FormPost] {
        the_log_of_a_whole_sign_in_holds_no_secret(setup(mode), &["hyper_util", "reqwest"]).await;
    }
}

#[tokio::test]
async fn the_log_of_a_pushed_sign_in_with_a_key_at_trace_holds_no_secret() {
    for alg in [SigningAlg::EdDsa, SigningAlg::Rs256] {
        let client = ProviderClient::new(CLIENT_ID).private_key_jwt(alg);
        let secret = client.secret().to_owned();
        let setup = Setup::new()
            .client(move |_| client.clone().id_token_alg(SigningAlg::Es256))
            .settings(move |settings| settings.client_secret(&secret).use_par(true));
        the_log_of_a_whole_sign_in_holds_no_secret(setup, &["hyper_util", "reqwest"]).await;
    }
}

/// Most issuers speak HTTP/2, and that layer logs every frame.
#[tokio::test]
async fn the_log_of_a_sign_in_over_http2_at_trace_holds_no_secret() {
    let front = Http2Front::start().await;
    let setup = Setup::new().settings(move |settings| settings.http_client(front.clone()));
    the_log_of_a_whole_sign_in_holds_no_secret(setup, &["h2::codec", "h2::proto", "hyper_util"]).await;
}

/// The search would find what it looks for.
#[tokio::test]
async fn a_secret_in_a_log_line_is_found() {
    let log = collect();
    tracing::info!(state = "a state of 20 letters", "a line");
    log::trace!("another line, with {}", STANDARD.encode("a code of some length"));
    let text = log.text();
    for secret in ["a state of 20 letters", &STANDARD.encode("a code of some length")] {
        let mut secrets = Secrets::default();
        secrets.add("it", secret);
        let found = std::panic::catch_unwind(|| secrets.assert_absent("the log", &text));
        assert!(found.is_err(), "{secret}");
    }
}

/// Failures log more than successes do, and that holds no secret either.
#[tokio::test]
async fn the_log_of_failed_sign_ins_holds_no_secret() {
    for fault in [
        Fault::WrongNonce,
        Fault::WrongAtHash,
        Fault::BadSignature,
        Fault::WrongAudience,
        Fault::WrongIssuer,
        Fault::MissingSub,
        Fault::WrongResponseIss,
        Fault::NoIdToken,
        Fault::UserinfoWrongSub,
        Fault::TokenError("invalid_grant".into()),
        Fault::AuthorizeError("access_denied".into()),
        Fault::Garbage(Endpoint::Token),
        Fault::Garbage(Endpoint::Userinfo),
        Fault::Huge(Endpoint::Token),
        Fault::Status(Endpoint::Userinfo, 401),
        Fault::Disconnect(Endpoint::Token),
        Fault::Disconnect(Endpoint::Userinfo),
        Fault::Redirect(Endpoint::Token),
    ] {
        let mut secrets = with_fixed_secrets();
        let log = collect();
        let rp = Rp::start().await;
        let tokens = watch_tokens(&rp);
        rp.provider.fault(fault.clone());
        let login = rp.begin(&rp.agent).await;
        secrets.gather(&rp);
        let page = rp.go_on(&rp.agent, login, "mira").await;
        assert_ne!(page.status, 200, "{fault:?}");
        secrets.gather(&rp);
        secrets.add_query_of(&page);
        for token in tokens.lock().unwrap().iter() {
            secrets.add("token", token);
        }
        let text = log.text();
        assert!(
            text.contains("monocloud.route.failed") || text.contains("code="),
            "{text}"
        );
        secrets.assert_absent("the log", &text);
        secrets.assert_absent("the page", &page.body);
    }
}

impl Secrets {
    /// Code and state, as they stand in the address of a callback.
    fn add_query_of(&mut self, page: &Page) {
        for (name, value) in page.url.query_pairs() {
            if name == "code" || name == "state" {
                self.add(&name, &value);
            }
        }
    }
}
