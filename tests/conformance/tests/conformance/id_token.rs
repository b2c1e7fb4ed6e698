//! ID token validation (OIDC Core 3.1.3.7), claim by claim. Times have a module of their own.

use monocloud_runtime::testing::{Endpoint, Fault};
use serde_json::{Map, Value, json};

use crate::forge::{Forge, at_hash_sha256, replace_id_token};
use crate::rp::{CLIENT_ID, Rp, Setup};

type Claims = Map<String, Value>;

/// Signs in with ID tokens whose claims are changed before the provider signs them.
async fn with_claims(change: impl Fn(&mut Claims) + Send + Sync + 'static) -> (Rp, support::Page) {
    let rp = Rp::start().await;
    rp.provider.tamper_id_token(move |_, claims| change(claims));
    let page = rp.sign_in().await;
    (rp, page)
}

async fn accepts(change: impl Fn(&mut Claims) + Send + Sync + 'static) {
    let (rp, page) = with_claims(change).await;
    rp.assert_signed_in(&page);
}

async fn refuses(change: impl Fn(&mut Claims) + Send + Sync + 'static) {
    let (rp, page) = with_claims(change).await;
    rp.assert_id_token_refused(&page);
}

async fn refuses_value(claim: &'static str, value: Value) {
    refuses(move |claims| drop(claims.insert(claim.into(), value.clone()))).await;
}

#[tokio::test]
async fn at_hash_of_another_access_token_is_refused() {
    let rp = Rp::start().await;
    rp.provider.fault(Fault::WrongAtHash);
    let page = rp.sign_in().await;
    rp.assert_id_token_refused(&page);
    refuses_value("at_hash", json!("")).await;
    refuses_value("at_hash", json!(7)).await;
    // The whole hash in place of its left half.
    refuses_value("at_hash", json!("47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU")).await;
}

/// OIDC Core 3.1.3.8: in the code flow it may be absent.
#[tokio::test]
async fn at_hash_may_be_absent() {
    accepts(|claims| drop(claims.remove("at_hash"))).await;
}

/// The access token was swapped on its way, and the ID token says so.
#[tokio::test]
async fn an_access_token_that_was_swapped_is_refused() {
    let rp = Rp::start().await;
    rp.provider
        .tamper_token_response(|answer| answer["access_token"] = json!("somebody-else's"));
    let page = rp.sign_in().await;
    rp.assert_id_token_refused(&page);
    // The check itself is right: with the hash that belongs to it, it passes.
    let rp = Rp::start().await;
    rp.provider.tamper_id_token(|_, claims| {
        claims.insert("at_hash".into(), at_hash_sha256("somebody-else's").into());
    });
    rp.provider
        .tamper_token_response(|answer| answer["access_token"] = json!("somebody-else's"));
    let page = rp.sign_in().await;
    // Only userinfo, which does not know that token, stops this sign-in.
    rp.assert_refused(&page, 502);
    assert_eq!(rp.calls(Endpoint::Userinfo), 1);
}

#[tokio::test]
async fn azp_must_be_this_client() {
    let rp = Rp::start().await;
    rp.provider.fault(Fault::ForeignAzp);
    let page = rp.sign_in().await;
    rp.assert_id_token_refused(&page);
    refuses_value("azp", json!("")).await;
    refuses_value("azp", json!([CLIENT_ID])).await;
    accepts(|claims| drop(claims.insert("azp".into(), CLIENT_ID.into()))).await;
}

#[tokio::test]
async fn aud_may_be_a_string_or_a_list_of_one() {
    accepts(|claims| drop(claims.insert("aud".into(), json!(CLIENT_ID)))).await;
    accepts(|claims| drop(claims.insert("aud".into(), json!([CLIENT_ID])))).await;
}

#[tokio::test]
async fn another_audience_beside_this_client_is_refused() {
    refuses_value("aud", json!([CLIENT_ID, "another"])).await;
    refuses_value("aud", json!(["another", CLIENT_ID])).await;
    refuses(|claims| {
        claims.insert("aud".into(), json!([CLIENT_ID, "another"]));
        claims.insert("azp".into(), json!(CLIENT_ID));
    })
    .await;
}

