//! Access tokens that callers send (RFC 6750): whose are taken, what for, and how they are checked.

use std::sync::Arc;
use std::time::Duration;

use super::audience::{Audience, TrustedIssuer, trusted};
use super::client_auth::{Client, ClientAuthMethod, ClientCredential, ClientRules};
use super::issuer::{Issuer, TenantDomain};
use super::kind::{Choice, Credential, Flag, Kind, Number, Seconds, Text};
use super::resources::Pairs;
use super::rules::{Check, any, any_or, between, optional, or, seconds};
use super::setting::{Setting, settings};
use super::sources::Sources;
use crate::clock::Clock;
use crate::jose::MacAlgorithm;

settings! {
    in api() -> ApiRules;

    /// The API's name in access tokens (`aud`), best its own address (RFC 8707 §2). `MONOCLOUD_BACKEND_AUDIENCE`; with
    /// it callers may send access tokens, without it `Authorization` headers are not looked at.
    ///
    /// With an https or loopback URL the API describes itself to clients (RFC 9728); any other name has no such
    /// description, which one line at start says.
    api_audience: Text = "MONOCLOUD_BACKEND_AUDIENCE",
        optional(Audience::parse) => Option<Audience>;

    /// The issuer of access tokens. `MONOCLOUD_BACKEND_TENANT_DOMAIN`; by default that of
    /// [`tenant_domain`](Self::tenant_domain), with which it shares metadata and keys.
    api_tenant_domain: Text = "MONOCLOUD_BACKEND_TENANT_DOMAIN",
        optional(TenantDomain::parse) => Option<TenantDomain>;

    /// The client that introspects tokens (RFC 7662). `MONOCLOUD_BACKEND_CLIENT_ID`; by default the sign-in's client,
    /// where the issuer is the same.
    api_client_id: Text = "MONOCLOUD_BACKEND_CLIENT_ID",
        any => Option<String>;

    /// Its secret, or its private key as for [`client_secret`](Self::client_secret).
    /// `MONOCLOUD_BACKEND_CLIENT_SECRET`; by default the sign-in's, where the issuer is the same.
    api_client_secret: Credential = "MONOCLOUD_BACKEND_CLIENT_SECRET",
        optional(ClientCredential::parse) => Option<ClientCredential>;

    /// How it proves who it is. `MONOCLOUD_BACKEND_CLIENT_AUTH_METHOD`; by default `private_key_jwt` with a key, and
    /// else `client_secret_post`, unless the issuer lists others alone. The sign-in's client, where it
    /// asks, has that of [`client_auth_method`](Self::client_auth_method) unless this is set.
    api_client_auth_method: Choice<ClientAuthMethod> = "MONOCLOUD_BACKEND_CLIENT_AUTH_METHOD",
        any => Option<ClientAuthMethod>;

    /// Whether the issuer is asked about JWTs too, after they were found good here, so that one that was revoked is
    /// refused within a minute. `MONOCLOUD_BACKEND_INTROSPECT_JWT_TOKENS`, `false`. Those of
    /// [further issuers](Self::trusted_token_issuers) are checked here alone.
    introspect_jwt_tokens: Flag = "MONOCLOUD_BACKEND_INTROSPECT_JWT_TOKENS",
        any_or(false) => bool;

    /// Whether JWTs are taken that do not say that they are access tokens: whose `typ` is `JWT` or absent in place of
    /// `at+jwt` (RFC 9068 §2.1). `MONOCLOUD_BACKEND_ACCEPT_PLAIN_JWT_TOKENS`, `false`; for issuers that write no
    /// others. What only ID tokens and logout tokens have is refused.
    accept_plain_jwt_tokens: Flag = "MONOCLOUD_BACKEND_ACCEPT_PLAIN_JWT_TOKENS",
        any_or(false) => bool;

    /// Further issuers whose JWT access tokens are taken, each exactly as it writes itself into `iss`, with the
    /// audience that its tokens have here. None is asked about opaque tokens.
    ///
    /// **A `sub` is somebody at one issuer alone** (RFC 7519 §4.1.2): where people own things, compare
    /// [`Claims::issuer`](crate::Claims::issuer) too, or the `iss` of the [`User`](crate::User). The groups that such a
    /// token names are nobody's here, unless [`trusted_issuers_groups_claim`](Self::trusted_issuers_groups_claim) says
    /// where they are.
    ///
    /// ```
    /// # fn settings(builder: monocloud_runtime::settings::Builder) -> monocloud_runtime::settings::Builder {
    /// builder
    ///     .api_audience("https://api.example.com")
    ///     .trusted_token_issuers([("https://partner.example.org/", "https://api.example.com")])
    /// # }
    /// ```
    trusted_token_issuers: Pairs, trusted => Vec<TrustedIssuer>;

    /// The claim that holds groups in tokens of the [further issuers](Self::trusted_token_issuers), as for
    /// [`api_groups_claim`](Self::api_groups_claim). Nothing unless set: guards that ask for groups then refuse their
    /// tokens, since whoever names the groups there says who is an admin here.
    trusted_issuers_groups_claim: Text,
        any => Option<String>;

    /// The claim of access tokens that holds groups, by name or dotted path, as for
    /// [`groups_claim`](Self::groups_claim). `MONOCLOUD_BACKEND_GROUPS_CLAIM`, `groups`.
    api_groups_claim: Text = "MONOCLOUD_BACKEND_GROUPS_CLAIM",
        or("groups".to_owned(), |name: &str| Ok(name.to_owned())) => String;

    /// Whether an access token needs all of the groups that are asked for, where one would be enough otherwise.
    /// `MONOCLOUD_BACKEND_GROUPS_MATCH_ALL`, `false`.
    api_groups_match_all: Flag = "MONOCLOUD_BACKEND_GROUPS_MATCH_ALL",
        any_or(false) => bool;

    /// Seconds that are added to the clock for access tokens; may be negative, a day at most.
    /// `MONOCLOUD_BACKEND_CLOCK_SKEW`, 0.
    api_clock_skew: Number<i64> = "MONOCLOUD_BACKEND_CLOCK_SKEW",
        or(0, between(-86_400, 86_400, "seconds", "0 or -30")) => i64;

    /// Leeway for times in access tokens, in whole seconds, a day at most. `MONOCLOUD_BACKEND_CLOCK_TOLERANCE`, 60.
    api_clock_tolerance: Seconds = "MONOCLOUD_BACKEND_CLOCK_TOLERANCE",
        or(Duration::from_secs(60), seconds(0, 86_400, "60")) => i64;

    /// How long the keys of access tokens are fresh, in whole seconds, a day at most.
    /// `MONOCLOUD_BACKEND_JWKS_CACHE_DURATION`, 300.
    api_jwks_cache: Seconds = "MONOCLOUD_BACKEND_JWKS_CACHE_DURATION",
        or(Duration::from_secs(300), fresh) => Duration;

    /// How long the metadata of their issuers is fresh, in whole seconds, a day at most.
    /// `MONOCLOUD_BACKEND_METADATA_CACHE_DURATION`, 300.
    api_metadata_cache: Seconds = "MONOCLOUD_BACKEND_METADATA_CACHE_DURATION",
        or(Duration::from_secs(300), fresh) => Duration;
}

