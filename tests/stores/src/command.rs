//! Commands for a server, one connection each.

use std::io::{BufRead as _, BufReader, Error, ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use crate::secured::Login;

/// What a server says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reply {
    /// A word, or a line.
    Text(String),
    /// An error.
    Failed(String),
    /// A number.
    Number(i64),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Nothing.
    Nil,
    /// Several.
    Several(Vec<Reply>),
}

impl Reply {
    /// Words or bytes as text, lossy.
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) | Self::Failed(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Self::Nil => String::new(),
            Self::Several(replies) => replies.iter().map(Self::text).collect::<Vec<_>>().join(" "),
        }
    }

    /// All of several.
    pub fn several(self) -> Vec<Self> {
        match self {
            Self::Several(replies) => replies,
            other => panic!("not several: {other:?}"),
        }
    }
}

/// Asks the server at a port of loopback.
///
/// # Errors
///
/// It cannot be reached, or does not answer.
pub fn ask(port: u16, command: &[&str]) -> Result<Reply, Error> {
    ask_as(None, port, command)
}

pub(crate) fn ask_as(login: Option<Login>, port: u16, command: &[&str]) -> Result<Reply, Error> {
    let stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let mut stream = BufReader::new(stream);
    if let Some([user, password]) = login {
        stream.get_mut().write_all(&bytes(&["AUTH", user, password]))?;
        // Who is not let in is told so again.
        read(&mut stream)?;
    }
    stream.get_mut().write_all(&bytes(command))?;
    read(&mut stream)
}

fn bytes(command: &[&str]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", command.len()).into_bytes();
    for word in command {
        bytes.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
        bytes.extend_from_slice(word.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}

fn read(from: &mut BufReader<TcpStream>) -> Result<Reply, Error> {
    let mut line = String::new();
    from.read_line(&mut line)?;
    let line = line.trim_end();
    let wrong = || Error::new(ErrorKind::InvalidData, format!("not a reply: {line:?}"));
    let rest = line.get(1..).ok_or_else(wrong)?;
    let count = || rest.parse::<i64>().map_err(|_| wrong());
    Ok(match line.as_bytes().first() {
        Some(b'+') => Reply::Text(rest.to_owned()),
        Some(b'-') => Reply::Failed(rest.to_owned()),
        Some(b':') => Reply::Number(count()?),
        Some(b'$') => match usize::try_from(count()?) {
            Ok(length) => {
                let mut bytes = vec![0; length + 2];
                from.read_exact(&mut bytes)?;
                bytes.truncate(length);
                Reply::Bytes(bytes)
            }
            Err(_) => Reply::Nil,
        },
        Some(b'*') => match usize::try_from(count()?) {
            Ok(length) => Reply::Several((0..length).map(|_| read(from)).collect::<Result<_, _>>()?),
            Err(_) => Reply::Nil,
        },
        _ => return Err(wrong()),
    })
}
