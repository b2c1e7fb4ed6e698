//! The callback: takes the authorization response, and sends the browser on with a session.

use http::{Method, StatusCode};

use super::form::read_form;
use super::received::Received;
use crate::client::MonoCloud;
use crate::config::SameSite;
use crate::error::Error;
use crate::event::Event;
use crate::params::query;
use crate::request::RequestAuth;
use crate::respond::{Answer, Page, see_other};
use crate::session::Session;
use crate::sign_in::{self, AuthorizationResponse, Found, rounds, sign_in_url};

pub(super) async fn callback(auth: RequestAuth, received: Received) -> Result<Answer, Error> {
    let Received { parts, body, .. } = received;
    let client = auth.client();
    let form;
    let pairs = if parts.method == Method::POST {
        form = read_form(&parts.headers, body, client.settings().calls.response_timeout / 2).await?;
        url::form_urlencoded::parse(&form).collect()
    } else {
        query(&parts.uri)
    };
    let response = AuthorizationResponse::read(&pairs)?;
    // One answer, whoever is signed in: other sites can send the browser here.
    let found = response
        .state
        .and_then(|state| sign_in::find(client, auth.cookies(), state));
    let Some(found) = found else {
        return Err(unknown(&auth, &response));
    };
    let return_url = &found.transaction.return_url;
    auth.set_again(sign_in_url(client.settings(), Some(return_url)));
    auth.known().await?;
    if let Some(keeping) = client.keeping() {
        if sign_in::is_first_arrival(client, &found.transaction)
            && let Some(answer) = joined(&auth, &response, &found).await?
        {
            return Ok(answer);
        }
        // Before the code is spent, which cannot be had again.
        keeping.check().await?;
    } else {
        client.current().await?;
    }
    match sign_in::complete(client, &response, &found.transaction).await {
        Ok(Some(session)) => {
            let code = response.code.unwrap_or_default();
            sign_in_with(&auth, session, &found, code).await
        }
        Ok(None) => {
            let joined = joined(&auth, &response, &found).await?;
            Ok(joined.unwrap_or_else(|| go_back(client, return_url)))
        }
        Err(failed) => {
            if matches!(failed.error, Error::NotConfirmed(_))
                && let Some(again) = found.again(client)
            {
                auth.set_again(again.to_string());
            }
            if !failed.may_repeat {
                auth.add_cookies([found.delete(client)]);
            }
            Err(failed.error)
        }
    }
}

/// On with the session that another process made of the same answer, where there is one.
async fn joined(
    auth: &RequestAuth,
    response: &AuthorizationResponse<'_>,
    found: &Found,
) -> Result<Option<Answer>, Error> {
    let client = auth.client();
    let (Some(keeping), Some(code)) = (client.keeping(), response.code) else {
        return Ok(None);
    };
    let joined = auth.join_session(keeping, &found.transaction, code).await?;
    Ok(joined.map(|session| {
        auth.add_cookies([found.keep_shortly(client)]);
        let return_url = found.transaction.return_url_for(&session, client.settings());
        go_back(client, &return_url)
    }))
}

/// An answer to no sign-in that is known here.
fn unknown(auth: &RequestAuth, response: &AuthorizationResponse<'_>) -> Error {
    response.tell_unproved(response.state);
    match response.state {
        Some(state) => {
            auth.add_cookies(sign_in::delete_expired(auth.client(), auth.cookies(), state));
            Error::UnknownTransaction
        }
        None => Error::InvalidRequest("this page is for the issuer's answer, which has a `state`"),
    }
}

/// Sets the session, ends the earlier one, and goes on.
async fn sign_in_with(
    auth: &RequestAuth,
    session: Session,
    found: &Found,
    code: &str,
) -> Result<Answer, Error> {
    let client = auth.client();
    let return_url = found.transaction.return_url_for(&session, client.settings());
    let brought = auth.record();
    // The browser asked again and has it already, maybe with changes since.
    if brought
        .as_ref()
        .is_some_and(|brought| brought.id() == session.record().id())
    {
        return Ok(go_back(client, &return_url));
    }
    let user = session.user().clone();
    // A new id every time, and the earlier session is over, so that none can be planted or kept.
    let replaced = auth.replace_session(session, &found.transaction, code);
    let evicted = match replaced.await {
        Ok(evicted) => evicted,
        // The same answer may come again while its session is at hand.
        Err(error @ Error::StoreUnavailable { .. }) => {
            auth.add_cookies([found.keep_shortly(client)]);
            return Err(error);
        }
        Err(error) => {
            auth.add_cookies([found.delete(client)]);
            return Err(error.at_sign_in());
        }
    };
    // Where there is no room for it, the same answer cannot be asked for again.
    if !evicted.contains(&found.delete(client)) {
        auth.add_cookies([found.keep_shortly(client)]);
    }
    // One that was signed in and had to prove it again goes round as well.
    if brought.is_none() || found.transaction.step_up.is_some() {
        auth.add_cookies(rounds::count_one(
            client,
            auth.cookies(),
            found.attributes(client),
        ));
    }
    client.events().emit(&Event::SignedIn {
        sub: user.sub(),
        replaced: brought.is_some(),
    });
    Ok(go_back(client, &return_url))
}

/// A `Strict` cookie is not sent on a redirect that another site began, so the page itself goes on.
fn go_back(client: &MonoCloud, return_url: &str) -> Answer {
    let settings = client.settings();
    let url = format!("{}{return_url}", settings.site.app_url.origin());
    if settings.session_cookie.same_site != SameSite::Strict {
        return see_other(&url);
    }
    Page::new(StatusCode::OK, "You are signed in", "One moment, please.")
        .link(&*url, "Go on")
        .refresh(&url)
        .into_answer(Some(settings))
}
