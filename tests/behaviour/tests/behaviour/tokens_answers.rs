//! What an issuer may answer to a refresh: read where it cannot be misread, and otherwise a fault of the issuer that
//! signs nobody out.

use monocloud_runtime::testing::refresh_token;
use serde_json::{Value, json};

use crate::fixtures::{LIFETIME, Site};

/// A session whose access token has expired, at an issuer that answers the refresh with these members; `null` is one
/// that is left out.
async fn answered(members: Value) -> Site {
    let site = Site::start().await;
    site.expire();
    site.provider.tamper_token_response(move |answer| {
        let answer = answer.as_object_mut().unwrap();
        for (name, value) in members.as_object().unwrap() {
            if value == "absent" {
                answer.remove(name);
            } else {
                answer.insert(name.clone(), value.clone());
            }
        }
    });
    site
}

#[tokio::test]
async fn what_decides_is_text_or_the_answer_cannot_be_used() {
    let odd = [json!(7), json!([]), json!({}), json!(true), json!(["a", "b"])];
    let missing = ["absent".into(), json!(null), json!("")];
    let mut cases: Vec<Value> = odd
        .iter()
        .chain(&missing)
        .map(|value| json!({ "access_token": value }))
        .collect();
    cases.extend(odd.iter().map(|value| json!({ "token_type": value })));
    cases.extend(odd.iter().map(|value| json!({ "id_token": value })));
    cases.extend(["DPoP", "mac", "Bearer token", "N_A"].map(|kind| json!({ "token_type": kind })));
    cases.extend(["no token", "a.b", "a.b.c", "...."].map(|text| json!({ "id_token": text })));
    for case in cases {
        let mut site = answered(case.clone()).await;
        let before = site.session().unwrap();
        for _ in 0..2 {
            assert_eq!(
                site.refused("").await,
                (502, "malformed_answer".to_owned()),
                "{case}"
            );
        }
        assert_eq!(site.token_calls(), 2, "{case}");
        assert!(
            site.session().unwrap() == before,
            "{case}: the session is as it was"
        );
    }
}

#[tokio::test]
async fn what_may_be_missing_may_be_empty_or_null_too() {
    for case in [
        json!({ "token_type": "absent" }),
        json!({ "token_type": null }),
        json!({ "token_type": "bearer" }),
        json!({ "token_type": "BEARER" }),
        json!({ "id_token": "absent" }),
        json!({ "id_token": null }),
        json!({ "id_token": "" }),
        json!({ "scope": "absent", "expires_in": "absent", "refresh_token": "absent", "id_token": "absent" }),
        json!({ "scope": {}, "expires_in": [], "refresh_token": 7, "error": null, "error_description": "none" }),
        json!({ "refresh_expires_in": 0, "not-before-policy": 0, "session_state": null, "more": [{}] }),
    ] {
        let mut site = answered(case.clone()).await;
        let first = site.tokens("").await;
        assert_eq!(first["expired"], false, "{case}");
        assert!(first["id"].is_string(), "{case}: the last one that came");
        assert_eq!(
            first["scopes"],
            json!(["openid", "profile", "offline_access"]),
            "{case}"
        );
        assert_eq!(site.tokens("").await["access"], first["access"], "{case}");
        assert_eq!(site.token_calls(), 2, "{case}");
    }
}

#[tokio::test]
async fn a_lifetime_is_a_number_or_one_in_quotes_and_else_not_known() {
    for (expires_in, lifetime) in [
        (json!("3600"), Some(3_600)),
        (json!(" 60 "), Some(60)),
        (json!(59.9), Some(59)),
        (json!(1_000_000_000), Some(1_000_000_000)),
        (json!(1), Some(1)),
        ("absent".into(), None),
        (json!(null), None),
        (json!(-1), None),
        (json!("-1"), None),
        (json!(""), None),
        (json!("an hour"), None),
        (json!([3_600]), None),
        (json!({ "seconds": 3_600 }), None),
        (json!(false), None),
    ] {
        let mut site = answered(json!({ "expires_in": expires_in })).await;
        let tokens = site.tokens("").await;
        let expected = lifetime.map(|lifetime| site.clock.now() + lifetime);
        assert_eq!(tokens["expires_at"].as_i64(), expected, "{expires_in}");
        assert_eq!(tokens["expired"], false, "{expires_in}");
        // It is renewed when it is time, and not before.
        let early = lifetime.map_or(0, |lifetime: i64| 30.min(lifetime / 2));
        site.clock
            .advance(lifetime.unwrap_or(LIFETIME).min(80_000) - early - 1);
        assert_eq!(site.tokens("").await["access"], tokens["access"], "{expires_in}");
    }
}

#[tokio::test]
async fn an_access_token_that_is_over_at_once_is_asked_for_once_a_moment() {
    for expires_in in [json!(0), json!("0"), json!(0.5)] {
        let mut site = answered(json!({ "expires_in": expires_in })).await;
        for _ in 0..3 {
            assert_eq!(site.tokens("").await["expired"], true, "{expires_in}");
        }
        assert_eq!(site.token_calls(), 2, "{expires_in}");
    }
}

#[tokio::test]
async fn scopes_are_one_text_or_a_list_and_else_those_of_before() {
    let before = json!(["openid", "profile", "offline_access"]);
    for (scope, scopes) in [
        (json!("openid"), json!(["openid"])),
        (json!(" openid  profile "), json!(["openid", "profile"])),
        (json!(["openid", "profile"]), json!(["openid", "profile"])),
        (json!("profile openid offline_access"), before.clone()),
        (
            json!("openid more:than_asked"),
            json!(["openid", "more:than_asked"]),
        ),
        (json!(""), before.clone()),
        (json!(" "), before.clone()),
        (json!([]), before.clone()),
        (json!([null]), before.clone()),
        (json!(["openid", 7]), before.clone()),
        (json!(null), before.clone()),
        ("absent".into(), before.clone()),
        (json!(7), before.clone()),
    ] {
        let mut site = answered(json!({ "scope": scope })).await;
        assert_eq!(site.tokens("").await["scopes"], scopes, "{scope}");
        // It is the default token still, whatever it was granted.
        let named = "?scopes=offline_access%20openid%20profile";
        site.tokens(named).await;
        assert_eq!(site.token_calls(), 2, "{scope}");
    }
}

#[tokio::test]
async fn a_refresh_token_that_is_none_leaves_the_last_one() {
    for odd in [
        json!(null),
        json!(""),
        json!(7),
        json!([]),
        json!({}),
        json!(["a"]),
        "absent".into(),
    ] {
        let mut site = answered(json!({ "refresh_token": odd })).await;
        let before = site.session().unwrap();
        site.tokens("").await;
        let after = site.session().unwrap();
        assert!(after != before, "{odd}");
        assert_eq!(refresh_token(&after), refresh_token(&before), "{odd}");
    }
}
