//! Every setting has its effect, whether a variable sets it or the builder; and the builder wins.

use std::sync::Arc;
use std::time::{Duration, Instant};

use monocloud_runtime::MonoCloud;
use monocloud_runtime::settings::{Builder, ClientAuthMethod};
use monocloud_runtime::testing::Clock;
use monocloud_runtime::testing::{ClientAuth, Endpoint, Fault, ProviderClient, SigningAlg};
use monocloud_runtime::testing::{Provider, ProviderUser, session_cookie};
use serde_json::json;

use crate::fixtures::{Answer, Browser, OTHER_SECRET, SECRET, app, get, mira, provider, settings_of};

/// A client that a variable has set, and one that the builder has.
pub(crate) fn both(
    base: impl Fn() -> Builder,
    name: &str,
    value: &str,
    set: impl Fn(Builder) -> Builder,
) -> [MonoCloud; 2] {
    let name = format!("MONOCLOUD_AUTH_{name}");
    let by_variable = base()
        .with_vars([(name.clone(), value.to_owned())])
        .build()
        .unwrap();
    // A wrong variable is not even read where the builder has spoken.
    let by_builder = set(base().with_vars([(name, "\u{1}wrong".to_owned())]))
        .build()
        .unwrap();
    [by_variable, by_builder]
}

pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) async fn start(auth: &MonoCloud, query: &str) -> Answer {
    get(&app(auth), &format!("/api/auth/signin{query}"), &[]).await
}

pub(crate) async fn signed_in(auth: &MonoCloud, provider: &Provider, user: &str) -> (Browser, Answer) {
    let mut browser = Browser::new(&app(auth));
    let answer = browser.sign_in(provider, user).await;
    (browser, answer)
}

/// A provider and the app under the same clock.
pub(crate) async fn same_clock() -> (Provider, Clock) {
    let clock = Clock::fixed(1_800_000_000);
    let same = clock.clone();
    (
        provider(Provider::builder().clock(Arc::new(move || same.now()))).await,
        clock,
    )
}

#[tokio::test]
async fn the_required_variables_are_enough_to_sign_in() {
    let provider = provider(Provider::builder()).await;
    let vars = [
        ("MONOCLOUD_AUTH_TENANT_DOMAIN", provider.issuer()),
        ("MONOCLOUD_AUTH_CLIENT_ID", provider.client_id()),
        ("MONOCLOUD_AUTH_CLIENT_SECRET", provider.client_secret()),
        ("MONOCLOUD_AUTH_APP_URL", "http://localhost:3000"),
        ("MONOCLOUD_AUTH_COOKIE_SECRET", SECRET),
    ];
    let auth = MonoCloud::builder().with_vars(vars).build().unwrap();
    let (mut browser, answer) = signed_in(&auth, &provider, "mira").await;
    assert_eq!(answer.status, 303, "{answer:?}");
    assert_eq!(browser.get("/").await.body, "signed in as mira");
    // What the builder says wins over each of them.
    let other = vars.map(|(name, _)| (name, "\u{1}wrong"));
    let auth = settings_of(&provider).with_vars(other).build().unwrap();
    assert_eq!(signed_in(&auth, &provider, "mira").await.1.status, 303);
    let auth = settings_of(&provider)
        .with_vars(vars)
        .cookie_secret(OTHER_SECRET)
        .build()
        .unwrap();
    let sealed_by_variable = settings_of(&provider).build().unwrap();
    let cookie = session_cookie(&sealed_by_variable, mira());
    assert_eq!(
        get(&app(&auth), "/page", &[("cookie", &cookie)]).await.status,
        303
    );
}

#[tokio::test]
async fn client_auth_method() {
    let client = ProviderClient::new("posts").auth_method(ClientAuth::SecretPost);
    let provider = provider(Provider::builder().default_client(client)).await;
    let set = |builder: Builder| builder.client_auth_method(ClientAuthMethod::ClientSecretPost);
    for auth in both(
        || settings_of(&provider),
        "CLIENT_AUTH_METHOD",
        "client_secret_post",
        set,
    ) {
        assert_eq!(signed_in(&auth, &provider, "mira").await.1.status, 303);
        let request = provider.last_request(Endpoint::Token).unwrap();
        assert_eq!(request.form("client_secret"), Some(provider.client_secret()));
        assert_eq!(request.header("authorization"), None);
    }
}

