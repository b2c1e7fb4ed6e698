//! A private key in PEM (RFC 7468), as files have it and as variables do.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";

/// What stands between the lines, as its label says (RFC 5958, RFC 8017 A.1.2, RFC 5915).
pub(super) enum Der {
    Pkcs8(Vec<u8>),
    Pkcs1(Vec<u8>),
    Sec1(Vec<u8>),
}

/// Whether the text has a part that PEM begins with.
pub(super) fn is_meant_by(text: &str) -> bool {
    text.contains(BEGIN.trim_end())
}

/// The one private key of the text. Other parts, such as certificates, are passed over.
pub(super) fn read(text: &str) -> Result<Der, String> {
    // Line breaks as files for variables write them; lines that became one are read as well.
    let text = text.replace("\\r", "\n").replace("\\n", "\n");
    let mut keys = Vec::new();
    let mut rest = text.as_str();
    while let Some((_, part)) = rest.split_once(BEGIN) {
        let (label, part) = part.split_once(DASHES).ok_or_else(cut_off)?;
        let end = format!("{DASHES}END {label}{DASHES}");
        let (body, after) = part.split_once(&end).ok_or_else(cut_off)?;
        rest = after;
        let der: fn(Vec<u8>) -> Der = match label {
            "PRIVATE KEY" => Der::Pkcs8,
            "RSA PRIVATE KEY" => Der::Pkcs1,
            "EC PRIVATE KEY" => Der::Sec1,
            "ENCRYPTED PRIVATE KEY" => return Err(encrypted()),
            _ => continue,
        };
        // RFC 1421 §4.6.1.1, which OpenSSL wrote for a long time.
        if body.contains("ENCRYPTED") {
            return Err(encrypted());
        }
        let body: String = body.split_whitespace().collect();
        let bytes = STANDARD.decode(body).map_err(|_| {
            "the lines between BEGIN and END are not base64; write the key's file as it is".to_owned()
        })?;
        keys.push(der(bytes));
    }
    match (keys.pop(), keys.is_empty()) {
        (Some(key), true) => Ok(key),
        (Some(_), false) => Err("there is more than one private key in it; write the one that signs".to_owned()),
        (None, _) => Err(
            "there is no private key in it, as public keys and certificates are none; write the part that says BEGIN \
             PRIVATE KEY"
                .to_owned(),
        ),
    }
}

fn cut_off() -> String {
    "the key is cut off, since its END line is missing; write the whole of it, with line breaks or `\\n` in their place"
        .to_owned()
}

fn encrypted() -> String {
    "the key is encrypted, and nothing here asks for its password; write what `openssl pkey -in key.pem` prints".to_owned()
}
