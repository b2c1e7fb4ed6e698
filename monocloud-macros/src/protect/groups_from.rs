//! `groups_from`: the module or crate that declares the groups.

use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{Ident, Path};

use crate::arguments::Arguments;
use crate::errors::Errors;

/// Takes the path, and says whether what was written is understood.
pub(super) fn take(arguments: &mut Arguments<'_>, errors: &Errors) -> (Option<Path>, bool) {
    if arguments.key("groups_from").is_none() {
        return (None, true);
    }
    let path = arguments.take_path("groups_from", "the module or crate that declares the groups");
    let Some(path) = path.map(|path| path.path) else {
        return (None, false);
    };
    let is_type = |name: &Ident| name.to_string().starts_with(char::is_uppercase);
    // Names of modules and crates begin with a small letter, those of enums and variants do not.
    if !path.segments.last().is_some_and(|last| is_type(&last.ident)) {
        return (Some(path), true);
    }
    let modules = path
        .segments
        .iter()
        .take_while(|segment| !is_type(&segment.ident));
    let segments: Punctuated<_, _> = modules.cloned().collect();
    let module = (!segments.is_empty()).then_some(Path {
        leading_colon: path.leading_colon,
        segments,
    });
    errors.at(&path, message(&path, module.as_ref()));
    let is_understood = module.is_some();
    (module, is_understood)
}

fn message(path: &Path, module: Option<&Path>) -> String {
    let spelled = |path: &Path| path.to_token_stream().to_string().replace(' ', "");
    let what = format!(
        "`groups_from` is the module or crate that declares the groups, and `{}` is an enum",
        spelled(path)
    );
    match module {
        Some(module) if module.is_ident("crate") => {
            format!("{what}; remove `groups_from`, the crate root is where groups are looked for")
        }
        Some(module) => format!("{what}; write `groups_from = {}`", spelled(module)),
        None => format!(
            "{what}; name the module in which it is declared, as in `groups_from = crate::auth`, or remove `groups_from` if that is the crate root"
        ),
    }
}
