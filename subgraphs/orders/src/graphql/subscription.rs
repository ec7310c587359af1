//! Orders as they change.

use async_graphql::{Context, Subscription as SubscriptionRoot};
use futures_util::{Stream, StreamExt, future, stream};
use stockgraph_kit::{caller::Caller, error::ApiError, events::News, id::OrderId};

use super::{loader::Loaders, order::OrderObject};
use crate::service::Orders;

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
        let orders = ctx.data_unchecked::<Orders>().clone();
        let caller = Caller::of(ctx).clone();
        let loaders = Loaders::of(ctx).clone();
        // Listens before it reads, so that no change falls between the two.
        let changes = orders.changes().subscribe().filter(move |news| {
            future::ready(match news {
                News::Changed(changed) => *changed == id,
                News::Missed => true,
            })
        });
        let Some(first) = visible(&orders, &caller, id).await? else {
            return Err(ApiError::bad_user_input("There is no such order."));
        };
        let later = changes.filter_map(move |_| {
            let (orders, caller, loaders) = (orders.clone(), caller.clone(), loaders.clone());
            async move {
                // What an earlier state of the order has loaded is no longer true.
                loaders.forget();
                visible(&orders, &caller, id).await.transpose()
            }
        });
        Ok(stream::once(future::ready(Ok(first))).chain(later))
    }
}

async fn visible(
    orders: &Orders,
    caller: &Caller,
    id: OrderId,
) -> Result<Option<OrderObject>, ApiError> {
    let order = orders.order(id).await?;
    Ok(order.and_then(|order| OrderObject::visible_to(caller, order)))
}
