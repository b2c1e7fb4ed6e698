//! The guarded pages, for links to them.

/// One of them.
pub(crate) struct Place {
    pub(crate) path: &'static str,
    pub(crate) name: &'static str,
    /// As it stands in the source.
    pub(crate) guard: &'static str,
    pub(crate) what: &'static str,
}

const fn place(path: &'static str, name: &'static str, guard: &'static str, what: &'static str) -> Place {
    Place {
        path,
        name,
        guard,
        what,
    }
}

pub(crate) const PLACES: &[Place] = &[
    place(
        "/dashboard",
        "Dashboard",
        "#[protect]",
        "For whoever is signed in.",
    ),
    place(
        "/admin",
        "Admin",
        r#"#[protect(groups = ["admin"])]"#,
        "For a group; others see 403.",
    ),
    place(
        "/staff",
        "Staff",
        "#[protect(groups = [Group::Admin, Group::Editor], match_all = true)]",
        "For who is in all of the groups.",
    ),
    place(
        "/imperative",
        "Imperative",
        r#"auth.protect(Protect::new().groups(["editor"])).await?"#,
        "A guard in the middle of the handler.",
    ),
    place(
        "/step-up",
        "Step-up",
        "#[protect(max_age = 60)]",
        "Asks again who you are after a minute, and comes back.",
    ),
    place(
        "/second-factor",
        "Second factor",
        r#"#[protect(acr_values = ["urn:showcase:second-factor"])]"#,
        "Asks for a better proof than the first sign-in's.",
    ),
    place(
        "/account",
        "Account",
        r#"#[protect(auth_params(prompt = "select_account"))]"#,
        "Signed out, you choose the account anew.",
    ),
    place(
        "/internal",
        "Internal",
        r#"Protect::new().groups([Group::Admin, Group::Auditor]).at("/internal")"#,
        "All that is below this path, by the layer alone.",
    ),
    place(
        "/sessions",
        "Sessions",
        "#[protect]",
        "Where you are signed in, and the end of that, for one session or for all.",
    ),
    place(
        "/events",
        "Events",
        r#"#[protect(groups = ["admin"], on_group_access_denied = not_allowed)]"#,
        "What on_event heard of late; others see a page of this site's own.",
    ),
];

/// The one at this path.
pub(crate) fn place_at(path: &str) -> Option<&'static Place> {
    PLACES.iter().find(|place| place.path == path)
}
