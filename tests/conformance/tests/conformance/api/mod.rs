//! An API whose callers send access tokens of forged issuers.

pub(crate) mod issuers;
pub(crate) mod signer;

use monocloud_runtime::settings::Builder;
use monocloud_runtime::testing::Clock;
use monocloud_runtime::tokens::{AccessTokenError, AccessTokenRequirement};
use monocloud_runtime::{Claims, MonoCloud};
use serde_json::{Value, json};

pub(crate) use issuers::{Answer, INTROSPECTION, Issuers, KEYS, METADATA};
pub(crate) use signer::{ALGORITHMS, Signer};

pub(crate) const NOW: i64 = 1_900_000_000;
pub(crate) const ISSUER: &str = "https://issuer.example.com";
pub(crate) const AUDIENCE: &str = "https://api.example.com";
pub(crate) const CLIENT_ID: &str = "site";
pub(crate) const CLIENT_SECRET: &str = "s3cret-of-the-site";

pub(crate) struct Api {
    pub(crate) auth: MonoCloud,
    pub(crate) issuers: Issuers,
    pub(crate) clock: Clock,
    pub(crate) signer: Signer,
}

/// The API with the least that it needs.
pub(crate) fn builder(issuers: &Issuers, clock: &Clock) -> Builder {
    MonoCloud::builder()
        .http_client(issuers.clone())
        .clock(clock.clone())
        .tenant_domain(ISSUER)
        .client_id(CLIENT_ID)
        .client_secret(CLIENT_SECRET)
        .app_url("https://app.example.com")
        .cookie_secret(crate::rp::COOKIE_SECRET)
        .api_audience(AUDIENCE)
}

impl Api {
    pub(crate) fn new(alg: &'static str) -> Self {
        Self::with(alg, |settings| settings)
    }

    pub(crate) fn with(alg: &'static str, settings: impl FnOnce(Builder) -> Builder) -> Self {
        let (issuers, clock, signer) = (Issuers::default(), Clock::fixed(NOW), Signer::new(alg, "first"));
        issuers.add(ISSUER, &signer);
        let auth = settings(builder(&issuers, &clock)).build().unwrap();
        Self {
            auth,
            issuers,
            clock,
            signer,
        }
    }

    pub(crate) async fn validate(&self, token: &str) -> Result<Claims, AccessTokenError> {
        self.auth
            .validate_access_token(token, AccessTokenRequirement::new())
            .await
    }

    pub(crate) async fn is_good(&self, token: &str) -> bool {
        self.validate(token).await.is_ok()
    }

    /// Refused as RFC 6750 §3.1 has it, with nothing of the token in what the caller reads. The reason.
    #[track_caller]
    pub(crate) fn refused(what: &str, outcome: Result<Claims, AccessTokenError>) -> String {
        let error = match outcome {
            Ok(claims) => panic!("{what}: let in as {claims:?}"),
            Err(error) => error,
        };
        assert_eq!(error.status(), 401, "{what}: {error}");
        let challenge = error.challenge().unwrap();
        assert!(
            challenge.starts_with("Bearer error=\"invalid_token\", error_description=\""),
            "{what}: {challenge}"
        );
        let reason = error.to_string();
        assert!(!challenge.contains(&reason), "{what}: {challenge}");
        reason
    }

    /// Refused, and not for want of an answer. The reason.
    pub(crate) async fn refuses(&self, what: &str, token: &str) -> String {
        Self::refused(what, self.validate(token).await)
    }

    pub(crate) fn calls(&self, path: &str) -> usize {
        self.issuers.calls(ISSUER, path)
    }
}

/// Of a good access token.
pub(crate) fn claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "mira", "aud": AUDIENCE, "client_id": "shop", "jti": "1",
        "iat": NOW - 10, "exp": NOW + 3_600, "scope": "orders:read orders:write", "groups": ["admin", "editor"],
    })
}

/// The same with one changed; `null` takes it away.
pub(crate) fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    if value.is_null() {
        claims.as_object_mut().unwrap().remove(name);
    } else {
        claims[name] = value;
    }
    claims
}
