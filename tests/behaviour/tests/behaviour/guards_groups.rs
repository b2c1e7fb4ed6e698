//! What a guard answers to who is signed in and in the wrong group.

use axum::response::{IntoResponse, Response};
use axum::routing::get as on_get;
use axum::{Json, Router};
use monocloud_runtime::settings::SessionLifetime;
use monocloud_runtime::testing::{ProviderUser, session_cookie};
use monocloud_runtime::{Auth, Denied, DeniedReason, MonoCloud, User, protect, protect_api};
use serde_json::{Value, json};

use crate::Group;
use crate::fixtures::{Answer, app, at_rest, get, lin, mira, settings};

async fn ask(app: &Router, auth: &MonoCloud, path: &str, user: ProviderUser) -> Answer {
    get(app, path, &[("cookie", &session_cookie(auth, user))]).await
}

/// A user whose `groups` claim is this.
fn with_claim(name: &str, value: Value) -> ProviderUser {
    ProviderUser::new("someone").claim(name, value)
}

#[tokio::test]
async fn an_api_answers_403_with_this_body_and_no_other() {
    let (auth, _) = at_rest(settings());
    let answer = ask(&app(&auth), &auth, "/api/admin", lin()).await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.body, r#"{"message":"forbidden"}"#);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("private, no-store"));
}

#[tokio::test]
async fn a_page_says_access_denied_and_never_redirects() {
    let (auth, _) = at_rest(settings());
    let answer = ask(&app(&auth), &auth, "/admin", lin()).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (403, None));
    assert!(answer.body.contains("Access denied"), "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert!(
        answer
            .header("content-security-policy")
            .unwrap()
            .contains("default-src 'none'")
    );
}

#[protect(groups = ["admin", "editor"])]
async fn any_of_two() {}

#[protect(groups = ["admin", "editor"], match_all = true)]
async fn all_of_two() {}

#[protect(groups = [Group::Finance])]
async fn by_variant() {}

#[protect(groups = ["admin"], groups_claim = "https://example.com/roles")]
async fn by_other_claim() {}

#[protect_api(groups = ["537e7c3d-a442-4b5b-b308-30837aa045a4"])]
async fn by_id() {}

fn groups_app(auth: &MonoCloud) -> Router {
    Router::new()
        .route("/any", on_get(any_of_two))
        .route("/all", on_get(all_of_two))
        .route("/variant", on_get(by_variant))
        .route("/claim", on_get(by_other_claim))
        .route("/id", on_get(by_id))
        .layer(auth.layer())
}

#[tokio::test]
async fn whatever_is_no_clear_yes_is_a_no() {
    let (auth, _) = at_rest(settings());
    let app = groups_app(&auth);
    for claim in [
        json!(null),
        json!([]),
        json!({}),
        json!(true),
        json!(7),
        json!(""),
        json!("admins"),
        json!("Admin"),
        json!(" admin"),
        json!("admin,editor"),
        json!("admin editor"),
        json!(["Admin", "ADMIN", "admin ", "", null, 1, true]),
        json!([["admin"]]),
        json!({"admin": false}),
        json!({"groups": ["admin"]}),
        json!([{"id": ["admin"]}, {"name": {"name": "admin"}}, {"title": "admin"}]),
        json!([{"id": null, "name": null}]),
    ] {
        let answer = ask(&app, &auth, "/any", with_claim("groups", claim.clone())).await;
        assert_eq!(answer.status, 403, "{claim}");
    }
    for elsewhere in ["group", "roles", "Groups", "https://example.com/groups"] {
        let user = with_claim(elsewhere, json!(["admin"]));
        assert_eq!(ask(&app, &auth, "/any", user).await.status, 403, "{elsewhere}");
    }
}

#[tokio::test]
async fn match_all_needs_all() {
    let (auth, _) = at_rest(settings());
    let app = groups_app(&auth);
    for (groups, any, all) in [
        (json!(["admin"]), 200, 403),
        (json!(["editor", "other"]), 200, 403),
        (json!(["other"]), 403, 403),
        (json!(["editor", "admin"]), 200, 200),
        (json!([{"id": "1", "name": "admin"}, "editor"]), 200, 200),
    ] {
        let user = with_claim("groups", groups.clone());
        assert_eq!(
            ask(&app, &auth, "/any", user.clone()).await.status,
            any,
            "{groups}"
        );
        assert_eq!(ask(&app, &auth, "/all", user).await.status, all, "{groups}");
    }
}

#[tokio::test]
async fn a_group_is_named_by_its_id_or_its_name() {
    let (auth, _) = at_rest(settings());
    let app = groups_app(&auth);
    let id = Group::Finance.as_str();
    for groups in [
        json!([id]),
        json!(id),
        json!([{"id": id, "name": "Finance"}]),
        json!([{"name": id}]),
    ] {
        let user = with_claim("groups", groups.clone());
        assert_eq!(
            ask(&app, &auth, "/variant", user.clone()).await.status,
            200,
            "{groups}"
        );
        assert_eq!(ask(&app, &auth, "/id", user).await.status, 200, "{groups}");
    }
    let named = with_claim("groups", json!([{"id": "1", "name": "Finance"}]));
    assert_eq!(ask(&app, &auth, "/variant", named).await.status, 403);
}

