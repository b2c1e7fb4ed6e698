//! Pushed authorization requests (RFC 9126): what is pushed, what the browser carries, and that nothing else is tried.

use std::collections::BTreeMap;

use monocloud_runtime::settings::{AuthParams, Builder};
use monocloud_runtime::testing::{ClientAuth, Endpoint, Fault, ProviderClient, SigningAlg};
use serde_json::json;
use support::UserAgent;

use crate::logging::collect;
use crate::rp::{CLIENT_ID, CLIENT_SECRET, Rp, Setup, assert_error_page, failures_are_forgotten};

const ASKED: [&str; 2] = ["https://api.example.com", "https://files.example.com"];

fn use_par(settings: Builder) -> Builder {
    settings.use_par(true)
}

/// Everything that a sign-in can ask for.
fn much(settings: Builder) -> Builder {
    settings.auth_params(
        AuthParams::new()
            .scopes("openid email")
            .audience("the audience")
            .prompt("login")
            .display("page")
            .ui_locales("de en")
            .acr_values("strong stronger")
            .max_age(300)
            .login_hint("mira@example.com")
            .resource(ASKED[0]),
    )
}

fn asked(pairs: &[(String, String)]) -> BTreeMap<String, String> {
    pairs.iter().cloned().collect()
}

/// Begins a sign-in that must fail there and then: nobody is sent anywhere.
async fn fails(rp: &Rp, status: u16) {
    let page = rp.begin(&rp.agent).await;
    assert_eq!(
        (page.status.as_u16(), page.url.path()),
        (status, "/api/auth/signin"),
        "{page:?}"
    );
    assert_error_page(&page);
    assert_eq!(rp.calls(Endpoint::Authorize), 0, "a plain request");
    assert_eq!(rp.pending(), 0);
}

#[tokio::test]
async fn the_browser_carries_the_reference_and_the_client_id_alone() {
    let rp = Setup::new().settings(use_par).start().await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    let carried = rp.provider.last_request(Endpoint::Authorize).unwrap();
    let names: Vec<&str> = carried
        .query_pairs()
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["client_id", "request_uri"]);
    assert_eq!(carried.query("client_id"), Some(CLIENT_ID));
    assert_eq!(rp.calls(Endpoint::PushedAuthorization), 1);
}

#[tokio::test]
async fn what_is_pushed_is_what_would_have_been_carried() {
    let plain = Setup::new().settings(much).start().await;
    plain.begin(&plain.agent).await;
    let carried = asked(
        plain
            .provider
            .last_request(Endpoint::Authorize)
            .unwrap()
            .query_pairs(),
    );
    let rp = Setup::new()
        .settings(|settings| much(use_par(settings)))
        .start()
        .await;
    rp.begin(&rp.agent).await;
    let request = rp.provider.last_request(Endpoint::PushedAuthorization).unwrap();
    let pushed = asked(request.form_pairs());
    assert_eq!(pushed.len(), request.form_pairs().len(), "a parameter twice");
    for ((name, carried), (pushed_name, pushed)) in carried.iter().zip(&pushed) {
        assert_eq!(name, pushed_name);
        let is_fresh = ["state", "nonce", "code_challenge", "redirect_uri"].contains(&name.as_str());
        assert!(is_fresh || carried == pushed, "{name}");
    }
    assert_eq!(carried.len(), pushed.len());
    assert!(request.header("authorization").unwrap().starts_with("Basic "));
}

#[tokio::test]
async fn several_resources_are_pushed_each_by_itself() {
    let rp = Setup::new()
        .settings(|settings| use_par(settings).resource(ASKED.join(" ")))
        .start()
        .await;
    rp.begin(&rp.agent).await;
    let request = rp.provider.last_request(Endpoint::PushedAuthorization).unwrap();
    let resources = request.form_pairs().iter().filter(|(name, _)| name == "resource");
    assert_eq!(
        resources.map(|(_, value)| value.as_str()).collect::<Vec<_>>(),
        ASKED
    );
}

