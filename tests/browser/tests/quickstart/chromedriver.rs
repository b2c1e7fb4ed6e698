//! `ChromeDriver`, at a port that the system chooses.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A running driver. It ends when this is dropped, and its browsers with it.
pub(crate) struct ChromeDriver {
    pub url: String,
    port: u16,
    process: Child,
}

impl ChromeDriver {
    pub(crate) fn start() -> Self {
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| match error.kind() {
                ErrorKind::NotFound => panic!(
                    "`chromedriver` is not installed: install Chromium and ChromeDriver (Debian: chromium and \
                     chromium-driver), or run tests/run"
                ),
                _ => panic!("chromedriver does not start: {error}"),
            });
        let output = BufReader::new(process.stdout.take().unwrap());
        // “ChromeDriver was started successfully on port 40123.”
        let port = output
            .lines()
            .map_while(Result::ok)
            .find_map(|line| {
                line.split_once("successfully on port ")?
                    .1
                    .trim_end_matches('.')
                    .parse()
                    .ok()
            })
            .expect("chromedriver tells its port");
        let url = format!("http://127.0.0.1:{port}");
        Self { url, port, process }
    }

    /// Asks it to close its browsers and end. Killed, it would leave them behind.
    fn shut_down(&self) -> std::io::Result<()> {
        let mut connection = TcpStream::connect(("127.0.0.1", self.port))?;
        connection.set_read_timeout(Some(Duration::from_secs(10)))?;
        connection.write_all(b"GET /shutdown HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
        connection.read_to_end(&mut Vec::new())?;
        Ok(())
    }
}

impl Drop for ChromeDriver {
    fn drop(&mut self) {
        if self.shut_down().is_err() {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}
