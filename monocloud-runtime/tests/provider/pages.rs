//! The pages: what they show, and how they are protected.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use monocloud_runtime::testing::{Endpoint, Provider, ProviderUser};
use reqwest::StatusCode;
use serde_json::json;

use crate::relying_party::*;

#[tokio::test]
async fn the_login_page_lists_people_and_cannot_be_framed() {
    let provider = Provider::builder().start().await.unwrap();
    let page = Browser::new().authorize(&provider, &[]).await;
    for text in [
        "Mira Adler",
        "tomas@example.com",
        "Lin Sato",
        "admin",
        "editor",
        "asks for no password",
    ] {
        assert!(page.body.contains(text), "{text}");
    }
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"));
    assert_eq!(page.headers["x-frame-options"], "DENY");
    assert_eq!(page.headers["cache-control"], "no-store");
    assert!(!page.body.contains("<script"));
    for cookie in page.headers.get_all("set-cookie") {
        let cookie = cookie.to_str().unwrap();
        assert!(
            cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
            "{cookie}"
        );
    }
}

#[tokio::test]
async fn what_stands_in_a_page_is_what_its_policy_allows() {
    let provider = Provider::builder().start().await.unwrap();
    let mut browser = Browser::new();
    let changes = [("response_mode", "form_post")];
    let login = browser.authorize(&provider, &changes).await;
    let back = browser.answer(&provider, &login, &[("user", "mira")]).await;
    for (page, tags) in [(login, &["style"][..]), (back, &["style", "script"])] {
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        for tag in tags {
            let (_, rest) = page.body.split_once(&format!("<{tag}>")).unwrap();
            let (text, _) = rest.split_once(&format!("</{tag}>")).unwrap();
            let hash = STANDARD.encode(digest(&SHA256, text.as_bytes()));
            assert!(policy.contains(&format!("{tag}-src 'sha256-{hash}'")), "{tag}");
        }
        assert!(!page.body.contains("style=") && !page.body.contains("onload="));
    }
}

#[tokio::test]
async fn whatever_people_are_called_is_escaped() {
    let hostile = "<script>alert('1')</script>\"&{{style}}";
    let user = ProviderUser::new(hostile)
        .name(hostile)
        .email(hostile)
        .groups([hostile]);
    let provider = Provider::builder().user(user).start().await.unwrap();
    let changes = [
        ("login_hint", "\"><img src=x>@y"),
        ("state", hostile),
        ("prompt", "create"),
    ];
    let mut browser = Browser::new();
    let page = browser.authorize(&provider, &changes).await;
    assert!(
        page.body
            .contains("&#60;script&#62;alert(&#39;1&#39;)&#60;/script&#62;&#34;&#38;{{style}}")
    );
    assert!(!page.body.contains("<script") && !page.body.contains("<img"));
    let back = browser.answer(&provider, &page, &[("user", hostile)]).await;
    assert_eq!(back.sent("state").as_deref(), Some(hostile));
    let refused = browser.authorize(&provider, &[("client_id", hostile)]).await;
    assert!(!refused.body.contains("<script"));
}

#[tokio::test]
async fn a_hint_puts_its_user_first() {
    let provider = Provider::builder().start().await.unwrap();
    for hint in ["lin", "LIN@example.com"] {
        let page = Browser::new().authorize(&provider, &[("login_hint", hint)]).await;
        let (lin, mira) = (page.body.find("Lin Sato"), page.body.find("Mira Adler"));
        assert!(lin < mira && lin.is_some());
        assert!(
            page.body
                .contains("class=\"person suggested\" name=\"user\" value=\"lin\" autofocus")
        );
    }
    let page = Browser::new()
        .authorize(&provider, &[("login_hint", "new@example.com")])
        .await;
    assert!(page.body.contains("value=\"new@example.com\""));
}

