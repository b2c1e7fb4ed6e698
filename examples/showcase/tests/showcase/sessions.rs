//! Where somebody is signed in, and the end of that.

use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use monocloud_runtime::settings::Builder;
use monocloud_runtime::store::{
    BoxFuture, Coordinated, Created, MemoryStore, NewRecord, Record, Revision, SessionStore, StoreError,
    StoreKey, Stored, Updated,
};
use reqwest::header::{CONTENT_TYPE, COOKIE, ORIGIN};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use support::{Page, UserAgent};

use crate::site::Site;

const PATH: &str = "/sessions";

fn in_memory(settings: Builder) -> Builder {
    settings.with_vars([("MONOCLOUD_AUTH_SESSIONS_IN", "memory")])
}

/// Somebody's, with the page of their sessions.
struct Browser<'a> {
    site: &'a Site,
    agent: UserAgent,
}

impl<'a> Browser<'a> {
    /// Each a second after the one before.
    async fn signed_in(site: &'a Site, user: &str) -> Self {
        site.advance(1);
        let agent = UserAgent::new();
        let login = agent.visit(&site.at(PATH)).await;
        let page = agent.submit(&login, &[("user", user)]).await;
        assert_eq!(page.url.as_str(), site.at(PATH), "{page:?}");
        Self { site, agent }
    }

    async fn list(&self) -> Page {
        self.agent.visit(&self.site.at(PATH)).await
    }

    async fn press(&self, button: &str, value: &str) -> Page {
        self.agent.submit(&self.list().await, &[(button, value)]).await
    }

    async fn fetch(&self, method: Method, path: &str) -> (u16, Value) {
        let answer = self.agent.fetch(method, &self.site.at(path)).await;
        let body = serde_json::from_str(&answer.body).unwrap_or_default();
        (answer.status.as_u16(), body)
    }

    async fn sessions(&self) -> Vec<Value> {
        let (status, sessions) = self.fetch(Method::GET, "/api/sessions").await;
        assert_eq!(status, 200, "{sessions}");
        sessions.as_array().unwrap().clone()
    }

    /// What names its own session.
    async fn id(&self) -> String {
        let sessions = self.sessions().await;
        let this = sessions.iter().find(|session| session["isThis"] == true);
        this.unwrap()["id"].as_str().unwrap().to_owned()
    }

    async fn is_signed_in(&self) -> bool {
        self.fetch(Method::GET, "/api/me").await.0 == 200
    }
}

fn count(page: &Page, text: &str) -> usize {
    page.body.matches(text).count()
}

#[tokio::test]
async fn people_see_where_they_are_signed_in_and_nobody_else() {
    let site = Site::set_up(in_memory).await;
    let first = Browser::signed_in(&site, "mira").await;
    let second = Browser::signed_in(&site, "mira").await;
    let other = Browser::signed_in(&site, "tomas").await;
    let page = second.list().await;
    assert_eq!(page.status, 200);
    assert_eq!(
        (count(&page, "name=\"id\""), count(&page, "this one")),
        (2, 1),
        "{page:?}"
    );
    let sessions = second.sessions().await;
    let (newest, oldest) = (&sessions[0], &sessions[1]);
    assert_eq!(
        (&newest["isThis"], &oldest["isThis"], sessions.len()),
        (&json!(true), &json!(false), 2)
    );
    assert_eq!(oldest["id"], first.id().await);
    assert_eq!(newest["createdAt"], oldest["createdAt"].as_i64().unwrap() + 1);
    assert_eq!(
        (&newest["lastSeen"], &newest["userAgent"]),
        (&newest["createdAt"], &json!(null))
    );
    assert!(page.body.contains("Fri, 15 Jan 2027 08:00:02 GMT"), "{page:?}");
    assert_eq!(count(&other.list().await, "name=\"id\""), 1);
}

