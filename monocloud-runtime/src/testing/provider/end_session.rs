//! The end-session endpoint (OIDC RP-Initiated Logout 1.0).

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::{Method, StatusCode};
use serde_json::Value;
use url::Url;

use super::browser::{self, Browser};
use super::core::Core;
use super::faults::Fault;
use super::log::Endpoint;
use super::memory::Asks;
use super::params::Params;
use super::{back_channel, front_channel, pages, respond};

pub(super) async fn answer(
    State(core): State<Arc<Core>>,
    method: Method,
    browser: Browser,
    params: Params,
) -> Response {
    if method == Method::POST
        && let Some(interaction) = params.value("interaction")
    {
        return confirmed(&core, &browser, interaction).await;
    }
    let hint = params
        .value("id_token_hint")
        .and_then(|hint| Hint::read(&core, hint));
    let client_id = match client_of(hint.as_ref(), &params) {
        Ok(client_id) => client_id,
        Err(text) => return refused(text),
    };
    let then = match return_to(&core, client_id, &params) {
        Ok(then) => then,
        Err(text) => return refused(&text),
    };
    let session = core
        .memory()
        .session(browser.session.as_deref(), core.now())
        .cloned();
    match (session, hint) {
        // The hint names who signs out: this browser's user, so nobody else can have sent it here by accident.
        (Some(session), Some(hint)) if session.sub == hint.sub => {
            end(&core, &browser, hint.sid.as_deref(), then.as_deref()).await
        }
        (Some(_), _) => confirm(&core, &browser, then),
        // Nobody is signed in with this browser, and only registered addresses get this far. A hint ends its
        // session all the same: the cookie may be in another browser, or be lost.
        (None, hint) => {
            let sid = hint.and_then(|hint| hint.sid);
            end(&core, &browser, sid.as_deref(), then.as_deref()).await
        }
    }
}

/// Whom an `id_token_hint` of ours means. It may have expired (RP-Initiated Logout 2).
struct Hint {
    sub: String,
    sid: Option<String>,
    client_id: String,
}

impl Hint {
    fn read(core: &Core, token: &str) -> Option<Self> {
        let memory = core.memory();
        let claims = memory.keys.verify(token)?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str).map(String::from);
        let hint = Self {
            sub: text("sub")?,
            sid: text("sid"),
            client_id: text("aud").or_else(|| Some(claims.get("aud")?.get(0)?.as_str()?.into()))?,
        };
        let ours = text("iss")? == core.issuer && memory.client(&hint.client_id).is_some();
        ours.then_some(hint)
    }
}

/// The client that asks: the hint's, else `client_id`. They may not differ.
fn client_of<'a>(hint: Option<&'a Hint>, params: &'a Params) -> Result<Option<&'a str>, &'static str> {
    match (
        hint.map(|hint| hint.client_id.as_str()),
        params.value("client_id"),
    ) {
        (Some(hinted), Some(named)) if hinted != named => {
            Err("The client_id is not the client that the id_token_hint was made for.")
        }
        (hinted, named) => Ok(hinted.or(named)),
    }
}

/// Where to go afterwards, `state` included.
fn return_to(core: &Core, client_id: Option<&str>, params: &Params) -> Result<Option<String>, String> {
    let Some(uri) = params.value("post_logout_redirect_uri") else {
        return Ok(None);
    };
    let Some(client_id) = client_id else {
        return Err("A post_logout_redirect_uri needs an id_token_hint or a client_id.".into());
    };
    let memory = core.memory();
    let known = memory
        .client(client_id)
        .is_some_and(|client| client.may_return_to(uri));
    match Url::parse(uri) {
        Ok(mut url) if known => {
            let state = if memory.faults.has(&Fault::WrongLogoutState) {
                Some("another state")
            } else {
                params.value("state")
            };
            if let Some(state) = state.filter(|_| !memory.faults.has(&Fault::MissingLogoutState)) {
                url.query_pairs_mut().append_pair("state", state);
            }
            Ok(Some(url.into()))
        }
        _ => Err(format!(
            "The address {uri} is not registered for the client “{client_id}”. Register exactly this string \
             with `ProviderClient::post_logout_redirect_uri`, or register none, which allows every loopback \
             address."
        )),
    }
}

#[derive(Template)]
#[template(path = "provider/sign_out.html")]
struct SignOutPage<'a> {
    action: &'a str,
    interaction: &'a str,
}

/// Asks the person, since nothing proves that it was their wish.
fn confirm(core: &Core, browser: &Browser, then: Option<String>) -> Response {
    let browser = browser.identify();
    let asks = Asks::ToSignOut { then };
    let interaction = core.memory().ask(&browser, asks, core.now());
    let template = SignOutPage {
        action: &core.url(Endpoint::EndSession),
        interaction: &interaction,
    };
    let response = pages::page(StatusCode::OK, &template);
    browser::remember(core, response, &browser)
}

async fn confirmed(core: &Core, browser: &Browser, interaction: &str) -> Response {
    let owner = browser.id.as_deref().unwrap_or_default();
    let asked = core.memory().asked(interaction, owner, core.now());
    match asked.map(|page| page.asks) {
        Some(Asks::ToSignOut { then }) if browser.from_our_page => {
            core.memory().interactions.remove(interaction);
            end(core, browser, None, then.as_deref()).await
        }
        _ => refused("This page was answered already, is too old, or belongs to another browser."),
    }
}

/// Ends the browser's session, and the one that a hint names; every client that had part in them is told.
async fn end(core: &Core, browser: &Browser, hinted: Option<&str>, then: Option<&str>) -> Response {
    let ended = {
        let mut memory = core.memory();
        let of_browser = browser.session.as_ref();
        let of_browser = of_browser.and_then(|cookie| memory.sessions.remove(cookie));
        memory.sessions.retain(|_, session| Some(&*session.sid) != hinted);
        let sids = of_browser
            .iter()
            .map(|session| session.sid.as_str())
            .chain(hinted);
        memory.participants.take(sids)
    };
    back_channel::tell(core, &ended).await;
    let frames = front_channel::frames(core, &ended);
    let response = match then {
        _ if !frames.is_empty() => front_channel::page(&frames, then),
        Some(uri) => respond::redirect(uri),
        None => pages::notice(
            StatusCode::OK,
            "You are signed out",
            "The development provider has forgotten who you were. You can close this page.",
        ),
    };
    browser::sign_out(core, response)
}

fn refused(text: &str) -> Response {
    pages::notice(StatusCode::BAD_REQUEST, "This sign-out cannot go on", text)
}
