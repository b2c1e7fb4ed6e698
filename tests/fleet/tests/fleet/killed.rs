//! A process dies in the middle of a refresh. The next request recovers at another one, or signs in again.

use std::sync::Arc;
use std::time::Duration;

use fleet::Relay;
use stores::Server;
use support::UserAgent;
use url::Url;

use crate::mode::Mode;
use crate::site::{Fleet, Setup, status, until};

in_each_mode!(
    a_process_killed_before_the_answer_reaches_it_leaves_a_session_that_goes_on,
    a_process_killed_before_it_keeps_the_answer_leaves_a_session_that_goes_on,
    a_process_killed_once_the_answer_is_kept_has_refreshed_for_all,
);

/// How long an access token lasts, in seconds.
const LIFETIME: u32 = 3;

/// So long that nobody finds it is time for the next one while it is looked for.
const LONG_LIFETIME: u32 = 20;

struct Scene {
    _redis: Server,
    /// To the Redis of the first process.
    relay: Relay,
    fleet: Fleet,
    agent: Arc<UserAgent>,
    lifetime: u32,
}

impl Scene {
    async fn set(mode: Mode, lifetime: u32) -> Self {
        let redis = Server::start();
        let relay = Relay::to(redis.port()).await;
        let mut setup = Setup::at(mode, &redis.url());
        setup.redis[0] = format!("redis://127.0.0.1:{}", relay.port());
        let mut fleet = Fleet::start(setup).await;
        fleet.peer.access_token_lifetime(lifetime);
        let agent = Arc::new(UserAgent::new());
        fleet.sign_in(&agent, "ada-byron").await;
        // From here on the Redis knows all of the scripts.
        fleet.front.only(Some(0));
        let refreshed = fleet.refresh(&agent).await;
        assert_eq!(refreshed.status, 200, "{refreshed:?}");
        // Until then it would do for the next one.
        tokio::time::sleep(Duration::from_millis(1_050)).await;
        Self {
            _redis: redis,
            relay,
            fleet,
            agent,
            lifetime,
        }
    }

    /// The first process begins a refresh, and is killed after the provider has answered it and `until` has come.
    async fn kill(&mut self, answered: impl AsyncFnOnce(&Relay, fleet::Held)) {
        let mut held = self.fleet.gate.hold_refresh();
        let (agent, url) = (Arc::clone(&self.agent), self.fleet.front.at("/api/tokens?"));
        let asked = tokio::spawn(async move { agent.fetch(reqwest::Method::POST, &url).await });
        held.is_here().await;
        answered(&self.relay, held).await;
        self.fleet.processes[0].kill();
        assert_eq!(asked.await.unwrap().status, 502, "nobody was told");
        let [_, left @ ..] = &self.fleet.processes;
        self.fleet
            .front
            .lead_to(left.iter().map(|process| process.url.clone()).collect());
        self.fleet.front.only(None);
    }

    fn last_access_token(&self) -> String {
        let told = self.fleet.gate.tokens();
        let answer: serde_json::Value = serde_json::from_str(told.last().unwrap()).unwrap();
        answer["access_token"].as_str().unwrap().to_owned()
    }

    /// Whatever is asked for meanwhile, at either of those that are left, is never an error of theirs; and there is an end
    /// to it: tokens that are good, if need be after a sign-in.
    async fn goes_on(&self) {
        let (fleet, agent) = (&self.fleet, &*self.agent);
        tokio::time::sleep(Duration::from_secs(self.lifetime.into())).await;
        let mut last = 0;
        until("tokens, or an end of the session", async || {
            let page = agent.visit(&fleet.front.at("/dashboard")).await;
            assert_eq!(status(&page), 200, "{page:?}");
            let asked = [fleet.tokens(agent, 1).await, fleet.tokens(agent, 2).await];
            let [one, other] = asked.each_ref().map(status);
            assert!([200, 401, 503].contains(&one), "{asked:?}");
            assert!([200, 401, 503].contains(&other), "{asked:?}");
            last = one;
            one == other && one != 503
        })
        .await;
        if last == 401 {
            fleet.sign_in_again(agent).await;
        }
        let after = fleet.refresh(agent).await;
        assert_eq!(after.status, 200, "{after:?}");
        let page = agent.visit(&fleet.front.at("/dashboard")).await;
        assert_eq!(page.body, "dashboard of Ada Byron");
        assert_eq!(page.trail.len(), 1, "without a way round: {page:?}");
    }
}

async fn a_process_killed_before_the_answer_reaches_it_leaves_a_session_that_goes_on(mode: Mode) {
    let mut scene = Scene::set(mode, LIFETIME).await;
    scene.kill(async |_, held| drop::<fleet::Held>(held)).await;
    scene.goes_on().await;
    scene.fleet.refreshes();
}

async fn a_process_killed_before_it_keeps_the_answer_leaves_a_session_that_goes_on(mode: Mode) {
    let mut scene = Scene::set(mode, LIFETIME).await;
    let before_it_is_kept = async |relay: &Relay, held: fleet::Held| {
        relay.lose_what_is_asked();
        held.go_on();
        relay.has_lost().await;
    };
    scene.kill(before_it_is_kept).await;
    scene.goes_on().await;
    scene.fleet.refreshes();
}

async fn a_process_killed_once_the_answer_is_kept_has_refreshed_for_all(mode: Mode) {
    let mut scene = Scene::set(mode, LONG_LIFETIME).await;
    let once_it_is_kept = async |relay: &Relay, held: fleet::Held| {
        relay.lose_what_is_answered();
        held.go_on();
        relay.has_lost().await;
    };
    scene.kill(once_it_is_kept).await;
    let brought = scene.last_access_token();
    if mode.is_store() {
        for at in [1, 2] {
            let given = scene.fleet.tokens(&scene.agent, at).await;
            assert_eq!(given.json()["access_token"], brought, "{given:?}");
        }
    } else {
        // The cookie has one that is good still: who asks for a newer one gets what was brought.
        let given = scene.fleet.refresh(&scene.agent).await;
        assert_eq!(given.json()["access_token"], brought, "{given:?}");
    }
    scene.goes_on().await;
    let trail: Vec<Url> = scene.agent.visit(&scene.fleet.front.at("/dashboard")).await.trail;
    assert_eq!(trail.len(), 1, "nobody signed in again: {trail:?}");
    scene.fleet.refreshes();
}
