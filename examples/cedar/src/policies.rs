//! The question to the policy engine.

use std::error::Error;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, EntityId, EntityTypeName, EntityUid, PolicySet, Request,
};
use monocloud_runtime::User;
use monocloud_runtime::hooks::HookError;
use serde_json::{Value, json};

use crate::documents::Document;

/// The policies, read once.
pub(crate) struct Policies {
    set: PolicySet,
    authorizer: Authorizer,
}

impl Policies {
    /// Those of `policies.cedar`.
    ///
    /// # Errors
    ///
    /// Where they cannot be read.
    pub(crate) fn read() -> Result<Self, Box<dyn Error>> {
        Ok(Self {
            set: include_str!("../policies.cedar").parse()?,
            authorizer: Authorizer::new(),
        })
    }

    /// Whether the user may do this with the document. Groups are the user's own, as the issuer told them.
    pub(crate) fn permit(
        &self,
        user: &User,
        action: &str,
        id: &str,
        document: &Document,
    ) -> Result<bool, HookError> {
        let groups: Vec<Value> = user
            .groups()
            .map(|group| json!({ "type": "Group", "id": group }))
            .collect();
        let entities = json!([
            { "uid": { "type": "User", "id": user.sub() }, "attrs": {}, "parents": groups },
            {
                "uid": { "type": "Document", "id": id },
                "attrs": {
                    "owner": { "__entity": { "type": "User", "id": document.owner } },
                    "published": document.published,
                    "archived": document.archived,
                },
                "parents": [],
            },
        ]);
        let request = Request::new(
            uid("User", user.sub())?,
            uid("Action", action)?,
            uid("Document", id)?,
            Context::empty(),
            None,
        )?;
        let entities = Entities::from_json_value(entities, None)?;
        let answer = self.authorizer.is_authorized(&request, &self.set, &entities);
        Ok(answer.decision() == Decision::Allow)
    }
}

/// By its parts, so that no name can be read as something else.
fn uid(kind: &str, id: &str) -> Result<EntityUid, HookError> {
    let kind: EntityTypeName = kind.parse()?;
    Ok(EntityUid::from_type_name_and_id(kind, EntityId::new(id)))
}
