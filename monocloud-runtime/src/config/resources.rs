//! Further resources, each with the scopes that it has.

use super::auth_params::AuthorizationParams;
use super::kind::Kind;
use super::sets::{ResourceSet, ScopeSet};
use super::suspicious;

/// Pairs of resources and scopes, each separated by spaces.
pub(crate) struct Pairs;

impl Kind for Pairs {
    type Value = Vec<(String, String)>;

    /// No variable has them.
    fn read(_: &str) -> Result<Self::Value, String> {
        Err("it is set in code".to_owned())
    }

    fn inspect(pairs: &Self::Value) -> Result<(), String> {
        let texts = pairs.iter().flat_map(|(resource, scopes)| [resource, scopes]);
        texts.into_iter().try_for_each(|text| suspicious::text(text))
    }
}

/// What may be asked for beside the default token.
#[derive(Clone, Debug, Default)]
pub(crate) struct Resources(Vec<(ResourceSet, ScopeSet)>);

impl Resources {
    pub(super) fn parse(pairs: Option<Vec<(String, String)>>) -> Result<Self, String> {
        let pair = |(resource, scopes): (String, String)| {
            let resource = ResourceSet::parse(&resource)?;
            if resource.is_empty() {
                return Err("a resource is missing; write its absolute URL".to_owned());
            }
            Ok((resource, ScopeSet::parse(&scopes)?))
        };
        let pairs: Result<_, String> = pairs.into_iter().flatten().map(pair).collect();
        pairs.map(Self)
    }

    /// The parameters of a sign-in, which asks for all of these too.
    pub(crate) fn added_to(&self, mut params: AuthorizationParams) -> AuthorizationParams {
        for (resource, scopes) in &self.0 {
            params.resource.extend(resource);
            params.scopes.extend(scopes);
        }
        params
    }

    /// The scopes that were set for any of the resources.
    pub(crate) fn scopes_of(&self, resource: &ResourceSet) -> ScopeSet {
        let mut scopes = ScopeSet::default();
        for (of, more) in &self.0 {
            if of.iter().any(|word| resource.contains(word)) {
                scopes.extend(more);
            }
        }
        scopes
    }

    /// Whether a token may be asked for: every resource is a default one or was set, and every scope is a default one
    /// or was set for one of the resources.
    pub(crate) fn allow(
        &self,
        resource: &ResourceSet,
        scopes: &ScopeSet,
        defaults: &AuthorizationParams,
    ) -> bool {
        let is_set = |word: &str| self.0.iter().any(|(of, _)| of.contains(word));
        let of_resources = self.scopes_of(resource);
        resource
            .iter()
            .all(|word| defaults.resource.contains(word) || is_set(word))
            && scopes
                .iter()
                .all(|word| defaults.scopes.contains(word) || of_resources.contains(word))
    }
}
