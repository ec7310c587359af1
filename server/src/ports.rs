//! How the checkout reaches the catalogue and the stock: by GraphQL, as any client would, in process or over HTTP.

mod catalogue;
mod stock;

pub use catalogue::GraphCatalogue;
pub use stock::GraphStock;

use stockgraph_kit::error::{ApiError, Code};
use stockgraph_orders::service::ports::PortError;
use stockgraph_router::{GraphQLError, transport::SubgraphError};

/// What a failed call means to the checkout.
fn port_error(error: SubgraphError) -> PortError {
    match &error {
        SubgraphError::Answered(errors) => answered(errors),
        _ => PortError::Unreachable(error.to_string()),
    }
}

fn answered(errors: &[GraphQLError]) -> PortError {
    let message = errors
        .iter()
        .map(|error| error.message.as_str())
        .collect::<Vec<_>>()
        .join("; ");
    let has = |code: Code| {
        errors
            .iter()
            .any(|error| error.code() == Some(code.as_str()))
    };
    if has(Code::Overloaded) {
        PortError::Overloaded(message)
    } else if has(Code::Unavailable) {
        PortError::Unreachable(message)
    } else {
        PortError::Unexpected(message)
    }
}

fn no_token(error: ApiError) -> PortError {
    PortError::Unexpected(format!("no service token: {}", error.message()))
}
