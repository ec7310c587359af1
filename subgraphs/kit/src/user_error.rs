//! Members of the payloads' `errors` unions that several subgraphs share. Each subgraph lists them, beside its own, in its
//! `UserError` interface.

use async_graphql::{ID, SimpleObject};

use crate::id::{Id, IdError};

/// An argument breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
#[graphql(shareable)]
pub struct InvalidInput {
    /// For a person to read, in English.
    pub message: String,
    /// Path of the field within the input, e.g. `["lines", "0", "quantity"]`.
    pub field: Vec<String>,
}

impl InvalidInput {
    /// The rule that the field at this path breaks.
    pub fn new<P: ToString>(path: impl IntoIterator<Item = P>, message: impl ToString) -> Self {
        Self {
            message: message.to_string(),
            field: path.into_iter().map(|part| part.to_string()).collect(),
        }
    }

    /// Reads the id at this path of an input.
    ///
    /// # Errors
    ///
    /// The text is no id of this kind.
    pub fn parse_id<I: Id, P: ToString>(
        path: impl IntoIterator<Item = P>,
        id: &ID,
    ) -> Result<I, Self> {
        I::parse(id).map_err(|error| Self::new(path, error))
    }
}

/// No such object, or none that the caller may see.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
#[graphql(shareable)]
pub struct NotFound {
    /// For a person to read, in English.
    pub message: String,
    /// The id as it was given.
    pub id: ID,
}

impl NotFound {
    /// There is no `noun` with this id.
    pub fn new(noun: &str, id: impl ToString) -> Self {
        Self {
            message: format!("There is no such {noun}."),
            id: ID(id.to_string()),
        }
    }

    /// Reads an id, for payloads that know no `InvalidInput`: what is no id of this kind cannot be found either, and the message
    /// says why.
    ///
    /// # Errors
    ///
    /// The text is no id of this kind.
    pub fn parse_id<I: Id>(id: &ID) -> Result<I, Self> {
        I::parse(id).map_err(|error: IdError| Self {
            message: error.to_string(),
            id: id.clone(),
        })
    }
}

/// What was asked for is not possible in the state the object is in.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
#[graphql(shareable)]
pub struct WrongState {
    /// For a person to read, in English.
    pub message: String,
    /// The state it is in.
    pub state: String,
}
