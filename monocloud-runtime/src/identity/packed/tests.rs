use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{JSON, LIST, Packed, Packer, TEXT, groups, length, push_length};

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-9_999..9_999_i32).prop_map(|quarters| Value::from(f64::from(quarters) / 4.0)),
        ".{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec(".{0,9}", 0..5).prop_map(Value::from),
            prop::collection::btree_map("id|name|.{0,6}", inner, 0..4)
                .prop_map(|members| members.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn every_json_value_comes_out_as_it_went_in(
        claims in prop::collection::btree_map("sub|groups|.{0,12}", values(), 0..8)
    ) {
        let claims: Map<String, Value> = claims.into_iter().collect();
        let packed = Packed::of(claims.clone());
        let read: Map<String, Value> = packed
            .iter()
            .map(|claim| (String::from_utf8_lossy(claim.name).into_owned(), claim.value.to_value().expect("it was JSON")))
            .collect();
        prop_assert_eq!(read, claims);
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), at in 0_usize..300) {
        for range in [0..bytes.len(), at..bytes.len(), 0..at] {
            let packed = Packed::new(bytes.clone().into(), range);
            for claim in packed.iter() {
                claim.value.to_value();
                claim.value.text();
            }
        }
        groups(&bytes).count();
    }

    #[test]
    fn lengths_survive(number in 0_usize..0x0fff_ffff) {
        let mut out = Vec::new();
        push_length(&mut out, number);
        prop_assert_eq!(length(&mut out.as_slice()), Some(number));
    }
}

#[test]
fn lists_of_groups_are_no_json_and_where_they_came_from_is_known() {
    let mut packer = Packer::default();
    for (name, value) in [
        ("a", json!("text")),
        (
            "b",
            json!(["x", {"id": "1"}, {"name": "y"}, {"id": "2", "name": "z"}]),
        ),
        ("c", json!([])),
        ("d", json!([{"id": "1", "type": "role"}])),
        ("e", json!(["x", 1])),
    ] {
        packer.push(name, &value, name == "b");
    }
    let claims = packer.finish();
    let kinds: Vec<u8> = claims
        .iter()
        .map(|claim| match claim.value {
            super::Packaged::Text(_) => TEXT,
            super::Packaged::List(_) => LIST,
            super::Packaged::Json(_) => JSON,
        })
        .collect();
    assert_eq!(kinds, [TEXT, LIST, LIST, JSON, JSON]);
    let from_user_info: Vec<bool> = claims.iter().map(|claim| claim.from_user_info).collect();
    assert_eq!(from_user_info, [false, true, false, false, false]);
}
