//! Groups of settings that belong together, as the builder takes them.
//!
//! What is left out keeps its default, or comes from its variable.

use std::time::Duration;

/// The `SameSite` attribute of a cookie (RFC 6265bis §5.6.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameSite {
    /// Sent only with requests that this site began.
    Strict,
    /// Also sent when another site links here.
    Lax,
    /// Always sent; needs `Secure`.
    None,
}

/// How the issuer returns the answer of an authorization request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ResponseMode {
    /// In the query of a redirect.
    #[default]
    Query,
    /// As a form that the browser posts (OAuth 2.0 Form Post Response Mode).
    FormPost,
}

macro_rules! options {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty $(, $into:ident)?;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Default)]
        pub struct $name {
            $(pub(crate) $field: Option<$type>,)*
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name))
                    $(.field(stringify!($field), options!(@shown $field self.$field)))*
                    .finish()
            }
        }

        impl $name {
            /// Nothing set.
            pub fn new() -> Self {
                Self::default()
            }

            $(
                $(#[$field_doc])*
                #[must_use]
                pub fn $field(mut self, value: options!(@argument $type $(, $into)?)) -> Self {
                    self.$field = Some(options!(@value value $(, $into)?));
                    self
                }
            )*
        }
    };
    // Who is expected to sign in, and a token of theirs: nothing for a log.
    (@shown id_token_hint $value:expr) => { &$value.as_ref().map(|_| "[redacted]") };
    (@shown login_hint $value:expr) => { &$value.as_ref().map(|_| "[redacted]") };
    (@shown $field:ident $value:expr) => { &$value };
    (@argument $type:ty) => { $type };
    (@argument $type:ty, into) => { impl Into<$type> };
    (@value $value:ident) => { $value };
    (@value $value:ident, into) => { $value.into() };
}

options! {
    /// The paths of the library's routes.
    Routes {
        /// Where the issuer sends the browser back. `MONOCLOUD_AUTH_CALLBACK_URL`, `/api/auth/callback`.
        callback: String, into;
        /// Starts a sign-in. `MONOCLOUD_AUTH_SIGNIN_URL`, `/api/auth/signin`.
        sign_in: String, into;
        /// Signs out. `MONOCLOUD_AUTH_SIGNOUT_URL`, `/api/auth/signout`.
        sign_out: String, into;
        /// The user as JSON. `MONOCLOUD_AUTH_USER_INFO_URL`, `/api/auth/userinfo`.
        user_info: String, into;
    }
}

options! {
    /// The session cookie. Each setting is also `MONOCLOUD_AUTH_SESSION_COOKIE_…`.
    SessionCookie {
        /// Name of the first chunk; `session`.
        name: String, into;
        /// `Path`; `/`.
        path: String, into;
        /// `Domain`; none, so that only this host gets it.
        domain: String, into;
        /// `HttpOnly`; `true`.
        http_only: bool;
        /// `Secure`; `true` when the app URL is https.
        secure: bool;
        /// `SameSite`; `Lax`.
        same_site: SameSite;
        /// Whether it outlives the browser; `true`.
        persistent: bool;
    }
}

options! {
    /// The cookie of one sign-in under way. Each setting is also `MONOCLOUD_AUTH_STATE_COOKIE_…`.
    StateCookie {
        /// What its name begins with; `state`.
        name: String, into;
        /// `Path`; `/`.
        path: String, into;
        /// `Domain`; none.
        domain: String, into;
        /// `Secure`; `true` when the app URL is https, always with `form_post`.
        secure: bool;
        /// `SameSite`; `Lax`, and `None` with `form_post`. `Strict` is refused.
        same_site: SameSite;
        /// Whether it lives for the time that a sign-in may take, so that an abandoned one is gone
        /// after that; else it ends with the browser. `true`.
        persistent: bool;
    }
}

options! {
    /// How long a session lives.
    SessionLifetime {
        /// Whether use prolongs it. `MONOCLOUD_AUTH_SESSION_SLIDING`, `false`.
        sliding: bool;
        /// How long it lives; when sliding, how long it lives unused.
        /// `MONOCLOUD_AUTH_SESSION_DURATION` in seconds, one day.
        duration: Duration;
        /// The most that a sliding session can live. `MONOCLOUD_AUTH_SESSION_MAX_DURATION` in
        /// seconds, seven days.
        max_duration: Duration;
    }
}

options! {
    /// How long a sign-in may take, and how many may be under way in one browser.
    StateLifetime {
        /// `MONOCLOUD_AUTH_STATE_DURATION` in seconds, 900, at least 300.
        duration: Duration;
        /// `MONOCLOUD_AUTH_STATE_MAX_CONCURRENT`, 5, from 1 to 20. The oldest gives way.
        max_concurrent: u8;
    }
}

options! {
    /// How many bytes of the request's `Cookie` header the library's cookies may take.
    CookieBudget {
        /// Above this, the oldest sign-ins under way and the raw ID token are left out, and the
        /// log warns. `MONOCLOUD_AUTH_COOKIE_BUDGET`, 7,168: a header line must fit into 8 KiB at
        /// nginx and Apache.
        trim_above: usize;
        /// Above this a session is refused. `MONOCLOUD_AUTH_COOKIE_LIMIT`, 15,360: hyper takes 16
        /// KiB for all headers of an HTTP/2 request.
        refuse_above: usize;
    }
}

options! {
    /// Parameters of the authorization request (OIDC Core 3.1.2.1, RFC 8707).
    AuthParams {
        /// Scopes, separated by spaces; must contain `openid`.
        scopes: String, into;
        /// Resource indicators, separated by spaces (RFC 8707).
        resource: String, into;
        /// `audience`, for issuers that take it in place of `resource`.
        audience: String, into;
        /// `prompt`: `none`, `login`, `consent`, `select_account` or `create`.
        /// `MONOCLOUD_AUTH_PROMPT`.
        prompt: String, into;
        /// `display`: `page`, `popup`, `touch` or `wap`.
        display: String, into;
        /// `ui_locales`: preferred languages, separated by spaces.
        ui_locales: String, into;
        /// `acr_values`, separated by spaces.
        acr_values: String, into;
        /// MonoCloud's hint for the authenticator to begin with.
        authenticator_hint: String, into;
        /// The most seconds since the person proved who they are; checked on return.
        /// `MONOCLOUD_AUTH_MAX_AGE`.
        max_age: u32;
        /// `login_hint`: who is about to sign in.
        login_hint: String, into;
        /// `id_token_hint`: an ID token of the person that is expected.
        id_token_hint: String, into;
        /// How the authorization response comes back. `MONOCLOUD_AUTH_RESPONSE_MODE`: `query` or
        /// `form_post`.
        response_mode: ResponseMode;
    }
}

#[cfg(test)]
mod tests {
    use super::AuthParams;

    #[test]
    fn debug_hides_who_is_expected() {
        let params = AuthParams::new()
            .id_token_hint("a-token")
            .login_hint("mira@example.com")
            .prompt("login");
        let shown = format!("{params:?}");
        assert!(shown.contains("prompt: Some(\"login\")"), "{shown}");
        assert!(!shown.contains("a-token") && !shown.contains("mira"), "{shown}");
    }
}
