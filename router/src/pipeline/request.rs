//! What a client asks, and what it is answered, without HTTP.

use http::HeaderMap;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::{GraphQLError, Refusal, code};

/// A GraphQL request.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GraphQLRequest {
    /// The document with the operation; empty if `document_id` or an extension names it.
    pub query: String,
    /// The id of a document that the router knows.
    pub document_id: Option<String>,
    /// Which of the document's operations to run; needed only if there are several.
    pub operation_name: Option<String>,
    /// Values of the operation's variables.
    pub variables: Map<String, Value>,
    /// Whatever the client tells besides.
    pub extensions: Map<String, Value>,
    /// Whether this process asks it itself. What does not say so counts as a client's.
    is_own: bool,
}

impl GraphQLRequest {
    /// A request without variables.
    pub fn new(query: impl Into<String>) -> Self {
        GraphQLRequest {
            query: query.into(),
            ..GraphQLRequest::default()
        }
    }

    /// The same request, asked by this process itself. Where only registered documents are answered, that
    /// holds for clients: never say this of what one has sent.
    #[must_use]
    pub fn of_this_process(mut self) -> Self {
        self.is_own = true;
        self
    }

    /// Whether this process asks it itself.
    pub fn is_own(&self) -> bool {
        self.is_own
    }

    /// The same request for the operation of this name.
    #[must_use]
    pub fn operation_name(mut self, name: impl Into<String>) -> Self {
        self.operation_name = Some(name.into());
        self
    }

    /// The same request with these variables. Anything but an object counts as no variables.
    #[must_use]
    pub fn variables(mut self, variables: Value) -> Self {
        self.variables = match variables {
            Value::Object(variables) => variables,
            _ => Map::new(),
        };
        self
    }

    /// Reads the JSON form that GraphQL over HTTP gives a request.
    ///
    /// # Errors
    /// `BAD_REQUEST` with the member that is missing or of the wrong kind.
    pub fn from_json(json: Value) -> Result<Self, Refusal> {
        let bad = |message: &str| Refusal::from(GraphQLError::new(code::BAD_REQUEST, message));
        let Value::Object(mut body) = json else {
            return Err(bad("the request must be a JSON object with a `query`"));
        };
        let mut text = |name: &str| match body.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(bad(&format!("`{name}` must be a string"))),
        };
        let query = text("query")?;
        let document_id = text("documentId")?;
        let operation_name = match body.remove("operationName") {
            None | Some(Value::Null) => None,
            Some(Value::String(name)) => Some(name),
            Some(_) => return Err(bad("`operationName` must be a string or null")),
        };
        let mut map = |name: &str| match body.remove(name) {
            None | Some(Value::Null) => Ok(Map::new()),
            Some(Value::Object(map)) => Ok(map),
            Some(_) => Err(bad(&format!("`{name}` must be an object or null"))),
        };
        let variables = map("variables")?;
        let extensions = map("extensions")?;
        if query.is_some() && document_id.is_some() {
            return Err(bad("send either a `query` or a `documentId`"));
        }
        let is_named = document_id.is_some() || extensions.contains_key("persistedQuery");
        if query.is_none() && !is_named {
            return Err(bad("`query` is missing"));
        }
        Ok(GraphQLRequest {
            query: query.unwrap_or_default(),
            document_id,
            operation_name,
            variables,
            extensions,
            is_own: false,
        })
    }
}

/// The answer to a request: JSON, already written.
#[derive(Debug, Clone)]
pub struct GraphQLResponse {
    body: Vec<u8>,
    is_rejected: bool,
    headers: HeaderMap,
}

impl GraphQLResponse {
    /// The answer to a request that was refused before it was executed: errors, and no `data`.
    pub fn rejected(errors: &[GraphQLError]) -> Self {
        #[derive(Serialize)]
        struct Rejected<'a> {
            errors: &'a [GraphQLError],
        }
        GraphQLResponse {
            body: serde_json::to_vec(&Rejected { errors })
                .expect("errors hold only JSON values, which are always written"),
            is_rejected: true,
            headers: HeaderMap::new(),
        }
    }

    pub(super) fn executed(body: Vec<u8>) -> Self {
        GraphQLResponse {
            body,
            is_rejected: false,
            headers: HeaderMap::new(),
        }
    }

    pub(super) fn with_headers(self, headers: HeaderMap) -> Self {
        GraphQLResponse { headers, ..self }
    }

    /// Headers of subgraphs that the client shall see.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The JSON text.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The JSON text, taken out.
    pub fn into_body(self) -> Vec<u8> {
        self.body
    }

    /// Whether the request was refused before it was executed, so that there is no `data`.
    pub fn is_rejected(&self) -> bool {
        self.is_rejected
    }

    /// The answer as a value, for programs and tests that look into it.
    pub fn to_json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the router writes JSON")
    }
}
