//! Certificates, as files: Redis reads nothing else.

use std::path::PathBuf;
use std::process::Command;

use crate::process::{Process, folder, write};

const AUTHORITY: &str = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n";
const SERVER: &str = "subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n";
const CLIENT: &str = "subjectAltName=DNS:client\nextendedKeyUsage=clientAuth\n";

/// An authority, and a certificate of it for loopback and for a client: `ca.crt`, `server.crt`, `server.key`, `client.crt`,
/// `client.key`. They are deleted with their value.
#[derive(Debug)]
pub struct Certificates {
    /// It does nothing, but its folder goes with whoever made it.
    process: Process,
}

impl Certificates {
    /// New ones, made by the system's `openssl`.
    pub fn new() -> Self {
        let process = Process::start("true", folder(), "");
        let made = Self { process };
        made.request("ca", "/CN=authority");
        made.sign("ca", AUTHORITY, &["-signkey", "ca.key"]);
        for (name, extensions) in [("server", SERVER), ("client", CLIENT)] {
            made.request(name, &format!("/CN={name}"));
            made.sign(
                name,
                extensions,
                &["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial"],
            );
        }
        made
    }

    /// One of the files.
    pub fn path(&self, file: &str) -> PathBuf {
        self.process.folder.join(file)
    }

    /// Of a server's configuration.
    pub(crate) fn lines(&self) -> String {
        let path = |file: &str| self.path(file).display().to_string();
        format!(
            "tls-cert-file {}\ntls-key-file {}\ntls-ca-cert-file {}\n",
            path("server.crt"),
            path("server.key"),
            path("ca.crt")
        )
    }

    fn request(&self, name: &str, subject: &str) {
        let key = format!("{name}.key");
        let request = format!("{name}.csr");
        let curve = "ec_paramgen_curve:P-256";
        self.openssl(&[
            "req", "-new", "-nodes", "-newkey", "ec", "-pkeyopt", curve, "-keyout", &key, "-out", &request,
            "-subj", subject,
        ]);
    }

    fn sign(&self, name: &str, extensions: &str, by: &[&str]) {
        let file = format!("{name}.ext");
        write(&self.process.folder, &file, extensions);
        let (request, certificate) = (format!("{name}.csr"), format!("{name}.crt"));
        let mut arguments = vec![
            "x509",
            "-req",
            "-days",
            "2",
            "-in",
            &request,
            "-out",
            &certificate,
            "-extfile",
            &file,
        ];
        arguments.extend(by);
        self.openssl(&arguments);
    }

    fn openssl(&self, arguments: &[&str]) {
        let output = Command::new("openssl")
            .args(arguments)
            .current_dir(&self.process.folder)
            .output();
        let output = output.unwrap_or_else(|error| panic!("openssl: {error}"));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "openssl {arguments:?}: {said}");
    }
}

impl Default for Certificates {
    fn default() -> Self {
        Self::new()
    }
}
