//! What a [`SessionStore`] must hold, as tests that any implementation runs.
//!
//! Each part is a list of properties, which are checked one after the other; a failure is a panic that begins with the
//! property's name. Keys are random, so that one server serves many runs at once. A run waits some seconds for what must
//! end by itself.
//!
//! Run them on several threads: on one, no call comes in the middle of another that does not wait for anything, and a
//! store that reads, compares and then writes may pass.
//!
//! ```
//! use std::sync::Arc;
//! use monocloud_runtime::store::{MemoryStore, SessionStore};
//! use monocloud_runtime::testing::store_contract;
//!
//! # /*
//! #[tokio::test(flavor = "multi_thread")]
//! # */
//! async fn my_store_keeps_the_contract() {
//!     let store: Arc<dyn SessionStore> = Arc::new(MemoryStore::new());
//!     store_contract::basic(&store).await;
//!     store_contract::coordinated(&store).await;
//!     store_contract::shared_log(&store).await;
//! }
//! ```

mod at_once;
mod claims;
mod exchange;
mod given;
mod lists;
mod log;
mod logout;
mod records;

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt as _;

use crate::store::SessionStore;

macro_rules! check {
    ($store:expr; $($module:ident::$property:ident,)*) => {
        $(named(stringify!($property), $module::$property($store)).await;)*
    };
}

/// What any store must hold. Needs a runtime of several threads: what happens at once must.
///
/// # Panics
///
/// Where the store does not hold it.
pub async fn basic(store: &Arc<dyn SessionStore>) {
    check! { store;
        records::it_says_that_it_works,
        records::a_record_is_read_as_it_was_written,
        records::keys_do_not_meet,
        records::nothing_is_created_twice,
        records::an_update_needs_the_revision_it_was_made_of,
        records::an_update_makes_no_record,
        records::what_was_deleted_is_not_found_updated_or_created_again,
        records::deleting_nothing_closes_the_key,
        records::deleting_twice_is_done,
        records::a_record_ends_when_it_was_told_to,
        records::what_ended_is_not_written,
        records::an_update_prolongs,
        records::an_update_may_shorten,
        records::get_now_says_what_get_says,
        at_once::of_many_updates_at_once_one_wins,
        at_once::deleting_and_writing_at_once_leaves_nothing,
    }
}

/// What a store must hold beside [`basic`] that several processes share. Needs a runtime of several threads.
///
/// # Panics
///
/// Where the store does not hold it, or is no [`Coordinated`](crate::store::Coordinated) one.
pub async fn coordinated(store: &Arc<dyn SessionStore>) {
    check! { store;
        exchange::one_exchange_at_a_time,
        exchange::an_exchange_begins_at_the_newest_revision,
        exchange::a_commit_is_a_write_and_ends_the_exchange,
        exchange::a_lease_that_ran_out_is_taken_over_and_said,
        exchange::a_late_owner_commits_nothing,
        exchange::an_owner_nobody_took_over_from_may_be_late,
        exchange::an_unclear_exchange_is_told_to_the_next,
        exchange::what_was_taken_over_and_given_up_is_taken_over_by_the_next,
        exchange::only_the_owner_abandons,
        exchange::an_update_during_an_exchange_is_a_conflict_for_its_owner_and_lets_it_commit,
        exchange::delete_beats_an_exchange,
        logout::logout_by_sid_ends_it_and_denies_it,
        logout::logout_by_sub_spares_what_was_issued_later,
        logout::logout_of_an_account_spares_what_was_made_later,
        logout::a_denial_comes_before_the_session_it_is_for,
        logout::strangers_are_passed_over,
        logout::denials_add_up,
        lists::the_oldest_of_a_user_is_evicted,
        lists::a_new_session_does_not_evict_itself,
        lists::a_list_has_the_live_ones_in_order,
        lists::a_touch_is_no_write,
        lists::renamed_sessions_are_found_by_both_names,
        claims::a_claim_is_given_once,
        claims::a_released_claim_is_given_again,
        claims::a_claim_that_ran_out_is_given_again,
        claims::what_is_done_stays_known,
        claims::a_late_owner_settles_nothing,
        at_once::of_many_creations_at_once_one_wins,
        at_once::of_many_sessions_made_at_once_some_are_left,
        at_once::of_many_exchanges_at_once_one_begins,
        at_once::of_many_claims_at_once_one_is_given,
        at_once::creating_and_denying_at_once_leaves_no_session,
        at_once::no_denial_is_lost_to_another,
    }
}

/// What the [`log`](crate::store::Coordinated::log) of a store must hold. Needs a runtime of several threads.
///
/// # Panics
///
/// Where the store does not hold it, or has none.
pub async fn shared_log(store: &Arc<dyn SessionStore>) {
    check! { store;
        log::what_was_appended_is_read_once_and_in_order,
        log::an_entry_is_read_as_it_was_appended,
        log::many_entries_come_in_several_pages,
        log::who_waits_hears_at_once,
        log::who_waits_for_nothing_goes_on,
        log::a_position_of_another_log_begins_anew,
        log::of_many_appended_at_once_none_is_lost,
        log::what_was_trimmed_is_gone_and_the_rest_stays,
        log::logs_do_not_meet,
    }
}

async fn named(property: &str, check: impl Future<Output = ()>) {
    if let Err(panic) = AssertUnwindSafe(check).catch_unwind().await {
        let words = panic.downcast_ref::<String>().map(String::as_str);
        let words = words.or_else(|| panic.downcast_ref::<&str>().copied());
        panic!("{property}: {}", words.unwrap_or("it does not hold"));
    }
}
