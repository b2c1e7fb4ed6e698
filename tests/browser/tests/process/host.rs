//! Whether it says that others can reach it.

use browser::{Quickstart, TemporaryFolder, free_port};

const WARNING: &str = "HOST opens this site to the network";

const REAL_ISSUER: [(&str, &str); 5] = [
    ("MONOCLOUD_AUTH_TENANT_DOMAIN", "https://acme.us.monocloud.com"),
    ("MONOCLOUD_AUTH_CLIENT_ID", "app"),
    ("MONOCLOUD_AUTH_CLIENT_SECRET", "9f86d081884c7d659a2feaa0c55ad015"),
    ("MONOCLOUD_AUTH_APP_URL", "http://localhost:3000"),
    (
        "MONOCLOUD_AUTH_COOKIE_SECRET",
        "3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b",
    ),
];

#[test]
fn an_embedded_provider_that_the_network_reaches_is_told() {
    for host in ["0.0.0.0", "::"] {
        let printed = printed(&[("HOST", host)]);
        let line = printed.lines().find(|line| line.contains(WARNING));
        let line = line.unwrap_or_else(|| panic!("HOST={host}:\n{printed}"));
        assert!(
            line.contains("WARN") && line.contains("embedded provider"),
            "{line}"
        );
    }
}

#[test]
fn on_this_machine_alone_there_is_nothing_to_tell() {
    for variables in [&[][..], &[("HOST", "localhost")], &[("HOST", "")]] {
        let printed = printed(variables);
        assert!(!printed.contains(WARNING), "{printed}");
    }
}

#[test]
fn with_a_real_issuer_there_is_nothing_to_tell() {
    let variables: Vec<_> = REAL_ISSUER.into_iter().chain([("HOST", "0.0.0.0")]).collect();
    let printed = printed(&variables);
    assert!(!printed.contains(WARNING), "{printed}");
}

/// All that it prints from start to stop.
fn printed(variables: &[(&str, &str)]) -> String {
    let port = free_port().to_string();
    let variables: Vec<_> = variables.iter().copied().chain([("PORT", &*port)]).collect();
    Quickstart::start_in(TemporaryFolder::new(), &variables)
        .stop("TERM")
        .printed
}
