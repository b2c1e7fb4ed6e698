//! The algorithms that prove who signed (RFC 7518 §3.1, RFC 8037 §3.1).

use std::str::FromStr;

use aws_lc_rs::digest::{self, digest};
use aws_lc_rs::signature::{self, EcdsaVerificationAlgorithm, RsaParameters};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// An asymmetric signing algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    Es256,
    Es384,
    Es512,
    EdDsa,
}

/// How a signature is checked, and with what kind of key.
#[derive(Clone, Copy)]
pub(super) enum Scheme {
    /// 2,048 to 8,192 bits (RFC 7518 §3.3 asks for the lower bound; the upper one bounds the work).
    Rsa(&'static RsaParameters),
    Ecdsa(&'static EcdsaVerificationAlgorithm),
    Ed25519,
}

impl Algorithm {
    pub(crate) const ALL: [Self; 10] = [
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::EdDsa,
    ];

    /// As it stands in headers, keys and metadata.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The left half of the text's hash (OIDC Core 3.1.3.6): `at_hash` of an access token.
    pub(crate) fn half_hash(self, text: &str) -> String {
        let algorithm = match self {
            Self::Rs256 | Self::Ps256 | Self::Es256 => &digest::SHA256,
            Self::Rs384 | Self::Ps384 | Self::Es384 => &digest::SHA384,
            // Ed25519 hashes with SHA-512 (RFC 8032 §5.1).
            Self::Rs512 | Self::Ps512 | Self::Es512 | Self::EdDsa => &digest::SHA512,
        };
        let hash = digest(algorithm, text.as_bytes());
        let (half, _) = hash.as_ref().split_at(algorithm.output_len() / 2);
        URL_SAFE_NO_PAD.encode(half)
    }

    /// The `kty` of a key that can sign with it (RFC 7518 §6.1).
    pub(super) fn kty(self) -> &'static str {
        match self.scheme() {
            Scheme::Rsa(_) => "RSA",
            Scheme::Ecdsa(_) => "EC",
            Scheme::Ed25519 => "OKP",
        }
    }

    /// The `crv` of such a key, where there is one (RFC 7518 §3.4).
    pub(super) fn crv(self) -> Option<&'static str> {
        match self {
            Self::Es256 => Some("P-256"),
            Self::Es384 => Some("P-384"),
            Self::Es512 => Some("P-521"),
            Self::EdDsa => Some("Ed25519"),
            _ => None,
        }
    }

    pub(super) fn scheme(self) -> Scheme {
        match self {
            Self::Rs256 => Scheme::Rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
            Self::Rs384 => Scheme::Rsa(&signature::RSA_PKCS1_2048_8192_SHA384),
            Self::Rs512 => Scheme::Rsa(&signature::RSA_PKCS1_2048_8192_SHA512),
            Self::Ps256 => Scheme::Rsa(&signature::RSA_PSS_2048_8192_SHA256),
            Self::Ps384 => Scheme::Rsa(&signature::RSA_PSS_2048_8192_SHA384),
            Self::Ps512 => Scheme::Rsa(&signature::RSA_PSS_2048_8192_SHA512),
            Self::Es256 => Scheme::Ecdsa(&signature::ECDSA_P256_SHA256_FIXED),
            Self::Es384 => Scheme::Ecdsa(&signature::ECDSA_P384_SHA384_FIXED),
            Self::Es512 => Scheme::Ecdsa(&signature::ECDSA_P521_SHA512_FIXED),
            Self::EdDsa => Scheme::Ed25519,
        }
    }
}

impl FromStr for Algorithm {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        if let Some(known) = Self::ALL.into_iter().find(|known| known.name() == name) {
            return Ok(known);
        }
        if matches!(name, "HS256" | "HS384" | "HS512" | "none") {
            return Err(format!(
                "{name} does not prove that the issuer signed; write RS256, PS256, ES256 or EdDSA"
            ));
        }
        Err(format!(
            "it is not a signing algorithm; write one of {}",
            Self::ALL.map(Self::name).join(", ")
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::Algorithm;

    #[test]
    fn names_are_exact_and_what_proves_nothing_is_refused() {
        for known in Algorithm::ALL {
            assert_eq!(known.name().parse(), Ok(known));
        }
        for wrong in ["none", "HS256", "rs256", "", "ES256K", "Ed448"] {
            assert!(wrong.parse::<Algorithm>().is_err(), "{wrong}");
        }
    }

    /// The example of OIDC Core A.3, an access token with its `at_hash` under RS256.
    #[test]
    fn a_half_hash_is_that_of_the_specification() {
        let hash = Algorithm::Rs256.half_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y");
        assert_eq!(hash, "77QmUPtjPfzWtF2AnpK9RQ");
    }
}
