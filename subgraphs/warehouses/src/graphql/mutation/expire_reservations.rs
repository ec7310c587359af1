//! `expireReservations`.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use stockgraph_kit::{error::ApiError, guard::guarded};

use super::actor;
use crate::{
    graphql::{loader, reservation::StockReservation, stock},
    service::ExpireReservationsError,
};

/// How many reservations a call expires that does not say.
const DEFAULT_LIMIT: i32 = 500;

#[derive(Default)]
pub struct ExpireReservationsMutation;

#[guarded]
#[Object]
impl ExpireReservationsMutation {
    /// Releases up to `limit` reservations whose time is up. Safe to run from any number of schedulers at once.
    #[requires("stock:expire")]
    async fn expire_reservations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many.")] input: ExpireReservationsInput,
    ) -> Result<ExpireReservationsPayload, ApiError> {
        let limit = input.limit.unwrap_or(DEFAULT_LIMIT);
        let expired = stock(ctx).expire_reservations(limit, actor(ctx)).await;
        loader::forget(ctx);
        match expired {
            Ok(expired) => Ok(ExpireReservationsPayload {
                expired: expired
                    .reservations
                    .into_iter()
                    .map(StockReservation)
                    .collect(),
                has_more: expired.has_more,
            }),
            Err(error @ ExpireReservationsError::Limit(_)) => {
                Err(ApiError::bad_user_input(error.to_string()))
            }
            Err(ExpireReservationsError::Database(error)) => Err(error.into()),
        }
    }
}

/// How many reservations are expired.
#[derive(InputObject)]
struct ExpireReservationsInput {
    /// The most that one call expires: 1 to 1,000.
    #[graphql(default_with = "Some(DEFAULT_LIMIT)")]
    limit: Option<i32>,
}

/// What came of `expireReservations`.
#[derive(SimpleObject)]
struct ExpireReservationsPayload {
    /// The reservations that this call closed.
    expired: Vec<StockReservation>,
    /// Whether there are more whose time is up.
    has_more: bool,
}
