//! What a run consists of, as proptest decides it. `Debug` of a plan is how it can be run again.

use proptest::bool::weighted;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof};

use crate::trouble::{Logout, Place, logouts};

/// Everything that a run depends on.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Of the yields and delays at the seams.
    pub(crate) seed: u64,
    /// How long access tokens last, in seconds.
    pub(crate) lifetime: u32,
    /// Access tokens that need a cookie of their own.
    pub(crate) large: bool,
    /// Whether use prolongs sessions, which writes their cookies more often.
    pub(crate) slides: bool,
    /// Whether a sign-out revokes the tokens.
    pub(crate) revokes: bool,
    pub(crate) browsers: Vec<Browser>,
    /// What goes wrong with refreshes, one after the other.
    pub(crate) faults: Vec<Fault>,
    /// The same with every other call.
    pub(crate) outages: Vec<Outage>,
    /// After so many seconds the clock is set by so many.
    pub(crate) jumps: Vec<(u32, i32)>,
    /// What the issuer says is over.
    pub(crate) logouts: Vec<Logout>,
    pub(crate) place: Place,
}

/// Tabs that share a cookie jar.
#[derive(Clone, Debug)]
pub(crate) struct Browser {
    pub(crate) starts: Starts,
    pub(crate) tabs: Vec<Vec<Step>>,
}

/// What is in the jar at first.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Starts {
    /// The session of an account.
    SignedIn(usize),
    /// After so many milliseconds, whatever that browser has then.
    AsCopyOf(usize, u32),
}

/// One thing that a tab does.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// Milliseconds since the step before.
    pub(crate) wait: u32,
    pub(crate) act: Act,
    /// The client is gone after so many milliseconds.
    pub(crate) hangs_up: Option<u32>,
    /// The answer takes so many milliseconds more, in which others may overtake it.
    pub(crate) travels: u32,
}

#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// A guarded page.
    Page,
    Tokens(Wanted),
    /// So many scripts of one page ask for tokens at once.
    Burst(u8, Wanted),
    /// A handler keeps a value of its own, and takes its time between reading and writing.
    Write,
    /// A handler answers at once, and asks for tokens meanwhile.
    Stream(Wanted),
    UserInfo,
    /// A handler revokes the session's tokens, which goes on without.
    Revoke,
    SignOut,
    /// In every browser of the account.
    SignOutEverywhere,
    /// To an account; after so many milliseconds the browser sends the callback once more. Perhaps out again at once.
    SignIn {
        account: usize,
        again: Option<u32>,
        out: bool,
    },
    /// So many seconds.
    Wait(u32),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    pub(crate) force: bool,
    pub(crate) user_info: bool,
    /// Which of the configured resources.
    pub(crate) resource: Option<usize>,
}

/// What goes wrong with a refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// Served, and the connection breaks before the answer.
    Lost,
    /// Served, and answered after the response timeout.
    Late,
    /// Nothing arrives at the issuer.
    NoConnection,
    Unavailable,
    /// 400 with an error that says nothing of the token.
    OtherError,
    /// A lie: the token is good.
    InvalidGrant,
    /// Somebody has ended the grant at the issuer.
    Withdrawn,
    OtherSubject,
    OtherNonce,
    SameNonce,
    NoIdToken,
    /// No new refresh token: the old one is good still.
    SameRefreshToken,
    NotJson,
    /// Whoever sends the request panics, before or after the issuer has served it.
    Panic {
        served: bool,
    },
}

/// What goes wrong with another call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outage {
    None,
    /// Served, and the connection breaks before the answer.
    Lost,
    NoConnection,
    Unavailable,
    Late,
}

/// Accounts at the issuer.
pub(crate) const ACCOUNTS: [&str; 2] = ["mira", "lin"];

/// Resources beside the default one.
pub(crate) const RESOURCES: [&str; 2] = ["https://orders.example.com", "https://stock.example.com"];

