//! Userinfo (OIDC Core 5.3): whose it is, what it may say, and what it may not.

use monocloud_runtime::testing::{Endpoint, Fault};
use serde_json::{Value, json};

use crate::rp::{Rp, Setup};

async fn user(rp: &Rp) -> Value {
    let page = rp.agent.visit(&rp.app.at("/api/auth/userinfo")).await;
    assert_eq!(page.status, 200, "{page:?}");
    page.json()
}

/// OIDC Core 5.3.2: the values must not be used then.
#[tokio::test]
async fn another_sub_or_none_fails_the_sign_in() {
    for sub in [
        json!("tomas"),
        json!("Mira"),
        json!("mira "),
        json!(""),
        json!(null),
        json!(7),
        json!(["mira"]),
    ] {
        let rp = Rp::start().await;
        rp.provider
            .tamper_userinfo(move |claims| claims["sub"] = sub.clone());
        let page = rp.sign_in().await;
        rp.assert_refused(&page, 502);
    }
    let rp = Rp::start().await;
    rp.provider
        .tamper_userinfo(|claims| drop(claims.as_object_mut().unwrap().remove("sub")));
    let page = rp.sign_in().await;
    rp.assert_refused(&page, 502);
}

#[tokio::test]
async fn a_refusal_fails_the_sign_in() {
    for (code, status) in [
        (401, 502),
        (403, 502),
        (404, 502),
        (400, 502),
        (500, 503),
        (503, 503),
        (429, 503),
    ] {
        let rp = Rp::start().await;
        rp.provider.fault(Fault::Status(Endpoint::Userinfo, code));
        let page = rp.sign_in().await;
        rp.assert_refused(&page, status);
        assert_eq!(rp.calls(Endpoint::Userinfo), 1);
    }
}

#[tokio::test]
async fn what_is_no_object_of_claims_fails_the_sign_in() {
    for answer in [json!([]), json!("mira"), json!(null), json!([{ "sub": "mira" }])] {
        let rp = Rp::start().await;
        rp.provider
            .tamper_userinfo(move |claims| *claims = answer.clone());
        let page = rp.sign_in().await;
        rp.assert_refused(&page, 502);
    }
}

#[tokio::test]
async fn an_issuer_without_userinfo_signs_in() {
    let rp = Setup::new()
        .provider(|provider| provider.claims_in_id_token(true))
        .start()
        .await;
    rp.provider.tamper_metadata(|metadata| {
        metadata.as_object_mut().unwrap().remove("userinfo_endpoint");
    });
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    assert_eq!(rp.calls(Endpoint::Userinfo), 0);
}

#[tokio::test]
async fn userinfo_is_not_called_when_it_is_switched_off() {
    let rp = Setup::new()
        .provider(|provider| provider.claims_in_id_token(true))
        .settings(|settings| settings.fetch_user_info(false))
        .start()
        .await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    assert_eq!(rp.calls(Endpoint::Userinfo), 0);
}

/// Where both tell something, userinfo is newer.
#[tokio::test]
async fn userinfo_wins_for_profile_claims() {
    let rp = Rp::start().await;
    rp.provider.tamper_id_token(|_, claims| {
        claims.insert("name".into(), json!("An earlier name"));
        claims.insert("nickname".into(), json!("from the ID token"));
    });
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    let user = user(&rp).await;
    assert_eq!(user["name"], "Mira Adler");
    assert_eq!(user["nickname"], "from the ID token");
}

/// How and when somebody signed in is proved by the ID token. Userinfo has no say in it, be it to add or to change.
#[tokio::test]
async fn userinfo_has_no_say_in_what_the_id_token_proves() {
    let lies = json!({
        "iss": "https://other.example", "aud": "another", "exp": 1, "iat": 2, "nonce": "x",
        "sid": "lie", "acr": "lie", "amr": ["lie"], "auth_time": 3,
    });
    for told in [true, false] {
        let rp = Setup::new()
            .settings(|settings| settings.filtered_id_token_claims(Vec::<String>::new()))
            .start()
            .await;
        rp.provider.tamper_id_token(move |_, claims| {
            for name in ["sid", "acr", "amr", "auth_time"] {
                claims.remove(name);
                if told {
                    let value = match name {
                        "auth_time" => json!(1_000),
                        "amr" => json!(["true"]),
                        _ => json!("true"),
                    };
                    claims.insert(name.into(), value);
                }
            }
        });
        let told_lies = lies.clone();
        rp.provider.tamper_userinfo(move |claims| {
            let all = claims.as_object_mut().unwrap();
            all.extend(told_lies.as_object().unwrap().clone());
        });
        let page = rp.sign_in().await;
        assert_eq!(page.status, 200, "{page:?}");
        let user = user(&rp).await;
        for (name, lie) in lies.as_object().unwrap() {
            assert_ne!(user.get(name), Some(lie), "{name}");
        }
        assert_eq!(user.get("acr").is_some(), told);
        assert!(user.get("sid").is_none(), "no script is told");
    }
}

/// The same goes for every later call, and its failure leaves the session as it was.
#[tokio::test]
async fn refetched_userinfo_has_no_say_in_it_either() {
    let rp = Rp::start().await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    let before = user(&rp).await;
    rp.provider.tamper_userinfo(|claims| {
        claims["name"] = json!("Mira Adler-Lie");
        claims["acr"] = json!("lie");
        claims["sid"] = json!("lie");
    });
    let after = rp
        .agent
        .fetch(http::Method::GET, &rp.app.at("/api/auth/userinfo?refetch=true"))
        .await
        .json();
    assert_eq!(after["name"], "Mira Adler-Lie");
    assert_eq!(after.get("acr"), before.get("acr"));
    assert!(after.get("sid").is_none(), "no script is told");

    rp.provider.clear_faults();
    // Later than the moment for which a refetch is remembered.
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    rp.provider.fault(Fault::UserinfoWrongSub);
    let page = rp
        .agent
        .fetch(http::Method::GET, &rp.app.at("/api/auth/userinfo?refetch=true"))
        .await;
    assert_eq!(page.status, 502, "{page:?}");
    assert_eq!(user(&rp).await["name"], "Mira Adler-Lie");
}

/// Claims of a wrong type are the issuer's mistake, and no reason for a crash or for somebody else's identity.
#[tokio::test]
async fn claims_of_a_wrong_type_do_no_harm() {
    for wrong in [
        json!(null),
        json!(7),
        json!([]),
        json!({ "a": 1 }),
        json!(true),
        json!("text"),
    ] {
        let rp = Rp::start().await;
        rp.provider.tamper_userinfo(move |claims| {
            for name in [
                "name",
                "email",
                "email_verified",
                "picture",
                "address",
                "updated_at",
                "groups",
                "phone_number",
                "phone_number_verified",
                "locale",
                "birthdate",
                "website",
            ] {
                claims[name] = wrong.clone();
            }
        });
        let page = rp.sign_in().await;
        assert!([200, 502].contains(&page.status.as_u16()), "{page:?}");
        if page.status == 200 {
            assert_eq!(user(&rp).await["sub"], "mira");
            let admin = rp.agent.visit(&rp.app.at("/api/admin")).await;
            assert_eq!(admin.status, 403);
        }
    }
}
