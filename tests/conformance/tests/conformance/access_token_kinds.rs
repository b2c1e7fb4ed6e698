//! Tokens of other kinds in the place of access tokens.

use serde_json::{Value, json};

use crate::api::{ALGORITHMS, AUDIENCE, Api, CLIENT_ID, ISSUER, NOW, claims, with};

fn id_token() -> Value {
    json!({
        "iss": ISSUER, "sub": "mira", "aud": [CLIENT_ID, AUDIENCE], "azp": CLIENT_ID, "iat": NOW, "exp": NOW + 300,
        "nonce": "n", "at_hash": "77QmUPtjPfzWtF2AnpK9RQ", "auth_time": NOW,
    })
}

fn logout_token() -> Value {
    json!({
        "iss": ISSUER, "sub": "mira", "aud": [CLIENT_ID, AUDIENCE], "iat": NOW, "exp": NOW + 120, "jti": "j", "sid": "s",
        "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
    })
}

/// Even where their audience is the API's.
#[tokio::test]
async fn tokens_of_another_kind_are_refused_in_its_place() {
    for alg in ALGORITHMS {
        for plain in [false, true] {
            let api = Api::with(alg, |settings| settings.accept_plain_jwt_tokens(plain));
            let refresh = with("typ", json!("Refresh"));
            let others = [
                ("ID token", "JWT", id_token()),
                ("logout token", "logout+jwt", logout_token()),
                ("logout token", "JWT", logout_token()),
                ("refresh token", "JWT", refresh),
                ("refresh token", "rt+jwt", claims()),
                ("refresh token", "JWT", with("token_use", json!("refresh"))),
                ("assertion", "client-authentication+jwt", claims()),
                ("introspection", "token-introspection+jwt", claims()),
            ];
            for (what, typ, claims) in others {
                let token = api.signer.token(typ, &claims);
                api.refuses(&format!("{alg} {plain} {what} {typ}"), &token).await;
            }
            assert_eq!(
                api.is_good(&api.signer.token("JWT", &claims())).await,
                plain,
                "{alg}"
            );
        }
    }
}

#[tokio::test]
async fn a_plain_jwt_with_what_access_tokens_do_not_have_is_refused() {
    let api = Api::with("ES256", |settings| settings.accept_plain_jwt_tokens(true));
    for name in ["nonce", "at_hash", "c_hash", "s_hash", "events"] {
        for value in [json!("x"), json!({}), json!(7), json!("")] {
            let claims = with(name, value);
            for typ in ["JWT", "application/jwt"] {
                api.refuses(name, &api.signer.token(typ, &claims)).await;
            }
            let untyped = json!({ "alg": "ES256", "kid": "first" }).to_string();
            api.refuses(name, &api.signer.sign(&untyped, &claims.to_string()))
                .await;
            // What says that it is an access token is one.
            assert!(api.is_good(&api.signer.access_token(&claims)).await, "{name}");
        }
    }
    for untyped in [
        json!({ "alg": "ES256", "kid": "first" }),
        json!({ "alg": "ES256", "kid": "first", "typ": "jwt" }),
    ] {
        let token = api.signer.sign(&untyped.to_string(), &claims().to_string());
        assert!(api.is_good(&token).await, "{untyped}");
    }
}
