//! A sealed cookie opens as it was sealed, or not at all: whoever changes it is signed out, and never
//! sees an error of the server.

use axum::Router;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use monocloud_runtime::testing::{Provider, session_cookie};

use crate::fixtures::{
    OTHER_SECRET, SECRET, app, at_rest, damaged, get, joined, mira, pairs, provider, settings, settings_of,
    three_chunks, with_claims_of,
};

/// Signed out, and the cookie is left alone: it may be another application's, or a machine's that has
/// a newer secret.
async fn assert_not_ours(app: &Router, cookies: &str, what: &str) {
    let page = get(app, "/page", &[("cookie", cookies)]).await;
    assert_eq!(page.status, 303, "{what}: {page:?}");
    assert!(page.cookies().is_empty(), "{what}: {page:?}");
    let api = get(app, "/api/me", &[("cookie", cookies)]).await;
    assert_eq!(api.status, 401, "{what}: {api:?}");
}

/// Signed out, and the cookie is taken back.
async fn assert_refused(app: &Router, cookies: &str, what: &str) {
    let page = get(app, "/page", &[("cookie", cookies)]).await;
    assert_eq!(page.status, 303, "{what}: {page:?}");
    assert!(
        page.deleted().contains(&"session".to_owned()),
        "{what}: not deleted: {page:?}"
    );
    let api = get(app, "/api/me", &[("cookie", cookies)]).await;
    assert_eq!(api.status, 401, "{what}: {api:?}");
}

async fn assert_accepted(app: &Router, cookies: &str, what: &str) {
    let page = get(app, "/page", &[("cookie", cookies)]).await;
    assert_eq!(page.status, 200, "{what}: {page:?}");
    assert!(page.cookies().is_empty(), "{what}: {page:?}");
}

/// Every byte of every chunk, one at a time, by one bit and to another character of its alphabet.
async fn flip_every_byte(app: &Router, chunks: &[(String, String)]) {
    for (number, (name, value)) in chunks.iter().enumerate() {
        for at in 0..value.len() {
            for flip in [1_u8, 0x20] {
                let mut bytes = value.clone().into_bytes();
                bytes[at] ^= flip;
                // What a header cannot carry cannot be sent.
                if !(0x21..0x7f).contains(&bytes[at]) || bytes[at] == b';' {
                    continue;
                }
                let mut flipped = chunks.to_vec();
                flipped[number].1 = String::from_utf8(bytes).unwrap();
                let answer = get(app, "/api/me", &[("cookie", &joined(&flipped))]).await;
                assert_eq!(answer.status, 401, "byte {at} of {name} by {flip}");
            }
        }
    }
}

#[tokio::test]
async fn every_byte_of_one_chunk_counts() {
    let (auth, _) = at_rest(settings());
    let cookie = session_cookie(&auth, mira());
    flip_every_byte(&app(&auth), &pairs(&cookie)).await;
    assert_accepted(&app(&auth), &cookie, "untouched").await;
}

#[tokio::test]
async fn every_byte_of_three_chunks_counts() {
    let (auth, _) = at_rest(settings());
    let chunks = three_chunks(&auth);
    flip_every_byte(&app(&auth), &chunks).await;
    assert_accepted(&app(&auth), &joined(&chunks), "untouched").await;
}

#[tokio::test]
async fn every_bit_of_the_envelope_counts() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth);
    let (_, value) = pairs(&session_cookie(&auth, mira())).remove(0);
    let envelope = URL_SAFE_NO_PAD.decode(value).unwrap();
    for bit in 0..envelope.len() * 8 {
        let mut flipped = envelope.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let cookie = format!("session={}", URL_SAFE_NO_PAD.encode(flipped));
        let answer = get(&app, "/api/me", &[("cookie", &cookie)]).await;
        assert_eq!(answer.status, 401, "bit {bit}");
    }
}

#[tokio::test]
async fn a_cookie_cut_short_or_made_longer_is_refused() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth);
    let (_, value) = pairs(&session_cookie(&auth, mira())).remove(0);
    for length in 0..value.len() {
        let answer = get(
            &app,
            "/api/me",
            &[("cookie", &format!("session={}", &value[..length]))],
        )
        .await;
        assert_eq!(answer.status, 401, "{length} characters");
    }
    for more in ["A", "AAAA", "=", "==", "%", value.as_str()] {
        assert_refused(&app, &format!("session={value}{more}"), more).await;
    }
}

