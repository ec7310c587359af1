//! Errors as GraphQL knows them: what a client reads under `errors`, and what subgraphs answer.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Codes that the router itself gives, always found under `extensions.code`.
pub mod code {
    /// The request is not one that GraphQL over HTTP knows: broken JSON, a missing `query`, a batch.
    pub const BAD_REQUEST: &str = "BAD_REQUEST";
    /// The body of an HTTP request is larger than is allowed.
    pub const BODY_TOO_LARGE: &str = "BODY_BYTES_LIMIT_EXCEEDED";
    /// The operation's text is not GraphQL.
    pub const PARSE_FAILED: &str = "GRAPHQL_PARSE_FAILED";
    /// The operation does not fit the schema.
    pub const VALIDATION_FAILED: &str = "GRAPHQL_VALIDATION_FAILED";
    /// The document does not say which operation to run, or has none of the given name.
    pub const OPERATION_RESOLUTION_FAILURE: &str = "OPERATION_RESOLUTION_FAILURE";
    /// The answer to an introspection would be many times as large as the schema, or subgraphs would be asked for too many fields.
    pub const OPERATION_TOO_LARGE: &str = "OPERATION_TOO_LARGE";
    /// A variable's value does not fit its type.
    pub const BAD_USER_INPUT: &str = "BAD_USER_INPUT";
    /// A mutation was sent by a method that promises to change nothing.
    pub const METHOD_NOT_ALLOWED: &str = "METHOD_NOT_ALLOWED";
    /// The operation is of a kind that this endpoint does not serve.
    pub const OPERATION_NOT_SUPPORTED: &str = "OPERATION_NOT_SUPPORTED";
    /// More subscriptions are open than may be. `limit` and `value` say how many.
    pub const TOO_MANY_SUBSCRIPTIONS: &str = stockgraph_websocket::TOO_MANY;
    /// Events came faster than the client took them, and no more could be kept.
    pub const SUBSCRIPTION_TOO_SLOW: &str = "SUBSCRIPTION_TOO_SLOW";
    /// No query plan could be made.
    pub const PLANNING_FAILED: &str = "QUERY_PLANNING_FAILED";
    /// Planning took longer than is allowed.
    pub const PLANNING_TIMEOUT: &str = "PLANNING_TIMEOUT";
    /// The schema is asked for where it is not told.
    pub const INTROSPECTION_DISABLED: &str = "INTROSPECTION_DISABLED";
    /// No document is known by this id, so the client has to send its text.
    pub const PERSISTED_QUERY_NOT_FOUND: &str = "PERSISTED_QUERY_NOT_FOUND";
    /// The document that was sent does not have the hash that was sent with it.
    pub const PERSISTED_QUERY_HASH_MISMATCH: &str = "PERSISTED_QUERY_HASH_MISMATCH";
    /// The client asks by a hash where documents are not kept for clients.
    pub const PERSISTED_QUERY_NOT_SUPPORTED: &str = "PERSISTED_QUERY_NOT_SUPPORTED";
    /// Only documents that were registered before are answered, and this is none.
    pub const PERSISTED_QUERY_REQUIRED: &str = "PERSISTED_QUERY_REQUIRED";
    /// Several requests in one, where they are not served, or more than are served.
    pub const BATCH_REFUSED: &str = "BATCH_REFUSED";
    /// A fault of the router's own.
    pub const INTERNAL: &str = "INTERNAL_SERVER_ERROR";
    /// A subgraph could not be reached.
    pub const SUBGRAPH_UNAVAILABLE: &str = "SUBGRAPH_UNAVAILABLE";
    /// A subgraph did not answer in time.
    pub const SUBGRAPH_TIMEOUT: &str = "SUBGRAPH_TIMEOUT";
    /// The whole request took longer than the router allows; what was not there by then is null.
    pub const REQUEST_TIMEOUT: &str = "REQUEST_TIMEOUT";
    /// A subgraph answered with something that is not GraphQL, or not what its schema says.
    pub const SUBGRAPH_BAD_ANSWER: &str = "SUBGRAPH_BAD_ANSWER";
    /// A subgraph reported an error without a code of its own.
    pub const SUBGRAPH_ERROR: &str = "DOWNSTREAM_SERVICE_ERROR";
    /// A field that the schema calls non-null came back null, and no subgraph said why.
    pub const UNEXPECTED_NULL: &str = "UNEXPECTED_NULL";
}

