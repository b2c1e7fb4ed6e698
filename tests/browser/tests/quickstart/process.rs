//! The quickstart as a process of its own, with nothing configured.

use std::env;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, LazyLock, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// Where the provider sends who has signed out. What follows is the `state` of that sign-out.
pub(crate) const SIGNED_OUT: &str = "/?state=";

/// A running quickstart. It ends when this is dropped; what it printed is shown when the test fails.
pub(crate) struct Quickstart {
    url: String,
    process: Child,
    printed: Arc<Mutex<String>>,
}

impl Quickstart {
    pub(crate) fn start() -> Self {
        static PROGRAM: LazyLock<PathBuf> = LazyLock::new(build);
        let mut command = Command::new(&*PROGRAM);
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("MONOCLOUD_") {
                command.env_remove(name);
            }
        }
        let mut process = command
            .env("PORT", free_port().to_string())
            .env_remove("HOST")
            .env_remove("RUST_LOG")
            // Away from the workspace, where someone's `.env` may lie.
            .current_dir(env::temp_dir())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let printed = Arc::new(Mutex::new(String::new()));
        let (tell_url, url) = mpsc::channel();
        let copy = Arc::clone(&printed);
        // Reads to the end, so that the process never waits for its reader.
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if let Some(url) = url_in(&line) {
                    let _ = tell_url.send(url);
                }
                let mut copy = copy.lock().unwrap();
                copy.push_str(&line);
                copy.push('\n');
            }
        });
        let mut app = Self {
            url: String::new(),
            process,
            printed,
        };
        app.url = match url.recv_timeout(Duration::from_secs(30)) {
            Ok(url) => url,
            Err(RecvTimeoutError::Timeout) => panic!("the quickstart did not print its address"),
            Err(RecvTimeoutError::Disconnected) => panic!("the quickstart has ended"),
        };
        app
    }

    /// The URL of a path.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }
}

impl Drop for Quickstart {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if thread::panicking() {
            eprintln!("the quickstart printed:\n{}", self.printed.lock().unwrap());
        }
    }
}

/// Builds it as `cargo run -p quickstart` does, and tells where it is.
fn build() -> PathBuf {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "build",
            "--package",
            "quickstart",
            "--message-format",
            "json-render-diagnostics",
        ])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success(), "the quickstart does not build");
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == "quickstart")
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .expect("cargo tells where the program is")
}

/// `http://localhost:PORT`, without a slash at its end.
fn url_in(line: &str) -> Option<String> {
    let start = line.find("http://localhost:")?;
    let url = line[start..].split_whitespace().next()?;
    Some(url.trim_end_matches('/').to_owned())
}

/// Free at least a moment ago.
fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}
