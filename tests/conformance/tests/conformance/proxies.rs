//! Proxies of the environment: for issuers elsewhere, never for this machine's own loopback.

use std::env;
use std::io::Read as _;
use std::net::TcpListener;
use std::process::Command;
use std::time::Duration;

use monocloud_runtime::MonoCloud;
use support::{UserAgent, app, serve};

use crate::rp::{COOKIE_SECRET, Rp};

/// Says to the other process that it is the other process.
const BEHIND_PROXY: &str = "CONFORMANCE_BEHIND_PROXY";

/// The environment is a process's own, so the test runs itself in another one.
#[tokio::test]
async fn loopback_is_not_reached_through_a_proxy_and_the_rest_is() {
    if env::var_os(BEHIND_PROXY).is_some() {
        return behind_proxy().await;
    }
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", proxy.local_addr().unwrap());
    let mut child = Command::new(env::current_exe().unwrap());
    let this = "proxies::loopback_is_not_reached_through_a_proxy_and_the_rest_is";
    child.args(["--exact", this]).env(BEHIND_PROXY, "1");
    for variable in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        child.env(variable, &url).env(variable.to_lowercase(), &url);
    }
    for variable in ["NO_PROXY", "no_proxy", "REQUEST_METHOD"] {
        child.env_remove(variable);
    }
    let asked = std::thread::spawn(move || {
        let (mut connection, _) = proxy.accept().unwrap();
        connection
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        let mut line = [0; 29];
        connection.read_exact(&mut line).unwrap();
        String::from_utf8(line.to_vec()).unwrap()
    });
    let output = child.output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && shown.contains("1 passed"), "{shown}");
    assert_eq!(asked.join().unwrap(), "CONNECT issuer.example.test:4");
}

async fn behind_proxy() {
    let rp = Rp::start().await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    let auth = MonoCloud::builder()
        .tenant_domain("https://issuer.example.test")
        .client_id("app")
        .client_secret("secret")
        .app_url("http://localhost:3000")
        .cookie_secret(COOKIE_SECRET)
        .response_timeout(Duration::from_secs(2))
        .build()
        .unwrap();
    let app = serve(app(&auth)).await;
    let page = UserAgent::new().visit(&app.at("/api/auth/signin")).await;
    assert_eq!(page.status, 503, "{page:?}");
}
