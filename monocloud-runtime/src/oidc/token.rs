//! The token endpoint: a code for tokens (OIDC Core 3.1.3, RFC 6749 §4.1.3).

use oauth2::basic::{
    BasicErrorResponse, BasicErrorResponseType, BasicRevocationErrorResponse,
    BasicTokenIntrospectionResponse, BasicTokenType,
};
use oauth2::{
    AuthType, AuthorizationCode, Client, ClientId, ClientSecret, EndpointNotSet, EndpointSet,
    ExtraTokenFields, PkceCodeVerifier, RedirectUrl, RequestTokenError, StandardRevocableToken,
    StandardTokenResponse, TokenResponse, TokenUrl,
};
use std::borrow::Cow;

use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::issuer::Issuer;
use super::metadata::Metadata;
use crate::config::ClientAuthMethod;
use crate::error::Error;
use crate::http_client::{BoxFuture, HttpError, is_away};

const ENDPOINT: &str = "the token endpoint";

/// What belongs to one code.
pub(crate) struct CodeExchange<'a> {
    pub(crate) code: String,
    pub(crate) code_verifier: String,
    pub(crate) redirect_uri: &'a str,
    pub(crate) resource: &'a str,
}

/// What the token endpoint gave.
pub(crate) struct Tokens {
    pub(crate) access_token: String,
    /// Seconds from now, if the issuer said so.
    pub(crate) expires_in: Option<i64>,
    pub(crate) scopes: Option<Vec<String>>,
    /// Not yet validated.
    pub(crate) id_token: String,
}

/// The ID token stays a string here, so that a bad one is told apart from a bad answer.
#[derive(Debug, Deserialize, Serialize)]
struct IdTokenField {
    id_token: Option<String>,
}

impl ExtraTokenFields for IdTokenField {}

type Answer = StandardTokenResponse<IdTokenField, BasicTokenType>;
type TokenClient = Client<
    BasicErrorResponse,
    Answer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

impl Issuer {
    pub(crate) async fn exchange(
        &self,
        metadata: &Metadata,
        exchange: CodeExchange<'_>,
    ) -> Result<Tokens, Error> {
        let redirect_uri = RedirectUrl::new(exchange.redirect_uri.to_owned())
            .map_err(|error| Error::malformed("the redirect URI", error.to_string()))?;
        let resources: Vec<String> = exchange
            .resource
            .split_ascii_whitespace()
            .map(str::to_owned)
            .collect();
        let (client, http) = (self.token_client(metadata), self.http.clone());
        let CodeExchange {
            code, code_verifier, ..
        } = exchange;
        // Owned and boxed: the compiler cannot see that a borrowing one is `Send`.
        let call: BoxFuture<'static, _> = Box::pin(async move {
            let mut request = client
                .exchange_code(AuthorizationCode::new(code))
                .set_pkce_verifier(PkceCodeVerifier::new(code_verifier))
                .set_redirect_uri(Cow::Owned(redirect_uri));
            for resource in resources {
                request = request.add_extra_param("resource", resource);
            }
            let send = |request| {
                let http = http.clone();
                async move {
                    let response = http.send(request).await?;
                    if is_away(response.status()) {
                        return Err(CallError::Away(response.status()));
                    }
                    Ok(response)
                }
            };
            request.request_async(&send).await
        });
        let answer: Answer = call.await.map_err(token_error)?;
        if *answer.token_type() != BasicTokenType::Bearer {
            return Err(Error::malformed(ENDPOINT, "the token type is not Bearer"));
        }
        if answer.access_token().secret().is_empty() {
            return Err(Error::malformed(ENDPOINT, "the access token is empty"));
        }
        Ok(Tokens {
            access_token: answer.access_token().secret().clone(),
            expires_in: answer
                .expires_in()
                .map(|span| i64::try_from(span.as_secs()).unwrap_or(i64::MAX)),
            scopes: answer
                .scopes()
                .map(|scopes| scopes.iter().map(|scope| scope.to_string()).collect()),
            id_token: answer.extra_fields().id_token.clone().ok_or_else(|| {
                Error::malformed(
                    ENDPOINT,
                    "it gave no id_token; is `openid` allowed for this client?",
                )
            })?,
        })
    }

    fn token_client(&self, metadata: &Metadata) -> TokenClient {
        let settings = &self.settings;
        Client::new(ClientId::new(settings.client_id.clone()))
            .set_client_secret(ClientSecret::new(settings.client_secret.reveal().to_owned()))
            .set_auth_type(match settings.client_auth_method.unwrap_or_default() {
                ClientAuthMethod::ClientSecretBasic => AuthType::BasicAuth,
                ClientAuthMethod::ClientSecretPost => AuthType::RequestBody,
            })
            .set_token_uri(TokenUrl::from_url(metadata.token_endpoint.clone()))
    }
}

/// Why there was no answer to read.
#[derive(Debug, thiserror::Error)]
enum CallError {
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error("it answered {0}")]
    Away(StatusCode),
}

fn token_error(error: RequestTokenError<CallError, BasicErrorResponse>) -> Error {
    match error {
        RequestTokenError::ServerResponse(answer) => match answer.error() {
            BasicErrorResponseType::InvalidGrant => Error::InvalidGrant,
            other => Error::Endpoint {
                endpoint: ENDPOINT,
                error: error_code(other.as_ref()),
            },
        },
        RequestTokenError::Request(CallError::Http(error)) => error.at(ENDPOINT),
        RequestTokenError::Request(away @ CallError::Away(_)) => {
            Error::unreachable(ENDPOINT, away.to_string())
        }
        // The body may hold tokens, so neither it nor the parser's words are repeated.
        RequestTokenError::Parse(..) => Error::malformed(ENDPOINT, "not a token response"),
        RequestTokenError::Other(_) => Error::malformed(ENDPOINT, "an empty or unexpected answer"),
    }
}

/// An error's code for the log, if it looks like one (RFC 6749 §5.2): an issuer might repeat there what it was sent.
fn error_code(text: &str) -> String {
    let is_code = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    if (1..=64).contains(&text.len()) && text.bytes().all(is_code) {
        text.to_owned()
    } else {
        "an error without a code".to_owned()
    }
}
