//! How this client proves who it is (RFC 6749 §2.3.1, OIDC Core 9).

use std::borrow::Cow;
use std::sync::{Arc, Once};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::form_urlencoded::byte_serialize;

use crate::config::{ClientAuthMethod, Settings};
use crate::error::printable;

/// What the settings say about the client, and whether their owner was told what is wrong with it.
pub(super) struct ClientAuth {
    settings: Arc<Settings>,
    warned: Once,
}

/// What the issuer's metadata says about clients.
#[derive(Debug, Default)]
pub(crate) struct Listed {
    /// How they may prove who they are (`token_endpoint_auth_methods_supported`), where the issuer says so.
    pub(super) methods: Option<Vec<String>>,
}

/// What a request must have.
pub(super) enum Credentials<'a> {
    /// The parameter of an `Authorization: Basic` header.
    Basic(String),
    /// Parameters of the form.
    Form(Vec<(&'static str, Cow<'a, str>)>),
}

impl ClientAuth {
    pub(super) fn new(settings: Arc<Settings>) -> Self {
        Self {
            settings,
            warned: Once::new(),
        }
    }

    pub(super) fn credentials(&self, listed: &Listed) -> Credentials<'_> {
        let listed = listed.methods.as_deref();
        let (id, secret) = (&self.settings.issuer.client_id, self.secret());
        let chosen = choose(self.settings.issuer.client_auth_method, listed);
        if !chosen.is_listed {
            self.warned
                .call_once(|| warn(chosen.method, listed.unwrap_or_default()));
        }
        match chosen.method {
            ClientAuthMethod::ClientSecretBasic => Credentials::Basic(basic(id, secret)),
            ClientAuthMethod::ClientSecretPost => {
                Credentials::Form(vec![("client_id", id.into()), ("client_secret", secret.into())])
            }
        }
    }

    pub(super) fn secret(&self) -> &str {
        self.settings.issuer.client_secret.reveal()
    }
}

/// Both are form-encoded first (RFC 6749 §2.3.1).
fn basic(id: &str, secret: &str) -> String {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret)))
}

struct Choice {
    method: ClientAuthMethod,
    /// Whether the issuer takes it, as far as is known.
    is_listed: bool,
}

/// What was configured, else what the issuer lists, Basic first; it is what issuers take that list
/// nothing (OIDC Discovery 3).
fn choose(configured: Option<ClientAuthMethod>, listed: Option<&[String]>) -> Choice {
    use ClientAuthMethod::{ClientSecretBasic, ClientSecretPost};
    let lists = |method: &ClientAuthMethod| {
        listed.is_none_or(|listed| listed.iter().any(|name| name == method.as_str()))
    };
    let method = configured
        .or_else(|| [ClientSecretBasic, ClientSecretPost].into_iter().find(lists))
        .unwrap_or(ClientSecretBasic);
    Choice {
        method,
        is_listed: lists(&method),
    }
}

fn warn(method: ClientAuthMethod, listed: &[String]) {
    tracing::warn!(
        name: "monocloud.client_auth.not_listed",
        method = method.as_str(),
        listed = printable(&listed.join(" "), 200),
        "the issuer does not list this method for its token endpoint; if it refuses the client, set \
         MONOCLOUD_AUTH_CLIENT_AUTH_METHOD to one that it lists"
    );
}

#[cfg(test)]
mod tests {
    use super::choose;
    use crate::config::ClientAuthMethod::{ClientSecretBasic, ClientSecretPost};

    #[test]
    fn what_is_set_wins_and_else_what_is_listed_basic_first() {
        let listed = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let both = listed(&["client_secret_post", "private_key_jwt", "client_secret_basic"]);
        let post = listed(&["none", "client_secret_post"]);
        let neither = listed(&["private_key_jwt", "tls_client_auth"]);
        let choices = [
            (None, None, ClientSecretBasic, true),
            (None, Some(&both), ClientSecretBasic, true),
            (None, Some(&post), ClientSecretPost, true),
            (None, Some(&neither), ClientSecretBasic, false),
            (Some(ClientSecretPost), None, ClientSecretPost, true),
            (Some(ClientSecretPost), Some(&both), ClientSecretPost, true),
            (Some(ClientSecretBasic), Some(&post), ClientSecretBasic, false),
            (Some(ClientSecretPost), Some(&neither), ClientSecretPost, false),
        ];
        for (configured, listed, method, is_listed) in choices {
            let choice = choose(configured, listed.map(Vec::as_slice));
            assert_eq!(
                (choice.method, choice.is_listed),
                (method, is_listed),
                "{configured:?} {listed:?}"
            );
        }
    }
}
