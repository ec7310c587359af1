//! Why a subgraph gave no usable answer.

use crate::error::{GraphQLError, code};

/// A call of a subgraph that came to nothing.
///
/// `Display` says everything that is known and is meant for logs; [`SubgraphError::to_client`] is
/// what may be shown outside.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SubgraphError {
    /// No connection, or it broke before the answer was read.
    #[error("it cannot be reached: {0}")]
    Unreachable(String),
    /// The time that a call may take ran out.
    #[error("it did not answer in time")]
    TimedOut,
    /// It was not called: it has failed too often just before.
    #[error("it has failed too often and is left alone for a moment")]
    LeftAlone,
    /// It was not waited for, or not called: the time that the client's whole request may take has run out.
    #[error("the request's time has run out")]
    RequestTimedOut,
    /// It answered, but with something that is not a GraphQL response.
    #[error("its answer is not GraphQL: {0}")]
    BadAnswer(String),
    /// It answered with errors of its own.
    #[error("it reported {}", list(.0))]
    Answered(Vec<GraphQLError>),
    /// Its events came faster than they were taken, and no more could be kept.
    #[error("its events were not taken as fast as they came")]
    TooSlow,
    /// It can never be called as it is set up: a wrong URL, or no TLS.
    #[error("it is not set up correctly: {0}")]
    Misconfigured(String),
}

impl SubgraphError {
    /// Whether it tells that the subgraph is down or overloaded, rather than that this one request was wrong.
    pub fn is_outage(&self) -> bool {
        match self {
            SubgraphError::Unreachable(_) | SubgraphError::TimedOut => true,
            SubgraphError::LeftAlone
            | SubgraphError::RequestTimedOut
            | SubgraphError::TooSlow
            | SubgraphError::BadAnswer(_)
            | SubgraphError::Answered(_)
            | SubgraphError::Misconfigured(_) => false,
        }
    }

    /// The code for `extensions.code`.
    pub fn code(&self) -> &str {
        match self {
            SubgraphError::Unreachable(_)
            | SubgraphError::LeftAlone
            | SubgraphError::Misconfigured(_) => code::SUBGRAPH_UNAVAILABLE,
            SubgraphError::RequestTimedOut => code::REQUEST_TIMEOUT,
            SubgraphError::TimedOut => code::SUBGRAPH_TIMEOUT,
            SubgraphError::TooSlow => code::SUBSCRIPTION_TOO_SLOW,
            SubgraphError::BadAnswer(_) => code::SUBGRAPH_BAD_ANSWER,
            SubgraphError::Answered(errors) => errors
                .iter()
                .find_map(GraphQLError::code)
                .unwrap_or(code::SUBGRAPH_ERROR),
        }
    }

    /// The error for a client of the graph: it names the subgraph, but says nothing of addresses,
    /// causes or answers.
    pub fn to_client(&self, subgraph: &str) -> GraphQLError {
        let message = match self {
            SubgraphError::Unreachable(_)
            | SubgraphError::LeftAlone
            | SubgraphError::Misconfigured(_) => {
                format!("the subgraph `{subgraph}` cannot be reached")
            }
            SubgraphError::RequestTimedOut => {
                format!("the request's time ran out before the subgraph `{subgraph}` answered")
            }
            SubgraphError::TimedOut => format!("the subgraph `{subgraph}` did not answer in time"),
            SubgraphError::BadAnswer(_) => {
                format!("the subgraph `{subgraph}` gave an answer that cannot be read")
            }
            SubgraphError::TooSlow => {
                "the events were not taken as fast as they came: subscribe again".to_owned()
            }
            SubgraphError::Answered(_) => format!("the subgraph `{subgraph}` reported an error"),
        };
        GraphQLError::new(self.code(), message).with_extension("service", subgraph)
    }
}

fn list(errors: &[GraphQLError]) -> String {
    let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
    texts.join("; ")
}
