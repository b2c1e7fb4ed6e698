//! What a macro understands, and what people write in place of it.

use proc_macro2::{Ident, TokenStream};

use crate::code_points;
use crate::errors::Errors;
use crate::suggest::{did_you_mean, list, nearest};

/// The options of a macro.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    /// The macro as people write it, `#[protect]` or `monocloud_routes!`.
    pub(crate) owner: &'static str,
    /// The most usual key stands first: it is the example in messages.
    pub(crate) keys: &'static [Key],
    /// What a key is called elsewhere, and what it is called here. `returnUrl` for `return_url` goes
    /// without saying.
    pub(crate) synonyms: &'static [(&'static str, &'static str)],
    /// Keys that people will try, each with the reason why it is none.
    pub(crate) refused: &'static [&'static [(&'static str, &'static str)]],
}

/// A key that a macro knows.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    /// What to write after `=`, for messages; in parentheses for a key that takes a list of its own.
    pub(crate) example: &'static str,
}

/// A key as it was written.
pub(super) struct WrittenKey {
    pub(super) first: Ident,
    /// All of it: `return-url` is several tokens.
    pub(super) tokens: TokenStream,
}

/// The key that was meant.
pub(super) enum Meant {
    Exactly(&'static str),
    /// Something else was written, which has been reported.
    Probably(&'static str),
    Nothing,
}

impl Vocabulary {
    /// What to write after `name =`.
    pub(super) fn example(&self, name: &str) -> &'static str {
        self.keys
            .iter()
            .find(|key| key.name == name)
            .map_or("…", |key| key.example)
    }

    /// Whether what is meant stands in parentheses, as a list of its own.
    pub(super) fn is_nested(&self, name: &str) -> bool {
        self.example(name).starts_with('(')
    }

    /// `groups = ["admin"]`, `auth_params(prompt = "login")`
    pub(super) fn written(&self, name: &str) -> String {
        let example = self.example(name);
        let equals = if self.is_nested(name) { "" } else { " = " };
        format!("{name}{equals}{example}")
    }

    /// The most usual option.
    pub(super) fn usual(&self) -> String {
        self.keys
            .first()
            .map(|key| self.written(key.name))
            .unwrap_or_default()
    }

    /// Finds the key that `written` means, and reports it if it is another. `has_value` is whether
    /// something follows it.
    pub(super) fn find(&self, written: &WrittenKey, has_value: bool, errors: &Errors) -> Meant {
        let name = written.tokens.to_string().replace(' ', "");
        if let Some(key) = self.key(&name) {
            return Meant::Exactly(key);
        }
        let snake = snake_case(&name);
        let refused = self.refused.iter().copied().flatten();
        if let Some((_, reason)) = refused.into_iter().find(|(other, _)| *other == snake) {
            errors.at(&written.tokens, reason);
            return Meant::Nothing;
        }
        if let Some(key) = self.key(&snake).or_else(|| self.synonym(&snake)) {
            let write = self.written(key);
            errors.at(
                &written.tokens,
                format!("`{name}` is called `{key}` here; write `{write}`"),
            );
            return Meant::Probably(key);
        }
        let plain = code_points::plain(&name);
        let guess = nearest(&plain, self.keys.iter().map(|key| key.name));
        if guess.is_none() && !has_value {
            errors.at(&written.tokens, self.has_no_name());
            return Meant::Nothing;
        }
        errors.at(
            &written.tokens,
            format!(
                "unknown option `{name}`{}{}\n`{}` knows {}",
                did_you_mean(guess),
                code_points::remark(&name, guess),
                self.owner,
                list(self.keys.iter().map(|key| key.name))
            ),
        );
        let guess = guess.and_then(|guess| self.key(guess));
        guess.map_or(Meant::Nothing, Meant::Probably)
    }

    /// What to say about a value that stands alone.
    pub(super) fn has_no_name(&self) -> String {
        format!(
            "options of `{}` have a name; for example `{}`",
            self.owner,
            self.usual()
        )
    }

    fn key(&self, name: &str) -> Option<&'static str> {
        let key = self.keys.iter().find(|key| key.name == name);
        key.map(|key| key.name)
    }

    fn synonym(&self, name: &str) -> Option<&'static str> {
        let found = self.synonyms.iter().find(|(other, _)| *other == name);
        found.map(|(_, key)| *key)
    }
}

/// `returnUrl`, `ReturnURL`, `RETURN_URL` and `return-url` give `return_url`.
fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    let mut after_lower = false;
    for letter in name.chars() {
        if letter == '-' {
            snake.push('_');
        } else {
            if letter.is_uppercase() && after_lower {
                snake.push('_');
            }
            snake.extend(letter.to_lowercase());
        }
        after_lower = letter.is_lowercase() || letter.is_numeric();
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_ways_to_write_a_name() {
        for name in ["return_url", "returnUrl", "ReturnURL", "RETURN_URL", "return-url"] {
            assert_eq!(snake_case(name), "return_url");
        }
    }
}
