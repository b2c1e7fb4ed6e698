//! An authorization server of other hands: `django-oauth-toolkit` from `PyPI`, in a process of its own. Its access tokens
//! are opaque, and introspection tells neither their issuer nor a subject.

use std::io::{BufRead, BufReader, ErrorKind, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

/// A running server. It ends when this is dropped.
#[derive(Debug)]
pub struct Peer {
    /// Its issuer, on loopback.
    pub issuer: String,
    process: Child,
    commands: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Peer {
    /// Starts one with `clients`, `scopes`, `seconds` and `users` as `server.py` describes them.
    ///
    /// # Panics
    ///
    /// When Python or the package is not installed, with what to install; and when the server refuses the settings.
    pub fn start(settings: &Value) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut process = Command::new(folder.join(".venv/bin/python"))
            .arg(folder.join("server.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| not_started(folder, &error));
        let commands = process.stdin.take().expect("stdin is a pipe");
        let answers = process.stdout.take().expect("stdout is a pipe");
        let mut peer = Self {
            issuer: String::new(),
            process,
            commands,
            answers: BufReader::new(answers).lines(),
        };
        let started = peer.tell(settings);
        started["issuer"]
            .as_str()
            .expect("it tells its issuer")
            .clone_into(&mut peer.issuer);
        peer
    }

    /// Has an access token end in the past.
    ///
    /// # Panics
    ///
    /// When the server does not know it.
    pub fn expire(&mut self, token: &str) {
        assert_eq!(self.tell(&json!({ "expire": token })), json!({}));
    }

    fn tell(&mut self, line: &Value) -> Value {
        writeln!(self.commands, "{line}").expect("the server reads its settings");
        let answer = self
            .answers
            .next()
            .expect("the server has ended; why stands in its output")
            .expect("the server answers in UTF-8");
        serde_json::from_str(&answer).expect("the server answers in JSON")
    }
}

fn not_started(folder: &Path, error: &std::io::Error) -> ! {
    match error.kind() {
        ErrorKind::NotFound => panic!(
            "django-oauth-toolkit is not installed: run tests/run, or in {} `python3 -m venv .venv` and \
             `.venv/bin/pip install --require-hashes --requirement requirements.txt`",
            folder.display()
        ),
        _ => panic!("python does not start: {error}"),
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It is gone already when a test failed because of that.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
