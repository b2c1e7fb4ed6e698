//! Pages that ask for an authentication context.

use serde_json::json;
use support::UserAgent;

use crate::site::{Client, Extra, Site, log_in};

/// A provider that can reach one of the two contexts that the page takes.
async fn site() -> Site {
    let extra = Extra {
        provider: json!({ "acrValues": ["urn:mfa"] }),
        ..Extra::default()
    };
    Site::with(Client::default(), extra, |app| app).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_opens_with_one_of_its_acr_values() {
    let site = site().await;
    let agent = UserAgent::new();
    let login = site.open_login(&agent, "/strong?and=its+query").await;
    let asked = login.trail.iter().find(|url| url.path() == "/auth").unwrap();
    let acr_values = asked.query_pairs().find(|(name, _)| name == "acr_values");
    assert_eq!(acr_values.unwrap().1, "urn:mfa urn:pin");
    let consent = log_in(&agent, &login, "ada").await;
    let strong = agent.submit(&consent, &[]).await;
    site.assert_is_at(&strong, "/strong?and=its+query");
    assert_eq!(strong.body, "strong page of Ada Byron");
}

/// The provider repeats what it knows of an earlier login, as it may with a claim that is not essential.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_stays_closed_where_the_provider_confirms_none_of_its_acr_values() {
    let site = site().await;
    let agent = UserAgent::new();
    site.sign_in(&agent, "/dashboard", "ada").await;
    let refused = site.visit(&agent, "/strong").await;
    assert_eq!(
        (refused.url.path(), refused.status.as_u16()),
        ("/api/auth/callback", 403),
        "{refused:?}"
    );
    let dashboard = site.visit(&agent, "/dashboard").await;
    assert_eq!(dashboard.body, "dashboard of Ada Byron");
}
