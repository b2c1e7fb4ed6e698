//! Requests on a connection that is kept, one after the other.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn to(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port))
            .await
            .expect("the process listens");
        stream.set_nodelay(true).expect("a TCP connection");
        Self {
            stream,
            buffer: Vec::new(),
        }
    }

    /// The status of the answer, all of which was read.
    pub(crate) async fn send(&mut self, request: &[u8]) -> u16 {
        self.stream.write_all(request).await.expect("it is sent");
        self.buffer.clear();
        let head = loop {
            self.read().await;
            if let Some(end) = self.buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break end + 4;
            }
        };
        let text = std::str::from_utf8(&self.buffer[..head]).expect("a head of ASCII");
        let status = text.get(9..12).and_then(|status| status.parse().ok());
        let status = status.expect("HTTP/1.1 and a status");
        let length = text
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map_or(0, |length| length.parse().expect("a length"));
        while self.buffer.len() < head + length {
            self.read().await;
        }
        status
    }

    async fn read(&mut self) {
        let read = self
            .stream
            .read_buf(&mut self.buffer)
            .await
            .expect("it is answered");
        assert!(read > 0, "{}", String::from_utf8_lossy(&self.buffer));
    }
}

/// For the guarded page.
pub(crate) fn page(cookie: &str) -> Vec<u8> {
    format!("GET / HTTP/1.1\r\nhost: localhost:3000\r\ncookie: {cookie}\r\n\r\n").into()
}

/// What the issuer posts.
pub(crate) fn logout(token: &str) -> Vec<u8> {
    let form = format!("logout_token={token}");
    format!(
        "POST /api/auth/backchannel-logout HTTP/1.1\r\nhost: localhost:3000\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
        form.len()
    )
    .into()
}
