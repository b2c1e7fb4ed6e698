//! How this client proves who it is (RFC 6749 §2.3.1, RFC 7523, OIDC Core 9).

use std::borrow::Cow;
use std::sync::Once;

use aws_lc_rs::error::Unspecified;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::form_urlencoded::byte_serialize;

use super::client_assertion::{self, ASSERTION_TYPE};
use crate::clock::Clock;
use crate::config::{AssertionAlgorithm, Client, ClientAuthMethod, ClientCredential};
use crate::error::printable;
use crate::jose::{Algorithm, MacAlgorithm, PrivateKey};

/// What the settings say about a client, and whether their owner was told what is wrong with it.
pub(super) struct ClientAuth {
    client: Client,
    clock: Clock,
    warned_of_method: Once,
    warned_of_algorithm: Once,
}

/// What the issuer's metadata says about clients.
#[derive(Debug)]
pub(crate) struct Listed {
    /// The issuer as it writes itself, which is whom an assertion is for.
    pub(super) issuer: String,
    /// How clients may prove who they are (`token_endpoint_auth_methods_supported`), where the issuer says so.
    pub(super) methods: Option<Vec<String>>,
    /// What may sign their assertions (`token_endpoint_auth_signing_alg_values_supported`), where it says so.
    pub(super) algorithms: Option<Vec<String>>,
}

/// What a request must have.
pub(super) enum Credentials<'a> {
    /// The parameter of an `Authorization: Basic` header.
    Basic(String),
    /// Parameters of the form.
    Form(Vec<(&'static str, Cow<'a, str>)>),
}

impl ClientAuth {
    pub(super) fn new(client: Client, clock: Clock) -> Self {
        Self {
            client,
            clock,
            warned_of_method: Once::new(),
            warned_of_algorithm: Once::new(),
        }
    }

    /// Made anew for each request. Fails where the cryptography does.
    pub(super) fn credentials(&self, listed: &Listed) -> Result<Credentials<'_>, Unspecified> {
        let client_id = &self.client.id;
        let methods = usable(&self.client.credential, self.client.first);
        let chosen = choose(self.client.method, &methods, |method| {
            lists(listed.methods.as_deref(), method.as_str())
        });
        if !chosen.is_listed {
            self.warned_of_method
                .call_once(|| self.warn_of_method(chosen.value, listed.methods.as_deref()));
        }
        let assertion = match (&self.client.credential, chosen.value) {
            (ClientCredential::PrivateKey(key), _) => self.signed(key, listed)?,
            (ClientCredential::Secret(secret), ClientAuthMethod::ClientSecretJwt) => {
                self.with_secret(secret.reveal(), listed)
            }
            (ClientCredential::Secret(secret), ClientAuthMethod::ClientSecretPost) => {
                return Ok(Credentials::Form(vec![
                    ("client_id", client_id.into()),
                    ("client_secret", secret.reveal().into()),
                ]));
            }
            (ClientCredential::Secret(secret), _) => {
                return Ok(Credentials::Basic(basic(client_id, secret.reveal())));
            }
        };
        Ok(Credentials::Form(vec![
            // RFC 7521 §4.2: optional, and some issuers look the client up by it.
            ("client_id", client_id.into()),
            ("client_assertion_type", ASSERTION_TYPE.into()),
            ("client_assertion", assertion.into()),
        ]))
    }

    /// What is sent as it is, if anything.
    pub(super) fn secret(&self) -> Option<&str> {
        match &self.client.credential {
            ClientCredential::Secret(secret) => Some(secret.reveal()),
            ClientCredential::PrivateKey(_) => None,
        }
    }

    /// `private_key_jwt`
    fn signed(&self, key: &PrivateKey, listed: &Listed) -> Result<String, Unspecified> {
        let configured = match self.client.assertion_signing_alg {
            Some(AssertionAlgorithm::Signature(algorithm)) => Some(algorithm),
            _ => None,
        };
        let fitting: Vec<Algorithm> = key.algorithms().collect();
        let algorithm = self.algorithm(configured, &fitting, Algorithm::name, listed);
        key.sign(algorithm, &self.claims(listed))
    }

    /// `client_secret_jwt`
    fn with_secret(&self, secret: &str, listed: &Listed) -> String {
        let configured = match self.client.assertion_signing_alg {
            Some(AssertionAlgorithm::Mac(algorithm)) => Some(algorithm),
            _ => None,
        };
        let fitting = MacAlgorithm::for_secret(secret);
        let algorithm = self.algorithm(configured, &fitting, MacAlgorithm::name, listed);
        algorithm.sign(secret.as_bytes(), &self.claims(listed))
    }

    fn algorithm<T: Copy + PartialEq>(
        &self,
        configured: Option<T>,
        fitting: &[T],
        name: impl Fn(T) -> &'static str,
        listed: &Listed,
    ) -> T {
        let listed = listed.algorithms.as_deref();
        let chosen = choose(configured, fitting, |algorithm| lists(listed, name(algorithm)));
        if !chosen.is_listed {
            self.warned_of_algorithm
                .call_once(|| warn_of_algorithm(name(chosen.value), listed));
        }
        chosen.value
    }

    fn claims(&self, listed: &Listed) -> serde_json::Map<String, serde_json::Value> {
        client_assertion::claims(&self.client.id, &listed.issuer, self.clock.now())
    }

    fn warn_of_method(&self, method: ClientAuthMethod, listed: Option<&[String]>) {
        tracing::warn!(
            name: "monocloud.client_auth.not_listed",
            method = method.as_str(),
            listed = printable(&listed.unwrap_or_default().join(" "), 200),
            "the issuer does not list this method; if it refuses the client, set {} to one that it lists",
            self.client.method_variable
        );
    }
}

