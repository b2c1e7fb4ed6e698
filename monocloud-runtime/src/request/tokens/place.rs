//! Where the processes of a site find what an exchange brought: in the session's record in a store, or in a cell beside
//! sessions in cookies.

use std::sync::Arc;
use std::time::Duration;

use crate::client::{ENDED_FOR, Keeping, MonoCloud};
use crate::error::Error;
use crate::session::{Cell, Failure, Generation, Held, Renewed, Session};
use crate::store::{Record, Revision, StoreKey};

pub(super) enum Place {
    Record(Held),
    Cell(Cell),
}

impl Place {
    pub(super) fn key(&self) -> StoreKey {
        match self {
            Self::Record(held) => held.key,
            Self::Cell(cell) => cell.key(),
        }
    }

    pub(super) fn revision(&self) -> Revision {
        match self {
            Self::Record(held) => held.revision,
            Self::Cell(cell) => cell.revision,
        }
    }

    /// How often the tokens were renewed that are there.
    pub(super) fn generation(&self) -> u32 {
        match self {
            Self::Record(held) => held.record.generation(),
            Self::Cell(cell) => cell.session().record().generation(),
        }
    }

    /// How long it is known that the session is over.
    pub(super) fn ended_for(&self) -> Duration {
        match self {
            Self::Record(_) => ENDED_FOR,
            Self::Cell(_) => Cell::ENDED_FOR,
        }
    }

    /// The session with the tokens that are there.
    pub(super) fn session(&self) -> Result<Session, Error> {
        match self {
            Self::Record(held) => held.session(held.record.clone()).ok_or(Error::NoSession),
            Self::Cell(cell) => Ok(cell.session().clone()),
        }
    }

    /// What is there, for sessions that are older.
    pub(super) fn brought(&self, session: &Session) -> Renewed {
        let of_cell = match self {
            Self::Record(_) => None,
            Self::Cell(cell) => cell.kept().map(Renewed::from),
        };
        of_cell.unwrap_or_else(|| Renewed {
            number: Some(session.record().generation()),
            ..session.tokens().clone().into()
        })
    }

    /// What comes after the tokens that are there.
    pub(super) fn newer(&self, session: &Session, brought: Renewed) -> Generation {
        let number = session.record().generation().saturating_add(1);
        let brought = Renewed {
            number: Some(number),
            ..brought
        };
        match self {
            Self::Record(_) => Generation {
                number,
                renewed: Arc::new(brought),
            },
            Self::Cell(cell) => cell.newer(brought),
        }
    }

    /// Looks at what is there, or makes it, for an exchange of up to `lease`.
    pub(super) async fn open(
        &mut self,
        client: &MonoCloud,
        keeping: &Keeping,
        lease: Duration,
    ) -> Result<(), Error> {
        match self {
            Self::Record(_) => Ok(()),
            Self::Cell(cell) => keeping.open_cell(cell, client.filing(), lease).await,
        }
    }

    /// Whether the refresh token that an earlier exchange was about may be the one that is there.
    pub(super) fn may_have_been_sent(&self) -> bool {
        match self {
            Self::Record(_) => true,
            Self::Cell(cell) => cell.was_sent(),
        }
    }

    /// Notes that the refresh token is about to be sent, in an exchange that was begun. `false` where that cannot be.
    pub(super) async fn note(&mut self, keeping: &Keeping, lease: Duration) -> Result<bool, Error> {
        match self {
            Self::Record(_) => Ok(true),
            Self::Cell(cell) => keeping.note_in_cell(cell, lease).await,
        }
    }

    /// The refresh token was not used. Where that cannot be noted, an exchange that is taken over counts it as used.
    pub(super) async fn note_unused(&self, keeping: &Keeping) {
        if let Self::Cell(cell) = self {
            let _ = keeping.write_cell(cell, cell.unused()).await;
        }
    }

    /// As it is there now.
    pub(super) async fn read_again(&mut self, client: &MonoCloud, keeping: &Keeping) -> Result<(), Error> {
        match self {
            Self::Record(held) => {
                let stored = keeping.get(held.key).await?;
                let opened = stored.map(|stored| client.filing().open(held.sent(), stored));
                *held = opened.and_then(Result::ok).ok_or(Error::NoSession)?;
            }
            Self::Cell(cell) => {
                if !keeping.read_cell(cell).await? {
                    return Err(Error::NoSession);
                }
            }
        }
        Ok(())
    }

    /// What the store is to have: where all of it is too much, without the access tokens.
    pub(super) fn filed(
        &self,
        client: &MonoCloud,
        session: &mut Session,
        newer: &Generation,
        user_agent: Option<&str>,
    ) -> Result<Record, Failure> {
        let held = match self {
            Self::Record(held) => held,
            Self::Cell(cell) => return Ok(cell.with(newer)),
        };
        let filing = client.filing();
        let filed = match filing.next(held, session, user_agent) {
            Err(Error::RecordTooLarge { bytes, limit }) => {
                tracing::warn!(name: "monocloud.session.access_tokens_left_out", bytes, limit, "the session keeps its refresh token alone, since its access tokens are too large for the store");
                session.drop_access_tokens();
                filing.next(held, session, user_agent)
            }
            filed => filed,
        };
        filed.map_err(Failure::Unclear)
    }
}
