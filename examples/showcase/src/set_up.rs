//! What is set in code: hooks, and all that variables would say where there are none.

use monocloud_runtime::settings::Builder;

use crate::arrival;
use crate::events::Events;

/// Two APIs in whose name nobody answers, for tokens to be meant for.
const ORDERS: (&str, &str) = ("https://orders.example.com", "orders:read orders:write");
const STOCK: (&str, &str) = ("https://stock.example.com", "stock:read");

/// The hooks, whoever is the issuer; `events` hears of what happens.
pub fn with_hooks(settings: Builder, events: &Events) -> Builder {
    let events = events.clone();
    settings
        .on_set_application_state(arrival::note)
        .on_session_creating(arrival::keep)
        .on_event(move |event| events.note(event))
}

/// Resources that no variable of the library has, as `SHOWCASE_RESOURCES` says: each URL with its scopes behind it, one
/// after a `;`.
pub fn with_resources(settings: Builder, pairs: &str) -> Builder {
    let pairs = pairs.split(';').map(str::trim).filter(|pair| !pair.is_empty());
    settings.resources(pairs.map(|pair| pair.split_once(' ').unwrap_or((pair, ""))))
}

/// For the embedded provider, which knows all of this, and a site at `app_url`, which is an API of its own. Another issuer's variables are `MONOCLOUD_AUTH_SCOPES`, `…_RESOURCE`,
/// `…_REVOKE_ON_SIGNOUT`, `…_PAGE_NAME` and `…_PAGE_COLOR`.
pub fn for_embedded(settings: Builder, app_url: &str) -> Builder {
    settings
        .scopes("openid profile email offline_access")
        .resources([ORDERS, STOCK, (app_url, "orders:write")])
        .api_audience(app_url)
        .revoke_on_sign_out(true)
        .page_name("Showcase")
        .page_color("#2456d6")
}

#[cfg(test)]
mod tests {
    use monocloud_runtime::MonoCloud;

    use super::with_resources;

    #[test]
    fn resources_are_pairs() {
        let with = |pairs: &str| {
            let settings = MonoCloud::builder()
                .tenant_domain("https://acme.us.monocloud.com")
                .client_id("app")
                .client_secret("secret")
                .app_url("http://localhost:3000")
                .cookie_secret("b1946ac92492d2347c6235b4d2611184a591a6153c79b9fb5b1946ac92492d23");
            with_resources(settings, pairs).build().is_ok()
        };
        assert!(with(
            "https://a.example.com a:read a:write; https://b.example.com;"
        ));
        assert!(with(""));
        assert!(!with("a.example.com a:read"));
    }
}
