//! Basic RP and Form Post RP: every module once with each response mode. Then the rows of the comprehensive
//! plan. The names are the suite's, without `oidcc-client-test`.

use monocloud_runtime::settings::ResponseMode;
use monocloud_runtime::testing::{ClientAuth, Endpoint, Fault, SigningAlg};
use serde_json::{Value, json};

use crate::rp::{CLIENT_ID, CLIENT_SECRET, Setup};

macro_rules! plans {
    ($($row:ident,)*) => {
        mod basic_rp {
            use monocloud_runtime::settings::ResponseMode;
            $(#[tokio::test] async fn $row() { super::$row(ResponseMode::Query).await; })*
        }
        mod form_post_rp {
            use monocloud_runtime::settings::ResponseMode;
            $(#[tokio::test] async fn $row() { super::$row(ResponseMode::FormPost).await; })*
        }
    };
}

plans! {
    code_flow,
    invalid_iss,
    missing_sub,
    invalid_aud,
    missing_iat,
    kid_absent_single_jwks,
    kid_absent_multiple_jwks,
    idtoken_sig_rs256,
    idtoken_sig_none,
    invalid_sig_rs256,
    userinfo_invalid_sub,
    nonce_invalid,
    scope_userinfo_claims,
    client_secret_basic,
    client_secret_post,
    missing_aud,
    userinfo_bearer_header,
    error_response,
    invalid_sig_hs256,
    invalid_sig_es256,
}

/// RS256, as the plans register their clients.
fn setup(mode: ResponseMode) -> Setup {
    Setup::new().mode(mode).alg(SigningAlg::Rs256)
}

async fn refuses_id_token(mode: ResponseMode, fault: Fault) {
    let rp = setup(mode).start().await;
    rp.provider.fault(fault.clone());
    let page = rp.sign_in().await;
    rp.assert_id_token_refused(&page);
    assert!(page.body.contains("Sign-in failed"), "{fault:?}");
    // Nothing but the fault was in the way.
    rp.provider.clear_faults();
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
}

async fn code_flow(mode: ResponseMode) {
    let rp = setup(mode).start().await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    assert_eq!(rp.calls(Endpoint::Userinfo), 1);
    let asked = rp.provider.last_request(Endpoint::Authorize).unwrap();
    let form_post = mode == ResponseMode::FormPost;
    assert_eq!(asked.query("response_mode"), form_post.then_some("form_post"));
    assert_eq!(asked.query("response_type"), Some("code"));
    // The answer came the way that was asked for.
    let callback = page.trail.iter().find(|url| url.path() == "/api/auth/callback");
    assert_eq!(callback.unwrap().query().is_none(), form_post);
}

async fn invalid_iss(mode: ResponseMode) {
    refuses_id_token(mode, Fault::WrongIssuer).await;
}

async fn missing_sub(mode: ResponseMode) {
    refuses_id_token(mode, Fault::MissingSub).await;
}

async fn invalid_aud(mode: ResponseMode) {
    refuses_id_token(mode, Fault::WrongAudience).await;
}

async fn missing_iat(mode: ResponseMode) {
    refuses_id_token(mode, Fault::MissingIssuedAt).await;
}

async fn missing_aud(mode: ResponseMode) {
    refuses_id_token(mode, Fault::MissingAudience).await;
}

async fn idtoken_sig_none(mode: ResponseMode) {
    refuses_id_token(mode, Fault::AlgNone).await;
}

async fn invalid_sig_rs256(mode: ResponseMode) {
    refuses_id_token(mode, Fault::BadSignature).await;
}

async fn invalid_sig_hs256(mode: ResponseMode) {
    refuses_id_token(mode, Fault::Hs256).await;
}

async fn nonce_invalid(mode: ResponseMode) {
    refuses_id_token(mode, Fault::WrongNonce).await;
}

async fn invalid_sig_es256(mode: ResponseMode) {
    let rp = setup(mode).alg(SigningAlg::Es256).start().await;
    rp.provider.fault(Fault::BadSignature);
    let page = rp.sign_in().await;
    rp.assert_id_token_refused(&page);
}

async fn kid_absent_single_jwks(mode: ResponseMode) {
    let rp = setup(mode).start().await;
    rp.provider.fault(Fault::NoKid);
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
}

/// Both answers are allowed. This library tries every key that fits.
async fn kid_absent_multiple_jwks(mode: ResponseMode) {
    let rp = setup(mode).start().await;
    rp.provider.fault(Fault::NoKid);
    rp.provider.fault(Fault::ExtraKey);
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
}

async fn idtoken_sig_rs256(mode: ResponseMode) {
    let rp = setup(mode).start().await;
    rp.provider
        .tamper_id_token(|header, _| assert_eq!(header["alg"], "RS256"));
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
}

async fn userinfo_invalid_sub(mode: ResponseMode) {
    let rp = setup(mode).start().await;
    rp.provider.fault(Fault::UserinfoWrongSub);
    let page = rp.sign_in().await;
    rp.assert_refused(&page, 502);
    assert_eq!(rp.calls(Endpoint::Userinfo), 1);
}

async fn scope_userinfo_claims(mode: ResponseMode) {
    let rp = setup(mode)
        .settings(|settings| settings.scopes("openid profile email phone address"))
        .start()
        .await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    let asked = rp.provider.last_request(Endpoint::Authorize).unwrap();
    assert_eq!(asked.query("scope"), Some("openid profile email phone address"));
    let user = rp.agent.visit(&rp.app.at("/api/auth/userinfo")).await.json();
    let claims = [
        ("name", json!("Mira Adler")),
        ("given_name", json!("Mira")),
        ("email", json!("mira@example.com")),
        ("email_verified", json!(true)),
        ("phone_number", json!("+1 202 555 0143")),
        ("address", json!({ "locality": "Lisbon", "country": "Portugal" })),
    ];
    for (name, value) in claims {
        assert_eq!(user[name], value, "{name}");
    }
}

async fn client_secret_basic(mode: ResponseMode) {
    let rp = setup(mode).start().await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    let asked = rp.provider.last_request(Endpoint::Token).unwrap();
    // RFC 6749 2.3.1: form-encoded, then base64.
    let encoded = format!("{CLIENT_ID}:p%2Bss%3Aw%25rd+%26%3D%C3%BC");
    assert_eq!(
        asked.header("authorization"),
        Some(format!("Basic {}", base64(&encoded)).as_str())
    );
    assert_eq!(
        (asked.form("client_id"), asked.form("client_secret")),
        (None, None)
    );
}

async fn client_secret_post(mode: ResponseMode) {
    let rp = setup(mode)
        .client(|client| client.auth_method(ClientAuth::SecretPost))
        .settings(|settings| {
            settings.client_auth_method(monocloud_runtime::settings::ClientAuthMethod::ClientSecretPost)
        })
        .start()
        .await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    let asked = rp.provider.last_request(Endpoint::Token).unwrap();
    assert_eq!(asked.header("authorization"), None);
    assert_eq!(asked.form("client_id"), Some(CLIENT_ID));
    assert_eq!(asked.form("client_secret"), Some(CLIENT_SECRET));
}

async fn userinfo_bearer_header(mode: ResponseMode) {
    let rp = setup(mode).start().await;
    let token: std::sync::Arc<std::sync::Mutex<Value>> = std::sync::Arc::default();
    let seen = token.clone();
    rp.provider
        .tamper_token_response(move |answer| *seen.lock().unwrap() = answer["access_token"].clone());
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    let asked = rp.provider.last_request(Endpoint::Userinfo).unwrap();
    let bearer = format!("Bearer {}", token.lock().unwrap().as_str().unwrap());
    assert_eq!(asked.header("authorization"), Some(bearer.as_str()));
    assert!(asked.query_pairs().is_empty() && asked.form_pairs().is_empty());
}

/// `form-post-error`: the error is shown, and sign-in is offered again.
async fn error_response(mode: ResponseMode) {
    for (error, title) in [
        ("access_denied", "Sign-in cancelled"),
        ("server_error", "Sign-in failed"),
        ("interaction_required", "Sign-in failed"),
    ] {
        let rp = setup(mode).start().await;
        rp.provider.fault(Fault::AuthorizeError(error.into()));
        let page = rp.sign_in().await;
        rp.assert_refused(&page, 400);
        assert!(page.body.contains(title), "{page:?}");
        assert_eq!(rp.calls(Endpoint::Token), 0);
    }
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}