/// One step of a response path: a response key or a position in a list.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PathSegment {
    /// Position in a list, from zero.
    Index(usize),
    /// Response key: the alias if there is one, else the field's name.
    Key(String),
}

impl From<&str> for PathSegment {
    fn from(key: &str) -> Self {
        PathSegment::Key(key.to_owned())
    }
}

impl From<usize> for PathSegment {
    fn from(index: usize) -> Self {
        PathSegment::Index(index)
    }
}

/// A place in the operation's text, both counted from one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// Line, from one.
    pub line: usize,
    /// Column, from one.
    pub column: usize,
}

/// An error of a GraphQL response, see <https://spec.graphql.org/draft/#sec-Errors>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GraphQLError {
    /// What is wrong, for a person.
    pub message: String,
    /// Where in the operation's text; empty if no place is to blame.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locations: Vec<Location>,
    /// Which field of the response it cost; empty if it concerns the whole request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub path: Vec<PathSegment>,
    /// `code`, `service` and whatever else a program may want to know.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub extensions: Map<String, Value>,
}

impl GraphQLError {
    /// An error with a message and a code.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        let mut extensions = Map::new();
        extensions.insert("code".to_owned(), code.into());
        GraphQLError {
            message: message.into(),
            locations: Vec::new(),
            path: Vec::new(),
            extensions,
        }
    }

    /// The same error at a place of the operation's text.
    #[must_use]
    pub fn at(mut self, line: usize, column: usize) -> Self {
        self.locations.push(Location { line, column });
        self
    }

    /// The same error with a response path.
    #[must_use]
    pub fn with_path(mut self, path: Vec<PathSegment>) -> Self {
        self.path = path;
        self
    }

    /// The same error with one more extension.
    #[must_use]
    pub fn with_extension(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.extensions.insert(name.to_owned(), value.into());
        self
    }

    /// `extensions.code`, if there is one.
    pub fn code(&self) -> Option<&str> {
        self.extensions.get("code").and_then(Value::as_str)
    }

    /// Reads an error of a foreign server, forgiving whatever does not follow the specification.
    pub fn from_foreign(value: Value) -> Self {
        let Value::Object(mut error) = value else {
            return GraphQLError::bare(value.to_string());
        };
        let message = match error.remove("message") {
            Some(Value::String(message)) => message,
            _ => "an error without a message".to_owned(),
        };
        let mut read = GraphQLError::bare(message);
        if let Some(Ok(path)) = error.remove("path").map(serde_json::from_value) {
            read.path = path;
        }
        if let Some(Ok(locations)) = error.remove("locations").map(serde_json::from_value) {
            read.locations = locations;
        }
        if let Some(Value::Object(extensions)) = error.remove("extensions") {
            read.extensions = extensions;
        }
        read
    }

    fn bare(message: String) -> Self {
        GraphQLError {
            message,
            locations: Vec::new(),
            path: Vec::new(),
            extensions: Map::new(),
        }
    }
}

/// Why a request is not executed: one error or several, never none.
pub type Refusal = Vec<GraphQLError>;

impl From<GraphQLError> for Refusal {
    fn from(error: GraphQLError) -> Self {
        vec![error]
    }
}

impl std::fmt::Display for GraphQLError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.code() {
            Some(code) => write!(f, "{} ({code})", self.message),
            None => f.write_str(&self.message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_foreign_error_keeps_what_can_be_read_of_it() {
        let read = GraphQLError::from_foreign(json!({
            "message": "no",
            "path": ["a", 0, "b"],
            "locations": "nonsense",
            "extensions": {"code": "X"}
        }));
        assert_eq!(read.path, vec!["a".into(), 0.into(), "b".into()]);
        assert!(read.locations.is_empty());
        assert_eq!(read.code(), Some("X"));
        assert_eq!(
            GraphQLError::from_foreign(json!("text")).message,
            "\"text\""
        );
    }

    #[test]
    fn empty_members_are_left_out_of_the_json() {
        let error = serde_json::to_value(GraphQLError::new(code::INTERNAL, "m")).unwrap();
        assert_eq!(
            error,
            json!({"message": "m", "extensions": {"code": "INTERNAL_SERVER_ERROR"}})
        );
    }
}
