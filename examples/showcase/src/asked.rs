//! Which token a script asks for: in the query, in a form, or as JSON. Names are those of the options, also as
//! MonoCloud's other SDKs write them.

use axum::body::HttpBody as _;
use axum::extract::{Form, FromRequest, FromRequestParts, Query, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use monocloud_runtime::tokens::TokenRequest;
use serde_json::Value;

use crate::failed::Failed;
use crate::object::Object;

type Pairs = Vec<(String, String)>;

/// In the query alone, as a link asks: no link has tokens renewed.
pub(crate) struct Asked(TokenRequest);

/// In the query and the body, as only a page of this site asks.
pub(crate) struct AskedByPost(TokenRequest);

impl Asked {
    pub(crate) fn into_request(self) -> TokenRequest {
        self.0
    }
}

impl AskedByPost {
    pub(crate) fn into_request(self) -> TokenRequest {
        self.0
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Failed;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failed> {
        let Query(pairs) = Query::<Pairs>::try_from_uri(&parts.uri)?;
        Ok(Self(which(&pairs)))
    }
}

impl<S: Send + Sync> FromRequest<S> for AskedByPost {
    type Rejection = Failed;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failed> {
        let Query(mut pairs) = Query::<Pairs>::try_from_uri(request.uri())?;
        let kind = request.headers().get(CONTENT_TYPE);
        let is_form =
            kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
        if is_form {
            pairs.extend(Form::<Pairs>::from_request(request, state).await?.0);
        } else if !request.body().is_end_stream() {
            let Object(members) = Object::from_request(request, state).await?;
            for (name, value) in members {
                pairs.extend(texts(&name, value)?.into_iter().map(|text| (name.clone(), text)));
            }
        }
        let mut token = which(&pairs);
        if flag(&pairs, ["force_refresh", "forceRefresh"])? {
            token = token.force_refresh();
        }
        if flag(&pairs, ["refetch_user_info", "refetchUserInfo"])? {
            token = token.refetch_user_info();
        }
        Ok(Self(token))
    }
}

fn which(pairs: &Pairs) -> TokenRequest {
    let joined = |name: &str| {
        let values = pairs.iter().filter(|(of, _)| of == name);
        values
            .map(|(_, value)| value.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    };
    TokenRequest::new()
        .resource(joined("resource"))
        .scopes(joined("scopes"))
}

/// As a member of JSON would stand in a form.
fn texts(name: &str, value: Value) -> Result<Vec<String>, Failed> {
    let of_one = |value| match value {
        Value::String(text) => Ok(text),
        Value::Bool(flag) => Ok(flag.to_string()),
        _ => Err(Failed::invalid(&format!(
            "`{name}` is neither text nor true or false"
        ))),
    };
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Array(values) => values.into_iter().map(of_one).collect(),
        value => of_one(value).map(|text| vec![text]),
    }
}

fn flag(pairs: &Pairs, names: [&str; 2]) -> Result<bool, Failed> {
    let mut is_set = false;
    for (name, value) in pairs.iter().filter(|(name, _)| names.contains(&name.as_str())) {
        is_set |= match value.to_ascii_lowercase().as_str() {
            "" | "true" | "1" | "yes" | "on" => true,
            "false" | "0" | "no" | "off" => false,
            _ => return Err(Failed::invalid(&format!("`{name}` is neither true nor false"))),
        };
    }
    Ok(is_set)
}
