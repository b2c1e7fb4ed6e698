//! Which tokens are accepted, and by which clock.

use std::str::FromStr;
use std::time::Duration;

use super::kind::{Kind, Number, Seconds, Text, Texts};
use super::resources::{Pairs, Resources};
use super::rules::{Check, any_or, between, or, seconds};
use super::setting::settings;
use super::sources::Sources;
use crate::jose::Algorithm;

settings! {
    in tokens() -> TokenRules;

    /// Further resources, each with its scopes, both separated by spaces (RFC 8707): for what
    /// [`Auth::tokens`](crate::Auth::tokens) may be asked beside the default token. A sign-in asks for all of them.
    ///
    /// ```
    /// # fn settings(builder: monocloud_runtime::settings::Builder) -> monocloud_runtime::settings::Builder {
    /// builder.resources([
    ///     ("https://orders.example.com", "orders:read orders:write"),
    ///     ("https://stock.example.com", ""),
    /// ])
    /// # }
    /// ```
    resources: Pairs, Resources::parse => Resources;

    /// The one algorithm of ID tokens. `MONOCLOUD_AUTH_ID_TOKEN_SIGNING_ALG`, `RS256`.
    id_token_signing_alg: Text = "MONOCLOUD_AUTH_ID_TOKEN_SIGNING_ALG",
        or("RS256".to_owned(), Algorithm::from_str) => Algorithm;

    /// Further audiences that an ID token may name beside this client (OIDC Core 3.1.3.7 (3)).
    /// `MONOCLOUD_AUTH_TRUSTED_AUDIENCES`, separated by spaces.
    trusted_audiences: Texts = "MONOCLOUD_AUTH_TRUSTED_AUDIENCES",
        any_or(Vec::new()) => Vec<String>;

    /// Seconds that are added to the clock; may be negative, a day at most. `MONOCLOUD_AUTH_CLOCK_SKEW`, 0.
    clock_skew: Number<i64> = "MONOCLOUD_AUTH_CLOCK_SKEW",
        or(0, between(-86_400, 86_400, "seconds", "0 or -30")) => i64;

    /// Leeway for times in tokens, in whole seconds, a day at most. `MONOCLOUD_AUTH_CLOCK_TOLERANCE`, 60.
    clock_tolerance: Seconds = "MONOCLOUD_AUTH_CLOCK_TOLERANCE",
        or(Duration::from_secs(60), seconds(0, 86_400, "60")) => i64;
}
