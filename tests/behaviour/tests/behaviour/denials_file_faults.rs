//! A file of denials that cannot be used, at the start or later: nothing is forgotten in silence.

use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::fixtures::{
    Folder, LogoutSite, ORIGIN, SECRET, assert_done, assert_refused, get, logged, post_logout, query_of,
    settings,
};
use crate::settings_problems::problems_of;

const VARIABLE: &str = "MONOCLOUD_AUTH_DENIALS_FILE";

#[tokio::test]
async fn a_write_that_fails_is_400_and_the_logout_holds() {
    let folder = Folder::new();
    let (there, away) = (folder.path().join("there"), folder.path().join("away"));
    fs::create_dir(&there).unwrap();
    let path = there.join("denials").to_str().unwrap().to_owned();
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let site = LogoutSite::with(|settings| {
        settings.denials_file(&path).on_back_channel_logout(move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
            async { Ok(()) }
        })
    })
    .await;
    let browser = site.signed_in("mira").await;
    let (cookies, sid) = (browser.cookies(), site.sid(&browser));
    drop(browser);
    let token = site.provider.logout_token(None, Some(&sid));
    fs::rename(&there, &away).unwrap();
    for _ in 0..2 {
        let (answer, log) = logged(post_logout(&site.app, &token)).await;
        assert_refused(&answer);
        assert!(log.contains("ERROR") && log.contains("logout_not_kept"), "{log}");
        assert!(log.contains(VARIABLE), "{log}");
        let page = get(&site.app, "/page", &[("cookie", &cookies)]).await;
        assert_eq!(page.status, 303, "it holds until a restart");
    }
    let query = query_of(&[("iss", site.provider.issuer()), ("sid", "another")]);
    let frame = get(&site.app, &format!("/api/auth/frontchannel-logout{query}"), &[]).await;
    assert_eq!(frame.status, 500);
    assert_eq!(
        calls.load(Ordering::SeqCst),
        0,
        "the application hears of what is done"
    );
    fs::rename(&away, &there).unwrap();
    assert_done(&post_logout(&site.app, &token).await);
    assert_refused(&post_logout(&site.app, &token).await);
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    let site = site.restart(|settings| settings.denials_file(&path));
    let page = get(&site.app, "/page", &[("cookie", &cookies)]).await;
    assert_eq!(page.status, 303);
}

#[tokio::test]
async fn a_file_that_is_removed_comes_back_with_all_that_is_denied() {
    let folder = Folder::new();
    let path = folder.file("denials");
    let site = LogoutSite::with(|settings| settings.denials_file(&path)).await;
    let one = site.signed_in("mira").await;
    let (cookies, sid) = (one.cookies(), site.sid(&one));
    drop(one);
    assert_done(&site.log_out(None, Some(&sid)).await);
    fs::remove_file(&path).unwrap();
    assert_done(&site.log_out(None, Some("another")).await);
    let site = site.restart(|settings| settings.denials_file(&path));
    let page = get(&site.app, "/page", &[("cookie", &cookies)]).await;
    assert_eq!(page.status, 303);
}

#[tokio::test]
async fn what_is_damaged_is_a_problem_at_the_start() {
    let folder = Folder::new();
    let path = folder.file("denials");
    let site = LogoutSite::with(|settings| settings.denials_file(&path)).await;
    for number in 0..3 {
        assert_done(&site.log_out(None, Some(&number.to_string())).await);
    }
    drop(site);
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let problems = problems_of(settings().denials_file(&path));
    let [problem] = &problems[..] else {
        panic!("{problems:?}");
    };
    assert!(
        problem.starts_with(&format!("{VARIABLE}: it is damaged")),
        "{problem}"
    );
    assert!(problem.contains("MONOCLOUD_AUTH_COOKIE_SECRET"), "{problem}");
    assert_eq!(fs::read(&path).unwrap(), bytes, "and it is left as it is");
}

#[test]
fn a_path_that_leads_nowhere_is_a_problem_at_the_start() {
    let folder = Folder::new();
    for (path, expected) in [
        (folder.file("nowhere/denials"), "in a folder that is there"),
        (folder.file("x/"), "write one like /var/lib/"),
        ("..".to_owned(), "write one like /var/lib/"),
        (folder.file("<path>"), "placeholder"),
    ] {
        let problems = problems_of(settings().denials_file(&path));
        assert!(
            problems.len() == 1 && problems[0].contains(VARIABLE) && problems[0].contains(expected),
            "{path}: {problems:?}"
        );
    }
}

#[test]
fn several_processes_have_no_file_together() {
    let folder = Folder::new();
    let problems = problems_of(
        settings()
            .denials_file(folder.file("denials"))
            .multiple_instances(true),
    );
    assert!(
        problems.len() == 1 && problems[0].contains(VARIABLE) && problems[0].contains("Redis"),
        "{problems:?}"
    );
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        0,
        "nothing was touched"
    );
}

#[test]
fn a_second_process_is_refused() {
    let folder = Folder::new();
    let path = folder.file("denials");
    let start = || {
        let output = Command::new(env!("CARGO_BIN_EXE_from_env"))
            .env_clear()
            .env("MONOCLOUD_AUTH_TENANT_DOMAIN", "http://127.0.0.1:9")
            .env("MONOCLOUD_AUTH_CLIENT_ID", "app")
            .env("MONOCLOUD_AUTH_CLIENT_SECRET", "the-client's-secret")
            .env("MONOCLOUD_AUTH_APP_URL", ORIGIN)
            .env("MONOCLOUD_AUTH_COOKIE_SECRET", SECRET)
            .env(VARIABLE, &path)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        (output.status.success(), said)
    };
    let first = settings().denials_file(&path).build().unwrap();
    let (starts, said) = start();
    assert!(
        !starts && said.contains(&format!("{VARIABLE}: another process has it open")),
        "{said}"
    );
    assert!(said.contains("Redis"), "{said}");
    drop(first);
    let (starts, said) = start();
    assert!(starts, "{said}");
    // One that has ended, however, holds nothing.
    assert!(settings().denials_file(&path).build().is_ok());
}