#[tokio::test]
async fn scopes_and_resource_also_over_auth_params_by_variable() {
    let provider = provider(Provider::builder()).await;
    let base = || settings_of(&provider);
    for auth in both(base, "SCOPES", "phone openid", |builder| {
        builder.scopes("phone openid")
    }) {
        assert_eq!(
            start(&auth, "").await.asked("scope").as_deref(),
            Some("phone openid")
        );
    }
    let resource = "https://api.example.com";
    for auth in both(base, "RESOURCE", resource, |builder| builder.resource(resource)) {
        assert_eq!(
            start(&auth, "").await.asked("resource").as_deref(),
            Some(resource)
        );
    }
    let in_code = monocloud_runtime::settings::AuthParams::new()
        .scopes("openid code")
        .resource("https://code.example.com");
    let vars = [
        ("MONOCLOUD_AUTH_SCOPES", "openid variable"),
        ("MONOCLOUD_AUTH_RESOURCE", "https://variable.example.com"),
    ];
    let auth = base().auth_params(in_code).with_vars(vars).build().unwrap();
    let answer = start(&auth, "").await;
    assert_eq!(
        answer.asked("scope").as_deref(),
        Some("openid code"),
        "the builder wins"
    );
    assert_eq!(
        answer.asked("resource").as_deref(),
        Some("https://code.example.com")
    );
}

#[tokio::test]
async fn clock_tolerance() {
    let (provider, clock) = same_clock().await;
    let now = clock.now();
    provider.tamper_id_token(move |_, claims| {
        claims.insert("exp".into(), json!(now - 90));
    });
    let base = || settings_of(&provider).clock(clock.clone());
    assert_eq!(
        signed_in(&base().build().unwrap(), &provider, "mira")
            .await
            .1
            .status,
        400,
        "60 s by default"
    );
    for auth in both(base, "CLOCK_TOLERANCE", "120", |builder| {
        builder.clock_tolerance(seconds(120))
    }) {
        assert_eq!(signed_in(&auth, &provider, "mira").await.1.status, 303);
    }
    for auth in both(base, "CLOCK_TOLERANCE", "80", |builder| {
        builder.clock_tolerance(seconds(80))
    }) {
        assert_eq!(signed_in(&auth, &provider, "mira").await.1.status, 400);
    }
}

#[tokio::test]
async fn response_timeout() {
    let provider = provider(Provider::builder()).await;
    provider.fault(Fault::Slow(Endpoint::Discovery, seconds(4)));
    let short = Duration::from_millis(250);
    for auth in both(
        || settings_of(&provider),
        "RESPONSE_TIMEOUT",
        "250",
        |builder| builder.response_timeout(short),
    ) {
        let began = Instant::now();
        let answer = start(&auth, "").await;
        assert_eq!(
            (answer.status.as_u16(), answer.cookies().len()),
            (503, 0),
            "{answer:?}"
        );
        assert!(began.elapsed() < seconds(3), "{:?}", began.elapsed());
    }
}

#[tokio::test]
async fn federated_signout() {
    let provider = provider(Provider::builder()).await;
    for value in [true, false] {
        let set = |builder: Builder| builder.federated_sign_out(value);
        for auth in both(
            || settings_of(&provider),
            "FEDERATED_SIGNOUT",
            &value.to_string(),
            set,
        ) {
            let cookie = session_cookie(&auth, mira());
            let answer = get(&app(&auth), "/api/auth/signout", &[("cookie", &cookie)]).await;
            assert_eq!(
                answer.location().starts_with(provider.issuer()),
                value,
                "{answer:?}"
            );
        }
    }
}

#[tokio::test]
async fn allow_query_param_overrides() {
    let provider = provider(Provider::builder()).await;
    for (value, prompt) in [(true, Some("login")), (false, None)] {
        let set = |builder: Builder| builder.allow_query_param_overrides(value);
        for auth in both(
            || settings_of(&provider),
            "ALLOW_QUERY_PARAM_OVERRIDES",
            &value.to_string(),
            set,
        ) {
            assert_eq!(
                start(&auth, "?prompt=login").await.asked("prompt").as_deref(),
                prompt
            );
        }
    }
}

