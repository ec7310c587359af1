//! The subscriptions.

use async_graphql::{Context, Subscription};
use futures_util::{Stream, StreamExt};
use stockgraph_kit::{error::ApiError, id::ProductId};

use super::{product::ProductStock, stock};

/// The most products that one subscription watches.
const MOST_WATCHED: usize = 100;

/// The root of the subscriptions.
pub struct Subscription;

/// What can be watched.
#[Subscription]
impl Subscription {
    /// The stock of these products, now and after every change.
    async fn stock_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which products: 1 to 100.")] product_ids: Vec<ProductId>,
    ) -> Result<impl Stream<Item = Result<ProductStock, ApiError>> + use<>, ApiError> {
        let mut products = product_ids;
        products.sort_unstable();
        products.dedup();
        if !(1..=MOST_WATCHED).contains(&products.len()) {
            return Err(ApiError::bad_user_input(format!(
                "Give 1 to {MOST_WATCHED} products; there are {}.",
                products.len()
            )));
        }
        Ok(stock(ctx)
            .watch_stock(products)
            .map(|watched| Ok(watched?.into())))
    }
}
