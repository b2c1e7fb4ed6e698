//! The client's secret or private key, its method and its algorithm belong together, and no byte of a key is told.

use monocloud_runtime::settings::ClientAuthMethod;
use monocloud_runtime::testing::{ClientAuth, Endpoint, Provider, ProviderClient, SigningAlg};

use crate::fixtures::{provider, settings, settings_of};
use crate::settings_effects::{both, signed_in};
use crate::settings_problems::{problems, problems_of};

const LONG: &str = "a secret that is long enough for HS512, which are sixty-four bytes";

fn key(alg: SigningAlg) -> String {
    ProviderClient::new("any")
        .private_key_jwt(alg)
        .secret()
        .to_owned()
}

/// What is wrong with the client's authentication alone.
fn refusals(secret: &str, method: &str, alg: &str) -> Vec<String> {
    problems(&[
        ("MONOCLOUD_AUTH_CLIENT_SECRET", secret),
        ("MONOCLOUD_AUTH_CLIENT_AUTH_METHOD", method),
        ("MONOCLOUD_AUTH_CLIENT_ASSERTION_SIGNING_ALG", alg),
    ])
}

#[track_caller]
fn assert_refused(secret: &str, method: &str, alg: &str, variable: &str, write: &str) {
    let found = refusals(secret, method, alg);
    assert_eq!(found.len(), 1, "{method} {alg}: {found:?}");
    assert!(
        found[0].starts_with(&format!("MONOCLOUD_AUTH_{variable}: ")),
        "{found:?}"
    );
    assert!(found[0].contains(write), "{write}: {found:?}");
}

#[test]
fn a_method_fits_the_secret_or_is_refused_with_its_variable() {
    let key = key(SigningAlg::Es256);
    assert_refused(
        "a secret",
        "private_key_jwt",
        "",
        "CLIENT_AUTH_METHOD",
        "needs a private key",
    );
    assert_refused(
        "key.pem",
        "private_key_jwt",
        "",
        "CLIENT_AUTH_METHOD",
        "write the key itself",
    );
    for method in ["client_secret_basic", "client_secret_post", "client_secret_jwt"] {
        assert_refused(&key, method, "", "CLIENT_AUTH_METHOD", "write private_key_jwt");
    }
    for (secret, method) in [
        (key.as_str(), ""),
        (&key, "private_key_jwt"),
        (LONG, "client_secret_jwt"),
        ("short", ""),
        ("short", "client_secret_basic"),
        ("short", "client_secret_post"),
    ] {
        assert_eq!(refusals(secret, method, ""), [""; 0], "{method}");
    }
    assert_refused(
        "x",
        "tls_client_auth",
        "",
        "CLIENT_AUTH_METHOD",
        "write one of client_secret_basic",
    );
}

/// RFC 7518 §3.2.
#[test]
fn a_secret_is_as_long_as_the_hash_that_it_authenticates_with() {
    for (alg, least) in [("", 32), ("HS256", 32), ("HS384", 48), ("HS512", 64)] {
        let write = format!("at least {least} bytes");
        assert_refused(
            &LONG[..least - 1],
            "client_secret_jwt",
            alg,
            "CLIENT_SECRET",
            &write,
        );
        assert_eq!(refusals(&LONG[..least], "client_secret_jwt", alg), [""; 0]);
    }
}

#[test]
fn an_algorithm_fits_the_key_or_is_refused_with_its_variable() {
    let variable = "CLIENT_ASSERTION_SIGNING_ALG";
    let (rsa, ec) = (key(SigningAlg::Ps256), key(SigningAlg::Es384));
    for alg in ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] {
        assert_eq!(refusals(&rsa, "private_key_jwt", alg), [""; 0], "{alg}");
    }
    assert_refused(&rsa, "", "ES256", variable, "write RS256 or RS384");
    assert_refused(&ec, "", "ES256", variable, "write ES384, or leave it out");
    assert_refused(&ec, "", "HS256", variable, "write ES384");
    assert_refused(LONG, "client_secret_jwt", "RS256", variable, "write HS256");
    assert_refused(LONG, "", "HS256", variable, "client_secret_jwt");
    assert_refused(LONG, "client_secret_basic", "HS256", variable, "leave it out");
    for alg in ["none", "rs256", "RSA-OAEP", "x"] {
        assert_refused(&rsa, "", alg, variable, "write one of RS256");
    }
}

