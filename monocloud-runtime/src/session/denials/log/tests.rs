use std::fs::{self, File};

use super::super::entry::{BYTES, Entry, Kind};
use super::super::folder::Folder;
use super::{Found, Log};

impl Folder {
    fn open(&self) -> (Log, Vec<Entry>) {
        let found = Found::at(&self.file()).expect("a file that can be used");
        let entries = found.entries().to_vec();
        (
            found.with(&entries).expect("a folder that can be written"),
            entries,
        )
    }

    fn problem(&self) -> String {
        Found::at(&self.file()).err().expect("it is refused")
    }

    /// A file of five entries that came one by one behind two that were there from the start.
    fn with_seven(&self) -> Vec<u8> {
        let found = Found::at(&self.file()).expect("no file yet");
        let mut log = found.with(&[entry(0), entry(1)]).expect("written");
        for number in 2..7 {
            log.append(&[entry(number)]).expect("written");
        }
        fs::read(self.file()).expect("a file")
    }
}

fn entry(number: u8) -> Entry {
    Entry {
        kind: Kind::Sid,
        name: [number; 16],
        session: [0; 16],
        moment: i64::from(number),
        noted_at: 1,
        until: 2,
    }
}

fn numbers(entries: &[Entry]) -> Vec<u8> {
    entries.iter().map(|entry| entry.name[0]).collect()
}

#[test]
fn what_was_written_is_there_again() {
    let folder = Folder::new();
    let (mut log, found) = folder.open();
    assert!(found.is_empty());
    log.append(&[entry(1)]).expect("written");
    log.append(&[entry(2), entry(3)]).expect("written");
    drop(log);
    let (mut log, found) = folder.open();
    assert_eq!(numbers(&found), [1, 2, 3]);
    log.rewrite(&[entry(3)]).expect("written");
    log.append(&[entry(4)]).expect("written");
    drop(log);
    let (log, found) = folder.open();
    assert_eq!((numbers(&found), log.len()), (vec![3, 4], 2));
    let names: Vec<_> = fs::read_dir(folder.path())
        .expect("a folder")
        .map(|file| file.expect("a file").file_name())
        .collect();
    assert_eq!(names.len(), 2, "nothing else is left: {names:?}");
}

#[test]
fn a_tail_that_broke_off_is_cut() {
    let folder = Folder::new();
    let bytes = folder.with_seven();
    let whole = bytes.len() - BYTES;
    for length in whole..bytes.len() {
        fs::write(folder.file(), &bytes[..length]).expect("written");
        let (mut log, found) = folder.open();
        assert_eq!(numbers(&found), [0, 1, 2, 3, 4, 5], "{length}");
        log.append(&[entry(9)]).expect("written");
        drop(log);
        assert_eq!(numbers(&folder.open().1), [0, 1, 2, 3, 4, 5, 9], "{length}");
    }
    // The length came to the disk, and what stands there did not.
    let mut zeros = bytes;
    zeros[whole..].fill(0);
    fs::write(folder.file(), &zeros).expect("written");
    assert_eq!(numbers(&folder.open().1), [0, 1, 2, 3, 4, 5]);
}

