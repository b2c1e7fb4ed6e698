//! The callback: takes the authorization response, and sends the browser on with a session.

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method, StatusCode};
use http_body_util::{BodyExt as _, Limited};

use crate::client::MonoCloud;
use crate::config::SameSite;
use crate::error::Error;
use crate::params::query;
use crate::request::RequestAuth;
use crate::sign_in::{self, AuthorizationResponse, ReturnUrl};
use crate::web::respond::{Page, see_other};

/// A form of the issuer: a code, a state and little else.
const MAX_FORM: usize = 64 * 1024;

pub(super) async fn callback(auth: RequestAuth, request: Request) -> Result<Response, Error> {
    let (parts, body) = request.into_parts();
    let client = auth.client();
    let form;
    let pairs = if parts.method == Method::POST {
        if !is_form(&parts.headers) {
            return Err(Error::InvalidRequest("the issuer's answer must be a form"));
        }
        form = read_form(body).await?;
        url::form_urlencoded::parse(&form).collect()
    } else {
        query(&parts.uri)
    };
    let response = AuthorizationResponse::read(&pairs)?;
    let Some(transaction) = sign_in::find(client, auth.cookies(), response.state) else {
        auth.add_cookies(sign_in::delete_sent(client, auth.cookies(), response.state));
        // Usually the back button, after a sign-in that worked.
        if auth.record().is_some() {
            return Ok(see_other(
                &ReturnUrl::home(&client.settings().site.app_url).absolute(&client.settings().site.app_url),
            ));
        }
        return Err(Error::UnknownTransaction);
    };
    auth.set_return_url(&transaction.return_url);
    let result = sign_in::complete(client, &response, &transaction)
        .await
        .and_then(|session| {
            // A new id every time, and the earlier session is over, so that none can be planted or kept.
            let earlier = auth.replace_session(session).map_err(Error::at_sign_in)?;
            tracing::info!(name: "monocloud.sign_in.completed", replaced = earlier.is_some(), "signed in");
            Ok(go_back(client, &transaction.return_url))
        });
    // While the issuer is away the browser may try the same answer again.
    if !matches!(&result, Err(error) if error.status() == StatusCode::SERVICE_UNAVAILABLE) {
        auth.add_cookies([sign_in::delete(client, &transaction.state)]);
    }
    result
}

/// A `Strict` cookie is not sent on a redirect that another site began, so the page itself goes on.
fn go_back(client: &MonoCloud, return_url: &str) -> Response {
    let settings = client.settings();
    let url = format!("{}{return_url}", settings.site.app_url.origin());
    if settings.session_cookie.same_site != SameSite::Strict {
        return see_other(&url);
    }
    Page::new(StatusCode::OK, "You are signed in", "One moment, please.")
        .link(&*url, "Go on")
        .refresh(&url)
        .into_response(Some(settings))
}

fn is_form(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| {
            let kind = value.split(';').next().unwrap_or_default();
            kind.trim()
                .eq_ignore_ascii_case("application/x-www-form-urlencoded")
        })
}

async fn read_form(body: Body) -> Result<Vec<u8>, Error> {
    Limited::new(body, MAX_FORM)
        .collect()
        .await
        .map(|collected| collected.to_bytes().to_vec())
        .map_err(|_| Error::InvalidRequest("the issuer's answer is too long or broke off"))
}
