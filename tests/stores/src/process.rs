//! A process with a folder of its own.

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// Its input ends with the process that started it, however that ends: then it kills its server by its id, and leaves
/// nothing behind.
const GUARD: &str = r#"
"$1" "$2/$3" >"$2/output" 2>&1 </dev/null &
server=$!
read -r word
kill -9 "$server" 2>/dev/null
wait "$server" 2>/dev/null
[ "$word" = keep ] || rm -rf "$2"
"#;

#[derive(Debug)]
pub(crate) struct Process {
    guard: Child,
    pub(crate) folder: PathBuf,
}

impl Process {
    /// `program` is given a file of its folder.
    pub(crate) fn start(program: &str, folder: PathBuf, file: &str) -> Self {
        let guard = Command::new("sh")
            .args(["-c", GUARD, "sh", program])
            .arg(&folder)
            .arg(file)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("sh: {error}"));
        Self { guard, folder }
    }

    /// What it wrote, and what it says of itself.
    pub(crate) fn output(&self) -> String {
        let read = |file: &str| fs::read_to_string(self.folder.join(file)).unwrap_or_default();
        read("output") + &read("log")
    }

    /// Ends it at once, and keeps its folder.
    pub(crate) fn kill(&mut self) {
        self.end(b"keep\n");
    }

    fn end(&mut self, word: &[u8]) {
        if let Some(mut input) = self.guard.stdin.take() {
            // Who has ended reads nothing.
            let _ = input.write_all(word);
        }
        let _ = self.guard.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end(b"\n");
        let _ = fs::remove_dir_all(&self.folder);
    }
}

pub(crate) fn folder() -> PathBuf {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let name = format!(
        "stores-{}-{}",
        std::process::id(),
        MADE.fetch_add(1, Ordering::Relaxed)
    );
    let folder = std::env::temp_dir().join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

pub(crate) fn write(folder: &Path, file: &str, text: &str) {
    fs::write(folder.join(file), text).unwrap();
}

/// Different ones, as long as nobody else is faster than who asked.
pub(crate) fn ports<const N: usize>() -> [u16; N] {
    let listeners: [TcpListener; N] = std::array::from_fn(|_| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}
