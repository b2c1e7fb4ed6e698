//! A certified provider of other hands: `oidc-provider` from npm, in a process of its own.
//!
//! Discovery, keys, code, token, userinfo and logout are its own, and so are the pages for login and
//! consent. `server.mjs` only hands in what a test configures.

use std::io::{BufRead, BufReader, ErrorKind, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

/// A running provider. It ends when this is dropped.
#[derive(Debug)]
pub struct Peer {
    /// Its issuer, on loopback.
    pub issuer: String,
    /// Where it listens: its issuer, unless the settings name another.
    pub address: String,
    process: Child,
    settings: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Peer {
    /// Starts one with `clients`, `accounts`, `keys`, `resources`, `issuer` and `provider` as `server.mjs` describes them.
    ///
    /// # Panics
    ///
    /// When Node.js or the package is not installed, with what to install; and when the provider refuses the
    /// settings.
    pub fn start(settings: &Value) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert!(
            folder.join("node_modules/oidc-provider/package.json").is_file(),
            "oidc-provider is not installed: run `npm ci` in {}, or tests/run",
            folder.display()
        );
        let mut process = node()
            .arg(folder.join("server.mjs"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| not_started(&error));
        let pipe = process.stdin.take().expect("stdin is a pipe");
        let answers = process.stdout.take().expect("stdout is a pipe");
        let mut peer = Self {
            issuer: String::new(),
            address: String::new(),
            process,
            settings: pipe,
            answers: BufReader::new(answers).lines(),
        };
        (peer.issuer, peer.address) = peer.configure(settings);
        peer
    }

    /// Publishes and uses these signing keys from now on, and no others.
    ///
    /// # Panics
    ///
    /// When the provider refuses them.
    pub fn rotate(&mut self, keys: &Value) {
        let (issuer, _) = self.configure(&serde_json::json!({ "keys": keys }));
        assert_eq!(issuer, self.issuer);
    }

    /// Makes access tokens for so many seconds from now on, in place of an hour.
    ///
    /// # Panics
    ///
    /// When the provider has ended.
    pub fn access_token_lifetime(&mut self, seconds: u32) {
        let lifetime = serde_json::json!({ "lifetime": seconds });
        assert_eq!(self.tell(&lifetime), lifetime);
    }

    /// What happened to grants since it started, in order: `grant.success` or `grant.error` and the grant's type,
    /// `grant.revoked` and by which route, `backchannel.success` and which client has taken a logout token.
    ///
    /// # Panics
    ///
    /// When the provider has ended.
    pub fn seen(&mut self) -> Vec<String> {
        let answer = self.tell(&serde_json::json!({ "seen": true }));
        let seen = answer["seen"].as_array().expect("it tells what it saw");
        let text = |event: &Value| event.as_str().expect("an event has a name").to_owned();
        seen.iter().map(text).collect()
    }

    fn configure(&mut self, settings: &Value) -> (String, String) {
        let answer = self.tell(settings);
        let told = |name: &str| answer[name].as_str().expect("it tells where it is").to_owned();
        (told("issuer"), told("address"))
    }

    fn tell(&mut self, line: &Value) -> Value {
        writeln!(self.settings, "{line}").expect("the provider reads its settings");
        let answer = self
            .answers
            .next()
            .expect("the provider has ended; why stands in its output")
            .expect("the provider answers in UTF-8");
        serde_json::from_str(&answer).expect("the provider answers in JSON")
    }
}

/// A new key of a client for `alg`: `pem` and `jwk`, and `public` for the provider.
///
/// # Panics
///
/// When Node.js is not installed, with what to install.
pub fn client_key(alg: &str) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("key.mjs");
    let made = node()
        .arg(script)
        .arg(alg)
        .output()
        .unwrap_or_else(|error| not_started(&error));
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    serde_json::from_slice(&made.stdout).expect("a key in JSON")
}

fn node() -> Command {
    Command::new("node")
}

fn not_started(error: &std::io::Error) -> ! {
    match error.kind() {
        ErrorKind::NotFound => {
            panic!("`node` is not installed: install Node.js 20 or newer, or run tests/run")
        }
        _ => panic!("node does not start: {error}"),
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It is gone already when a test failed because of that.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
