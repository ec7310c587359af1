//! Tokens, the keys that sign them, and who else is let in.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use stockgraph_kit::token::Realm;

use super::secret::{Secret, check_length, one_or_more};

/// The shortest secret of a router, in characters: it does not change by itself, as tokens do.
const SHORTEST_SECRET: usize = 32;

/// Tokens, the keys that sign them, and who else is let in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuthConfig {
    /// Folder with the Ed25519 private keys that sign tokens, in PKCS #8 PEM; `stockgraph keys` looks after it. The first key is made
    /// when there is none. Processes that share it trust each other. Default: `{data_dir}/keys`.
    pub keys_dir: Option<PathBuf>,
    /// The `iss` claim of tokens. Default: `stockgraph`.
    pub issuer: String,
    /// The `aud` claim of tokens. Default: `stockgraph`.
    pub audience: String,
    /// Where others publish the keys of tokens that this process accepts besides its own. Not set: for `router` and for subgraphs other
    /// than `users` it is `/.well-known/jwks.json` beside the URL of `users`; else none.
    pub jwks_urls: Option<Vec<String>>,
    /// How often those keys are fetched anew, in seconds; an unknown one is looked up at once. Default: 60.
    pub jwks_refresh_seconds: u32,
    /// Where a subgraph over HTTP learns which sessions are over. Not set: `/auth/revoked-sessions` beside the URL of `users`.
    pub revocations_url: Option<String>,
    /// How often it asks, in milliseconds. Default: 1000.
    pub revocations_poll_milliseconds: u32,
    /// Secrets of other federation routers, which send one in `stockgraph-router-token` to be let in by a subgraph over HTTP; one text
    /// or a list, at least 32 characters each. Default: none; our own router has tokens.
    #[serde(deserialize_with = "one_or_more", skip_serializing)]
    pub router_secrets: Vec<Secret>,
}

impl Default for AuthConfig {
    fn default() -> Self {
        let realm = Realm::default();
        Self {
            keys_dir: None,
            issuer: realm.issuer,
            audience: realm.audience,
            jwks_urls: None,
            jwks_refresh_seconds: 60,
            revocations_url: None,
            revocations_poll_milliseconds: 1_000,
            router_secrets: Vec::new(),
        }
    }
}

impl AuthConfig {
    /// The folder of the signing keys.
    #[must_use]
    pub fn keys_dir(&self, data_dir: &Path) -> PathBuf {
        self.keys_dir
            .clone()
            .unwrap_or_else(|| data_dir.join("keys"))
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
        anyhow::ensure!(
            self.jwks_refresh_seconds > 0,
            "auth.jwks_refresh_seconds must not be 0"
        );
        anyhow::ensure!(
            self.revocations_poll_milliseconds > 0,
            "auth.revocations_poll_milliseconds must not be 0"
        );
        check_length("auth.router_secrets", &self.router_secrets, SHORTEST_SECRET)
    }
}
