//! A thread that writes what is denied, so that no request holds another one up: whatever comes while the disk is busy
//! goes there with the next write.

use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::oneshot;

use super::entry::Entry;
use super::log::Log;
use super::time::Now;
use super::written::{NotWritten, Written};

/// As long as a write fails it is tried again after this time.
const AGAIN: Duration = Duration::from_secs(5);

/// Of notes in one write.
const MOST: usize = 1_000;

/// So many entries may be superseded or over before the file is written anew, beside as many as there are others.
const SLACK: u32 = 1_024;

/// All that is denied.
type All = Box<dyn Fn(Now) -> Vec<Entry> + Send>;

pub(super) struct Writer {
    queue: Option<Sender<Note>>,
    thread: Option<JoinHandle<()>>,
}

/// Something new.
struct Note {
    entries: Vec<Entry>,
    now: Now,
    tell: oneshot::Sender<Result<(), NotWritten>>,
}

impl Writer {
    /// `all` is asked after what is written was noted there.
    pub(super) fn start(
        log: Log,
        now: Now,
        all: impl Fn(Now) -> Vec<Entry> + Send + 'static,
    ) -> io::Result<Self> {
        let (queue, notes) = mpsc::channel();
        let work = Work {
            live: log.len(),
            log,
            now,
            all: Box::new(all),
            is_failing: false,
        };
        let thread = thread::Builder::new()
            .name("monocloud-denials".to_owned())
            .spawn(move || work.run(&notes))?;
        Ok(Self {
            queue: Some(queue),
            thread: Some(thread),
        })
    }

    pub(super) fn write(&self, entries: Vec<Entry>, now: Now) -> Written {
        let (tell, told) = oneshot::channel();
        let note = Note { entries, now, tell };
        if let Some(queue) = &self.queue {
            // Where nobody takes it, nobody tells.
            let _ = queue.send(note);
        }
        Written::soon(told)
    }
}

/// Waits until all is written, so that the file is free for the next to open it.
impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Work {
    log: Log,
    /// How many of the entries were needed when the file was written anew.
    live: u32,
    /// When the last one came.
    now: Now,
    all: All,
    is_failing: bool,
}

impl Work {
    fn run(mut self, notes: &Receiver<Note>) {
        loop {
            let first = match notes.recv_timeout(if self.is_failing { AGAIN } else { Duration::MAX }) {
                Ok(note) => Some(note),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => break,
            };
            let notes: Vec<Note> = first.into_iter().chain(notes.try_iter().take(MOST)).collect();
            self.write_all(notes);
        }
        if self.is_failing {
            self.write_all(Vec::new());
        }
    }

    fn write_all(&mut self, notes: Vec<Note>) {
        if let Some(last) = notes.last() {
            self.now = last.now;
        }
        let entries: Vec<Entry> = notes.iter().flat_map(|note| &note.entries).copied().collect();
        let outcome = self.write(&entries).map_err(|error| error.to_string());
        if let Err(error) = &outcome
            && !self.is_failing
        {
            tracing::error!(
                name: "monocloud.denials.not_written",
                file = %self.log.path().display(),
                error,
                "what ended is not written to the file of denials: it holds until this process ends, the issuer's logouts are refused so that they come again, and writing is tried again"
            );
        }
        self.is_failing = outcome.is_err();
        for note in notes {
            // Who has gone away does not wait for it.
            let _ = note.tell.send(outcome.clone().map_err(NotWritten::File));
        }
    }

    fn write(&mut self, entries: &[Entry]) -> io::Result<()> {
        // What a write that failed was about is nowhere but in memory.
        if self.is_failing || self.log.is_broken() {
            return self.rewrite();
        }
        self.log.append(entries)?;
        if self.log.len() > self.live.saturating_mul(2).saturating_add(SLACK)
            && self.rewrite().is_err()
            && !self.log.is_broken()
        {
            // There was no room for a second file: it is tried again when this one is twice as long.
            self.live = self.log.len();
        }
        Ok(())
    }

    fn rewrite(&mut self) -> io::Result<()> {
        self.log.rewrite(&(self.all)(self.now))?;
        self.live = self.log.len();
        Ok(())
    }
}

#[cfg(test)]
mod tests;
