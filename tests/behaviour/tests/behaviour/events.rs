//! What the application hears of: one event for each thing that is worth an audit line or a counter.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use http::Method;
use metrics::{Counter, CounterFn, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use monocloud_runtime::hooks::Event;
use monocloud_runtime::settings::Builder;
use monocloud_runtime::testing::{Endpoint, Fault, Provider, ProviderUser};

use crate::fixtures::{Browser, app, choose, get, logged, mira, provider, settings_of};

type Heard = Arc<Mutex<Vec<String>>>;

/// An application that writes down what it hears.
async fn site() -> (Provider, Router, Heard) {
    let provider = provider(Provider::builder().user(mira()).user(ProviderUser::new("ben"))).await;
    let heard = Heard::default();
    let kept = heard.clone();
    let settings: Builder = settings_of(&provider).on_event(move |event| {
        let line = match event {
            Event::SignedIn { sub, replaced, .. } => format!("{sub} {replaced}"),
            Event::SignInFailed { code, .. } => (*code).to_owned(),
            Event::SessionEnded { sub, why, .. } => format!("{sub} {}", why.as_str()),
            Event::Denied {
                by,
                why,
                sub,
                groups,
                method,
                path,
                ..
            } => {
                let by = by.rsplit("::").next().unwrap();
                format!("{by} {why} {sub:?} {groups:?} {method} {path}")
            }
            Event::KeysRenewed { keys, .. } => keys.to_string(),
            Event::IssuerUnreachable { endpoint, .. } => (*endpoint).to_owned(),
            other => panic!("{other:?}"),
        };
        kept.lock().unwrap().push(format!("{}: {line}", event.name()));
    });
    let app = app(&settings.build().unwrap());
    (provider, app, heard)
}

fn take(heard: &Heard) -> Vec<String> {
    std::mem::take(&mut heard.lock().unwrap())
}

#[tokio::test]
async fn a_session_is_heard_of_from_its_beginning_to_its_end() {
    let (provider, app, heard) = site().await;
    let mut browser = Browser::new(&app);
    browser.sign_in(&provider, "mira").await;
    assert_eq!(take(&heard), ["keys_renewed: 1", "signed_in: mira false"]);
    browser.get("/page").await;
    assert_eq!(take(&heard), [""; 0], "who is let in is no event");
    browser.sign_in(&provider, "ben").await;
    assert_eq!(
        take(&heard),
        ["session_ended: mira replaced", "signed_in: ben true"]
    );
    browser.get("/destroy").await;
    assert_eq!(take(&heard), ["session_ended: ben destroyed"]);
    browser.sign_in(&provider, "mira").await;
    take(&heard);
    browser.get("/api/auth/signout").await;
    assert_eq!(take(&heard), ["session_ended: mira signed_out"]);
    browser.get("/api/auth/signout").await;
    assert_eq!(take(&heard), [""; 0], "nobody was signed in");
}

#[tokio::test]
async fn a_denial_says_which_guard_and_why_and_keeps_the_query_to_itself() {
    let (provider, app, heard) = site().await;
    get(&app, "/admin?token=secret", &[]).await;
    assert_eq!(
        take(&heard),
        ["denied: admin signed out None [\"admin\"] GET /admin"]
    );
    let mut browser = Browser::new(&app);
    browser.sign_in(&provider, "ben").await;
    take(&heard);
    browser.get("/api/admin").await;
    assert_eq!(
        take(&heard),
        ["denied: api_admin wrong group Some(\"ben\") [\"admin\"] GET /api/admin"]
    );
    let foreign = [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
    ];
    browser.call(Method::POST, "/page", &foreign).await;
    let [denied] = &take(&heard)[..] else {
        panic!("one event")
    };
    assert!(denied.starts_with("denied: page cross site"), "{denied}");
}

#[tokio::test]
async fn a_sign_in_that_comes_to_nothing_is_heard_of_once_with_its_code() {
    let (provider, app, heard) = site().await;
    let mut browser = Browser::new(&app);
    let started = browser.start("").await;
    let callback = choose(&provider, started.location(), "mira").await;
    provider.fault(Fault::Disconnect(Endpoint::Token));
    browser.get(&callback).await;
    assert_eq!(
        take(&heard),
        [
            "issuer_unreachable: the token endpoint",
            "sign_in_failed: unreachable"
        ]
    );
    get(&app, "/api/auth/callback?code=x&state=y", &[]).await;
    assert_eq!(take(&heard), ["sign_in_failed: unknown_transaction"]);
}

#[tokio::test]
async fn a_listener_that_panics_changes_nothing_of_the_answer() {
    let provider = provider(Provider::builder()).await;
    let settings = settings_of(&provider).on_event(|_| panic!("a bug"));
    let app = app(&settings.build().unwrap());
    let mut browser = Browser::new(&app);
    let (answer, log) = logged(browser.sign_in(&provider, "mira")).await;
    assert_eq!(answer.status, 303);
    assert!(log.contains("`on_event` panicked"), "{log}");
    assert_eq!(browser.get("/page").await.status, 200);
    assert_eq!(get(&app, "/page", &[]).await.status, 303);
}

/// Counts by name and labels.
#[derive(Clone, Default)]
struct Counts(Arc<Mutex<BTreeMap<String, u64>>>);

struct Cell(Counts, String);

impl CounterFn for Cell {
    fn increment(&self, by: u64) {
        *self.0.0.lock().unwrap().entry(self.1.clone()).or_default() += by;
    }

    fn absolute(&self, _: u64) {}
}

impl Recorder for Counts {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let labels: Vec<String> = key
            .labels()
            .map(|label| format!("{}={}", label.key(), label.value().rsplit("::").next().unwrap()))
            .collect();
        let name = format!("{} {}", key.name(), labels.join(","));
        Counter::from_arc(Arc::new(Cell(self.clone(), name.trim_end().to_owned())))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

#[tokio::test]
async fn counters_have_labels_that_programs_write_and_none_that_people_do() {
    let counts = Counts::default();
    let _here = metrics::set_default_local_recorder(&counts);
    let (provider, app, _) = site().await;
    let mut browser = Browser::new(&app);
    browser.sign_in(&provider, "mira").await;
    for path in ["/admin?a", "/admin?b", "/page"] {
        get(&app, path, &[]).await;
    }
    browser.get("/api/auth/signout").await;
    get(&app, "/api/auth/callback?code=x&state=y", &[]).await;
    let counts = counts.0.lock().unwrap();
    let expected = [
        ("monocloud_denied_total by=admin,why=signed out", 2),
        ("monocloud_denied_total by=page,why=signed out", 1),
        ("monocloud_session_ended_total why=signed_out", 1),
        ("monocloud_sign_in_failed_total code=unknown_transaction", 1),
        ("monocloud_signed_in_total", 1),
    ];
    for (name, count) in expected {
        assert_eq!(counts.get(name), Some(&count), "{name}: {counts:?}");
    }
    assert!(counts.keys().all(|name| !name.contains("mira")), "{counts:?}");
}
