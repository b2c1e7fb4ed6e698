//! Certificates, and who computes.

use std::fs;
use std::path::Path;

use redis::{ClientTlsConfig, TlsCertificates};

use crate::config::redis::TlsFiles;

/// They are read for every connection: whoever renews them replaces the files.
pub(super) fn certificates(files: &TlsFiles) -> Result<TlsCertificates, String> {
    let client_tls = match &files.client {
        Some((cert, key)) => Some(ClientTlsConfig {
            client_cert: read("cert", cert)?,
            client_key: read("key", key)?,
        }),
        None => None,
    };
    let root_cert = files.ca.as_deref().map(|ca| read("ca", ca)).transpose()?;
    Ok(TlsCertificates {
        client_tls,
        root_cert,
    })
}

fn read(what: &str, path: &Path) -> Result<Vec<u8>, String> {
    let pem = fs::read(path).map_err(|error| format!("`{what}`, {}: {error}", path.display()))?;
    if pem.windows(11).any(|window| window == b"-----BEGIN ") {
        Ok(pem)
    } else {
        Err(format!("`{what}`, {}: not a PEM file", path.display()))
    }
}

/// Where an application's graph has two providers, rustls takes none by itself, and panics.
pub(super) fn name_the_provider() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Somebody may have been faster, which is as good.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    }
}
