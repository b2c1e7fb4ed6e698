//! The client at the issuer's endpoints: how it proves who it is and with what, and which of them it asks first.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::kind::{Choice, Credential, Flag, Kind, Text};
use super::rules::{Check, any, any_or, optional, required};
use super::secret::Secret;
use super::setting::settings;
use super::sources::Sources;
use crate::jose::{Algorithm, MacAlgorithm, PrivateKey};

settings! {
    in client_auth() -> ClientRules;

    /// The client's secret, or for `private_key_jwt` its private key: a JWK as JSON, or PEM (PKCS#8, PKCS#1, SEC 1),
    /// with line breaks or `\\n` in their place. `MONOCLOUD_AUTH_CLIENT_SECRET`, required.
    ///
    /// RSA keys have 2,048 to 8,192 bits; the others are on P-256, P-384, P-521 or Ed25519.
    client_secret: Credential = "MONOCLOUD_AUTH_CLIENT_SECRET",
        required("the client's secret at the issuer, or its private key", ClientCredential::parse) => ClientCredential;

    /// How the client proves who it is. `MONOCLOUD_AUTH_CLIENT_AUTH_METHOD`; by default `private_key_jwt` where the
    /// secret is a private key, and else what the issuer's metadata lists, `client_secret_basic` first.
    client_auth_method: Choice<ClientAuthMethod> = "MONOCLOUD_AUTH_CLIENT_AUTH_METHOD",
        any => Option<ClientAuthMethod>;

    /// What signs client assertions (RFC 7523), such as `PS256`, or `HS512` with a secret.
    /// `MONOCLOUD_AUTH_CLIENT_ASSERTION_SIGNING_ALG`; by default the key's `alg`, else the first that fits of what the
    /// issuer's metadata lists, RS256 before the others, and HS256 with a secret.
    client_assertion_signing_alg: Text = "MONOCLOUD_AUTH_CLIENT_ASSERTION_SIGNING_ALG",
        optional(AssertionAlgorithm::from_str) => Option<AssertionAlgorithm>;

    /// Whether sign-ins are pushed to the issuer before the browser goes there (PAR, RFC 9126), so that it carries none
    /// of their parameters. `MONOCLOUD_AUTH_USE_PAR`, false; an issuer whose metadata requires it gets it in any case.
    use_par: Flag = "MONOCLOUD_AUTH_USE_PAR",
        any_or(false) => bool;
}

/// How the client proves who it is (OIDC Core 9), at the token endpoint and at every other that asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ClientAuthMethod {
    /// HTTP Basic with the form-encoded id and secret (RFC 6749 §2.3.1).
    #[default]
    ClientSecretBasic,
    /// The id and secret in the body.
    ClientSecretPost,
    /// An assertion that is authenticated with the secret (RFC 7523), which itself is not sent.
    ClientSecretJwt,
    /// An assertion that is signed with a private key (RFC 7523), whose public half the issuer knows.
    PrivateKeyJwt,
}

impl FromStr for ClientAuthMethod {
    type Err = String;

    fn from_str(value: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|method| method.as_str() == value)
            .ok_or_else(|| {
                let names = Self::ALL.map(Self::as_str);
                format!("it is not supported; write one of {}", names.join(", "))
            })
    }
}

impl ClientAuthMethod {
    const ALL: [Self; 4] = [
        Self::ClientSecretBasic,
        Self::ClientSecretPost,
        Self::ClientSecretJwt,
        Self::PrivateKeyJwt,
    ];

    /// As it is registered (OIDC Core 9).
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::ClientSecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
        }
    }
}

/// What the client proves it with.
#[derive(Clone)]
pub(crate) enum ClientCredential {
    Secret(Secret),
    PrivateKey(Arc<PrivateKey>),
}

impl ClientCredential {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if PrivateKey::is_meant_by(text) {
            return PrivateKey::read(text).map(|key| Self::PrivateKey(Arc::new(key)));
        }
        Ok(Self::Secret(Secret::new(text)))
    }
}

impl fmt::Debug for ClientCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// What an assertion is signed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AssertionAlgorithm {
    Mac(MacAlgorithm),
    Signature(Algorithm),
}

impl FromStr for AssertionAlgorithm {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let mac = MacAlgorithm::ALL.into_iter().find(|known| known.name() == name);
        mac.map(Self::Mac)
            .or_else(|| name.parse().map(Self::Signature).ok())
            .ok_or_else(|| {
                let macs = MacAlgorithm::ALL.map(MacAlgorithm::name);
                let names = Algorithm::ALL.map(Algorithm::name);
                format!(
                    "it signs no assertion; write one of {}, or with a secret one of {}",
                    names.join(", "),
                    macs.join(", ")
                )
            })
    }
}

