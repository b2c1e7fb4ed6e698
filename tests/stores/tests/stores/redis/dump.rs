//! What somebody sees who has all that Redis has.

use std::collections::BTreeSet;

use bytes::Bytes;
use monocloud_runtime::store::{
    Denial, IndexKey, Lease, Names, NewRecord, Owner, Record, Revision, StoreKey, Strangers,
};
use stores::Server;

use super::{LONG, key, name, store};

const SEALED: &[u8] = b"\0sealed\xff";
const AGAIN: &[u8] = b"\0sealed again\xff";
const SUMMARY: &[u8] = b"\x01summary\xfe";

/// Everything that the store was given: sealed bytes, HMACs, random owners.
struct Given {
    keys: [StoreKey; 2],
    names: [IndexKey; 5],
    owner: Owner,
}

impl Given {
    fn words(&self) -> BTreeSet<String> {
        let names = self.names.iter().map(ToString::to_string);
        let keys = self.keys.iter().map(ToString::to_string);
        names.chain(keys).chain([self.owner.to_string()]).collect()
    }

    /// Numbers, marks, and what was given: whole, or several with a blank or full stop between.
    fn is(&self, value: &[u8]) -> bool {
        if [SEALED, AGAIN, SUMMARY].contains(&value) {
            return true;
        }
        let Ok(text) = std::str::from_utf8(value) else {
            return false;
        };
        let words = self.words();
        let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        text == "done"
            || text
                .split([' ', '.'])
                .all(|part| is_number(part) || words.contains(part))
    }
}

#[tokio::test]
async fn a_dump_holds_nothing_but_what_the_store_was_given() {
    let server = Server::start();
    let store = store(&server.url());
    let shared = store.coordinated().unwrap();
    let given = Given {
        keys: [key(1), key(2)],
        names: [1, 2, 3, 4, 5].map(name),
        owner: Owner::from_bytes([9; 16]),
    };
    let [sid, sub, other_sub, jti, denied] = given.names;
    let record =
        |sealed: &'static [u8]| Record::new(Bytes::from_static(sealed), Bytes::from_static(SUMMARY), LONG);
    let lease = Lease {
        owner: given.owner,
        length: LONG,
    };

    let mut new = NewRecord::new(
        record(SEALED),
        Names { sid: Some(sid), sub },
        1_700_000_000_000,
        LONG,
    );
    new.issued_at = Some(1_700_000_000);
    for key in given.keys {
        store.create(key, new.clone()).await.unwrap();
    }
    let mut renamed = record(AGAIN);
    renamed.renamed = Some(Names {
        sid: None,
        sub: other_sub,
    });
    store
        .update(given.keys[0], Revision::FIRST, renamed)
        .await
        .unwrap();
    shared
        .begin(given.keys[0], Revision::new(2), lease)
        .await
        .unwrap();
    shared
        .touch(given.keys[0], Bytes::from_static(SUMMARY))
        .await
        .unwrap();
    store.delete(given.keys[1], LONG).await.unwrap();
    shared.claim(jti, lease).await.unwrap();
    shared.claim(denied, lease).await.unwrap();
    shared.settle(denied, given.owner, Some(LONG)).await.unwrap();
    for denial in [
        Denial::Every,
        Denial::IssuedUntil(1_700_000_000),
        Denial::CreatedBefore(1),
    ] {
        let ended = shared.end_all(vec![denied], denial, Strangers::Deny, LONG).await;
        assert_eq!(ended.unwrap(), []);
    }

    let words = given.words();
    let names = server.ask(&["KEYS", "*"]).several();
    let mut kinds = BTreeSet::new();
    for name in names {
        let name = name.text();
        let called = name.strip_prefix("mc1:{").and_then(|rest| rest.split_once("}:"));
        let (called, kind) = called.unwrap_or_else(|| panic!("{name}"));
        assert!(words.contains(called), "{name}");
        kinds.insert(kind.to_owned());
        let value = match kind {
            "s" | "d" => server.ask(&["HVALS", &name]).several(),
            "z" => server.ask(&["ZRANGE", &name, "0", "-1", "WITHSCORES"]).several(),
            "t" => vec![server.ask(&["GET", &name])],
            other => panic!("{other}"),
        };
        for value in value {
            let stores::Reply::Bytes(value) = value else {
                panic!("{name}: {value:?}");
            };
            assert!(given.is(&value), "{name}: {:?}", String::from_utf8_lossy(&value));
        }
        assert_ne!(
            server.ask(&["PTTL", &name]).text(),
            "-1",
            "{name} is kept for ever"
        );
    }
    let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
    assert_eq!(kinds, ["d", "s", "t", "z"]);
}
