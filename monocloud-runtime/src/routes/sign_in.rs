//! Starts a sign-in: a transaction in a cookie of its own, and a redirect to the issuer.

use http::Method;
use http::request::Parts;

use super::form::read_form;
use super::received::{Body, Received};
use crate::error::Error;
use crate::params::query;
use crate::request::{RequestAuth, is_document};
use crate::respond::{Answer, see_other};
use crate::sign_in::{self, Asked, Initiated, rounds, sign_in_url};

pub(super) async fn sign_in(auth: RequestAuth, received: Received) -> Result<Answer, Error> {
    if !is_document(&received.parts.headers) {
        return Err(Error::InvalidRequest(
            "a sign-in is a page that the browser opens, nothing that a page embeds",
        ));
    }
    let Received { parts, body, .. } = received;
    if parts.method == Method::POST {
        return initiated_by_post(auth, parts, body).await;
    }
    let client = auth.client();
    auth.known().await?;
    let query = query(&parts.uri);
    let mut asked = Asked::read(client, &query)?;
    auth.set_again(sign_in_url(client.settings(), Some(asked.return_url.as_str())));
    if asked.is_step_up()
        && let Some(session) = auth.session()
    {
        asked.expect(&session);
    }
    if (auth.record().is_none() || asked.is_step_up())
        && let Err(error) = rounds::check(client, auth.cookies())
    {
        // Whoever tries again by hand begins anew.
        auth.add_cookies(rounds::clear(client, auth.cookies()));
        return Err(error);
    }
    let begun = sign_in::begin(client, &parts, auth.cookies(), &auth.carried(), asked).await?;
    auth.add_cookies(begun.cookies);
    Ok(see_other(begun.location.as_str()))
}

/// Third-party-initiated login by a form (OIDC Core 4).
async fn initiated_by_post(auth: RequestAuth, parts: Parts, body: Body) -> Result<Answer, Error> {
    let settings = auth.client().settings();
    let form = read_form(&parts.headers, body, settings.calls.response_timeout / 2).await?;
    let pairs: Vec<_> = url::form_urlencoded::parse(&form).collect();
    let initiated = Initiated::required(&pairs)?;
    initiated.check_issuer(&*auth.client().issuer().metadata().await?)?;
    Ok(see_other(&initiated.url(settings)))
}
