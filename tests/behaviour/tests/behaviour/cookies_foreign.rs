//! Cookies that others put beside ours disturb nothing, whatever they are.

use axum::body::Body;
use http::{HeaderValue, Request};
use monocloud_runtime::testing::session_cookie;

use crate::fixtures::{app, at_rest, get, joined, mira, send, settings, three_chunks};

/// A request with each of these as a `Cookie` header of its own, as HTTP/2 may send them.
fn with_headers(path: &str, cookies: &[&[u8]]) -> Request<Body> {
    let mut request = Request::get(path).body(Body::empty()).unwrap();
    for cookie in cookies {
        request
            .headers_mut()
            .append("cookie", HeaderValue::from_bytes(cookie).unwrap());
    }
    request
}

#[tokio::test]
async fn cookies_that_are_no_text_are_passed_over() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth);
    let ours = session_cookie(&auth, mira());
    for foreign in [
        b"\xff\xfe=\xfd".as_slice(),
        b"a=\xc3\x28",
        b"=",
        b";;;",
        b"session",
        b"session.x=1",
        b"session.=1",
        b"session.01=1",
        b"session.100=1",
        b"sessions=1",
        b"Session=1",
        b" ",
        b"state.\xff=1",
    ] {
        let before = [foreign, b"; ", ours.as_bytes()].concat();
        let after = [ours.as_bytes(), b";", foreign].concat();
        let own_header: &[&[u8]] = &[foreign, ours.as_bytes(), foreign];
        for cookies in [&[before.as_slice()][..], &[after.as_slice()], own_header] {
            let answer = send(&app, with_headers("/page", cookies)).await;
            assert_eq!(answer.status, 200, "{}: {answer:?}", foreign.escape_ascii());
            assert!(
                answer.cookies().is_empty(),
                "{}: {answer:?}",
                foreign.escape_ascii()
            );
        }
    }
}

#[tokio::test]
async fn garbage_alone_is_nobody() {
    let (auth, _) = at_rest(settings());
    for cookie in [
        b"\xff\xfe".as_slice(),
        b"session=\xff\xff\xff\xff\xff",
        b"session=",
        b"session=;",
    ] {
        let answer = send(&app(&auth), with_headers("/", &[cookie])).await;
        let shown = cookie.escape_ascii();
        assert_eq!(
            (answer.status.as_u16(), answer.body.as_str()),
            (200, "signed out"),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn chunks_may_come_in_any_order_over_any_headers() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth);
    let chunks: Vec<Vec<u8>> = three_chunks(&auth)
        .into_iter()
        .map(|(name, value)| format!("{name}={value}").into_bytes())
        .collect();
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let split: Vec<&[u8]> = order.iter().map(|at| chunks[*at].as_slice()).collect();
        let line = split.join(b"; ".as_slice());
        let two = [[split[0], b"; ", split[1]].concat(), split[2].to_vec()];
        let two: Vec<&[u8]> = two.iter().map(Vec::as_slice).collect();
        for cookies in [split.as_slice(), &[line.as_slice()], &two] {
            let answer = send(&app, with_headers("/page", cookies)).await;
            assert_eq!(answer.status, 200, "{order:?}");
        }
    }
}

#[tokio::test]
async fn an_extra_chunk_beyond_the_sealed_count_disturbs_nothing() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth);
    for planted in ["session.1=x", "session.3=x", "session.9=x", "session.99=x"] {
        let one = session_cookie(&auth, mira());
        for cookies in [format!("{one}; {planted}"), format!("{planted}; {one}")] {
            let answer = get(&app, "/page", &[("cookie", &cookies)]).await;
            assert_eq!(answer.status, 200, "{planted}");
            assert!(answer.cookies().is_empty(), "{planted}: {answer:?}");
        }
    }
    let three = joined(&three_chunks(&auth));
    let answer = get(
        &app,
        "/page",
        &[("cookie", &format!("{three}; session.3=x; session.99=y"))],
    )
    .await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_planted_chunk_does_not_blow_up_the_answer() {
    let (auth, _) = at_rest(settings());
    // What could be ours is taken back, what could not is left alone, and nothing counts up to it.
    for (planted, names) in [
        ("session.99=x", &["session"][..]),
        ("session.9=x", &["session", "session.9"]),
    ] {
        for path in ["/update", "/destroy", "/api/auth/signout"] {
            let cookies = format!("{}; {planted}", session_cookie(&auth, mira()));
            let answer = get(&app(&auth), path, &[("cookie", &cookies)]).await;
            assert!(
                answer.status.is_success() || answer.status == 303,
                "{path}: {answer:?}"
            );
            let found: Vec<String> = answer.cookies().into_iter().map(|cookie| cookie.name).collect();
            assert_eq!(found, names, "{path} with {planted}");
        }
    }
}

