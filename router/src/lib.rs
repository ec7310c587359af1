//! A federation router: composes subgraphs, plans and executes operations across them. It knows no domain.
//!
//! | room | what happens there |
//! |---|---|
//! | [`composition`] | subgraph schemas become one supergraph |
//! | [`planning`] | an operation's text becomes a query plan |
//! | `execution` | a plan becomes data: fetches, merging, projection |
//! | [`pipeline`] | the way of a request through all of these, and what can be set about it |
//! | [`transport`] | how a subgraph is called, in process or over HTTP |
//! | [`headers`] | which headers pass through |
//! | [`operation`] | what every room knows of an operation |
//! | [`observe`] | what is told to whoever counts |
//! | [`serving`] | GraphQL over HTTP, websockets and server-sent events |

pub mod composition;
pub mod error;
mod execution;
pub mod headers;
pub mod observe;
pub mod operation;
pub mod pipeline;
pub mod planning;
pub mod serving;
pub mod transport;

pub use error::GraphQLError;
pub use pipeline::{
    GraphQLRequest, GraphQLResponse, LiveRouter, Responses, Router, RouterError, RouterOptions,
    SubgraphDefinition,
};
