//! Groups in whatever form the issuer has for them, and what operators are told when a form has none.

use axum::Router;
use axum::routing::get as on_get;
use monocloud_runtime::testing::{Provider, session_cookie};
use monocloud_runtime::{MonoCloud, User, protect_api};
use serde_json::{Value, json};

use crate::fixtures::{Browser, app, at_rest, get, logged, mira, provider, settings, settings_of};

#[protect_api(groups = ["admin"])]
async fn for_admins() {}

/// Reads its groups from a claim of its own.
#[protect_api(groups = ["admin"], groups_claim = "resource_access.shop.roles")]
async fn for_admins_of_the_shop() {}

/// One group, as text.
#[protect_api(groups = ["admin"], groups_claim = "role")]
async fn for_the_role() {}

fn groups_app(auth: &MonoCloud) -> Router {
    Router::new()
        .route("/role", on_get(for_the_role))
        .route("/admins", on_get(for_admins))
        .route("/shop", on_get(for_admins_of_the_shop))
        .layer(auth.layer())
}

/// The status of a guard for a user whose claim, or the claim that a path leads to, is this.
async fn asked(setting: &str, claims: &Value, path: &str) -> u16 {
    let (auth, _) = at_rest(settings().groups_claim(setting));
    let mut claims = claims.as_object().unwrap().clone();
    claims.insert("sub".to_owned(), "somebody".into());
    let cookie = session_cookie(&auth, User::from_claims(claims));
    get(&groups_app(&auth), path, &[("cookie", &cookie)])
        .await
        .status
        .as_u16()
}

#[tokio::test]
async fn every_form_that_says_so_lets_in() {
    for (setting, claims) in [
        ("groups", json!({"groups": ["admin"]})),
        ("groups", json!({"groups": "admin"})),
        (
            "groups",
            json!({"groups": [{"id": "1", "name": "admin", "type": "role"}]}),
        ),
        ("groups", json!({"groups": [7, null, "admin"]})),
        ("groups", json!({"groups": {"name": "admin"}})),
        ("groups", json!({"groups": {"admin": true, "editor": false}})),
        ("groups", json!({"groups": {"admin": ["read"]}})),
        (
            "groups",
            json!({"groups": {"admin": true, "id": null, "name": null}}),
        ),
        (
            "cognito:groups",
            json!({"cognito:groups": ["eu-west-1_x_Google", "admin"]}),
        ),
        (
            "resource_access.my-app.roles",
            json!({"resource_access": {"account": {"roles": ["x"]}, "my-app": {"roles": ["admin"]}}}),
        ),
        ("groups", json!({"groups": {"admin": "yes"}})),
        ("groups", json!({"groups": {"admin": {"223": "org.example.com"}}})),
        (
            "realm_access.roles",
            json!({"realm_access": {"roles": ["admin"]}}),
        ),
        ("a.b.c", json!({"a": {"b": {"c": {"admin": true}}}})),
        ("a.b.c", json!({"a.b": {"c": "admin"}})),
        ("a.b.c", json!({"a": {"b.c": ["admin"]}})),
        ("a.b.c", json!({"a.b.c": ["admin"], "a": {"b": {"c": []}}})),
        (
            "https://shop.example.com/roles",
            json!({"https://shop.example.com/roles": ["admin"]}),
        ),
        (
            "urn:zitadel:iam:org:project:roles",
            json!({"urn:zitadel:iam:org:project:roles": {"admin": {"2": "x"}}}),
        ),
    ] {
        assert_eq!(
            asked(setting, &claims, "/admins").await,
            200,
            "{setting}: {claims}"
        );
    }
}

#[tokio::test]
async fn whatever_does_not_say_so_clearly_does_not() {
    for (setting, claims) in [
        ("groups", json!({"groups": {"admin": false}})),
        ("groups", json!({"groups": {"admin": null}})),
        ("groups", json!({"groups": {"admin": 0, "editor": 1}})),
        ("groups", json!({"groups": {"admin": 1}})),
        ("groups", json!({"groups": {"admin": ""}})),
        ("groups", json!({"groups": {"admin": []}})),
        ("groups", json!({"groups": {"admin": {}}})),
        ("groups", json!({"groups": {"id": "7", "admin": true}})),
        ("groups", json!({"groups": [["admin"], {"admin": true}]})),
        ("groups", json!({"groups": "[\"admin\"]"})),
        ("groups", json!({"groups": {"roles": ["admin"]}})),
        (
            "realm_access.roles",
            json!({"realm_access": ["admin"], "roles": ["admin"]}),
        ),
        (
            "realm_access.roles",
            json!({"realm_access": "{\"roles\":[\"admin\"]}"}),
        ),
        ("a.b", json!({"a.b": ["editor"], "a": {"b": ["admin"]}})),
        ("a..b", json!({"a": {"b": ["admin"]}})),
    ] {
        assert_eq!(
            asked(setting, &claims, "/admins").await,
            403,
            "{setting}: {claims}"
        );
    }
}