#[tokio::test]
async fn a_session_elsewhere_is_ended_by_its_button() {
    let site = Site::set_up(in_memory).await;
    let (lost, kept) = (
        Browser::signed_in(&site, "mira").await,
        Browser::signed_in(&site, "mira").await,
    );
    let page = kept.press("id", &lost.id().await).await;
    assert_eq!((page.status.as_u16(), page.url.path()), (200, PATH), "{page:?}");
    assert_eq!(count(&page, "name=\"id\""), 1);
    assert!(!lost.is_signed_in().await);
    assert!(kept.is_signed_in().await);
}

#[tokio::test]
async fn the_session_of_this_browser_is_ended_by_its_button() {
    let site = Site::set_up(in_memory).await;
    let (this, other) = (
        Browser::signed_in(&site, "mira").await,
        Browser::signed_in(&site, "mira").await,
    );
    let page = this.press("id", &this.id().await).await;
    assert_eq!(page.url.path(), "/");
    assert!(page.body.contains("You are not signed in"), "{page:?}");
    assert!(!this.is_signed_in().await);
    assert!(other.is_signed_in().await);
}

#[tokio::test]
async fn nobody_ends_the_session_of_somebody_else() {
    let site = Site::set_up(in_memory).await;
    let mira = Browser::signed_in(&site, "mira").await;
    let tomas = Browser::signed_in(&site, "tomas").await;
    let (theirs, nobodys) = (mira.id().await, "A".repeat(22));
    for id in [theirs.as_str(), nobodys.as_str(), "nothing", ""] {
        let page = tomas.press("id", id).await;
        assert_eq!((page.status.as_u16(), page.url.path()), (200, PATH), "{page:?}");
    }
    for id in [theirs.as_str(), nobodys.as_str(), "nothing"] {
        let (status, answer) = tomas.fetch(Method::DELETE, &format!("/api/sessions/{id}")).await;
        assert_eq!(
            (status, &answer["error"]),
            (404, &json!("no_such_session")),
            "{id}"
        );
    }
    assert!(mira.is_signed_in().await && tomas.is_signed_in().await);
}

#[tokio::test]
async fn a_form_of_another_site_ends_nothing() {
    let site = Site::set_up(in_memory).await;
    let mira = Browser::signed_in(&site, "mira").await;
    let cookies = mira.agent.cookies(&site.at("/")).into_iter();
    let cookies: Vec<_> = cookies.map(|(name, value)| format!("{name}={value}")).collect();
    let form = format!("id={}", mira.id().await);
    let client = Client::builder().no_proxy().build().unwrap();
    for path in ["/sessions/end", "/sessions/end-all"] {
        let post = client
            .post(site.at(path))
            .header(COOKIE, cookies.join("; "))
            .header(ORIGIN, "https://evil.example")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        assert_eq!(
            post.body(form.clone()).send().await.unwrap().status(),
            403,
            "{path}"
        );
    }
    assert!(mira.is_signed_in().await);
}

#[tokio::test]
async fn sign_out_everywhere_ends_all_of_one_person() {
    let set_ups: [fn(Builder) -> Builder; 2] = [in_memory, std::convert::identity];
    for set_up in set_ups {
        let site = Site::set_up(set_up).await;
        let mira = [
            Browser::signed_in(&site, "mira").await,
            Browser::signed_in(&site, "mira").await,
        ];
        let tomas = Browser::signed_in(&site, "tomas").await;
        site.advance(1);
        let page = mira[0].press("all", "true").await;
        assert!(page.body.contains("You are not signed in"), "{page:?}");
        for browser in &mira {
            assert!(!browser.is_signed_in().await);
        }
        assert!(tomas.is_signed_in().await);
        assert!(Browser::signed_in(&site, "mira").await.is_signed_in().await);
    }
}

