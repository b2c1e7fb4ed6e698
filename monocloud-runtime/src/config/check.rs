//! From what was given to [`Settings`]: one rule after the other, all problems collected.

use std::time::Duration;

use url::Url;

use super::Settings;
use super::builder::Builder;
use super::options::{ResponseMode, SameSite};
use super::rules::{Check, CookieChoice, seconds};
use super::values::{
    AppUrl, LogoutUrl, ScopeSet, Secret, TenantDomain, check_prompt, parse_color, parse_origin,
    parse_resources,
};
use crate::jose::Algorithm;

const DEFAULT_FILTER: &str = "iss exp nbf aud nonce iat auth_time c_hash at_hash s_hash";

/// The settings, unless something is wrong; then `problems` says all of it.
#[expect(clippy::too_many_lines, reason = "one setting after the other")]
pub(super) fn check(given: Builder, problems: &mut Vec<String>) -> Option<Settings> {
    let mut check = Check { problems };
    let app_url = check.required(
        "AUTH_APP_URL",
        given.app_url,
        "the address that browsers see, such as https://app.example.com",
        |v| AppUrl::parse(&v),
    );
    let tenant_domain = check.required(
        "AUTH_TENANT_DOMAIN",
        given.tenant_domain,
        "the issuer, such as https://your-tenant.us.monocloud.com",
        |v| TenantDomain::parse(&v),
    );
    let client_id = check.required(
        "AUTH_CLIENT_ID",
        given.client_id,
        "the client's id at the issuer",
        Ok,
    );
    let client_secret = check.required(
        "AUTH_CLIENT_SECRET",
        given.client_secret,
        "the client's secret at the issuer",
        |v| Ok(Secret::new(v)),
    );
    let cookie_secret = check.required(
        "AUTH_COOKIE_SECRET",
        given.cookie_secret,
        "what `openssl rand -hex 32` prints",
        long_enough,
    );
    let previous_cookie_secrets = check.each(
        "AUTH_COOKIE_SECRETS_PREVIOUS",
        given.previous_cookie_secrets,
        long_enough,
    );

    let trusted_origins = check.each("AUTH_TRUSTED_ORIGINS", given.trusted_origins, |v| {
        parse_origin(&v)
    });
    let logout_url = given
        .logout_url
        .and_then(|value| check.rule("AUTH_LOGOUT_URL", LogoutUrl::parse(&value)));
    let page_color = given
        .page_color
        .and_then(|value| check.rule("AUTH_PAGE_COLOR", parse_color(value)));

    let mut auth_params = given.auth_params;
    if let Some(prompt) = &auth_params.prompt {
        check.rule("AUTH_PROMPT", check_prompt(prompt));
    }
    let scopes = given
        .scopes
        .or(auth_params.scopes)
        .unwrap_or_else(|| "openid profile email".to_owned());
    auth_params.scopes = check
        .rule("AUTH_SCOPES", ScopeSet::parse(&scopes))
        .map(|scopes| scopes.joined());
    auth_params.resource = given.resource.or(auth_params.resource);
    if let Some(resource) = &auth_params.resource {
        check.rule("AUTH_RESOURCE", parse_resources(resource));
    }
    let form_post = auth_params.response_mode == Some(ResponseMode::FormPost);

    let id_token_signing_alg = check.rule(
        "AUTH_ID_TOKEN_SIGNING_ALG",
        given
            .id_token_signing_alg
            .as_deref()
            .unwrap_or("RS256")
            .parse::<Algorithm>(),
    );
    let routes = check.routes(given.routes);
    let session_lifetime = check.session_lifetime(&given.session_lifetime);
    let (state_duration, state_max_concurrent) = check.state_lifetime(&given.state_lifetime);
    let secure = app_url.as_ref().is_some_and(AppUrl::is_https);
    let session_cookie = check.cookie(
        "AUTH_SESSION_COOKIE",
        CookieChoice {
            name: given.session_cookie.name.unwrap_or_else(|| "session".to_owned()),
            path: given.session_cookie.path,
            domain: given.session_cookie.domain,
            http_only: given.session_cookie.http_only.unwrap_or(true),
            secure: given.session_cookie.secure.unwrap_or(secure),
            same_site: given.session_cookie.same_site.unwrap_or(SameSite::Lax),
            persistent: given.session_cookie.persistent.unwrap_or(true),
        },
    );
    if given.state_cookie.same_site == Some(SameSite::Strict) {
        check.problem(
            "AUTH_STATE_COOKIE_SAME_SITE",
            "strict would keep the cookie from the callback; write lax",
        );
    }
    let state_cookie = check.cookie(
        "AUTH_STATE_COOKIE",
        CookieChoice {
            name: given.state_cookie.name.unwrap_or_else(|| "state".to_owned()),
            path: given.state_cookie.path,
            domain: given.state_cookie.domain,
            http_only: true,
            secure: form_post || given.state_cookie.secure.unwrap_or(secure),
            same_site: if form_post {
                SameSite::None
            } else {
                given.state_cookie.same_site.unwrap_or(SameSite::Lax)
            },
            persistent: given.state_cookie.persistent.unwrap_or(true),
        },
    );
    check.cookies_apart(session_cookie.as_ref(), state_cookie.as_ref());
    check.cookie_paths(
        session_cookie.as_ref(),
        state_cookie.as_ref(),
        app_url.as_ref(),
        routes.as_ref(),
    );
    if form_post
        && app_url
            .as_ref()
            .is_some_and(|url| !url.is_https() && !url.is_loopback())
    {
        check.problem(
            "AUTH_APP_URL",
            "response mode form_post needs Secure cookies; write an https URL",
        );
    }

    let post_logout_redirect_uri = check.post_logout(app_url.as_ref(), given.post_logout_redirect_uri);
    let post_logout_redirect_uris = check.each(
        "AUTH_POST_LOGOUT_REDIRECT_URIS",
        given.post_logout_redirect_uris,
        |v| match Url::parse(&v) {
            Ok(url) if url.host().is_some() => Ok(url.to_string()),
            _ => Err(format!("`{v}` is not an absolute URL")),
        },
    );
    let response_timeout = given.response_timeout.unwrap_or(Duration::from_secs(10));
    if response_timeout.is_zero() {
        check.problem(
            "AUTH_RESPONSE_TIMEOUT",
            "0 would let no call succeed; write 10000 for ten seconds",
        );
    }
    let trim_cookies_above = given.cookie_budget.trim_above.unwrap_or(7 * 1024);
    let refuse_cookies_above = given.cookie_budget.refuse_above.unwrap_or(15 * 1024);
    if trim_cookies_above > refuse_cookies_above {
        check.problem(
            "AUTH_COOKIE_BUDGET",
            "the budget is above the limit; write at most what MONOCLOUD_AUTH_COOKIE_LIMIT is",
        );
    }
    let clock_tolerance = given.clock_tolerance.unwrap_or(Duration::from_secs(60));
    if clock_tolerance > Duration::from_secs(86_400) {
        check.problem(
            "AUTH_CLOCK_TOLERANCE",
            "more than a day would accept tokens that expired long ago; write 60",
        );
    }

    Some(Settings {
        tenant_domain: tenant_domain?,
        client_id: client_id?,
        client_secret: client_secret?,
        client_auth_method: given.client_auth_method,
        app_url: app_url?,
        trusted_origins,
        trusted_audiences: given.trusted_audiences.unwrap_or_default(),
        cookie_secret: cookie_secret?,
        previous_cookie_secrets,
        auth_params,
        clock: given.clock.with_skew(given.clock_skew.unwrap_or(0)),
        clock_tolerance: seconds(clock_tolerance),
        response_timeout,
        federated_sign_out: given.federated_sign_out.unwrap_or(true),
        post_logout_redirect_uri: post_logout_redirect_uri?,
        post_logout_redirect_uris,
        logout_url,
        allow_query_param_overrides: given.allow_query_param_overrides.unwrap_or(false),
        fetch_user_info: given.fetch_user_info.unwrap_or(true),
        refetch_user_info: given.refetch_user_info.unwrap_or(false),
        strict_profile_sync: given.strict_profile_sync.unwrap_or(false),
        id_token_signing_alg: id_token_signing_alg?,
        filtered_id_token_claims: given
            .filtered_id_token_claims
            .unwrap_or_else(|| DEFAULT_FILTER.split(' ').map(str::to_owned).collect()),
        groups_claim: given.groups_claim.unwrap_or_else(|| "groups".to_owned()),
        routes: routes?,
        session_cookie: session_cookie?,
        session_lifetime,
        state_cookie: state_cookie?,
        state_duration,
        state_max_concurrent,
        jwks_cache: given.jwks_cache.unwrap_or(Duration::from_secs(300)),
        metadata_cache: given.metadata_cache.unwrap_or(Duration::from_secs(300)),
        trim_cookies_above,
        refuse_cookies_above,
        page_name: given.page_name,
        page_color,
    })
}

fn long_enough(value: String) -> Result<Secret, String> {
    if value.len() < 32 {
        return Err("shorter than 32 bytes; write what `openssl rand -hex 32` prints".to_owned());
    }
    Ok(Secret::new(value))
}
