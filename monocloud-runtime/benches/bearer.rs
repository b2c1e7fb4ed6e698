//! What an access token costs: the first time that it is seen, beside its signature alone, and every other time.
//!
//! `cargo bench -p monocloud-runtime --features testing --bench bearer`; read the ratios, not the times.

#![allow(missing_docs, clippy::unwrap_used)]

use std::cell::Cell;
use std::future::{Future, ready};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::SystemTime;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, ParsedPublicKey,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use divan::{Bencher, black_box};
use http::{Request, Response};
use monocloud_runtime::MonoCloud;
use monocloud_runtime::http_client::{BoxFuture, HttpClient, HttpError};
use monocloud_runtime::tokens::AccessTokenRequirement;
use serde_json::{Value, json};

const ISSUER: &str = "http://127.0.0.1:9";
const AUDIENCE: &str = "https://api.example.com";

/// As many as a measurement takes, so that none comes twice.
const TOKENS: usize = 2_000;

fn main() {
    divan::Divan::from_args().main();
}

#[derive(Clone, Copy)]
enum Alg {
    Rs256,
    Es256,
}

enum Pair {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
}

impl Pair {
    fn new(alg: Alg) -> Self {
        match alg {
            Alg::Rs256 => Self::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()),
            Alg::Es256 => Self::Ec(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()),
        }
    }

    fn alg(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "RS256",
            Self::Ec(_) => "ES256",
        }
    }

    fn jwk(&self) -> Value {
        match self {
            Self::Rsa(pair) => {
                json!({ "kty": "RSA", "kid": "1", "use": "sig", "n": b64(modulus(pair)), "e": "AQAB" })
            }
            Self::Ec(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({ "kty": "EC", "crv": "P-256", "kid": "1", "use": "sig", "x": b64(x), "y": b64(y) })
            }
        }
    }

    fn public(&self) -> ParsedPublicKey {
        match self {
            Self::Rsa(pair) => {
                let components = RsaPublicKeyComponents {
                    n: modulus(pair),
                    e: &[1, 0, 1],
                };
                components
                    .to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
                    .unwrap()
            }
            Self::Ec(pair) => ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key()).unwrap(),
        }
    }

    /// As an issuer writes access tokens for a person in some groups.
    fn token(&self, number: usize) -> String {
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
        let claims = json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": "auth|6f1b2c3d4e5f60718293a4b5", "client_id": "shop",
            "iat": now, "exp": now + 3_600, "auth_time": now, "jti": format!("9c1d2e3f4a5b6c7d-{number}"),
            "scope": "orders:read orders:write stock:read", "groups": ["admin", "editor", "finance"],
        });
        let header = json!({ "alg": self.alg(), "kid": "1", "typ": "at+jwt" });
        let signed = [header, claims].map(|part| b64(part.to_string())).join(".");
        let signature = match self {
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(
                    &RSA_PKCS1_SHA256,
                    &SystemRandom::new(),
                    signed.as_bytes(),
                    &mut signature,
                )
                .unwrap();
                signature
            }
            Self::Ec(pair) => {
                let signature = pair.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
                signature.as_ref().to_vec()
            }
        };
        format!("{signed}.{}", b64(signature))
    }
}

/// RFC 8017 A.1.1: a sequence of two integers, of which the first has 2,048 bits.
fn modulus(pair: &RsaKeyPair) -> &[u8] {
    &pair.public_key().as_ref()[9..265]
}

/// Publishes one key, and says yes to every opaque token.
#[derive(Clone)]
struct Issuer(Arc<Value>);

