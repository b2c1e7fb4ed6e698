//! The settings: read from the builder and from variables, checked together, reported together.
//!
//! Each subject is a file with one table, in which everything about a setting stands together (see [`setting`]).
//! [`Options`] holds what was given, [`Settings`] what was checked: every value in it is valid. Nothing here does I/O
//! but reading the environment.

mod address;
pub(crate) mod api;
mod audience;
pub(crate) mod auth_params;
pub(crate) mod calls;
pub(crate) mod claims;
pub(crate) mod client_auth;
mod cookie_attributes;
pub(crate) mod cookie_budget;
pub(crate) mod cookie_secrets;
pub(crate) mod denials;
mod error;
pub(crate) mod instances;
pub(crate) mod issuer;
mod kind;
pub(crate) mod pages;
#[cfg(feature = "redis")]
pub(crate) mod redis;
mod resources;
pub(crate) mod routes;
mod rules;
mod secret;
pub(crate) mod session_cookie;
pub(crate) mod session_lifetime;
pub(crate) mod sessions;
mod sets;
pub(crate) mod setting;
pub(crate) mod sign_in;
pub(crate) mod sign_out;
pub(crate) mod site;
mod sources;
pub(crate) mod state_cookie;
pub(crate) mod state_lifetime;
mod suspicious;
pub(crate) mod tokens;

pub(crate) use api::Api;
pub(crate) use audience::TrustedIssuer;
pub(crate) use auth_params::AuthorizationParams;
pub use auth_params::{AuthParams, ResponseMode};
pub use client_auth::ClientAuthMethod;
pub(crate) use client_auth::{AssertionAlgorithm, Client, ClientCredential};
pub(crate) use cookie_attributes::CookieAttributes;
pub use cookie_attributes::SameSite;
pub use cookie_budget::CookieBudget;
pub use error::ConfigError;
pub(crate) use issuer::TenantDomain;
pub use routes::Routes;
pub(crate) use secret::Secret;
pub use session_cookie::SessionCookie;
pub(crate) use session_lifetime::Lifetime;
pub use session_lifetime::SessionLifetime;
pub use sessions::SessionsIn;
pub(crate) use sessions::{GivenStore, StoreCan};
pub(crate) use sets::{ResourceSet, ScopeSet};
pub(crate) use site::AppUrl;
pub use state_cookie::StateCookie;
pub use state_lifetime::StateLifetime;

use std::sync::Arc;

use crate::clock::Clock;
use rules::Check;
use sources::{Sources, Variables};

macro_rules! subjects {
    ($($subject:ident: $given:ty,)*) => {
        /// What was given, subject by subject.
        #[derive(Clone, Default)]
        pub(crate) struct Options {
            pub(crate) variables: Variables,
            pub(crate) clock: Clock,
            /// Where a store was given in code.
            pub(crate) store: Option<GivenStore>,
            $(pub(crate) $subject: $given,)*
        }

        impl Options {
            /// Fills from the variables what was not set in code.
            fn read(&mut self) -> Sources {
                let mut sources = Sources::new(std::mem::take(&mut self.variables));
                $(self.$subject.read(&mut sources);)*
                sources
            }
        }
    };
}

subjects! {
    issuer: issuer::Given,
    client_auth: client_auth::Given,
    site: site::Given,
    cookie_secrets: cookie_secrets::Given,
    auth_params: AuthParams,
    sign_in: sign_in::Given,
    sign_out: sign_out::Given,
    claims: claims::Given,
    tokens: tokens::Given,
    api: api::Given,
    calls: calls::Given,
    instances: instances::Given,
    sessions: sessions::Given,
    denials: denials::Given,
    routes: Routes,
    session_cookie: SessionCookie,
    session_lifetime: SessionLifetime,
    state_cookie: StateCookie,
    state_lifetime: StateLifetime,
    cookie_budget: CookieBudget,
    pages: pages::Given,
}

/// Every setting, checked.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) issuer: issuer::Issuer,
    pub(crate) client_auth: client_auth::ClientRules,
    pub(crate) site: site::Site,
    pub(crate) cookie_secrets: cookie_secrets::CookieSecrets,
    pub(crate) auth_params: AuthorizationParams,
    pub(crate) sign_in: sign_in::SignIn,
    pub(crate) sign_out: sign_out::SignOutRules,
    pub(crate) claims: claims::ClaimRules,
    pub(crate) tokens: tokens::TokenRules,
    /// Where access tokens are taken.
    pub(crate) api: Option<Arc<Api>>,
    /// Includes the configured skew.
    pub(crate) clock: Clock,
    pub(crate) calls: calls::Calls,
    pub(crate) instances: instances::Instances,
    pub(crate) sessions: sessions::SessionRules,
    pub(crate) denials: denials::DenialRules,
    pub(crate) routes: routes::RoutePaths,
    pub(crate) session_cookie: CookieAttributes,
    pub(crate) session_lifetime: Lifetime,
    pub(crate) state_cookie: CookieAttributes,
    pub(crate) state_lifetime: state_lifetime::PendingLimits,
    pub(crate) cookie_budget: cookie_budget::ByteLimits,
    pub(crate) pages: pages::Pages,
}