/// Plans with so many browsers at most, of a site that keeps its sessions in such a place.
pub(crate) fn plans(browsers: usize, place: impl Strategy<Value = Place>) -> impl Strategy<Value = Plan> {
    let browsers = (1..=browsers).prop_flat_map(|count| {
        let more: Vec<_> = (1..count).map(|number| browser(number).boxed()).collect();
        (signed_in(), more).prop_map(|(first, more)| std::iter::once(first).chain(more).collect())
    });
    let jumps = vec((0..120_u32, -50..2_000_i32), 0..4);
    (
        any::<u64>(),
        prop_oneof![Just(20_u32), Just(60), Just(300)],
        weighted(0.1),
        any::<bool>(),
        any::<bool>(),
        browsers,
        vec(fault(), 0..10),
        vec(outage(), 0..8),
        (jumps, logouts(), place),
    )
        .prop_map(
            |(seed, lifetime, large, slides, revokes, browsers, faults, outages, rest)| Plan {
                seed,
                lifetime,
                large,
                slides,
                revokes,
                browsers,
                faults,
                outages,
                jumps: rest.0,
                logouts: rest.1,
                place: rest.2,
            },
        )
}

fn signed_in() -> impl Strategy<Value = Browser> {
    (0..ACCOUNTS.len(), vec(vec(step(), 1..7), 1..4)).prop_map(|(account, tabs)| Browser {
        starts: Starts::SignedIn(account),
        tabs,
    })
}

/// One that comes after so many others.
fn browser(number: usize) -> impl Strategy<Value = Browser> {
    let copy =
        (0..number, 0..60_000_u32, vec(vec(step(), 1..6), 1..3)).prop_map(|(of, after, tabs)| Browser {
            starts: Starts::AsCopyOf(of, after),
            tabs,
        });
    prop_oneof![signed_in(), copy]
}

fn step() -> impl Strategy<Value = Step> {
    let wait = prop_oneof![2 => Just(0_u32), 3 => 0..2_000_u32, 1 => 0..30_000_u32];
    let hangs_up = option::weighted(0.15, 0..1_500_u32);
    let travels = prop_oneof![3 => Just(0_u32), 1 => 0..5_000_u32];
    (wait, act(), hangs_up, travels).prop_map(|(wait, act, hangs_up, travels)| Step {
        wait,
        act,
        hangs_up,
        travels,
    })
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => Just(Act::Page),
        8 => wanted().prop_map(Act::Tokens),
        3 => (2..5_u8, wanted()).prop_map(|(count, wanted)| Act::Burst(count, wanted)),
        2 => Just(Act::Write),
        1 => wanted().prop_map(Act::Stream),
        1 => Just(Act::UserInfo),
        1 => Just(Act::Revoke),
        1 => Just(Act::SignOut),
        1 => Just(Act::SignOutEverywhere),
        2 => (0..ACCOUNTS.len(), option::weighted(0.4, 0..3_000_u32), weighted(0.3))
            .prop_map(|(account, again, out)| Act::SignIn { account, again, out }),
        2 => (0..90_u32).prop_map(Act::Wait),
        1 => (300..900_u32).prop_map(Act::Wait),
    ]
}

fn wanted() -> impl Strategy<Value = Wanted> {
    let resource = option::weighted(0.3, 0..RESOURCES.len());
    (any::<bool>(), weighted(0.1), resource).prop_map(|(force, user_info, resource)| Wanted {
        force,
        user_info,
        resource,
    })
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        10 => Just(Fault::None),
        3 => Just(Fault::Lost),
        2 => Just(Fault::Late),
        1 => Just(Fault::NoConnection),
        1 => Just(Fault::Unavailable),
        1 => Just(Fault::OtherError),
        1 => Just(Fault::InvalidGrant),
        1 => Just(Fault::Withdrawn),
        1 => Just(Fault::OtherSubject),
        1 => Just(Fault::OtherNonce),
        1 => Just(Fault::SameNonce),
        1 => Just(Fault::NoIdToken),
        1 => Just(Fault::SameRefreshToken),
        1 => Just(Fault::NotJson),
        2 => any::<bool>().prop_map(|served| Fault::Panic { served }),
    ]
}

fn outage() -> impl Strategy<Value = Outage> {
    prop_oneof![
        6 => Just(Outage::None),
        1 => Just(Outage::Lost),
        1 => Just(Outage::NoConnection),
        1 => Just(Outage::Unavailable),
        1 => Just(Outage::Late),
    ]
}
