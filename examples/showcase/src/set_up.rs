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

/// For the embedded provider, which knows all of this. Another issuer's variables are `MONOCLOUD_AUTH_SCOPES`, `…_RESOURCE`,
/// `…_USE_PAR`, `…_REVOKE_ON_SIGNOUT`, `…_PAGE_NAME` and `…_PAGE_COLOR`.
pub fn for_embedded(settings: Builder) -> Builder {
    settings
        .scopes("openid profile email offline_access")
        .resources([ORDERS, STOCK])
        .use_par(true)
        .revoke_on_sign_out(true)
        .page_name("Showcase")
        .page_color("#2456d6")
}
