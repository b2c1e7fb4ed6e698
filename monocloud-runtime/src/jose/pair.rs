//! Key pairs of the kinds that sign, out of the encodings that they come in.

use aws_lc_rs::error::{KeyRejected, Unspecified};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, RsaEncoding, RsaKeyPair,
};

use super::algorithm::Algorithm;
use super::pem::Der;

/// A private key with its public half.
pub(super) enum Pair {
    Rsa(RsaKeyPair),
    /// With the one algorithm of its curve.
    Ecdsa(EcdsaKeyPair, Algorithm),
    Ed25519(Ed25519KeyPair),
}

/// The algorithms of the curves, each with what signs on it.
pub(super) const CURVES: [(Algorithm, &EcdsaSigningAlgorithm); 3] = [
    (Algorithm::Es256, &signature::ECDSA_P256_SHA256_FIXED_SIGNING),
    (Algorithm::Es384, &signature::ECDSA_P384_SHA384_FIXED_SIGNING),
    (Algorithm::Es512, &signature::ECDSA_P521_SHA512_FIXED_SIGNING),
];

impl Pair {
    pub(super) fn of_der(der: &Der) -> Result<Self, String> {
        match der {
            Der::Pkcs8(der) => of_pkcs8(der),
            Der::Pkcs1(der) => RsaKeyPair::from_der(der)
                .map(Self::Rsa)
                .map_err(|error| rejected(&error)),
            Der::Sec1(der) => of_curve(|algorithm| EcdsaKeyPair::from_private_key_der(algorithm, der))
                .ok_or_else(unsupported),
        }
    }

    pub(super) fn fits(&self, algorithm: Algorithm) -> bool {
        match self {
            Self::Rsa(_) => encoding(algorithm).is_some(),
            Self::Ecdsa(_, of_curve) => *of_curve == algorithm,
            Self::Ed25519(_) => algorithm == Algorithm::EdDsa,
        }
    }

    pub(super) fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>, Unspecified> {
        if !self.fits(algorithm) {
            return Err(Unspecified);
        }
        let random = SystemRandom::new();
        match self {
            Self::Rsa(pair) => {
                let encoding = encoding(algorithm).ok_or(Unspecified)?;
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(encoding, &random, message, &mut signature)?;
                Ok(signature)
            }
            Self::Ecdsa(pair, _) => Ok(pair.sign(&random, message)?.as_ref().to_vec()),
            Self::Ed25519(pair) => Ok(pair.try_sign(message)?.as_ref().to_vec()),
        }
    }
}

fn encoding(algorithm: Algorithm) -> Option<&'static dyn RsaEncoding> {
    match algorithm {
        Algorithm::Rs256 => Some(&signature::RSA_PKCS1_SHA256),
        Algorithm::Rs384 => Some(&signature::RSA_PKCS1_SHA384),
        Algorithm::Rs512 => Some(&signature::RSA_PKCS1_SHA512),
        Algorithm::Ps256 => Some(&signature::RSA_PSS_SHA256),
        Algorithm::Ps384 => Some(&signature::RSA_PSS_SHA384),
        Algorithm::Ps512 => Some(&signature::RSA_PSS_SHA512),
        _ => None,
    }
}

/// RFC 5958: the structure says what kind of key it is.
fn of_pkcs8(der: &[u8]) -> Result<Pair, String> {
    let rsa = match RsaKeyPair::from_pkcs8(der) {
        Ok(pair) => return Ok(Pair::Rsa(pair)),
        Err(error) => error,
    };
    if let Some(pair) = of_curve(|algorithm| EcdsaKeyPair::from_pkcs8(algorithm, der)) {
        return Ok(pair);
    }
    match Ed25519KeyPair::from_pkcs8(der) {
        Ok(pair) => Ok(Pair::Ed25519(pair)),
        Err(_) => Err(rejected(&rsa)),
    }
}

fn of_curve(
    read: impl Fn(&'static EcdsaSigningAlgorithm) -> Result<EcdsaKeyPair, KeyRejected>,
) -> Option<Pair> {
    CURVES
        .into_iter()
        .find_map(|(algorithm, signing)| Some(Pair::Ecdsa(read(signing).ok()?, algorithm)))
}

/// Why no RSA key came of it.
pub(super) fn rejected(error: &KeyRejected) -> String {
    match error.description_() {
        "TooSmall" | "TooLarge" => {
            "an RSA key that signs has 2,048 to 8,192 bits; make one with `openssl genrsa 3072`".to_owned()
        }
        _ => unsupported(),
    }
}

fn unsupported() -> String {
    "it is no RSA key, no key on P-256, P-384 or P-521, and no Ed25519 key, or it is damaged; make one with `openssl \
     genpkey -algorithm ed25519`, or with another of these"
        .to_owned()
}
