//! The one door to the issuer's endpoints: documents, and requests that prove who this client is.

use std::borrow::Cow;

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{Request, Response, StatusCode};
use serde_json::{Map, Value};
use url::{Url, form_urlencoded};

use super::client_auth::{ClientAuth, Credentials, Listed};
use super::error_response::{self, Sent};
use crate::error::Error;
use crate::http_client::Outgoing;
use crate::json;

/// Form parameters that an issuer may repeat in an error. Everything else is cut out of it.
const NO_SECRET: &[&str] = &[
    "grant_type",
    "response_type",
    "response_mode",
    "code_challenge_method",
    "prompt",
    "display",
    "ui_locales",
    "acr_values",
    "authenticator_hint",
    "max_age",
    "redirect_uri",
    "client_id",
    "scope",
    "resource",
    "audience",
    "token_type_hint",
    "client_assertion_type",
];

/// Parameters of a request, in their order.
pub(super) type Form<'a> = Vec<(&'a str, Cow<'a, str>)>;

/// What most endpoints answer with.
pub(super) const JSON: &str = "application/json";

/// GETs a document that anybody may read. `endpoint` names it in errors, `main` is the member without which
/// it is nothing, and `advice` says what to look at where it is not there.
pub(super) async fn document(
    http: &Outgoing,
    endpoint: &'static str,
    url: &str,
    main: &str,
    advice: &str,
) -> Result<Map<String, Value>, Error> {
    let request = Request::get(url).header(ACCEPT, JSON);
    let request = request.body(Vec::new());
    match send(http, endpoint, request, &[StatusCode::OK], &Sent::default()).await {
        // A site that answers everything with a page of its own is none either.
        Ok(response) => members(endpoint, &response, main, &Sent::default()).map_err(|error| match error {
            Error::MalformedAnswer { reason, .. } => {
                Error::malformed(endpoint, format!("{reason}; {advice}"))
            }
            other => other,
        }),
        // Nobody was refused: it is the address that is wrong.
        Err(Error::Endpoint { response, .. }) => Err(Error::malformed(
            endpoint,
            format!("it answered {response}; {advice}"),
        )),
        Err(error) => Err(error),
    }
}

/// GETs what the access token gives access to (RFC 6750 §2.1).
pub(super) async fn get_with_token(
    http: &Outgoing,
    endpoint: &'static str,
    url: &Url,
    accept: &'static str,
    access_token: &str,
) -> Result<Response<Vec<u8>>, Error> {
    let request = Request::get(url.as_str()).header(ACCEPT, accept).header(
        AUTHORIZATION,
        authorization(endpoint, format!("Bearer {access_token}"))?,
    );
    let sent = Sent::from_iter([Cow::from(access_token)]);
    let request = request.body(Vec::new());
    send(http, endpoint, request, &[StatusCode::OK], &sent).await
}

/// A POST that proves who this client is.
pub(super) struct Call<'a> {
    /// Names the endpoint in errors.
    pub(super) endpoint: &'static str,
    pub(super) url: &'a Url,
    pub(super) form: Form<'a>,
    /// The types of answer that are understood.
    pub(super) accept: &'static str,
    /// The statuses of success.
    pub(super) success: &'static [StatusCode],
    /// The member without which an answer is nothing; where there is none, the body is not looked at.
    pub(super) main: Option<&'static str>,
}

/// POSTs a form as this client, by whatever method the token endpoint takes: a client has one for all endpoints.
pub(super) async fn post(
    http: &Outgoing,
    client: &ClientAuth,
    listed: &Listed,
    call: Call<'_>,
) -> Result<Map<String, Value>, Error> {
    let (endpoint, main) = (call.endpoint, call.main);
    let (response, sent) = response(http, client, listed, call).await?;
    match main {
        Some(main) => members(endpoint, &response, main, &sent),
        None => Ok(Map::new()),
    }
}

/// The same, before the answer is read: with what was sent and must not be repeated.
pub(super) async fn response<'a>(
    http: &Outgoing,
    client: &'a ClientAuth,
    listed: &Listed,
    call: Call<'a>,
) -> Result<(Response<Vec<u8>>, Sent<'a>), Error> {
    let Call {
        endpoint, mut form, ..
    } = call;
    let mut request = Request::post(call.url.as_str())
        .header(ACCEPT, call.accept)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let mut basic = None;
    let credentials = client
        .credentials(listed)
        .map_err(|_| Error::malformed(endpoint, "what is to be sent to it could not be signed"))?;
    match credentials {
        Credentials::Form(parameters) => {
            form.retain(|(name, _)| parameters.iter().all(|(given, _)| given != name));
            form.extend(parameters);
        }
        Credentials::Basic(credentials) => {
            request = request.header(
                AUTHORIZATION,
                authorization(endpoint, format!("Basic {credentials}"))?,
            );
            basic = Some(credentials);
        }
    }
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&form)
        .finish();
    let secrets = form
        .iter()
        .filter(|(name, _)| !NO_SECRET.contains(name))
        .map(|(_, value)| value.clone());
    let sent: Sent<'_> = secrets
        .chain(client.secret().map(Cow::from))
        .chain(basic.map(Cow::from))
        .collect();
    let request = request.body(body.into_bytes());
    let response = send(http, endpoint, request, call.success, &sent).await?;
    Ok((response, sent))
}

/// The value of the header, which no log shows.
fn authorization(endpoint: &'static str, value: String) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::try_from(value)
        .map_err(|_| Error::malformed(endpoint, "what is to be sent to it cannot stand in a header"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// A response that is one of success.
async fn send(
    http: &Outgoing,
    endpoint: &'static str,
    request: http::Result<Request<Vec<u8>>>,
    success: &[StatusCode],
    sent: &Sent<'_>,
) -> Result<Response<Vec<u8>>, Error> {
    let request = request.map_err(|error| Error::malformed(endpoint, error.to_string()))?;
    let response = http.send(endpoint, request).await?;
    let status = response.status();
    if success.contains(&status) {
        return Ok(response);
    }
    let said = error_response::read(&response, sent);
    // The service cannot answer now, which says nothing about the call.
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        let status = status.to_string();
        let reason = if said.error.starts_with(&status) {
            format!("it answered {said}")
        } else {
            format!("it answered {status}: {said}")
        };
        return Err(Error::unreachable(endpoint, reason));
    }
    Err(Error::Endpoint {
        endpoint,
        status,
        response: said,
    })
}

/// The members of an answer. Some answer with success where they mean an error, and then `main` is not there.
pub(super) fn members(
    endpoint: &'static str,
    response: &Response<Vec<u8>>,
    main: &str,
    sent: &Sent<'_>,
) -> Result<Map<String, Value>, Error> {
    let malformed = |reason| Error::malformed(endpoint, reason);
    let members = json::object(response.body()).map_err(malformed)?;
    match error_response::of_members(&members, sent) {
        Some(error) if json::member(&members, main).is_none() => {
            Err(malformed(format!("it says 200, and yet an error: {error}")))
        }
        _ => Ok(members),
    }
}
