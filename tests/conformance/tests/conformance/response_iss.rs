//! The authorization response: whose it is (RFC 9207), and what else the browser may carry.

use monocloud_runtime::testing::{Endpoint, Fault};

use crate::logging::collect;
use crate::rp::{Rp, Setup, assert_error_page};

/// Signs in at the provider and stops before the callback: the address that the browser would go to.
async fn callback_url(rp: &Rp) -> url::Url {
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    let sent = page.trail.iter().find(|url| url.path() == "/api/auth/callback");
    sent.unwrap().clone()
}

#[tokio::test]
async fn the_iss_of_another_issuer_is_refused_before_the_code_is_spent() {
    let rp = Rp::start().await;
    rp.provider.fault(Fault::WrongResponseIss);
    let page = rp.sign_in().await;
    rp.assert_refused(&page, 400);
    assert_eq!(rp.calls(Endpoint::Token), 0);
}

#[tokio::test]
async fn a_promised_iss_must_be_there() {
    let rp = Rp::start().await;
    rp.provider.fault(Fault::MissingResponseIss);
    let page = rp.sign_in().await;
    rp.assert_refused(&page, 400);
    assert_eq!(rp.calls(Endpoint::Token), 0);
}

#[tokio::test]
async fn an_iss_that_was_not_promised_may_be_absent_and_may_not_be_wrong() {
    let unpromised = || async {
        let rp = Rp::start().await;
        rp.provider.tamper_metadata(|metadata| {
            let name = "authorization_response_iss_parameter_supported";
            metadata.as_object_mut().unwrap().remove(name);
        });
        rp
    };
    let rp = unpromised().await;
    rp.provider.fault(Fault::MissingResponseIss);
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    let rp = unpromised().await;
    rp.provider.fault(Fault::WrongResponseIss);
    let page = rp.sign_in().await;
    rp.assert_refused(&page, 400);
    assert_eq!(rp.calls(Endpoint::Token), 0);
}

/// RFC 9207 2.4: an error of another issuer is not this issuer's word either.
#[tokio::test]
async fn the_iss_of_an_error_response_is_checked_too() {
    for fault in [Fault::WrongResponseIss, Fault::MissingResponseIss] {
        let log = collect();
        let rp = Rp::start().await;
        rp.provider.fault(Fault::AuthorizeError("access_denied".into()));
        rp.provider.fault(fault);
        let page = rp.sign_in().await;
        rp.assert_refused(&page, 400);
        assert!(!page.body.contains("cancelled"), "{page:?}");
        // Whoever said it, it can be found.
        let text = log.text();
        assert!(
            text.contains("answered with an error that proves nothing"),
            "{text}"
        );
    }
}

/// Changes one thing in the answer of a provider, and brings it back.
async fn answered_with(change: fn(&mut Vec<(String, String)>)) -> (Rp, support::Page) {
    let rp = Rp::start().await;
    let page = rp.begin(&rp.agent).await;
    let asked = rp.provider.last_request(Endpoint::Authorize).unwrap();
    let mut answer = vec![
        ("code".to_owned(), "no-code-of-the-issuer".to_owned()),
        ("state".to_owned(), asked.query("state").unwrap().to_owned()),
        ("iss".to_owned(), rp.provider.issuer().to_owned()),
    ];
    change(&mut answer);
    let mut url = url::Url::parse(&rp.app.at("/api/auth/callback")).unwrap();
    url.query_pairs_mut().extend_pairs(answer);
    let page = rp.agent.follow(&page, url.as_str()).await;
    (rp, page)
}

/// What nobody but the browser could have made: 400, and no call to the issuer where none is of use.
#[tokio::test]
async fn what_the_browser_carries_is_answered_with_400() {
    type Change = fn(&mut Vec<(String, String)>);
    let changes: [(&str, usize, Change); 8] = [
        ("a code that is not the issuer's", 1, |_| {}),
        ("no code", 0, |answer| drop(answer.remove(0))),
        ("two codes", 0, |answer| answer.push(answer[0].clone())),
        ("two states", 0, |answer| answer.push(answer[1].clone())),
        ("two issuers", 0, |answer| answer.push(answer[2].clone())),
        ("no state", 0, |answer| drop(answer.remove(1))),
        ("another state", 0, |answer| answer[1].1 = "another".into()),
        ("half a state", 0, |answer| answer[1].1.truncate(20)),
    ];
    for (name, token_calls, change) in changes {
        let (rp, page) = answered_with(change).await;
        assert_eq!(page.status, 400, "{name}: {page:?}");
        assert_error_page(&page);
        assert!(!rp.has_session(), "{name}");
        assert_eq!(rp.calls(Endpoint::Token), token_calls, "{name}");
    }
}

/// Another browser cannot finish a sign-in that this one began (RFC 9700 4.7), and so neither can an attacker who
/// sends somebody a link with his own code.
#[tokio::test]
async fn a_sign_in_is_bound_to_its_browser() {
    let rp = Rp::start().await;
    let url = callback_url(&rp).await;
    let other = support::UserAgent::new();
    let calls = rp.calls(Endpoint::Token);
    let page = other.visit(url.as_str()).await;
    assert_eq!(page.status, 400);
    assert!(page.body.contains("This sign-in is over"), "{page:?}");
    assert!(other.cookies(&rp.app.url).is_empty());
    assert_eq!(rp.calls(Endpoint::Token), calls);
}

#[tokio::test]
async fn an_answer_counts_once() {
    let rp = Rp::start().await;
    let url = callback_url(&rp).await;
    let calls = rp.calls(Endpoint::Token);
    // For some seconds the way is the same, and no code is sent again.
    let page = rp.agent.visit(url.as_str()).await;
    assert_eq!(page.body, "dashboard of Mira Adler");
    assert_eq!(rp.calls(Endpoint::Token), calls);
}

/// A transaction that took too long is over, however good the answer is.
#[tokio::test]
async fn an_answer_that_comes_too_late_is_refused() {
    let clock = monocloud_runtime::testing::Clock::fixed(1_900_000_000);
    for (seconds, status) in [(899, 200), (900, 400)] {
        let rp = Setup::new().clock(&clock).start().await;
        let page = rp.begin(&rp.agent).await;
        clock.advance(seconds);
        let page = rp.go_on(&rp.agent, page, "mira").await;
        assert_eq!(page.status.as_u16(), status, "{page:?}");
        assert_eq!(rp.has_session(), status == 200);
    }
}
