//! How a secret may look where it should not be.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};

/// As it is, in hexadecimal digits, and in both alphabets of base64, wherever it stands in what was encoded.
pub(crate) fn forms(secret: &str) -> Vec<Vec<u8>> {
    let bytes = secret.as_bytes();
    let hex = hex(bytes);
    let mut forms = vec![bytes.to_vec(), hex.to_uppercase().into_bytes(), hex.into_bytes()];
    for before in 0..3 {
        let padded = [&[0; 2][..before], bytes].concat();
        // Letters that also hold bits of what stands before or behind.
        let (first, rest) = ([0, 2, 3][before], padded.len() % 3);
        for text in [
            BASE64_STANDARD_NO_PAD.encode(&padded),
            BASE64_URL_SAFE_NO_PAD.encode(&padded),
        ] {
            let last = text.len() - usize::from(rest != 0);
            forms.push(text.as_bytes()[first..last].to_vec());
        }
    }
    forms.retain(|form| form.len() >= 4);
    forms
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .map(|digit| char::from_digit(digit.into(), 16).unwrap())
        .collect()
}

pub(crate) fn is_in(secret: &str, dump: &[u8]) -> bool {
    forms(secret)
        .iter()
        .any(|form| dump.windows(form.len()).any(|part| part == form))
}

#[test]
fn a_secret_is_found_in_every_form() {
    let secret = "ada@example.com";
    for around in ["", "x", "xy", "xyz"] {
        let text = format!("{around}{secret}{around}");
        for dump in [
            text.clone(),
            hex(text.as_bytes()),
            BASE64_STANDARD_NO_PAD.encode(&text),
            BASE64_URL_SAFE_NO_PAD.encode(&text),
        ] {
            assert!(is_in(secret, dump.as_bytes()), "{dump}");
        }
    }
    assert!(!is_in(secret, b"ben@example.com"));
}
