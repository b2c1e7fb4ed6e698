//! The example from outside, as a browser meets it.
#![allow(clippy::unwrap_used)]

use monocloud_runtime::testing;
use reqwest::Method;
use support::UserAgent;
use tokio::net::TcpListener;

#[tokio::test]
async fn a_browser_signs_in_to_a_service_of_bare_hyper() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let site = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    let (client, _provider) = testing::embedded(&site).await.unwrap();
    let server = tokio::spawn(bare_hyper::serve(listener, client));
    let browser = UserAgent::new();

    let home = browser.visit(&site).await;
    assert!(
        home.body.contains("/api/auth/signin?return_url=%2Fdashboard"),
        "{home:?}"
    );
    let login = browser.visit(&format!("{site}/dashboard?from=mail")).await;
    let page = browser.submit(&login, &[("user", "lin")]).await;
    assert_eq!(page.url.as_str(), format!("{site}/dashboard?from=mail"));
    assert!(page.body.contains("You are signed in."), "{page:?}");
    assert_eq!(page.headers["cache-control"], "private, no-store");

    let admin = browser.visit(&format!("{site}/admin")).await;
    assert_eq!(admin.status, 403, "{admin:?}");
    let me = browser.fetch(Method::GET, &format!("{site}/api/me")).await;
    assert!(me.body.contains("\"sub\":\"lin\""), "{me:?}");
    let nobody = UserAgent::new()
        .fetch(Method::GET, &format!("{site}/api/me"))
        .await;
    assert_eq!(nobody.status, 401);

    let home = browser.visit(&site).await;
    let out = browser.submit(&home, &[]).await;
    assert!(out.body.contains("Sign in"), "{out:?}");
    let gone = browser.fetch(Method::GET, &format!("{site}/api/me")).await;
    assert_eq!(gone.status, 401, "{gone:?}");
    server.abort();
}
