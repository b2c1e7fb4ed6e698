//! The seam to the issuer: an [`HttpClient`] that holds up, loses, garbles.

use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use monocloud_runtime::http_client::{BoxFuture, HttpClient, HttpError};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::issuer::{ISSUER, of};
use crate::plan::{Fault, Outage};
use crate::process::Life;
use crate::token::{Name, jwks};
use crate::world::World;

/// What the application waits for an answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// Nobody waits so long.
const TOO_LATE: Duration = Duration::from_hours(12);

pub(crate) struct Wire {
    pub(crate) world: Arc<World>,
    pub(crate) life: Life,
}

type Answer = Result<Response<Vec<u8>>, HttpError>;

impl HttpClient for Wire {
    fn call(&self, request: Request<Vec<u8>>) -> BoxFuture<'_, Answer> {
        let (world, life) = (&self.world, &self.life);
        let form: Vec<_> = form_urlencoded::parse(request.body()).into_owned().collect();
        let refresh_token = of(&form, "refresh_token").and_then(Name::of_refresh_token);
        match refresh_token {
            Some(name) => Box::pin(life.within(refresh(world, form, name))),
            None => Box::pin(life.within(other(world, request, form))),
        }
    }
}

async fn refresh(world: &World, form: Vec<(String, String)>, name: Name) -> Answer {
    let fault = world.next_fault();
    world
        .ledger
        .note(format_args!("       refresh {} {fault:?}", name.refresh_token()));
    let sending = world.ledger.sends(name);
    world.chance.dither().await;
    match fault {
        Fault::NoConnection => return Err(broken("the connection was refused")),
        Fault::Unavailable => return Ok(error(503, "temporarily_unavailable")),
        Fault::OtherError => return Ok(error(400, "unauthorized_client")),
        Fault::Panic { served: false } => panic_quietly(world, name),
        _ => {}
    }
    let tokens = if fault == Fault::InvalidGrant {
        Err(crate::issuer::Refusal::Ended)
    } else {
        world.issuer.refresh(&form, fault)
    };
    if fault == Fault::Late {
        tokio::time::sleep(TOO_LATE).await;
    }
    world.chance.dither().await;
    match (tokens, fault) {
        (_, Fault::Lost | Fault::Late) => Err(broken("the connection broke")),
        (_, Fault::Panic { .. }) => panic_quietly(world, name),
        (Err(refusal), _) => {
            sending.refused(refusal);
            Ok(error(400, "invalid_grant"))
        }
        (Ok(_), Fault::NotJson) => Ok(answer(200, b"{\"access_token\":".to_vec())),
        (Ok(tokens), Fault::OtherSubject | Fault::OtherNonce) => {
            sending.answered_in_vain(&tokens);
            Ok(json_answer(200, &tokens))
        }
        (Ok(tokens), Fault::SameRefreshToken) => {
            sending.kept();
            Ok(json_answer(200, &tokens))
        }
        (Ok(tokens), _) => {
            sending.rotated();
            Ok(json_answer(200, &tokens))
        }
    }
}

async fn other(world: &World, request: Request<Vec<u8>>, form: Vec<(String, String)>) -> Answer {
    let outage = world.next_outage();
    let path = request.uri().path();
    let revokes = of(&form, "token").and_then(Name::of_refresh_token);
    if revokes.is_some() {
        world.ledger.note(format_args!("       {path} {outage:?}"));
    }
    let sending = revokes.map(|name| world.ledger.revokes(name));
    world.chance.dither().await;
    match outage {
        Outage::NoConnection => return Err(broken("the connection was refused")),
        Outage::Unavailable => return Ok(error(503, "temporarily_unavailable")),
        Outage::Late => tokio::time::sleep(TOO_LATE).await,
        Outage::Lost | Outage::None => {}
    }
    let answer = match path {
        "/.well-known/openid-configuration" => json_answer(200, &metadata()),
        "/jwks" => json_answer(200, &jwks()),
        "/token" => match world.issuer.exchange(&form) {
            Ok((tokens, session, sub)) => {
                world.ledger.began(session, sub, world.now());
                world.logouts.began(world, session);
                json_answer(200, &tokens)
            }
            Err(_) => error(400, "invalid_grant"),
        },
        "/revoke" => {
            world.issuer.revoke(&form);
            answer(200, Vec::new())
        }
        "/userinfo" => {
            let token = request.headers().get("authorization");
            let token = token.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
            match token.and_then(|token| world.issuer.user_info(token)) {
                Some(claims) => json_answer(200, &claims),
                None => error(401, "invalid_token"),
            }
        }
        path => unreachable!("nobody calls {path}"),
    };
    world.chance.dither().await;
    if outage == Outage::Lost {
        return Err(broken("the connection broke"));
    }
    if let Some(sending) = sending {
        sending.revoked();
    }
    Ok(answer)
}

fn metadata() -> Value {
    let at = |path: &str| format!("{ISSUER}{path}");
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "revocation_endpoint": at("/revoke"),
        "userinfo_endpoint": at("/userinfo"),
        "end_session_endpoint": at("/end-session"),
        "jwks_uri": at("/jwks"),
        "authorization_response_iss_parameter_supported": true,
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
    })
}

fn answer(status: u16, body: Vec<u8>) -> Response<Vec<u8>> {
    let response = Response::builder()
        .status(status)
        .header("content-type", "application/json");
    response.body(body).expect("a response")
}

fn json_answer(status: u16, body: &Value) -> Response<Vec<u8>> {
    answer(status, body.to_string().into_bytes())
}

fn error(status: u16, error: &str) -> Response<Vec<u8>> {
    json_answer(status, &json!({ "error": error }))
}

fn broken(how: &'static str) -> HttpError {
    HttpError::Connection(how.into())
}

/// Without the words that a panic hook would print.
fn panic_quietly(world: &World, name: Name) -> ! {
    world.ledger.panics(name.session);
    std::panic::resume_unwind(Box::new("a panic of the plan"))
}