#[test]
fn a_key_is_read_in_one_line_or_many_and_shown_in_none() {
    let pem = key(SigningAlg::EdDsa);
    let body = pem.lines().nth(1).unwrap().to_owned();
    let forms = [
        pem.clone(),
        pem.replace('\n', "\\n"),
        pem.replace('\n', "\\r\\n"),
        pem.replace('\n', "\r\n"),
        pem.trim().to_owned(),
    ];
    for form in forms {
        assert_eq!(refusals(&form, "", ""), [""; 0], "{form:?}");
        let client = settings().client_secret(&form).build().unwrap();
        let builder = settings().client_secret(&form);
        for shown in [format!("{client:?} {client:#?}"), format!("{builder:?}")] {
            assert!(!shown.contains(&body) && !shown.contains("BEGIN"), "{shown}");
        }
    }
    let damaged = pem.replace(&body, &body[4..]);
    for (form, write) in [
        (damaged.as_str(), "or it is damaged"),
        (&pem[..pem.len() - 30], "cut off"),
        (body.as_str(), "without its BEGIN and END lines"),
        (
            "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AA\"}",
            "it is a public key",
        ),
    ] {
        assert_refused(form, "", "", "CLIENT_SECRET", write);
        let text = problems_of(settings().client_secret(form)).join("\n");
        assert!(
            text.starts_with("client_secret (MONOCLOUD_AUTH_CLIENT_SECRET): "),
            "{text}"
        );
        assert!(!text.contains(&body[4..20]), "{text}");
    }
}

/// A space is part of every PEM key.
#[tokio::test]
async fn a_key_is_no_secret_with_a_space_in_it() {
    let pem = key(SigningAlg::EdDsa);
    let (client, log) = crate::fixtures::logged(async { settings().client_secret(pem).build() }).await;
    assert!(client.is_ok());
    assert!(!log.contains("CLIENT_SECRET"), "{log}");
}

#[tokio::test]
async fn each_method_and_algorithm_by_variable_and_in_code() {
    let clients = [
        (
            ProviderClient::new("jwt")
                .secret_value(LONG)
                .auth_method(ClientAuth::SecretJwt),
            ClientAuthMethod::ClientSecretJwt,
            "client_secret_jwt",
            "HS384",
        ),
        (
            ProviderClient::new("jwt").private_key_jwt(SigningAlg::Ps256),
            ClientAuthMethod::PrivateKeyJwt,
            "private_key_jwt",
            "PS384",
        ),
    ];
    for (client, method, name, alg) in clients {
        let provider = provider(Provider::builder().default_client(client.assertion_alg(alg))).await;
        let base = || settings_of(&provider).client_auth_method(method);
        for auth in both(base, "CLIENT_ASSERTION_SIGNING_ALG", alg, |builder| {
            builder.client_assertion_signing_alg(alg)
        }) {
            assert_eq!(signed_in(&auth, &provider, "mira").await.1.status, 303, "{name}");
        }
        let base = || settings_of(&provider).client_assertion_signing_alg(alg);
        for auth in both(base, "CLIENT_AUTH_METHOD", name, |builder| {
            builder.client_auth_method(method)
        }) {
            assert_eq!(signed_in(&auth, &provider, "mira").await.1.status, 303, "{name}");
        }
    }
}

#[tokio::test]
async fn use_par() {
    let provider = provider(Provider::builder()).await;
    for auth in both(
        || settings_of(&provider),
        "USE_PAR",
        "yes",
        |builder| builder.use_par(true),
    ) {
        let before = provider.calls(Endpoint::PushedAuthorization);
        assert_eq!(signed_in(&auth, &provider, "mira").await.1.status, 303);
        assert_eq!(provider.calls(Endpoint::PushedAuthorization), before + 1);
    }
    let auth = settings_of(&provider).build().unwrap();
    let before = provider.calls(Endpoint::PushedAuthorization);
    assert_eq!(signed_in(&auth, &provider, "mira").await.1.status, 303);
    assert_eq!(provider.calls(Endpoint::PushedAuthorization), before);
}