impl HttpClient for Issuer {
    fn call(&self, request: Request<Vec<u8>>) -> BoxFuture<'_, Result<Response<Vec<u8>>, HttpError>> {
        let body = match request.uri().path() {
            "/.well-known/openid-configuration" => json!({
                "issuer": ISSUER,
                "authorization_endpoint": format!("{ISSUER}/authorize"),
                "token_endpoint": format!("{ISSUER}/token"),
                "jwks_uri": format!("{ISSUER}/jwks"),
                "introspection_endpoint": format!("{ISSUER}/introspect"),
            }),
            "/jwks" => json!({ "keys": [*self.0] }),
            _ => {
                json!({ "active": true, "aud": AUDIENCE, "sub": "mira", "client_id": "shop", "scope": "orders:read" })
            }
        };
        Box::pin(ready(Ok(Response::new(body.to_string().into_bytes()))))
    }
}

struct Api {
    auth: MonoCloud,
    pair: Pair,
}

impl Api {
    fn new(alg: Alg) -> Self {
        let pair = Pair::new(alg);
        let auth = MonoCloud::builder()
            .http_client(Issuer(Arc::new(pair.jwk())))
            .tenant_domain(ISSUER)
            .client_id("app")
            .client_secret("secret")
            .app_url("http://localhost:3000")
            .cookie_secret("a secret of the benchmark, 32 bytes")
            .api_audience(AUDIENCE)
            .build()
            .unwrap();
        Self { auth, pair }
    }

    async fn validate(&self, token: &str) {
        let requirement = AccessTokenRequirement::new();
        let claims = self
            .auth
            .validate_access_token(black_box(token), requirement)
            .await;
        assert!(black_box(claims.unwrap()).has_scope("orders:read"));
    }

    /// With the keys at hand.
    fn warm(alg: Alg) -> Self {
        let api = Self::new(alg);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        runtime.block_on(api.validate(&api.pair.token(usize::MAX)));
        runtime.block_on(api.validate("opaque"));
        api
    }
}

fn signature(bencher: Bencher<'_, '_>, alg: Alg) {
    let pair = Pair::new(alg);
    let (key, token) = (pair.public(), pair.token(0));
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    bencher.bench_local(|| {
        key.verify_sig(black_box(signed.as_bytes()), black_box(&signature))
            .unwrap();
    });
}

fn first_seen(bencher: Bencher<'_, '_>, alg: Alg) {
    let api = Api::warm(alg);
    let tokens: Vec<String> = (0..TOKENS).map(|number| api.pair.token(number)).collect();
    let next = Cell::new(0);
    bencher
        .with_inputs(|| &tokens[next.replace(next.get() + 1)])
        .bench_local_values(|token| now(api.validate(token)));
}

fn seen_before(bencher: Bencher<'_, '_>, token: impl Fn(&Api) -> String) {
    let api = Api::warm(Alg::Rs256);
    let token = token(&api);
    now(api.validate(&token));
    bencher.bench_local(|| now(api.validate(&token)));
}

/// Polls a future that never waits.
fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("what is at hand is not waited for"),
    }
}

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[divan::bench(sample_count = 1_500, sample_size = 1)]
fn a_rs256_signature_alone(bencher: Bencher<'_, '_>) {
    signature(bencher, Alg::Rs256);
}

#[divan::bench(sample_count = 1_500, sample_size = 1)]
fn b_rs256_first_seen(bencher: Bencher<'_, '_>) {
    first_seen(bencher, Alg::Rs256);
}

#[divan::bench(sample_count = 1_500, sample_size = 1)]
fn c_es256_signature_alone(bencher: Bencher<'_, '_>) {
    signature(bencher, Alg::Es256);
}

#[divan::bench(sample_count = 1_500, sample_size = 1)]
fn d_es256_first_seen(bencher: Bencher<'_, '_>) {
    first_seen(bencher, Alg::Es256);
}

#[divan::bench(sample_count = 1_000)]
fn e_a_jwt_seen_before(bencher: Bencher<'_, '_>) {
    seen_before(bencher, |api| api.pair.token(0));
}

#[divan::bench(sample_count = 1_000)]
fn f_an_opaque_token_seen_before(bencher: Bencher<'_, '_>) {
    seen_before(bencher, |_| "opaque".to_owned());
}