/// How access tokens are checked, where the API takes any.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    pub(crate) audience: Audience,
    pub(crate) tenant_domain: TenantDomain,
    /// Whether that is the issuer of sign-ins too.
    pub(crate) is_of_sign_in: bool,
    /// Who introspects. Nobody does where another issuer would learn the sign-in's secret.
    pub(crate) client: Option<Client>,
    pub(crate) trusted_issuers: Vec<TrustedIssuer>,
    pub(crate) introspect_jwt: bool,
    pub(crate) accept_plain_jwt: bool,
    pub(crate) groups: TokenGroups,
    /// Includes the configured skew.
    pub(crate) clock: Clock,
    pub(crate) clock_tolerance: i64,
    pub(crate) jwks_cache: Duration,
    pub(crate) metadata_cache: Duration,
}

/// How groups of access tokens are read.
#[derive(Clone, Debug)]
pub(crate) struct TokenGroups {
    pub(crate) claim: Arc<str>,
    /// In tokens of further issuers.
    pub(crate) claim_of_others: Option<Arc<str>>,
    pub(crate) match_all: bool,
}

impl ApiRules {
    /// What the API takes, if it takes anything.
    pub(super) fn together(
        self,
        check: &mut Check,
        issuer: &Issuer,
        sign_in: &ClientRules,
        clock: &Clock,
    ) -> Option<Api> {
        let Some(audience) = &self.api_audience else {
            self.check_without_audience(check);
            return None;
        };
        check.warn_of_space(&named::api_groups_claim, &self.api_groups_claim);
        let tenant_domain = self
            .api_tenant_domain
            .clone()
            .unwrap_or_else(|| issuer.tenant_domain.clone());
        let is_of_sign_in = tenant_domain == issuer.tenant_domain;
        self.check_audiences(check, &issuer.client_id);
        if self
            .trusted_token_issuers
            .iter()
            .any(|trusted| tenant_domain.names(&trusted.issuer))
        {
            check.problem(
                &named::trusted_token_issuers,
                "the API's own issuer is among them; list further ones alone",
            );
        }
        let client = self.client(check, issuer, sign_in, is_of_sign_in);
        if let Some(client) = &client {
            self.check_method(check, client);
        }
        if client.is_none() && self.introspect_jwt_tokens {
            check.problem(
                &named::introspect_jwt_tokens,
                "there is no client that may ask; set MONOCLOUD_BACKEND_CLIENT_ID and MONOCLOUD_BACKEND_CLIENT_SECRET \
                 to one of MONOCLOUD_BACKEND_TENANT_DOMAIN",
            );
        }
        Some(Api {
            audience: audience.clone(),
            tenant_domain,
            is_of_sign_in,
            client,
            introspect_jwt: self.introspect_jwt_tokens,
            accept_plain_jwt: self.accept_plain_jwt_tokens,
            groups: TokenGroups {
                claim: self.api_groups_claim.into(),
                claim_of_others: self.trusted_issuers_groups_claim.map(Into::into),
                match_all: self.api_groups_match_all,
            },
            clock: clock.clone().with_skew(self.api_clock_skew),
            clock_tolerance: self.api_clock_tolerance,
            jwks_cache: self.api_jwks_cache,
            metadata_cache: self.api_metadata_cache,
            trusted_issuers: self.trusted_token_issuers,
        })
    }

