//! Whole flows of one person: two tabs, signing up, saying no, coming back after a rotation.

use monocloud_runtime::settings::ResponseMode;
use monocloud_runtime::testing::Endpoint;

use crate::rp::{Rp, Setup};

/// Begun in the order A, B; finished in the order B, A, and in the other one. Each tab ends where it began.
#[tokio::test]
async fn two_tabs_interleaved() {
    for mode in [ResponseMode::Query, ResponseMode::FormPost] {
        for second_first in [true, false] {
            let rp = Setup::new().mode(mode).start().await;
            let dashboard = rp.agent.visit(&rp.app.at("/dashboard?tab=a")).await;
            let admin = rp.agent.visit(&rp.app.at("/admin?tab=b")).await;
            assert_eq!(rp.pending(), 2);
            let (first, second) = if second_first {
                (admin, dashboard)
            } else {
                (dashboard, admin)
            };
            let mut ends = Vec::new();
            for tab in [first, second] {
                let page = rp.go_on(&rp.agent, tab, "mira").await;
                assert_eq!(page.status, 200, "{page:?}");
                ends.push((page.url.path().to_owned(), page.url.query().unwrap().to_owned()));
            }
            let mut expected = vec![
                ("/dashboard".to_owned(), "tab=a".to_owned()),
                ("/admin".to_owned(), "tab=b".to_owned()),
            ];
            if second_first {
                expected.reverse();
            }
            assert_eq!(ends, expected);
            assert_eq!(rp.pending(), 0);
            assert_eq!(rp.calls(Endpoint::Token), 2);
            // Whatever the order, it is one browser and one person.
            let me = rp.agent.visit(&rp.app.at("/api/me")).await;
            assert_eq!(me.json()["sub"], "mira");
        }
    }
}

/// Two tabs, two people: the last to finish is who is signed in, in both.
#[tokio::test]
async fn two_tabs_of_two_people() {
    let rp = Rp::start().await;
    let one = rp.begin(&rp.agent).await;
    let other = rp.begin(&rp.agent).await;
    let page = rp.go_on(&rp.agent, one, "mira").await;
    assert_eq!(page.body, "dashboard of Mira Adler");
    let page = rp.go_on(&rp.agent, other, "lin").await;
    assert_eq!(page.body, "dashboard of Lin Sato");
    let admin = rp.agent.visit(&rp.app.at("/admin")).await;
    assert_eq!(admin.status, 403);
}

#[tokio::test]
async fn sign_up() {
    for query in ["register=true", "prompt=create"] {
        let rp = Rp::start().await;
        let sign_up = rp.app.at(&format!("/api/auth/signin?{query}&return_url=/admin"));
        let page = rp.agent.visit(&sign_up).await;
        let asked = rp.provider.last_request(Endpoint::Authorize).unwrap();
        assert_eq!(asked.query("prompt"), Some("create"));
        let form = [
            ("name", "Ada Okafor"),
            ("email", "ada@example.com"),
            ("groups", "admin"),
        ];
        let page = rp.agent.submit(&page, &form).await;
        assert_eq!(page.body, "administration by Ada Okafor", "{page:?}");
        assert!(rp.has_session());
    }
}

#[tokio::test]
async fn who_denies_gets_a_page_that_offers_another_try() {
    for mode in [ResponseMode::Query, ResponseMode::FormPost] {
        let rp = Setup::new().mode(mode).start().await;
        let login = rp.begin(&rp.agent).await;
        let page = rp.agent.submit(&login, &[("action", "deny")]).await;
        let page = rp.go_on(&rp.agent, page, "mira").await;
        rp.assert_refused(&page, 400);
        assert!(page.body.contains("Sign-in cancelled"), "{page:?}");
        assert_eq!(rp.calls(Endpoint::Token), 0);
        let again = page
            .links()
            .into_iter()
            .find(|link| link.contains("/api/auth/signin?return_url="));
        let login = rp.agent.follow(&page, &again.unwrap()).await;
        let page = rp.go_on(&rp.agent, login, "mira").await;
        assert_eq!(
            page.body, "dashboard of Mira Adler",
            "where the first try was going"
        );
    }
}

/// Who denies a second sign-in stays who he is.
#[tokio::test]
async fn a_failed_sign_in_leaves_the_session_alone() {
    let rp = Rp::start().await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    rp.provider.end_sessions();
    let login = rp.begin(&rp.agent).await;
    let page = rp.agent.submit(&login, &[("action", "deny")]).await;
    assert_eq!(page.status, 400);
    let page = rp.agent.visit(&rp.app.at("/dashboard")).await;
    assert_eq!(page.body, "dashboard of Mira Adler");
}

#[tokio::test]
async fn a_second_sign_in_after_key_rotation_is_another_session() {
    let rp = Rp::start().await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    let earlier = rp.agent.cookies(&rp.app.url);
    rp.provider.rotate_keys();
    rp.provider.end_sessions();
    let login = rp.begin(&rp.agent).await;
    let page = rp.go_on(&rp.agent, login, "tomas").await;
    assert_eq!(page.body, "dashboard of Tomas Okoro");
    // A copy of the earlier cookie is worth nothing any more.
    let copy = support::UserAgent::new();
    for (name, value) in earlier {
        copy.set_cookie(&rp.app.url, &format!("{name}={value}; Path=/"));
    }
    let home = copy.visit(&rp.app.url).await;
    assert_eq!(home.body, "home: signed out");
}

/// Sign-out ends the session at both ends: the next sign-in asks who is there.
#[tokio::test]
async fn sign_out_ends_the_session_at_both_ends() {
    let rp = Rp::start().await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    let page = rp.agent.visit(&rp.app.at("/api/auth/signout")).await;
    assert_eq!(page.body, "home: signed out", "{page:?}");
    let asked = rp.provider.last_request(Endpoint::EndSession).unwrap();
    assert!(asked.query("id_token_hint").is_some() && asked.query("state").is_some());
    let page = rp.begin(&rp.agent).await;
    assert!(page.body.contains("name=\"user\""), "{page:?}");
}
