//! Events as counters of the `metrics` facade: `monocloud_<event>_total`, with labels of few values.

use metrics::counter;

use super::kinds::Event;

pub(super) fn count(event: &Event<'_>) {
    match *event {
        Event::SignedIn { .. } => counter!("monocloud_signed_in_total").increment(1),
        Event::SignInFailed { code } => {
            counter!("monocloud_sign_in_failed_total", "code" => code).increment(1);
        }
        Event::SessionEnded { why, .. } => {
            counter!("monocloud_session_ended_total", "why" => why.as_str()).increment(1);
        }
        Event::LoggedOut { by, .. } => {
            counter!("monocloud_logged_out_total", "by" => by.as_str()).increment(1);
        }
        Event::Refreshed { .. } => counter!("monocloud_refreshed_total").increment(1),
        Event::RefreshJoined { .. } => counter!("monocloud_refresh_joined_total").increment(1),
        Event::RefreshFailed { code, .. } => {
            counter!("monocloud_refresh_failed_total", "code" => code).increment(1);
        }
        Event::Denied { by, why, .. } => {
            counter!("monocloud_denied_total", "by" => by.to_owned(), "why" => why).increment(1);
        }
        Event::KeysRenewed { .. } => counter!("monocloud_keys_renewed_total").increment(1),
        Event::StoreUnavailable { doing } => {
            counter!("monocloud_store_unavailable_total", "doing" => doing).increment(1);
        }
        Event::IssuerUnreachable { endpoint } => {
            counter!("monocloud_issuer_unreachable_total", "endpoint" => endpoint).increment(1);
        }
    }
}
