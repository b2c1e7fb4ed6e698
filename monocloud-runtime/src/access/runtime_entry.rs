//! Guards that are known only while the program runs.

use super::report::GuardKind;
use super::requirement::Requirement;

/// An entry of `protected_routes`, for whoever reports what is guarded.
pub(crate) trait RuntimeEntry: Send + Sync {
    /// As people read them: `/admin`, `regex(/reports/.*)`.
    fn patterns(&self) -> &[String];

    /// Whom it answers: that of pages answers programs all the same, at and below `/api`.
    fn kind(&self) -> GuardKind;

    /// Lets `look` see who may pass where it answers this kind.
    fn with_requirement(&self, kind: GuardKind, look: &mut dyn FnMut(&Requirement<'_>));

    /// Whether a request was ever under it.
    fn has_matched(&self) -> bool;
}
