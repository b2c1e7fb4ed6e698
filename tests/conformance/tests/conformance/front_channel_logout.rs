//! The front-channel logout plan: each module by its name, without `oidcc-client-test`. What the issuer's page embeds is
//! asked for without cookies, as browsers do for another site.

use monocloud_runtime::testing::{Endpoint, SigningAlg};
use support::Page;

use crate::rp::{Rp, Setup};

async fn signed_in() -> Rp {
    let rp = Setup::new().alg(SigningAlg::Rs256).front_channel().start().await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    rp
}

/// The answers to what a page embeds.
async fn load_frames(page: &Page) -> Vec<reqwest::Response> {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut answers = Vec::new();
    for frame in page.body.split("<iframe src=\"").skip(1) {
        let url = frame
            .split('"')
            .next()
            .unwrap()
            .replace("&amp;", "&")
            .replace("&#38;", "&");
        answers.push(client.get(url).send().await.unwrap());
    }
    answers
}

async fn assert_over(rp: &Rp, page: &Page, stolen: &str) {
    let answers = load_frames(page).await;
    assert_eq!(answers.len(), 1, "{page:?}");
    assert_eq!(answers[0].status(), 200);
    let headers = answers[0].headers();
    assert!(headers["cache-control"].to_str().unwrap().contains("no-store"));
    assert!(!headers.contains_key("x-frame-options"));
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let copy = client.get(rp.app.at("/")).header("cookie", stolen).send().await;
    assert_eq!(copy.unwrap().text().await.unwrap(), "home: signed out");
}

fn cookies(rp: &Rp) -> String {
    let cookies = rp.agent.cookies(&rp.app.url);
    let pairs: Vec<String> = cookies
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("; ")
}

#[tokio::test]
async fn rp_frontchannel_rpinitlogout() {
    let rp = signed_in().await;
    let stolen = cookies(&rp);
    let page = rp.agent.visit(&rp.app.at("/api/auth/signout")).await;
    assert!(page.body.contains("You are signed out"), "{page:?}");
    assert!(
        page.links().iter().any(|link| link.starts_with(&rp.app.url)),
        "{page:?}"
    );
    assert_over(&rp, &page, &stolen).await;
}

#[tokio::test]
async fn rp_frontchannel_opinitlogout() {
    let rp = signed_in().await;
    let stolen = cookies(&rp);
    let page = rp.agent.visit(&rp.provider.url(Endpoint::EndSession)).await;
    let page = rp.agent.submit(&page, &[]).await;
    assert!(page.body.contains("You are signed out"), "{page:?}");
    let home = rp.agent.visit(&rp.app.at("/")).await;
    assert_eq!(
        home.body, "home: signed in as Mira Adler",
        "before the frame is loaded"
    );
    assert_over(&rp, &page, &stolen).await;
    let home = rp.agent.visit(&rp.app.at("/")).await;
    assert_eq!(home.body, "home: signed out");
}
