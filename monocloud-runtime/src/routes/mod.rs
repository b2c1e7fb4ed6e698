//! The routes of a relying party: sign-in, callback, userinfo, sign-out, and logout that the issuer begins.
//!
//! Each is a function from the request to a response or an [`Error`]; what becomes of an error, how
//! long an answer may take and which methods there are is decided here, once.

mod back_channel_logout;
mod callback;
mod form;
mod front_channel_logout;
mod received;
pub(crate) mod resource_metadata;
mod sign_in;
mod sign_out;
mod user_info;

use http::header::{ALLOW, HeaderValue};
use http::request::Parts;
use http::{Method, StatusCode};
use tracing::Instrument as _;

pub(crate) use self::received::{Received, boxed};
use crate::client::{MonoCloud, MountedRoutes};
use crate::error::{Error, printable};
use crate::event::Event;
use crate::http_client::BoxFuture;
use crate::request::log::passed_over;
use crate::request::{Head, RequestAuth, is_prefetch};
use crate::respond::{Answer, Failure, json_message, unauthorized};

/// All of them.
pub(crate) static ROUTES: [&Route; 6] = [
    &SIGN_IN,
    &CALLBACK,
    &USER_INFO,
    &SIGN_OUT,
    &BACK_CHANNEL_LOGOUT,
    &FRONT_CHANNEL_LOGOUT,
];

/// Of a path in an error.
const MAX_PATH: usize = 200;

/// One route.
pub(crate) struct Route {
    /// In spans.
    name: &'static str,
    path: for<'a> fn(MountedRoutes<'a>) -> &'a str,
    methods: &'static [Method],
    /// Boxed, since the compiler cannot see that so deep a future is `Send`.
    handle: fn(RequestAuth, Received) -> BoxFuture<'static, Result<Answer, Error>>,
    reader: Reader,
}

/// Who reads its answers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reader {
    Person,
    /// It reads JSON.
    Script,
    /// It knows of nothing but success and refusal.
    Issuer,
}

static SIGN_IN: Route = Route {
    name: "sign_in",
    path: |routes| routes.sign_in,
    methods: &[Method::GET, Method::POST],
    handle: |auth, request| Box::pin(sign_in::sign_in(auth, request)),
    reader: Reader::Person,
};

static CALLBACK: Route = Route {
    name: "callback",
    path: |routes| routes.callback,
    methods: &[Method::GET, Method::POST],
    handle: |auth, request| Box::pin(callback::callback(auth, request)),
    reader: Reader::Person,
};

static USER_INFO: Route = Route {
    name: "user_info",
    path: |routes| routes.user_info,
    methods: &[Method::GET],
    handle: |auth, request| Box::pin(user_info::user_info(auth, request)),
    reader: Reader::Script,
};

static SIGN_OUT: Route = Route {
    name: "sign_out",
    path: |routes| routes.sign_out,
    methods: &[Method::GET, Method::POST],
    handle: |auth, request| Box::pin(sign_out::sign_out(auth, request)),
    reader: Reader::Person,
};

static BACK_CHANNEL_LOGOUT: Route = Route {
    name: "back_channel_logout",
    path: |routes| routes.back_channel_logout,
    methods: &[Method::POST],
    handle: |auth, request| Box::pin(back_channel_logout::back_channel_logout(auth, request)),
    reader: Reader::Issuer,
};

static FRONT_CHANNEL_LOGOUT: Route = Route {
    name: "front_channel_logout",
    path: |routes| routes.front_channel_logout,
    methods: &[Method::GET],
    handle: |auth, request| Box::pin(front_channel_logout::front_channel_logout(auth, request)),
    // A person sees nothing of it.
    reader: Reader::Script,
};

impl Route {
    /// Where it is, below the app URL.
    pub(crate) fn path<'a>(&self, client: &'a MonoCloud) -> &'a str {
        (self.path)(client.routes())
    }

    /// Answers the request, or says why it cannot do what it is for.
    pub(crate) async fn answer(
        &'static self,
        auth: RequestAuth,
        received: Received,
    ) -> Result<Answer, Failure> {
        auth.by_cookie_alone();
        let Parts { method, headers, .. } = &received.parts;
        if !self.methods.contains(method) {
            passed_over(self.name, "method not allowed", method, headers);
            return Ok(method_not_allowed(self.methods));
        }
        if self.reader != Reader::Issuer && is_prefetch(headers) {
            passed_over(self.name, "prefetch", method, headers);
            return Ok(unauthorized());
        }
        let span = tracing::info_span!("monocloud.route", route = self.name);
        let (parts, page) = (received.parts.clone(), received.page.clone());
        let result = match in_its_place(auth.client(), self.path(auth.client()), page.head(&parts)) {
            Ok(()) => self.handle(&auth, received).instrument(span.clone()).await,
            Err(error) => Err(error),
        };
        let error = match result {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        span.in_scope(|| log(&error));
        if self.reader == Reader::Issuer {
            return Ok(back_channel_logout::refusal(&error));
        }
        if [SIGN_IN.name, CALLBACK.name].contains(&self.name) {
            let code = error.code();
            auth.client().events().emit(&Event::SignInFailed { code });
        }
        let json = self.reader == Reader::Script;
        Err(Failure::new(error, parts, page, auth, json))
    }

    async fn handle(&self, auth: &RequestAuth, received: Received) -> Result<Answer, Error> {
        let limit = auth.client().settings().calls.response_timeout;
        let handled = (self.handle)(auth.clone(), received);
        tokio::time::timeout(limit, handled).await.unwrap_or_else(|_| {
            Err(Error::unreachable(
                "the issuer",
                format!("no answer within {limit:?} (MONOCLOUD_AUTH_RESPONSE_TIMEOUT)"),
            ))
        })
    }
}

/// Nested elsewhere, no sign-in would find its way back.
fn in_its_place(client: &MonoCloud, route: &str, head: Head<'_>) -> Result<(), Error> {
    let base = client.settings().site.app_url.base();
    let path = head.uri().path();
    if client.base_path().observe(base, route, path) {
        return Ok(());
    }
    Err(Error::MisplacedRoutes {
        found: printable(path, MAX_PATH),
        expected: format!("{base}{route}"),
    })
}

/// The one line of a request that failed.
fn log(error: &Error) {
    let (code, source) = (error.code(), error_source(error));
    if error.status() == StatusCode::INTERNAL_SERVER_ERROR || is_for_the_operator(error) {
        tracing::error!(name: "monocloud.route.failed", code, error = %error, source, "the request failed");
    } else {
        tracing::warn!(name: "monocloud.route.failed", code, error = %error, source, "the request failed");
    }
}

/// What no visitor can do anything about, though it is no fault of the program.
fn is_for_the_operator(error: &Error) -> bool {
    matches!(
        error,
        Error::SignInTooLarge { .. } | Error::SignInTooLargeForStore { .. }
    )
}

fn method_not_allowed(methods: &[Method]) -> Answer {
    let mut response = json_message(StatusCode::METHOD_NOT_ALLOWED, "method not allowed");
    let names: Vec<&str> = methods.iter().map(Method::as_str).collect();
    if let Ok(allow) = HeaderValue::try_from(names.join(", ")) {
        response.headers_mut().insert(ALLOW, allow);
    }
    response
}

fn error_source(error: &Error) -> Option<String> {
    let mut source = std::error::Error::source(error)?;
    while let Some(deeper) = source.source() {
        source = deeper;
    }
    Some(source.to_string())
}
