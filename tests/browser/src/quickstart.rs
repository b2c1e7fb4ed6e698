//! Starts it, reads what it prints, and stops it.

use std::env;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, LazyLock, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::TemporaryFolder;

const PATIENCE: Duration = Duration::from_secs(30);

/// Built once.
static PROGRAM: LazyLock<PathBuf> = LazyLock::new(build);

/// A running quickstart. It ends when this is dropped; what it printed is shown when the test fails.
#[derive(Debug)]
pub struct Quickstart {
    url: String,
    process: Child,
    printed: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
    _folder: TemporaryFolder,
}

/// How it ended, and all that it printed.
#[derive(Debug)]
pub struct Stopped {
    /// The exit code, or the signal.
    pub status: ExitStatus,
    /// Both streams.
    pub printed: String,
}

impl Quickstart {
    /// Starts it with nothing configured, at a free port.
    ///
    /// # Panics
    ///
    /// When it does not come up.
    pub fn start() -> Self {
        Self::start_in(TemporaryFolder::new(), &[("PORT", &free_port().to_string())])
    }

    /// Starts it in a folder, where `.env` may lie, with these variables and no others of its own.
    ///
    /// # Panics
    ///
    /// When it does not come up.
    pub fn start_in(folder: TemporaryFolder, variables: &[(&str, &str)]) -> Self {
        let mut app = Self::spawn(folder, variables);
        let started = Instant::now();
        while app.url.is_empty() {
            assert!(
                app.process.try_wait().unwrap().is_none(),
                "the quickstart has ended:\n{}",
                app.printed()
            );
            assert!(started.elapsed() < PATIENCE, "no address:\n{}", app.printed());
            thread::sleep(Duration::from_millis(10));
            app.url = app.printed().lines().find_map(url_in).unwrap_or_default();
        }
        app
    }

    /// Starts it where it cannot come up, and waits for its end.
    ///
    /// # Panics
    ///
    /// When it goes on running.
    pub fn fail_in(folder: TemporaryFolder, variables: &[(&str, &str)]) -> Stopped {
        Self::spawn(folder, variables).wait()
    }

    fn spawn(folder: TemporaryFolder, variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(&*PROGRAM);
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("MONOCLOUD_") {
                command.env_remove(name);
            }
        }
        for name in ["HOST", "PORT", "RUST_LOG"] {
            command.env_remove(name);
        }
        let mut process = command
            .envs(variables.iter().copied())
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let printed = Arc::new(Mutex::new(String::new()));
        let readers = vec![
            keep_reading(process.stdout.take().unwrap(), &printed),
            keep_reading(process.stderr.take().unwrap(), &printed),
        ];
        Self {
            url: String::new(),
            process,
            printed,
            readers,
            _folder: folder,
        }
    }

    /// The URL of a path.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// Host and port of its address.
    pub fn authority(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// Sends it a signal such as `TERM`, and waits until it has ended.
    ///
    /// # Panics
    ///
    /// When it goes on running.
    pub fn stop(mut self, signal: &str) -> Stopped {
        let id = self.process.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &id]).status().unwrap();
        assert!(sent.success());
        self.wait()
    }

    fn wait(&mut self) -> Stopped {
        let started = Instant::now();
        let status = loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                break status;
            }
            assert!(started.elapsed() < PATIENCE, "the quickstart goes on running");
            thread::sleep(Duration::from_millis(10));
        };
        for reader in self.readers.drain(..) {
            reader.join().unwrap();
        }
        Stopped {
            status,
            printed: self.printed(),
        }
    }

    fn printed(&self) -> String {
        self.printed.lock().unwrap().clone()
    }
}

impl Drop for Quickstart {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if thread::panicking() {
            eprintln!("the quickstart printed:\n{}", self.printed());
        }
    }
}

/// Reads to the end, so that the process never waits for its reader.
fn keep_reading(stream: impl Read + Send + 'static, printed: &Arc<Mutex<String>>) -> JoinHandle<()> {
    let printed = Arc::clone(printed);
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let mut printed = printed.lock().unwrap();
            printed.push_str(&line);
            printed.push('\n');
        }
    })
}

/// Builds it, with the features that the whole workspace has built its dependencies with, and tells where it is.
fn build() -> PathBuf {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "build",
            "--workspace",
            "--all-features",
            "--bin",
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

/// Free at least a moment ago: the quickstart has been built before, which takes long.
///
/// # Panics
///
/// When loopback cannot be listened on, or the quickstart does not build.
pub fn free_port() -> u16 {
    LazyLock::force(&PROGRAM);
    TcpListener::bind(("127.0.0.1", 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}
