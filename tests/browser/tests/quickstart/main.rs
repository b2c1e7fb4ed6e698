//! The quickstart as a person meets it: a process with nothing configured, and Chromium.
#![allow(clippy::unwrap_used)]

mod browser;
mod chromedriver;
mod login_page;
mod looks;
mod process;
mod tabs;
mod whole_path;
