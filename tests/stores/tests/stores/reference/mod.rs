//! What a store must do, as plainly as it can be said. Times are numbers, and nothing waits.

pub(crate) mod cell;
pub(crate) mod claim;
pub(crate) mod index;
pub(crate) mod log;
pub(crate) mod store;

/// What somebody could do wrong.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Fault {
    CreateOverwrites,
    UpdateIgnoresTheRevision,
    UpdateIsTwoSteps,
    UpdateMakesRecords,
    DeleteLeavesNoTombstone,
    NothingExpires,
    RecordsAreCut,
    SummariesAreText,
    SummariesAreCut,
    TouchesAreText,
    TouchesAreCut,
    ExchangesBeginWhileOneIsHeld,
    LeasesNeverEnd,
    TakeoverIsNotSaid,
    UnclearIsForgotten,
    WhoGivesUpForgivesOthers,
    CommitNeedsNoOwner,
    DenialsReplaceEachOther,
    CreateIgnoresDenials,
    IssuedInTheSameSecondIsSpared,
    DenialsEndTheSparedToo,
    ClaimsAreGivenTwice,
    AnybodySettles,
    AppendLosesAnEntry,
    EntriesAreCut,
    ReadSkipsAPage,
    EveryPageIsTheEnd,
    /// As if the log had lost nothing.
    PositionsOfALostLogAreTaken,
    LossIsNotSaid,
    LostLogsAreNotReadAgain,
    TrimTakesTooMuch,
    TrimTakesAnyPosition,
    /// Of those who use a store.
    RecordBeforeIndex,
    TombstonesBeforeDenial,
    TakersSend,
    NothingIsWaitedFor,
    SettledBeforeItIsDone,
    DeniedIsUnfiledButNotClosed,
    UnclearIsNotSaid,
}
