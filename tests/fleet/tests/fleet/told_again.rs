//! What processes tell each other of sessions that are over outlives the Redis that had it.

use stores::Server;

use crate::mode::Mode;
use crate::people::People;
use crate::site::{Fleet, until};

in_mode!(
    in_cookies,
    "cookies",
    what_is_over_is_told_again_to_a_redis_that_lost_it
);

/// How many entries its logs have.
fn told(redis: &Server) -> i64 {
    let names = redis.ask(&["SCAN", "0", "TYPE", "stream", "COUNT", "1000"]);
    let [_, names] = <[stores::Reply; 2]>::try_from(names.several()).unwrap();
    let length = |name: stores::Reply| redis.ask(&["XLEN", &name.text()]).text();
    let lengths = names.several().into_iter().map(length);
    lengths.map(|length| length.parse::<i64>().unwrap()).sum()
}

async fn what_is_over_is_told_again_to_a_redis_that_lost_it(mode: Mode) {
    let mut redis = Server::start();
    let mut fleet = Fleet::of(mode, &redis).await;
    let people = People::of(&fleet).await;
    assert!(told(&redis) > 0);
    redis.kill();
    fleet.comes_to(&people.ada, 503).await;
    redis.start_again();
    fleet.comes_to(&people.ada, 200).await;
    until("it is told again", async || told(&redis) > 0).await;

    // Who starts now knows what the others tell, and nothing else.
    fleet.start_anew(0);
    assert_eq!(fleet.ask(&people.thief).await, [401; 3]);
    assert_eq!(fleet.ask(&people.ada).await, [200; 3]);
}