#[tokio::test]
async fn user_info_and_its_alias() {
    for name in ["USER_INFO", "FETCH_USER_INFO"] {
        let provider = provider(Provider::builder()).await;
        for auth in both(
            || settings_of(&provider),
            name,
            "off",
            |builder| builder.fetch_user_info(false),
        ) {
            assert_eq!(signed_in(&auth, &provider, "mira").await.1.status, 303);
        }
        assert_eq!(provider.calls(Endpoint::Userinfo), 0, "{name}");
    }
}

#[tokio::test]
async fn refetch_user_info_and_strict_profile_sync() {
    let provider = provider(Provider::builder().user(ProviderUser::new("ada"))).await;
    let refetch = |builder: Builder| builder.refetch_user_info(true);
    for strict in [true, false] {
        let strictly = |builder: Builder| refetch(builder).strict_profile_sync(strict);
        let base = || refetch(settings_of(&provider));
        for auth in both(base, "REFETCH_STRICT_PROFILE_SYNC", &strict.to_string(), strictly) {
            provider.put_user(ProviderUser::new("ada").claim("nickname", "Countess"));
            let (mut browser, _) = signed_in(&auth, &provider, "ada").await;
            provider.put_user(ProviderUser::new("ada").name("Ada"));
            let me = browser.get("/api/auth/userinfo").await.json();
            assert_eq!(
                (me["name"].as_str(), me["nickname"].is_null()),
                (Some("Ada"), strict)
            );
        }
    }
    for auth in both(|| settings_of(&provider), "REFETCH_USER_INFO", "yes", refetch) {
        let (mut browser, _) = signed_in(&auth, &provider, "ada").await;
        let before = provider.calls(Endpoint::Userinfo);
        browser.get("/api/auth/userinfo").await;
        assert_eq!(provider.calls(Endpoint::Userinfo), before + 1);
    }
}

#[tokio::test]
async fn id_token_signing_alg() {
    let client = ProviderClient::new("es").id_token_alg(SigningAlg::Es256);
    let provider = provider(Provider::builder().default_client(client)).await;
    let base = || settings_of(&provider);
    assert_eq!(
        signed_in(&base().build().unwrap(), &provider, "mira")
            .await
            .1
            .status,
        400,
        "RS256 alone"
    );
    for auth in both(base, "ID_TOKEN_SIGNING_ALG", "ES256", |builder| {
        builder.id_token_signing_alg("ES256")
    }) {
        assert_eq!(signed_in(&auth, &provider, "mira").await.1.status, 303);
    }
}

#[tokio::test]
async fn filtered_id_token_claims() {
    let user = ProviderUser::new("ada")
        .claim("nickname", "Countess")
        .claim("zoneinfo", "UTC");
    let provider = provider(Provider::builder().user(user).claims_in_id_token(true)).await;
    let base = || settings_of(&provider).fetch_user_info(false);
    let (mut browser, _) = signed_in(&base().build().unwrap(), &provider, "ada").await;
    let me = browser.get("/api/me").await.json();
    assert_eq!((&me["nickname"], &me["sub"]), (&json!("Countess"), &json!("ada")));
    for name in [
        "iss",
        "exp",
        "nbf",
        "aud",
        "nonce",
        "iat",
        "auth_time",
        "c_hash",
        "at_hash",
        "s_hash",
    ] {
        assert!(me[name].is_null(), "{name}: {me}");
    }
    let set = |builder: Builder| builder.filtered_id_token_claims(["nickname", "exp", "sub"]);
    for auth in both(base, "FILTERED_ID_TOKEN_CLAIMS", "nickname exp  sub", set) {
        let (mut browser, _) = signed_in(&auth, &provider, "ada").await;
        let me = browser.get("/api/me").await.json();
        assert_eq!(
            (&me["nickname"], &me["zoneinfo"], &me["exp"]),
            (&json!(null), &json!("UTC"), &json!(null))
        );
        assert_eq!(
            (me["iss"].as_str(), me["sub"].as_str()),
            (Some(provider.issuer()), Some("ada"))
        );
    }
}