#[tokio::test]
async fn the_guards_claim_wins_over_the_configured_one() {
    let (auth, _) = at_rest(settings().groups_claim("teams"));
    let app = groups_app(&auth);
    let other = "https://example.com/roles";
    assert_eq!(
        ask(&app, &auth, "/claim", with_claim(other, json!(["admin"])))
            .await
            .status,
        200
    );
    assert_eq!(
        ask(&app, &auth, "/claim", with_claim("teams", json!(["admin"])))
            .await
            .status,
        403
    );
    assert_eq!(
        ask(&app, &auth, "/any", with_claim("teams", json!(["admin"])))
            .await
            .status,
        200
    );
    assert_eq!(
        ask(&app, &auth, "/any", with_claim("groups", json!(["admin"])))
            .await
            .status,
        403
    );
}

#[tokio::test]
async fn users_and_auth_read_the_configured_claim_too_also_after_an_update() {
    let (auth, _) = at_rest(settings().groups_claim("teams"));
    let app: Router = Router::new()
        .route(
            "/",
            on_get(|auth: Auth, user: User| async move {
                let before = (user.is_in_group("admin"), auth.is_user_in_group(["admin"]).await);
                let mut session = auth.session().await.unwrap();
                let user = User::from_claims(session.user().to_claims());
                session.set_user(&user).unwrap();
                auth.update_session(session).await.unwrap();
                let user = auth.session().await.unwrap().user().clone();
                let after = (user.is_in_group("admin"), auth.is_user_in_group(["admin"]).await);
                let others = auth.is_user_in_group(Vec::<String>::new()).await;
                Json((
                    before,
                    after,
                    user.groups()
                        .map(std::borrow::Cow::into_owned)
                        .collect::<Vec<_>>(),
                    others,
                ))
            }),
        )
        .layer(auth.layer());
    let user = with_claim("teams", json!(["admin"])).claim("groups", json!(["editor"]));
    let answer = ask(&app, &auth, "/", user).await;
    assert_eq!(
        answer.json(),
        json!([[true, true], [true, true], ["admin"], false])
    );
}

#[tokio::test]
async fn users_and_auth_read_another_claim_where_they_are_told_its_name() {
    let (auth, _) = at_rest(settings());
    let app: Router = Router::new()
        .route(
            "/",
            on_get(|auth: Auth, user: User| async move {
                let mut said = Vec::new();
                for claim in ["groups", "roles", "realm.roles", "nothing"] {
                    let (auth, user) = (auth.with_groups_claim(claim), user.with_groups_claim(claim));
                    said.push([
                        auth.is_user_in_group(["admin"]).await,
                        auth.is_in_any(["admin", "other"]).await,
                        auth.is_in_all(["admin", "editor"]).await,
                    ]);
                    let of_user = [
                        user.is_in_group("admin"),
                        user.is_in_any(["admin", "other"]),
                        user.is_in_all(["admin", "editor"]),
                    ];
                    assert_eq!(said.last(), Some(&of_user), "{claim}");
                }
                assert!(!auth.is_in_any(["admin"]).await, "the handle itself stays");
                Json(said)
            }),
        )
        .layer(auth.layer());
    let user = with_claim("groups", json!(["editor"]))
        .claim("roles", json!(["admin"]))
        .claim("realm", json!({"roles": ["admin", "editor"]}));
    assert_eq!(
        ask(&app, &auth, "/", user).await.json(),
        json!([
            [false, false, false],
            [true, true, false],
            [true, true, true],
            [false, false, false]
        ])
    );
}

async fn sorry(denied: Denied) -> Response {
    assert_eq!(denied.reason(), DeniedReason::WrongGroup);
    let name = denied.user().and_then(User::name).unwrap_or_default().to_owned();
    (
        http::StatusCode::FORBIDDEN,
        format!("{name} is not in {:?}", denied.groups()),
    )
        .into_response()
}

async fn the_default(denied: Denied) -> Denied {
    denied
}

async fn nobody(_: Denied) -> Response {
    panic!("this is for who is signed out");
}

#[protect(groups = ["admin"], on_group_access_denied = sorry, on_access_denied = nobody)]
async fn with_handler() -> &'static str {
    "inside"
}

#[protect(groups = ["admin"], on_group_access_denied = the_default)]
async fn page_default() {}

#[protect_api(groups = ["admin"], on_group_access_denied = the_default)]
async fn api_default() {}

#[tokio::test]
async fn on_group_access_denied_answers_who_is_in_the_wrong_group_and_cookies_are_still_written() {
    if crate::IN_STORE {
        return; // It is about what is in the cookies.
    }
    let (auth, clock) = at_rest(settings().session_lifetime(SessionLifetime::new().sliding(true)));
    let app: Router = Router::new()
        .route("/page", on_get(with_handler))
        .route("/default", on_get(page_default))
        .route("/api", on_get(api_default))
        .layer(auth.layer());
    let cookie = session_cookie(&auth, lin());
    clock.advance(3_600);
    let custom = get(&app, "/page", &[("cookie", &cookie)]).await;
    assert_eq!(
        (custom.status.as_u16(), custom.body.as_str()),
        (403, "Lin Sato is not in [\"admin\"]")
    );
    let page = get(&app, "/default", &[("cookie", &cookie)]).await;
    assert!(
        page.status == 403 && page.body.contains("Access denied"),
        "{page:?}"
    );
    let api = get(&app, "/api", &[("cookie", &cookie)]).await;
    assert_eq!(
        (api.status.as_u16(), api.body.as_str()),
        (403, r#"{"message":"forbidden"}"#)
    );
    for answer in [custom, page, api] {
        assert!(
            answer.cookie("session").is_some_and(|slid| !slid.deletes()),
            "{answer:?}"
        );
    }
    assert_eq!(ask(&app, &auth, "/page", mira()).await.body, "inside");
}
