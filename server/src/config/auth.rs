//! Tokens and the key that signs them.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use stockgraph_kit::token::Realm;

/// Tokens and the key that signs them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuthConfig {
    /// File with the Ed25519 private key in PKCS #8 PEM. Made when it is not there. All processes of one graph share it.
    /// Default: `{data_dir}/keys/signing.pem`.
    pub signing_key_file: Option<PathBuf>,
    /// The `iss` claim of tokens. Default: `stockgraph`.
    pub issuer: String,
    /// The `aud` claim of tokens. Default: `stockgraph`.
    pub audience: String,
}

impl Default for AuthConfig {
    fn default() -> Self {
        let realm = Realm::default();
        Self {
            signing_key_file: None,
            issuer: realm.issuer,
            audience: realm.audience,
        }
    }
}

impl AuthConfig {
    /// The file of the signing key.
    #[must_use]
    pub fn signing_key_file(&self, data_dir: &Path) -> PathBuf {
        self.signing_key_file
            .clone()
            .unwrap_or_else(|| data_dir.join("keys").join("signing.pem"))
    }

    /// Who signs and for whom.
    #[must_use]
    pub fn realm(&self) -> Realm {
        Realm {
            issuer: self.issuer.clone(),
            audience: self.audience.clone(),
        }
    }

    pub(super) fn check(&self) -> anyhow::Result<()> {
        anyhow::ensure!(!self.issuer.is_empty(), "auth.issuer must not be empty");
        anyhow::ensure!(!self.audience.is_empty(), "auth.audience must not be empty");
        Ok(())
    }
}
