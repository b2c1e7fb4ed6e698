//! When somebody proved who they are, and how: one judge of `max_age` and `acr_values`, whoever asks.

use std::fmt;

/// When it was.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Authenticated {
    /// On the issuer's clock, in seconds since the Unix epoch, as all times here. Not every issuer says it.
    pub(crate) auth_time: Option<i64>,
    /// When that was told to us, on our clock: nobody proves anything after it.
    pub(crate) told_at: i64,
}

/// Why it does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stale {
    /// The issuer did not say when it was.
    Unknown,
    /// It was later than it was told.
    Ahead,
    TooLongAgo,
}

impl Authenticated {
    /// Whether it was at most `max_age` and `leeway` seconds before `now`. `ahead` is by how much the issuer's
    /// clock may be before ours, which makes nothing any younger.
    pub(crate) fn check(self, max_age: u32, leeway: i64, ahead: i64, now: i64) -> Result<(), Stale> {
        let auth_time = self.auth_time.ok_or(Stale::Unknown)?;
        if auth_time > self.told_at.saturating_add(ahead) {
            return Err(Stale::Ahead);
        }
        let ends_at = auth_time
            .min(self.told_at)
            .saturating_add(i64::from(max_age).saturating_add(leeway));
        if ends_at < now {
            return Err(Stale::TooLongAgo);
        }
        Ok(())
    }
}

/// Whether `acr` is one of those that are asked for, to the letter (OIDC Core 2). Where none is, all are good.
pub(crate) fn is_acr_of(acr: Option<&str>, acr_values: &[impl AsRef<str>]) -> bool {
    acr_values.is_empty() || acr.is_some_and(|acr| acr_values.iter().any(|value| value.as_ref() == acr))
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "`auth_time` is missing, though max_age was asked for",
            Self::Ahead => "`auth_time` is in the future",
            Self::TooLongAgo => "the person proved who they are longer ago than max_age allows (`auth_time`)",
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Authenticated, Stale, is_acr_of};

    const NOW: i64 = 1_800_000_000;

    fn check(auth_time: Option<i64>, told_at: i64, max_age: u32, now: i64) -> Result<(), Stale> {
        Authenticated { auth_time, told_at }.check(max_age, 0, 60, now)
    }

    #[test]
    fn the_last_second_counts_and_the_next_does_not() {
        assert_eq!(check(Some(NOW - 300), NOW, 300, NOW), Ok(()));
        assert_eq!(check(Some(NOW - 301), NOW, 300, NOW), Err(Stale::TooLongAgo));
        assert_eq!(check(None, NOW, 300, NOW), Err(Stale::Unknown));
        assert_eq!(check(Some(NOW + 60), NOW, 300, NOW), Ok(()));
        assert_eq!(check(Some(NOW + 61), NOW, 300, NOW), Err(Stale::Ahead));
    }

    #[test]
    fn a_class_is_compared_to_the_letter() {
        assert!(is_acr_of(Some("urn:mfa"), &["urn:pin", "urn:mfa"]));
        assert!(is_acr_of(None, &[] as &[&str]));
        for other in [
            None,
            Some(""),
            Some("URN:MFA"),
            Some("urn:mfa "),
            Some("urn:mf"),
            Some("0"),
        ] {
            assert!(!is_acr_of(other, &["urn:mfa"]), "{other:?}");
        }
    }

    proptest! {
        /// Whatever the issuer's clock says, it counts for no longer than `max_age` on ours.
        #[test]
        fn nothing_lasts_longer_than_max_age(
            auth_time in prop_oneof![any::<i64>(), NOW - 1_000..NOW + 1_000],
            max_age in any::<u32>(),
            later in 0_i64..=i64::from(u32::MAX) + 10,
        ) {
            let now = NOW + later;
            if check(Some(auth_time), NOW, max_age, now).is_ok() {
                prop_assert!(later <= i64::from(max_age));
                prop_assert!(auth_time + i64::from(max_age) >= now || auth_time > NOW);
            }
        }

        #[test]
        fn no_time_is_out_of_range(
            auth_time in any::<i64>(), told_at in any::<i64>(), now in any::<i64>(), max_age in any::<u32>(),
            leeway in 0_i64..=86_400,
        ) {
            let _ = Authenticated { auth_time: Some(auth_time), told_at }.check(max_age, leeway, leeway, now);
        }
    }
}
