//! Whom an ID token may be for, beside this client (OIDC Core 3.1.3.7 (3)).

use serde_json::{Value, json};

use crate::logging::collect;
use crate::rp::{CLIENT_ID, Rp, Setup};

/// Signs in with this audience, where `trusted` are the settings'.
async fn with_audience(
    trusted: &'static [&'static str],
    aud: Value,
    azp: Option<Value>,
) -> (Rp, support::Page) {
    let rp = Setup::new()
        .settings(move |settings| settings.trusted_audiences(trusted.to_vec()))
        .start()
        .await;
    rp.provider.tamper_id_token(move |_, claims| {
        claims.insert("aud".into(), aud.clone());
        if let Some(azp) = &azp {
            claims.insert("azp".into(), azp.clone());
        }
    });
    let page = rp.sign_in().await;
    (rp, page)
}

#[tokio::test]
async fn audiences_that_are_trusted_may_stand_beside_this_client() {
    for azp in [None, Some(json!(CLIENT_ID)), Some(json!(null))] {
        for aud in [
            json!([CLIENT_ID, "384771745420"]),
            json!(["384771745420", CLIENT_ID]),
            json!([CLIENT_ID, "https://api.example.test", "384771745420"]),
            json!([CLIENT_ID, CLIENT_ID]),
            json!(CLIENT_ID),
        ] {
            let trusted = &["384771745420", "https://api.example.test"];
            let (rp, page) = with_audience(trusted, aud, azp.clone()).await;
            rp.assert_signed_in(&page);
        }
    }
}

/// A trusted audience is no client: the token must be for this one.
#[tokio::test]
async fn a_trusted_audience_alone_is_not_enough() {
    let trusted = &["384771745420"];
    for (aud, azp) in [
        (json!("384771745420"), None),
        (json!(["384771745420"]), Some(json!(CLIENT_ID))),
        (json!([CLIENT_ID, "384771745420"]), Some(json!("384771745420"))),
        (json!([CLIENT_ID, "384771745420", "another"]), None),
        (json!([CLIENT_ID, "384771745420 "]), None),
        (json!([CLIENT_ID, 384_771_745_420_u64]), None),
        (json!([CLIENT_ID, null]), None),
    ] {
        let (rp, page) = with_audience(trusted, aud, azp).await;
        rp.assert_id_token_refused(&page);
    }
}

#[tokio::test]
async fn the_refusal_names_the_audience_and_the_setting() {
    let log = collect();
    let hostile = format!("project\u{202e}\n{}", "x".repeat(5_000));
    for other in ["384771745420", &hostile] {
        let (rp, page) = with_audience(&[], json!([CLIENT_ID, other]), None).await;
        rp.assert_id_token_refused(&page);
        assert!(!page.body.contains("AUDIENCES"), "{page:?}");
    }
    let text = log.text();
    assert!(
        text.contains("`384771745420`") && text.contains("`project x"),
        "{text}"
    );
    assert!(text.contains("MONOCLOUD_AUTH_TRUSTED_AUDIENCES"), "{text}");
    assert!(!text.contains('\u{202e}') && !text.contains(&"x".repeat(200)));
}
