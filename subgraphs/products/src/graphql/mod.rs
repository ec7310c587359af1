//! The catalogue's part of the graph.

pub mod category;
pub mod connection;
mod given;
pub mod loader;
pub mod mutation;
pub mod product;
pub mod query;
pub mod user_error;

use async_graphql::Context;
use stockgraph_kit::caller::{Caller, Scope};

use crate::{domain::listing::Audience, service::Catalogue};

/// For whom the request that is being answered is.
fn audience(ctx: &Context<'_>) -> Audience {
    if Caller::of(ctx).may(Scope::CatalogueWrite) {
        Audience::Staff
    } else {
        Audience::Customers
    }
}

/// The catalogue that the schema was made with.
fn catalogue<'ctx>(ctx: &Context<'ctx>) -> &'ctx Catalogue {
    ctx.data_unchecked::<Catalogue>()
}
