//! Three processes of one site that share a Redis, with sessions in it or beside sessions in cookies, as far as processes can
//! tell: each has a client, a store and connections of its own.

use std::collections::BTreeSet;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures_util::future::join_all;
use monocloud_runtime::settings::{Builder, SessionsIn};
use monocloud_runtime::testing::Clock;
use reqwest::Method;
use serde_json::json;
use stores::Server;
use support::{Served, UserAgent};

use crate::site::{Client, Extra, Site, offline, refreshes};

const REQUESTS: usize = 500;

/// How long the provider's access tokens last, in seconds.
const LIFETIME: i64 = 3_600;

/// Where sessions are.
const PLACES: [SessionsIn; 2] = [SessionsIn::Redis, SessionsIn::Cookies];

struct Fleet {
    site: Site,
    others: [Served; 2],
    redis: Server,
}

impl Fleet {
    async fn start(place: SessionsIn, extra: Extra, change: impl Fn(Builder) -> Builder) -> Self {
        let redis = Server::start();
        let shared = |app: Builder| {
            change(app)
                .redis(redis.url())
                .sessions_in(place)
                .multiple_instances(true)
        };
        let site = Site::with(Client::default(), extra, shared).await;
        let other = async || {
            let auth = shared(site.settings()).app_url(&site.app.url).build().unwrap();
            support::listen().await.serve(support::app(&auth))
        };
        let others = [other().await, other().await];
        Self { site, others, redis }
    }

    fn each(&self) -> [&Served; 3] {
        [&self.site.app, &self.others[0], &self.others[1]]
    }

    /// At how many of the three somebody is signed in.
    async fn count_in(&self, agent: &UserAgent) -> usize {
        let pages = join_all(self.each().map(|app| {
            let url = app.at("/");
            async move { agent.visit(&url).await }
        }));
        let pages = pages.await;
        assert!(pages.iter().all(|page| page.status == 200), "{pages:?}");
        let is_in = |page: &&support::Page| page.body.starts_with("home: signed in");
        pages.iter().filter(is_in).count()
    }

    /// The same, where it becomes so many within a second.
    async fn count_in_soon(&self, agent: &UserAgent, expected: usize) -> usize {
        let began = Instant::now();
        loop {
            let count = self.count_in(agent).await;
            if count == expected || began.elapsed() > Duration::from_secs(1) {
                return count;
            }
        }
    }
}