    fn check_without_audience(&self, check: &mut Check) {
        const WITHOUT: &str =
            "it has no effect without MONOCLOUD_BACKEND_AUDIENCE, the API's name in access tokens";
        if !self.trusted_token_issuers.is_empty() {
            check.problem(&named::trusted_token_issuers, WITHOUT);
        }
        let given: [(&Setting, bool); 6] = [
            (&named::api_tenant_domain, self.api_tenant_domain.is_some()),
            (&named::api_client_id, self.api_client_id.is_some()),
            (&named::api_client_secret, self.api_client_secret.is_some()),
            (
                &named::api_client_auth_method,
                self.api_client_auth_method.is_some(),
            ),
            (&named::introspect_jwt_tokens, self.introspect_jwt_tokens),
            (&named::accept_plain_jwt_tokens, self.accept_plain_jwt_tokens),
        ];
        for (setting, _) in given.into_iter().filter(|(_, is_given)| *is_given) {
            check.warning(setting, WITHOUT);
        }
    }

    /// An ID token names the client in `aud`, and where access tokens need no type of their own, nothing else would
    /// keep it apart.
    fn check_audiences(&self, check: &mut Check, client_id: &str) {
        const SAME: &str = "it is the client's id, so that an ID token could pass for an access token; name the API \
                            otherwise at the issuer, or leave MONOCLOUD_BACKEND_ACCEPT_PLAIN_JWT_TOKENS out";
        if !self.accept_plain_jwt_tokens {
            return;
        }
        let is_clients =
            |audience: &str| audience == client_id || self.api_client_id.as_deref() == Some(audience);
        if self
            .api_audience
            .as_ref()
            .is_some_and(|audience| is_clients(audience.as_str()))
        {
            check.problem(&named::api_audience, SAME);
        }
        if self
            .trusted_token_issuers
            .iter()
            .any(|trusted| is_clients(&trusted.audience))
        {
            check.problem(&named::trusted_token_issuers, SAME);
        }
    }

