//! Orders as they change.

use async_graphql::{Context, Subscription as SubscriptionRoot};
use futures_util::{Stream, StreamExt, future};
use stockgraph_kit::{caller::Caller, error::ApiError, id::OrderId};

use super::{loader::Loaders, order::OrderObject};
use crate::{domain::order::Order, service::Orders};

/// The root of the subscriptions.
pub struct Subscription;

/// The root of the subscriptions.
#[SubscriptionRoot]
impl Subscription {
    /// An order, now and after every change of its status. Customers see their own only.
    async fn order_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which order.")] id: OrderId,
    ) -> Result<impl Stream<Item = Result<OrderObject, ApiError>> + use<>, ApiError> {
        let orders = ctx.data_unchecked::<Orders>();
        let caller = Caller::of(ctx).clone();
        let loaders = Loaders::of(ctx).clone();
        let seen = |order: Option<Order>| order.and_then(|it| OrderObject::visible_to(&caller, it));
        if seen(orders.order(id).await?).is_none() {
            return Err(ApiError::bad_user_input("There is no such order."));
        }
        let shown = orders.watch_order(id).filter_map(move |order| {
            // What an earlier state of the order has loaded is no longer true.
            loaders.forget();
            let order = order.map(|order| OrderObject::visible_to(&caller, order));
            future::ready(order.map_err(ApiError::from).transpose())
        });
        Ok(shown)
    }
}
