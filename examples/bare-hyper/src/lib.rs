//! Sign-in, a page for whoever is signed in, a page and an API for a group, on hyper alone.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use monocloud_runtime::{Auth, Denied, MonoCloud, Protect};
use tokio::net::TcpListener;

type Answer = Response<Full<Bytes>>;

/// Serves until it is dropped.
pub async fn serve(listener: TcpListener, client: MonoCloud) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // A client that gave up, or too many of them: others are served on.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let client = client.clone();
        tokio::spawn(async move {
            let service =
                service_fn(|request| async { Ok::<_, Infallible>(client.serve(request, answer).await) });
            // A browser that goes away is no news.
            let _ = http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn answer(auth: Auth, request: Request<Incoming>) -> Answer {
    let path = (request.method(), request.uri().path());
    let answered = match path {
        (&Method::GET, "/") => Ok(home(&auth).await),
        (&Method::GET, "/dashboard") => dashboard(&auth).await,
        (&Method::GET, "/admin") => admin(&auth).await,
        (&Method::GET, "/api/me") => api_me(&auth).await,
        (&Method::POST, "/sign-out") => Ok(auth.sign_out(None).await.map_or_else(Into::into, Into::into)),
        _ => Ok(with_status(StatusCode::NOT_FOUND, html("Not found"))),
    };
    answered.unwrap_or_else(Into::into)
}

async fn home(auth: &Auth) -> Answer {
    if auth.is_authenticated().await {
        html(
            "<a href=\"/dashboard\">Dashboard</a> <form method=\"post\" action=\"/sign-out\"><button>Sign out</button></form>",
        )
    } else {
        let url = auth.sign_in_url().return_url("/dashboard");
        html(&format!("<a href=\"{url}\">Sign in</a>"))
    }
}

async fn dashboard(auth: &Auth) -> Result<Answer, Denied> {
    auth.protect(Protect::new()).await?;
    Ok(html("You are signed in."))
}

async fn admin(auth: &Auth) -> Result<Answer, Denied> {
    auth.protect(Protect::new().groups(["admin"])).await?;
    Ok(html("You may administer this site."))
}

async fn api_me(auth: &Auth) -> Result<Answer, Denied> {
    let user = auth.protect(Protect::api()).await?;
    let body = serde_json::to_vec(&user).expect("claims are JSON");
    let mut answer = Response::new(Bytes::from(body).into());
    let json = HeaderValue::from_static("application/json");
    answer.headers_mut().insert(CONTENT_TYPE, json);
    Ok(answer)
}

fn html(text: &str) -> Answer {
    let mut answer = Response::new(Bytes::from(format!("<!doctype html><p>{text}")).into());
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    answer.headers_mut().insert(CONTENT_TYPE, html);
    answer
}

fn with_status(status: StatusCode, mut answer: Answer) -> Answer {
    *answer.status_mut() = status;
    answer
}
