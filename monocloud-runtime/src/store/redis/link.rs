//! One connection, kept: it is made when somebody needs it, by one for all, and again once it is of no use.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::Shared;
use redis::{ErrorKind, RedisError, ServerErrorKind, Value};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, timeout_at};

use super::connection::{Connection, Sent, Together};
use super::failed::{Then, store_error, then};
use super::target::{Target, not_master};
use crate::store::StoreError;

/// What servers are is asked anew after so many time limits, with a new connection: a minute, where nothing else is said.
const FRESH: u32 = 30;
/// After so long without an answer a connection may be gone, and nobody has noticed.
const QUIET: Duration = Duration::from_millis(100);
const FIRST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// How often something that was not carried out is sent again, and how long is waited before.
const AGAIN: [Duration; 4] = [
    Duration::from_millis(10),
    Duration::from_millis(40),
    Duration::from_millis(100),
    Duration::from_millis(250),
];

#[derive(Clone)]
pub(super) struct Link {
    inner: Arc<Inner>,
}

struct Inner {
    target: Arc<Target>,
    now: Mutex<Now>,
}

struct Now {
    state: State,
    /// How many connections were made.
    made: u64,
    /// How often none could be made since the last one.
    failed: u32,
    answered: Instant,
}

enum State {
    Idle,
    /// The one before serves meanwhile.
    Opening(Opening, Option<Open>),
    Up(Open),
    Down {
        why: StoreError,
        until: Instant,
    },
}

type Opening = Shared<oneshot::Receiver<Result<Open, StoreError>>>;

#[derive(Clone)]
struct Open {
    connection: Connection,
    number: u64,
    since: Instant,
}

impl Link {
    pub(super) fn new(target: Arc<Target>) -> Self {
        let now = Now {
            state: State::Idle,
            made: 0,
            failed: 0,
            answered: Instant::now(),
        };
        Self {
            inner: Arc::new(Inner {
                target,
                now: Mutex::new(now),
            }),
        }
    }

    /// The answers, in order. Sends again only what was not carried out, or may be twice; so what may not is sent by a
    /// connection that is there.
    pub(super) async fn send(&self, together: Together) -> Result<Vec<Value>, Failed> {
        let deadline = Instant::now() + self.inner.target.address.timeout;
        if !together.may_repeat && self.inner.now().answered.elapsed() >= QUIET {
            let question = Together::new(&together.key, vec![redis::cmd("TIME")]).repeatable();
            self.send_until(question, deadline).await?;
        }
        self.send_until(together, deadline).await
    }

    async fn send_until(&self, mut together: Together, deadline: Instant) -> Result<Vec<Value>, Failed> {
        let limit = self.inner.target.address.timeout;
        let mut again = AGAIN.into_iter();
        loop {
            let open = timeout_at(deadline, self.connection())
                .await
                .map_err(|_| StoreError::Timeout(limit))??;
            let mut watch = Watch {
                link: self,
                number: open.number,
                since: Instant::now(),
                is_answered: false,
            };
            let mut connection = open.connection;
            let sent = timeout_at(deadline, connection.send(&together)).await;
            watch.is_answered = sent.is_ok();
            let error = match sent {
                Err(_) => {
                    self.broke(open.number);
                    return Err(StoreError::Timeout(limit).into());
                }
                Ok(Ok(Sent::Answers(answers))) => {
                    self.inner.now().answered = Instant::now();
                    return Ok(answers);
                }
                Ok(Ok(Sent::NotMaster)) => {
                    self.broke(open.number);
                    return Err(not_master().into());
                }
                Ok(Err(error)) => error,
            };
            let then = then(&error);
            if matches!(then, Then::Elsewhere | Then::Reconnect)
                && matches!(connection, Connection::One { .. })
            {
                self.broke(open.number);
            }
            together.asked_of = asked_of(&error);
            let goes_on = match then {
                Then::Again => true,
                Then::Elsewhere => self.inner.target.has_others(),
                Then::Reconnect => std::mem::take(&mut together.may_repeat),
                Then::InFull | Then::Fail => false,
            };
            match again.next() {
                Some(wait) if goes_on => sleep(wait).await,
                _ if then == Then::InFull => return Err(Failed::UnknownScript),
                _ => return Err(store_error(&error, limit).into()),
            }
        }
    }

