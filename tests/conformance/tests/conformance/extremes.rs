//! JSON at its edges: half characters, numbers beyond all range, nesting without end, names that come twice. None of
//! it locks anybody out, unless it stands in what decides.

use std::sync::{Arc, Mutex};

use monocloud_runtime::testing::{Clock, Endpoint};
use serde_json::{Map, Value, json};

use crate::forge::Forge;
use crate::http_client::Changed;
use crate::logging::{collect, failures};
use crate::rp::{Rp, Setup};

/// Values as they stand in a text. No program that holds values could write them all.
fn extremes() -> Vec<String> {
    let nested = |open: &str, depth: usize, close: &str| open.repeat(depth) + "7" + &close.repeat(depth);
    let mut all: Vec<String> = [
        r#""cut off \ud83d""#,
        r#""\udc00\ud800""#,
        r#""\\ud800 and 😀""#,
        r#"["\ud800", {"\ud83d": "\uDFFF"}, "admin"]"#,
        "1e999",
        "-1E+999",
        "[1e400, -1e-400, {\"a\": 1e309}]",
        "123456789012345678901234567890",
        "0.000000000000000000000000000000000000000001",
        "-0",
        r#""\u0000""#,
        r#"{"\u0000": "a\u0000b", "": {"": []}}"#,
        r#""""#,
        "{}",
        "[[],{},null]",
        r#"{"a": 1, "a": 2}"#,
        r#"{"id": "1", "id": "2", "name": "admin"}"#,
        r#""\u2028\u202e\ufeff\ufffe""#,
    ]
    .map(str::to_owned)
    .into();
    for depth in [90, 127, 128, 129, 500, 20_000] {
        all.extend([nested("[", depth, "]"), nested("{\"a\":", depth, "}")]);
    }
    all.push(format!("\"{}\"", "x".repeat(1_500)));
    all.push(format!("{{\"{}\": true}}", "n".repeat(1_500)));
    all
}

/// The object with one more member at its end.
fn with_member(object: &str, name: &str, value: &str) -> String {
    let inner = object.trim_end().strip_suffix('}').unwrap();
    let comma = if inner.trim_end().ends_with('{') { "" } else { "," };
    format!("{inner}{comma}\"{name}\":{value}}}")
}

/// Signs in once for each, as the claim of an ID token.
async fn signs_in_with(name: &'static str, values: Vec<String>) -> Rp {
    let rp = Rp::start().await;
    let current = Arc::new(Mutex::new(String::new()));
    let value = current.clone();
    Forge::new().install(&rp.provider, move |mut claims| {
        claims.remove(name);
        let payload = Value::Object(claims).to_string();
        let payload = with_member(&payload, name, &value.lock().unwrap());
        (Value::Object(Forge::header()).to_string(), payload)
    });
    for value in values {
        current.lock().unwrap().clone_from(&value);
        let page = rp.sign_in().await;
        let shown: String = value.chars().take(80).collect();
        assert_eq!(page.status, 200, "{name}: {shown}: {page:?}");
        let user = rp.agent.visit(&rp.app.at("/api/auth/userinfo")).await;
        assert_eq!(
            (user.status.as_u16(), &user.json()["sub"]),
            (200, &json!("mira")),
            "{shown}"
        );
    }
    rp
}

#[tokio::test]
async fn a_claim_at_the_edges_of_json_signs_in() {
    for name in [
        "groups",
        "address",
        "updated_at",
        "email_verified",
        "acr",
        "amr",
        "sid",
        "auth_time",
        "_claim_names",
    ] {
        signs_in_with(name, extremes()).await;
    }
}

