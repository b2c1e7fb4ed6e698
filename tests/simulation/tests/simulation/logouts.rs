//! What the issuer says is over, and how it tells the site.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use futures_util::future::join;
use http::Request;
use http::header::CONTENT_TYPE;
use tokio::time::Instant;
use tower::ServiceExt as _;

use crate::browser::{Browser, LIMIT};
use crate::invariants;
use crate::issuer::ISSUER;
use crate::process::{Process, Site};
use crate::told::Told;
use crate::trouble::{By, Logout, Whose};
use crate::world::World;

/// The issuer gives up by then: tokens are refused for their age.
const FRESH: i64 = 500;

/// A process that died holds a logout for less.
const LEASE: Duration = Duration::from_secs(16);

/// What the issuer says meanwhile.
pub(crate) async fn carry_out(site: &Site, browsers: &[Browser], logouts: &[Logout]) {
    for logout in logouts {
        tokio::time::sleep(Duration::from_millis(logout.after.into())).await;
        let session = match logout.whose {
            Whose::Browser(number) => browsers[number % browsers.len()]
                .jar()
                .held
                .map(|held| held.session),
            Whose::Next => next(site).await,
        };
        let Some(session) = session else { continue };
        if logout.by == By::FrontChannel {
            embedded(site, session, logout.tries).await;
            continue;
        }
        let number = said(&site.world, session, logout);
        let mut tries = logout.tries;
        while tries > 0 {
            tries -= 1;
            let first = tell(site, site.any(), number);
            let is_done = if logout.twice {
                let (first, second) = join(first, tell(site, site.any(), number)).await;
                first || second
            } else {
                first.await
            };
            if is_done {
                tries = tries.min(1);
            }
            site.world.chance.dither().await;
        }
    }
}

/// The next sign-in that the issuer hears of, if there is one soon.
async fn next(site: &Site) -> Option<u32> {
    let before = site.world.issuer.newest();
    for _ in 0..600 {
        let newest = site.world.issuer.newest();
        if newest != before {
            return newest;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    None
}

/// Says it once more, since faults are over.
pub(crate) async fn complete(site: &Site) {
    let left: Vec<_> = {
        let state = site.world.logouts.state();
        (0..state.told.len())
            .filter(|number| !state.told[*number].is_done)
            .collect()
    };
    for number in left {
        for _ in 0..3 {
            let is_fresh = {
                let told = &site.world.logouts.state().told[number];
                (site.world.now() - told.issued_at).abs() < FRESH && told.heard == 0
            };
            if !is_fresh || tell(site, site.any(), number).await {
                break;
            }
            tokio::time::sleep(LEASE).await;
        }
        let told = &site.world.logouts.state().told[number];
        if (site.world.now() - told.issued_at).abs() < FRESH && told.heard == 0 {
            let how = "a logout cannot be completed, though nothing is wrong any more";
            site.world.ledger.broke(invariants::JTI, how);
        }
        if told.is_done {
            site.world.ledger.saw("a logout is completed by its retry");
        }
    }
}

/// The issuer makes a logout token. From now on what it is about may end.
fn said(world: &Arc<World>, session: u32, logout: &Logout) -> usize {
    let (ledger, mut state) = (&world.ledger, world.logouts.state());
    let number = state.told.len();
    let (token, sub) = world
        .issuer
        .logout_token(session, logout.by, &format!("jti{number}"));
    ledger.note(format_args!(
        "issuer ends s{session} of {sub} by {:?}, jti{number}",
        logout.by
    ));
    let told = Told {
        token,
        session,
        sub,
        by: logout.by,
        issued_at: world.now(),
        said_at: Instant::now(),
        is_done: false,
        begun_at: None,
        heard: 0,
        under_way: Vec::new(),
        hooks: logout.hooks.iter().copied().collect(),
    };
    for (session, facts) in &mut ledger.state().sessions {
        if told.is_about(*session, facts.sub, facts.issued_at) {
            facts.is_named("the issuer says so");
        }
    }
    state.told.push(told);
    number
}

/// Tells a process. Says whether it is done.
async fn tell(site: &Site, process: Process, number: usize) -> bool {
    let (world, ledger) = (&site.world, &site.world.ledger);
    world.chance.dither().await;
    let (token, was_done) = {
        let told = &world.logouts.state().told[number];
        (told.token.clone(), told.is_done)
    };
    let request = Request::post("/api/auth/backchannel-logout")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(format!("logout_token={token}")))
        .expect("a request");
    let life = process.life.number();
    let Some(status) = answered(site, &process, request).await else {
        return false;
    };
    ledger.note(format_args!("issuer tells p{life} jti{number}: {status}"));
    let mut state = world.logouts.state();
    let told = &mut state.told[number];
    match status {
        200 => {
            if was_done {
                ledger.broke(invariants::JTI, "a logout token is taken twice");
            }
            if told.heard == 0 {
                ledger.broke(
                    invariants::JTI,
                    "a logout is done, and the application was not told",
                );
            }
            told.is_done = true;
        }
        400 if was_done => ledger.saw("a logout token comes again"),
        400 => ledger.saw("a logout is not taken"),
        other => ledger.broke(invariants::JTI, format_args!("a logout is answered {other}")),
    }
    status == 200
}

/// A page of the issuer embeds the site's, so many times where it is not done.
async fn embedded(site: &Site, session: u32, tries: u8) {
    let ledger = &site.world.ledger;
    ledger.note(format_args!("issuer ends s{session} in the front channel"));
    ledger.is_named(session, "a page of the issuer says so");
    for _ in 0..tries {
        let begun = Instant::now();
        let is_kept = ledger
            .state()
            .sessions
            .get(&session)
            .is_some_and(|facts| facts.kept_at.is_some());
        let request = Request::get(format!(
            "/api/auth/frontchannel-logout?iss={ISSUER}&sid=s{session}"
        ))
        .header("sec-fetch-site", "cross-site")
        .header("sec-fetch-mode", "navigate")
        .header("sec-fetch-dest", "iframe")
        .body(Body::empty())
        .expect("a request");
        if answered(site, &site.any(), request).await == Some(200) {
            if is_kept {
                let sure = ledger.sure_since(begun);
                ledger.learn(session, |facts| facts.ends(sure, Instant::now()));
            }
            return;
        }
    }
}

async fn answered(site: &Site, process: &Process, request: Request<Body>) -> Option<u16> {
    let answer = process.life.outlived(process.app.clone().oneshot(request));
    if let Ok(answer) = tokio::time::timeout(LIMIT, answer).await {
        return answer.map(|answer| answer.expect("a router answers").status().as_u16());
    }
    site.world
        .ledger
        .broke(invariants::ENDS, "the issuer has no answer to a logout");
    None
}