#[test]
fn a_write_of_several_that_came_to_the_disk_in_parts_is_cut() {
    let folder = Folder::new();
    folder.with_seven();
    let (mut log, _) = folder.open();
    log.append(&[entry(7), entry(8), entry(9)]).expect("written");
    drop(log);
    let mut bytes = fs::read(folder.file()).expect("a file");
    let second = bytes.len() - 2 * BYTES;
    bytes[second..second + BYTES].fill(0);
    fs::write(folder.file(), &bytes).expect("written");
    assert_eq!(numbers(&folder.open().1), [0, 1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn damage_to_what_was_answered_for_is_refused() {
    let folder = Folder::new();
    let bytes = folder.with_seven();
    // The last one alone may be what a write had not brought to its end.
    for at in 0..bytes.len() - BYTES {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        fs::write(folder.file(), &damaged).expect("written");
        let problem = folder.problem();
        let expected = if at < 60 {
            "something else"
        } else {
            "it is damaged"
        };
        assert!(problem.contains(expected), "{at}: {problem}");
    }
    // Nor may what came with the file be missing.
    for length in BYTES..3 * BYTES {
        fs::write(folder.file(), &bytes[..length]).expect("written");
        assert!(folder.problem().contains("it is damaged"), "{length}");
    }
}

#[test]
fn what_is_no_file_of_denials_is_refused_and_left_alone() {
    let folder = Folder::new();
    for other in [&b"x"[..], &[0; 72], &[b'x'; 1_000]] {
        fs::write(folder.file(), other).expect("written");
        assert!(folder.problem().contains("something else stands in that file"));
        assert_eq!(fs::read(folder.file()).expect("a file"), other);
    }
    fs::write(folder.file(), []).expect("written");
    assert!(folder.open().1.is_empty(), "one that is empty holds nothing");
    fs::remove_file(folder.file()).expect("a file");
    fs::create_dir(folder.file()).expect("a folder");
    assert!(folder.problem().contains("write the path of a file"));
}

#[test]
fn a_kind_of_a_newer_version_is_refused() {
    let folder = Folder::new();
    let mut bytes = folder.with_seven();
    let mut newer = entry(7).to_bytes(7, 7);
    newer[3] = 200;
    let check = crate::crypto::sha256(&[&7_u32.to_be_bytes()[..], &newer[..BYTES - 8]].concat());
    newer[BYTES - 8..].copy_from_slice(&check[..8]);
    bytes.extend_from_slice(&newer);
    fs::write(folder.file(), &bytes).expect("written");
    assert!(folder.problem().contains("a newer version"));
}

#[test]
fn two_cannot_have_it_open() {
    let folder = Folder::new();
    let (mut log, _) = folder.open();
    assert!(folder.problem().contains("another process has it open"));
    assert!(folder.problem().contains("Redis"));
    // Nor when the file was put in the place of another.
    log.rewrite(&[entry(1)]).expect("written");
    assert!(folder.problem().contains("another process has it open"));
    drop(log);
    assert_eq!(numbers(&folder.open().1), [1]);
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let folder = Folder::new();
    let path = folder.path().join("nowhere/denials");
    let problem = Found::at(&path).err().expect("it is refused");
    assert!(problem.contains("nowhere/denials.lock"), "{problem}");
}

/// The disk is full, at whatever byte.
#[cfg(target_os = "linux")]
#[test]
fn after_a_write_that_failed_the_file_is_written_anew() {
    let folder = Folder::new();
    let (mut log, _) = folder.open();
    log.append(&[entry(1)]).expect("written");
    let whole = std::mem::replace(
        &mut log.file,
        File::options().write(true).open("/dev/full").expect("a device"),
    );
    assert!(!log.is_broken());
    assert!(log.append(&[entry(2)]).is_err());
    assert!(log.is_broken());
    drop(whole);
    log.rewrite(&[entry(1), entry(2)]).expect("written");
    assert!(!log.is_broken());
    log.append(&[entry(3)]).expect("written");
    drop(log);
    assert_eq!(numbers(&folder.open().1), [1, 2, 3]);
}

/// In a folder that others may write to.
#[cfg(unix)]
#[test]
fn a_link_that_somebody_has_put_beside_it_is_not_followed() {
    let folder = Folder::new();
    let precious = folder.path().join("precious");
    fs::write(&precious, "of somebody else").expect("written");
    std::os::unix::fs::symlink(&precious, folder.path().join("denials.new")).expect("a link");
    let (mut log, _) = folder.open();
    log.append(&[entry(1)]).expect("written");
    assert_eq!(fs::read_to_string(&precious).expect("a file"), "of somebody else");
}

#[test]
fn a_file_that_was_removed_is_written_anew() {
    let folder = Folder::new();
    let (mut log, _) = folder.open();
    fs::remove_file(folder.file()).expect("a file");
    assert!(log.is_broken());
    log.rewrite(&[entry(1)]).expect("written");
    assert!(!log.is_broken());
}
