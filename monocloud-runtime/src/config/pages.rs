//! How the library's own pages look.

use super::kind::{Kind, Prose, Text};
use super::rules::{Check, optional};
use super::setting::settings;
use super::sources::Sources;

settings! {
    in pages() -> Pages;

    /// The application's name on the library's own pages, up to 100 characters. `MONOCLOUD_AUTH_PAGE_NAME`.
    page_name: Prose = "MONOCLOUD_AUTH_PAGE_NAME",
        optional(name) => Option<String>;

    /// The colour of links and buttons on the library's own pages, as `#rgb` or `#rrggbb`.
    /// `MONOCLOUD_AUTH_PAGE_COLOR`.
    page_color: Text = "MONOCLOUD_AUTH_PAGE_COLOR",
        optional(color) => Option<String>;
}

fn name(value: &str) -> Result<String, String> {
    if value.trim().is_empty() || value.chars().count() > 100 {
        return Err("write a name of up to 100 characters, such as Acme Orders".to_owned());
    }
    Ok(value.to_owned())
}

/// It goes into a style sheet, so nothing else gets through.
fn color(value: &str) -> Result<String, String> {
    let digits = value.strip_prefix('#').unwrap_or_default();
    if matches!(digits.len(), 3 | 6) && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(value.to_owned());
    }
    Err("it is not a colour; write one like #0a6cff".to_owned())
}
