//! When a session ends.

use crate::config::Lifetime;

/// A sliding session is written anew after this many seconds, or a tenth of its duration if that is
/// less: often enough to be exact, and not on every request.
const SLIDE_EVERY: i64 = 60;

/// When a session that was used at `now` ends.
pub(super) fn expiry(lifetime: Lifetime, created_at: i64, now: i64) -> i64 {
    match lifetime {
        Lifetime::Absolute { duration } => created_at.saturating_add(duration),
        Lifetime::Sliding {
            duration,
            max_duration,
        } => now
            .saturating_add(duration)
            .min(created_at.saturating_add(max_duration)),
    }
}

/// The latest that a session can end, however much it is used.
pub(super) fn cap(lifetime: Lifetime, created_at: i64) -> i64 {
    created_at.saturating_add(lifetime.longest())
}

/// The new end of a sliding session, when it is time to write one.
pub(super) fn slide(lifetime: Lifetime, created_at: i64, written_at: i64, now: i64) -> Option<i64> {
    let Lifetime::Sliding { duration, .. } = lifetime else {
        return None;
    };
    let due = written_at.saturating_add(SLIDE_EVERY.min(duration / 10));
    (now >= due && now > written_at).then(|| expiry(lifetime, created_at, now))
}

#[cfg(test)]
mod tests {
    use super::{expiry, slide};
    use crate::config::Lifetime;

    #[test]
    fn an_absolute_session_ends_when_it_was_going_to() {
        let lifetime = Lifetime::Absolute { duration: 100 };
        assert_eq!(expiry(lifetime, 10, 50), 110);
        assert_eq!(slide(lifetime, 10, 10, 109), None);
    }

    #[test]
    fn a_sliding_session_slides_up_to_its_cap() {
        let lifetime = Lifetime::Sliding {
            duration: 1_000,
            max_duration: 1_500,
        };
        assert_eq!(slide(lifetime, 0, 0, 59), None);
        assert_eq!(slide(lifetime, 0, 0, 60), Some(1_060));
        assert_eq!(slide(lifetime, 0, 900, 999), Some(1_500));
        assert_eq!(
            slide(
                Lifetime::Sliding {
                    duration: 5,
                    max_duration: 9
                },
                0,
                3,
                3
            ),
            None
        );
    }
}
