//! Which callers are a router: they alone ask for entities and for the schema.

use std::sync::Arc;

use async_graphql::{
    Request,
    parser::types::{ExecutableDocument, Selection, SelectionSet},
};
use http::{HeaderMap, HeaderName};
use sha2::{Digest, Sha256};

use crate::{
    caller::{Caller, Scope},
    error::{ApiError, Code},
    token::{Authenticator, TokenError},
};

/// Where a router says that it is one, beside the `Authorization` of its caller: a service's token with the scope `federation:read`, or
/// a secret that the subgraph's configuration knows.
pub const ROUTER_TOKEN: HeaderName = HeaderName::from_static("stockgraph-router-token");

/// The root fields that only routers ask for.
const FEDERATION_FIELDS: [&str; 2] = ["_entities", "_service"];
/// Those that others may ask for where the schema is open.
const SCHEMA_FIELDS: [&str; 2] = ["__schema", "__type"];

/// Tells routers from others. Clones share it.
#[derive(Clone)]
pub struct RouterGate {
    authenticator: Authenticator,
    /// Their SHA-256: comparing those tells by its time nothing about the secrets.
    secrets: Arc<[[u8; 32]]>,
    tells_schema: bool,
}

impl RouterGate {
    /// Lets in whoever has a service's token that `authenticator` accepts, with the scope `federation:read`, or one of these secrets.
    pub fn new<'s>(
        authenticator: Authenticator,
        secrets: impl IntoIterator<Item = &'s [u8]>,
    ) -> Self {
        let secrets = secrets
            .into_iter()
            .map(|secret| Sha256::digest(secret).into());
        Self {
            authenticator,
            secrets: secrets.collect(),
            tells_schema: false,
        }
    }

    /// The same gate, which lets others than routers ask for the schema by introspection, or does not: then no error helps them to
    /// guess it, either.
    #[must_use]
    pub fn with_introspection(mut self, is_open: bool) -> Self {
        self.tells_schema = is_open;
        self
    }

    /// Whether others than routers may ask for the schema.
    pub(super) fn tells_schema(&self) -> bool {
        self.tells_schema
    }

    /// What the request asks for that only routers may have. One that does not parse asks for nothing.
    pub(super) fn kept_from_others(&self, request: &mut Request) -> Option<&'static str> {
        let document = request.parsed_query().ok()?;
        let schema = if self.tells_schema {
            &[][..]
        } else {
            &SCHEMA_FIELDS
        };
        let kept = FEDERATION_FIELDS.iter().chain(schema).copied();
        kept_field(document, &kept.collect::<Vec<_>>())
    }

    /// Whether a router sends these headers: `None` where they do not even say so.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED` for a token that is not good, `FORBIDDEN` for one of somebody who is no router.
    pub async fn is_router(&self, headers: &HeaderMap) -> Result<bool, ApiError> {
        let Some(token) = headers.get(ROUTER_TOKEN) else {
            return Ok(false);
        };
        let hash: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        if self.secrets.contains(&hash) {
            return Ok(true);
        }
        let token = token.to_str().map_err(|_| refused(TokenError::Invalid))?;
        match self.authenticator.verify(token).await.map_err(refused)? {
            Caller::Service { scopes, .. } if scopes.contains(&Scope::FederationRead) => Ok(true),
            Caller::Service { .. } | Caller::User { .. } | Caller::Anonymous => {
                Err(ApiError::forbidden(format!(
                    "`{ROUTER_TOKEN}` must be a service's token with the scope `{}`.",
                    Scope::FederationRead
                )))
            }
        }
    }
}

fn refused(error: TokenError) -> ApiError {
    let code = ApiError::from(error).code();
    let hint = match code {
        Code::Unauthenticated => {
            " The subgraph must know the router's keys (auth.keys_dir or auth.jwks_urls) or its secret (auth.router_secrets)."
        }
        _ => "",
    };
    ApiError::new(code, format!("`{ROUTER_TOKEN}` is refused: {error}{hint}"))
}

/// The first of these fields in the document. No other type has fields of these names, so it does not matter where they stand.
fn kept_field(document: &ExecutableDocument, kept: &[&'static str]) -> Option<&'static str> {
    let operations = document.operations.iter();
    let mut open: Vec<&SelectionSet> = operations
        .map(|(_, operation)| &operation.node.selection_set.node)
        .collect();
    let fragments = document.fragments.values();
    open.extend(fragments.map(|fragment| &fragment.node.selection_set.node));
    while let Some(set) = open.pop() {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let name = field.node.name.node.as_str();
                    if let Some(kept) = kept.iter().find(|kept| **kept == name) {
                        return Some(kept);
                    }
                    open.push(&field.node.selection_set.node);
                }
                Selection::InlineFragment(fragment) => {
                    open.push(&fragment.node.selection_set.node);
                }
                Selection::FragmentSpread(_) => {}
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::Clock,
        random::Random,
        token::{Realm, SigningKey},
    };

    fn gate() -> RouterGate {
        let pem = SigningKey::generate_pem(&Random::seeded(1)).unwrap();
        let clock = Clock::manual(chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let key = SigningKey::from_pem(&pem).unwrap();
        RouterGate::new(Authenticator::new(key, &Realm::default(), clock), [])
    }

    fn asks(gate: &RouterGate, query: &str) -> bool {
        gate.kept_from_others(&mut Request::new(query)).is_some()
    }

    #[test]
    fn federation_fields_are_found_wherever_they_hide() {
        for query in [
            "{ _service { sdl } }",
            "{ innocent: _service { sdl } }",
            "query A { me { id } } query B { _service { sdl } }",
            "{ ... { _entities(representations: []) { __typename } } }",
            "{ ... on Query { ...F } } fragment F on Query { _service { sdl } }",
            "query ($r: [_Any!]!) { a: _entities(representations: $r) { __typename } }",
        ] {
            assert!(asks(&gate(), query), "{query}");
            assert!(asks(&gate().with_introspection(true), query), "{query}");
        }
    }

    #[test]
    fn other_requests_go_through() {
        for query in ["{ me { id } }", "{ _service: me { id } }", "{ broken", ""] {
            assert!(!asks(&gate(), query), "{query}");
        }
    }

    #[test]
    fn the_schema_is_for_others_only_where_it_is_open() {
        for query in [
            "{ __schema { types { name } } }",
            "{ a: __type(name: \"A\") { name } }",
        ] {
            assert!(asks(&gate(), query), "{query}");
            assert!(!asks(&gate().with_introspection(true), query), "{query}");
        }
        assert!(!asks(&gate(), "{ __typename }"));
    }
}
