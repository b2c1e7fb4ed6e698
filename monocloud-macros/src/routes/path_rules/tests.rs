//! Against the router itself.

use axum::Router;
use axum::routing::get;

use super::*;

/// Every text of at most so many of these characters that begins with `/`.
fn texts(characters: &[char], longest: usize) -> Vec<String> {
    let mut texts = vec!["/".to_owned()];
    let mut from = 0;
    for _ in 1..longest {
        let to = texts.len();
        for at in from..to {
            let text = texts[at].clone();
            texts.extend(characters.iter().map(|c| format!("{text}{c}")));
        }
        from = to;
    }
    texts
}

#[test]
fn what_the_router_refuses_is_refused() {
    std::panic::set_hook(Box::new(|_| {}));
    let mut refused = 0;
    for path in texts(&['/', 'a', '{', '}', '*', ':'], 6) {
        let taken = std::panic::catch_unwind(|| Router::<()>::new().route(&path, get(|| async {})));
        refused += usize::from(taken.is_err());
        assert!(
            taken.is_ok() || wrong(&path).is_some(),
            "{path} stops the program when it starts"
        );
    }
    let _ = std::panic::take_hook();
    assert!(refused > 1_000, "{refused}");
}

#[test]
fn what_to_write_is_a_path() {
    for (path, expected) in [
        ("", "/"),
        ("admin", "/admin"),
        ("./admin", "/admin"),
        ("https://example.com/a?b", "/a?b"),
        ("https://example.com", "/"),
        ("/orders/:id", "/orders/{id}"),
        ("/orders/:id/lines/:line", "/orders/{id}/lines/{line}"),
        ("/:", "/{id}"),
        ("/files/*", "/files/{*rest}"),
        ("/files/*path", "/files/{*path}"),
        ("/files/**", "/files/{*rest}"),
        ("/orders/<id>", "/orders/{id}"),
        ("/orders/<int:id>", "/orders/{id}"),
        ("/files/<path..>", "/files/{*path}"),
        ("/orders/[id]", "/orders/{id}"),
        ("/files/[...path]", "/files/{*path}"),
        ("/orders/{}", "/orders/{id}"),
        ("/files/{*}", "/files/{*rest}"),
        ("/files/{path*}", "/files/{*path}"),
        ("/files/{**path}", "/files/{*path}"),
        ("/files/{path..}", "/files/{*path}"),
        ("/orders/{id?}", "/orders/{id}"),
        ("/orders/{id:[0-9]+}", "/orders/{id}"),
        ("/files/{path:.*}", "/files/{*path}"),
        ("/search?q={q}", "/search"),
        ("/page#top", "/page"),
        ("/pictures/{name}.png", "/pictures/{name}"),
        ("/{from}-{to}", "/{from}"),
        ("/files/{*path}/edit", "/files/{*path}"),
        ("/über uns", "/%C3%BCber%20uns"),
    ] {
        let Wrong { what, write } = wrong(path).expect(path);
        assert!(
            write.starts_with(&format!("write `\"{expected}\"`")),
            "{path}: {what}; {write}"
        );
    }
    for path in ["/a}", "/{a", "/{a/b}", "/{a/{b}", "/a\u{200b}b"] {
        assert!(wrong(path).is_some(), "{path}");
    }
    assert!(wrong(&"/{id}".repeat(25)).is_none() && wrong(&"/{id}".repeat(26)).is_some());
}

#[test]
fn paths_of_the_router_are_taken() {
    for path in [
        "/",
        "/admin",
        "/admin/",
        "/a//b",
        "/.well-known/security.txt",
        "/@{name}",
        "/orders/{id}/lines/{line}",
        "/{größe}",
        "/files/{*path}",
        "/files/v-{version}",
        "/{{literal}}/{id}",
        "/at/12:30",
        "/%C3%BCber",
        "/$metadata",
    ] {
        assert_eq!(wrong(path), None, "{path}");
    }
}
