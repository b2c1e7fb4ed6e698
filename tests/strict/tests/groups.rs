//! What a declaration gives besides the check.
#![allow(clippy::unwrap_used)]

use std::collections::HashSet;

use strict::groups::{ParseTeamError, Team};

#[test]
fn a_group_has_a_name() {
    const NAME: &str = Team::Support.as_str();
    assert_eq!(NAME, "support");
    assert_eq!(Team::ALL, [Team::Support, Team::Operations]);
    assert_eq!(AsRef::<str>::as_ref(&Team::Operations), "operations");
    assert_eq!(
        format!("{:>9}|{:?}", Team::Support, Team::Support),
        "  support|Support"
    );
}

#[test]
fn a_name_gives_the_group() {
    assert_eq!("operations".parse(), Ok(Team::Operations));
    let error = "Operations".parse::<Team>().unwrap_err();
    assert_eq!(error.name(), "Operations");
    assert_eq!(
        error.to_string(),
        "unknown group `Operations`; known groups: `operations`, `support`"
    );
    let again: Box<dyn std::error::Error> = Box::new(error.clone());
    assert_eq!(again.downcast_ref::<ParseTeamError>(), Some(&error));
}

#[test]
fn a_group_is_a_value() {
    let all: HashSet<Team> = Team::ALL.iter().copied().collect();
    assert_eq!(all.len(), 2);
    // A derive of the application's own.
    assert!(Team::Support < Team::Operations);
}