/// The methods that can be used with it, in the order in which they are tried.
fn usable(credential: &ClientCredential, first: ClientAuthMethod) -> Vec<ClientAuthMethod> {
    use ClientAuthMethod::{ClientSecretBasic, ClientSecretJwt, ClientSecretPost, PrivateKeyJwt};
    let mut methods = match credential {
        ClientCredential::PrivateKey(_) => vec![PrivateKeyJwt],
        ClientCredential::Secret(secret) if MacAlgorithm::for_secret(secret.reveal()).is_empty() => {
            vec![ClientSecretBasic, ClientSecretPost]
        }
        ClientCredential::Secret(_) => vec![ClientSecretBasic, ClientSecretPost, ClientSecretJwt],
    };
    methods.sort_by_key(|method| *method != first);
    methods
}

/// Both are form-encoded first (RFC 6749 §2.3.1).
fn basic(id: &str, secret: &str) -> String {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret)))
}

struct Choice<T> {
    value: T,
    /// Whether the issuer takes it, as far as is known.
    is_listed: bool,
}

/// What was configured, else the first that the issuer lists, else the first: Basic is what issuers take that list
/// nothing (OIDC Discovery 3). There is always one.
fn choose<T: Copy>(configured: Option<T>, usable: &[T], is_listed: impl Fn(T) -> bool) -> Choice<T> {
    let value = configured
        .or_else(|| usable.iter().copied().find(|value| is_listed(*value)))
        .unwrap_or(usable[0]);
    Choice {
        value,
        is_listed: is_listed(value),
    }
}

fn lists(listed: Option<&[String]>, name: &str) -> bool {
    listed.is_none_or(|listed| listed.iter().any(|listed| listed == name))
}

fn warn_of_algorithm(algorithm: &str, listed: Option<&[String]>) {
    tracing::warn!(
        name: "monocloud.client_auth.algorithm_not_listed",
        algorithm,
        listed = printable(&listed.unwrap_or_default().join(" "), 200),
        "the issuer does not list this algorithm for client assertions; if it refuses the client, set \
         MONOCLOUD_AUTH_CLIENT_ASSERTION_SIGNING_ALG to one that it lists, or use a key for one of them"
    );
}

#[cfg(test)]
mod tests {
    use super::{choose, lists, usable};
    use crate::config::ClientAuthMethod::{ClientSecretBasic, ClientSecretJwt, ClientSecretPost};
    use crate::config::{ClientCredential, Secret};

    #[test]
    fn what_is_set_wins_and_else_what_is_listed_basic_first() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let both = names(&["client_secret_post", "private_key_jwt", "client_secret_basic"]);
        let post = names(&["none", "client_secret_jwt", "client_secret_post"]);
        let jwt = names(&["private_key_jwt", "client_secret_jwt"]);
        let neither = names(&["private_key_jwt", "tls_client_auth"]);
        let choices = [
            (None, None, ClientSecretBasic, true),
            (None, Some(&both), ClientSecretBasic, true),
            (None, Some(&post), ClientSecretPost, true),
            (None, Some(&jwt), ClientSecretJwt, true),
            (None, Some(&neither), ClientSecretBasic, false),
            (Some(ClientSecretPost), None, ClientSecretPost, true),
            (Some(ClientSecretPost), Some(&both), ClientSecretPost, true),
            (Some(ClientSecretBasic), Some(&post), ClientSecretBasic, false),
            (Some(ClientSecretPost), Some(&neither), ClientSecretPost, false),
        ];
        let long = ClientCredential::Secret(Secret::new("s".repeat(32)));
        let methods = usable(&long, ClientSecretBasic);
        for (configured, listed, method, is_listed) in choices {
            let choice = choose(configured, &methods, |method| {
                lists(listed.map(Vec::as_slice), method.as_str())
            });
            assert_eq!(
                (choice.value, choice.is_listed),
                (method, is_listed),
                "{configured:?} {listed:?}"
            );
        }
        // RFC 7518 §3.2: too short to authenticate anything with.
        let short = ClientCredential::Secret(Secret::new("s".repeat(31)));
        assert_eq!(
            usable(&short, ClientSecretBasic),
            [ClientSecretBasic, ClientSecretPost]
        );
        assert_eq!(
            usable(&long, ClientSecretPost),
            [ClientSecretPost, ClientSecretBasic, ClientSecretJwt]
        );
    }
}
