//! The expansion of a declaration, as documentation that is checked.

// expect-test writes the snapshots.
#![allow(clippy::needless_raw_string_hashes, clippy::too_many_lines)]

use expect_test::expect;
use quote::quote;

use super::{groups, unknown_group};
use crate::expansion_tests::{expands_to, is_refused};

#[test]
fn the_short_form() {
    let expansion = groups(quote! {
        Admin = "admin",
        Finance = "537e7c3d-a442-4b5b-b308-30837aa045a4",
    });
    expands_to(
        &expansion,
        &expect![[r##"
            #[doc(hidden)]
            mod __declaration_of_Group {
                /// The groups of this application.
                #[derive(
                    ::core::clone::Clone,
                    ::core::marker::Copy,
                    ::core::fmt::Debug,
                    ::core::cmp::PartialEq,
                    ::core::cmp::Eq,
                    ::core::hash::Hash,
                )]
                pub(crate) enum Group {
                    /// The group `admin`.
                    Admin,
                    /// The group `537e7c3d-a442-4b5b-b308-30837aa045a4`.
                    Finance,
                }
                impl Group {
                    /// Every declared group, in the order of declaration.
                    pub(crate) const ALL: &'static [Self] = &[Self::Admin, Self::Finance];
                    /// The group's name or id, as it stands in the claim.
                    #[must_use]
                    pub(crate) const fn as_str(self) -> &'static ::core::primitive::str {
                        match self {
                            Self::Admin => "admin",
                            Self::Finance => "537e7c3d-a442-4b5b-b308-30837aa045a4",
                        }
                    }
                    #[doc(hidden)]
                    #[must_use]
                    pub const fn __name_of_variant(self) -> &'static ::core::primitive::str {
                        self.as_str()
                    }
                }
                impl ::core::fmt::Display for Group {
                    fn fmt(
                        &self,
                        formatter: &mut ::core::fmt::Formatter<'_>,
                    ) -> ::core::fmt::Result {
                        formatter.pad(self.as_str())
                    }
                }
                impl ::core::convert::AsRef<::core::primitive::str> for Group {
                    fn as_ref(&self) -> &::core::primitive::str {
                        self.as_str()
                    }
                }
                impl ::core::str::FromStr for Group {
                    type Err = ParseGroupError;
                    fn from_str(
                        name: &::core::primitive::str,
                    ) -> ::core::result::Result<Self, ParseGroupError> {
                        match name {
                            "admin" => ::core::result::Result::Ok(Self::Admin),
                            "537e7c3d-a442-4b5b-b308-30837aa045a4" => {
                                ::core::result::Result::Ok(Self::Finance)
                            }
                            _ => {
                                ::core::result::Result::Err(ParseGroupError {
                                    name: ::core::convert::From::from(name),
                                })
                            }
                        }
                    }
                }
                /// A name that no [`Group`] has.
                #[derive(
                    ::core::clone::Clone,
                    ::core::fmt::Debug,
                    ::core::cmp::PartialEq,
                    ::core::cmp::Eq,
                )]
                pub(crate) struct ParseGroupError {
                    name: ::std::string::String,
                }
                impl ParseGroupError {
                    /// The name that is not declared.
                    #[must_use]
                    pub(crate) fn name(&self) -> &::core::primitive::str {
                        &self.name
                    }
                }
                impl ::core::fmt::Display for ParseGroupError {
                    fn fmt(
                        &self,
                        formatter: &mut ::core::fmt::Formatter<'_>,
                    ) -> ::core::fmt::Result {
                        ::core::write!(
                            formatter,
                            "unknown group `{}`; known groups: `537e7c3d-a442-4b5b-b308-30837aa045a4`, `admin`",
                            self.name
                        )
                    }
                }
                impl ::core::error::Error for ParseGroupError {}
                #[doc(hidden)]
                macro_rules! __monocloud_groups_Group_f8c031c3c12156ac {
                    ("admin" $explain:tt) => {
                        "admin"
                    };
                    ("537e7c3d-a442-4b5b-b308-30837aa045a4" $explain:tt) => {
                        "537e7c3d-a442-4b5b-b308-30837aa045a4"
                    };
                    ($name:literal ($($explain:tt)*)) => {
                        $($explain)* ! { $name "Group" "Admin" "admin" "Finance"
                        "537e7c3d-a442-4b5b-b308-30837aa045a4" }
                    };
                }
                #[doc(hidden)]
                pub(crate) use __monocloud_groups_Group_f8c031c3c12156ac as __declare_groups_with_monocloud_groups__or_name_their_module_with_groups_from__other_crates_need_a_pub_enum;
            }
            pub(crate) use __declaration_of_Group::Group;
            pub(crate) use __declaration_of_Group::ParseGroupError;
            #[doc(hidden)]
            pub(crate) use __declaration_of_Group::__declare_groups_with_monocloud_groups__or_name_their_module_with_groups_from__other_crates_need_a_pub_enum;
        "##]],
    );
}

