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
        Err(Error::StoreUnavailable {
            doing: DOING,
            reason: "others wrote it each time".to_owned(),
            source: None,
        })
    }

    /// Notes in the cell, whose exchange was begun, that the session's refresh token is about to be sent; it lives for as
    /// long as that may take, and no older tokens stand in it than the session has. `false` where it is gone, or somebody
    /// else has written it.
    pub(crate) async fn note_in_cell(&self, cell: &mut Cell, lease: Duration) -> Result<bool, Error> {
        let is_noted = self.write_cell(cell, cell.about_to_send(lease)).await?;
        if is_noted {
            cell.revision = cell.revision.next();
        }
        Ok(is_noted)
    }

    /// `false` where there is none.
    pub(crate) async fn read_cell(&self, cell: &mut Cell) -> Result<bool, Error> {
        let Some(stored) = self.ask(DOING, self.store.get(cell.key())).await? else {
            return Ok(false);
        };
        if cell.take(&stored) {
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

#[cfg(test)]
mod tests;
