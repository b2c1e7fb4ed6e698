//! What the operator reads where a process does not hear, or does not understand, what is over. The names of these events
//! are an interface.

use super::eventually;
use super::faulty::Weather;
use super::fleet::{Fleet, Process};
use crate::fixtures::{OTHER_SECRET, events};

/// Those about the log among the events.
fn of_the_log(events: &[String]) -> Vec<&str> {
    let events = events.iter().map(String::as_str);
    events.filter(|event| event.contains(".log_")).collect()
}

async fn status(process: &Process, cookies: &str) -> u16 {
    process.get("/api/me", cookies).await.status.as_u16()
}

async fn signed_in(fleet: &Fleet, process: &Process) -> String {
    let cookies = process.sign_in(fleet, "mira").await.cookies();
    assert!(process.lets_in(&cookies).await);
    cookies
}

#[tokio::test]
async fn a_silence_is_told_once_and_so_is_its_end() {
    let fleet = Fleet::in_cookies().await;
    let process = fleet.process();
    let cookies = signed_in(&fleet, &process).await;
    process.store.weather(Weather::Down);
    let ((), silent) = events(async {
        // As long as it takes for many reads to fail.
        for _ in 0..600 {
            if status(&process, &cookies).await == 503 {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        panic!("it is still let in");
    })
    .await;
    assert_eq!(of_the_log(&silent), ["ERROR monocloud.logout.log_silent"]);
    process.store.weather(Weather::Fine);
    let back = eventually(async || status(&process, &cookies).await == 200);
    let ((), back) = events(back).await;
    assert_eq!(of_the_log(&back), ["INFO monocloud.logout.log_back"]);
}

#[tokio::test]
async fn a_log_that_is_lost_is_told() {
    let fleet = Fleet::in_cookies().await;
    let process = fleet.process();
    let cookies = signed_in(&fleet, &process).await;
    assert_eq!(process.get("/api/auth/signout", &cookies).await.status, 303);
    let late = fleet.process();
    let lost = async {
        process.store.lose_the_log().await;
        // It tells again what it knows.
        eventually(async || !late.lets_in(&cookies).await).await;
    };
    let ((), lost) = events(lost).await;
    assert_eq!(of_the_log(&lost), ["WARN monocloud.logout.log_lost"]);
}

/// Once by each process, whatever comes: it is the secrets of some that are wrong, or the version.
#[tokio::test]
async fn what_cannot_be_read_is_told_once() {
    let fleet = Fleet::in_cookies().await;
    let ours = || fleet.process();
    let theirs = || fleet.process_with(|settings| settings.cookie_secret(OTHER_SECRET));
    let (our_first, their_first) = (ours(), theirs());
    let our_session = signed_in(&fleet, &our_first).await;
    let their_session = signed_in(&fleet, &their_first).await;
    let unreadable = async {
        for _ in 0..2 {
            let another = signed_in(&fleet, &their_first).await;
            let out = their_first.get("/api/auth/signout", &another).await;
            assert_eq!(out.status, 303);
        }
        // What comes behind is heard after all of that.
        for (first, second, session) in [
            (&our_first, ours(), &our_session),
            (&their_first, theirs(), &their_session),
        ] {
            assert_eq!(second.get("/api/auth/signout", session).await.status, 303);
            eventually(async || !first.lets_in(session).await).await;
        }
    };
    let ((), unreadable) = events(unreadable).await;
    let told = of_the_log(&unreadable);
    assert_eq!(
        told, ["ERROR monocloud.logout.log_unreadable"; 4],
        "{unreadable:?}"
    );
}
