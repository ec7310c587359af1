//! The stock's part of the graph.

pub mod connection;
pub mod loader;
pub mod movement;
pub mod mutation;
pub mod product;
pub mod query;
pub mod reservation;
pub mod stock_level;
pub mod subscription;
pub mod transfer;
pub mod user_error;
pub mod warehouse;

use async_graphql::{Context, Schema};
use stockgraph_kit::caller::{Caller, Scope};

pub use mutation::Mutation;
pub use query::Query;
pub use subscription::Subscription;

use crate::{domain::reservation::Reservation, service::Warehouses};

/// The schema over this stock.
pub fn schema(warehouses: Warehouses) -> Schema<Query, Mutation, Subscription> {
    Schema::build(Query, Mutation::default(), Subscription)
        .enable_federation()
        .enable_subscription_in_federation()
        .register_output_type::<user_error::UserError>()
        .data(warehouses)
        .finish()
}

/// The stock that the schema was made with.
fn stock<'ctx>(ctx: &Context<'ctx>) -> &'ctx Warehouses {
    ctx.data_unchecked::<Warehouses>()
}

/// Whether the caller may see this reservation: staff, and the user whom it was made for.
fn may_see(ctx: &Context<'_>, reservation: &Reservation) -> bool {
    let caller = Caller::of(ctx);
    let owns = reservation
        .owner
        .is_some_and(|owner| caller.user_id() == Some(owner));
    owns || caller.may(Scope::StockRead)
}