#[tokio::test]
async fn an_aud_that_only_resembles_this_client_is_refused() {
    for aud in [
        json!([]),
        json!(""),
        json!(null),
        json!(format!("{CLIENT_ID} ")),
        json!(CLIENT_ID.to_uppercase()),
        json!({ "0": CLIENT_ID }),
    ] {
        refuses_value("aud", aud).await;
    }
}

#[tokio::test]
async fn an_iss_that_only_resembles_the_issuer_is_refused() {
    for change in [
        |iss: &str| format!("{iss}/"),
        |iss: &str| iss.to_uppercase(),
        |iss: &str| iss.replace("http://", "https://"),
        |iss: &str| iss.replace("127.0.0.1", "localhost"),
        |_: &str| String::new(),
    ] {
        refuses(move |claims| {
            let iss = change(claims["iss"].as_str().unwrap());
            claims.insert("iss".into(), iss.into());
        })
        .await;
    }
    refuses(|claims| drop(claims.remove("iss"))).await;
}

#[tokio::test]
async fn sub_must_be_a_string_that_is_not_empty() {
    for sub in [json!(""), json!(7), json!(null), json!(["mira"]), json!(true)] {
        refuses_value("sub", sub).await;
    }
}

#[tokio::test]
async fn nonce_must_be_the_one_that_was_sent() {
    for fault in [Fault::WrongNonce, Fault::MissingNonce] {
        let rp = Rp::start().await;
        rp.provider.fault(fault);
        let page = rp.sign_in().await;
        rp.assert_id_token_refused(&page);
    }
    for nonce in [json!(""), json!(null), json!(7), json!([])] {
        refuses_value("nonce", nonce).await;
    }
}

#[tokio::test]
async fn exp_and_iat_must_be_there() {
    refuses(|claims| drop(claims.remove("exp"))).await;
    refuses(|claims| drop(claims.remove("iat"))).await;
    for claim in ["exp", "iat", "nbf"] {
        refuses_value(claim, json!("soon")).await;
        refuses_value(claim, json!([1])).await;
    }
}

/// RFC 7515 4.1.11: what is critical and not understood must not be passed over.
#[tokio::test]
async fn a_critical_header_is_refused() {
    let rp = Rp::start().await;
    rp.provider.fault(Fault::UnknownCrit);
    let page = rp.sign_in().await;
    rp.assert_id_token_refused(&page);
    for crit in [json!([]), json!(["exp"]), json!(["b64"])] {
        let rp = Rp::start().await;
        rp.provider
            .tamper_id_token(move |header, _| drop(header.insert("crit".into(), crit.clone())));
        let page = rp.sign_in().await;
        rp.assert_id_token_refused(&page);
    }
}

/// A token of another kind that the issuer signed is no ID token: an access token (RFC 9068), a logout token.
#[tokio::test]
async fn a_token_of_another_type_is_refused() {
    for typ in [
        "at+jwt",
        "application/at+jwt",
        "logout+jwt",
        "secevent+jwt",
        "dpop+jwt",
    ] {
        let rp = Rp::start().await;
        rp.provider
            .tamper_id_token(move |header, _| drop(header.insert("typ".into(), typ.into())));
        let page = rp.sign_in().await;
        rp.assert_id_token_refused(&page);
    }
}

/// RFC 7515 4.1.9: it is optional, and compared without case.
#[tokio::test]
async fn the_usual_types_are_accepted() {
    for typ in [Some("JWT"), Some("jwt"), None] {
        let rp = Rp::start().await;
        rp.provider.tamper_id_token(move |header, _| {
            header.remove("typ");
            if let Some(typ) = typ {
                header.insert("typ".into(), typ.into());
            }
        });
        let page = rp.sign_in().await;
        rp.assert_signed_in(&page);
    }
}

