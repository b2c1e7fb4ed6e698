//! What can be wrong with access tokens, and with what is told of them.

/// What can be wrong with an access token. Set with [`Fault::AccessToken`](super::Fault::AccessToken), for those that are issued from then on.
///
/// Faults of claims show in JWTs, and in what introspection says of opaque ones: it calls them active all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AccessTokenFault {
    /// `iss` is another issuer.
    WrongIssuer,
    /// `aud` is another API.
    WrongAudience,
    /// There is no `aud`.
    MissingAudience,
    /// There is no `sub`.
    MissingSub,
    /// `exp` was an hour ago.
    Expired,
    /// There is no `exp`.
    MissingExpiry,
    /// `nbf` is an hour ahead.
    NotYetValid,
    /// `cnf` binds the token to a key, so that it is no bearer token (RFC 7800 3.1, RFC 9449 6.1).
    SenderConstrained,
    /// A JWT's `typ` is `JWT`.
    WrongType,
    /// A JWT has no `typ`.
    MissingType,
    /// A JWT's header has a critical extension that nobody knows.
    UnknownCrit,
    /// A JWT has `alg: none` and no signature.
    AlgNone,
    /// A JWT is authenticated with HMAC and the client's secret.
    Hs256,
    /// A JWT's `kid` is no published key's.
    UnknownKid,
    /// A JWT is signed with another key than the published one that its `kid` names.
    OtherKey,
    /// A JWT's signature is wrong by one bit.
    BadSignature,
}

/// What can be wrong with a logout token. Set with [`Fault::LogoutToken`](super::Fault::LogoutToken), for those that are
/// issued from then on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogoutTokenFault {
    /// `iss` is another issuer.
    WrongIssuer,
    /// `aud` is another client.
    WrongAudience,
    /// There is no `events`.
    MissingEvents,
    /// `events` names another event than a logout.
    WrongEvent,
    /// There is a `nonce`, as in an ID token.
    WithNonce,
    /// There is neither `sub` nor `sid`.
    MissingSubject,
    /// There is no `jti`.
    MissingJti,
    /// There is no `iat`.
    MissingIssuedAt,
    /// `exp` was an hour ago.
    Expired,
    /// The token's `typ` is that of access tokens.
    WrongType,
    /// The token has `alg: none` and no signature.
    AlgNone,
    /// The token is authenticated with HMAC and the client's secret.
    Hs256,
    /// The token is signed with a published key of another algorithm than that of the client's ID tokens: ES256, or
    /// RS256 for clients of ES256.
    WrongAlg,
    /// The token's `kid` is no published key's.
    UnknownKid,
    /// The token's signature is wrong by one bit.
    BadSignature,
}

/// What can be wrong with an answer of the introspection endpoint. Set with
/// [`Fault::Introspection`](super::Fault::Introspection). What it says of a token is changed with
/// [`Provider::tamper_introspection`](super::Provider::tamper_introspection).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IntrospectionFault {
    /// `active` is the text `true`.
    ActiveIsText,
    /// `active` is the number 1.
    ActiveIsNumber,
    /// There is no `active`.
    MissingActive,
    /// Where a JWT was asked for, the answer is JSON.
    NotSigned,
    /// A JWT's `typ` is `JWT`.
    WrongType,
    /// A JWT's `iss` is another issuer.
    WrongIssuer,
    /// A JWT's `aud` is another client.
    WrongAudience,
    /// A JWT has `alg: none` and no signature.
    AlgNone,
    /// A JWT's signature is wrong by one bit.
    BadSignature,
}
