use std::fs;
use std::sync::{Arc, Mutex};

use super::super::entry::{BYTES, Entry, Kind};
use super::super::folder::Folder;
use super::super::log::Found;
use super::super::time::Now;
use super::{SLACK, Writer};

fn entry(number: u32) -> Entry {
    let mut name = [0; 16];
    name[..4].copy_from_slice(&number.to_be_bytes());
    Entry {
        kind: Kind::Sid,
        name,
        session: [0; 16],
        moment: 0,
        noted_at: 1,
        until: 2,
    }
}

/// A writer, and what it is told that there is.
fn start(folder: &Folder) -> (Writer, Arc<Mutex<Vec<Entry>>>) {
    let found = Found::at(&folder.file()).expect("a file that can be used");
    let all = Arc::new(Mutex::new(found.entries().to_vec()));
    let log = found.with(&all.lock().expect("whole")).expect("written");
    let held = all.clone();
    let held = move |_| held.lock().expect("whole").clone();
    let writer = Writer::start(log, Now::at(0), held).expect("a thread");
    (writer, all)
}

fn found(folder: &Folder) -> Vec<Entry> {
    let found = Found::at(&folder.file()).expect("a file that can be used");
    found.entries().to_vec()
}

#[tokio::test]
async fn what_comes_at_once_is_all_on_the_disk() {
    let folder = Folder::new();
    let (writer, _) = start(&folder);
    let written: Vec<_> = (0..500)
        .map(|number| writer.write(vec![entry(number)], Now::at(0)))
        .collect();
    for written in written {
        written.done("write it").await.expect("written");
    }
    let length = fs::metadata(folder.file()).expect("a file").len();
    assert_eq!(length, 501 * BYTES as u64, "before anybody has closed it");
    drop(writer);
    let all: Vec<Entry> = (0..500).map(entry).collect();
    assert_eq!(found(&folder), all);
}

#[tokio::test]
async fn what_is_superseded_leaves_the_file() {
    let folder = Folder::new();
    let (writer, all) = start(&folder);
    all.lock().expect("whole").push(entry(7));
    let mut longest = 0;
    for _ in 0..3 * SLACK {
        let _ = writer.write(vec![entry(7)], Now::at(0));
    }
    for _ in 0..100 {
        writer
            .write(vec![entry(7)], Now::at(0))
            .done("write it")
            .await
            .expect("written");
        longest = longest.max(fs::metadata(folder.file()).expect("a file").len());
    }
    // A thousand notes may come with the write before it is made anew.
    assert!(longest <= u64::from(SLACK + 2_100) * BYTES as u64, "{longest}");
    drop(writer);
    assert!(found(&folder).iter().all(|found| *found == entry(7)));
}

#[tokio::test]
async fn what_could_not_be_written_is_written_when_it_can_be() {
    let folder = Folder::new();
    let (there, away) = (folder.path().join("there"), folder.path().join("away"));
    fs::create_dir(&there).expect("a folder");
    let path = there.join("denials");
    let log = Found::at(&path).and_then(|found| found.with(&[]).map_err(|error| error.to_string()));
    let all = [entry(1), entry(2)];
    let writer = Writer::start(log.expect("written"), Now::at(0), move |_| all.to_vec()).expect("a thread");
    fs::rename(&there, &away).expect("moved");
    let written = writer.write(vec![entry(1)], Now::at(0)).done("write it").await;
    assert!(written.is_err(), "{written:?}");
    fs::rename(&away, &there).expect("moved");
    // Without anything new: at the latest when it ends.
    drop(writer);
    let found = Found::at(&path).expect("a file that can be used");
    assert_eq!(found.entries(), all);
}