/// RFC 7519 4: two values under one name, of which everybody would read another.
#[tokio::test]
async fn a_claim_that_decides_and_is_there_twice_is_refused() {
    for (claim, extra) in [
        ("sub", "\"tomas\""),
        ("iss", "\"https://other.example\""),
        ("aud", "\"another\""),
        ("exp", "1"),
        ("nonce", "\"another\""),
        ("azp", "\"another\""),
        ("nbf", "99999999999"),
        ("acr", "\"high\""),
    ] {
        for first in [true, false] {
            let rp = Rp::start().await;
            Forge::new().install(&rp.provider, move |mut claims| {
                // So that there is one to be doubled.
                let harmless = match claim {
                    "azp" => json!(CLIENT_ID),
                    "nbf" => json!(1),
                    _ => json!("low"),
                };
                claims.entry(claim).or_insert(harmless);
                let one = Value::Object(claims).to_string();
                let inner = one.trim_start_matches('{').trim_end_matches('}').to_owned();
                let payload = if first {
                    format!("{{\"{claim}\":{extra},{inner}}}")
                } else {
                    format!("{{{inner},\"{claim}\":{extra}}}")
                };
                (Value::Object(Forge::header()).to_string(), payload)
            });
            let page = rp.sign_in().await;
            rp.assert_id_token_refused(&page);
        }
    }
}

#[tokio::test]
async fn a_header_parameter_that_is_there_twice_is_refused() {
    for header in [
        r#"{"alg":"ES256","kid":"forged","alg":"none"}"#,
        r#"{"alg":"none","kid":"forged","alg":"ES256"}"#,
        r#"{"alg":"ES256","kid":"other","kid":"forged"}"#,
        r#"{"alg":"ES256","kid":"forged","crit":["x"],"crit":null}"#,
        r#"{"alg":"ES256","kid":"forged","typ":"at+jwt","typ":"JWT"}"#,
    ] {
        let rp = Rp::start().await;
        Forge::new().install(&rp.provider, move |claims| {
            (header.to_owned(), Value::Object(claims).to_string())
        });
        let page = rp.sign_in().await;
        rp.assert_id_token_refused(&page);
    }
}

/// The forge of the tests above makes good tokens, too.
#[tokio::test]
async fn a_forged_token_without_a_mistake_signs_in() {
    let rp = Rp::start().await;
    Forge::new().install(&rp.provider, |claims| {
        (
            Value::Object(Forge::header()).to_string(),
            Value::Object(claims).to_string(),
        )
    });
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
}

#[tokio::test]
async fn what_is_no_signed_token_is_refused() {
    let changes: [fn(&str) -> String; 10] = [
        |_| String::new(),
        |_| "garbage".into(),
        |_| "..".into(),
        |_| "a.b.c.d.e".into(),
        |token| format!("{token}."),
        |token| format!("{token}="),
        |token| format!("{token} "),
        |token| token.replacen('.', "=.", 1),
        |token| format!("{token}.{token}"),
        |token| "e30.".to_owned() + token.split_once('.').unwrap().1,
    ];
    for change in changes {
        let rp = Rp::start().await;
        replace_id_token(&rp.provider, change);
        let page = rp.sign_in().await;
        rp.assert_id_token_refused(&page);
    }
}

/// Whoever holds a token of an earlier sign-in cannot use it for another: the nonce binds it.
#[tokio::test]
async fn the_token_of_an_earlier_sign_in_is_refused() {
    let rp = Setup::new().start().await;
    let first: std::sync::Arc<std::sync::OnceLock<String>> = std::sync::Arc::default();
    replace_id_token(&rp.provider, move |id_token| {
        first.get_or_init(|| id_token.to_owned()).clone()
    });
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    rp.agent.visit(&rp.app.at("/api/auth/signout")).await;
    let page = rp.sign_in().await;
    rp.assert_refused(&page, 400);
    assert_eq!(rp.calls(Endpoint::Userinfo), 1);
}
