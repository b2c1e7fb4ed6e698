//! The cells of sessions in cookies, as the processes of a site share them.

use std::time::Duration;

use super::Keeping;
use crate::error::Error;
use crate::session::{Cell, Filing};
use crate::store::{Created, Record, Updated};

const DOING: &str = "share a refresh";

/// Others make it, or write it, meanwhile.
const ATTEMPTS: usize = 5;

impl Keeping {
    /// Reads the cell of a session that is to be refreshed, or makes it. [`Error::NoSession`] where the session is over.
    pub(crate) async fn open_cell(
        &self,
        cell: &mut Cell,
        filing: Filing<'_>,
        lease: Duration,
    ) -> Result<(), Error> {
        for _ in 0..ATTEMPTS {
            if self.read_cell(cell).await? {
                return Ok(());
            }
            let create = self.store.create(cell.key(), cell.first(filing, lease));
            match self.ask(DOING, create).await? {
                Created::Created { .. } | Created::Exists => {}
                _ => return Err(Error::NoSession),
            }
        }
        Err(always_written())
    }

    /// Sees to it that the cell lives for as long as an exchange may take, and that no older tokens stand in it than the
    /// session has.
    pub(crate) async fn prepare_cell(
        &self,
        cell: &mut Cell,
        filing: Filing<'_>,
        lease: Duration,
    ) -> Result<(), Error> {
        for _ in 0..ATTEMPTS {
            if self.write_cell(cell, cell.with_own(lease)).await? {
                cell.revision = cell.revision.next();
                return Ok(());
            }
            self.open_cell(cell, filing, lease).await?;
        }
        Err(always_written())
    }

    /// `false` where there is none.
    pub(crate) async fn read_cell(&self, cell: &mut Cell) -> Result<bool, Error> {
        let Some(stored) = self.ask(DOING, self.store.get(cell.key())).await? else {
            return Ok(false);
        };
        if cell.take(stored) {
            return Ok(true);
        }
        Err(Error::StoreUnavailable {
            doing: DOING,
            reason: "what it has of the session's last refresh was changed, and does not open".to_owned(),
            source: None,
        })
    }

    /// Puts this in place of what was read. `false` where somebody else has written it.
    pub(crate) async fn write_cell(&self, cell: &Cell, record: Record) -> Result<bool, Error> {
        let update = self.store.update(cell.key(), cell.revision, record);
        Ok(self.ask(DOING, update).await? == Updated::Updated)
    }
}

fn always_written() -> Error {
    Error::StoreUnavailable {
        doing: DOING,
        reason: "others wrote it each time".to_owned(),
        source: None,
    }
}
