//! As much HTML as the pages of providers need: forms, their controls, and links.

/// A form as a browser would send it.
#[derive(Debug, Default)]
pub(crate) struct Form {
    pub action: Option<String>,
    pub post: bool,
    id: Option<String>,
    controls: Vec<Control>,
}

#[derive(Debug)]
struct Control {
    name: String,
    value: String,
    /// A button is sent only when it is the one that was pressed.
    button: bool,
}

impl Form {
    pub(crate) fn has(&self, name: &str) -> bool {
        self.controls.iter().any(|control| control.name == name)
    }

    /// What is sent when a person fills in these fields, or presses the button of that name.
    pub(crate) fn filled(&self, fields: &[(&str, &str)]) -> Vec<(String, String)> {
        let filled = |name: &str| fields.iter().any(|(field, _)| *field == name);
        self.controls
            .iter()
            .filter(|control| !control.button && !filled(&control.name))
            .map(|control| (control.name.clone(), control.value.clone()))
            .chain(
                fields
                    .iter()
                    .map(|(name, value)| ((*name).into(), (*value).into())),
            )
            .collect()
    }
}

/// All forms of a page, in its order.
pub(crate) fn forms(page: &str) -> Vec<Form> {
    let mut forms: Vec<Form> = Vec::new();
    let mut inside = false;
    for tag in tags(page) {
        match tag.name.as_str() {
            "form" => {
                inside = true;
                forms.push(Form {
                    action: tag.attribute("action"),
                    post: tag
                        .attribute("method")
                        .is_some_and(|method| method.eq_ignore_ascii_case("post")),
                    id: tag.attribute("id"),
                    controls: Vec::new(),
                });
            }
            "/form" => inside = false,
            "input" | "button" => {
                // A control may stand outside its form and name it.
                let owner = match tag.attribute("form") {
                    Some(id) => forms.iter_mut().find(|form| form.id.as_ref() == Some(&id)),
                    None => forms.last_mut().filter(|_| inside),
                };
                if let (Some(form), Some(name)) = (owner, tag.attribute("name")) {
                    form.controls.push(Control {
                        name,
                        value: tag.attribute("value").unwrap_or_default(),
                        button: tag.name == "button" || tag.attribute("type").as_deref() == Some("submit"),
                    });
                }
            }
            _ => {}
        }
    }
    forms
}

/// The `href` of every `a`.
pub(crate) fn links(page: &str) -> Vec<String> {
    tags(page)
        .filter(|tag| tag.name == "a")
        .filter_map(|tag| tag.attribute("href"))
        .collect()
}

struct Tag {
    /// In lower case, with the slash of a closing tag.
    name: String,
    attributes: Vec<(String, String)>,
}

impl Tag {
    fn attribute(&self, name: &str) -> Option<String> {
        let (_, value) = self.attributes.iter().find(|(known, _)| known == name)?;
        Some(value.clone())
    }
}

fn tags(page: &str) -> impl Iterator<Item = Tag> {
    let mut rest = page;
    std::iter::from_fn(move || {
        let start = rest.find('<')?;
        let after = &rest[start + 1..];
        let end = after.find(|c: char| c.is_whitespace() || c == '>')?;
        let name = after[..end].to_ascii_lowercase();
        let (attributes, behind) = attributes(&after[end..]);
        // What stands in a script or a style sheet is not markup.
        let raw = ["script", "style"].contains(&name.as_str());
        rest = match raw.then(|| behind.find("</")).flatten() {
            Some(close) => &behind[close..],
            None => behind,
        };
        Some(Tag { name, attributes })
    })
}

/// The attributes up to `>`, and what comes behind it.
fn attributes(mut rest: &str) -> (Vec<(String, String)>, &str) {
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if rest.is_empty() {
            return (attributes, rest);
        }
        if let Some(behind) = rest.strip_prefix('>') {
            return (attributes, behind);
        }
        let end = rest
            .find(|c: char| c.is_whitespace() || c == '=' || c == '>')
            .unwrap_or(rest.len());
        let name = rest[..end].to_ascii_lowercase();
        rest = rest[end..].trim_start();
        let mut value = "";
        if let Some(behind) = rest.strip_prefix('=') {
            (value, rest) = attribute_value(behind.trim_start());
        } else if end == 0 {
            rest = &rest[1..];
        }
        attributes.push((name, unescaped(value)));
    }
}

fn attribute_value(rest: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(inner) = rest.strip_prefix(quote) {
            return inner.split_once(quote).unwrap_or((inner, ""));
        }
    }
    let end = rest
        .find(|c: char| c.is_whitespace() || c == '>')
        .unwrap_or(rest.len());
    rest.split_at(end)
}

fn unescaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, reference)) = rest.split_once('&') {
        text.push_str(before);
        let named = reference
            .split_once(';')
            .and_then(|(name, after)| Some((character(name)?, after)));
        let (character, after) = named.unwrap_or(('&', reference));
        text.push(character);
        rest = after;
    }
    text + rest
}

/// What a character reference stands for, by number or by one of the names that templates write.
fn character(reference: &str) -> Option<char> {
    if let Some(number) = reference.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        };
        return char::from_u32(code.ok()?);
    }
    let names = [("quot", '"'), ("lt", '<'), ("gt", '>'), ("amp", '&')];
    let found = names.into_iter().find(|(name, _)| *name == reference);
    found.map(|(_, character)| character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_sent_with_its_fields_and_only_the_pressed_button() {
        let page = r#"<style>a > b { content: "<form>" }</style>
            <FORM Action="/login?a=1&amp;b=2" METHOD=post>
              <input type="hidden" name="interaction" value="x&quot;y&#38;&#x7a; &co">
              <input name=who>
              <button name="user" value="1">One</button><button name="user" value='2' autofocus>Two</button>
            </form><input name="outside">"#;
        let forms = forms(page);
        assert_eq!(forms.len(), 1);
        assert_eq!(forms[0].action.as_deref(), Some("/login?a=1&b=2"));
        assert!(forms[0].post);
        assert!(!forms[0].has("outside"));
        let sent = forms[0].filled(&[("user", "2")]);
        let expected = [("interaction", "x\"y&z &co"), ("who", ""), ("user", "2")];
        assert_eq!(
            sent,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }

    #[test]
    fn a_button_outside_its_form_belongs_to_it() {
        let page = r#"<form id="out" method="post"></form><form id="other"></form>
            <button form="out" name="logout" value="yes">Yes</button>"#;
        let forms = forms(page);
        assert!(forms[0].has("logout"));
        assert!(!forms[1].has("logout"));
    }

    #[test]
    fn links_are_read_with_or_without_quotes() {
        let page = r#"<a href="/a?x=1&amp;y=2">A</a> <a class=b href=/b>B</a> <a>none</a>"#;
        assert_eq!(links(page), ["/a?x=1&y=2", "/b"]);
    }
}
