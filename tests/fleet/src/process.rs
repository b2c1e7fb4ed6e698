//! A program that prints where it listens.

use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Lines of what it logged.
const MOST_SHOWN: usize = 60;

/// A running `site`. It ends when this is dropped; what it logged is shown when the test fails.
#[derive(Debug)]
pub struct Process {
    /// Where it listens, without a slash at the end.
    pub url: String,
    child: Child,
    logged: Arc<Mutex<String>>,
}

impl Process {
    /// Starts it with these variables and no others. A test of this package finds the program in
    /// `env!("CARGO_BIN_EXE_site")`.
    ///
    /// # Panics
    ///
    /// When it does not come up, with what it logged.
    pub fn start<'a>(program: &str, variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut child = Command::new(Path::new(program))
            .env_clear()
            .envs(variables)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}"));
        let logged = Arc::default();
        let reader = keep_reading(child.stderr.take().expect("a pipe"), &logged);
        let mut url = String::new();
        let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
        output.read_line(&mut url).expect("it prints in UTF-8");
        let url = url.trim_end().to_owned();
        let mut process = Self { url, child, logged };
        if process.url.is_empty() {
            let ended = process.child.wait();
            let _ = reader.join();
            panic!("{program} did not come up, {ended:?}");
        }
        process
    }

    /// The URL of a path.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// Ends it as `kill -9` does, in the middle of whatever it does.
    pub fn kill(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Its id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has logged.
    pub fn logged(&self) -> String {
        self.logged.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        if thread::panicking() {
            let logged = self.logged();
            let lines: Vec<_> = logged.lines().collect();
            let last = lines[lines.len().saturating_sub(MOST_SHOWN)..].join("\n");
            eprintln!("{} logged at last:\n{last}", self.url);
        }
    }
}

/// To the end, so that the process never waits for its reader.
pub fn keep_reading(
    stream: impl Read + Send + 'static,
    logged: &Arc<Mutex<String>>,
) -> thread::JoinHandle<()> {
    let logged = Arc::clone(logged);
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let mut logged = logged.lock().unwrap_or_else(PoisonError::into_inner);
            logged.push_str(&line);
            logged.push('\n');
        }
    })
}
