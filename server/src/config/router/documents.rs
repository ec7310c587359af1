//! Documents that clients ask for by their ids.

use std::{fs, path::PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use stockgraph_router::pipeline::{DocumentOptions, Manifest};

/// Documents that clients ask for by their ids.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DocumentsConfig {
    /// A file of registered documents: Apollo's `apollo-persisted-query-manifest`, or an object of documents by their ids, as Relay and
    /// GraphQL Code Generator write it. Not set by default.
    pub manifest: Option<PathBuf>,
    /// Whether clients get no others answered. Default: false.
    pub only: bool,
    /// Bytes of documents that clients register themselves by sending them with their hash (automatic persisted queries); 0 switches it
    /// off. Default: 8388608.
    pub automatic_bytes: u64,
}

impl Default for DocumentsConfig {
    fn default() -> Self {
        let options = DocumentOptions::default();
        Self {
            manifest: None,
            only: options.only,
            automatic_bytes: options.automatic_bytes,
        }
    }
}

impl DocumentsConfig {
    /// The documents as the router takes them, read from the manifest.
    ///
    /// # Errors
    ///
    /// The manifest cannot be read.
    pub fn options(&self) -> anyhow::Result<DocumentOptions> {
        let manifest = match &self.manifest {
            None => Manifest::default(),
            Some(file) => {
                let told = || format!("router.persisted_documents.manifest: {}", file.display());
                let text = fs::read_to_string(file).with_context(told)?;
                Manifest::parse(&text).with_context(told)?
            }
        };
        Ok(DocumentOptions {
            manifest,
            only: self.only,
            automatic_bytes: self.automatic_bytes,
        })
    }

    pub(super) fn check(&self) -> anyhow::Result<()> {
        anyhow::ensure!(
            !self.only || self.manifest.is_some(),
            "router.persisted_documents.only needs a router.persisted_documents.manifest"
        );
        Ok(())
    }
}
