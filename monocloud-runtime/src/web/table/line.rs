//! A line that says `public`.

use std::marker::PhantomData;

use axum::handler::Handler;

use super::builder::Table;
use super::guarded::OneHandler;
use super::method::Method;
use super::tuples::for_each_arity;
use crate::web::guard::{Guard, Guarded};

/// A line whose handler everybody may call.
///
/// Of a handler with a guard that would be said and not be so, and of a `MethodRouter` nobody knows. Such a line has a
/// method `public` by itself, which goes before that of [`PublicLine`] and is never allowed.
pub struct Line<H, T, S> {
    table: Table<S>,
    handler: H,
    arguments: PhantomData<fn() -> T>,
}

impl<H: Handler<T, S>, T, S> Line<H, T, S> {
    /// Below those of the table.
    pub fn new(table: Table<S>, handler: H) -> Self {
        Self {
            table,
            handler,
            arguments: PhantomData,
        }
    }
}

impl<H, T, S> std::fmt::Debug for Line<H, T, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Line")
    }
}

/// What every line has whose handler has no guard.
pub trait PublicLine<S>: Sized {
    /// The table with this line, which stands in a module, and at which line there.
    fn public(self, methods: &'static [Method], path: &'static str, place: (&'static str, u32)) -> Table<S>;
}

impl<H, T, S> PublicLine<S> for Line<H, T, S>
where
    H: Handler<T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    fn public(self, methods: &'static [Method], path: &'static str, place: (&'static str, u32)) -> Table<S> {
        self.table.public(methods, path, place, self.handler)
    }
}

/// Implemented by nothing.
#[diagnostic::on_unimplemented(
    message = "this handler has a guard, and its line says `public`",
    label = "not everybody may call it",
    note = "remove `public` from the line, or the guard from the handler"
)]
pub trait NoGuard {}

macro_rules! contradictions {
    ($($others:ident)*) => {
        impl<H, M, P: Guarded, $($others,)* S> Line<H, (M, Guard<P>, $($others),*), S> {
            /// Never called.
            pub fn public(self, _: &'static [Method], _: &'static str, _: (&'static str, u32)) -> Table<S>
            where
                P: NoGuard,
            {
                self.table
            }
        }
    };
}

for_each_arity!(contradictions);

impl<H, S> Line<H, (), S> {
    /// Never called.
    pub fn public(self, _: &'static [Method], _: &'static str, _: (&'static str, u32)) -> Table<S>
    where
        H: OneHandler,
    {
        self.table
    }
}
