//! The head of a request, and the page that it asks for, as the browser sent it: routers that nest others shorten
//! the URI.

use std::sync::Arc;

use http::request::Parts;
use http::{Method, Uri};

use super::fetch_metadata::{htmx_page, is_htmx, referer};
use crate::client::MonoCloud;
use crate::sign_in::ReturnUrl;

/// A request's head, for as long as the request is looked at.
#[derive(Clone, Copy)]
pub(crate) struct Head<'a> {
    pub(crate) parts: &'a Parts,
    uri: &'a Uri,
    nested: Option<&'a str>,
}

impl<'a> Head<'a> {
    /// Of a request whose URI nothing has shortened.
    pub(crate) fn whole(parts: &'a Parts) -> Self {
        Self {
            parts,
            uri: &parts.uri,
            nested: None,
        }
    }

    /// Of a request that was sent to `uri`, and that routers at the path `nested` may have shortened since.
    pub(crate) fn sent_to(parts: &'a Parts, uri: &'a Uri, nested: Option<&'a str>) -> Self {
        Self { parts, uri, nested }
    }

    /// As it was sent.
    pub(crate) fn uri(&self) -> &'a Uri {
        self.uri
    }

    /// What of it may outlive the request.
    pub(crate) fn page(&self) -> AskedPage {
        AskedPage {
            uri: self.uri.clone(),
            nested: self.nested.map(Arc::from),
        }
    }

    /// The page to come back to after a sign-in: the one that is asked for, the one around a fragment that HTMX asks
    /// for, or, since only a GET can be asked for again, the one that the request came from. On this site, unless its
    /// address is too long or one of the library's own.
    pub(crate) fn return_url(&self, client: &MonoCloud) -> Option<ReturnUrl> {
        let (settings, headers) = (client.settings(), &self.parts.headers);
        if is_htmx(headers) {
            return ReturnUrl::parse(settings, htmx_page(headers)?);
        }
        if [Method::GET, Method::HEAD].contains(&self.parts.method) {
            return ReturnUrl::of_request(client, self.uri.path_and_query()?.as_str(), self.nested);
        }
        // A relative one would be no browser's.
        let from = referer(headers).filter(|referer| referer.contains("://"))?;
        ReturnUrl::parse(settings, from)
    }
}

/// The page that a request asks for.
#[derive(Clone)]
pub(crate) struct AskedPage {
    uri: Uri,
    nested: Option<Arc<str>>,
}

impl AskedPage {
    /// As it was sent.
    pub(crate) fn uri(&self) -> &Uri {
        &self.uri
    }

    /// The head of the request for it that `parts` are of.
    pub(crate) fn head<'a>(&'a self, parts: &'a Parts) -> Head<'a> {
        Head::sent_to(parts, &self.uri, self.nested.as_deref())
    }
}
