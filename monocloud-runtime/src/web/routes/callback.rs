//! The issuer's answer: checked against the transaction, exchanged for tokens, made a session.

use std::borrow::Cow;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use serde_json::{Map, Value};

use super::{query, single};
use crate::client::MonoCloud;
use crate::config::SameSite;
use crate::error::{Error, printable};
use crate::oidc::{CodeExchange, Expected, IdToken, Metadata, Tokens};
use crate::session::{AccessToken, NewSession, Session, Transaction, User};
use crate::web::pages::{Page, see_other};
use crate::web::request_auth::RequestAuth;
use crate::web::return_url::ReturnUrl;
use crate::web::transactions;

/// A form of the issuer: a code, a state and little else.
const MAX_FORM: usize = 64 * 1024;

/// Claims that userinfo has no say in; they describe the sign-in, which the ID token proves.
const ID_TOKEN_ONLY: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nonce",
    "sid",
    "acr",
    "amr",
    "auth_time",
];

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
        query(&parts)
    };
    let answer = Answer::read(&pairs)?;
    let Some(transaction) = transactions::find(client, &parts.headers, answer.state) else {
        auth.add_cookies(transactions::delete_sent(client, &parts.headers, answer.state));
        // Usually the back button, after a sign-in that worked.
        if auth.session(&parts.headers).is_some() {
            return Ok(see_other(
                &ReturnUrl::home(&client.settings().app_url).absolute(&client.settings().app_url),
            ));
        }
        return Err(Error::UnknownTransaction);
    };
    auth.set_return_url(&transaction.return_url);
    let result = session(client, &answer, &transaction).await.and_then(|session| {
        // A new id every time, and the earlier session is over, so that none can be planted or kept.
        let earlier = auth.replace_session(&parts.headers, session)?;
        tracing::info!(name: "monocloud.sign_in.completed", replaced = earlier.is_some(), "signed in");
        Ok(go_back(client, &transaction.return_url))
    });
    // While the issuer is away the browser may try the same answer again.
    if !matches!(&result, Err(error) if error.status() == StatusCode::SERVICE_UNAVAILABLE) {
        auth.add_cookies([transactions::delete(client, &transaction.state)]);
    }
    result
}

/// The authorization response (OIDC Core 3.1.2.5 and 3.1.2.6).
struct Answer<'a> {
    state: &'a str,
    code: Option<&'a str>,
    error: Option<(&'a str, Option<&'a str>)>,
    iss: Option<&'a str>,
}

impl<'a> Answer<'a> {
    fn read(pairs: &'a [(Cow<'a, str>, Cow<'a, str>)]) -> Result<Self, Error> {
        let description = single(pairs, "error_description")?;
        Ok(Self {
            state: single(pairs, "state")?.ok_or(Error::InvalidRequest(
                "this page is for the issuer's answer, which has a `state`",
            ))?,
            code: single(pairs, "code")?,
            error: single(pairs, "error")?.map(|error| (error, description)),
            iss: single(pairs, "iss")?,
        })
    }
}

/// The session that a good answer gives.
async fn session(
    client: &MonoCloud,
    answer: &Answer<'_>,
    transaction: &Transaction,
) -> Result<Session, Error> {
    let settings = client.settings();
    let metadata = client.issuer().metadata().await?;
    check_issuer(&metadata, answer)?;
    if let Some((error, description)) = answer.error {
        return Err(Error::Refused {
            error: printable(error),
            description: description.map(printable),
        });
    }
    let code = answer.code.ok_or(Error::InvalidRequest(
        "the issuer's answer has neither a code nor an error",
    ))?;
    client.issuer().prepare_keys().await?;
    let tokens = client
        .issuer()
        .exchange(
            &metadata,
            CodeExchange {
                code: code.to_owned(),
                code_verifier: transaction.code_verifier.clone(),
                redirect_uri: &settings.app_url.join(&settings.routes.callback),
                resource: &transaction.resource,
            },
        )
        .await?;
    let expected = Expected {
        nonce: &transaction.nonce,
        access_token: &tokens.access_token,
        max_age: transaction.max_age,
    };
    let id_token = client
        .issuer()
        .validate(&metadata, &tokens.id_token, &expected)
        .await?;
    let user_info = if settings.fetch_user_info {
        client
            .issuer()
            .user_info(&tokens.access_token, &id_token.subject)
            .await?
    } else {
        None
    };
    Ok(new_session(client, transaction, tokens, &id_token, user_info))
}

/// RFC 9207 §2.4: where `iss` is there it must be the issuer's, and some issuers promise it.
fn check_issuer(metadata: &Metadata, answer: &Answer<'_>) -> Result<(), Error> {
    match answer.iss {
        Some(iss) if iss == metadata.issuer.as_str() => Ok(()),
        None if !metadata.response_iss => Ok(()),
        _ => Err(Error::WrongIssuer),
    }
}

fn new_session(
    client: &MonoCloud,
    transaction: &Transaction,
    tokens: Tokens,
    id_token: &IdToken,
    user_info: Option<Map<String, Value>>,
) -> Session {
    let settings = client.settings();
    let now = client.now();
    let mut claims = id_token.claims.clone();
    claims.retain(|name, _| !settings.filtered_id_token_claims.contains(name));
    claims.insert("sub".to_owned(), id_token.subject.clone().into());
    claims.extend(profile_claims(user_info.unwrap_or_default()));
    let requested = || transaction.scopes.split(' ').map(str::to_owned).collect();
    let new = NewSession {
        user: User::from_claims(claims).with_groups_claim(client.groups_claim()),
        auth_time: id_token.auth_time(),
        access_token: Some(AccessToken {
            value: tokens.access_token,
            expires_at: tokens.expires_in.map(|seconds| now.saturating_add(seconds)),
            // RFC 6749 §5.1: left out where it is what was asked for.
            scopes: tokens.scopes.unwrap_or_else(requested),
        }),
        id_token: Some(tokens.id_token),
    };
    Session::start(new, settings.session_lifetime, now)
}

/// What userinfo may add to or change in the user.
pub(super) fn profile_claims(mut user_info: Map<String, Value>) -> Map<String, Value> {
    user_info.retain(|name, _| !is_of_id_token(name));
    user_info
}

/// A `Strict` cookie is not sent on a redirect that another site began, so the page itself goes on.
fn go_back(client: &MonoCloud, return_url: &str) -> Response {
    let settings = client.settings();
    let url = format!("{}{return_url}", settings.app_url.origin());
    if settings.session_cookie.same_site != SameSite::Strict {
        return see_other(&url);
    }
    Page {
        status: StatusCode::OK,
        title: "You are signed in",
        text: "One moment, please.",
        link: Some((&url, "Go on")),
        refresh: Some(&url),
    }
    .into_response()
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

/// Whether a claim of the user is the ID token's to give.
pub(super) fn is_of_id_token(name: &str) -> bool {
    ID_TOKEN_ONLY.contains(&name)
}
