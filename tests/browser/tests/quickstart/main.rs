//! The quickstart as a person meets it: a process with nothing configured, and Chromium; the showcase there; and what
//! other sites can make that browser do.
#![allow(clippy::unwrap_used)]

mod browser;
mod chromedriver;
mod cross_site;
mod login_page;
mod looks;
mod pages;
mod showcase;
mod tabs;
mod whole_path;

/// Where the provider sends who has signed out. What follows is the `state` of that sign-out.
const SIGNED_OUT: &str = "/?state=";
