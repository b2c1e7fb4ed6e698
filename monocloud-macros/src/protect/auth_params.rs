//! `auth_params(…)`: what the sign-ins ask for to which a guard sends.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::LitStr;

use super::auth_params_rules as rules;
use super::step_up;
use crate::arguments::{Arguments, Key, Vocabulary};
use crate::errors::Errors;

const VOCABULARY: Vocabulary = Vocabulary {
    owner: "auth_params",
    keys: &[
        key("prompt", r#""login""#),
        key("scopes", r#""openid profile orders""#),
        key("resource", r#""https://api.example.com""#),
        key("audience", r#""orders""#),
        key("display", r#""page""#),
        key("ui_locales", r#""en de""#),
        key("acr_values", r#""urn:example:mfa""#),
        key("authenticator_hint", r#""passkey""#),
        key("max_age", "300"),
        key("login_hint", r#""mira@example.com""#),
        key("id_token_hint", r#""…""#),
        key("response_mode", r#""form_post""#),
    ],
    synonyms: &[
        ("scope", "scopes"),
        ("resources", "resource"),
        ("acr", "acr_values"),
        ("locale", "ui_locales"),
        ("locales", "ui_locales"),
        ("connection", "authenticator_hint"),
    ],
    refused: &[&[
        ("return_url", OF_THE_GUARD),
        ("groups", OF_THE_GUARD),
        ("on_access_denied", OF_THE_GUARD),
        ("client_id", OF_THE_CLIENT),
        ("redirect_uri", OF_THE_CLIENT),
        ("response_type", OF_THE_CLIENT),
        ("state", OF_THE_CLIENT),
        ("nonce", OF_THE_CLIENT),
        ("code_challenge", OF_THE_CLIENT),
        ("code_challenge_method", OF_THE_CLIENT),
        ("request", OF_THE_CLIENT),
        ("request_uri", OF_THE_CLIENT),
    ]],
};

const OF_THE_GUARD: &str =
    "this is an option of the guard; write it outside of the parentheses of `auth_params`";
const OF_THE_CLIENT: &str = "this is not for a guard to say, the client makes it; remove it";

const fn key(name: &'static str, example: &'static str) -> Key {
    Key { name, example }
}

/// The parameters, as the fields of the runtime's `GuardParams`.
#[derive(Default)]
pub(super) struct AuthParams {
    fields: Vec<(&'static str, TokenStream)>,
}

/// What the guard itself asks for, and so no parameter may say differently.
pub(super) struct OfGuard {
    pub(super) max_age: bool,
    pub(super) acr_values: bool,
}

impl AuthParams {
    /// Takes them, where there are any.
    pub(super) fn take(arguments: &mut Arguments<'_>, guard: &OfGuard, errors: &Errors) -> Option<Self> {
        let (key, tokens) = arguments.take_nested("auth_params")?;
        if tokens.is_empty() {
            errors.at(
                key,
                "`auth_params` is empty, so it says nothing; write `auth_params(prompt = \"login\")`, or remove it",
            );
            return None;
        }
        let mut params = Arguments::parse(tokens, &VOCABULARY, errors);
        guard.check(&params, errors);
        let mut found = Self::default();
        for (name, rule) in rules::OF_TEXTS {
            let text = params.take_string(name);
            if let Some(text) = text.filter(|text| is_usable(name, *rule, text, errors)) {
                guard.check_prompt(name, &text, errors);
                found.fields.push((name, quote!(#text)));
            }
        }
        if let Some((literal, seconds)) = params.take_number("max_age", "seconds") {
            step_up::check_most(&literal, seconds, errors);
            found.fields.push(("max_age", quote!(#literal)));
        }
        if let Some(mode) = params.take_string("response_mode") {
            found.fields.extend(response_mode(&mode, errors));
        }
        Some(found)
    }

    /// `&GuardParams { prompt: Some("login"), ..GuardParams::NONE }`
    pub(super) fn expand(&self, private: &TokenStream) -> TokenStream {
        let site = Span::mixed_site();
        let fields = self.fields.iter().map(|(name, value)| {
            let field = Ident::new(name, site);
            let value = if *name == "response_mode" {
                quote_spanned!(site=> #private::ResponseMode::#value)
            } else {
                value.clone()
            };
            quote_spanned!(site=> #field: ::core::option::Option::Some(#value),)
        });
        // Clippy has no use for defaults where nothing is left to them.
        let defaults = (self.fields.len() < VOCABULARY.keys.len())
            .then(|| quote_spanned!(site=> ..#private::GuardParams::NONE));
        quote_spanned!(site=> &#private::GuardParams { #(#fields)* #defaults })
    }
}

// One rule each.

impl OfGuard {
    fn check(&self, params: &Arguments<'_>, errors: &Errors) {
        for (name, is_given) in [("max_age", self.max_age), ("acr_values", self.acr_values)] {
            if is_given && let Some(key) = params.key(name) {
                errors.at(
                    key,
                    format!("`{name}` of the guard is asked for by itself; remove this one"),
                );
            }
        }
    }

    fn check_prompt(&self, name: &str, text: &LitStr, errors: &Errors) {
        if name == "prompt" && text.value() == "none" && (self.max_age || self.acr_values) {
            errors.at(
                text,
                "`prompt = \"none\"` lets the issuer ask nobody, so `max_age` and `acr_values` could not be met; remove it",
            );
        }
    }
}

fn is_usable(name: &str, rule: rules::Rule, text: &LitStr, errors: &Errors) -> bool {
    let problem = rules::one_line(&text.value()).or_else(|| rule(&text.value()));
    if let Some(problem) = &problem {
        errors.at(text, format!("`{name}` {problem}"));
    }
    problem.is_none()
}

fn response_mode(mode: &LitStr, errors: &Errors) -> Option<(&'static str, TokenStream)> {
    let variant = match mode.value().as_str() {
        "query" => "Query",
        "form_post" => "FormPost",
        _ => {
            errors.at(
                mode,
                "`response_mode` is `\"query\"` or `\"form_post\"`; write `response_mode = \"form_post\"`",
            );
            return None;
        }
    };
    let variant = Ident::new(variant, Span::mixed_site());
    Some(("response_mode", variant.to_token_stream()))
}
