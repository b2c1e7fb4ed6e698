//! A logout token acts once, also where the first attempt failed half way; and what the application hears of it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use axum::Router;
use monocloud_runtime::hooks::{BackChannelLogout, Event};
use tokio::sync::Notify;

use crate::fixtures::{LogoutSite, assert_done, assert_refused, get, logged, post_logout};

type Calls = Arc<AtomicUsize>;

fn count(calls: &Calls) -> usize {
    calls.load(Ordering::SeqCst)
}

#[tokio::test]
async fn a_jti_acts_once() {
    let calls = Calls::default();
    let counted = calls.clone();
    let site = LogoutSite::with(|settings| {
        settings.on_back_channel_logout(move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
            async { Ok(()) }
        })
    })
    .await;
    let token = site.provider.logout_token(Some("mira"), None);
    assert_done(&post_logout(&site.app, &token).await);
    let (again, log) = logged(post_logout(&site.app, &token)).await;
    assert_refused(&again);
    assert!(log.contains("`jti` was used before"), "{log}");
    // Nor does another token of the same `jti`.
    let jti = Arc::new(Mutex::new(None));
    let kept = jti.clone();
    site.provider.tamper_logout_token(move |_, claims| {
        let mut kept = kept.lock().unwrap();
        let jti = kept.get_or_insert_with(|| claims["jti"].clone()).clone();
        claims.insert("jti".into(), jti);
    });
    assert_done(&site.log_out(Some("mira"), None).await);
    assert_refused(&site.log_out(Some("lin"), None).await);
    assert_eq!(count(&calls), 2);
    // As long as the token could be taken.
    for _ in 0..11 {
        site.clock.advance(60);
        assert_refused(&post_logout(&site.app, &token).await);
    }
    assert_eq!(count(&calls), 2);
}

#[tokio::test]
async fn a_jti_acts_once_though_the_first_attempt_failed_half_way() {
    let calls = Calls::default();
    let counted = calls.clone();
    let site = LogoutSite::with(|settings| {
        settings.on_back_channel_logout(move |_| {
            let call = counted.fetch_add(1, Ordering::SeqCst);
            async move {
                match call {
                    0 => Err("the database is away".into()),
                    1 => panic!("a bug"),
                    _ => Ok(()),
                }
            }
        })
    })
    .await;
    let browser = site.signed_in("mira").await;
    let token = site.provider.logout_token(None, Some(&site.sid(&browser)));
    for _ in 0..2 {
        let (answer, log) = logged(post_logout(&site.app, &token)).await;
        assert_refused(&answer);
        assert!(
            !answer.body.contains("database") && log.contains("on_back_channel_logout"),
            "{log}"
        );
        let page = get(&site.app, "/page", &[("cookie", &browser.cookies())]).await;
        assert_eq!(page.status, 303, "it is over in any case");
    }
    assert_done(&post_logout(&site.app, &token).await);
    assert_refused(&post_logout(&site.app, &token).await);
    assert_eq!(count(&calls), 3);
}

#[tokio::test]
async fn a_hook_that_is_too_slow_is_400_and_may_come_again() {
    let calls = Calls::default();
    let counted = calls.clone();
    let site = LogoutSite::with(|settings| {
        let settings = settings.response_timeout(Duration::from_secs(2));
        settings.on_back_channel_logout(move |_| {
            let is_first = counted.fetch_add(1, Ordering::SeqCst) == 0;
            async move {
                if is_first {
                    tokio::time::sleep(Duration::from_secs(60)).await;
                }
                Ok(())
            }
        })
    })
    .await;
    let token = site.provider.logout_token(Some("mira"), None);
    assert_refused(&post_logout(&site.app, &token).await);
    assert_done(&post_logout(&site.app, &token).await);
    assert_eq!(count(&calls), 2);
}

#[tokio::test]
async fn a_token_that_comes_twice_at_once_acts_once_for_both() {
    let (calls, go_on) = (Calls::default(), Arc::new(Notify::new()));
    let (counted, gate) = (calls.clone(), go_on.clone());
    let site = LogoutSite::with(|settings| {
        settings.on_back_channel_logout(move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
            let gate = gate.clone();
            async move {
                gate.notified().await;
                Ok(())
            }
        })
    })
    .await;
    let token = site.provider.logout_token(Some("mira"), None);
    let meanwhile = async {
        while count(&calls) == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        go_on.notify_one();
    };
    let (one, other, ()) = tokio::join!(
        post_logout(&site.app, &token),
        post_logout(&site.app, &token),
        meanwhile
    );
    assert_done(&one);
    assert_done(&other);
    assert_eq!(count(&calls), 1);
}

#[tokio::test]
async fn the_application_is_told_when_the_session_is_over() {
    let app: Arc<OnceLock<(Router, String)>> = Arc::default();
    let told: Arc<Mutex<Vec<(BackChannelLogout, u16)>>> = Arc::default();
    let (seen, kept) = (app.clone(), told.clone());
    let site = LogoutSite::with(|settings| {
        settings.on_back_channel_logout(move |logout| {
            let (seen, kept) = (seen.clone(), kept.clone());
            async move {
                let (app, cookies) = seen.get().ok_or("too early")?;
                let page = get(app, "/page", &[("cookie", cookies)]).await;
                kept.lock().unwrap().push((logout, page.status.as_u16()));
                Ok(())
            }
        })
    })
    .await;
    let browser = site.signed_in("mira").await;
    let sid = site.sid(&browser);
    app.set((site.app.clone(), browser.cookies())).unwrap();
    assert_done(&site.log_out(Some("mira"), Some(&sid)).await);
    assert_done(&site.log_out(Some("mira"), None).await);
    let told = told.lock().unwrap();
    let [(of_session, status), (of_user, _)] = &told[..] else {
        panic!("{told:?}");
    };
    assert_eq!(*status, 303);
    assert_eq!(
        (of_session.sid.as_ref(), of_session.sub.as_deref()),
        (Some(&sid), Some("mira"))
    );
    assert_eq!(
        (of_user.sid.as_ref(), of_user.sub.as_deref()),
        (None, Some("mira"))
    );
    assert!(!of_session.jti.is_empty() && of_session.jti != of_user.jti);
}

#[tokio::test]
async fn a_logout_is_an_event() {
    let heard: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = heard.clone();
    let site = LogoutSite::with(|settings| {
        settings.on_event(move |event| {
            if let Event::LoggedOut { sub, by, .. } = event {
                let line = format!("{}: {sub:?} {}", event.name(), by.as_str());
                kept.lock().unwrap().push(line);
            }
        })
    })
    .await;
    let (answer, log) = logged(site.log_out(Some("mira"), None)).await;
    assert_done(&answer);
    assert!(log.contains("the issuer ended sessions"), "{log}");
    site.log_out(None, Some("a session")).await;
    site.log_out(None, None).await;
    assert_eq!(
        *heard.lock().unwrap(),
        [
            "logged_out: Some(\"mira\") back_channel",
            "logged_out: None back_channel"
        ]
    );
}
