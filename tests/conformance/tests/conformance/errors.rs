//! Errors of failed sign-ins, as an application's own handler gets them: with a stable code, a status, and no
//! secret, however they are printed.

use std::error::Error as _;
use std::fmt::Write as _;
use std::sync::{LazyLock, Mutex};

use axum::Router;
use axum::routing::get;
use http::StatusCode;
use monocloud_runtime::testing::{Endpoint, Fault, Provider};
use monocloud_runtime::{Failure, MonoCloud, monocloud_routes};
use support::{UserAgent, listen};

use crate::rp::COOKIE_SECRET;

const SECRET: &str = "the secret of this client";

/// Code, status and every printed form of each error that the handler saw.
static SEEN: LazyLock<Mutex<Vec<Seen>>> = LazyLock::new(Mutex::default);

type Seen = (&'static str, StatusCode, String);

async fn on_error(failure: Failure) -> (StatusCode, &'static str) {
    let error = failure.error();
    let mut printed = format!("{error}\n{error:?}\n{error:#?}\n");
    let mut source = error.source();
    while let Some(cause) = source {
        write!(printed, "{cause}\n{cause:?}\n{cause:#?}\n").unwrap();
        source = cause.source();
    }
    let seen = (error.code(), error.status(), printed);
    SEEN.lock().unwrap().push(seen);
    (error.status(), "handled")
}

/// One test, since the handler is a plain function and has but one place to put things.
#[tokio::test]
async fn errors_have_a_code_a_status_and_no_secret() {
    for (fault, code, status) in [
        (Fault::WrongNonce, "invalid_id_token", 400),
        (Fault::WrongAtHash, "invalid_id_token", 400),
        (Fault::BadSignature, "invalid_id_token", 400),
        (Fault::WrongIssuer, "invalid_id_token", 400),
        (Fault::WrongAudience, "invalid_id_token", 400),
        (Fault::WrongResponseIss, "wrong_issuer", 400),
        (Fault::AuthorizeError("login_required".into()), "refused", 400),
        (Fault::TokenError("invalid_grant".into()), "invalid_grant", 400),
        (Fault::TokenError("invalid_client".into()), "endpoint_error", 502),
        (Fault::NoIdToken, "malformed_answer", 502),
        (Fault::Garbage(Endpoint::Token), "malformed_answer", 502),
        (Fault::Huge(Endpoint::Token), "malformed_answer", 502),
        (Fault::Garbage(Endpoint::Userinfo), "malformed_answer", 502),
        (Fault::UserinfoWrongSub, "userinfo_subject", 502),
        (Fault::Disconnect(Endpoint::Token), "unreachable", 503),
        (Fault::Disconnect(Endpoint::Userinfo), "unreachable", 503),
        (Fault::Status(Endpoint::Token, 500), "unreachable", 503),
        (Fault::DiscoveryIssuerMismatch, "issuer_mismatch", 502),
    ] {
        let secrets = fail(&fault).await;
        let seen = std::mem::take(&mut *SEEN.lock().unwrap());
        let [(seen_code, seen_status, printed)] = &seen[..] else {
            panic!("{fault:?}: {seen:?}")
        };
        assert_eq!((*seen_code, seen_status.as_u16()), (code, status), "{fault:?}");
        for secret in secrets {
            assert!(!printed.contains(&secret), "{fault:?}: `{secret}` in {printed}");
        }
    }
}

/// Signs in with this fault, and returns what must not be told of it.
async fn fail(fault: &Fault) -> Vec<String> {
    let provider = Provider::builder()
        .default_client(monocloud_runtime::testing::ProviderClient::new("app").secret_value(SECRET))
        .start()
        .await
        .unwrap();
    let listening = listen().await;
    let auth = MonoCloud::builder()
        .tenant_domain(provider.issuer())
        .client_id(provider.client_id())
        .client_secret(SECRET)
        .app_url(&listening.url)
        .cookie_secret(COOKIE_SECRET)
        .build()
        .unwrap();
    let app = Router::new()
        .route("/", get(|| async { "home" }))
        .merge(monocloud_routes!(auth, on_error = on_error))
        .layer(auth.layer());
    let app = listening.serve(app);
    provider.fault(fault.clone());
    let agent = UserAgent::new();
    let mut page = agent.visit(&app.at("/api/auth/signin")).await;
    let mut secrets = vec![SECRET.to_owned(), COOKIE_SECRET.to_owned()];
    secrets.extend(agent.cookies(&app.url).into_iter().map(|(_, value)| value));
    if page.body.contains("name=\"user\"") {
        page = agent.submit(&page, &[("user", "mira")]).await;
    }
    assert_eq!(page.body, "handled", "{fault:?}");
    for endpoint in [Endpoint::Authorize, Endpoint::Token, Endpoint::Userinfo] {
        let Some(request) = provider.last_request(endpoint) else {
            continue;
        };
        for name in ["state", "nonce", "code", "code_verifier"] {
            let values = [request.query(name), request.form(name)];
            secrets.extend(values.into_iter().flatten().map(str::to_owned));
        }
        let authorization = request.header("authorization");
        secrets.extend(
            authorization
                .and_then(|value| value.split(' ').nth(1))
                .map(str::to_owned),
        );
    }
    secrets
}
