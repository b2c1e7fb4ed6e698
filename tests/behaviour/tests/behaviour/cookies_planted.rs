//! Sessions that open and are not the person's own: a sibling domain planted them.

use monocloud_runtime::testing::{MintedSession, Provider, session_cookie};

use crate::fixtures::{ORIGIN, app, at_rest, get, lin, mira, provider, settings, settings_of};

/// Somebody's own session, planted so often that another's behind it is not looked at.
#[tokio::test]
async fn no_number_of_planted_sessions_signs_somebody_in_as_somebody_else() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth);
    let (planted, ours) = (session_cookie(&auth, lin()), session_cookie(&auth, mira()));
    for copies in [1, 10, 63, 64, 65, 200] {
        let planted = vec![planted.as_str(); copies].join("; ");
        for cookies in [format!("{planted}; {ours}"), format!("{ours}; {planted}")] {
            let answer = get(&app, "/", &[("cookie", &cookies)]).await;
            assert_eq!(
                (answer.body.as_str(), answer.cookies().len()),
                ("signed out", 0),
                "{copies}"
            );
        }
    }
}

#[tokio::test]
async fn a_sign_out_tells_the_issuer_of_no_planted_session() {
    let provider = provider(Provider::builder()).await;
    let auth = settings_of(&provider).build().unwrap();
    let app = app(&auth);
    let of = |user| MintedSession::new(user).id_token("an-id-token").cookie(&auth);
    for planted_first in [true, false] {
        let (planted, ours) = (of(lin()), of(mira()));
        let cookies = if planted_first {
            format!("{planted}; {ours}")
        } else {
            format!("{ours}; {planted}")
        };
        let out = get(&app, "/api/auth/signout", &[("cookie", &cookies)]).await;
        assert_eq!(out.location(), ORIGIN, "{out:?}");
        for cookie in [planted, ours] {
            assert_eq!(get(&app, "/page", &[("cookie", &cookie)]).await.status, 303);
        }
    }
}
