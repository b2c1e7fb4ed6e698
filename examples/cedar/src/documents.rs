//! What there is to read.

use std::collections::HashMap;

/// One document, as far as decisions need it.
pub(crate) struct Document {
    pub(crate) owner: &'static str,
    pub(crate) published: bool,
    pub(crate) archived: bool,
    pub(crate) text: &'static str,
}

/// All of them, by id. An application asks its database.
pub(crate) fn documents() -> HashMap<&'static str, Document> {
    let document = |owner, published, archived, text| Document {
        owner,
        published,
        archived,
        text,
    };
    HashMap::from([
        ("handbook", document("mira", true, false, "How we work.")),
        ("draft", document("lin", false, false, "Not finished yet.")),
        ("minutes", document("lin", true, true, "What was decided.")),
    ])
}
