//! `expireOverdueOrders`.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use stockgraph_kit::{error::ApiError, guard::guarded};

use super::orders_to_change;
use crate::graphql::order::OrderObject;

/// The most orders that one call expires.
const LARGEST_LIMIT: u32 = 1_000;

/// How much one call does.
#[derive(InputObject)]
pub struct ExpireOverdueOrdersInput {
    /// The most orders to expire; 1 to 1,000.
    #[graphql(default = 500)]
    limit: Option<i32>,
}

/// What one call did.
#[derive(SimpleObject)]
pub struct ExpireOverdueOrdersPayload {
    /// The orders that this call expired.
    expired: Vec<OrderObject>,
    /// Whether there are more that are overdue.
    has_more: bool,
}

#[derive(Default)]
pub struct ExpireOverdueOrdersMutation;

#[guarded]
#[Object]
impl ExpireOverdueOrdersMutation {
    /// The scheduled job: expires up to `limit` orders whose payment is overdue and releases their stock. Safe to run from any number
    /// of schedulers at once; each order expires once.
    #[requires("orders:expire")]
    async fn expire_overdue_orders(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How much to do.")] input: ExpireOverdueOrdersInput,
    ) -> Result<ExpireOverdueOrdersPayload, ApiError> {
        let limit = u32::try_from(input.limit.unwrap_or(500))
            .ok()
            .filter(|limit| (1..=LARGEST_LIMIT).contains(limit))
            .ok_or_else(|| {
                ApiError::bad_user_input(format!("`limit` must be between 1 and {LARGEST_LIMIT}."))
            })?;
        let run = orders_to_change(ctx).expire_overdue_orders(limit).await?;
        Ok(ExpireOverdueOrdersPayload {
            expired: run.expired.into_iter().map(OrderObject::from).collect(),
            has_more: run.has_more,
        })
    }
}