    async fn connection(&self) -> Result<Open, StoreError> {
        let opening = {
            let mut now = self.inner.now();
            match &now.state {
                State::Up(open) => {
                    let open = open.clone();
                    if open.since.elapsed() >= self.inner.target.address.timeout * FRESH {
                        now.state = State::Opening(self.open(), Some(open.clone()));
                    }
                    return Ok(open);
                }
                State::Opening(_, Some(before)) => return Ok(before.clone()),
                State::Opening(opening, None) => opening.clone(),
                State::Down { why, until } if *until > Instant::now() => return Err(why.clone()),
                State::Down { .. } | State::Idle => {
                    let opening = self.open();
                    now.state = State::Opening(opening.clone(), None);
                    opening
                }
            }
        };
        opening.await.unwrap_or_else(|_| {
            // Its runtime ended.
            self.inner.now().state = State::Idle;
            Err(StoreError::unreachable("nobody is connecting any more"))
        })
    }

    /// In a task of its own: who waits for it may go away.
    fn open(&self) -> Opening {
        let (tell, told) = oneshot::channel();
        let inner = Arc::clone(&self.inner);
        tokio::spawn(async move {
            let limit = inner.target.address.timeout;
            let opened = tokio::time::timeout(limit, inner.target.open()).await;
            let opened = opened.unwrap_or(Err(StoreError::Timeout(limit)));
            // Nobody may be waiting.
            let _ = tell.send(inner.opened(opened));
        });
        told.shared()
    }

    /// It is of no use any more; the next one who needs a connection makes one.
    fn broke(&self, number: u64) {
        let mut now = self.inner.now();
        match &mut now.state {
            State::Up(open) if open.number == number => now.state = State::Idle,
            State::Opening(_, before) if before.as_ref().is_some_and(|open| open.number == number) => {
                *before = None;
            }
            _ => {}
        }
    }
}

impl Inner {
    fn opened(&self, opened: Result<Connection, StoreError>) -> Result<Open, StoreError> {
        let mut now = self.now();
        match opened {
            Ok(connection) => {
                if now.failed > 0 {
                    tracing::info!(name: "monocloud.redis.back", "{} can be used again", self.target.address);
                }
                now.failed = 0;
                now.made += 1;
                let open = Open {
                    connection,
                    number: now.made,
                    since: Instant::now(),
                };
                now.state = State::Up(open.clone());
                Ok(open)
            }
            Err(why) => {
                let before = match &mut now.state {
                    State::Opening(_, before) => before.take(),
                    _ => None,
                };
                if let Some(before) = before
                    && !matches!(why, StoreError::Unfit(_))
                {
                    let since = Instant::now();
                    now.state = State::Up(Open { since, ..before });
                    return Err(why);
                }
                if now.failed == 0 {
                    tracing::error!(name: "monocloud.redis.down", "{}: {why}", self.target.address);
                }
                let wait = FIRST_WAIT * 2_u32.pow(now.failed.min(5));
                now.failed = now.failed.saturating_add(1);
                now.state = State::Down {
                    why: why.clone(),
                    until: Instant::now() + wait.min(LONGEST_WAIT),
                };
                Err(why)
            }
        }
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why there are no answers.
pub(super) enum Failed {
    /// The script is to be sent in full.
    UnknownScript,
    Store(StoreError),
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Who gave up waiting tells nobody: a connection that has been silent for so long is not used again.
struct Watch<'a> {
    link: &'a Link,
    number: u64,
    since: Instant,
    is_answered: bool,
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if !self.is_answered && self.since.elapsed() >= self.link.inner.target.address.timeout / 2 {
            self.link.broke(self.number);
        }
    }
}

/// A slot is on its way from one server to another, and the key is there already.
fn asked_of(error: &RedisError) -> Option<(String, u16)> {
    if error.kind() != ErrorKind::Server(ServerErrorKind::Ask) {
        return None;
    }
    let (node, _) = error.redirect_node()?;
    let (host, port) = node.rsplit_once(':')?;
    Some((host.to_owned(), port.parse().ok()?))
}
