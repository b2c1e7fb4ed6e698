//! What the application hears of its sessions' tokens, and of guards that ask for more than a session.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use monocloud_runtime::hooks::{AccessDenied, Event};
use monocloud_runtime::testing::{Endpoint, Fault};

use crate::fixtures::{Browser, Site, get, tokens_app};
use crate::{hooks, step_up};

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

#[tokio::test]
async fn who_has_to_prove_more_is_heard_of_and_so_is_who_does_not() {
    let heard = Heard::default();
    let kept = heard.clone();
    let site = step_up::Site::with(move |settings| {
        settings.on_event(move |event| {
            let line = match event {
                Event::Denied {
                    by, why, sub, path, ..
                } => {
                    format!("{} {why} {sub:?} {path}", by.rsplit("::").next().unwrap())
                }
                Event::SignInFailed { code, .. } => (*code).to_owned(),
                _ => return,
            };
            kept.lock().unwrap().push(format!("{}: {line}", event.name()));
        })
    })
    .await;
    let (mut browser, person) = site.signed_in("mira").await;
    site.clock.advance(301);
    browser.get("/api/fresh?a=secret").await;
    let denied = browser.get("/fresh?a=secret").await;
    assert_eq!(
        take(&heard),
        [
            "denied: fresh_api step-up Some(\"mira\") /api/fresh",
            "denied: fresh step-up Some(\"mira\") /fresh"
        ]
    );
    site.provider.fault(Fault::IgnoreStepUp);
    let started = step_up::on_to_the_issuer(&mut browser, &denied).await;
    let callback = person.answer(&site.provider, started.location(), &[]).await;
    assert_eq!(browser.get(&callback).await.status, 403);
    assert_eq!(take(&heard), ["sign_in_failed: not_confirmed"]);
}

#[tokio::test]
async fn a_hook_that_signs_nobody_in_is_heard_of_with_its_code() {
    for (denies, code) in [(true, "access_denied"), (false, "hook_failed")] {
        let heard = Heard::default();
        let kept = heard.clone();
        let (provider, app) = hooks::site(move |settings| {
            settings
                .on_session_creating(move |_| async move {
                    if denies {
                        return Err(AccessDenied::new("Not today.").into());
                    }
                    Err("a secret of the database".into())
                })
                .on_event(move |event| {
                    if let Event::SignInFailed { code, .. } = event {
                        kept.lock().unwrap().push((*code).to_owned());
                    }
                })
        })
        .await;
        Browser::new(&app).sign_in(&provider, "mira").await;
        assert_eq!(take(&heard), [code]);
    }
}