#[test]
fn the_long_form() {
    let expansion = groups(quote! {
        /// Teams.
        #[derive(PartialOrd)]
        pub enum Team {
            /// Who may do everything.
            Admin = "admin",
            #[deprecated]
            Editor = "{editor}",
        }
    });
    expands_to(
        &expansion,
        &expect![[r##"
            #[doc(hidden)]
            mod __declaration_of_Team {
                use super::*;
                /// Teams.
                #[derive(PartialOrd)]
                #[derive(
                    ::core::clone::Clone,
                    ::core::marker::Copy,
                    ::core::fmt::Debug,
                    ::core::cmp::PartialEq,
                    ::core::cmp::Eq,
                    ::core::hash::Hash,
                )]
                pub enum Team {
                    /// Who may do everything.
                    Admin,
                    /// The group `{editor}`.
                    #[deprecated]
                    Editor,
                }
                impl Team {
                    /// Every declared group, in the order of declaration.
                    pub const ALL: &'static [Self] = &[Self::Admin, Self::Editor];
                    /// The group's name or id, as it stands in the claim.
                    #[must_use]
                    pub const fn as_str(self) -> &'static ::core::primitive::str {
                        match self {
                            Self::Admin => "admin",
                            Self::Editor => "{editor}",
                        }
                    }
                    #[doc(hidden)]
                    #[must_use]
                    pub const fn __name_of_variant(self) -> &'static ::core::primitive::str {
                        self.as_str()
                    }
                }
                impl ::core::fmt::Display for Team {
                    fn fmt(
                        &self,
                        formatter: &mut ::core::fmt::Formatter<'_>,
                    ) -> ::core::fmt::Result {
                        formatter.pad(self.as_str())
                    }
                }
                impl ::core::convert::AsRef<::core::primitive::str> for Team {
                    fn as_ref(&self) -> &::core::primitive::str {
                        self.as_str()
                    }
                }
                impl ::core::str::FromStr for Team {
                    type Err = ParseTeamError;
                    fn from_str(
                        name: &::core::primitive::str,
                    ) -> ::core::result::Result<Self, ParseTeamError> {
                        match name {
                            "admin" => ::core::result::Result::Ok(Self::Admin),
                            "{editor}" => ::core::result::Result::Ok(Self::Editor),
                            _ => {
                                ::core::result::Result::Err(ParseTeamError {
                                    name: ::core::convert::From::from(name),
                                })
                            }
                        }
                    }
                }
                /// A name that no [`Team`] has.
                #[derive(
                    ::core::clone::Clone,
                    ::core::fmt::Debug,
                    ::core::cmp::PartialEq,
                    ::core::cmp::Eq,
                )]
                pub struct ParseTeamError {
                    name: ::std::string::String,
                }
                impl ParseTeamError {
                    /// The name that is not declared.
                    #[must_use]
                    pub fn name(&self) -> &::core::primitive::str {
                        &self.name
                    }
                }
                impl ::core::fmt::Display for ParseTeamError {
                    fn fmt(
                        &self,
                        formatter: &mut ::core::fmt::Formatter<'_>,
                    ) -> ::core::fmt::Result {
                        ::core::write!(
                            formatter, "unknown group `{}`; known groups: `admin`, `{{editor}}`",
                            self.name
                        )
                    }
                }
                impl ::core::error::Error for ParseTeamError {}
                #[doc(hidden)]
                #[macro_export]
                macro_rules! __monocloud_groups_Team_eeac61a794d7b1c7 {
                    ("admin" $explain:tt) => {
                        "admin"
                    };
                    ("{editor}" $explain:tt) => {
                        "{editor}"
                    };
                    ($name:literal ($($explain:tt)*)) => {
                        $($explain)* ! { $name "Team" "Admin" "admin" "Editor" "{editor}" }
                    };
                }
                #[doc(hidden)]
                pub use __monocloud_groups_Team_eeac61a794d7b1c7 as __declare_groups_with_monocloud_groups__or_name_their_module_with_groups_from__other_crates_need_a_pub_enum;
            }
            pub use __declaration_of_Team::Team;
            pub use __declaration_of_Team::ParseTeamError;
            #[doc(hidden)]
            pub use __declaration_of_Team::__declare_groups_with_monocloud_groups__or_name_their_module_with_groups_from__other_crates_need_a_pub_enum;
        "##]],
    );
}

#[test]
fn a_mistake_keeps_the_enum_and_admits_every_name() {
    let expansion = groups(quote!(Admin = "admin", Editor = 1, Admin = "root", Ops = "admin"));
    let rest = is_refused(
        &expansion,
        &expect![[r#"
            a group's name or id is a string literal; write `Editor = "editor"`
            `Admin` is declared twice; remove or rename one of the two
            `Admin` has the name `admin` already
        "#]],
    );
    assert!(rest.contains("enum Group"), "{rest}");
    assert!(rest.contains("($name:literal $explain:tt)"), "{rest}");
}

#[test]
fn an_unknown_group() {
    let list = quote!("Group" "Admin" "admin" "Finance" "537e7c3d" "SiteEditor" "site-editor");
    for (literal, expected) in [
        (
            "admn",
            expect![[r#"
                unknown group `admn`; did you mean `admin`?
                declared groups: `admin`, `site-editor`, `537e7c3d` (Finance)
            "#]],
        ),
        (
            "Finance",
            expect![[r#"
                unknown group `Finance`; did you mean `Group::Finance`, without quotes?
                declared groups: `admin`, `site-editor`, `537e7c3d` (Finance)
            "#]],
        ),
        (
            "ops",
            expect![[r#"
                unknown group `ops`
                declared groups: `admin`, `site-editor`, `537e7c3d` (Finance)
            "#]],
        ),
    ] {
        is_refused(&unknown_group(quote!(#literal #list)), &expected);
    }
}

#[test]
fn a_declared_group_in_another_spelling() {
    let (tokens, errors) = unknown_group(quote!(r"admin" "Group" "Admin" "admin"));
    assert!(errors.is_empty());
    assert_eq!(tokens.to_string(), r#"r"admin""#);
}
