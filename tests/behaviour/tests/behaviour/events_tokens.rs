//! What the application hears of its sessions' tokens, and of guards that ask for more than a session.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use monocloud_runtime::hooks::Event;
use monocloud_runtime::testing::{Endpoint, Fault};

use crate::fixtures::{Site, get, tokens_app};

type Heard = Arc<Mutex<Vec<String>>>;

/// An application that writes down what it hears of tokens and sessions.
async fn site() -> (Site, Heard) {
    let heard = Heard::default();
    let kept = heard.clone();
    let site = Site::with(
        |provider| provider,
        move |settings| {
            settings.on_event(move |event| {
                let line = match event {
                    Event::Refreshed { sub, .. } | Event::RefreshJoined { sub, .. } => (*sub).to_owned(),
                    Event::RefreshFailed { sub, code, .. } => format!("{sub} {code}"),
                    Event::SessionEnded { sub, why, .. } => format!("{sub} {}", why.as_str()),
                    Event::IssuerUnreachable { endpoint, .. } => (*endpoint).to_owned(),
                    _ => return,
                };
                kept.lock().unwrap().push(format!("{}: {line}", event.name()));
            })
        },
    )
    .await;
    (site, heard)
}

fn take(heard: &Heard) -> Vec<String> {
    std::mem::take(&mut heard.lock().unwrap())
}

#[tokio::test]
async fn a_refresh_is_heard_of_once_and_whoever_joins_it_by_itself() {
    let (mut site, heard) = site().await;
    site.tokens("").await;
    assert_eq!(take(&heard), [""; 0], "what is good is no event");
    site.expire();
    site.tokens("").await;
    assert_eq!(take(&heard), ["refreshed: mira"]);

    site.expire();
    let wait = Duration::from_millis(500);
    site.provider.fault(Fault::Slow(Endpoint::Token, wait));
    let (app, cookies) = (tokens_app(&site.auth), site.browser.cookies());
    let headers = [("cookie", cookies.as_str())];
    join_all((0..5).map(|_| get(&app, "/tokens", &headers))).await;
    let mut counts = BTreeMap::<_, usize>::new();
    for line in take(&heard) {
        *counts.entry(line).or_default() += 1;
    }
    let expected = [("refresh_joined: mira", 4), ("refreshed: mira", 1)];
    assert_eq!(
        counts,
        expected.map(|(line, count)| (line.to_owned(), count)).into()
    );
}

#[tokio::test]
async fn a_refresh_that_fails_is_heard_of_once_with_its_code() {
    let none: &[&str] = &[];
    for (fault, code, before, after) in [
        (Fault::Status(Endpoint::Token, 503), "unreachable", none, none),
        (
            Fault::Disconnect(Endpoint::Token),
            "unreachable",
            &["issuer_unreachable: the token endpoint"],
            none,
        ),
        (Fault::Garbage(Endpoint::Token), "malformed_answer", none, none),
        (Fault::WrongIssuer, "malformed_answer", none, none),
        (
            Fault::TokenError("invalid_client".to_owned()),
            "endpoint_error",
            none,
            none,
        ),
        (
            Fault::TokenError("invalid_grant".to_owned()),
            "refresh_refused",
            none,
            &["session_ended: mira refresh_refused"],
        ),
    ] {
        let (mut site, heard) = site().await;
        site.expire();
        site.provider.fault(fault.clone());
        site.refused("").await;
        site.refused("").await;
        let mut heard = take(&heard);
        heard.sort();
        let mut expected: Vec<String> = before.iter().chain(after).map(|&line| line.to_owned()).collect();
        expected.push(format!("refresh_failed: mira {code}"));
        expected.sort();
        assert_eq!(heard, expected, "{fault:?}");
    }
}
