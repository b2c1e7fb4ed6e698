//! How it ends.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use browser::Quickstart;

#[test]
fn both_signals_stop_it_in_good_order() {
    for signal in ["TERM", "INT"] {
        let app = Quickstart::start();
        // One that a browser opened ahead, and one that it keeps.
        let _unused = TcpStream::connect(app.authority()).unwrap();
        let mut kept = TcpStream::connect(app.authority()).unwrap();
        assert!(get(&mut kept, "/").starts_with("HTTP/1.1 200"));

        let stopped = app.stop(signal);
        assert!(stopped.status.success(), "{signal}: {stopped:?}");
        let line = stopped.printed.lines().find(|line| line.contains("stopping"));
        assert!(
            line.is_some_and(|line| line.contains(&format!("SIG{signal}"))),
            "{stopped:?}"
        );
        assert_eq!(
            kept.read(&mut [0]).unwrap(),
            0,
            "{signal}: the connection is closed"
        );
    }
}

/// The whole response to a request that keeps the connection.
fn get(connection: &mut TcpStream, path: &str) -> String {
    connection
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    write!(connection, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut response = String::new();
    let mut buffer = [0; 4096];
    while !response.contains("</html>") {
        let read = connection.read(&mut buffer).unwrap();
        assert_ne!(read, 0, "{response}");
        response.push_str(str::from_utf8(&buffer[..read]).unwrap());
    }
    response
}
