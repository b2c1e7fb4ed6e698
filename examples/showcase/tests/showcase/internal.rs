//! What the layer protects: handlers that know of no guard.

use monocloud_runtime::testing::ProviderUser;
use serde_json::json;

use crate::site::Site;

const EVERYWHERE: [&str; 4] = ["/internal", "/internal/a/b", "/%69nternal/x", "/INTERNAL/x"];

#[tokio::test]
async fn everything_below_is_for_admins() {
    let site = Site::with("tomas").await;
    for path in EVERYWHERE {
        assert_eq!(site.open(path).await.status, 403, "{path}");
    }
    let site = Site::with("mira").await;
    let page = site.open("/internal/a/b").await;
    assert!(
        page.status == 200 && page.body.contains("/internal/a/b"),
        "{page:?}"
    );
}

#[tokio::test]
async fn a_group_may_be_an_id() {
    let site = Site::start().await;
    let auditors = ("537e7c3d-a442-4b5b-b308-30837aa045a4", "Auditors of this year");
    let nora = ProviderUser::new("nora").name("Nora Bergman").groups([auditors]);
    site.provider.put_user(nora);
    site.sign_in("nora").await;
    assert_eq!(site.open("/internal").await.status, 200);
    assert_eq!(
        site.get("/api/internal/x").await,
        (200, json!({ "path": "/api/internal/x" }))
    );
    assert_eq!(site.open("/admin").await.status, 403);
}

#[tokio::test]
async fn programs_are_answered_as_programs() {
    let site = Site::start().await;
    let unauthorized = (401, json!({ "message": "unauthorized" }));
    for path in ["/api/internal", "/api/internal/x", "/api/internal/%2e/x"] {
        assert_eq!(site.get(path).await, unauthorized, "{path}");
    }
    site.sign_in("lin").await;
    assert_eq!(
        site.get("/api/internal/x").await,
        (403, json!({ "message": "forbidden" }))
    );
}
