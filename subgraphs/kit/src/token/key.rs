//! The key that signs tokens, and its public half as a JWK ([RFC 7517](https://www.rfc-editor.org/rfc/rfc7517)).

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use ed25519_dalek::pkcs8::{EncodePrivateKey, KeypairBytes, spki::der::pem::LineEnding};
use jsonwebtoken::{
    Algorithm, EncodingKey,
    jwk::{Jwk, PublicKeyUse, ThumbprintHash},
};

use crate::random::Random;

/// An Ed25519 key that signs tokens.
#[derive(Clone)]
pub struct SigningKey {
    pub(super) encoding: EncodingKey,
    jwk: Jwk,
    /// The RFC 7638 thumbprint: the `kid` of its tokens.
    pub(super) id: String,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Why a signing key is not to be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A file or its folder cannot be read or written.
    #[error("{} cannot be used: {_1}", _0.display())]
    Io(PathBuf, io::Error),
    /// The text is something else.
    #[error("this is no Ed25519 private key in PKCS #8 PEM: {0}")]
    Malformed(String),
    /// The file holds something else.
    #[error("{} holds no Ed25519 private key in PKCS #8 PEM: {_1}", _0.display())]
    MalformedFile(PathBuf, String),
}

impl KeyError {
    pub(super) fn of_file(self, file: &Path) -> Self {
        match self {
            Self::Malformed(why) => Self::MalformedFile(file.to_owned(), why),
            error => error,
        }
    }
}

impl SigningKey {
    /// A new key, as PEM.
    ///
    /// # Errors
    ///
    /// [`KeyError::Malformed`] when the key cannot be encoded.
    pub fn generate_pem(random: &Random) -> Result<String, KeyError> {
        let key = KeypairBytes {
            secret_key: random.bytes(),
            // Without it the encoding is PKCS #8 version 1, the only one that jsonwebtoken reads.
            public_key: None,
        };
        let pem = key
            .to_pkcs8_pem(LineEnding::LF)
            .map_err(|error| KeyError::Malformed(error.to_string()))?;
        Ok(pem.to_string())
    }

    /// Reads a key from PEM.
    ///
    /// # Errors
    ///
    /// [`KeyError::Malformed`].
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let malformed = |error: jsonwebtoken::errors::Error| KeyError::Malformed(error.to_string());
        let encoding = EncodingKey::from_ed_pem(pem.as_bytes()).map_err(malformed)?;
        let mut jwk = Jwk::from_encoding_key(&encoding, Algorithm::EdDSA).map_err(malformed)?;
        let id = jwk.thumbprint(ThumbprintHash::SHA256).map_err(malformed)?;
        jwk.common.key_id = Some(id.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { encoding, jwk, id })
    }

    /// The public half, for those who verify.
    #[must_use]
    pub const fn jwk(&self) -> &Jwk {
        &self.jwk
    }

    /// The `kid` of its tokens: the thumbprint of RFC 7638.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
}