#[tokio::test]
async fn the_client_proves_who_it_is_in_each_of_its_ways() {
    let client = || ProviderClient::new(CLIENT_ID);
    let ways = [
        (ClientAuth::SecretPost, client(), "client_secret"),
        (ClientAuth::SecretJwt, client(), "client_assertion"),
        (
            ClientAuth::PrivateKeyJwt,
            client().private_key_jwt(SigningAlg::EdDsa),
            "client_assertion",
        ),
    ];
    for (method, client, proof) in ways {
        let secret = client.secret().to_owned();
        let rp = Setup::new()
            .client(move |_| client.clone().id_token_alg(SigningAlg::Es256))
            .provider(move |provider| provider.token_auth_methods([method]))
            .settings(move |settings| use_par(settings).client_secret(&secret))
            .start()
            .await;
        let page = rp.sign_in().await;
        rp.assert_signed_in(&page);
        for endpoint in [Endpoint::PushedAuthorization, Endpoint::Token] {
            let request = rp.provider.last_request(endpoint).unwrap();
            assert!(request.form(proof).is_some(), "{proof}");
            let ids = request
                .form_pairs()
                .iter()
                .filter(|(name, _)| name == "client_id")
                .count();
            assert_eq!(ids, 1, "{proof}");
        }
    }
}

#[tokio::test]
async fn an_issuer_that_requires_it_gets_it_without_a_setting() {
    let rp = Setup::new()
        .provider(|provider| provider.require_par(true))
        .start()
        .await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    for (required, calls) in [
        (json!(true), 1),
        (json!("true"), 1),
        (json!(false), 0),
        (json!("no"), 0),
        (json!(7), 0),
    ] {
        let rp = Rp::start().await;
        rp.provider.tamper_metadata(move |metadata| {
            metadata["require_pushed_authorization_requests"] = required.clone();
        });
        let page = rp.sign_in().await;
        rp.assert_signed_in(&page);
        assert_eq!(rp.calls(Endpoint::PushedAuthorization), calls);
    }
}

#[tokio::test]
async fn a_request_that_cannot_be_pushed_is_not_sent_with_the_browser() {
    let endpoint = Endpoint::PushedAuthorization;
    for (fault, status) in [
        (Fault::Disconnect(endpoint), 503),
        (Fault::Status(endpoint, 500), 503),
        (Fault::Status(endpoint, 503), 503),
        (Fault::Status(endpoint, 429), 503),
        (Fault::Status(endpoint, 401), 502),
        (Fault::Status(endpoint, 202), 502),
        (Fault::Status(endpoint, 404), 502),
        (Fault::Status(endpoint, 405), 502),
        (Fault::Redirect(endpoint), 502),
        (Fault::Garbage(endpoint), 502),
        (Fault::Huge(endpoint), 502),
        (Fault::PushedAuthorizationError("invalid_request".into()), 502),
        (Fault::PushedAuthorizationError("access_denied".into()), 502),
    ] {
        let rp = Setup::new().settings(use_par).start().await;
        rp.provider.fault(fault.clone());
        fails(&rp, status).await;
        // The next one is as good as ever.
        rp.provider.clear_faults();
        failures_are_forgotten().await;
        let page = rp.sign_in().await;
        rp.assert_signed_in(&page);
    }
}

#[tokio::test]
async fn the_log_has_the_issuers_words_and_nothing_that_was_pushed() {
    let rp = Setup::new()
        .settings(|settings| much(use_par(settings)))
        .start()
        .await;
    rp.provider
        .fault(Fault::PushedAuthorizationError("unauthorized_client".into()));
    let log = collect();
    fails(&rp, 502).await;
    let text = log.text();
    assert!(
        text.contains("the pushed authorization request endpoint")
            && text.contains("unauthorized_client: a fault is set"),
        "{text}"
    );
    let pushed = rp.provider.last_request(Endpoint::PushedAuthorization).unwrap();
    for name in ["state", "nonce", "code_challenge", "login_hint"] {
        assert!(!text.contains(pushed.form(name).unwrap()), "{name}: {text}");
    }
    assert!(!text.contains(CLIENT_SECRET));
}

