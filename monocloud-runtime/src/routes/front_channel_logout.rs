//! What a page of the issuer embeds where a session is over: an empty page that it may frame. No cookie need come with it.

use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use url::Url;

use super::received::Received;
use crate::client::MonoCloud;
use crate::error::Error;
use crate::params::{query, single};
use crate::request::RequestAuth;
use crate::respond::Answer;
use crate::sign_out;

pub(super) async fn front_channel_logout(auth: RequestAuth, received: Received) -> Result<Answer, Error> {
    let client = auth.client();
    if client.settings().instances.multiple_instances && client.sharing().is_none() {
        return Err(Error::LogoutNotShared);
    }
    let query = query(&received.parts.uri);
    let (Some(iss), Some(sid)) = (single(&query, "iss")?, single(&query, "sid")?) else {
        return Err(Error::InvalidRequest(
            "a front-channel logout says whose session is over: `iss` and `sid`",
        ));
    };
    // Where it cannot be found out whose cookie it is, that stays.
    let _ = auth.known().await;
    let is_own = auth.with_record(|record| record.is_some_and(|record| record.sid() == Some(sid)));
    let done = sign_out::front_channel(client, iss, sid, is_own).await;
    // Its owner's browser needs no memory that strangers may have filled, and nobody else to hear of it.
    let is_over_here = match &done {
        Ok(()) | Err(Error::TooManyLogouts | Error::LogoutNotKept(_)) => true,
        Err(Error::StoreUnavailable { .. }) => client.keeping().is_none(),
        Err(_) => false,
    };
    if is_own && is_over_here {
        // As far as it can be told, it was.
        drop(auth.leave());
    }
    done.map(|()| empty_page(client))
}

fn empty_page(client: &MonoCloud) -> Answer {
    let issuer = Url::parse(client.settings().issuer.tenant_domain.as_str());
    let origin = issuer.map_or_else(
        |_| "'none'".to_owned(),
        |issuer| issuer.origin().ascii_serialization(),
    );
    let policy = HeaderValue::try_from(format!("default-src 'none'; frame-ancestors {origin}"));
    let set: [(HeaderName, HeaderValue); 5] = [
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (
            CONTENT_SECURITY_POLICY,
            policy.unwrap_or(HeaderValue::from_static("default-src 'none'")),
        ),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    let mut answer = Answer::default();
    answer.headers_mut().extend(set);
    answer
}
