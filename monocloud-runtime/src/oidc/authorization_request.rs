//! The authorization request (OIDC Core 3.1.2.1, RFC 7636, RFC 8707).

use openidconnect::core::{CoreAuthenticationFlow, CoreClient};
use openidconnect::{
    AuthUrl, ClientId, CsrfToken, JsonWebKeySet, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    Scope,
};
use std::borrow::Cow;

use url::Url;

use super::metadata::Metadata;
use crate::config::{AuthorizationParams, ResponseMode, Secret};
use crate::error::Error;

/// What is asked of the issuer, besides what the settings say.
pub(crate) struct AuthorizationRequest<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) redirect_uri: &'a str,
    pub(crate) state: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) code_verifier: &'a str,
    pub(crate) params: &'a AuthorizationParams,
}

impl AuthorizationRequest<'_> {
    /// Where to send the browser.
    pub(super) fn url(&self, metadata: &Metadata) -> Result<Url, Error> {
        self.at(metadata, metadata.authorization_endpoint.clone())
    }

    /// The same by themselves, to be pushed (RFC 9126 §2.1): what the endpoint's address has of its own stays there.
    pub(super) fn parameters(&self, metadata: &Metadata) -> Result<Vec<(String, String)>, Error> {
        let mut endpoint = metadata.authorization_endpoint.clone();
        endpoint.set_query(None);
        let url = self.at(metadata, endpoint)?;
        Ok(url.query_pairs().into_owned().collect())
    }

    fn at(&self, metadata: &Metadata, endpoint: Url) -> Result<Url, Error> {
        let redirect_uri = RedirectUrl::new(self.redirect_uri.to_owned())
            .map_err(|error| Error::malformed("the redirect URI", error.to_string()))?;
        let client = CoreClient::new(
            ClientId::new(self.client_id.to_owned()),
            metadata.issuer.clone(),
            JsonWebKeySet::default(),
        )
        .set_auth_uri(AuthUrl::from_url(endpoint))
        .set_redirect_uri(redirect_uri)
        // It is among the scopes, where it was written.
        .disable_openid_scope();
        let (state, nonce) = (self.state.to_owned(), self.nonce.to_owned());
        let verifier = PkceCodeVerifier::new(self.code_verifier.to_owned());
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                || CsrfToken::new(state),
                || Nonce::new(nonce),
            )
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        for scope in self.params.scopes.iter() {
            request = request.add_scope(Scope::new(scope.to_owned()));
        }
        for (name, value) in self.extra_parameters() {
            request = request.add_extra_param(name, value.into_owned());
        }
        let (url, _, _) = request.url();
        Ok(url)
    }

    /// As they were given: which of them the issuer understands is not for a type to decide.
    fn extra_parameters(&self) -> impl Iterator<Item = (&'static str, Cow<'_, str>)> {
        let params = self.params;
        let max_age = params.max_age.map(|seconds| Cow::from(seconds.to_string()));
        let response_mode =
            (params.response_mode == ResponseMode::FormPost).then_some(Cow::from("form_post"));
        let given = |value: &'_ Option<String>| value.clone().map(Cow::from);
        let hidden = |value: Option<&Secret>| value.map(|value| Cow::from(value.reveal().to_owned()));
        let optional = [
            ("audience", given(&params.audience)),
            ("prompt", given(&params.prompt)),
            ("display", given(&params.display)),
            ("ui_locales", given(&params.ui_locales)),
            ("acr_values", given(&params.acr_values)),
            ("authenticator_hint", given(&params.authenticator_hint)),
            ("max_age", max_age),
            ("login_hint", hidden(params.login_hint.as_ref())),
            ("id_token_hint", hidden(params.id_token_hint.as_ref())),
            ("response_mode", response_mode),
        ];
        let resources = params
            .resource
            .iter()
            .map(|resource| ("resource", Some(resource.into())));
        optional
            .into_iter()
            .chain(resources)
            .filter_map(|(name, value)| Some((name, value?)))
    }
}
