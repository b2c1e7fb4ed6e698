//! Groups that other crates use too, in a module, without a word of documentation.

use monocloud_runtime::monocloud_groups;

monocloud_groups! {
    #[derive(PartialOrd, Ord)]
    #[non_exhaustive]
    pub enum Team {
        Support = "support",
        #[doc(alias = "ops")]
        Operations = "operations",
    }
}
