//! How the library behaves where a store keeps the sessions, one that has to be waited for: what holds with cookies holds
//! here, and what is about stores beside it.

// Handlers are async, whether they wait for something or not.
#![allow(clippy::unwrap_used, clippy::unused_async, dead_code, unused_imports)]

/// Where the sessions are.
const IN_STORE: bool = true;

#[path = "../behaviour/fixtures/mod.rs"]
mod fixtures;

#[path = "../behaviour/answers_to_htmx.rs"]
mod answers_to_htmx;
#[path = "../behaviour/back_channel.rs"]
mod back_channel;
#[path = "../behaviour/back_channel_once.rs"]
mod back_channel_once;
#[path = "../behaviour/bearer/mod.rs"]
mod bearer;
#[path = "../behaviour/caching.rs"]
mod caching;
#[path = "../behaviour/ended.rs"]
mod ended;
#[path = "../behaviour/events.rs"]
mod events;
#[path = "../behaviour/events_tokens.rs"]
mod events_tokens;
#[path = "../behaviour/front_channel.rs"]
mod front_channel;
#[path = "../behaviour/groups_forms.rs"]
mod groups_forms;
#[path = "../behaviour/guards_auth_params.rs"]
mod guards_auth_params;
#[path = "../behaviour/guards_check.rs"]
mod guards_check;
#[path = "../behaviour/guards_csrf.rs"]
mod guards_csrf;
#[path = "../behaviour/guards_groups.rs"]
mod guards_groups;
#[path = "../behaviour/guards_imperative.rs"]
mod guards_imperative;
#[path = "../behaviour/guards_signed_out.rs"]
mod guards_signed_out;
#[path = "../behaviour/hooks.rs"]
mod hooks;
#[path = "../behaviour/hooks_state.rs"]
mod hooks_state;
#[path = "../behaviour/layer.rs"]
mod layer;
#[path = "../behaviour/lifetimes.rs"]
mod lifetimes;
#[path = "../behaviour/protected_routes.rs"]
mod protected_routes;
#[path = "../behaviour/redirect_loops.rs"]
mod redirect_loops;
#[path = "../behaviour/requested.rs"]
mod requested;
#[path = "../behaviour/revocation.rs"]
mod revocation;
#[path = "../behaviour/routes_callback.rs"]
mod routes_callback;
#[path = "../behaviour/routes_sign_in.rs"]
mod routes_sign_in;
#[path = "../behaviour/routes_sign_out.rs"]
mod routes_sign_out;
#[path = "../behaviour/routes_user_info.rs"]
mod routes_user_info;
#[path = "../behaviour/same_origin.rs"]
mod same_origin;
#[path = "../behaviour/same_origin_methods.rs"]
mod same_origin_methods;
#[path = "../behaviour/serve.rs"]
mod serve;
#[path = "../behaviour/session_values.rs"]
mod session_values;
#[path = "../behaviour/sign_out_by_whom.rs"]
mod sign_out_by_whom;
#[path = "../behaviour/state_once.rs"]
mod state_once;
#[path = "../behaviour/step_up.rs"]
mod step_up;
#[path = "../behaviour/step_up_apis.rs"]
mod step_up_apis;
#[path = "../behaviour/step_up_callback.rs"]
mod step_up_callback;
#[path = "../behaviour/step_up_hints.rs"]
mod step_up_hints;
#[path = "../behaviour/step_up_refresh.rs"]
mod step_up_refresh;
#[path = "../behaviour/tokens.rs"]
mod tokens;
#[path = "../behaviour/tokens_answers.rs"]
mod tokens_answers;
#[path = "../behaviour/tokens_at_once.rs"]
mod tokens_at_once;
#[path = "../behaviour/tokens_claims.rs"]
mod tokens_claims;
#[path = "../behaviour/tokens_faults.rs"]
mod tokens_faults;
#[path = "../behaviour/tokens_generations.rs"]
mod tokens_generations;
#[path = "../behaviour/tokens_resources.rs"]
mod tokens_resources;
#[path = "../behaviour/tokens_revoked.rs"]
mod tokens_revoked;

mod store;

monocloud_runtime::monocloud_groups! {
    Admin = "admin",
    Editor = "editor",
    Finance = "537e7c3d-a442-4b5b-b308-30837aa045a4",
}
