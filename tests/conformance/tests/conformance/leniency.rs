//! What this client does not use may be absent, `null` or hold anything, wherever the issuer says it: people must
//! not be locked out for data that nobody looks at.

use monocloud_runtime::testing::Clock;
use monocloud_runtime::testing::{Endpoint, Provider};
use proptest::sample::select;
use serde_json::{Value, json};

use crate::any_json::{any_json, samples};
use crate::http_client::Changed;
use crate::logging::collect;
use crate::rp::{Rp, Setup};

/// Claims of OIDC Core and of issuers, none of which this client needs.
const CLAIMS: [&str; 26] = [
    "name",
    "given_name",
    "middle_name",
    "profile",
    "picture",
    "website",
    "email",
    "email_verified",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "phone_number",
    "phone_number_verified",
    "address",
    "updated_at",
    "groups",
    "roles",
    "acr",
    "amr",
    "auth_time",
    "c_hash",
    "s_hash",
    "sid",
    "_claim_sources",
    "https://example.test/claim",
];

/// Signs in once for each of these changes of what the issuer says; `install` makes one.
async fn signs_in_with<T: std::fmt::Debug>(values: Vec<T>, install: impl Fn(&Provider, T)) {
    let clock = Clock::fixed(1_900_000_000);
    let rp = Setup::new().clock(&clock).start().await;
    for value in values {
        let shown = format!("{value:?}");
        rp.provider.clear_faults();
        install(&rp.provider, value);
        // Metadata and keys are forgotten by then.
        clock.advance(2 * 3_600);
        let page = rp.sign_in().await;
        assert_eq!(page.status, 200, "{shown}: {page:?}");
        assert!(page.body.starts_with("dashboard of "), "{shown}: {page:?}");
    }
}

fn insert(into: &mut Value, name: &str, value: Value) {
    into.as_object_mut().unwrap().insert(name.to_owned(), value);
}

#[tokio::test]
async fn any_value_of_any_claim_that_is_not_used_signs_in() {
    let values = samples(&(select(&CLAIMS[..]), any_json()), 120);
    signs_in_with(values, |provider, (name, value)| {
        provider.tamper_id_token(move |_, claims| drop(claims.insert(name.to_owned(), value.clone())));
    })
    .await;
}

/// The same claim is handed on as it came.
#[tokio::test]
async fn a_claim_is_kept_as_it_came() {
    for value in [
        json!([]),
        json!("{\"locality\":\"Ulm\"}"),
        json!({ "locality": ["Ulm"] }),
        json!(7),
        json!(false),
        json!("1766487547"),
        json!(1_766_487_547.25),
    ] {
        let rp = Rp::start().await;
        let sent = value.clone();
        rp.provider.tamper_id_token(move |_, claims| {
            claims.insert("address".into(), sent.clone());
            claims.insert("updated_at".into(), sent.clone());
        });
        let page = rp.sign_in().await;
        rp.assert_signed_in(&page);
        let user = rp.agent.visit(&rp.app.at("/api/auth/userinfo")).await.json();
        assert_eq!((&user["address"], &user["updated_at"]), (&value, &value));
    }
}

#[tokio::test]
async fn null_is_as_if_absent_in_every_optional_claim() {
    let optional = [
        "azp",
        "nbf",
        "at_hash",
        "auth_time",
        "acr",
        "amr",
        "sid",
        "name",
        "groups",
    ];
    signs_in_with(optional.to_vec(), |provider, name| {
        provider.tamper_id_token(move |_, claims| drop(claims.insert(name.to_owned(), Value::Null)));
    })
    .await;
}

/// And a required one that is `null` is missing.
#[tokio::test]
async fn a_required_claim_that_is_null_is_missing() {
    for name in ["iss", "sub", "aud", "exp", "iat", "nonce"] {
        let log = collect();
        let rp = Rp::start().await;
        rp.provider
            .tamper_id_token(move |_, claims| drop(claims.insert(name.to_owned(), Value::Null)));
        let page = rp.sign_in().await;
        rp.assert_id_token_refused(&page);
        let text = log.text();
        assert!(text.contains(&format!("`{name}` is missing")), "{name}: {text}");
    }
}

#[tokio::test]
async fn any_value_of_any_header_parameter_that_is_not_used_signs_in() {
    let values = samples(
        &(
            select(&["jku", "x5c", "x5t#S256", "jwk", "cty", "b64", "zip"][..]),
            any_json(),
        ),
        30,
    );
    signs_in_with(values, |provider, (name, value)| {
        provider.tamper_id_token(move |header, _| drop(header.insert(name.to_owned(), value.clone())));
    })
    .await;
}

/// Members of OIDC Discovery 3, RP-Initiated Logout and RFC 8414 that are not used here.
const METADATA: [&str; 20] = [
    "scopes_supported",
    "response_types_supported",
    "response_modes_supported",
    "grant_types_supported",
    "acr_values_supported",
    "subject_types_supported",
    "id_token_signing_alg_values_supported",
    "id_token_encryption_alg_values_supported",
    "token_endpoint_auth_signing_alg_values_supported",
    "display_values_supported",
    "claim_types_supported",
    "claims_supported",
    "service_documentation",
    "ui_locales_supported",
    "claims_parameter_supported",
    "require_request_uri_registration",
    "op_policy_uri",
    "op_tos_uri",
    "registration_endpoint",
    "check_session_iframe",
];

