//! What scripts ask for.

use axum::Json;
use axum::http::StatusCode;
use monocloud_runtime::report::AccessReport;
use monocloud_runtime::{Auth, Claims, Error, Session, User, protect_api};
use serde_json::{Map, Value, json};

use crate::arrival::arrival;
use crate::failed::Failed;
use crate::object::Object;

/// Under which the session keeps what scripts set.
const CUSTOM: &str = "custom";

#[protect_api]
pub(crate) async fn me(user: User) -> Json<User> {
    Json(user)
}

#[protect_api(groups = ["admin"])]
pub(crate) async fn admin(user: User) -> Json<Value> {
    Json(json!({ "message": format!("{} may administer this site.", user.name().unwrap_or(user.sub())) }))
}

/// Where that is too long ago, the answer says what a sign-in must bring (RFC 9470).
#[protect_api(max_age = 60)]
pub(crate) async fn step_up(user: User) -> Json<Value> {
    Json(json!({ "message": format!("{} signed in just now.", user.name().unwrap_or(user.sub())) }))
}

#[protect_api]
pub(crate) async fn session(session: Session) -> Json<Value> {
    Json(shown(&session))
}

/// Sets a field for each member, or drops it where that is null (RFC 7396).
#[protect_api]
pub(crate) async fn change_session(
    auth: Auth,
    mut session: Session,
    Object(changes): Object,
) -> Result<Json<Value>, Failed> {
    let mut custom = custom(&session);
    for (name, value) in changes {
        if value.is_null() {
            custom.remove(&name);
        } else {
            custom.insert(name, value);
        }
    }
    session.insert(CUSTOM, custom)?;
    let answer = Json(shown(&session));
    auth.update_session(session).await?;
    Ok(answer)
}

#[protect_api]
pub(crate) async fn end_session(auth: Auth) -> Result<StatusCode, Error> {
    auth.destroy_session().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// For who is signed in and may write orders, and for clients whose access token says so. The order comes back.
#[protect_api(scopes = ["orders:write"])]
pub(crate) async fn create_order(Object(order): Object) -> (StatusCode, Json<Value>) {
    (StatusCode::CREATED, Json(Value::Object(order)))
}

/// For clients alone: what their access token says.
#[protect_api(accept = "bearer")]
pub(crate) async fn bearer(claims: Claims) -> Json<Claims> {
    Json(claims)
}

/// Who may do what on this site.
#[protect_api(groups = ["admin"])]
pub(crate) async fn access(auth: Auth) -> Json<AccessReport> {
    Json(auth.report())
}

/// All but the tokens, which are nothing for scripts.
fn shown(session: &Session) -> Value {
    json!({
        "user": session.user(),
        "createdAt": session.created_at(),
        "expiresAt": session.expires_at(),
        "authTime": session.auth_time(),
        "acr": session.acr(),
        "arrival": arrival(session),
        "custom": custom(session),
    })
}

fn custom(session: &Session) -> Map<String, Value> {
    session.get(CUSTOM).unwrap_or_default()
}
