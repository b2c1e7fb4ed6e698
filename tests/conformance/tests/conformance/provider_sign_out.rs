//! A quickstart at the embedded provider: who signs out there is signed out here.

use monocloud_runtime::testing::{Endpoint, embedded};
use support::{UserAgent, app, listen};

#[tokio::test]
async fn the_embedded_providers_own_sign_out_ends_the_session() {
    let listening = listen().await;
    let (auth, provider) = embedded(&listening.url).await.unwrap();
    let app = listening.serve(app(&auth));
    let (agent, other) = (UserAgent::new(), UserAgent::new());
    for agent in [&agent, &other] {
        let login = agent.visit(&app.at("/dashboard")).await;
        let page = agent.submit(&login, &[("user", "mira")]).await;
        assert!(page.body.starts_with("dashboard of "), "{page:?}");
    }
    let page = agent.visit(&provider.url(Endpoint::EndSession)).await;
    let page = agent.submit(&page, &[]).await;
    assert!(page.body.contains("You are signed out"), "{page:?}");
    let [told] = &provider.logout_answers()[..] else {
        panic!("{:?}", provider.logout_answers());
    };
    assert_eq!(told.status().map(|status| status.as_u16()), Some(200));
    let home = agent.visit(&app.at("/")).await;
    assert_eq!(home.body, "home: signed out");
    let page = other.visit(&app.at("/dashboard")).await;
    assert!(
        page.body.starts_with("dashboard of "),
        "another browser's: {page:?}"
    );
    // A sign-out of the application still comes straight back.
    let home = other.visit(&app.at("/api/auth/signout")).await;
    assert_eq!(home.body, "home: signed out");
    assert_eq!(home.url.path(), "/");
}
