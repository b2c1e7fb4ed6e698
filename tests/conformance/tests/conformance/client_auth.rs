//! How the client authenticates where the issuer lists what it takes.

use monocloud_runtime::testing::{ClientAuth, Endpoint};
use serde_json::json;

use crate::logging::collect;
use crate::rp::Setup;

#[tokio::test]
async fn a_method_that_the_issuer_does_not_list_is_one_warning() {
    use monocloud_runtime::settings::ClientAuthMethod::{ClientSecretBasic, ClientSecretPost};
    for (set, listed, warns, basic) in [
        (None, json!(["client_secret_post"]), false, false),
        (None, json!("client_secret_post"), false, false),
        (
            None,
            json!(["client_secret_post", "client_secret_basic"]),
            false,
            true,
        ),
        (None, json!(null), false, true),
        (Some(ClientSecretPost), json!(null), false, false),
        (
            Some(ClientSecretPost),
            json!(["client_secret_post"]),
            false,
            false,
        ),
        (
            Some(ClientSecretPost),
            json!(["client_secret_basic"]),
            true,
            false,
        ),
        (
            Some(ClientSecretBasic),
            json!(["client_secret_post", "none"]),
            true,
            true,
        ),
        (None, json!(["private_key_jwt"]), true, true),
    ] {
        let log = collect();
        let rp = Setup::new()
            .client(move |client| {
                if basic {
                    client
                } else {
                    client.auth_method(ClientAuth::SecretPost)
                }
            })
            .settings(move |settings| match set {
                Some(method) => settings.client_auth_method(method),
                None => settings,
            })
            .start()
            .await;
        let told = listed.clone();
        rp.provider.tamper_metadata(move |metadata| {
            metadata["token_endpoint_auth_methods_supported"] = told.clone();
        });
        for _ in 0..2 {
            let page = rp.sign_in().await;
            rp.assert_signed_in(&page);
            let asked = rp.provider.last_request(Endpoint::Token).unwrap();
            assert_eq!(asked.header("authorization").is_some(), basic, "{set:?} {listed}");
        }
        let warnings = log.text().matches("MONOCLOUD_AUTH_CLIENT_AUTH_METHOD").count();
        assert_eq!(warnings, usize::from(warns), "{set:?} {listed}");
    }
}
