//! What holds, and that it would be found if it did not.

use super::explore::{Explored, explore};
use super::properties::{Happened, Property as P};
use super::task::Kind::{self, Create, LogoutBySid, LogoutBySub, LogoutOfOlder, Refresh, SignOut, Slide};
use super::world::{Left, TASKS, World};
use crate::reference::Fault;

const LEFT: Left = Left {
    ticks: 2,
    crashes: 1,
    failovers: 1,
    losses: 1,
};

/// Of a session that is there.
const OF_A_SESSION: [Kind; 6] = [Slide, Refresh, SignOut, LogoutBySid, LogoutBySub, LogoutOfOlder];

/// Each choice of so many, each kind as often as it comes.
fn choices(kinds: &[Kind], many: usize) -> Vec<Vec<Kind>> {
    if many == 0 {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (at, kind) in kinds.iter().enumerate() {
        for rest in choices(&kinds[at..], many - 1) {
            all.push([&[*kind], &*rest].concat());
        }
    }
    all
}

/// Three of a session that is there; and one that brings it, or two, and two others.
fn plans() -> Vec<Vec<Kind>> {
    let mut plans = choices(&OF_A_SESSION, 3);
    for others in choices(&OF_A_SESSION, 2) {
        plans.push([&[Create], &*others].concat());
    }
    for other in OF_A_SESSION {
        plans.push(vec![Create, Create, other]);
    }
    plans
}

/// Four, where what goes wrong goes wrong once.
fn long_plans() -> Vec<Vec<Kind>> {
    vec![
        vec![Create, Create, LogoutBySub, LogoutBySub],
        vec![Create, LogoutBySid, LogoutBySid, SignOut],
        vec![Refresh, Refresh, Refresh, Slide],
    ]
}

fn explored(kinds: &[Kind], left: Left, fault: Option<Fault>) -> Explored {
    assert!(kinds.len() <= TASKS);
    explore(&World::new(kinds, left, fault))
}

fn with_one_crash() -> Left {
    Left {
        failovers: 0,
        losses: 0,
        ..LEFT
    }
}

#[test]
fn what_must_hold_holds() {
    let mut happened = Happened::default();
    let mut states = 0;
    let plans = plans().into_iter().map(|plan| (plan, LEFT));
    let long_plans = long_plans().into_iter().map(|plan| (plan, with_one_crash()));
    for (plan, left) in plans.chain(long_plans) {
        let explored = explored(&plan, left, None);
        if let Some(broken) = explored.broken {
            panic!("{:?}\n{}", broken.property, broken.story.join("\n"));
        }
        states += explored.states;
        happened.add(explored.happened);
    }
    println!("{states} states");
    assert_eq!(happened.missing(), [], "it never happens");
}

/// What is done wrong, where it shows, and as what.
const FINDS: &[(Fault, &[Kind], P)] = &[
    (
        Fault::CreateOverwrites,
        &[Create, Create, Refresh],
        P::no_older_write_lands,
    ),
    (
        Fault::UpdateIgnoresTheRevision,
        &[Slide, Refresh],
        P::no_older_write_lands,
    ),
    (
        Fault::UpdateMakesRecords,
        &[Slide, SignOut],
        P::an_ended_session_never_comes_back,
    ),
    (
        Fault::DeleteLeavesNoTombstone,
        &[Create, Create, SignOut],
        P::an_ended_session_never_comes_back,
    ),
    (
        Fault::ExchangesBeginWhileOneIsHeld,
        &[Refresh, Refresh],
        P::a_taker_never_sends_what_was_begun,
    ),
    (Fault::LeasesNeverEnd, &[Refresh], P::nothing_hangs),
    (
        Fault::TakeoverIsNotSaid,
        &[Refresh, Refresh],
        P::a_taker_never_sends_what_was_begun,
    ),
    (
        Fault::UnclearIsForgotten,
        &[Refresh, Refresh],
        P::nobody_is_signed_out_without_cause,
    ),
    (
        Fault::WhoGivesUpForgivesOthers,
        &[Refresh, Refresh, Refresh],
        P::one_refresh_in_the_fleet,
    ),
    (
        Fault::UnclearIsNotSaid,
        &[Refresh, Refresh],
        P::one_refresh_in_the_fleet,
    ),
    (
        Fault::CommitNeedsNoOwner,
        &[Refresh, Refresh],
        P::no_older_write_lands,
    ),
    (
        Fault::DenialsReplaceEachOther,
        &[LogoutBySub, LogoutOfOlder],
        P::no_denial_is_lost_to_another,
    ),
    (
        Fault::CreateIgnoresDenials,
        &[LogoutBySub, Create],
        P::nothing_denied_is_created,
    ),
    (
        Fault::IssuedInTheSameSecondIsSpared,
        &[LogoutBySub],
        P::an_ended_session_never_comes_back,
    ),
    (
        Fault::DenialsEndTheSparedToo,
        &[LogoutOfOlder],
        P::nobody_is_signed_out_without_cause,
    ),
    (
        Fault::ClaimsAreGivenTwice,
        &[LogoutBySid, LogoutBySid],
        P::a_jti_acts_once,
    ),
    (
        Fault::AnybodySettles,
        &[LogoutBySid, LogoutBySid],
        P::a_jti_acts_once,
    ),
    (
        Fault::RecordBeforeIndex,
        &[Create, LogoutBySub],
        P::an_ended_session_never_comes_back,
    ),
    (
        Fault::TombstonesBeforeDenial,
        &[Create, LogoutBySub],
        P::an_ended_session_never_comes_back,
    ),
    (
        Fault::TakersSend,
        &[Refresh, Refresh],
        P::a_taker_never_sends_what_was_begun,
    ),
    (
        Fault::NothingIsWaitedFor,
        &[SignOut],
        P::an_ended_session_never_comes_back,
    ),
    (Fault::SettledBeforeItIsDone, &[LogoutBySid], P::a_jti_acts_once),
    (
        Fault::DeniedIsUnfiledButNotClosed,
        &[Create, Create, LogoutBySub, LogoutBySub],
        P::an_ended_session_never_comes_back,
    ),
];

#[test]
fn the_model_finds_what_it_is_for() {
    for (fault, plan, property) in FINDS {
        let left = if plan.len() > 3 { with_one_crash() } else { LEFT };
        assert!(explored(plan, left, None).broken.is_none(), "{plan:?}");
        let broken = explored(plan, left, Some(*fault)).broken;
        let found = broken.as_ref().map(|broken| broken.property);
        let story = broken.map(|broken| broken.story.join("\n")).unwrap_or_default();
        assert_eq!(found, Some(*property), "{fault:?}\n{story}");
    }
}
