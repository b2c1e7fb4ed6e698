//! Logout tokens, claim by claim (OIDC Back-Channel Logout 1.0 2.4, 2.6): what is no clear yes is a no.

use monocloud_runtime::testing::{Clock, Endpoint, Fault, LogoutTokenFault};
use reqwest::StatusCode;
use serde_json::{Map, Value, json};

use crate::forge::Forge;
use crate::rp::{CLIENT_ID, Rp, Setup};

pub(crate) const NOW: i64 = 1_800_000_000;
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

pub(crate) async fn start() -> (Rp, Clock) {
    let clock = Clock::fixed(NOW);
    (Setup::new().clock(&clock).start().await, clock)
}

/// What the application answers to a logout token.
pub(crate) async fn post(rp: &Rp, token: &str) -> StatusCode {
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("logout_token", token)
        .finish();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client
        .post(
            rp.app
                .at("/api/auth/backchannel-logout")
                .replace("localhost", "127.0.0.1"),
        )
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()["cache-control"], "no-store");
    answer.status()
}

/// What is answered where one claim is another, or is not there.
async fn with_claim(rp: &Rp, name: &'static str, value: Option<Value>) -> u16 {
    rp.provider.tamper_logout_token(move |_, claims| match &value {
        Some(value) => drop(claims.insert(name.into(), value.clone())),
        None => drop(claims.remove(name)),
    });
    let status = post(rp, &rp.provider.logout_token(Some("mira"), Some("a session"))).await;
    rp.provider.clear_faults();
    status.as_u16()
}

#[tokio::test]
async fn what_a_claim_may_not_be_is_refused_and_no_keys_are_asked_for() {
    let (rp, _) = start().await;
    let (issuer, long) = (rp.provider.issuer().to_owned(), "x".repeat(256));
    for (name, values) in [
        (
            "iss",
            vec![
                None,
                Some(json!("https://other.example")),
                Some(json!(format!("{issuer}//"))),
                Some(json!(issuer.to_uppercase())),
                Some(json!([issuer])),
            ],
        ),
        (
            "aud",
            vec![
                None,
                Some(json!("another")),
                Some(json!([])),
                Some(json!([CLIENT_ID, "another"])),
                Some(json!({ "client": CLIENT_ID })),
            ],
        ),
        (
            "events",
            vec![
                None,
                Some(Value::Null),
                Some(json!(EVENT)),
                Some(json!([EVENT])),
                Some(json!({})),
                Some(json!({ EVENT: null })),
                Some(json!({ EVENT: true })),
                Some(json!({ EVENT: "" })),
                Some(json!({ "http://schemas.openid.net/event/another": {} })),
            ],
        ),
        (
            "nonce",
            vec![Some(json!("a nonce")), Some(json!("")), Some(Value::Null)],
        ),
        ("sid", vec![Some(json!("")), Some(json!(7)), Some(json!(long))]),
        ("sub", vec![Some(json!("")), Some(json!(7)), Some(json!(long))]),
        (
            "jti",
            vec![None, Some(json!("")), Some(json!(7)), Some(json!(long))],
        ),
        (
            "iat",
            vec![
                None,
                Some(json!("now")),
                Some(json!(NOW + 61)),
                Some(json!(NOW - 661)),
                Some(json!(i64::MIN)),
                Some(json!(1e300)),
            ],
        ),
        (
            "exp",
            vec![
                Some(json!(NOW - 60)),
                Some(json!(NOW + 3_661)),
                Some(json!("soon")),
                Some(json!(0)),
            ],
        ),
        ("nbf", vec![Some(json!(NOW + 61)), Some(json!("soon"))]),
    ] {
        for value in values {
            let shown = format!("{name}: {value:?}");
            assert_eq!(with_claim(&rp, name, value).await, 400, "{shown}");
        }
    }
    assert_eq!((rp.calls(Endpoint::Jwks), rp.calls(Endpoint::Discovery)), (0, 0));
}

#[tokio::test]
async fn what_a_claim_may_be_is_taken() {
    let (rp, _) = start().await;
    let longest = "x".repeat(255);
    for (name, values) in [
        (
            "aud",
            vec![Some(json!([CLIENT_ID])), Some(json!([CLIENT_ID, CLIENT_ID]))],
        ),
        (
            "events",
            vec![
                Some(json!({ EVENT: { "further": 1 } })),
                Some(json!({ EVENT: {}, "http://schemas.openid.net/event/another": null })),
            ],
        ),
        ("sid", vec![None, Some(Value::Null), Some(json!(longest))]),
        ("sub", vec![None, Some(Value::Null), Some(json!(longest))]),
        ("jti", vec![Some(json!(longest))]),
        (
            "iat",
            vec![
                Some(json!(NOW + 60)),
                Some(json!(NOW - 660)),
                Some(json!(1_799_999_999.5)),
            ],
        ),
        ("exp", vec![None, Some(json!(NOW - 59)), Some(json!(NOW + 3_660))]),
        ("nbf", vec![Some(json!(NOW + 60))]),
        ("further", vec![Some(json!({ "claim": [1, 2, 3] }))]),
        ("typ", vec![Some(json!("Logout"))]),
    ] {
        for value in values {
            let shown = format!("{name}: {value:?}");
            assert_eq!(with_claim(&rp, name, value).await, 200, "{shown}");
        }
    }
}

