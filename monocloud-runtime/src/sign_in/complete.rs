//! From an authorization response to a session.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::authorization_response::AuthorizationResponse;
use super::claim::claim;
use super::groups::warn_of_trouble;
use super::step_up::StepUp;
use super::transaction::Transaction;
use crate::client::{MonoCloud, SessionCreating};
use crate::config::{ResourceSet, ScopeSet};
use crate::crypto::fingerprint;
use crate::error::Error;
use crate::identity::{Authenticated, signed_in};
use crate::oidc::{CodeExchange, Expected, IdToken, Metadata, TokenResponse};
use crate::once::{Arrival, Failed};
use crate::session::{AccessToken, NewSession, Session, SignIn, Target, TokenSet};

/// The session that a good response gives, or nothing where the sign-in ended before and its session is not to be had
/// here: it is over, or another process has it.
///
/// A state is used once (RFC 9700 §2.1): whoever comes again with the same code and transaction at once gets
/// the session of the first.
pub(crate) async fn complete(
    client: &MonoCloud,
    response: &AuthorizationResponse<'_>,
    transaction: &Transaction,
) -> Result<Option<Session>, Failed> {
    let lifetime = Duration::from_secs(client.settings().state_lifetime.duration.unsigned_abs());
    let state = fingerprint(transaction.state().as_bytes());
    let metadata = client.issuer().metadata().await.map_err(|error| Failed {
        error,
        may_repeat: true,
    })?;
    let code = match code(&metadata, response, transaction) {
        Ok(code) => code.to_owned(),
        Err(error) => {
            client.exchanges().close(state, transaction.created_at, lifetime);
            return Err(Failed {
                error,
                may_repeat: false,
            });
        }
    };
    let proof = fingerprint(code.as_bytes());
    let work = exchange(
        client.clone(),
        metadata,
        code,
        transaction.clone(),
        response.further(),
    );
    let arrival = client
        .exchanges()
        .arrive(state, proof, transaction.created_at, lifetime, work);
    match arrival {
        Arrival::Outcome(outcome) => {
            let Some(session) = outcome.await? else {
                return Ok(None);
            };
            // It may have been under way when the issuer ended it. Sent on, the browser would only come back.
            if client.denials().is_logged_out(session.record()) {
                return Err(Failed {
                    error: Error::LoggedOut,
                    may_repeat: false,
                });
            }
            Ok(Some(session).filter(|session| !client.denials().denies(session.record())))
        }
        Arrival::Over => Ok(None),
        Arrival::Refused => Err(Failed {
            error: Error::UnknownTransaction,
            may_repeat: true,
        }),
    }
}

/// Whether this process knows nothing yet of an answer to this sign-in.
pub(crate) fn is_first_arrival(client: &MonoCloud, transaction: &Transaction) -> bool {
    let state = fingerprint(transaction.state().as_bytes());
    !client.exchanges().knows(&state)
}

/// The code of a response that is the issuer's.
fn code<'a>(
    metadata: &Metadata,
    response: &AuthorizationResponse<'a>,
    transaction: &Transaction,
) -> Result<&'a str, Error> {
    let secrets = [
        transaction.state(),
        transaction.nonce(),
        transaction.code_verifier(),
    ];
    let secrets = secrets.each_ref().map(String::as_str);
    check_issuer(metadata, response).inspect_err(|_| response.tell_unproved(secrets))?;
    if let Some(refusal) = response.refusal(secrets) {
        return Err(Error::Refused(refusal));
    }
    response.code.ok_or(Error::InvalidRequest(
        "the issuer's answer has neither a code nor an error",
    ))
}

/// From the code to the session, unless another process has it.
async fn exchange(
    client: MonoCloud,
    metadata: Arc<Metadata>,
    code: String,
    transaction: Transaction,
    response_parameters: Vec<(String, String)>,
) -> Result<Option<Session>, Failed> {
    let Some(claimed) = claim(&client, &transaction, &code).await? else {
        return Ok(None);
    };
    let session = spend(&client, &metadata, code, transaction, response_parameters).await;
    match &session {
        Ok(_) => {
            let keep = Duration::from_secs(client.settings().state_lifetime.duration.unsigned_abs());
            claimed.succeeded(keep).await;
        }
        Err(failed) => claimed.failed(failed.may_repeat).await,
    }
    session.map(Some)
}

async fn spend(
    client: &MonoCloud,
    metadata: &Metadata,
    code: String,
    transaction: Transaction,
    response_parameters: Vec<(String, String)>,
) -> Result<Session, Failed> {
    let settings = client.settings();
    let started = Instant::now();
    let exchange = CodeExchange {
        code,
        code_verifier: transaction.code_verifier(),
        redirect_uri: &settings.site.app_url.join(&settings.routes.callback),
        resource: &transaction.resource,
    };
    let (tokens, id_token) = client
        .issuer()
        .exchange(metadata, exchange)
        .await
        .map_err(|error| Failed {
            // Where the issuer was away the code may be good still.
            may_repeat: error.status() == StatusCode::SERVICE_UNAVAILABLE,
            error,
        })?;
    let session = async {
        let creating = session_for(
            client,
            metadata,
            transaction,
            (tokens, id_token),
            response_parameters,
        )
        .await?;
        let left = settings.calls.response_timeout.saturating_sub(started.elapsed());
        client.hooks().session_creating(creating, left).await
    };
    session.await.map_err(|error| Failed {
        error,
        may_repeat: false,
    })
}