    fn client(
        &self,
        check: &mut Check,
        issuer: &Issuer,
        sign_in: &ClientRules,
        is_of_sign_in: bool,
    ) -> Option<Client> {
        let client = |id: &String, credential: &ClientCredential| Client {
            id: id.clone(),
            credential: credential.clone(),
            method: self.api_client_auth_method,
            first: ClientAuthMethod::ClientSecretPost,
            assertion_signing_alg: None,
            method_variable: named::api_client_auth_method.variables[0],
        };
        match (&self.api_client_id, &self.api_client_secret) {
            (Some(id), Some(secret)) => Some(client(id, secret)),
            (None, Some(secret)) if is_of_sign_in => Some(client(&issuer.client_id, secret)),
            (None, None) if is_of_sign_in => {
                let of_sign_in = client(&issuer.client_id, &sign_in.client_secret);
                Some(Client {
                    method: of_sign_in.method.or(sign_in.client_auth_method),
                    first: ClientAuthMethod::default(),
                    assertion_signing_alg: sign_in.client_assertion_signing_alg,
                    ..of_sign_in
                })
            }
            (None, None) => None,
            (None, Some(_)) => {
                check.problem(
                    &named::api_client_id,
                    "missing; write the id of the client whose secret MONOCLOUD_BACKEND_CLIENT_SECRET is",
                );
                None
            }
            (Some(_), None) => {
                check.problem(
                    &named::api_client_secret,
                    "missing; write the secret of the client that MONOCLOUD_BACKEND_CLIENT_ID names",
                );
                None
            }
        }
    }
}

impl ApiRules {
    /// A method that was set here fits the secret or key. What the sign-in has was checked there.
    fn check_method(&self, check: &mut Check, client: &Client) {
        let Some(method) = self.api_client_auth_method else {
            return;
        };
        let problem = match (&client.credential, method) {
            (ClientCredential::Secret(_), ClientAuthMethod::PrivateKeyJwt) => {
                "private_key_jwt needs a private key, and the client's secret is none; write the key itself, as JWK or \
                 PEM, into MONOCLOUD_BACKEND_CLIENT_SECRET, or choose a method that uses a secret"
            }
            (ClientCredential::Secret(secret), ClientAuthMethod::ClientSecretJwt)
                if MacAlgorithm::for_secret(secret.reveal()).is_empty() =>
            {
                "client_secret_jwt needs a secret of at least 32 bytes (RFC 7518 §3.2); have the issuer make a longer \
                 one, or choose another method"
            }
            (ClientCredential::PrivateKey(_), method) if method != ClientAuthMethod::PrivateKeyJwt => {
                "it uses a secret, and the client has a private key; write private_key_jwt, or set \
                 MONOCLOUD_BACKEND_CLIENT_SECRET to a secret"
            }
            _ => return,
        };
        check.problem(&named::api_client_auth_method, problem);
    }
}

impl Api {
    /// What an operator would look for in vain.
    pub(super) fn say_what_it_lacks(&self) {
        if self.audience.resource().is_none() {
            tracing::info!(
                name: "monocloud.config.audience_without_metadata",
                audience = self.audience.as_str(),
                "this audience is no https or loopback URL, so the API has no protected-resource metadata (RFC 9728), \
                 and clients such as those of the Model Context Protocol cannot find its issuer \
                 (MONOCLOUD_BACKEND_AUDIENCE)"
            );
        }
        if self.client.is_none() {
            tracing::info!(
                name: "monocloud.config.no_introspection",
                "opaque access tokens are refused: the issuer of access tokens is another than the sign-in's, and \
                 there is no client of its own to introspect them with (MONOCLOUD_BACKEND_CLIENT_ID, \
                 MONOCLOUD_BACKEND_CLIENT_SECRET)"
            );
        }
    }
}

fn fresh(value: &Duration) -> Result<Duration, String> {
    seconds(0, 86_400, "300 for five minutes")(value).map(|_| *value)
}