#[tokio::test]
async fn what_can_be_kept_of_such_a_claim_is_kept() {
    for (value, kept) in [
        (r#""Ada \ud83d""#, json!("Ada \u{fffd}")),
        (
            r#"["\ud83d\ude00", 1e999, "admin"]"#,
            json!(["😀", null, "admin"]),
        ),
        (
            r#"{"a": [1e999], "b": "\u0000"}"#,
            json!({"a": [null], "b": "\0"}),
        ),
        ("1e999", Value::Null),
    ] {
        let rp = signs_in_with("address", vec![value.to_owned()]).await;
        rp.provider.clear_faults();
        let user = rp.agent.visit(&rp.app.at("/api/auth/userinfo")).await.json();
        assert_eq!(user["address"], kept, "{value}");
    }
}

/// The same in the documents and answers that come over HTTP.
#[tokio::test]
async fn a_member_at_the_edges_of_json_signs_in_at_every_endpoint() {
    type Member = (&'static str, &'static str, String);
    let clock = Clock::fixed(1_900_000_000);
    let current: Arc<Mutex<Member>> = Arc::default();
    let member = current.clone();
    let rp = Setup::new()
        .clock(&clock)
        .settings(move |settings| {
            let member = member.clone();
            settings.http_client(Changed::new(move |asked, response| {
                let (path, name, value) = &*member.lock().unwrap();
                if !path.is_empty() && asked.starts_with(path) {
                    let body = std::str::from_utf8(response.body()).unwrap();
                    *response.body_mut() = with_member(body, name, value).into_bytes();
                }
            }))
        })
        .start()
        .await;
    for (path, names) in [
        (
            "/.well-known/",
            &["claims_supported", "op_tos_uri", "prompt_values_supported"][..],
        ),
        ("/keys/", &["x"]),
        ("/token", &["expires_in", "scope", "refresh_token"]),
        ("/userinfo", &["groups", "address", "website"]),
    ] {
        for name in names {
            for value in extremes() {
                *current.lock().unwrap() = (path, name, value.clone());
                clock.advance(2 * 3_600);
                let page = rp.sign_in().await;
                let shown: String = value.chars().take(80).collect();
                assert_eq!(page.status, 200, "{path} {name}: {shown}: {page:?}");
                assert!(page.body.starts_with("dashboard of "), "{path} {name}: {shown}");
            }
        }
    }
}

/// Half a character could be anybody's.
#[tokio::test]
async fn what_decides_is_not_read_from_a_damaged_text() {
    for name in ["sub", "iss", "nonce", "azp", "at_hash"] {
        let log = collect();
        let rp = Rp::start().await;
        Forge::new().install(&rp.provider, move |mut claims| {
            let value = claims.remove(name).unwrap_or_else(|| json!("x"));
            let damaged = format!("\"{}\\ud800\"", value.as_str().unwrap());
            let payload = with_member(&Value::Object(claims).to_string(), name, &damaged);
            (Value::Object(Forge::header()).to_string(), payload)
        });
        let page = rp.sign_in().await;
        rp.assert_id_token_refused(&page);
        let text = failures(&log.text());
        assert!(
            text.contains(&format!("`{name}` has a part that is no character")),
            "{text}"
        );
    }
    for (name, value) in [
        ("exp", "1e999"),
        ("iat", "1e999"),
        ("aud", "[\"relying-party\\ud800\"]"),
    ] {
        let rp = Rp::start().await;
        Forge::new().install(&rp.provider, move |mut claims| {
            claims.remove(name);
            let payload = with_member(&Value::Object(claims).to_string(), name, value);
            (Value::Object(Forge::header()).to_string(), payload)
        });
        let page = rp.sign_in().await;
        rp.assert_id_token_refused(&page);
    }
}

/// RFC 7519 4 has names once. What comes twice and decides nothing is kept where both say the same.
#[tokio::test]
async fn a_claim_that_decides_nothing_and_is_there_twice_signs_in() {
    for (name, first, second, kept) in [
        ("groups", r#"["admin"]"#, "[]", Value::Null),
        ("groups", "[]", r#"["admin"]"#, Value::Null),
        ("groups", r#"["admin"]"#, r#"["admin"]"#, json!(["admin"])),
        ("nick", "\"Ada\"", "7", Value::Null),
        ("nick", "\"Ada\"", "null", Value::Null),
        ("nick", "\"Ada\"", "\"Ada\"", json!("Ada")),
    ] {
        let rp = Rp::start().await;
        rp.provider
            .tamper_userinfo(|claims| drop(claims.as_object_mut().unwrap().remove("groups")));
        Forge::new().install(&rp.provider, move |mut claims: Map<String, Value>| {
            claims.remove(name);
            let once = with_member(&Value::Object(claims).to_string(), name, first);
            (
                Value::Object(Forge::header()).to_string(),
                with_member(&once, name, second),
            )
        });
        let page = rp.sign_in().await;
        rp.assert_signed_in(&page);
        assert_eq!(rp.calls(Endpoint::Userinfo), 1);
        let user = rp.agent.visit(&rp.app.at("/api/auth/userinfo")).await.json();
        assert_eq!(user[name], kept, "{name}: {first} {second}");
    }
}

/// JSON is UTF-8 (RFC 8259 8.1), and some issuers write names in Latin-1.
#[tokio::test]
async fn a_name_in_another_encoding_signs_in() {
    let rp = Setup::new()
        .settings(|settings| {
            settings.http_client(Changed::new(|asked, response| {
                if asked == "/userinfo" {
                    let inner = response.body().strip_suffix(b"}").unwrap();
                    *response.body_mut() = [inner, b",\"nick\":\"J\xf6rg\"}"].concat();
                }
            }))
        })
        .start()
        .await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    let user = rp.agent.visit(&rp.app.at("/api/auth/userinfo")).await.json();
    assert_eq!(user["nick"], "J\u{fffd}rg");
}
