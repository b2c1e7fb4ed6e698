//! What the environment and `.env` say. No error shows a value: it may be a secret, or a piece of one.

use std::error::Error;
use std::{env, fs, str};

use tracing_subscriber::EnvFilter;

/// Where to listen: for this machine alone, unless `HOST` says otherwise.
pub(crate) fn host() -> String {
    variable("HOST").unwrap_or_else(|| "127.0.0.1".to_owned())
}

pub(crate) fn port() -> Result<Option<u16>, Box<dyn Error>> {
    let port = variable("PORT").map(|port| port.parse());
    Ok(port
        .transpose()
        .map_err(|_| "PORT is not a port; write a number from 0 to 65535")?)
}

pub(crate) fn log_filter() -> Result<EnvFilter, Box<dyn Error>> {
    let filter = variable("RUST_LOG").unwrap_or_else(|| "info".to_owned());
    Ok(EnvFilter::try_new(filter)
        .map_err(|_| "RUST_LOG is not a filter; write one like `info,monocloud_runtime=debug`")?)
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Takes from the nearest `.env`, in this folder or one above, what the environment does not have.
pub(crate) fn load_dotenv() -> Result<(), Box<dyn Error>> {
    let here = env::current_dir()?;
    let mut candidates = here.ancestors().map(|folder| folder.join(".env"));
    let Some(path) = candidates.find(|path| path.exists()) else {
        return Ok(());
    };
    let mut content = fs::read(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    if let Err((line, problem)) = check(&content) {
        return Err(format!("{}, line {line}: {problem}", path.display()).into());
    }
    // Without it `dotenvy` refuses a space at the very end.
    content.push(b'\n');
    dotenvy::from_read(&*content).map_err(|_| format!("{} cannot be read", path.display()))?;
    Ok(())
}

/// Whether each line can be read by itself, since a quote that is left open would swallow the next ones; or
/// the number of the first that cannot. The error of `dotenvy` would quote the line.
fn check(content: &[u8]) -> Result<(), (usize, &'static str)> {
    let content = content.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(content);
    for (before, line) in content.split(|byte| *byte == b'\n').enumerate() {
        let wrong = |problem| Err((before + 1, problem));
        let Ok(line) = str::from_utf8(line) else {
            return wrong("not UTF-8; save the file as UTF-8");
        };
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.contains(|c: char| c.is_control() && c != '\t') {
            return wrong("a control character; save the file as UTF-8, without them");
        }
        // A backslash at the end would be dropped without a word; before a `w` it is an error.
        let end = if line.ends_with('\\') { "w\n" } else { "\n" };
        if dotenvy::from_read_iter([line, end].concat().as_bytes()).any(|variable| variable.is_err()) {
            return wrong(
                "not NAME=value on one line; a value with a space or one of ' \" \\ $ # stands in 'single quotes', \
                 or in \"double quotes\" with a \\ before each \" \\ $",
            );
        }
    }
    Ok(())
}
