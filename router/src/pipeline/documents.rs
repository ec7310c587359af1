//! Documents that clients ask for by their ids: registered ones, and those that clients have sent before.
//!
//! The id is the request's `documentId` (GraphQL over HTTP, appendix A) or the hash in Apollo's
//! `extensions.persistedQuery`; a hash of SHA-256 may stand with `sha256:` before it or without.

use moka::sync::Cache;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::Arc;

use super::{DocumentOptions, GraphQLRequest};
use crate::error::{GraphQLError, Refusal, code};

/// Before an id that is a hash.
const SHA256: &str = "sha256:";
/// Bytes that a document takes in memory besides its text.
const BYTES_BESIDES: usize = 200;

/// Documents by their ids.
#[derive(Debug, Clone, Default)]
pub struct Manifest {
    documents: Arc<HashMap<String, Arc<str>>>,
}

/// Why a manifest cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It is no JSON.
    #[error("it is not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// It is of no form that is known.
    #[error(
        "it is neither an `apollo-persisted-query-manifest` of version 1 nor an object of documents by their ids: {0}"
    )]
    Form(String),
}

impl Manifest {
    /// Reads a manifest as the usual tools write them: Apollo's `apollo-persisted-query-manifest`, or an
    /// object of documents by their ids (Relay, the client preset of GraphQL Code Generator).
    ///
    /// # Errors
    /// It is neither, or an id stands for two documents.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let form = |what: &str| ManifestError::Form(what.to_owned());
        let Value::Object(manifest) = serde_json::from_str(text)? else {
            return Err(form("it is no object"));
        };
        let documents = match manifest.get("format") {
            Some(format) if manifest.get("operations").is_some_and(Value::is_array) => {
                if format != "apollo-persisted-query-manifest" || manifest["version"] != 1 {
                    return Err(form("its format or version is another"));
                }
                let operations = manifest["operations"].as_array().into_iter().flatten();
                let read = |it: &Value| Some((id(it.get("id")?)?, id(it.get("body")?)?));
                operations.map(read).collect::<Option<Vec<_>>>()
            }
            _ => {
                let read = |(name, value): (&String, &Value)| Some((name.clone(), id(value)?));
                manifest.iter().map(read).collect()
            }
        };
        let documents = documents.ok_or_else(|| form("an id or a document is no string"))?;
        let mut known: HashMap<String, Arc<str>> = HashMap::with_capacity(documents.len());
        for (id, text) in documents {
            let same = known.insert(bare(&id).to_owned(), text.as_str().into());
            if same.is_some_and(|other| *other != *text) {
                return Err(form(&format!("the id `{id}` stands for two documents")));
            }
        }
        Ok(Manifest {
            documents: Arc::new(known),
        })
    }

    /// The documents, each with its id, in no order.
    pub fn documents(&self) -> impl Iterator<Item = (&str, &str)> {
        self.documents.iter().map(|(id, text)| (&**id, &**text))
    }

    fn get(&self, id: &str) -> Option<&Arc<str>> {
        self.documents.get(bare(id))
    }
}

fn id(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn bare(id: &str) -> &str {
    id.strip_prefix(SHA256).unwrap_or(id)
}

/// The document of a request.
pub(super) struct Found {
    pub text: Arc<str>,
    /// The hash under which it is to be kept once it has proved to be good.
    pub keep: Option<String>,
}

/// All documents that are known by an id.
pub(super) struct Documents {
    manifest: Manifest,
    only: bool,
    automatic: Option<Cache<String, Arc<str>>>,
}

impl Documents {
    pub fn new(options: &DocumentOptions) -> Self {
        let is_automatic = options.automatic_bytes > 0 && !options.only;
        let weigh = |id: &String, text: &Arc<str>| {
            u32::try_from(id.len() + text.len() + BYTES_BESIDES).unwrap_or(u32::MAX)
        };
        Documents {
            manifest: options.manifest.clone(),
            only: options.only,
            automatic: is_automatic.then(|| {
                Cache::builder()
                    .max_capacity(options.automatic_bytes)
                    .weigher(weigh)
                    .build()
            }),
        }
    }

    /// The document of a client's request that names one, or that must.
    ///
    /// # Errors
    /// It is not known, not allowed, or not the one whose hash was sent.
    pub fn find(&self, request: &GraphQLRequest) -> Result<Option<Found>, Refusal> {
        let refuse = |code, message: &str| Err(GraphQLError::new(code, message).into());
        let hash = persisted_query(request)?;
        let Some(id) = request.document_id.as_deref().or(hash) else {
            if self.only && !request.is_own() {
                let message = "only registered documents are answered here: send a `documentId`";
                return refuse(code::PERSISTED_QUERY_REQUIRED, message);
            }
            return Ok(None);
        };
        if let Some(text) = self.manifest.get(id) {
            if !request.query.is_empty() && *request.query != **text {
                let message = "the document is not the one that is registered by this id";
                return refuse(code::PERSISTED_QUERY_HASH_MISMATCH, message);
            }
            let text = Arc::clone(text);
            return Ok(Some(Found { text, keep: None }));
        }
        if self.only && !request.query.is_empty() {
            let message = "only registered documents are answered here, and this is none";
            return refuse(code::PERSISTED_QUERY_REQUIRED, message);
        }
        match (&self.automatic, hash) {
            (Some(kept), _) if request.query.is_empty() => match kept.get(bare(id)) {
                Some(text) => Ok(Some(Found { text, keep: None })),
                // Clients wait for these very words.
                None => refuse(code::PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound"),
            },
            (Some(_), _) => {
                if hex::encode(Sha256::digest(&request.query)) != bare(id).to_ascii_lowercase() {
                    let message = "the document does not have the hash that was sent with it";
                    return refuse(code::PERSISTED_QUERY_HASH_MISMATCH, message);
                }
                Ok(Some(Found {
                    text: request.query.as_str().into(),
                    keep: Some(bare(id).to_owned()),
                }))
            }
            (None, Some(_)) if !self.only => refuse(
                code::PERSISTED_QUERY_NOT_SUPPORTED,
                "PersistedQueryNotSupported",
            ),
            (None, _) => refuse(code::PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound"),
        }
    }

    /// Keeps a document that a client has sent with its hash.
    pub fn keep(&self, found: &Found) {
        if let (Some(kept), Some(hash)) = (&self.automatic, &found.keep) {
            kept.insert(hash.to_ascii_lowercase(), Arc::clone(&found.text));
            // Clients register a document once, so the bound may well hold at once.
            kept.run_pending_tasks();
        }
    }
}

/// The hash of `extensions.persistedQuery`.
fn persisted_query(request: &GraphQLRequest) -> Result<Option<&str>, Refusal> {
    let Some(given) = request.extensions.get("persistedQuery") else {
        return Ok(None);
    };
    if given.is_null() {
        return Ok(None);
    }
    match (given["version"].as_u64(), given["sha256Hash"].as_str()) {
        (Some(1), Some(hash)) => Ok(Some(hash)),
        _ => {
            let message = "`extensions.persistedQuery` must have `version` 1 and a `sha256Hash` that is a string";
            Err(GraphQLError::new(code::BAD_REQUEST, message).into())
        }
    }
}
