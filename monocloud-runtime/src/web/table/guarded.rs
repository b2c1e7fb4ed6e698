//! Whether a handler has a guard, for the compiler.

use std::marker::PhantomData;

use super::tuples::for_each_arity;
use crate::web::guard::{Guard, Guarded};

/// The arguments of a handler, as axum lists them.
#[diagnostic::on_unimplemented(
    message = "this handler has no guard",
    label = "everybody could call it",
    note = "put `#[protect]` or `#[protect_api]` on the handler, or write `public` before the method if everybody may call it"
)]
pub trait Arguments {
    /// The first one; `()` where there is none.
    type First;
}

/// A guard as a handler's first argument, which only `#[protect]` and `#[protect_api]` put there.
#[diagnostic::on_unimplemented(
    message = "this handler has no guard",
    label = "everybody could call it",
    note = "put `#[protect]` or `#[protect_api]` on the handler, or write `public` before the method if everybody may call it"
)]
pub trait Guards {
    /// What the guard asks for.
    type Policy: Guarded;
}

impl<P: Guarded> Guards for Guard<P> {
    type Policy = P;
}

/// Implemented by nothing. axum takes a `MethodRouter` for a handler, whose arguments are `()`.
#[diagnostic::on_unimplemented(
    message = "a `MethodRouter` stands where a handler should",
    label = "nobody sees whether its handlers have guards",
    note = "write the handler by itself, with its methods before the path: `GET \"/admin\" => admin` says what `get(admin)` does; of several handlers, each has a line"
)]
pub trait OneHandler: Guarded {}

/// What stands for the first argument of a `MethodRouter`.
pub struct Hidden<R>(PhantomData<fn() -> R>);

impl<R> std::fmt::Debug for Hidden<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hidden")
    }
}

impl<R: OneHandler> Guards for Hidden<R> {
    type Policy = R;
}

#[diagnostic::do_not_recommend]
impl Arguments for () {
    type First = Hidden<()>;
}

#[diagnostic::do_not_recommend]
impl Arguments for ((),) {
    type First = ();
}

macro_rules! arguments {
    ($($others:ident)*) => {
        #[diagnostic::do_not_recommend]
        impl<M, First, $($others),*> Arguments for (M, First, $($others),*) {
            type First = First;
        }
    };
}

for_each_arity!(arguments);
