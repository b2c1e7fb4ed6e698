//! The way to a server of any kind, byte for byte, which can be long, or cut in one direction.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Two cores with much else to do.
const PATIENCE: Duration = Duration::from_secs(20);

/// Passes on what clients say to a server at a port of loopback, and what that answers.
#[derive(Debug)]
pub struct Relay {
    port: u16,
    asked: Arc<Way>,
    answered: Arc<Way>,
    task: JoinHandle<()>,
}

/// One direction.
#[derive(Debug, Default)]
struct Way {
    is_cut: AtomicBool,
    lost: AtomicUsize,
    /// In milliseconds.
    delay: AtomicU64,
}

impl Relay {
    /// # Panics
    ///
    /// When loopback has no free port.
    pub async fn to(server: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let (asked, answered) = (Arc::<Way>::default(), Arc::<Way>::default());
        let ways = (Arc::clone(&asked), Arc::clone(&answered));
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (asked, answered) = ways.clone();
                tokio::spawn(async move { relay(client, server, &asked, &answered).await });
            }
        });
        Self {
            port,
            asked,
            answered,
            task,
        }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// From now on the server hears nothing. Connections stay.
    pub fn lose_what_is_asked(&self) {
        self.asked.is_cut.store(true, Ordering::SeqCst);
    }

    /// From now on the clients hear nothing. Connections stay.
    pub fn lose_what_is_answered(&self) {
        self.answered.is_cut.store(true, Ordering::SeqCst);
    }

    /// From now on answers come by so much later.
    ///
    /// # Panics
    ///
    /// When that is longer than anybody lives.
    pub fn delay_what_is_answered(&self, by: Duration) {
        let millis = by.as_millis().try_into().expect("not so long");
        self.answered.delay.store(millis, Ordering::SeqCst);
    }

    /// Waits until something was lost.
    ///
    /// # Panics
    ///
    /// When nobody says anything.
    pub async fn has_lost(&self) {
        let began = Instant::now();
        let lost = |way: &Way| way.lost.load(Ordering::SeqCst) > 0;
        while !lost(&self.asked) && !lost(&self.answered) {
            assert!(began.elapsed() < PATIENCE, "nothing was said");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn relay(mut client: TcpStream, server: u16, asked: &Way, answered: &Way) -> io::Result<()> {
    let mut server = TcpStream::connect(("127.0.0.1", server)).await?;
    let (of_client, to_client) = client.split();
    let (of_server, to_server) = server.split();
    tokio::select! {
        done = pass(of_client, to_server, asked) => done,
        done = pass(of_server, to_client, answered) => done,
    }
}

async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    way: &Way,
) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = from.read(&mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        if way.is_cut.load(Ordering::SeqCst) {
            way.lost.fetch_add(read, Ordering::SeqCst);
        } else {
            tokio::time::sleep(Duration::from_millis(way.delay.load(Ordering::SeqCst))).await;
            to.write_all(&buffer[..read]).await?;
        }
    }
}
