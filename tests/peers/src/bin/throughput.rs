//! Requests a second over loopback, with a token that was seen before: guarded against bare.
//!
//! `cargo run --release --bin throughput`. Server and clients share this machine, in turns of a second each.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use peers::Apps;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const CONNECTIONS: usize = 32;
const TURNS: usize = 15;
const TURN: Duration = Duration::from_secs(1);

#[tokio::main]
async fn main() {
    let apps = Apps::start().await;
    let token = apps.token();
    let bare = serve(apps.bare.clone()).await;
    let guarded = serve(apps.guarded.clone()).await;
    let peer = serve(apps.peer.clone()).await;
    let mut of: [Vec<f64>; 3] = Default::default();
    for turn in 0..=TURNS {
        for (rates, port) in of.iter_mut().zip([bare, guarded, peer]) {
            let rate = rate(port, &token).await;
            // The first turn fetches keys and warms up.
            if turn > 0 {
                rates.push(rate);
            }
        }
    }
    let [bare, guarded, peer] = of.map(|mut rates| {
        rates.sort_by(f64::total_cmp);
        rates[rates.len() / 2]
    });
    println!("bare route                    {bare:8.0} requests a second");
    println!(
        "this library                  {guarded:8.0}, {:.3} × bare",
        guarded / bare
    );
    println!(
        "tower-oauth2-resource-server  {peer:8.0}, {:.3} × bare",
        peer / bare
    );
}

async fn serve(app: Router) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port of loopback");
    let port = listener.local_addr().expect("it is bound").port();
    tokio::spawn(async move { axum::serve(listener, app).await });
    port
}

/// Requests a second, on connections that are kept.
async fn rate(port: u16, token: &str) -> f64 {
    let request = format!("GET / HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\r\n");
    let is_over = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..CONNECTIONS)
        .map(|_| tokio::spawn(client(port, request.clone(), Arc::clone(&is_over))))
        .collect();
    let began = Instant::now();
    tokio::time::sleep(TURN).await;
    is_over.store(true, Ordering::Relaxed);
    let mut answered = 0;
    for client in clients {
        answered += client.await.expect("a client ends");
    }
    f64::from(answered) / began.elapsed().as_secs_f64()
}

/// Sends a request when the last one is answered.
async fn client(port: u16, request: String, is_over: Arc<AtomicBool>) -> u32 {
    let mut connection = TcpStream::connect(("127.0.0.1", port))
        .await
        .expect("the server listens");
    connection.set_nodelay(true).expect("a TCP connection");
    let mut answered = 0;
    let mut buffer = [0; 4_096];
    while !is_over.load(Ordering::Relaxed) {
        connection
            .write_all(request.as_bytes())
            .await
            .expect("it is sent");
        let mut length = 0;
        // The body is `ok`, and nothing follows it.
        while !buffer[..length].ends_with(b"\r\n\r\nok") {
            let read = connection
                .read(&mut buffer[length..])
                .await
                .expect("it is answered");
            assert!(read > 0, "{}", String::from_utf8_lossy(&buffer[..length]));
            length += read;
        }
        assert!(
            buffer.starts_with(b"HTTP/1.1 200"),
            "{}",
            String::from_utf8_lossy(&buffer[..length])
        );
        answered += 1;
    }
    answered
}