#[tokio::test]
async fn the_type_is_its_own_or_that_of_any_jwt_or_there_is_none() {
    let (rp, _) = start().await;
    for (typ, status) in [
        (Some("logout+jwt"), 200),
        (Some("LOGOUT+JWT"), 200),
        (Some("application/logout+jwt"), 200),
        (Some("JWT"), 200),
        (None, 200),
        (Some("at+jwt"), 400),
        (Some("secevent+jwt"), 400),
        (Some(""), 400),
    ] {
        rp.provider.tamper_logout_token(move |header, _| match typ {
            Some(typ) => drop(header.insert("typ".into(), typ.into())),
            None => drop(header.remove("typ")),
        });
        let answer = post(&rp, &rp.provider.logout_token(Some("mira"), None)).await;
        rp.provider.clear_faults();
        assert_eq!(answer.as_u16(), status, "{typ:?}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_token_ends_nothing() {
    use LogoutTokenFault as Of;
    let (rp, _) = start().await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    for fault in [
        Of::WrongIssuer,
        Of::WrongAudience,
        Of::MissingEvents,
        Of::WrongEvent,
        Of::WithNonce,
        Of::MissingSubject,
        Of::MissingJti,
        Of::MissingIssuedAt,
        Of::Expired,
        Of::WrongType,
        Of::AlgNone,
        Of::Hs256,
        Of::WrongAlg,
        Of::UnknownKid,
        Of::BadSignature,
    ] {
        rp.provider.fault(Fault::LogoutToken(fault));
        let token = rp.provider.logout_token(Some("mira"), None);
        assert_eq!(post(&rp, &token).await, 400, "{fault:?}");
        rp.provider.clear_faults();
    }
    let page = rp.agent.visit(&rp.app.at("/dashboard")).await;
    assert_eq!(page.body, "dashboard of Mira Adler");
    let token = rp.provider.logout_token(Some("mira"), None);
    assert_eq!(post(&rp, &token).await, 200);
}

/// The other way round it is a test of ID tokens.
#[tokio::test]
async fn an_id_token_logs_nobody_out() {
    let (rp, _) = start().await;
    let kept = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let seen = kept.clone();
    rp.provider.tamper_token_response(move |answer| {
        *seen.lock().unwrap() = answer["id_token"].as_str().unwrap().to_owned();
    });
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    let id_token = kept.lock().unwrap().clone();
    assert_eq!(post(&rp, &id_token).await, 400);
    let page = rp.agent.visit(&rp.app.at("/dashboard")).await;
    assert_eq!(page.body, "dashboard of Mira Adler");
}

/// RFC 7519 4: two values under one name, of which everybody would read another.
#[tokio::test]
async fn a_claim_that_decides_and_is_there_twice_is_refused() {
    let (rp, _) = start().await;
    let forge = Forge::new();
    let jwk = forge.jwk();
    rp.provider
        .tamper_jwks(move |jwks| jwks["keys"].as_array_mut().unwrap().push(jwk.clone()));
    let claims = |jti: &str| {
        json!({
            "iss": rp.provider.issuer(), "aud": CLIENT_ID, "sub": "mira", "sid": "a session", "jti": jti,
            "iat": NOW, "exp": NOW + 60, "events": { EVENT: {} },
        })
        .to_string()
    };
    let header = Value::Object(Forge::header()).to_string();
    assert_eq!(post(&rp, &forge.sign(&header, &claims("1"))).await, 200);
    for (number, twice) in [
        "\"sub\":\"lin\"",
        "\"sid\":\"another\"",
        "\"jti\":\"3\"",
        "\"events\":{}",
        "\"iat\":1",
    ]
    .iter()
    .enumerate()
    {
        let one = claims(&format!("of {number}"));
        let payload = format!("{},{twice}}}", one.strip_suffix('}').unwrap());
        assert_eq!(post(&rp, &forge.sign(&header, &payload)).await, 400, "{twice}");
    }
    let mut critical: Map<String, Value> = Forge::header();
    critical.insert("crit".into(), json!(["urn:example:unknown"]));
    critical.insert("urn:example:unknown".into(), json!(true));
    let header = Value::Object(critical).to_string();
    assert_eq!(post(&rp, &forge.sign(&header, &claims("4"))).await, 400, "crit");
}
