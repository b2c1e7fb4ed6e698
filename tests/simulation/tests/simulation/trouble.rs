//! What a plan has of places, processes and stores, and of what the issuer ends.

use proptest::bool::weighted;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof};

/// Where sessions are, and who serves the site.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// In cookies, and one process that lives as long as the run.
    Cookies,
    /// In a store, which processes share that know nothing of each other.
    Store(Fleet),
    /// In cookies, and processes share a store beside them, in which they tell each other what is over.
    Beside(Fleet),
}

impl Place {
    /// The processes, where they share a store.
    pub(crate) fn fleet(&self) -> Option<&Fleet> {
        match self {
            Self::Cookies => None,
            Self::Store(fleet) | Self::Beside(fleet) => Some(fleet),
        }
    }
}

/// Processes that share a store, and what goes wrong with them.
#[derive(Clone, Debug)]
pub(crate) struct Fleet {
    pub(crate) processes: usize,
    /// What goes wrong with calls of the store, for each kind of call one after the other.
    pub(crate) mishaps: Vec<(Call, Mishap)>,
    /// After so many milliseconds one of them dies, and another takes its place.
    pub(crate) deaths: Vec<(u32, usize)>,
    /// After so many milliseconds the log is lost, and another one begins.
    pub(crate) losses: Vec<u32>,
    /// After so many milliseconds one of them can neither read the log nor write there, for so many.
    pub(crate) silences: Vec<(u32, usize, u32)>,
}

/// What a store is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Call {
    Get,
    Create,
    Update,
    Delete,
    Check,
    Begin,
    Commit,
    Abandon,
    EndAll,
    List,
    Touch,
    Claim,
    Settle,
    Append,
    Read,
    Trim,
}

/// What goes wrong with a call of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mishap {
    None,
    /// An error is told, whether it was done or not.
    Lost {
        done: bool,
    },
    /// No answer comes. It is done after so many milliseconds, or never, whoever has gone by then.
    Late(Option<u32>),
}

/// A logout at the issuer, of which the site is told.
#[derive(Clone, Debug)]
pub(crate) struct Logout {
    /// Milliseconds since the one before.
    pub(crate) after: u32,
    pub(crate) whose: Whose,
    pub(crate) by: By,
    /// How often the issuer tells it where it is not taken.
    pub(crate) tries: u8,
    /// Whether it is told at two processes at once.
    pub(crate) twice: bool,
    /// What becomes of the application's own part, each time.
    pub(crate) hooks: Vec<Hook>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Whose {
    /// Of what a browser has then.
    Browser(usize),
    /// Of the next sign-in, which is under way then.
    Next,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// A logout token with `sid`, and `sub` beside it.
    Sid { and_sub: bool },
    /// A logout token with `sub`.
    Sub,
    /// A page of the issuer embeds the site's.
    FrontChannel,
}

/// What the application does when it is told of a logout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hook {
    Done,
    Fails,
    Panics,
    /// It is not done in time.
    TooSlow,
}

pub(crate) fn cookies() -> impl Strategy<Value = Place> {
    Just(Place::Cookies)
}

pub(crate) fn store() -> impl Strategy<Value = Place> {
    let deaths = vec((0..25_000_u32, 0..3_usize), 0..5);
    (2..=3_usize, vec((call(), mishap()), 0..24), deaths).prop_map(|(processes, mishaps, deaths)| {
        Place::Store(Fleet {
            processes,
            mishaps,
            deaths,
            losses: Vec::new(),
            silences: Vec::new(),
        })
    })
}

pub(crate) fn beside() -> impl Strategy<Value = Place> {
    let of_log = prop_oneof![Just(Call::Append), Just(Call::Read)];
    let mishaps = (vec((call(), mishap()), 0..16), vec((of_log, mishap()), 0..40));
    let deaths = vec((0..25_000_u32, 0..3_usize), 0..4);
    let losses = vec(0..40_000_u32, 0..3);
    let silences = vec((0..20_000_u32, 0..3_usize, 3_000..25_000_u32), 0..5);
    (2..=3_usize, mishaps, deaths, losses, silences).prop_map(
        |(processes, (mut mishaps, of_log), deaths, losses, silences)| {
            mishaps.extend(of_log);
            Place::Beside(Fleet {
                processes,
                mishaps,
                deaths,
                losses,
                silences,
            })
        },
    )
}

fn call() -> impl Strategy<Value = Call> {
    prop_oneof![
        3 => Just(Call::Get),
        4 => Just(Call::Create),
        3 => Just(Call::Update),
        4 => Just(Call::Delete),
        1 => Just(Call::Check),
        4 => Just(Call::Begin),
        4 => Just(Call::Commit),
        3 => Just(Call::Abandon),
        3 => Just(Call::EndAll),
        1 => Just(Call::Touch),
        2 => Just(Call::Claim),
        2 => Just(Call::Settle),
    ]
}

fn mishap() -> impl Strategy<Value = Mishap> {
    prop_oneof![
        2 => Just(Mishap::None),
        3 => any::<bool>().prop_map(|done| Mishap::Lost { done }),
        2 => option::weighted(0.8, 0..20_000_u32).prop_map(Mishap::Late),
    ]
}

pub(crate) fn logouts() -> impl Strategy<Value = Vec<Logout>> {
    let whose = prop_oneof![
        1 => (0..3_usize).prop_map(Whose::Browser),
        1 => Just(Whose::Next),
    ];
    let by = prop_oneof![
        2 => any::<bool>().prop_map(|and_sub| By::Sid { and_sub }),
        2 => Just(By::Sub),
        1 => Just(By::FrontChannel),
    ];
    let after = prop_oneof![2 => 0..4_000_u32, 1 => 0..40_000_u32];
    let logout = (after, whose, by, 1..5_u8, weighted(0.3), vec(hook(), 0..4)).prop_map(
        |(after, whose, by, tries, twice, hooks)| Logout {
            after,
            whose,
            by,
            tries,
            twice,
            hooks,
        },
    );
    prop_oneof![Just(Vec::new()), vec(logout, 1..4)]
}

fn hook() -> impl Strategy<Value = Hook> {
    prop_oneof![
        2 => Just(Hook::Done),
        1 => Just(Hook::Fails),
        1 => Just(Hook::Panics),
        1 => Just(Hook::TooSlow),
    ]
}