/// A client at an issuer, and how it proves who it is there.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) credential: ClientCredential,
    /// Where it is set.
    pub(crate) method: Option<ClientAuthMethod>,
    /// What comes first of all that a secret can be used with, where nothing is set.
    pub(crate) first: ClientAuthMethod,
    pub(crate) assertion_signing_alg: Option<AssertionAlgorithm>,
    /// The variable that sets the method.
    pub(crate) method_variable: &'static str,
}

impl ClientRules {
    /// The client of sign-ins.
    pub(crate) fn client(&self, id: &str) -> Client {
        Client {
            id: id.to_owned(),
            credential: self.client_secret.clone(),
            method: self.client_auth_method,
            first: ClientAuthMethod::ClientSecretBasic,
            assertion_signing_alg: self.client_assertion_signing_alg,
            method_variable: named::client_auth_method.variables[0],
        }
    }

    /// Allowed by RFC 6749 (appendix A), but more often two values in one line than a secret.
    pub(super) fn warn_of_space(&self, check: &mut Check) {
        if let ClientCredential::Secret(secret) = &self.client_secret {
            check.warn_of_space(&named::client_secret, secret.reveal());
        }
    }

    /// Method, secret or key, and algorithm belong together.
    pub(super) fn check_together(&self, check: &mut Check) {
        match &self.client_secret {
            ClientCredential::Secret(secret) => self.check_with_secret(check, secret.reveal()),
            ClientCredential::PrivateKey(key) => self.check_with_key(check, key),
        }
    }

    fn check_with_secret(&self, check: &mut Check, secret: &str) {
        match self.client_auth_method {
            Some(ClientAuthMethod::PrivateKeyJwt) => check.problem(
                &named::client_auth_method,
                "private_key_jwt needs a private key, and the client's secret is none; write the key itself, as JWK or \
                 PEM, into MONOCLOUD_AUTH_CLIENT_SECRET, or choose a method that uses a secret",
            ),
            Some(ClientAuthMethod::ClientSecretJwt) => {
                let algorithm = match self.client_assertion_signing_alg {
                    None => MacAlgorithm::Hs256,
                    Some(AssertionAlgorithm::Mac(algorithm)) => algorithm,
                    Some(AssertionAlgorithm::Signature(_)) => {
                        return check.problem(
                            &named::client_assertion_signing_alg,
                            "client_secret_jwt signs with the secret; write HS256, HS384 or HS512, or leave it out",
                        );
                    }
                };
                if secret.len() < algorithm.least_secret() {
                    check.problem(
                        &named::client_secret,
                        format_args!(
                            "client_secret_jwt with {} needs a secret of at least {} bytes (RFC 7518 §3.2); have the \
                             issuer make a longer one, or choose another MONOCLOUD_AUTH_CLIENT_AUTH_METHOD",
                            algorithm.name(),
                            algorithm.least_secret()
                        ),
                    );
                }
            }
            _ if self.client_assertion_signing_alg.is_some() => check.problem(
                &named::client_assertion_signing_alg,
                "it is for client_secret_jwt and private_key_jwt; leave it out, or write client_secret_jwt into \
                 MONOCLOUD_AUTH_CLIENT_AUTH_METHOD",
            ),
            _ => {}
        }
    }

    fn check_with_key(&self, check: &mut Check, key: &PrivateKey) {
        if let Some(method) = self.client_auth_method
            && method != ClientAuthMethod::PrivateKeyJwt
        {
            return check.problem(
                &named::client_auth_method,
                format_args!(
                    "{} uses a secret, and MONOCLOUD_AUTH_CLIENT_SECRET has a private key; write private_key_jwt, or \
                     the secret in place of the key",
                    method.as_str()
                ),
            );
        }
        let fits = |algorithm| match algorithm {
            AssertionAlgorithm::Mac(_) => false,
            AssertionAlgorithm::Signature(algorithm) => key.algorithms().any(|fitting| fitting == algorithm),
        };
        if !self.client_assertion_signing_alg.is_none_or(fits) {
            let names: Vec<&str> = key.algorithms().map(Algorithm::name).collect();
            check.problem(
                &named::client_assertion_signing_alg,
                format_args!(
                    "the key of MONOCLOUD_AUTH_CLIENT_SECRET does not sign with it; write {}, or leave it out",
                    names.join(" or ")
                ),
            );
        }
    }
}