#[tokio::test]
async fn someone_new_signs_up() {
    let provider = Provider::builder().start().await.unwrap();
    let mut browser = Browser::new();
    let page = browser.authorize(&provider, &[("prompt", "create")]).await;
    assert!(page.body.contains("<details open>"));
    let wrong = [
        ("", "noor@example.com"),
        ("Noor", "nowhere"),
        ("Noor", "@example.com"),
        ("Noor", "Mira@example.com"),
    ];
    for (name, email) in wrong {
        let form = [("action", "sign_up"), ("name", name), ("email", email)];
        let again = browser.answer(&provider, &page, &form).await;
        assert_eq!(again.status, StatusCode::BAD_REQUEST, "{name} {email}");
        assert!(again.body.contains("role=\"alert\"") && again.body.contains("<details open>"));
    }
    assert_eq!(provider.users().len(), 3);
    let form = [
        ("action", "sign_up"),
        ("name", "Noor Lindqvist"),
        ("email", "noor@example.com"),
        ("groups", " admin, ,finance "),
    ];
    let back = browser.answer(&provider, &page, &form).await;
    let (_, tokens) = token(&provider, &exchange(&back.sent("code").unwrap())).await;
    let (_, user) = userinfo(&provider, &tokens).await;
    assert_eq!(user["name"], "Noor Lindqvist");
    assert_eq!(user["groups"], json!(["admin", "finance"]));
    assert_eq!(provider.users().len(), 4);
}

#[tokio::test]
async fn denying_tells_the_application() {
    let provider = Provider::builder().start().await.unwrap();
    let mut browser = Browser::new();
    let page = browser.authorize(&provider, &[]).await;
    let back = browser.answer(&provider, &page, &[("action", "deny")]).await;
    assert_eq!(back.sent("error").as_deref(), Some("access_denied"));
    assert_eq!(back.sent("state").as_deref(), Some("the state"));
}

#[tokio::test]
async fn form_post_sends_a_page_that_submits_itself() {
    let provider = Provider::builder().start().await.unwrap();
    let mut browser = Browser::new();
    let changes = [("response_mode", "form_post"), ("state", "\"><b>")];
    let page = browser.authorize(&provider, &changes).await;
    let page = browser.answer(&provider, &page, &[("user", "mira")]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.body
            .contains(&format!("method=\"post\" action=\"{CALLBACK}\""))
    );
    assert!(page.body.contains("<noscript>") && page.body.contains("value=\"&#34;&#62;&#60;b&#62;\""));
    assert_eq!(page.hidden("iss"), Some(provider.issuer()));
    let code = page.hidden("code").unwrap();
    assert_eq!(token(&provider, &exchange(code)).await.0, StatusCode::OK);

    let changes = [("response_mode", "form_post"), ("scope", "email")];
    let page = browser.authorize(&provider, &changes).await;
    assert_eq!(page.hidden("error"), Some("invalid_scope"));
}

#[tokio::test]
async fn a_login_page_is_answered_once_by_its_own_browser() {
    let provider = Provider::builder().start().await.unwrap();
    let url = provider.url(Endpoint::Login);
    let mut browser = Browser::new();
    let page = browser.authorize(&provider, &[]).await;
    let form = [
        ("interaction", page.hidden("interaction").unwrap()),
        ("user", "mira"),
    ];

    let mut stranger = Browser::new();
    assert_eq!(stranger.post(&url, &form).await.status, StatusCode::BAD_REQUEST);
    stranger.authorize(&provider, &[]).await;
    assert_eq!(stranger.post(&url, &form).await.status, StatusCode::BAD_REQUEST);
    let foreign = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "http://evil.example"),
        ("origin", "null"),
    ];
    for header in foreign {
        let page = browser.post_with(&url, &form, &[header]).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{header:?}");
    }
    let unknown = [form[0], ("user", "nobody")];
    assert_eq!(browser.post(&url, &unknown).await.status, StatusCode::BAD_REQUEST);

    let own = [("sec-fetch-site", "same-origin"), ("origin", "null")];
    assert_eq!(
        browser.post_with(&url, &form, &own).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(browser.post(&url, &form).await.status, StatusCode::BAD_REQUEST);
}