#[tokio::test]
async fn a_dropped_chunk_signs_out() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth);
    for dropped in 1..3 {
        let mut chunks = three_chunks(&auth);
        chunks.remove(dropped);
        assert_refused(&app, &joined(&chunks), &format!("without chunk {dropped}")).await;
    }
    let mut chunks = three_chunks(&auth);
    chunks.remove(0);
    let answer = get(&app, "/api/me", &[("cookie", &joined(&chunks))]).await;
    assert_eq!(answer.status, 401, "without the first");
}

#[tokio::test]
async fn swapped_chunks_sign_out() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth);
    for (one, other) in [(0, 1), (0, 2), (1, 2)] {
        let mut chunks = three_chunks(&auth);
        let value = chunks[one].1.clone();
        chunks[one].1 = std::mem::replace(&mut chunks[other].1, value);
        let what = format!("{one} and {other} swapped");
        // What does not begin as ours do may be anybody's.
        if one == 0 {
            assert_not_ours(&app, &joined(&chunks), &what).await;
        } else {
            assert_refused(&app, &joined(&chunks), &what).await;
        }
    }
}

#[tokio::test]
async fn chunks_of_two_sessions_do_not_mix() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth);
    for from_other in 0..3 {
        let mut chunks = three_chunks(&auth);
        chunks[from_other] = three_chunks(&auth)[from_other].clone();
        assert_refused(&app, &joined(&chunks), &format!("chunk {from_other} of another")).await;
    }
}

#[tokio::test]
async fn a_chunk_in_the_place_of_another_is_refused() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth);
    let mut chunks = three_chunks(&auth);
    chunks[2].1 = chunks[1].1.clone();
    assert_refused(&app, &joined(&chunks), "chunk 1 twice").await;
    let whole: String = three_chunks(&auth).into_iter().map(|(_, value)| value).collect();
    assert_not_ours(&app, &format!("session={whole}"), "all chunks in one cookie").await;
}

#[tokio::test]
async fn a_cookie_under_another_name_is_refused() {
    let (auth, _) = at_rest(settings());
    let (renamed, _) =
        at_rest(settings().session_cookie(monocloud_runtime::settings::SessionCookie::new().name("sid")));
    let value = session_cookie(&auth, mira()).replacen("session=", "sid=", 1);
    let answer = get(&app(&renamed), "/api/me", &[("cookie", &value)]).await;
    assert_eq!(answer.status, 401);
    let own = get(
        &app(&renamed),
        "/api/me",
        &[("cookie", &session_cookie(&renamed, mira()))],
    )
    .await;
    assert_eq!(own.status, 200);
}

#[tokio::test]
async fn a_state_cookie_is_no_session() {
    let provider = provider(Provider::builder()).await;
    let auth = settings_of(&provider).build().unwrap();
    let app = app(&auth);
    let started = get(&app, "/api/auth/signin", &[]).await;
    let state = started.cookies().remove(0);
    assert!(state.name.starts_with("state."), "{started:?}");
    assert_refused(&app, &format!("session={}", state.value), "a transaction").await;
}

#[tokio::test]
async fn a_session_is_no_state_cookie() {
    let provider = provider(Provider::builder()).await;
    let auth = settings_of(&provider).build().unwrap();
    let app = app(&auth);
    let started = get(&app, "/api/auth/signin", &[]).await;
    let name = started.cookies().remove(0).name;
    let (_, session) = pairs(&session_cookie(&auth, mira())).remove(0);
    let callback = crate::fixtures::choose(&provider, started.location(), "mira").await;
    let answer = get(&app, &callback, &[("cookie", &format!("{name}={session}"))]).await;
    assert_eq!(answer.status, 400, "{answer:?}");
    assert_eq!(provider.calls(monocloud_runtime::testing::Endpoint::Token), 0);
}