/// From the tokens to the session.
async fn session_for(
    client: &MonoCloud,
    metadata: &Metadata,
    transaction: Transaction,
    (tokens, raw_id_token): (TokenResponse, String),
    response_parameters: Vec<(String, String)>,
) -> Result<SessionCreating, Error> {
    let expected = Expected {
        nonce: &transaction.nonce(),
        access_token: &tokens.access_token,
        max_age: transaction.max_age,
    };
    let id_token = client
        .issuer()
        .validate(metadata, &raw_id_token, &expected)
        .await?;
    if let Some(step_up) = transaction.step_up_for(&id_token.subject) {
        check_step_up(client, step_up, &id_token)?;
    }
    check_session_expiry(client, &id_token)?;
    let user_info = if client.settings().claims.fetch_user_info {
        client
            .issuer()
            .user_info(&tokens.access_token, &id_token.subject)
            .await?
    } else {
        None
    };
    let mut tokens = kept(client, &transaction, tokens);
    tokens.id_token_mark = Some(id_token.mark());
    tokens.id_token = Some(raw_id_token);
    let session = new_session(client, tokens, &id_token, user_info.clone());
    Ok(SessionCreating {
        session,
        id_token_claims: id_token.claims,
        user_info,
        response_parameters,
        application_state: transaction.application_state,
    })
}

/// Of the tokens, what a session keeps.
fn kept(client: &MonoCloud, transaction: &Transaction, response: TokenResponse) -> TokenSet {
    let configured = &client.settings().auth_params.scopes;
    let requested = transaction.scopes.as_deref().map(ScopeSet::parse);
    let target = Target {
        resource: ResourceSet::parse(&transaction.resource).unwrap_or_default(),
        scopes: requested
            .and_then(Result::ok)
            .unwrap_or_else(|| configured.clone()),
    };
    let default = AccessToken::new(
        response.access_token,
        &target,
        response.scopes.as_deref(),
        response.expires_in,
        client.now(),
    );
    let mut tokens = TokenSet::new(Some(default));
    tokens.refresh_token = response.refresh_token;
    tokens
}

/// As the guard will, which asked for it: sending the browser on to be asked again would have no end.
fn check_step_up(client: &MonoCloud, step_up: &StepUp, id_token: &IdToken) -> Result<(), Error> {
    let authenticated = Authenticated {
        auth_time: id_token.time("auth_time"),
        told_at: client.now(),
    };
    let acr = id_token.claims.get("acr").and_then(Value::as_str);
    let tolerance = client.settings().tokens.clock_tolerance;
    step_up
        .check(authenticated, acr, tolerance)
        .map_err(Error::NotConfirmed)
}

/// What is over at the issuer does not begin here.
fn check_session_expiry(client: &MonoCloud, id_token: &IdToken) -> Result<(), Error> {
    if id_token
        .session_expiry()
        .is_none_or(|expiry| expiry > client.now())
    {
        return Ok(());
    }
    let reason = "the issuer's own session is over already (`session_expiry`)";
    Err(Error::InvalidIdToken(reason.to_owned()))
}

/// RFC 9207 §2.4: where `iss` is there it must be the issuer's, and some issuers promise it.
fn check_issuer(metadata: &Metadata, response: &AuthorizationResponse<'_>) -> Result<(), Error> {
    match response.iss {
        Some(iss) if iss == metadata.issuer.as_str() => Ok(()),
        None if !metadata.response_iss => Ok(()),
        _ => Err(Error::WrongIssuer),
    }
}

fn new_session(
    client: &MonoCloud,
    tokens: TokenSet,
    id_token: &IdToken,
    user_info: Option<Map<String, Value>>,
) -> Session {
    let settings = client.settings();
    let mut claims = id_token.claims.clone();
    claims.retain(|name, _| !settings.claims.filtered_id_token_claims.contains(name));
    let user = signed_in(&id_token.subject, &claims, user_info.unwrap_or_default());
    warn_of_trouble(client, &user);
    let scopes = tokens
        .default_token()
        .map(AccessToken::scopes)
        .unwrap_or_default();
    let new = NewSession {
        user: user.with_groups_claim(client.groups_claim().clone()),
        sign_in: SignIn {
            scopes: scopes.split_ascii_whitespace().map(str::to_owned).collect(),
            ..proved(client, id_token)
        },
        tokens,
    };
    let now = client.now_millis();
    Session::start(new, settings.session_lifetime, now)
        .not_older_than(client.denials().earliest(&id_token.subject))
}

/// What of the ID token is the session's own.
fn proved(client: &MonoCloud, id_token: &IdToken) -> SignIn {
    let claims = &id_token.claims;
    let text = |name| claims.get(name).and_then(Value::as_str).map(str::to_owned);
    // Some libraries write a list of one as its member.
    let methods = match claims.get("amr") {
        Some(Value::Array(methods)) => methods.as_slice(),
        Some(method) => std::slice::from_ref(method),
        None => &[],
    };
    let methods = methods.iter().filter_map(Value::as_str);
    SignIn {
        issuer: client.settings().issuer.tenant_domain.as_str().to_owned(),
        sid: text("sid"),
        acr: text("acr"),
        amr: methods.map(str::to_owned).collect(),
        auth_time: id_token.time("auth_time"),
        issued_at: id_token.time("iat"),
        session_expiry: id_token.session_expiry(),
        scopes: Vec::new(),
    }
}