/// What a process answers at last that hears nothing any more: with sessions in cookies, for a while they are good still.
async fn refused_soon(agent: &UserAgent, url: &str) -> support::Page {
    let began = Instant::now();
    loop {
        let page = agent.visit(url).await;
        if page.status != 200 || began.elapsed() > Duration::from_secs(8) {
            return page;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn with_logout(extra: Extra) -> Extra {
    let mut provider = extra.provider.clone();
    provider["features"]["backchannelLogout"] = json!({ "enabled": true });
    let mut client = extra.client.clone();
    client["backchannel_logout_session_required"] = true.into();
    Extra {
        client,
        provider,
        ..extra
    }
}

/// Somebody else's browser with a copy of the cookies.
fn copy(fleet: &Fleet, agent: &UserAgent) -> UserAgent {
    let copy = UserAgent::new();
    for (name, value) in agent.cookies(&fleet.site.app.url) {
        copy.set_cookie(&fleet.site.app.url, &format!("{name}={value}; Path=/"));
    }
    copy
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_requests_at_three_processes_are_one_refresh_and_sign_nobody_out() {
    for place in PLACES {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let clock = Clock::fixed(i64::try_from(now.as_secs()).unwrap());
        let extra = Extra::with_refresh_tokens();
        let mut fleet = Fleet::start(place, extra, |app| offline(app).clock(clock.clone())).await;
        let agent = UserAgent::new();
        fleet.site.sign_in(&agent, "/dashboard", "ada").await;
        clock.advance(LIFETIME);
        let requests = (0..REQUESTS).map(|number| {
            let (agent, url) = (&agent, fleet.each()[number % 3].at("/api/tokens?"));
            async move { agent.fetch(Method::GET, &url).await }
        });
        let answers = join_all(requests).await;
        let refused: Vec<_> = answers.iter().filter(|answer| answer.status != 200).collect();
        assert!(refused.is_empty(), "{} of them: {:?}", refused.len(), refused[0]);
        let distinct: BTreeSet<_> = answers
            .iter()
            .map(|answer| answer.json()["access_token"].to_string())
            .collect();
        assert_eq!(distinct.len(), 1);
        assert_eq!(refreshes(&mut fleet.site.peer), 1);

        // The provider took none of them for stolen.
        tokio::time::sleep(Duration::from_millis(1_050)).await;
        let again = fleet.site.tokens(&agent, Method::POST, &[]).await;
        assert_eq!((again.status.as_u16(), refreshes(&mut fleet.site.peer)), (200, 2));
        let renewed = again.json()["access_token"].clone();
        for app in &fleet.others {
            let given = agent.fetch(Method::GET, &app.at("/api/tokens?")).await;
            assert_eq!(given.json()["access_token"], renewed, "{given:?}");
        }
        assert_eq!(fleet.count_in(&agent).await, 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_that_reaches_one_process_is_heard_by_all_within_a_second() {
    for place in PLACES {
        let fleet = Fleet::start(place, with_logout(Extra::default()), |app| app).await;
        let (ada, ben) = (UserAgent::new(), UserAgent::new());
        fleet.site.sign_in(&ada, "/dashboard", "ada").await;
        fleet.site.sign_in(&ben, "/dashboard", "ben").await;
        let thief = copy(&fleet, &ada);
        assert_eq!(fleet.count_in(&thief).await, 3);
        let question = ada
            .visit(&format!("{}/session/end", fleet.site.peer.issuer))
            .await;
        let said = Instant::now();
        ada.submit(&question, &[("logout", "yes")]).await;
        assert_eq!(fleet.count_in_soon(&thief, 0).await, 0, "{place:?}");
        assert!(said.elapsed() < Duration::from_secs(1), "{:?}", said.elapsed());
        assert_eq!(fleet.count_in(&ada).await, 0);
        assert_eq!(fleet.count_in(&ben).await, 3, "somebody else's session goes on");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_out_at_one_process_holds_at_all_and_a_redis_that_is_gone_lets_nobody_in() {
    for place in PLACES {
        let mut fleet = Fleet::start(place, Extra::default(), |app| app.federated_sign_out(false)).await;
        let (ada, ben) = (UserAgent::new(), UserAgent::new());
        fleet.site.sign_in(&ada, "/dashboard", "ada").await;
        fleet.site.sign_in(&ben, "/dashboard", "ben").await;
        let thief = copy(&fleet, &ada);
        ada.visit(&fleet.others[1].at("/api/auth/signout")).await;
        assert_eq!(fleet.count_in_soon(&thief, 0).await, 0, "{place:?}");
        assert_eq!(fleet.count_in(&ben).await, 3);

        fleet.redis.kill();
        for app in fleet.each() {
            let page = refused_soon(&ben, &app.at("/dashboard")).await;
            assert_eq!(page.status, 503, "{place:?}: {page:?}");
            assert!(page.header("retry-after").is_some(), "{page:?}");
        }
    }
}

/// With sessions in cookies. What no process knows any more is lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_lost_its_data_is_told_again_what_is_over() {
    let unfederated = |app: Builder| app.federated_sign_out(false);
    let fleet = Fleet::start(SessionsIn::Cookies, Extra::default(), unfederated).await;
    let ada = UserAgent::new();
    fleet.site.sign_in(&ada, "/dashboard", "ada").await;
    let thief = copy(&fleet, &ada);
    ada.visit(&fleet.others[1].at("/api/auth/signout")).await;
    assert_eq!(fleet.count_in_soon(&thief, 0).await, 0);

    fleet.redis.ask(&["FLUSHALL"]);
    let began = Instant::now();
    let is_told = || {
        let keys = fleet.redis.ask(&["KEYS", "*:l"]).several();
        !keys.is_empty()
    };
    while !is_told() {
        assert_eq!(fleet.count_in(&thief).await, 0, "nobody forgets it");
        assert!(began.elapsed() < Duration::from_secs(5), "nobody tells it again");
    }
    let app = fleet.site.settings().redis(fleet.redis.url());
    let app = app.sessions_in(SessionsIn::Cookies).app_url(&fleet.site.app.url);
    let later = support::listen().await.serve(support::app(&app.build().unwrap()));
    let page = thief.visit(&later.at("/")).await;
    assert!(page.body.starts_with("home: signed out"), "{page:?}");
}