#[tokio::test]
async fn an_ended_session_does_not_shadow_a_live_one() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth);
    let (ended, live) = (session_cookie(&auth, mira()), session_cookie(&auth, mira()));
    get(&app, "/destroy", &[("cookie", &ended)]).await;
    for cookies in [format!("{ended}; {live}"), format!("{live}; {ended}")] {
        let answer = get(&app, "/page", &[("cookie", &cookies)]).await;
        assert_eq!((answer.status.as_u16(), answer.cookies().len()), (200, 0));
    }
}

#[tokio::test]
async fn sign_out_ends_every_session_that_the_request_carries() {
    for path in ["/destroy", "/api/auth/signout"] {
        let (auth, _) = at_rest(settings());
        let app = app(&auth);
        let sessions = [session_cookie(&auth, mira()), session_cookie(&auth, mira())];
        get(&app, path, &[("cookie", &sessions.join("; "))]).await;
        for session in sessions {
            assert_eq!(
                get(&app, "/page", &[("cookie", &session)]).await.status,
                303,
                "{path}"
            );
        }
    }
}

#[tokio::test]
async fn a_planted_duplicate_disturbs_nothing() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth);
    let one = session_cookie(&auth, mira());
    for garbage in ["session=garbage", "session=", "session=AQEA", "session=AQMA"] {
        for cookies in [format!("{garbage}; {one}"), format!("{one}; {garbage}")] {
            let answer = get(&app, "/page", &[("cookie", &cookies)]).await;
            assert_eq!(answer.status, 200, "{garbage}");
            assert!(answer.cookies().is_empty(), "{garbage}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn planted_duplicates_of_any_chunks_on_either_side_disturb_nothing() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth);
    let ours = three_chunks(&auth);
    // For each chunk: no duplicate, one before it, one after it.
    for choice in 0..27_usize {
        let places = [choice % 3, choice / 3 % 3, choice / 9];
        let mut cookies = Vec::new();
        for (place, (name, value)) in places.into_iter().zip(&ours) {
            let planted = (name.clone(), value.chars().rev().collect::<String>());
            let own = (name.clone(), value.clone());
            match place {
                0 => cookies.push(own),
                1 => cookies.extend([planted, own]),
                _ => cookies.extend([own, planted]),
            }
        }
        let answer = get(&app, "/page", &[("cookie", &joined(&cookies))]).await;
        assert_eq!(answer.status, 200, "{places:?}");
    }
}

#[tokio::test]
async fn many_planted_duplicates_cost_a_bounded_effort() {
    let (auth, _) = at_rest(settings());
    let planted: Vec<String> = (0..400)
        .map(|n| format!("session=AQEA{n}; session.1={n}"))
        .collect();
    let answer = get(&app(&auth), "/", &[("cookie", &planted.join("; "))]).await;
    assert_eq!(
        (answer.status.as_u16(), answer.body.as_str()),
        (200, "signed out")
    );
    assert!(answer.cookies().len() <= 2, "{answer:?}");
}

/// Whoever asks can send anything: what it costs must not grow with its square.
#[tokio::test]
async fn many_planted_cookies_cost_little() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth);
    // Each claims to be the first of 32 chunks.
    let chunks = "session=ASAA; ".repeat(10_000);
    let transactions: Vec<String> = (0..10_000)
        .map(|number| format!("state.{number:016}=x"))
        .collect();
    let transactions = transactions.join("; ");
    let started = std::time::Instant::now();
    for cookies in [&chunks, &transactions] {
        for path in ["/page", "/api/auth/signout", "/api/auth/callback?code=x&state=y"] {
            let answer = get(&app, path, &[("cookie", cookies)]).await;
            assert!(!answer.status.is_server_error(), "{path}: {}", answer.status);
            assert!(
                answer.cookies().len() <= 32,
                "{path}: {} cookies",
                answer.cookies().len()
            );
        }
    }
    assert!(
        started.elapsed().as_secs() < 10,
        "it took {:?}",
        started.elapsed()
    );
}
