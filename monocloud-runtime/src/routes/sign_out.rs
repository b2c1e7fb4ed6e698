//! Ends the session here and, where that is wanted and possible, at the issuer.

use http::{Method, StatusCode};
use url::form_urlencoded;

use super::form::{is_form, read_form};
use super::received::Received;
use crate::client::MonoCloud;
use crate::error::Error;
use crate::params::{query, single};
use crate::request::{RequestAuth, is_document, is_form_of_own_site, is_from_elsewhere, log};
use crate::respond::{Answer, Page, see_other};
use crate::sign_in::{ReturnUrl, post_logout};

/// Where a sign-out ends: a parameter of the query, or a field of the form.
const POST_LOGOUT_URL: &str = "post_logout_url";

pub(super) async fn sign_out(auth: RequestAuth, received: Received) -> Result<Answer, Error> {
    let Received { parts, page, body } = received;
    if !is_document(&parts.headers) {
        return Err(Error::InvalidRequest(
            "a sign-out is a page that the browser opens, nothing that a page embeds",
        ));
    }
    let client = auth.client();
    let settings = client.settings();
    let query = query(&parts.uri);
    let mut wanted = single(&query, POST_LOGOUT_URL)?;
    let form;
    let fields: Vec<_>;
    if parts.method == Method::POST {
        let origin = settings.site.app_url.origin();
        if !is_form_of_own_site(
            &parts.method,
            &parts.headers,
            origin,
            &settings.site.trusted_origins,
        ) {
            log::cross_site("the sign-out route", client, page.head(&parts));
            return Err(Error::CrossSite);
        }
        if is_form(&parts.headers) {
            form = read_form(&parts.headers, body, settings.calls.response_timeout / 2).await?;
            fields = form_urlencoded::parse(&form).collect();
            wanted = single(&fields, POST_LOGOUT_URL)?.or(wanted);
        }
    } else if is_from_elsewhere(&parts.headers) {
        return Ok(ask(client, wanted));
    }
    // Where it cannot be found out who is signed in, whoever it is can still be signed out.
    let _ = auth.known().await;
    let back = wanted
        .and_then(|value| post_logout(settings, value))
        .unwrap_or_else(|| settings.sign_out.post_logout_redirect_uri.clone());
    Ok(see_other(&auth.sign_out(back).await?))
}

/// Another site may link here, and only a person may follow. Whether somebody is signed in has no say, so
/// that the other site learns nothing.
fn ask(client: &MonoCloud, wanted: Option<&str>) -> Answer {
    let settings = client.settings();
    let mut action = settings.site.app_url.join(&settings.routes.sign_out);
    if let Some(wanted) = wanted {
        let mut query = form_urlencoded::Serializer::new(String::new());
        action.push('?');
        action.push_str(&query.append_pair(POST_LOGOUT_URL, wanted).finish());
    }
    tracing::debug!(name: "monocloud.sign_out.asked", "another site led to the sign-out, so the person is asked");
    Page::new(
        StatusCode::OK,
        "Sign out?",
        "Another site has led you here to sign out. Nothing has happened yet.",
    )
    .form(&action, "Sign out")
    .link(
        ReturnUrl::home(&settings.site.app_url).into_string(),
        "Stay signed in",
    )
    .into_answer(Some(settings))
}
