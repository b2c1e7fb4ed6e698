//! The site as a process of its own, and what all of its processes have in common.

use std::io::{self, BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;

use axum::Router;
use axum::routing::get;
use monocloud_runtime::settings::{Builder, SessionsIn};
use monocloud_runtime::{MonoCloud, monocloud_routes, protect};
use tokio::net::TcpListener;

/// What is argument of a process that serves.
pub(crate) const SERVE: &str = "serve";

/// Where it is, and what it shares.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    /// `store`, with the sessions in Redis, or `cookies`, with what the processes tell each other there.
    pub(crate) mode: String,
    pub(crate) redis: String,
    pub(crate) issuer: String,
}

impl Site {
    pub(crate) fn settings(&self) -> Builder {
        let settings = MonoCloud::builder()
            .tenant_domain(&self.issuer)
            .client_id("app")
            .client_secret("a secret of the client")
            .app_url("http://localhost:3000")
            .cookie_secret("a secret of the benchmark, longer than 32 bytes")
            .id_token_signing_alg("ES256")
            .multiple_instances(true)
            .redis(&self.redis);
        match self.mode.as_str() {
            "store" => settings,
            "cookies" => settings.sessions_in(SessionsIn::Cookies),
            other => panic!("sessions are in `store` or in `cookies`, not in `{other}`"),
        }
    }

    pub(crate) fn start(&self) -> Process {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args([SERVE, &self.mode, &self.redis, &self.issuer])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program starts");
        let mut line = String::new();
        let output = child.stdout.take().expect("it is piped");
        BufReader::new(output).read_line(&mut line).expect("text");
        let port = line.trim().parse().expect("it says why it did not start");
        Process { child, port }
    }

    /// Until its input ends.
    pub(crate) async fn serve(self) {
        let auth = match self.settings().build() {
            Ok(auth) => auth,
            Err(error) => {
                eprintln!("{error}");
                std::process::exit(1);
            }
        };
        thread::spawn(|| {
            let _ = io::copy(&mut io::stdin(), &mut io::sink());
            std::process::exit(0);
        });
        let app = Router::new()
            .route("/", get(page))
            .merge(monocloud_routes!(auth))
            .layer(auth.layer());
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port of loopback");
        println!("{}", listener.local_addr().expect("it is bound").port());
        axum::serve(listener, app).await.expect("it serves");
    }
}

#[protect]
async fn page() -> &'static str {
    "ok"
}

/// It ends with its value.
pub(crate) struct Process {
    child: Child,
    pub(crate) port: u16,
}

impl Process {
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
