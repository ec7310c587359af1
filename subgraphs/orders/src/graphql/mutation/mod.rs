//! What changes orders: a file for each mutation.

mod cancel_order;
mod confirm_payment;
mod confirm_refund;
mod deliver_order;
mod expire_overdue_orders;
mod place_order;
mod return_order;
mod ship_order;

use async_graphql::{Context, MergedObject};

use super::loader::Loaders;
use crate::service::Orders;

/// The root of the mutations.
#[derive(Default, MergedObject)]
pub struct Mutation(
    place_order::PlaceOrderMutation,
    confirm_payment::ConfirmPaymentMutation,
    cancel_order::CancelOrderMutation,
    ship_order::ShipOrderMutation,
    deliver_order::DeliverOrderMutation,
    return_order::ReturnOrderMutation,
    confirm_refund::ConfirmRefundMutation,
    expire_overdue_orders::ExpireOverdueOrdersMutation,
);

/// The use cases, for a mutation: what the request has loaded before is forgotten, for it is about to change.
fn orders_to_change<'ctx>(ctx: &Context<'ctx>) -> &'ctx Orders {
    Loaders::of(ctx).forget();
    ctx.data_unchecked()
}