#[tokio::test]
async fn scripts_end_a_session_once() {
    let site = Site::set_up(in_memory).await;
    let (lost, kept) = (
        Browser::signed_in(&site, "mira").await,
        Browser::signed_in(&site, "mira").await,
    );
    let path = format!("/api/sessions/{}", lost.id().await);
    assert_eq!(kept.fetch(Method::DELETE, &path).await.0, 204);
    assert!(!lost.is_signed_in().await);
    assert_eq!(kept.fetch(Method::DELETE, &path).await.0, 404);
    let nobody = Site::start().await;
    for (method, path) in [(Method::GET, "/api/sessions"), (Method::DELETE, &*path)] {
        assert_eq!(nobody.fetch(method, path, None).await.0, 401);
    }
}

#[tokio::test]
async fn without_a_list_the_page_says_so_and_signs_out_everywhere_alone() {
    let site = Site::start().await;
    let mira = Browser::signed_in(&site, "mira").await;
    let page = mira.list().await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("This site keeps no list"), "{page:?}");
    assert_eq!(
        (count(&page, "name=\"id\""), count(&page, "name=\"all\"")),
        (0, 1)
    );
    let one = format!("/api/sessions/{}", "A".repeat(22));
    for (method, path) in [(Method::GET, "/api/sessions"), (Method::DELETE, &*one)] {
        let (status, answer) = mira.fetch(method, path).await;
        assert_eq!(
            (status, &answer["error"]),
            (501, &json!("store_cannot")),
            "{path}"
        );
    }
}

#[tokio::test]
async fn where_other_machines_cannot_be_told_the_page_says_so() {
    let site = Site::set_up(|settings| settings.multiple_instances(true)).await;
    let mira = Browser::signed_in(&site, "mira").await;
    let page = mira.press("all", "true").await;
    assert_eq!(page.status, 500);
    assert!(
        page.body.contains("You are signed out in this browser"),
        "{page:?}"
    );
    assert!(!mira.is_signed_in().await);
}

/// Memory, which ends no session as long as that is set.
struct Stuck {
    store: MemoryStore,
    is_stuck: Arc<AtomicBool>,
}

impl SessionStore for Stuck {
    fn get(&self, key: StoreKey) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        self.store.get(key)
    }

    fn create(&self, key: StoreKey, new: NewRecord) -> BoxFuture<'_, Result<Created, StoreError>> {
        self.store.create(key, new)
    }

    fn update(
        &self,
        key: StoreKey,
        expected: Revision,
        record: Record,
    ) -> BoxFuture<'_, Result<Updated, StoreError>> {
        self.store.update(key, expected, record)
    }

    fn delete(&self, key: StoreKey, at_least: Duration) -> BoxFuture<'_, Result<(), StoreError>> {
        if self.is_stuck.load(Ordering::Relaxed) {
            return Box::pin(ready(Err(StoreError::other("stuck"))));
        }
        self.store.delete(key, at_least)
    }

    fn coordinated(&self) -> Option<&dyn Coordinated> {
        self.store.coordinated()
    }
}

#[tokio::test]
async fn an_end_that_is_not_certain_is_said_to_be_so() {
    let is_stuck = Arc::new(AtomicBool::new(false));
    let store = Stuck {
        store: MemoryStore::new(),
        is_stuck: is_stuck.clone(),
    };
    let site = Site::set_up(|settings| settings.store(store)).await;
    let (lost, kept) = (
        Browser::signed_in(&site, "mira").await,
        Browser::signed_in(&site, "mira").await,
    );
    let other = Browser::signed_in(&site, "tomas").await;
    let id = lost.id().await;
    is_stuck.store(true, Ordering::Relaxed);
    for (button, value, words) in [
        ("id", &*id, "could not make sure that the session is over"),
        ("all", "true", "You are signed out in this browser"),
    ] {
        let page = kept.press(button, value).await;
        assert_eq!(page.status, 503);
        assert!(page.body.contains(words), "{page:?}");
        assert!(!lost.is_signed_in().await, "here it is over");
    }
    assert!(!kept.is_signed_in().await);
    let page = other.agent.visit(&site.at("/api/auth/signout")).await;
    assert_eq!(page.status, 503);
    assert!(page.body.contains("The sign-out is not certain"), "{page:?}");
    assert!(!other.is_signed_in().await);
}
