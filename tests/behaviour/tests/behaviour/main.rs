//! How the library behaves, seen from outside: one binary, so that it is linked once.
//!
//! Each test has the name of the property that it holds. What a module is about stands on its top.

// Handlers are async, whether they wait for something or not.
#![allow(clippy::unwrap_used, clippy::unused_async)]

/// Where the sessions are.
const IN_STORE: bool = false;

mod fixtures;

mod answers_to_htmx;
mod back_channel;
mod back_channel_once;
mod bearer;
mod caching;
mod cookie_settings;
mod cookies_foreign;
mod cookies_kept;
mod cookies_planted;
mod cookies_session;
mod cookies_tampered;
mod denials_file;
mod denials_file_faults;
mod ended;
mod events;
mod events_tokens;
mod front_channel;
mod front_channel_bound;
mod groups_forms;
mod guards_auth_params;
mod guards_check;
mod guards_csrf;
mod guards_groups;
mod guards_imperative;
mod guards_signed_out;
mod hooks;
mod hooks_state;
mod initiated;
mod large;
mod layer;
mod layer_missing;
mod lifetimes;
mod links;
mod mounted;
mod origins;
mod over_http;
mod pages;
mod properties;
mod protected_middleware;
mod protected_mistakes;
mod protected_paths;
mod protected_predicates;
mod protected_requests;
mod protected_routes;
mod redirect_loops;
mod report;
mod report_openapi;
mod requested;
mod return_urls;
mod revocation;
mod route_table;
mod routes_callback;
mod routes_sign_in;
mod routes_sign_out;
mod routes_user_info;
mod same_origin;
mod same_origin_methods;
mod serve;
mod session_values;
mod settings_addresses;
mod settings_api;
mod settings_bounds;
mod settings_client_auth;
mod settings_cookie_domains;
mod settings_cookies;
mod settings_effects;
mod settings_effects_here;
mod sign_in_parameters;
// Elsewhere a process needs variables of the system to start, and none has bytes that are no text.
#[cfg(unix)]
mod settings_from_env;
mod settings_mistakes;
mod settings_problems;
mod settings_secrets;
mod settings_sign_in;
mod settings_sign_out;
mod sign_out_by_whom;
mod state_once;
mod step_up;
mod step_up_apis;
mod step_up_callback;
mod step_up_hints;
mod step_up_properties;
mod step_up_refresh;
mod tokens;
mod tokens_answers;
mod tokens_at_once;
mod tokens_claims;
mod tokens_faults;
mod tokens_generations;
mod tokens_instances;
mod tokens_resources;
mod tokens_revoked;
mod tokens_room;
mod transactions;

monocloud_runtime::monocloud_groups! {
    Admin = "admin",
    Editor = "editor",
    Finance = "537e7c3d-a442-4b5b-b308-30837aa045a4",
}
