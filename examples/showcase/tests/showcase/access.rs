//! Who may do what here, as the report says: whoever changes it writes `access.txt` anew, with `UPDATE_EXPECT=1`.

use expect_test::expect_file;
use reqwest::Method;
use serde_json::Value;

use crate::site::Site;

#[tokio::test]
async fn nobody_may_do_more_than_is_written_down() {
    let site = Site::start().await;
    let report = site.auth.report().for_snapshot().to_string();
    // The program of the tests has guards of its own beside it.
    let of_the_site = |line: &&str| line.contains(" showcase::") || line.contains(" protected_routes(");
    let lines: Vec<_> = report.lines().filter(of_the_site).map(in_single_spaces).collect();
    expect_file!["access.txt"].assert_eq(&(lines.join("\n") + "\n"));
}

/// Columns are as wide as the widest of the whole program.
fn in_single_spaces(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn the_report_is_for_admins_and_tells_what_nobody_asked_for() {
    let entry = |report: &Value, path: &str| {
        let mut entries = report.as_array().unwrap().iter();
        entries.find(|entry| entry["path"] == path).unwrap().clone()
    };
    let site = Site::with("tomas").await;
    assert_eq!(site.get("/api/access").await.0, 403);
    let site = Site::with("mira").await;
    let (status, report) = site.get("/api/access").await;
    assert_eq!(status, 200);
    assert_eq!(entry(&report, "/admin")["groups"][0], "admin");
    assert_eq!(entry(&report, "/internal")["has_matched"], false);
    site.get("/api/internal/x").await;
    let (_, report) = site.get("/api/access").await;
    assert_eq!(entry(&report, "/internal")["has_matched"], true);
    assert_eq!(
        Site::start()
            .await
            .fetch(Method::GET, "/api/access", None)
            .await
            .0,
        401
    );
}
