//! For tests: sessions without a flow.

pub mod provider;

use crate::client::MonoCloud;
use crate::session::{NewSession, Session, User};

/// The `Cookie` header's value of a session of `user`, as a sign-in that just ended would have set
/// it: guarded handlers are tested through the router with it.
///
/// # Panics
///
/// When the claims are too large for cookies.
pub fn session_cookie(client: &MonoCloud, user: User) -> String {
    let new = NewSession {
        user,
        auth_time: Some(client.now()),
        id_token: None,
        access_token: None,
    };
    let session = Session::start(new, client.settings().session_lifetime, client.now());
    crate::web::request_header(client, &session).expect("the user's claims fit into cookies")
}
