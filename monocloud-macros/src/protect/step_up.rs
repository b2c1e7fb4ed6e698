//! `max_age`: when somebody must have proved who they are.

use syn::LitInt;

use crate::arguments::Arguments;
use crate::errors::Errors;

/// Less, and whoever signs in would be asked again while they are still on the way back.
const LEAST_SECONDS: u32 = 30;
/// 400 days, as long as any session.
pub(super) const MOST_SECONDS: u32 = 400 * 86_400;

/// Takes `max_age`, in seconds.
pub(super) fn take_max_age(arguments: &mut Arguments<'_>, errors: &Errors) -> Option<LitInt> {
    let (literal, seconds) = arguments.take_number("max_age", "seconds")?;
    if seconds < LEAST_SECONDS {
        errors.at(
            &literal,
            format!(
                "`max_age` is at least {LEAST_SECONDS} seconds, since a sign-in takes some; write `max_age = {LEAST_SECONDS}`, or more"
            ),
        );
    }
    check_most(&literal, seconds, errors);
    Some(literal)
}

pub(super) fn check_most(literal: &LitInt, seconds: u32, errors: &Errors) {
    if seconds > MOST_SECONDS {
        errors.at(
            literal,
            format!(
                "`max_age` is at most {MOST_SECONDS} seconds, which are 400 days; write less, or remove it"
            ),
        );
    }
}
