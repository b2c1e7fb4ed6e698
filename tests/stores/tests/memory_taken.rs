//! What a session takes in memory. Alone in its process, whose memory is what is measured.

#![allow(clippy::unwrap_used, clippy::cast_precision_loss)]

use std::fs;
use std::time::Duration;

use bytes::Bytes;
use monocloud_runtime::store::{
    IndexKey, MemoryStore, Names, NewRecord, Record, SessionStore as _, StoreKey,
};

const SESSIONS: u64 = 50_000;
const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn a_session_takes_little_more_than_its_bytes() {
    let store = MemoryStore::new();
    let (sealed, summary) = (2_000, 120);
    let before = resident();
    for number in 0..SESSIONS {
        let record = Record::new(Bytes::from(vec![7; sealed]), Bytes::from(vec![8; summary]), HOUR);
        let names = Names {
            sid: Some(IndexKey::from_bytes(spread(number, 1))),
            sub: IndexKey::from_bytes(spread(number, 2)),
        };
        let new = NewRecord::new(record, names, 1, HOUR);
        store
            .create(StoreKey::from_bytes(spread(number, 3)), new)
            .await
            .unwrap();
    }
    let each = (resident() - before) as f64 / SESSIONS as f64;
    let ratio = each / (sealed + summary) as f64;
    println!(
        "{each:.0} bytes for a session of {} bytes: {ratio:.2}",
        sealed + summary
    );
    assert!(
        (1.0..1.3).contains(&ratio),
        "{each:.0} bytes for {}: {ratio:.2}",
        sealed + summary
    );
}

/// Spread as HMACs are.
fn spread(number: u64, kind: u64) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    bytes[8..].copy_from_slice(
        &(number << 2 | kind)
            .wrapping_mul(0xbf58_476d_1ce4_e5b9)
            .swap_bytes()
            .to_le_bytes(),
    );
    bytes
}

/// The process's memory in bytes, as Linux counts it.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux tells a process's memory in /proc");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
    kilobytes * 1_024
}