#[tokio::test]
async fn a_guards_own_claim_is_read_wherever_it_stands() {
    let deep = json!({"groups": ["x"], "resource_access": {"shop": {"roles": ["admin"]}}});
    assert_eq!(asked("groups", &deep, "/shop").await, 200);
    assert_eq!(asked("groups", &deep, "/admins").await, 403);
    let elsewhere = json!({"groups": ["admin"], "resource_access": {"blog": {"roles": ["admin"]}}});
    assert_eq!(asked("groups", &elsewhere, "/shop").await, 403);
}

/// The warnings of two sign-ins of a user with these further claims in the ID token.
async fn warnings(claims: Value) -> Vec<String> {
    let provider = provider(Provider::builder().user(mira())).await;
    provider.tamper_userinfo(|claims| drop(claims.as_object_mut().unwrap().remove("groups")));
    provider.tamper_id_token(move |_, token| {
        token.remove("groups");
        token.extend(claims.as_object().unwrap().clone());
    });
    let auth = settings_of(&provider).build().unwrap();
    let app = app(&auth);
    let ((), log) = logged(async {
        for _ in 0..2 {
            let mut browser = Browser::new(&app);
            assert_eq!(browser.sign_in(&provider, "mira").await.status, 303);
            assert_eq!(browser.get("/admin").await.status, 403);
        }
    })
    .await;
    let lines = log
        .lines()
        .filter(|line| line.contains("WARN") && line.contains("groups"));
    lines.map(str::to_owned).collect()
}

#[tokio::test]
async fn a_form_that_holds_no_groups_is_one_warning_without_its_value() {
    for claim in [
        json!(4711),
        json!(true),
        json!([4711, 12]),
        json!([["admin"]]),
        json!({"id": 4711}),
        json!("[\"4711\", \"x\"]"),
    ] {
        let warnings = warnings(json!({"groups": claim})).await;
        assert_eq!(warnings.len(), 1, "{claim}: {warnings:?}");
        assert!(warnings[0].contains("groups") && warnings[0].contains("MONOCLOUD_AUTH_GROUPS_CLAIM"));
        assert!(!warnings[0].contains("4711"), "{warnings:?}");
    }
    for claim in [
        json!([]),
        json!({}),
        json!(null),
        json!(""),
        json!({"admin": false}),
    ] {
        assert_eq!(warnings(json!({"groups": claim})).await, [""; 0], "{claim}");
    }
}

#[tokio::test]
async fn groups_that_are_only_referred_to_are_a_warning_with_the_way_out() {
    let elsewhere = json!({
        "_claim_names": {"groups": "src1"},
        "_claim_sources": {"src1": {"endpoint": "https://graph.example.com/users/1/getMemberObjects"}},
    });
    let warnings = warnings(elsewhere).await;
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    for part in ["_claim_names", "limit the groups"] {
        assert!(warnings[0].contains(part), "{warnings:?}");
    }
}

/// Somebody whose groups came from userinfo (or the ID token), and then userinfo says this of them.
async fn after_refetch(from_user_info: bool, fresh: Value) -> (u16, Value) {
    let provider = provider(Provider::builder().user(mira())).await;
    provider.tamper_id_token(move |_, claims| {
        claims.remove("groups");
        if !from_user_info {
            claims.insert("groups".to_owned(), json!(["admin"]));
        }
    });
    provider.tamper_userinfo(move |claims| {
        let claims = claims.as_object_mut().unwrap();
        claims.remove("groups");
        if from_user_info {
            claims.insert("groups".to_owned(), json!(["admin"]));
        }
    });
    let auth = settings_of(&provider).build().unwrap();
    let mut browser = Browser::new(&app(&auth));
    assert_eq!(browser.sign_in(&provider, "mira").await.status, 303);
    assert_eq!(browser.get("/admin").await.status, 200);
    provider.tamper_userinfo(move |claims| {
        let claims = claims.as_object_mut().unwrap();
        claims.remove("groups");
        claims.extend(fresh.as_object().unwrap().clone());
    });
    let address = "/api/auth/userinfo?refetch=true";
    let own_site = [("sec-fetch-site", "same-origin")];
    let fetched = browser.call(http::Method::GET, address, &own_site).await;
    (browser.get("/admin").await.status.as_u16(), fetched.json())
}

