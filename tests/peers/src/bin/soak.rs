//! The showcase in a process of its own, for ten minutes or as many seconds as are given, while people sign in, look
//! around and sign out: no answer may be wrong, and its memory must stay flat.
//!
//! `cargo run --release --bin soak [seconds]`

use std::error::Error;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use monocloud_runtime::MonoCloud;
use monocloud_runtime::testing::Provider;
use reqwest::Method;
use support::{Page, UserAgent};
use tokio::net::TcpListener;

const PEOPLE: usize = 8;
/// Allocators and bounded memories fill before this part of the time is over.
const WARM_UP: f64 = 0.3;
/// So much more than then is not flat.
const MOST_GROWTH: f64 = 1.1;

static ROUNDS: AtomicU64 = AtomicU64::new(0);
static IS_OVER: AtomicBool = AtomicBool::new(false);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let argument = std::env::args().nth(1);
    if argument.as_deref() == Some("serve") {
        return serve().await;
    }
    let time = Duration::from_secs(argument.as_deref().unwrap_or("600").parse()?);
    let provider = Provider::builder().start().await?;
    let site = Site::start(&provider).await?;
    let people: Vec<_> = (0..PEOPLE)
        .map(|_| tokio::spawn(person(site.url.clone())))
        .collect();
    let mut before = 0.0;
    let began = Instant::now();
    while began.elapsed() < time && people.iter().all(|person| !person.is_finished()) {
        tokio::time::sleep(time / 20).await;
        let (memory, rounds) = (site.resident()?, ROUNDS.load(Ordering::Relaxed));
        if began.elapsed() <= time.mul_f64(WARM_UP) {
            before = memory;
        }
        println!(
            "{:5} s  {rounds:8} sign-ins  {memory:7.1} MiB",
            began.elapsed().as_secs()
        );
    }
    IS_OVER.store(true, Ordering::Relaxed);
    for person in people {
        person.await?;
    }
    let growth = site.resident()? / before;
    println!(
        "memory {growth:.3} × that after {:.0} % of the time",
        WARM_UP * 100.0
    );
    if growth > MOST_GROWTH {
        return Err("memory is not flat".into());
    }
    Ok(())
}

/// Signs in, looks around and signs out, again and again, with a new browser each time.
async fn person(site: String) {
    let is = |page: &Page, status: u16| assert_eq!(page.status, status, "{page:?}");
    while !IS_OVER.load(Ordering::Relaxed) {
        let agent = UserAgent::new();
        let login = agent.visit(&format!("{site}/dashboard")).await;
        is(&login, 200);
        let dashboard = agent.submit(&login, &[("user", "mira")]).await;
        is(&dashboard, 200);
        assert_eq!(dashboard.url.path(), "/dashboard", "{dashboard:?}");
        for path in ["/", "/admin", "/account"] {
            is(&agent.visit(&format!("{site}{path}")).await, 200);
        }
        is(&agent.fetch(Method::GET, &format!("{site}/api/me")).await, 200);
        is(&agent.visit(&format!("{site}/api/auth/signout")).await, 200);
        is(&agent.fetch(Method::GET, &format!("{site}/api/me")).await, 401);
        ROUNDS.fetch_add(1, Ordering::Relaxed);
    }
}

/// The showcase as a process. It ends when this is dropped.
struct Site {
    url: String,
    process: Child,
}

impl Site {
    async fn start(provider: &Provider) -> Result<Self, Box<dyn Error>> {
        let free = TcpListener::bind("127.0.0.1:0").await?.local_addr()?.port();
        let url = format!("http://localhost:{free}");
        let process = Command::new(std::env::current_exe()?)
            .arg("serve")
            .env("PORT", free.to_string())
            .env("MONOCLOUD_AUTH_TENANT_DOMAIN", provider.issuer())
            .env("MONOCLOUD_AUTH_CLIENT_ID", provider.client_id())
            .env("MONOCLOUD_AUTH_CLIENT_SECRET", provider.client_secret())
            .env("MONOCLOUD_AUTH_APP_URL", &url)
            .env(
                "MONOCLOUD_AUTH_COOKIE_SECRET",
                "a secret of the soak, longer than 32 bytes",
            )
            .spawn()?;
        let site = Self { url, process };
        while tokio::net::TcpStream::connect(("127.0.0.1", free)).await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(site)
    }

    /// What it holds of the machine's memory, in MiB.
    fn resident(&self) -> Result<f64, Box<dyn Error>> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line
            .and_then(|line| line.split_whitespace().next())
            .ok_or("no VmRSS")?;
        Ok(kib.parse::<f64>()? / 1_024.0)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn serve() -> Result<(), Box<dyn Error>> {
    let events = showcase::Events::default();
    let auth = showcase::with_hooks(MonoCloud::builder().with_env(), &events).build()?;
    let port: u16 = std::env::var("PORT")?.parse()?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    axum::serve(listener, showcase::app(&auth, events)?).await?;
    Ok(())
}
