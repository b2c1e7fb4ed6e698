//! The authorization endpoint (RFC 6749 4.1.1, OIDC Core 3.1.2): checks the request, then answers at once for
//! who is signed in already, or shows the login page.

use axum::response::Response;
use http::StatusCode;
use url::Url;

use super::authorization_response::{Refused, Reply, grant, refused};
use super::core::{AuthorizeRequest, Core, SignedIn};
use super::encoding::{Params, b64};
use super::faults::Fault;
use super::log::RecordedRequest;
use super::{browser, html, login};

const PROMPTS: [&str; 5] = ["none", "login", "consent", "select_account", "create"];

pub(super) fn answer(core: &Core, request: &RecordedRequest) -> Response {
    let params = request.params();
    let (client_id, redirect_uri) = match destination(core, params) {
        Ok(destination) => destination,
        Err(text) => {
            return html::notice(StatusCode::BAD_REQUEST, "This sign-in cannot start", &text);
        }
    };
    let to = Reply {
        redirect_uri: redirect_uri.clone(),
        form_post: params.get("response_mode") == Some("form_post"),
        state: params.get("state").map(Into::into),
    };
    let checked = match parse(core, params, client_id, redirect_uri) {
        Ok(checked) => checked,
        Err(refused) => return to.error(core, &refused),
    };
    if let Some(error) = injected_error(core) {
        return to.error(core, &Refused(error, "a fault is set".into()));
    }
    let prompts = params.list("prompt");
    let silent = prompts.iter().any(|prompt| prompt == "none");
    let asks = |word: &str| prompts.iter().any(|prompt| prompt == word);
    let session = match usable_session(core, request, params) {
        Ok(session) => session,
        Err(refused) => return to.error(core, &refused),
    };
    match session {
        Some(session) if !(asks("login") || asks("select_account") || asks("create")) => {
            grant(core, checked, session)
        }
        _ if silent => to.error(core, &refused("login_required", "nobody is signed in")),
        _ => login::show(core, request, &checked),
    }
}

/// The client and its redirect URI. Until both are known the browser is sent nowhere (RFC 6749 4.1.2.1).
fn destination(core: &Core, params: &Params) -> Result<(String, String), String> {
    let client_id = params.get("client_id").ok_or("The request has no client_id.")?;
    let state = core.state();
    let client = state
        .client(client_id)
        .ok_or_else(|| format!("No client with the id “{client_id}” is registered."))?;
    let uri = params
        .get("redirect_uri")
        .ok_or("The request has no redirect_uri.")?;
    if Url::parse(uri).is_err() || !client.may_redirect_to(uri) {
        return Err(format!(
            "The redirect URI {uri} is not registered for the client “{client_id}”. Register exactly this \
             string with `ProviderClient::redirect_uri`, or register none, which allows every loopback URI."
        ));
    }
    match params.repeated() {
        Some(name @ ("client_id" | "redirect_uri")) => {
            Err(format!("The parameter {name} is in the request twice."))
        }
        _ => Ok((client_id.into(), uri.into())),
    }
}

fn parse(
    core: &Core,
    params: &Params,
    client_id: String,
    redirect_uri: String,
) -> Result<AuthorizeRequest, Refused> {
    let invalid = |text: &str| refused("invalid_request", text);
    if let Some(name) = params.repeated() {
        return Err(invalid(&format!("the parameter {name} is there twice")));
    }
    if params.get("request").is_some() {
        return Err(refused("request_not_supported", "send plain parameters"));
    }
    if params.get("request_uri").is_some() {
        return Err(refused("request_uri_not_supported", "send plain parameters"));
    }
    match params.get("response_type") {
        Some("code") => {}
        Some(_) => {
            return Err(refused("unsupported_response_type", "use response_type=code"));
        }
        None => return Err(invalid("response_type is missing")),
    }
    let form_post = match params.get("response_mode") {
        None | Some("query") => false,
        Some("form_post") => true,
        Some(_) => return Err(invalid("response_mode is neither query nor form_post")),
    };
    let scopes = params.list("scope");
    if !scopes.iter().any(|scope| scope == "openid") {
        return Err(refused("invalid_scope", "the scope must contain openid"));
    }
    let prompts = params.list("prompt");
    if let Some(unknown) = prompts.iter().find(|word| !PROMPTS.contains(&word.as_str())) {
        return Err(invalid(&format!("the prompt {unknown} is not known")));
    }
    if prompts.len() > 1 && prompts.iter().any(|prompt| prompt == "none") {
        return Err(invalid("prompt=none stands alone"));
    }
    Ok(AuthorizeRequest {
        client_id,
        redirect_uri,
        scopes,
        state: params.get("state").map(Into::into),
        nonce: params.get("nonce").map(Into::into),
        form_post,
        code_challenge: code_challenge(core, params)?,
        acr: params.list("acr_values").into_iter().next(),
        login_hint: params.get("login_hint").map(Into::into),
        sign_up: prompts.iter().any(|prompt| prompt == "create"),
    })
}

/// PKCE with S256 only; a challenge without a method would mean `plain` (RFC 7636 4.3).
fn code_challenge(core: &Core, params: &Params) -> Result<Option<String>, Refused> {
    let challenge = params.get("code_challenge");
    match (challenge, params.get("code_challenge_method")) {
        (None, None) if core.settings.require_pkce => {
            Err(refused("invalid_request", "code_challenge is required"))
        }
        (None, None) => Ok(None),
        (Some(challenge), Some("S256")) if b64::decode(challenge).is_some_and(|hash| hash.len() == 32) => {
            Ok(Some(challenge.into()))
        }
        _ => Err(refused(
            "invalid_request",
            "code_challenge must be a SHA-256 hash in base64url, code_challenge_method S256",
        )),
    }
}

/// The browser's session, unless it is older than `max_age` or is not whom `id_token_hint` means.
fn usable_session(
    core: &Core,
    request: &RecordedRequest,
    params: &Params,
) -> Result<Option<SignedIn>, Refused> {
    let now = core.now();
    let max_age = match params.get("max_age").map(str::parse::<u32>) {
        None => None,
        Some(Ok(seconds)) => Some(i64::from(seconds)),
        Some(Err(_)) => {
            return Err(refused("invalid_request", "max_age is not a number of seconds"));
        }
    };
    let state = core.state();
    let hinted = match params.get("id_token_hint").map(|hint| state.keys.verify(hint)) {
        None => None,
        Some(Some(claims)) => claims.get("sub").and_then(|sub| sub.as_str().map(String::from)),
        Some(None) => return Err(refused("invalid_request", "id_token_hint is not ours")),
    };
    let session = state.session(request.cookie(&browser::session_cookie(core)), now);
    Ok(session
        .filter(|session| max_age.is_none_or(|age| age > 0 && now <= session.auth_time + age))
        .filter(|session| hinted.is_none_or(|sub| sub == session.sub))
        .cloned())
}

fn injected_error(core: &Core) -> Option<String> {
    core.state().faults.set.iter().find_map(|fault| match fault {
        Fault::AuthorizeError(error) => Some(error.clone()),
        _ => None,
    })
}
