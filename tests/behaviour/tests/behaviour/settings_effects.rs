//! Every setting has its effect, whether a variable sets it or the builder; and the builder wins.

use std::sync::Arc;
use std::time::{Duration, Instant};

use monocloud_runtime::testing::provider::{ClientAuth, Endpoint, Fault, ProviderClient, SigningAlg};
use monocloud_runtime::testing::{Provider, ProviderUser, session_cookie};
use monocloud_runtime::{
    Builder, ClientAuthMethod, Clock, CookieBudget, MonoCloud, Routes, SessionLifetime, StateLifetime,
};
use serde_json::json;

use crate::fixtures::{
    Answer, Browser, OTHER_SECRET, SECRET, app, choose, get, mira, provider, settings, settings_of,
    with_claims_of,
};

/// A client that a variable has set, and one that the builder has.
fn both(
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

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

async fn start(auth: &MonoCloud, query: &str) -> Answer {
    get(&app(auth), &format!("/api/auth/signin{query}"), &[]).await
}

async fn signed_in(auth: &MonoCloud, provider: &Provider, user: &str) -> (Browser, Answer) {
    let mut browser = Browser::new(&app(auth));
    let answer = browser.sign_in(provider, user).await;
    (browser, answer)
}

/// A provider and the app under the same clock.
async fn same_clock() -> (Provider, Clock) {
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
    let sealed_by_variable = settings().build().unwrap();
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
async fn cookie_secrets_previous() {
    let [older, old, unlisted] = [
        "a-very-old-secret-of-this-very-app-1",
        "an-old-secret-of-this-very-app-12345",
        OTHER_SECRET,
    ];
    let set = |builder: Builder| builder.previous_cookie_secrets([older, old]);
    for auth in both(
        settings,
        "COOKIE_SECRETS_PREVIOUS",
        &format!("{older}  {old}"),
        set,
    ) {
        for (secret, status) in [(older, 200), (old, 200), (unlisted, 303)] {
            let sealed = session_cookie(&settings().cookie_secret(secret).build().unwrap(), mira());
            let answer = get(&app(&auth), "/page", &[("cookie", &sealed)]).await;
            assert_eq!(answer.status, status, "{secret}");
        }
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
    let in_code = monocloud_runtime::AuthParams::new()
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
async fn clock_skew() {
    let clock = Clock::fixed(1_800_000_000);
    let base = || settings().clock(clock.clone());
    let cookie = session_cookie(&base().build().unwrap(), mira());
    for (skew, status) in [(86_400, 303), (86_399, 200), (-30, 200)] {
        for auth in both(base, "CLOCK_SKEW", &skew.to_string(), |builder| {
            builder.clock_skew(skew)
        }) {
            assert_eq!(
                get(&app(&auth), "/page", &[("cookie", &cookie)]).await.status,
                status,
                "{skew}"
            );
        }
    }
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
async fn post_logout_redirect_uris() {
    let bye = "https://www.example.com/bye";
    for auth in both(settings, "POST_LOGOUT_REDIRECT_URI", bye, |builder| {
        builder.post_logout_redirect_uri(bye)
    }) {
        assert_eq!(get(&app(&auth), "/api/auth/signout", &[]).await.location(), bye);
    }
    let set = |builder: Builder| builder.post_logout_redirect_uris(["https://a.example.com/", bye]);
    let listed = format!("https://a.example.com/  {bye}");
    for auth in both(settings, "POST_LOGOUT_REDIRECT_URIS", &listed, set) {
        let path = format!("/api/auth/signout?post_logout_url={bye}");
        assert_eq!(get(&app(&auth), &path, &[]).await.location(), bye);
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

#[tokio::test]
async fn groups_claim() {
    for auth in both(settings, "GROUPS_CLAIM", "teams", |builder| {
        builder.groups_claim("teams")
    }) {
        let team = ProviderUser::new("ada").claim("teams", json!(["admin"]));
        assert_eq!(
            get(&app(&auth), "/admin", &[("cookie", &session_cookie(&auth, team))])
                .await
                .status,
            200
        );
        assert_eq!(
            get(
                &app(&auth),
                "/admin",
                &[("cookie", &session_cookie(&auth, mira()))]
            )
            .await
            .status,
            403
        );
    }
}

#[tokio::test]
async fn routes() {
    let provider = provider(Provider::builder()).await;
    let base = || settings_of(&provider);
    let at = |routes: Routes| move |builder: Builder| builder.routes(routes.clone());
    for auth in both(base, "SIGNIN_URL", "/login", at(Routes::new().sign_in("/login"))) {
        assert_eq!(get(&app(&auth), "/login", &[]).await.status, 303);
        assert_eq!(get(&app(&auth), "/api/auth/signin", &[]).await.status, 404);
        assert!(
            get(&app(&auth), "/page", &[])
                .await
                .location()
                .starts_with("http://localhost:3000/login?")
        );
    }
    for auth in both(
        base,
        "SIGNOUT_URL",
        "/logout",
        at(Routes::new().sign_out("/logout")),
    ) {
        assert_eq!(get(&app(&auth), "/logout", &[]).await.status, 303);
        assert_eq!(get(&app(&auth), "/api/auth/signout", &[]).await.status, 404);
    }
    for auth in both(
        base,
        "USER_INFO_URL",
        "/whoami",
        at(Routes::new().user_info("/whoami")),
    ) {
        assert_eq!(get(&app(&auth), "/whoami", &[]).await.status, 204);
        assert_eq!(get(&app(&auth), "/api/auth/userinfo", &[]).await.status, 404);
    }
    for auth in both(base, "CALLBACK_URL", "/back", at(Routes::new().callback("/back"))) {
        let (_, answer) = signed_in(&auth, &provider, "mira").await;
        assert_eq!(answer.status, 303);
        let sent = provider.last_request(Endpoint::Token).unwrap();
        assert_eq!(sent.form("redirect_uri"), Some("http://localhost:3000/back"));
        assert_eq!(get(&app(&auth), "/api/auth/callback", &[]).await.status, 404);
    }
}

#[tokio::test]
async fn session_lifetimes() {
    let clock = Clock::fixed(1_800_000_000);
    let base = || settings().clock(clock.clone());
    let of = |lifetime: SessionLifetime| move |builder: Builder| builder.session_lifetime(lifetime.clone());
    let max_age = async |auth: &MonoCloud, path: &str, wait: i64| {
        let cookie = session_cookie(auth, mira());
        clock.advance(wait);
        let answer = get(&app(auth), path, &[("cookie", &cookie)]).await;
        let cookie = answer.cookie("session")?;
        cookie
            .attribute("max-age")
            .map(|seconds| seconds.parse::<u32>().unwrap())
    };
    for auth in both(
        base,
        "SESSION_DURATION",
        "1000",
        of(SessionLifetime::new().duration(seconds(1_000))),
    ) {
        assert_eq!(max_age(&auth, "/update", 100).await, Some(900));
    }
    for auth in both(
        base,
        "SESSION_SLIDING",
        "true",
        of(SessionLifetime::new().sliding(true)),
    ) {
        assert_eq!(max_age(&auth, "/page", 600).await, Some(86_400));
        assert_eq!(max_age(&auth, "/page", 86_399).await, Some(86_400));
    }
    for auth in both(
        base,
        "SESSION_SLIDING",
        "false",
        of(SessionLifetime::new().sliding(false)),
    ) {
        assert_eq!(max_age(&auth, "/page", 600).await, None);
    }
    let sliding = SessionLifetime::new().sliding(true).max_duration(seconds(90_000));
    let base = || {
        settings()
            .clock(clock.clone())
            .with_vars([("MONOCLOUD_AUTH_SESSION_SLIDING", "1")])
    };
    for auth in both(base, "SESSION_MAX_DURATION", "90000", of(sliding)) {
        assert_eq!(max_age(&auth, "/page", 80_000).await, Some(10_000));
    }
}

#[tokio::test]
async fn state_lifetimes() {
    let (provider, clock) = same_clock().await;
    let base = || settings_of(&provider).clock(clock.clone());
    let of = |lifetime: StateLifetime| move |builder: Builder| builder.state_lifetime(lifetime.clone());
    for auth in both(
        base,
        "STATE_DURATION",
        "300",
        of(StateLifetime::new().duration(seconds(300))),
    ) {
        let mut browser = Browser::new(&app(&auth));
        let started = browser.start("").await;
        clock.advance(300);
        let callback = choose(&provider, started.location(), "mira").await;
        assert_eq!(browser.get(&callback).await.status, 400, "it is over");
    }
    for auth in both(
        base,
        "STATE_MAX_CONCURRENT",
        "1",
        of(StateLifetime::new().max_concurrent(1)),
    ) {
        let mut browser = Browser::new(&app(&auth));
        browser.start("").await;
        browser.start("").await;
        assert_eq!(browser.pending(), 1);
    }
}

#[tokio::test]
async fn metadata_and_jwks_cache_durations() {
    for (name, calls) in [
        ("METADATA_CACHE_DURATION", [2, 1]),
        ("JWKS_CACHE_DURATION", [1, 2]),
    ] {
        let (provider, clock) = same_clock().await;
        let base = || settings_of(&provider).clock(clock.clone());
        let set = |builder: Builder| match name {
            "METADATA_CACHE_DURATION" => builder.metadata_cache(seconds(20)),
            _ => builder.jwks_cache(seconds(20)),
        };
        let [mut metadata, mut keys] = [0, 0];
        for auth in both(base, name, "20", set) {
            signed_in(&auth, &provider, "mira").await;
            clock.advance(19);
            signed_in(&auth, &provider, "mira").await;
            assert_eq!(
                (
                    provider.calls(Endpoint::Discovery),
                    provider.calls(Endpoint::Jwks)
                ),
                (metadata + 1, keys + 1),
                "{name}: fresh"
            );
            clock.advance(1);
            signed_in(&auth, &provider, "mira").await;
            // What is stale is fetched behind.
            tokio::time::sleep(Duration::from_millis(300)).await;
            [metadata, keys] = [metadata + calls[0], keys + calls[1]];
            assert_eq!(
                (
                    provider.calls(Endpoint::Discovery),
                    provider.calls(Endpoint::Jwks)
                ),
                (metadata, keys),
                "{name}: stale"
            );
        }
    }
}

#[tokio::test]
async fn cookie_budget_and_limit() {
    let provider = provider(Provider::builder().user(with_claims_of(3_000))).await;
    let base = || settings_of(&provider).cookie_budget(CookieBudget::new().refuse_above(60_000));
    let trim =
        |builder: Builder| builder.cookie_budget(CookieBudget::new().trim_above(2_000).refuse_above(60_000));
    for auth in both(base, "COOKIE_BUDGET", "2000", trim) {
        let (mut browser, answer) = signed_in(&auth, &provider, "many").await;
        assert_eq!(answer.status, 303);
        let out = browser.get("/api/auth/signout").await;
        assert_eq!(out.asked("id_token_hint"), None, "it was left out");
    }
    let base = || settings_of(&provider).cookie_budget(CookieBudget::new().trim_above(2_000));
    let refuse =
        |builder: Builder| builder.cookie_budget(CookieBudget::new().trim_above(2_000).refuse_above(3_000));
    for auth in both(base, "COOKIE_LIMIT", "3000", refuse) {
        let (_, answer) = signed_in(&auth, &provider, "many").await;
        assert!(answer.status == 400 && answer.body.contains("3000"), "{answer:?}");
    }
}
