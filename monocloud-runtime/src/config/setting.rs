//! One setting in one place.
//!
//! Each subject of the settings is a file with one table, and a row of it says all that there is to say about a
//! setting: what the builder's method documents, its name, what kind of value it is, the variable, the rule with the
//! default in it, and the type of what the rule lets through.
//!
//! ```text
//! settings! {
//!     in calls() -> Calls;                    // a field of `Options`, what the rules need to know, what they make
//!
//!     /// How long the issuer's keys are fresh.
//!     jwks_cache: Seconds = "MONOCLOUD_AUTH_JWKS_CACHE_DURATION",
//!         or(DEFAULT, seconds(0, 86_400, "300")) => i64;
//! }
//! ```
//!
//! That makes `Given`, which holds what was set, and `Calls`, which holds what was checked; and the macro `setters`,
//! which the builder expands into its methods. A table that begins with `pub struct Name` makes a public group of
//! settings instead, with methods of its own, which the builder takes as one value.

/// What a setting is called.
#[derive(Clone, Copy)]
pub(crate) struct Setting {
    /// The builder's method.
    pub(crate) method: &'static str,
    /// The variable, and further names of it.
    pub(crate) variables: &'static [&'static str],
}

macro_rules! settings {
    // The settings of a subject, each a method of the builder.
    (in $subject:ident($($context:tt)*) -> $checked:ident; $($rows:tt)*) => {
        $crate::config::setting::settings!(@given [pub(crate)] Given "", $($rows)*);
        $crate::config::setting::settings!(@checked $checked $($rows)*);
        $crate::config::setting::settings!(@rules Given [$($context)*] $checked [] $($rows)*);
        $crate::config::setting::settings!(@setters $subject $($rows)*);
    };
    // A public group of settings.
    (
        $(#[$meta:meta])* pub struct $group:ident;
        in $subject:ident($($context:tt)*) -> $checked:ident;
        $($rows:tt)*
    ) => {
        $crate::config::setting::settings!(@checked $checked $($rows)*);
        $crate::config::setting::settings! {
            $(#[$meta])* pub struct $group;
            in $subject($($context)*) -> $checked {};
            $($rows)*
        }
    };
    // The same with a type that stands elsewhere, and what else goes into it.
    (
        $(#[$meta:meta])* pub struct $group:ident;
        in $subject:ident($($context:tt)*) -> $checked:ident { $($extra:tt)* };
        $($rows:tt)*
    ) => {
        $crate::config::setting::settings!(@given [$(#[$meta])* pub] $group concat!(stringify!($subject), "."), $($rows)*);
        $crate::config::setting::settings!(@rules $group [$($context)*] $checked [$($extra)*] $($rows)*);
        $crate::config::setting::settings!(@group $group $($rows)*);
        macro_rules! setters {
            () => {
                $(#[$meta])*
                ///
                /// What it leaves out stays as it was.
                #[must_use]
                pub fn $subject(mut self, value: $crate::config::$group) -> Self {
                    self.options.$subject = value.over(self.options.$subject);
                    self
                }
            };
        }
        pub(crate) use setters;
    };

    // What was given, and what each setting is called.
    (@given [$($head:tt)*] $given:ident $prefix:expr, $(
        $(#[$doc:meta])* $field:ident: $kind:ident $(<$of:ty>)? $(= $variable:literal $(| $alias:literal)*)?,
        $rule:expr => $type:ty;
    )*) => {
        #[derive(Clone, Default)]
        $($head)* struct $given {
            $(pub(crate) $field: Option<<$kind $(<$of>)? as Kind>::Value>,)*
        }

        #[allow(dead_code, non_upper_case_globals, reason = "named like the settings, for rules over several")]
        pub(in crate::config) mod named {
            use $crate::config::setting::Setting;

            $(pub(in crate::config) const $field: Setting = Setting {
                method: concat!($prefix, stringify!($field)),
                variables: &[$($variable, $($alias,)*)?],
            };)*
        }
    };
    // What was checked.
    (@checked $checked:ident $(
        $(#[$doc:meta])* $field:ident: $kind:ident $(<$of:ty>)? $(= $variable:literal $(| $alias:literal)*)?,
        $rule:expr => $type:ty;
    )*) => {
        #[derive(Clone, Debug)]
        pub(crate) struct $checked {
            $($(#[$doc])* pub(crate) $field: $type,)*
        }
    };
    // From the one to the other.
    (@rules $given:ident [$($context:tt)*] $checked:ident [$($extra:tt)*] $(
        $(#[$doc:meta])* $field:ident: $kind:ident $(<$of:ty>)? $(= $variable:literal $(| $alias:literal)*)?,
        $rule:expr => $type:ty;
    )*) => {
        impl $given {
            pub(in crate::config) fn read(&mut self, sources: &mut Sources) {
                $(sources.fill::<$kind $(<$of>)?>(&named::$field, &mut self.$field);)*
            }

            /// Every rule is asked before the first problem decides.
            pub(in crate::config) fn check(self, check: &mut Check, $($context)*) -> Option<$checked> {
                $(let $field: Option<$type> = check.rule::<$kind $(<$of>)?, _>(&named::$field, self.$field, $rule);)*
                Some($checked { $($field: $field?,)* $($extra)* })
            }
        }
    };
    // The methods of a public group.
    (@group $group:ident $(
        $(#[$doc:meta])* $field:ident: $kind:ident $(<$of:ty>)? $(= $variable:literal $(| $alias:literal)*)?,
        $rule:expr => $type:ty;
    )*) => {
        impl $group {
            /// Nothing set.
            pub fn new() -> Self {
                Self::default()
            }

            pub(crate) fn over(self, earlier: Self) -> Self {
                Self { $($field: self.$field.or(earlier.$field),)* }
            }

            $(
                $(#[$doc])*
                #[must_use]
                pub fn $field(mut self, value: $crate::config::setting::settings!(@argument $kind $($of)?)) -> Self {
                    self.$field = Some($crate::config::setting::settings!(@kept $kind value));
                    self
                }
            )*
        }

        impl std::fmt::Debug for $group {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($group))
                    $(.field(stringify!($field), &$crate::config::kind::Shown::<$kind $(<$of>)?>(self.$field.as_ref())))*
                    .finish()
            }
        }
    };
    // The builder's methods for what stands in no group.
    (@setters $subject:ident $(
        $(#[$doc:meta])* $field:ident: $kind:ident $(<$of:ty>)? $(= $variable:literal $(| $alias:literal)*)?,
        $rule:expr => $type:ty;
    )*) => {
        macro_rules! setters {
            () => {$(
                $(#[$doc])*
                #[must_use]
                pub fn $field(mut self, value: $crate::config::setting::settings!(@argument $kind $($of)?)) -> Self {
                    self.options.$subject.$field = Some($crate::config::setting::settings!(@kept $kind value));
                    self
                }
            )*};
        }
        pub(crate) use setters;
    };

    // What a method takes for a kind, and what is kept of it.
    (@argument Text) => { impl Into<String> };
    (@argument Hidden) => { impl Into<String> };
    (@argument Credential) => { impl Into<String> };
    (@argument Prose) => { impl Into<String> };
    (@argument Texts) => { impl IntoIterator<Item = impl Into<String>> };
    (@argument Pairs) => { impl IntoIterator<Item = (impl Into<String>, impl Into<String>)> };
    (@argument Flag) => { bool };
    (@argument Seconds) => { std::time::Duration };
    (@argument Milliseconds) => { std::time::Duration };
    (@argument $kind:ident $of:ty) => { $of };
    (@kept Text $value:ident) => { $value.into() };
    (@kept Hidden $value:ident) => { $value.into() };
    (@kept Credential $value:ident) => { $value.into() };
    (@kept Prose $value:ident) => { $value.into() };
    (@kept Texts $value:ident) => { $value.into_iter().map(Into::into).collect() };
    (@kept Pairs $value:ident) => {
        $value.into_iter().map(|(resource, scopes)| (resource.into(), scopes.into())).collect()
    };
    (@kept $kind:ident $value:ident) => { $value };
}

pub(crate) use settings;
