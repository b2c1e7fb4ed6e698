//! Answers of the introspection endpoint that are signed, and those that nobody may believe.

use monocloud_runtime::testing::{Endpoint, Fault, IntrospectionFault, ProviderClient, SigningAlg};
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Value, json};

use crate::introspection::{ORDERS, SECRET, provider, request, told};
use crate::relying_party::*;

const JWT: &str = "application/token-introspection+jwt";

type Shows = fn(&Value) -> bool;

#[tokio::test]
async fn the_answer_is_a_jwt_for_those_who_want_one() {
    let provider = provider().await;
    let registered = ProviderClient::new("registered").secret_value(SECRET);
    let registered = registered.audience(ORDERS).introspection_alg(SigningAlg::EdDsa);
    provider.put_client(registered);
    let token = provider.access_token("mira", ORDERS, &["orders:read"]);
    let jwks = fetch(&provider, Endpoint::Jwks).await;
    for (client, accepts, alg) in [
        ("site", "application/json", None),
        ("site", JWT, Some("ES256")),
        ("registered", "application/json", Some("EdDSA")),
        ("registered", JWT, Some("EdDSA")),
    ] {
        let request = request(&provider, &[("token", &token)]).header(ACCEPT, accepts);
        let request = request.basic_auth(client, Some(SECRET));
        let response = request.send().await.unwrap();
        let Some(alg) = alg else {
            assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
            continue;
        };
        assert_eq!(response.headers()[CONTENT_TYPE], JWT);
        let (header, claims) = decoded(&response.text().await.unwrap());
        assert_eq!(
            (&header["typ"], &header["alg"]),
            (&json!("token-introspection+jwt"), &json!(alg))
        );
        let published = jwks["keys"].as_array().unwrap();
        assert!(published.iter().any(|key| key["kid"] == header["kid"]));
        let expected = json!({
            "iss": provider.issuer(),
            "aud": client,
            "iat": claims["iat"],
            "token_introspection": told(&provider, "site", &token).await,
        });
        assert_eq!(Value::Object(claims), expected);
    }
}

#[tokio::test]
async fn faults_of_introspection_show_and_go_away() {
    let provider = provider().await;
    let token = provider.access_token("mira", ORDERS, &[]);
    let asked = async || {
        let request = request(&provider, &[("token", &token)]).header(ACCEPT, JWT);
        let request = request.basic_auth("site", Some(SECRET));
        let response = request.send().await.unwrap();
        let text = response.text().await.unwrap();
        if let Ok(body) = serde_json::from_str::<Value>(&text) {
            return json!({ "unsigned": body });
        }
        let (header, mut claims) = decoded(&text);
        let said = claims.remove("token_introspection").unwrap();
        json!({ "header": header, "claims": claims, "said": said, "signed": !text.ends_with('.') })
    };
    let good = asked().await;
    let cases: [(IntrospectionFault, Shows); 8] = [
        (IntrospectionFault::ActiveIsText, |got| {
            got["said"]["active"] == "true"
        }),
        (IntrospectionFault::ActiveIsNumber, |got| {
            got["said"]["active"] == 1
        }),
        (IntrospectionFault::MissingActive, |got| {
            got["said"]["sub"] == "mira" && got["said"].get("active").is_none()
        }),
        (IntrospectionFault::NotSigned, |got| {
            got["unsigned"]["active"] == true
        }),
        (IntrospectionFault::WrongType, |got| got["header"]["typ"] == "JWT"),
        (IntrospectionFault::WrongIssuer, |got| {
            got["claims"]["iss"]
                .as_str()
                .is_some_and(|iss| iss.ends_with("/other"))
        }),
        (IntrospectionFault::WrongAudience, |got| {
            got["claims"]["aud"] == "another-client"
        }),
        (IntrospectionFault::AlgNone, |got| {
            got["header"]["alg"] == "none" && got["signed"] == false
        }),
    ];
    for (fault, shows) in cases {
        assert!(!shows(&good), "{fault:?} shows without being set");
        provider.fault(Fault::Introspection(fault));
        let got = asked().await;
        assert!(shows(&got), "{fault:?} does not show: {got}");
        provider.clear_faults();
    }
    provider.tamper_introspection(|body| body["scope"] = json!("everything"));
    assert_eq!(asked().await["said"]["scope"], "everything");
    assert_eq!(told(&provider, "site", &token).await["scope"], "everything");
}
