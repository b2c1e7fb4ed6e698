//! The file of denials: one entry behind the other, each on the disk before anybody hears that it is.
//!
//! What broke off with the process or the machine was never answered for, so it is cut off. Damage before that is
//! another matter: whoever was denied there might be let in, so the file is refused. Where entries are superseded or
//! over, or a write has failed, the file is written anew beside and takes the place of the old one as a whole. Another
//! file, which stays where it is, is locked as long as this one is in use.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::entry::{BYTES, Entry};
use crate::crypto::sha256;

/// How a file begins. Behind it stands how many entries came to the disk with it, and a checksum.
const TITLE: &[u8; 60] = b"Who is signed out, by monocloud-runtime. Keep it. Version 1\n";

pub(super) struct Log {
    path: PathBuf,
    file: File,
    entries: u32,
    /// Whether it is not known what stands in the file.
    is_broken: bool,
    _lock: File,
}

/// A file that nobody else has open, and nobody has written to yet.
pub(super) struct Found {
    path: PathBuf,
    lock: File,
    entries: Vec<Entry>,
}

impl Found {
    /// Looks for the file, which need not be there.
    pub(super) fn at(path: &Path) -> Result<Self, String> {
        let lock = lock(path)?;
        let entries = match fs::read(path) {
            Ok(bytes) => entries(&bytes)?,
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(format!("it cannot be read ({error}); write the path of a file")),
        };
        Ok(Self {
            path: path.to_owned(),
            lock,
            entries,
        })
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Opens it with these entries in place of those that were found.
    pub(super) fn with(self, entries: &[Entry]) -> io::Result<Log> {
        let file = replace(&self.path, entries)?;
        sync_folder(&self.path)?;
        Ok(Log {
            path: self.path,
            file,
            entries: count(entries),
            is_broken: false,
            _lock: self.lock,
        })
    }
}

impl Log {
    /// Writes them behind the others, and on the disk.
    pub(super) fn append(&mut self, entries: &[Entry]) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(entries.len() * BYTES);
        for (at, entry) in (self.entries..).zip(entries) {
            bytes.extend_from_slice(&entry.to_bytes(at, self.entries));
        }
        // After a write that failed nobody knows what a later one that succeeds has brought to the disk.
        self.is_broken = true;
        self.file.write_all(&bytes)?;
        self.file.sync_data()?;
        self.entries = self.entries.saturating_add(count(entries));
        self.is_broken = false;
        Ok(())
    }

    /// Puts a file with these entries in its place.
    pub(super) fn rewrite(&mut self, entries: &[Entry]) -> io::Result<()> {
        self.file = replace(&self.path, entries)?;
        self.entries = count(entries);
        self.is_broken = true;
        sync_folder(&self.path)?;
        self.is_broken = false;
        Ok(())
    }

    /// Whether only [`Self::rewrite`] can tell that something is on the disk.
    pub(super) fn is_broken(&self) -> bool {
        // What is written to a file that somebody has removed is lost.
        self.is_broken || !self.path.exists()
    }

    pub(super) fn len(&self) -> u32 {
        self.entries
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

fn lock(path: &Path) -> Result<File, String> {
    let beside = beside(path, ".lock");
    let file = private().create(true).truncate(false).open(&beside);
    let file = file.map_err(|error| {
        let beside = beside.display();
        format!("`{beside}` cannot be written ({error}); write the path of a file in a folder that is there")
    })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(
            "another process has it open, and neither would know what the other one writes; let one process serve \
             the site, or keep sessions in Redis"
                .to_owned(),
        ),
        Err(TryLockError::Error(error)) => Err(format!(
            "`{}` cannot be locked ({error}); write the path of a file on a disk of this machine",
            beside.display()
        )),
    }
}

/// The entries up to where a write broke off.
fn entries(bytes: &[u8]) -> Result<Vec<Entry>, String> {
    let Some((head, bytes)) = bytes.split_first_chunk::<BYTES>() else {
        return bytes.is_empty().then(Vec::new).ok_or_else(no_such_file);
    };
    if head[..TITLE.len()] != *TITLE {
        return Err(no_such_file());
    }
    let count: &[u8; 4] = head[TITLE.len()..].first_chunk().expect("the head goes on");
    let count = u32::from_be_bytes(*count);
    if *head != self::head(count) {
        return Err(damaged(0));
    }
    let (whole, rest) = bytes.as_chunks::<BYTES>();
    let mut entries = Vec::new();
    // How many were on the disk for certain.
    let mut acknowledged = count;
    for (at, bytes) in (0..).zip(whole) {
        let Some(read) = Entry::read(bytes, at) else {
            continue;
        };
        acknowledged = acknowledged.max(read.before);
        let is_next = entries.len() == usize::try_from(at).unwrap_or(usize::MAX);
        match read.entry {
            Some(entry) if is_next => entries.push(entry),
            None if is_next => {
                return Err("a newer version has written it; remove it, which forgets what ended".to_owned());
            }
            _ => {}
        }
    }
    let good = self::count(&entries);
    if good < acknowledged {
        return Err(damaged(good));
    }
    if entries.len() < whole.len() || !rest.is_empty() {
        tracing::warn!(
            name: "monocloud.denials.broke_off",
            entries = entries.len(),
            "the last write to the file of denials had broken off: what it was about was not answered for"
        );
    }
    Ok(entries)
}

fn no_such_file() -> String {
    "something else stands in that file; write the path of one that is not there yet".to_owned()
}

fn damaged(at: u32) -> String {
    format!(
        "it is damaged from entry {at} on; put a good copy in its place, or remove it and sign everybody out with a new \
         MONOCLOUD_AUTH_COOKIE_SECRET, since what had ended would be alive again"
    )
}

fn head(entries: u32) -> [u8; BYTES] {
    let mut head = [0; BYTES];
    let (text, checksum) = head.split_at_mut(BYTES - 8);
    text.copy_from_slice(&[&TITLE[..], &entries.to_be_bytes()].concat());
    checksum.copy_from_slice(&sha256(text)[..8]);
    head
}

/// A new file with these entries, all of it on the disk, in the place of the old one.
fn replace(path: &Path, entries: &[Entry]) -> io::Result<File> {
    let new = beside(path, ".new");
    // What is left of an earlier try, or what somebody has put there.
    if let Err(error) = fs::remove_file(&new)
        && error.kind() != ErrorKind::NotFound
    {
        return Err(error);
    }
    let mut file = private().create_new(true).open(&new)?;
    let mut bytes = Vec::with_capacity((entries.len() + 1) * BYTES);
    let all = count(entries);
    bytes.extend_from_slice(&head(all));
    for (at, entry) in (0..).zip(entries) {
        bytes.extend_from_slice(&entry.to_bytes(at, all));
    }
    file.write_all(&bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    Ok(file)
}

/// That a file was renamed is on the disk with its folder.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// For nobody else to read.
fn private() -> fs::OpenOptions {
    let mut options = File::options();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

fn count(entries: &[Entry]) -> u32 {
    u32::try_from(entries.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
