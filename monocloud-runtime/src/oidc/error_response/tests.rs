//! What is said of errors, and what is cut out of them.

use http::header::WWW_AUTHENTICATE;
use http::{Response, StatusCode};
use proptest::prelude::*;

use super::{Sent, cut, read, refused_authorization};

fn shown(status: u16, body: impl Into<Vec<u8>>, challenge: Option<&str>) -> String {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    if let Some(challenge) = challenge {
        let value = challenge.parse().expect("a header's value");
        response.headers_mut().insert(WWW_AUTHENTICATE, value);
    }
    read(&response, &Sent::default()).to_string()
}

#[test]
fn what_can_be_said_is_said() {
    for (body, words) in [
        (
            r#"{"error":"invalid_client","error_description":"wrong secret","error_uri":"https://x/1"}"#,
            "invalid_client: wrong secret (see https://x/1)",
        ),
        ("\u{feff}{\"error\":\"invalid_client\"}", "invalid_client"),
        (
            r#"{"error":null,"error_description":"down"}"#,
            "400 Bad Request: down",
        ),
        (
            r#"{"error":7,"message":"no such tenant"}"#,
            "400 Bad Request: no such tenant",
        ),
        (
            r#"{"error":{"code":400,"message":"API key not valid"}}"#,
            "400 Bad Request: API key not valid",
        ),
        (
            r#"{"errorCode":"E1","errorSummary":"Invalid app"}"#,
            "400 Bad Request: Invalid app",
        ),
        (
            r#"{"fault":{"faultstring":"Invalid client","detail":{"errorcode":"x"}}}"#,
            "400 Bad Request: Invalid client",
        ),
        (
            r#"{"errors":[{"code":7},{"message":"no such application"}]}"#,
            "400 Bad Request: no such application",
        ),
        (r#"{"Message":"not here"}"#, "400 Bad Request: not here"),
        (
            r#"{"error":"invalid_grant","error_reason":"code_not_found"}"#,
            "invalid_grant: code_not_found",
        ),
        (
            r#"{"error":"invalid_client","error_description":"cut off \ud83d","n":1e999}"#,
            "invalid_client: cut off \u{fffd}",
        ),
        (
            "error=invalid_grant&error_description=used+before",
            "invalid_grant: used before",
        ),
        ("no such client", "400 Bad Request: no such client"),
        ("", "400 Bad Request: the body is empty"),
        (
            "<!DOCTYPE html><html><head><TITLE>Blocked by\n WAF</title></head>",
            "400 Bad Request: a page with the title \"Blocked by WAF\"",
        ),
        ("<html></html>", "400 Bad Request: a page without a title"),
        (r#"{"access_token":"secret"}"#, "400 Bad Request"),
        ("[\"secret\"]", "400 Bad Request"),
        ("{\"secret", "400 Bad Request"),
    ] {
        assert_eq!(shown(400, body, None), words, "{body}");
    }
    assert_eq!(
        shown(400, *b"caf\xe9 closed", None),
        "400 Bad Request: caf\u{fffd} closed"
    );
}

#[test]
fn a_challenge_says_it_where_the_body_does_not() {
    let challenge = r#"Bearer realm="x", error="invalid_token", error_description="it \"expired\"""#;
    assert_eq!(shown(401, "", Some(challenge)), "invalid_token: it \"expired\"");
    assert_eq!(
        shown(401, r#"{"error":"token_expired"}"#, Some(challenge)),
        "token_expired: it \"expired\""
    );
}

#[test]
fn what_is_said_is_bounded_and_printable() {
    let long = "x".repeat(10_000);
    let response = refused_authorization(&long, Some("a\n\u{202e}b"), Some(&long), []);
    assert!(response.to_string().len() < 500);
    assert_eq!(response.description.as_deref(), Some("a b"));
}

#[test]
fn what_was_sent_is_cut_out_however_it_is_encoded() {
    let secret = "p+ss:w%rd &=ü";
    for text in [
        secret,
        "p%2Bss%3Aw%25rd+%26%3D%C3%BC",
        "p%2bss%3aw%25rd%20%26%3d%c3%bc",
        "p%252Bss%253Aw%2525rd%2520%2526%253D%25C3%25BC",
        "%70%2B%73%73%3A%77%25%72%64%20%26%3D%C3%BC",
        "p+ss:w%rd+&=%C3%BC",
    ] {
        assert_eq!(
            cut(&format!("is {text} known"), secret.as_bytes()),
            "is [cut] known",
            "{text}"
        );
    }
    let hidden: Sent<'_> = [secret.into()].into_iter().collect();
    assert_eq!(hidden.cut_out_of("p+ss:\u{200b}w%rd &=ü!", 100), "[cut]!");
    // The beginning of a long one is as telling.
    assert_eq!(
        cut("code abcdefghijkl… is old", b"abcdefghijklmnopqrstuvwxyz"),
        "code [cut]… is old"
    );
    assert_eq!(cut("code abcdefg", b"abcdefghijklmnopqrstuvwxyz"), "code abcdefg");
}

#[test]
fn a_secret_that_looks_encoded_is_cut_out_too() {
    for secret in ["%25", "a%25b", "%2525", "%%25%", "100%41", "%25%25"] {
        let once: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let twice: String = url::form_urlencoded::byte_serialize(once.as_bytes()).collect();
        for text in [secret, &once, &twice] {
            assert_eq!(
                cut(&format!("is {text} known"), secret.as_bytes()),
                "is [cut] known",
                "{secret} as {text}"
            );
        }
    }
}

proptest! {
    #[test]
    fn no_text_breaks_the_search(text in ".*", secret in ".{1,20}") {
        let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        for whole in [format!("{text}{secret}"), format!("{text}{encoded}{text}")] {
            let _ = cut(&whole, secret.as_bytes());
        }
        prop_assert_eq!(cut(&secret, secret.as_bytes()), "[cut]");
        prop_assert_eq!(cut(&encoded, secret.as_bytes()), "[cut]");
    }
}

#[test]
fn what_else_is_in_a_long_answer_hides_no_word_of_it() {
    let trace = "at com.example.Main ".repeat(5_000);
    let body =
        format!("{{\"trace\":\"{trace}\",\"error\":\"invalid_client\",\"error_description\":\"why\"}}");
    assert_eq!(shown(400, body, None), "invalid_client: why");
}

#[test]
fn a_redirect_says_where_it_leads() {
    let mut response = Response::new(b"<html><title>Moved</title></html>".to_vec());
    *response.status_mut() = StatusCode::MOVED_PERMANENTLY;
    let location = "https://new.example.test/x?code=the-code-that-was-sent";
    response.headers_mut().insert(
        http::header::LOCATION,
        location.parse().expect("a header's value"),
    );
    let sent = Sent::from_iter(["the-code-that-was-sent".into()]);
    assert_eq!(
        read(&response, &sent).to_string(),
        "301 Moved Permanently: it redirects to https://new.example.test/x?code=[cut], and redirects are not followed"
    );
}
