//! What an API says of itself (RFC 9728).

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};

use super::api::{AUDIENCE, Api, challenge};
use crate::fixtures::{ORIGIN, at_rest, get, logged, mira, settings};

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

#[tokio::test]
async fn it_names_the_issuer_and_the_scopes_of_all_guards() {
    let api = Api::start().await;
    let answer = api
        .call(Method::GET, WELL_KNOWN, &[("cookie", &api.session(mira()))])
        .await;
    assert_eq!(answer.status, 200);
    let document = answer.json();
    assert_eq!(document["resource"], AUDIENCE);
    assert_eq!(document["authorization_servers"], json!([api.provider.issuer()]));
    assert_eq!(document["bearer_methods_supported"], json!(["header"]));
    let scopes = document["scopes_supported"].as_array().unwrap();
    for scope in ["orders:read", "orders:write"] {
        assert_eq!(
            scopes.iter().filter(|known| *known == scope).count(),
            1,
            "{document}"
        );
    }
}

#[tokio::test]
async fn it_is_everybodys_and_reads_no_cookie() {
    let api = Api::start().await;
    let headers = [
        ("origin", "https://client.example"),
        ("authorization", "Bearer garbage"),
        ("cookie", "session=garbage"),
    ];
    let answer = api.call(Method::GET, WELL_KNOWN, &headers).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert!(answer.header("cache-control").unwrap().starts_with("public"));
    assert!(
        answer.cookies().is_empty() && answer.vary().is_empty(),
        "{answer:?}"
    );
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(api.call(Method::OPTIONS, WELL_KNOWN, &headers).await.status, 204);
    assert_eq!(api.call(Method::POST, WELL_KNOWN, &headers).await.status, 405);
    assert_eq!(api.call(Method::HEAD, WELL_KNOWN, &headers).await.status, 200);
}

#[tokio::test]
async fn a_resource_with_a_path_is_found_below_the_well_known_address() {
    // Only a slash that follows the host is taken away.
    for (path, found) in [
        ("", ""),
        ("/", ""),
        ("/mcp", "/mcp"),
        ("/mcp/", "/mcp/"),
        ("/a/b", "/a/b"),
        ("/a/b/", "/a/b/"),
        ("/a//", "/a//"),
    ] {
        let audience = format!("{ORIGIN}{path}");
        let api = Api::with(
            |provider| provider,
            |settings| settings.api_audience(audience.clone()),
        )
        .await;
        for path in [WELL_KNOWN.to_owned(), format!("{WELL_KNOWN}{found}")] {
            let answer = api.call(Method::GET, &path, &[]).await;
            assert_eq!(answer.json()["resource"], audience, "{path}");
            assert_eq!(served(&api, &path).await, audience, "{path}");
        }
        let refused = api.call(Method::GET, "/api/any", &[]).await;
        let url = format!("resource_metadata=\"{ORIGIN}{WELL_KNOWN}{found}\"");
        assert!(challenge(&refused).contains(&url), "{refused:?}");
        let twin = match found.strip_suffix('/') {
            Some(without) => without.to_owned(),
            None => format!("{found}/"),
        };
        for other in [twin.as_str(), "/other"] {
            let other = format!("{WELL_KNOWN}{other}");
            assert_eq!(api.call(Method::GET, &other, &[]).await.status, 404, "{other}");
            assert_eq!(served(&api, &other).await, json!(null), "{other}");
        }
    }
}

/// The resource that the description there is of, without axum.
async fn served(api: &Api, path: &str) -> Value {
    let request = Request::get(path).body(Full::<Bytes>::default()).unwrap();
    let elsewhere = async |_, _| Response::new(Full::from("{}"));
    let response: Response<Full<Bytes>> = api.auth.serve(request, elsewhere).await;
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let document: Value = serde_json::from_slice(&body).unwrap();
    document["resource"].clone()
}

#[tokio::test]
async fn there_is_none_where_tokens_are_not_taken_or_the_name_is_no_url() {
    let (auth, _) = at_rest(settings());
    assert_eq!(
        get(&crate::fixtures::app(&auth), WELL_KNOWN, &[]).await.status,
        404
    );
    let (api, log) = logged(Api::with(
        |provider| provider,
        |settings| settings.api_audience("urn:orders"),
    ))
    .await;
    assert_eq!(api.call(Method::GET, WELL_KNOWN, &[]).await.status, 404);
    assert_eq!(log.matches("no https or loopback URL").count(), 1, "{log}");
}
