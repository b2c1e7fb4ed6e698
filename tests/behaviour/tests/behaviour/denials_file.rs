//! Who ended is remembered in a file: a restart forgets nobody, and nobody can read in it who that was.

use std::fs;

use monocloud_runtime::settings::{Builder, SessionLifetime};

use crate::fixtures::{Folder, LogoutSite, OTHER_SECRET, SECRET, assert_done, get, query_of};

/// Signed in, and how that ended.
struct Over {
    how: &'static str,
    cookies: String,
}

async fn is_in(site: &LogoutSite, cookies: &str) -> bool {
    let page = get(&site.app, "/page", &[("cookie", cookies)]).await;
    page.status == 200
}

/// Four sessions of `mira` that end one way each, and two that go on: one of hers and one of `lin`. Nobody has the
/// application any more but the site.
async fn some_over(site: &LogoutSite) -> (Vec<Over>, Vec<String>) {
    let mut over = Vec::new();
    let by_sub = site.signed_in("mira").await;
    assert_done(&site.log_out(Some("mira"), None).await);
    over.push(("by sub", by_sub.cookies()));
    site.clock.advance(1);
    let by_sid = site.signed_in("mira").await;
    assert_done(&site.log_out(None, Some(&site.sid(&by_sid))).await);
    over.push(("by sid", by_sid.cookies()));
    let by_frame = site.signed_in("mira").await;
    let sid = site.sid(&by_frame);
    let query = query_of(&[("iss", site.provider.issuer()), ("sid", &sid)]);
    let frame = get(&site.app, &format!("/api/auth/frontchannel-logout{query}"), &[]).await;
    assert_eq!(frame.status, 200);
    over.push(("by a frame", by_frame.cookies()));
    let mut here = site.signed_in("mira").await;
    over.push(("here", here.cookies()));
    here.get("/api/auth/signout").await;
    let alive = vec![
        site.signed_in("mira").await.cookies(),
        site.signed_in("lin").await.cookies(),
    ];
    let over = over.into_iter().map(|(how, cookies)| Over { how, cookies });
    (over.collect(), alive)
}

async fn assert_remembered(site: &LogoutSite, over: &[Over], alive: &[String]) {
    for Over { how, cookies } in over {
        assert!(!is_in(site, cookies).await, "{how}");
    }
    for cookies in alive {
        assert!(is_in(site, cookies).await);
    }
}

#[tokio::test]
async fn a_restart_remembers() {
    let folder = Folder::new();
    let with_file = |settings: Builder| settings.denials_file(folder.file("denials"));
    let mut site = LogoutSite::with(with_file).await;
    let (over, alive) = some_over(&site).await;
    for _ in 0..3 {
        assert_remembered(&site, &over, &alive).await;
        site = site.restart(with_file);
    }
    assert_remembered(&site, &over, &alive).await;
    // Without the file it would be as it says in the guide.
    let site = site.restart(|settings| settings);
    assert!(is_in(&site, &over[0].cookies).await);
}

#[tokio::test]
async fn a_restart_with_a_new_secret_remembers() {
    let folder = Folder::new();
    let with_file = |settings: Builder| settings.denials_file(folder.file("denials"));
    let site = LogoutSite::with(with_file).await;
    let (over, alive) = some_over(&site).await;
    let rotated = |settings: Builder| {
        with_file(settings)
            .cookie_secret(OTHER_SECRET)
            .previous_cookie_secrets([SECRET])
    };
    let site = site.restart(rotated);
    assert_remembered(&site, &over, &alive).await;
    let browser = site.signed_in("lin").await;
    assert_done(&site.log_out(None, Some(&site.sid(&browser))).await);
    let newest = browser.cookies();
    drop(browser);
    let site = site.restart(rotated);
    assert_remembered(&site, &over, &alive).await;
    assert!(!is_in(&site, &newest).await);
}

#[tokio::test]
async fn what_no_session_can_be_as_old_as_is_forgotten() {
    let folder = Folder::new();
    let hour = SessionLifetime::new().duration(std::time::Duration::from_secs(3_600));
    let with_file = |settings: Builder| {
        settings
            .denials_file(folder.file("denials"))
            .session_lifetime(hour.clone())
    };
    let length = || fs::metadata(folder.file("denials")).unwrap().len();
    let site = LogoutSite::with(with_file).await;
    let empty = length();
    some_over(&site).await;
    let site = site.restart(with_file);
    let full = length();
    assert!(full > empty);
    site.clock.advance(3_500);
    let site = site.restart(with_file);
    assert_eq!(length(), full);
    site.clock.advance(101);
    let _site = site.restart(with_file);
    assert_eq!(length(), empty);
}

#[tokio::test]
async fn a_logout_is_on_the_disk_when_the_issuer_hears_of_it() {
    let folder = Folder::new();
    let path = folder.file("denials");
    let site = LogoutSite::with(|settings| settings.denials_file(&path)).await;
    let mut before = fs::read(&path).unwrap();
    for number in 0..5 {
        assert_done(&site.log_out(None, Some(&number.to_string())).await);
        let after = fs::read(&path).unwrap();
        assert!(after.starts_with(&before) && after.len() > before.len());
        before = after;
    }
    // What is known takes no more of it.
    let frame = || async {
        let query = query_of(&[("iss", site.provider.issuer()), ("sid", "again and again")]);
        get(&site.app, &format!("/api/auth/frontchannel-logout{query}"), &[]).await
    };
    assert_eq!(frame().await.status, 200);
    let once = fs::read(&path).unwrap();
    for _ in 0..5 {
        assert_eq!(frame().await.status, 200);
    }
    assert_eq!(fs::read(&path).unwrap(), once);
}

#[tokio::test]
async fn nobody_can_read_who_it_was() {
    let folder = Folder::new();
    let path = folder.file("denials");
    let site = LogoutSite::with(|settings| settings.denials_file(&path)).await;
    some_over(&site).await;
    assert_done(&site.log_out(Some("mira"), Some("the-issuers-session-1")).await);
    let site = site.restart(|settings| settings.denials_file(&path));
    let bytes = fs::read(&path).unwrap();
    for known in ["mira", "the-issuers-session-1", site.provider.issuer()] {
        let parts = [
            known.as_bytes().to_vec(),
            sha256(known),
            sha256(&format!("\"{known}\"")),
        ];
        for part in &parts {
            let found = bytes.windows(part.len()).any(|window| window == part);
            assert!(!found, "{known}");
        }
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "nor can others on the machine");
    }
}

/// Its beginning.
fn sha256(text: &str) -> Vec<u8> {
    use aws_lc_rs::digest;
    digest::digest(&digest::SHA256, text.as_bytes()).as_ref()[..8].to_vec()
}
