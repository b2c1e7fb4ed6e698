//! How the library's pages take after the application: its name, and its colour.

use crate::config::Settings;

/// What the application set of it.
pub(super) struct Look<'a> {
    pub(super) name: Option<&'a str>,
    /// `#` and three or six hexadecimal digits, as the settings demand.
    pub(super) color: Option<&'a str>,
}

impl<'a> Look<'a> {
    pub(super) fn of(settings: Option<&'a Settings>) -> Self {
        Self {
            name: settings.and_then(|settings| settings.pages.page_name.as_deref()),
            color: settings.and_then(|settings| settings.pages.page_color.as_deref()),
        }
    }

    /// A keyhole on the colour, in the page itself: a browser asks for no file then.
    pub(super) fn icon(&self) -> String {
        let color = self.color.unwrap_or("#0b57d0").trim_start_matches('#');
        let hole = self.on_color().trim_start_matches('#');
        format!(
            "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E\
             %3Crect width='32' height='32' rx='8' fill='%23{color}'/%3E\
             %3Cpath d='M16 7a5 5 0 0 0-2.5 9.3L12 25h8l-1.5-8.7A5 5 0 0 0 16 7z' fill='%23{hole}'/%3E%3C/svg%3E"
        )
    }

    /// Black or white, whichever is easier to read on the colour (WCAG 2.2, relative luminance).
    pub(super) fn on_color(&self) -> &'static str {
        let luminance = self.color.and_then(luminance).unwrap_or(0.0);
        // At this luminance the contrast to both is the same.
        if luminance > 0.179 { "#000" } else { "#fff" }
    }
}

fn luminance(color: &str) -> Option<f64> {
    let digits = color.strip_prefix('#')?;
    let width = digits.len() / 3;
    let channel = |at: usize| -> Option<f64> {
        let digits = digits.get(at * width..(at + 1) * width)?;
        let value = u8::from_str_radix(digits, 16).ok()?;
        let value = f64::from(if width == 1 { value * 17 } else { value }) / 255.0;
        Some(if value <= 0.040_45 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        })
    };
    Some(0.2126 * channel(0)? + 0.7152 * channel(1)? + 0.0722 * channel(2)?)
}

#[cfg(test)]
mod tests {
    use super::Look;

    #[test]
    fn text_on_the_colour_can_be_read() {
        for (color, text) in [
            ("#000", "#fff"),
            ("#fff", "#000"),
            ("#0a6cff", "#000"),
            ("#0b57d0", "#fff"),
            ("#ffe600", "#000"),
            ("#c00", "#fff"),
        ] {
            let look = Look {
                name: None,
                color: Some(color),
            };
            assert_eq!(look.on_color(), text, "{color}");
        }
    }
}