#[tokio::test]
async fn groups_that_userinfo_gave_are_gone_when_it_gives_them_no_more() {
    for fresh in [
        json!({}),
        json!({"groups": null}),
        json!({"groups": []}),
        json!({"groups": ["editor"]}),
        json!({"groups": ""}),
        json!({"groups": "editor"}),
        json!({"groups": {}}),
        json!({"groups": {"admin": false}}),
        json!({"groups": 7}),
    ] {
        let (status, claims) = after_refetch(true, fresh.clone()).await;
        assert_eq!(status, 403, "{fresh}: {claims}");
        assert_eq!(claims["name"], "Mira Adler", "the rest is merged");
    }
    assert_eq!(
        after_refetch(true, json!({"groups": ["admin", "new"]})).await.0,
        200
    );
}

#[tokio::test]
async fn groups_in_a_claim_of_a_guards_own_are_gone_too() {
    for (path, claim, given) in [
        ("/role", "role", json!("admin")),
        ("/role", "role", json!(["admin"])),
        ("/shop", "resource_access", json!({"shop": {"roles": ["admin"]}})),
    ] {
        for fresh in [
            None,
            Some(json!(null)),
            Some(json!("")),
            Some(json!([])),
            Some(json!({"shop": {}})),
        ] {
            let provider = provider(Provider::builder().user(mira())).await;
            let first = given.clone();
            provider.tamper_userinfo(move |claims| claims[claim] = first.clone());
            let auth = settings_of(&provider).build().unwrap();
            let mut browser = Browser::new(&app(&auth).merge(groups_app(&auth)));
            assert_eq!(browser.sign_in(&provider, "mira").await.status, 303);
            assert_eq!(browser.get(path).await.status, 200, "{given}");
            let shown = format!("{claim}: {given}, then {fresh:?}");
            provider.tamper_userinfo(move |claims| {
                let claims = claims.as_object_mut().unwrap();
                claims.remove(claim);
                claims.extend(fresh.clone().map(|fresh| (claim.to_owned(), fresh)));
            });
            let own_site = [("sec-fetch-site", "same-origin")];
            let address = "/api/auth/userinfo?refetch=true";
            browser.call(http::Method::GET, address, &own_site).await;
            assert_eq!(browser.get(path).await.status, 403, "{shown}");
        }
    }
}

#[tokio::test]
async fn groups_of_the_id_token_live_as_long_as_the_session() {
    for fresh in [json!({}), json!({"groups": null})] {
        assert_eq!(after_refetch(false, fresh.clone()).await.0, 200, "{fresh}");
    }
}

#[tokio::test]
async fn a_null_or_empty_text_of_userinfo_erases_nothing_at_sign_in() {
    for nothing in [json!(null), json!("")] {
        let provider = provider(Provider::builder().user(mira())).await;
        provider.tamper_id_token(|_, claims| {
            claims.insert("groups".to_owned(), json!(["admin"]));
            claims.insert("name".to_owned(), json!("Ada L"));
            claims.insert("tier".to_owned(), json!("gold"));
        });
        provider.tamper_userinfo(move |claims| {
            for name in ["groups", "name", "tier"] {
                claims[name] = nothing.clone();
            }
        });
        let auth = settings_of(&provider).build().unwrap();
        let mut browser = Browser::new(&app(&auth));
        assert_eq!(browser.sign_in(&provider, "mira").await.status, 303);
        assert_eq!(browser.get("/admin").await.status, 200);
        let me = browser.get("/api/me").await.json();
        assert_eq!((&me["name"], &me["tier"]), (&json!("Ada L"), &json!("gold")));
    }
}

#[tokio::test]
async fn an_empty_list_of_userinfo_is_a_value() {
    let provider = provider(Provider::builder().user(mira())).await;
    provider.tamper_id_token(|_, claims| drop(claims.insert("groups".to_owned(), json!(["admin"]))));
    provider.tamper_userinfo(|claims| claims["groups"] = json!([]));
    let auth = settings_of(&provider).build().unwrap();
    let mut browser = Browser::new(&app(&auth));
    assert_eq!(browser.sign_in(&provider, "mira").await.status, 303);
    assert_eq!(browser.get("/admin").await.status, 403);
}