#[tokio::test]
async fn a_cookie_of_another_app_is_refused_and_left_alone() {
    let (auth, _) = at_rest(settings());
    let (other, _) = at_rest(settings().cookie_secret(OTHER_SECRET));
    assert_not_ours(&app(&auth), &session_cookie(&other, mira()), "another secret").await;
    let three = session_cookie(&other, with_claims_of(6_500));
    assert_not_ours(&app(&auth), &three, "another secret, three chunks").await;
}

#[tokio::test]
async fn one_secret_for_two_clients_or_issuers_mixes_no_sessions() {
    let (auth, _) = at_rest(settings());
    let (client, _) = at_rest(settings().client_id("another"));
    let (issuer, _) = at_rest(settings().tenant_domain("http://127.0.0.1:10"));
    for other in [client, issuer] {
        assert_not_ours(&app(&auth), &session_cookie(&other, mira()), "another deployment").await;
    }
}

#[tokio::test]
async fn a_cookie_of_another_version_is_refused_and_left_alone() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth);
    let (_, value) = pairs(&session_cookie(&auth, mira())).remove(0);
    let envelope = URL_SAFE_NO_PAD.decode(value).unwrap();
    for version in [0, 1, 3, 255] {
        let mut old = envelope.clone();
        assert_ne!(old[0], version);
        old[0] = version;
        let cookie = format!("session={}", URL_SAFE_NO_PAD.encode(old));
        assert_not_ours(&app, &cookie, &format!("version {version}")).await;
    }
    for claimed in [2, 3, 32] {
        let mut wrong = envelope.clone();
        wrong[1] = claimed;
        let cookie = format!("session={}", URL_SAFE_NO_PAD.encode(wrong));
        assert_refused(&app, &cookie, &format!("{claimed} chunks claimed")).await;
    }
}

#[tokio::test]
async fn rotation_signs_nobody_out_and_seals_with_the_new_secret() {
    let (before, _) = at_rest(settings().cookie_secret(OTHER_SECRET));
    let (rotating, _) = at_rest(settings().previous_cookie_secrets([OTHER_SECRET]));
    let (after, _) = at_rest(settings());
    let old = session_cookie(&before, mira());

    let page = get(&app(&rotating), "/page", &[("cookie", &old)]).await;
    assert_eq!(page.status, 200, "{page:?}");
    assert_not_ours(&app(&after), &old, "the old secret is gone").await;

    let updated = get(&app(&rotating), "/update", &[("cookie", &old)]).await;
    let new = format!("session={}", updated.cookie("session").unwrap().value);
    assert_accepted(&app(&after), &new, "sealed anew").await;
    assert_not_ours(&app(&before), &new, "the old secret opens what it sealed alone").await;
}

#[tokio::test]
async fn an_earlier_secret_of_nobody_opens_nothing() {
    let (other, _) = at_rest(settings().cookie_secret("a third secret that nobody listed, 3"));
    let (auth, _) = at_rest(settings().previous_cookie_secrets([OTHER_SECRET]));
    assert_not_ours(&app(&auth), &session_cookie(&other, mira()), "not listed").await;
    assert_ne!(SECRET, OTHER_SECRET);
}

#[tokio::test]
async fn an_unreadable_session_is_deleted_with_the_attributes_it_was_set_with() {
    let attributes = monocloud_runtime::settings::SessionCookie::new()
        .name("sid")
        .path("/app")
        .domain("example.com")
        .same_site(monocloud_runtime::settings::SameSite::Strict);
    let (auth, _) = at_rest(
        settings()
            .app_url("https://www.example.com/app")
            .session_cookie(attributes),
    );
    let damaged = damaged(&auth);
    let answer = get(
        &app(&auth),
        "/",
        &[("cookie", &format!("{damaged}; sid.1=more; sid.2=most"))],
    )
    .await;
    assert_eq!(
        (answer.status.as_u16(), answer.body.as_str()),
        (200, "signed out")
    );
    assert_eq!(answer.deleted(), ["sid", "sid.1", "sid.2"]);
    for cookie in answer.cookies() {
        let attributes = [
            "path=/app",
            "domain=example.com",
            "secure",
            "httponly",
            "samesite=strict",
        ];
        for attribute in attributes {
            assert!(cookie.has(attribute), "{attribute}: {cookie:?}");
        }
        assert!(cookie.value.is_empty(), "{cookie:?}");
    }
}
