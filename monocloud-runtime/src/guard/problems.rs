//! Options of a guard that can be known to be a mistake before anybody asks.

use super::protect::Protect;
use crate::client::MonoCloud;
use crate::sign_in::ReturnUrl;

impl Protect {
    /// One sentence for each: what is wrong, and what to write.
    pub(crate) fn problems(&self, client: &MonoCloud) -> Vec<String> {
        let groups = self.groups.as_deref();
        let mut problems = Vec::new();
        if groups.is_some_and(<[_]>::is_empty) {
            problems.push("`groups([])` lets nobody in; name a group, or leave it out".to_owned());
        }
        if groups.is_some_and(|groups| groups.iter().any(|group| group.trim().is_empty())) {
            problems.push("there is a group without a name; leave it out".to_owned());
        }
        if groups.is_none() && self.match_all.is_some() {
            problems.push(
                "`match_all` without `groups` asks for nothing; name groups, or leave it out".to_owned(),
            );
        }
        if groups.is_none() && self.groups_claim.is_some() {
            problems.push(
                "`groups_claim` without `groups` asks for nothing; name groups, or leave it out".to_owned(),
            );
        }
        if self.acr_values.as_deref().is_some_and(<[_]>::is_empty) {
            problems.push("`acr_values([])` lets nobody in; name a class, or leave it out".to_owned());
        }
        let of_scopes = self.scopes.iter().filter(|scope| !is_scope(scope));
        problems.extend(of_scopes.map(|scope| {
            format!("`{scope}` is no scope (RFC 6749 §3.3); write each as one text without spaces")
        }));
        if let Some(url) = &self.return_url
            && ReturnUrl::of_application(client, url).is_none()
        {
            problems.push(format!(
                "`return_url` `{url}` is one of the library's own routes or no page of this site; write the path of a page"
            ));
        }
        problems
    }
}

fn is_scope(scope: &str) -> bool {
    let is_of_scope = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
    !scope.is_empty() && scope.bytes().all(is_of_scope)
}