#[tokio::test]
async fn an_issuer_that_requires_it_and_has_no_place_for_it_is_a_bad_gateway() {
    let nowhere = [
        json!(null),
        json!(""),
        json!(7),
        json!("not a url"),
        json!("ftp://127.0.0.1/par"),
    ];
    for set in [true, false] {
        for endpoint in nowhere.clone() {
            let rp = Setup::new()
                .settings(move |settings| settings.use_par(set))
                .start()
                .await;
            rp.provider.tamper_metadata(move |metadata| {
                metadata["require_pushed_authorization_requests"] = json!(!set);
                metadata["pushed_authorization_request_endpoint"] = endpoint.clone();
            });
            let log = collect();
            fails(&rp, 502).await;
            let text = log.text();
            assert!(text.contains("pushed_authorization_request_endpoint"), "{text}");
        }
    }
    // An endpoint that nobody asks for may be anything.
    let rp = Rp::start().await;
    rp.provider
        .tamper_metadata(|metadata| metadata["pushed_authorization_request_endpoint"] = json!(7));
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
}

#[tokio::test]
async fn of_the_answer_the_reference_alone_must_be_right() {
    let rp = Setup::new().settings(use_par).start().await;
    for expires in [json!(null), json!("60"), json!({}), json!(-1)] {
        rp.provider.tamper_par_response(move |answer| {
            answer["expires_in"] = expires.clone();
            answer["more"] = json!([7]);
        });
        let page = rp.sign_in_with(&UserAgent::new()).await;
        assert_eq!(page.body, "dashboard of Mira Adler");
    }
    for reference in [
        json!(null),
        json!(7),
        json!(""),
        json!(" "),
        json!("\r\n"),
        json!(false),
        json!(["urn:x"]),
        json!({}),
    ] {
        let rp = Setup::new().settings(use_par).start().await;
        rp.provider
            .tamper_par_response(move |answer| answer["request_uri"] = reference.clone());
        let log = collect();
        fails(&rp, 502).await;
        assert!(log.text().contains("`request_uri`"), "{}", log.text());
    }
}

/// It is the issuer's own, and need not be a URN (RFC 9126 §2.2); nothing in it becomes a parameter of its own.
#[tokio::test]
async fn a_reference_is_carried_as_it_is() {
    for reference in [
        "urn:example:1",
        "https://issuer.example/request?id=7&x=%20#part",
        "a&client_id=evil&redirect_uri=https://evil.example/",
        "ü \u{1f600}+%2B",
    ] {
        let rp = Setup::new().settings(use_par).start().await;
        rp.provider
            .tamper_par_response(move |answer| answer["request_uri"] = json!(reference));
        rp.begin(&rp.agent).await;
        let carried = rp.provider.last_request(Endpoint::Authorize).unwrap();
        assert_eq!(carried.query("request_uri"), Some(reference));
        assert_eq!(carried.query("client_id"), Some(CLIENT_ID));
        assert_eq!(carried.query_pairs().len(), 2, "{reference}");
    }
}

#[tokio::test]
async fn the_authorization_endpoint_keeps_its_own_parameters() {
    let rp = Setup::new().settings(use_par).start().await;
    rp.provider.tamper_metadata(|metadata| {
        let endpoint = metadata["authorization_endpoint"].as_str().unwrap();
        metadata["authorization_endpoint"] = json!(format!("{endpoint}?policy=a"));
    });
    // The provider is strict, and shows a page of its own.
    let page = rp.begin(&rp.agent).await;
    assert_eq!(page.status, 400);
    let carried = rp.provider.last_request(Endpoint::Authorize).unwrap();
    let names: Vec<&str> = carried
        .query_pairs()
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["policy", "client_id", "request_uri"]);
    let pushed = rp.provider.last_request(Endpoint::PushedAuthorization).unwrap();
    assert_eq!(pushed.form("policy"), None);
}
