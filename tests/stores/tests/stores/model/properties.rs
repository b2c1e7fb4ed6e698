//! What must hold, and what must be able to happen.

/// What does not hold.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[expect(non_camel_case_types, reason = "they are read as the names of tests are")]
pub(crate) enum Property {
    /// No refresh token reaches the issuer twice, unless its last sender said that nobody knows what became of it. The
    /// loss of a machine may make it so: the issuer refuses it then.
    one_refresh_in_the_fleet,
    /// After a sign-out or a logout was acknowledged, nobody finds the session.
    an_ended_session_never_comes_back,
    /// A write lands on the revision, and the record, that it was made of; that of an exchange is its owner's.
    no_older_write_lands,
    /// Who takes an exchange over does not send what may have been sent.
    a_taker_never_sends_what_was_begun,
    /// It is done exactly when its effect is complete; what was acknowledged is not given again.
    a_jti_acts_once,
    /// What was denied and acknowledged stays denied, whatever else is denied.
    no_denial_is_lost_to_another,
    /// Once a denial was acknowledged, no session is created that it is for.
    nothing_denied_is_created,
    /// A session ends by a sign-out, by a denial that is for it, by the refusal of its newest token, or by the loss of a
    /// machine.
    nobody_is_signed_out_without_cause,
    /// By time alone, what is held becomes free.
    nothing_hangs,
}

/// What happens somewhere, or the model says nothing about it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub(crate) enum Sometimes {
    ABusyExchange,
    ATakeover,
    AnUnclearExchange,
    ANewerRevision,
    AConflictOfAnOwner,
    ALateOwner,
    ATokenThatIsRefused,
    ASlideThatConflicts,
    AWriteToWhatIsGone,
    ACreationThatIsDenied,
    ACreationThatIsTooLate,
    ACreationThatCameTwice,
    ASessionThatIsSpared,
    AClaimInProgress,
    AClaimThatIsDone,
    ARetryThatCompletes,
    ALossOfWhatWasNotAcknowledged,
}

impl Sometimes {
    pub(crate) const ALL: [Self; 17] = [
        Self::ABusyExchange,
        Self::ATakeover,
        Self::AnUnclearExchange,
        Self::ANewerRevision,
        Self::AConflictOfAnOwner,
        Self::ALateOwner,
        Self::ATokenThatIsRefused,
        Self::ASlideThatConflicts,
        Self::AWriteToWhatIsGone,
        Self::ACreationThatIsDenied,
        Self::ACreationThatIsTooLate,
        Self::ACreationThatCameTwice,
        Self::ASessionThatIsSpared,
        Self::AClaimInProgress,
        Self::AClaimThatIsDone,
        Self::ARetryThatCompletes,
        Self::ALossOfWhatWasNotAcknowledged,
    ];
}

/// Which of them happened.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Happened(u32);

impl Happened {
    pub(crate) fn note(&mut self, what: Sometimes) {
        self.0 |= 1 << what as u8;
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    pub(crate) fn missing(self) -> Vec<Sometimes> {
        let mut missing = Sometimes::ALL.to_vec();
        missing.retain(|what| self.0 & (1 << *what as u8) == 0);
        missing
    }
}