#[tokio::test]
async fn any_value_of_any_member_of_the_metadata_that_is_not_used_signs_in() {
    let values = samples(&(select(&METADATA[..]), any_json()), 60);
    signs_in_with(values, |provider, (name, value)| {
        provider.tamper_metadata(move |metadata| insert(metadata, name, value.clone()));
    })
    .await;
}

#[tokio::test]
async fn metadata_with_nothing_but_what_is_used_signs_in() {
    signs_in_with(vec![()], |provider, ()| {
        provider.tamper_metadata(|metadata| {
            let used = [
                "issuer",
                "authorization_endpoint",
                "token_endpoint",
                "jwks_uri",
                "authorization_response_iss_parameter_supported",
            ];
            metadata
                .as_object_mut()
                .unwrap()
                .retain(|name, _| used.contains(&name.as_str()));
        });
    })
    .await;
}

/// What says how clients authenticate is read where it can be, and is otherwise as if it were not there.
#[tokio::test]
async fn any_form_of_the_listed_methods_signs_in() {
    let mut values = samples(&any_json(), 20);
    values.extend([
        json!("client_secret_basic"),
        json!(["client_secret_basic", 7, null]),
        json!([]),
        json!({ "client_secret_basic": true }),
        json!(null),
    ]);
    signs_in_with(values, |provider, value| {
        provider.tamper_metadata(move |metadata| {
            insert(metadata, "token_endpoint_auth_methods_supported", value.clone());
        });
    })
    .await;
}

#[tokio::test]
async fn an_optional_endpoint_that_is_empty_or_null_is_absent() {
    let values: Vec<(&str, Value)> = ["end_session_endpoint", "userinfo_endpoint"]
        .into_iter()
        .flat_map(|name| [json!(""), json!(" "), json!(null)].map(|value| (name, value)))
        .collect();
    signs_in_with(values, |provider, (name, value)| {
        provider.tamper_metadata(move |metadata| insert(metadata, name, value.clone()));
    })
    .await;
}

/// An endpoint that the settings keep from being called is not looked at.
#[tokio::test]
async fn an_endpoint_that_is_not_used_may_hold_anything() {
    for value in [
        json!(7),
        json!("docs.example.test"),
        json!("http://remote.example/x"),
        json!([]),
    ] {
        let rp = Setup::new()
            .settings(|settings| settings.fetch_user_info(false).federated_sign_out(false))
            .start()
            .await;
        rp.provider.tamper_metadata(move |metadata| {
            insert(metadata, "userinfo_endpoint", value.clone());
            insert(metadata, "end_session_endpoint", value.clone());
        });
        let page = rp.sign_in().await;
        assert!(rp.has_session(), "{page:?}");
    }
}

#[tokio::test]
async fn any_value_of_any_further_member_of_a_token_answer_signs_in() {
    let names = [
        "expires_in",
        "scope",
        "refresh_token",
        "refresh_expires_in",
        "session_state",
        "error",
        "resource",
    ];
    let values = samples(&(select(names.to_vec()), any_json()), 80);
    signs_in_with(values, |provider, (name, value)| {
        provider.tamper_token_response(move |answer| insert(answer, name, value.clone()));
    })
    .await;
}

#[tokio::test]
async fn a_token_answer_without_a_type_is_one_of_a_bearer_token() {
    signs_in_with(vec![None, Some(Value::Null)], |provider, value| {
        provider.tamper_token_response(move |answer| match value.clone() {
            Some(value) => insert(answer, "token_type", value),
            None => drop(answer.as_object_mut().unwrap().remove("token_type")),
        });
    })
    .await;
}

#[tokio::test]
async fn any_value_of_any_member_of_a_key_that_is_not_used_signs_in() {
    let names = ["x5c", "x5t", "x5u", "exp", "iat", "issuer", "d", "k", "n"];
    let values = samples(&(select(names.to_vec()), any_json()), 30);
    signs_in_with(values, |provider, (name, value)| {
        provider.tamper_jwks(move |jwks| {
            for key in jwks["keys"].as_array_mut().unwrap() {
                insert(key, name, value.clone());
            }
            insert(jwks, name, value.clone());
        });
    })
    .await;
}

#[tokio::test]
async fn null_is_as_if_absent_in_a_key() {
    signs_in_with(vec!["use", "alg", "key_ops"], |provider, name| {
        provider.tamper_jwks(move |jwks| {
            let keys = jwks["keys"].as_array_mut().unwrap();
            for key in keys.iter_mut() {
                insert(key, name, Value::Null);
            }
            keys.insert(0, Value::Null);
        });
    })
    .await;
}

#[tokio::test]
async fn any_value_of_any_claim_of_userinfo_signs_in() {
    let values = samples(&(select(&CLAIMS[..]), any_json()), 60);
    signs_in_with(values, |provider, (name, value)| {
        provider.tamper_userinfo(move |claims| insert(claims, name, value.clone()));
    })
    .await;
}

/// In front of any document, the byte-order mark says nothing (RFC 8259 8.1).
#[tokio::test]
async fn a_byte_order_mark_is_skipped_at_every_endpoint() {
    let rp = Setup::new()
        .settings(|settings| {
            settings.http_client(Changed::new(|_, response| {
                response.body_mut().splice(0..0, *b"\xef\xbb\xbf");
            }))
        })
        .start()
        .await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    for endpoint in [
        Endpoint::Discovery,
        Endpoint::Token,
        Endpoint::Jwks,
        Endpoint::Userinfo,
    ] {
        assert_eq!(rp.calls(endpoint), 1, "{endpoint:?}");
    }
}