impl Options {
    /// Everything checked; or all problems at once.
    pub(crate) fn check(mut self) -> Result<Settings, ConfigError> {
        let given = self.store;
        let mut check = Check::new(self.read());
        let settings = self.rules(&mut check);
        let problems = check.finish();
        match settings {
            Some(settings) if problems.is_empty() => {
                settings.say_which_cookies_can_be_planted();
                if settings.sessions.are_in_cookies(given) && !settings.sessions.have_coordinator(given) {
                    settings
                        .instances
                        .say_what_is_lost(&settings.site.app_url, &settings.routes);
                }
                if let Some(api) = &settings.api {
                    api.say_what_it_lacks();
                }
                Ok(settings)
            }
            _ => Err(ConfigError { problems }),
        }
    }

    /// One subject after the other, each to its end, and only then what is missing decides.
    fn rules(self, check: &mut Check) -> Option<Settings> {
        let issuer = self.issuer.check(check);
        let client_auth = self.client_auth.check(check);
        let site = self.site.check(check);
        let app_url = site.as_ref().map(|site| &site.app_url);
        let cookie_secrets = self.cookie_secrets.check(check);
        let auth_params = self.auth_params.check(check);
        let form_post = auth_params
            .as_ref()
            .is_some_and(|params| params.response_mode == ResponseMode::FormPost);
        let sign_in = self.sign_in.check(check);
        let sign_out = self.sign_out.check(check, app_url);
        let claims = self.claims.check(check);
        let tokens = self.tokens.check(check);
        let api = self.api.check(check);
        let calls = self.calls.check(check);
        let instances = self.instances.check(check);
        let sessions = self.sessions.check(check);
        let denials = self.denials.check(check);
        let routes = self.routes.check(check);
        let session_cookie = self.session_cookie.check(check, app_url);
        let session_lifetime = self.session_lifetime.check(check);
        let state_cookie = self.state_cookie.check(check, app_url, form_post);
        let state_lifetime = self.state_lifetime.check(check);
        let cookie_budget = self.cookie_budget.check(check);
        let pages = self.pages.check(check);

        if let (Some(cookie), Some(state)) = (&session_cookie, &state_cookie) {
            cookie.check_together(check, &session_cookie::NAMES);
            state.check_together(check, &state_cookie::NAMES);
            state_cookie::check_apart(check, state, cookie);
            if let (Some(app_url), Some(routes)) = (app_url, &routes) {
                session_cookie::check_path(check, cookie, app_url, routes);
                state_cookie::check_path(check, state, app_url, routes);
            }
        }
        if let Some(routes) = &routes {
            routes.check_clashes(check);
        }
        if let (Some(sessions), Some(instances)) = (&sessions, &instances) {
            sessions.check_together(check, self.store, instances);
        }
        if let Some(issuer) = &issuer {
            issuer.warn_of_space(check);
        }
        if let Some(client_auth) = &client_auth {
            client_auth.warn_of_space(check);
            client_auth.check_together(check);
        }
        if let Some(claims) = &claims {
            check.warn_of_space(&claims::named::groups_claim, &claims.groups_claim);
        }
        if let Some(site) = &site {
            site.check_scheme(check, form_post);
            if let Some(routes) = &routes {
                routes.check_app_url(check, &site::named::app_url, &site.app_url);
            }
        }
        if let Some(limits) = &cookie_budget {
            limits.check_together(check);
        }
        if let (Some(denials), Some(instances), Some(sessions)) = (&denials, &instances, &sessions) {
            let are_shared = sessions.have_coordinator(self.store);
            denials.check_together(check, instances.multiple_instances, are_shared);
        }
        let session_lifetime = session_lifetime.map(|times| times.together(check));

        let api = match (api, &issuer, &client_auth) {
            (Some(api), Some(issuer), Some(client)) => {
                Some(api.together(check, issuer, client, &self.clock).map(Arc::new))
            }
            _ => None,
        };

        let tokens = tokens?;
        Some(Settings {
            issuer: issuer?,
            client_auth: client_auth?,
            site: site?,
            cookie_secrets: cookie_secrets?,
            auth_params: auth_params?,
            sign_in: sign_in?,
            sign_out: sign_out?,
            claims: claims?,
            clock: self.clock.with_skew(tokens.clock_skew),
            tokens,
            api: api?,
            calls: calls?,
            instances: instances?,
            sessions: sessions?,
            denials: denials?,
            routes: routes?,
            session_cookie: session_cookie?,
            session_lifetime: session_lifetime?,
            state_cookie: state_cookie?,
            state_lifetime: state_lifetime?,
            cookie_budget: cookie_budget?,
            pages: pages?,
        })
    }
}

impl Settings {
    /// A sibling domain can set a cookie of any name but these (RFC 6265bis §4.1.3.2).
    fn say_which_cookies_can_be_planted(&self) {
        let names: Vec<&str> = [&self.session_cookie, &self.state_cookie]
            .into_iter()
            .filter(|cookie| !cookie.has_prefix("__Host-"))
            .map(|cookie| cookie.name.as_str())
            .collect();
        if self.site.app_url.is_https() && !names.is_empty() {
            tracing::info!(
                name: "monocloud.config.cookie_names",
                cookies = names.join(", "),
                "sibling domains can plant these cookies; a name that begins with __Host- prevents it \
                 (MONOCLOUD_AUTH_SESSION_COOKIE_NAME, MONOCLOUD_AUTH_STATE_COOKIE_NAME)"
            );
        }
    }
}
