//! What somebody has who has all of the Redis.

use std::collections::BTreeSet;
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use reqwest::Method;
use serde_json::Value;
use stores::{Reply, Server};
use support::UserAgent;

use crate::forms::is_in;
use crate::mode::Mode;
use crate::site::{CLIENT_SECRET, COOKIE_SECRET, Fleet, Setup};

in_each_mode!(a_dump_of_the_redis_yields_no_token_no_claim_and_nothing_that_opens_a_session);

async fn a_dump_of_the_redis_yields_no_token_no_claim_and_nothing_that_opens_a_session(mode: Mode) {
    // What is compressed would not be found.
    let redis = Server::with("rdbcompression no\n");
    let fleet = Fleet::start(Setup::patient(mode, &redis)).await;
    let agents = ["ada-byron", "ada-byron", "ben-okri"].map(|account| (account, UserAgent::new()));
    for (account, agent) in &agents {
        fleet.sign_in(agent, account).await;
        assert_eq!(fleet.refresh(agent).await.status, 200);
    }
    let [(_, ada), (_, leaves), (_, is_told)] = &agents;
    let cookies: Vec<_> = agents
        .iter()
        .flat_map(|(_, agent)| fleet.cookies(agent))
        .collect();
    let session_cookie = cookies.iter().find(|(name, _)| name.contains("session")).unwrap();
    assert!(fleet.sign_out(leaves).await);
    fleet.sign_out_at_provider(is_told).await;
    fleet.is_over(is_told).await;
    // A refresh under way, and tokens that are asked for meanwhile.
    let refreshing = UserAgent::new();
    fleet.sign_in(&refreshing, "ben-okri").await;
    let mut held = fleet.gate.hold_refresh();
    let dumped = async {
        held.is_here().await;
        assert_eq!(fleet.tokens(ada, 1).await.status, 200);
        let values = values_of(&redis);
        let file = file_of(&redis);
        held.go_on();
        (values, file)
    };
    let ((values, file), refreshed) = tokio::join!(dumped, fleet.refresh(&refreshing));
    assert_eq!(refreshed.status, 200, "it was under way: {refreshed:?}");
    assert!(values.len() > 10, "{values:?}");
    let dump = [values.join(&b"\n"[..]), file].concat();
    let mut secrets = told(&fleet);
    secrets.extend([CLIENT_SECRET, COOKIE_SECRET].map(str::to_owned));
    secrets.extend(cookies.iter().map(|(_, value)| value.clone()));
    for secret in &secrets {
        assert!(!is_in(secret, &dump), "the Redis has {secret}");
    }

    let name = &session_cookie.0;
    assert_eq!(fleet.ask(ada).await, [200; 3]);
    for value in candidates(&values) {
        let thief = UserAgent::new();
        thief.set_cookie(fleet.front.url(), &format!("{name}={value}; Path=/"));
        let page = thief.fetch(Method::GET, &fleet.front.at("/api/me")).await;
        assert_eq!(page.status, 401, "{value}: {page:?}");
    }
}

/// All names, fields and values.
fn values_of(redis: &Server) -> Vec<Vec<u8>> {
    let mut values = Vec::new();
    for name in redis.ask(&["KEYS", "*"]).several() {
        let name = name.text();
        let value = match &*redis.ask(&["TYPE", &name]).text() {
            "string" => redis.ask(&["GET", &name]),
            "hash" => redis.ask(&["HGETALL", &name]),
            "zset" => redis.ask(&["ZRANGE", &name, "0", "-1"]),
            "set" => redis.ask(&["SMEMBERS", &name]),
            "list" => redis.ask(&["LRANGE", &name, "0", "-1"]),
            "stream" => redis.ask(&["XRANGE", &name, "-", "+"]),
            other => panic!("{name} is a {other}"),
        };
        values.push(name.into_bytes());
        flatten(value, &mut values);
    }
    values
}

fn flatten(reply: Reply, into: &mut Vec<Vec<u8>>) {
    match reply {
        Reply::Several(replies) => replies.into_iter().for_each(|reply| flatten(reply, into)),
        Reply::Bytes(bytes) => into.push(bytes),
        other => into.push(other.text().into_bytes()),
    }
}

/// What is on its disk.
fn file_of(redis: &Server) -> Vec<u8> {
    redis.ask(&["SAVE"]);
    let folder = redis.ask(&["CONFIG", "GET", "dir"]).several().remove(1).text();
    let file = std::fs::read(Path::new(&folder).join("dump.rdb")).unwrap();
    assert!(file.starts_with(b"REDIS"));
    file
}

/// What the provider has told the site: tokens, and what stands in them.
fn told(fleet: &Fleet) -> BTreeSet<String> {
    let mut secrets = BTreeSet::new();
    let mut kinds = BTreeSet::new();
    for answer in fleet.gate.tokens() {
        let answer: Value = serde_json::from_str(&answer).unwrap();
        for kind in ["access_token", "refresh_token", "id_token"] {
            let token = answer[kind].as_str().unwrap_or_default();
            if token.is_empty() {
                continue;
            }
            kinds.insert(kind);
            secrets.extend(token.split('.').map(str::to_owned));
            let claims = token
                .split('.')
                .nth(1)
                .map(|claims| BASE64_URL_SAFE_NO_PAD.decode(claims));
            if let Some(Ok(claims)) = claims {
                let claims: Value = serde_json::from_slice(&claims).unwrap();
                for claim in ["sid", "nonce", "at_hash", "iss"] {
                    secrets.extend(claims[claim].as_str().map(str::to_owned));
                }
            }
        }
    }
    assert_eq!(kinds, ["access_token", "id_token", "refresh_token"].into());
    assert!(secrets.len() > 10, "{secrets:?}");
    let people = ["ada-byron", "ben-okri", "Ada Byron", "Ben Okri"];
    secrets.extend(people.map(str::to_owned));
    secrets.extend(["ada@example.com", "ben@example.com", "editor"].map(str::to_owned));
    secrets
}

/// What could be tried as a cookie: all there is, whole and in its parts, as it is and encoded.
fn candidates(values: &[Vec<u8>]) -> BTreeSet<String> {
    let mut candidates = BTreeSet::new();
    for value in values {
        candidates.insert(BASE64_URL_SAFE_NO_PAD.encode(value));
        if let Ok(text) = std::str::from_utf8(value) {
            let parts = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
            candidates.extend(parts.filter(|part| part.len() > 8).map(str::to_owned));
        }
    }
    candidates.retain(|candidate| candidate.len() < 3_500);
    assert!(candidates.len() > 10, "{candidates:?}");
    candidates
}
