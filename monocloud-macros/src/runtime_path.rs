//! Where an expansion finds the runtime crate.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Path;

use crate::errors::Errors;
use crate::manifest;

/// `::monocloud_runtime`, or what `crate = ::path` or the manifest says.
pub(crate) struct RuntimePath(Option<Path>);

impl RuntimePath {
    /// Takes the path that the user gave. It must be absolute, because the expansion also stands
    /// where relative names mean something else.
    pub(crate) fn new(given: Option<Path>, errors: &Errors) -> Self {
        if let Some(path) = given.as_ref().filter(|path| !is_absolute(path)) {
            let written = path.to_token_stream().to_string().replace(' ', "");
            errors.at(
                path,
                format!("`crate` is an absolute path; write `crate = ::{written}`"),
            );
        }
        Self(given)
    }

    /// The one module of the runtime that macros may name.
    pub(crate) fn private(&self) -> TokenStream {
        self.private_at(Span::mixed_site())
    }

    /// The same, at the place of what a message is to point at.
    pub(crate) fn private_at(&self, at: Span) -> TokenStream {
        let Self(path) = self;
        if let Some(path) = path {
            return quote_spanned!(at=> #path::__private);
        }
        let name = manifest::renamed("monocloud-runtime");
        let name = Ident::new(name.as_deref().unwrap_or("monocloud_runtime"), at);
        quote_spanned!(at=> ::#name::__private)
    }
}

fn is_absolute(path: &Path) -> bool {
    path.leading_colon.is_some()
        || path
            .segments
            .first()
            .is_some_and(|first| first.ident == "crate" || first.ident == "$crate")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(path: &str) -> Vec<String> {
        let errors = Errors::new();
        let path: Path = syn::parse_str(path).expect("a path");
        let private = RuntimePath::new(Some(path), &errors).private();
        assert!(private.to_string().ends_with(":: __private"));
        errors.finish().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn takes_absolute_paths_only() {
        assert!(messages("::my_runtime").is_empty());
        assert!(messages("crate::vendored::runtime").is_empty());
        assert_eq!(
            messages("my::runtime"),
            ["`crate` is an absolute path; write `crate = ::my::runtime`"]
        );
    }
}
