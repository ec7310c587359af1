//! The key that signs tokens, and its public half as a JWK ([RFC 7517](https://www.rfc-editor.org/rfc/rfc7517)).

use std::{fmt, fs, io, io::Write, path::Path};

use ed25519_dalek::pkcs8::{EncodePrivateKey, KeypairBytes, spki::der::pem::LineEnding};
use jsonwebtoken::{
    Algorithm, EncodingKey,
    jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash},
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
    /// The file cannot be read or written.
    #[error("the signing key's file cannot be used: {0}")]
    Io(#[from] io::Error),
    /// The file holds something else.
    #[error("the file holds no Ed25519 private key in PKCS #8 PEM: {0}")]
    Malformed(String),
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

    /// Reads the key in this file, which only its owner may read; where there is no file, makes a key and writes it.
    ///
    /// The answer's second part tells whether the key is new.
    ///
    /// # Errors
    ///
    /// [`KeyError`].
    pub fn load_or_create(path: &Path, random: &Random) -> Result<(Self, bool), KeyError> {
        match fs::read_to_string(path) {
            Ok(pem) => Ok((Self::from_pem(&pem)?, false)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let pem = Self::generate_pem(random)?;
                match write_new_secret(path, &pem) {
                    // Another process was faster: its key is the one.
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                        Ok((Self::from_pem(&fs::read_to_string(path)?)?, false))
                    }
                    written => {
                        written?;
                        Ok((Self::from_pem(&pem)?, true))
                    }
                }
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The public half, for those who verify.
    #[must_use]
    pub fn jwks(&self) -> JwkSet {
        JwkSet {
            keys: vec![self.jwk.clone()],
        }
    }
}

/// Writes a file that was not there, readable by its owner alone. It appears with its whole content or not at all.
fn write_new_secret(path: &Path, content: &str) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| *folder != Path::new(""))
        .unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    // tempfile makes its files with mode 0600.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(content.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path).map_err(|error| error.error)?;
    Ok(())
}
