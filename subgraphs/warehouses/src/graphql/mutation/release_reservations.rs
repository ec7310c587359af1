//! `releaseReservations`.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, Union};
use stockgraph_kit::{
    error::ApiError,
    guard::guarded,
    id::{Id, ReservationId},
    user_error::InvalidInput,
};

use super::actor;
use crate::{
    graphql::{loader, reservation::StockReservation, stock},
    service::MOST_RELEASED,
};

#[derive(Default)]
pub struct ReleaseReservationsMutation;

#[guarded]
#[Object]
impl ReleaseReservationsMutation {
    /// Gives the held stock of many reservations back, as `releaseReservation` does of one. Idempotent.
    #[requires("stock:reserve")]
    async fn release_reservations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which reservations.")] input: ReleaseReservationsInput,
    ) -> Result<ReleaseReservationsPayload, ApiError> {
        let ids = match input.ids() {
            Ok(ids) => ids,
            Err(errors) => {
                return Ok(ReleaseReservationsPayload {
                    reservations: Vec::new(),
                    errors,
                });
            }
        };
        let released = stock(ctx).release_reservations(&ids, actor(ctx)).await;
        loader::forget(ctx);
        Ok(ReleaseReservationsPayload {
            reservations: released?.into_iter().map(StockReservation).collect(),
            errors: Vec::new(),
        })
    }
}

/// Which reservations are given back.
#[derive(InputObject)]
struct ReleaseReservationsInput {
    /// The ids that were chosen when the stock was reserved; 1 to 500.
    ids: Vec<ID>,
}

impl ReleaseReservationsInput {
    fn ids(&self) -> Result<Vec<ReservationId>, Vec<ReleaseReservationsError>> {
        if self.ids.is_empty() || self.ids.len() > MOST_RELEASED {
            let message = format!("One call takes 1 to {MOST_RELEASED} ids.");
            return Err(vec![InvalidInput::new(["ids"], message).into()]);
        }
        let (mut ids, mut errors) = (Vec::new(), Vec::new());
        for (index, id) in self.ids.iter().enumerate() {
            match ReservationId::parse_chosen(id) {
                Ok(id) => ids.push(id),
                Err(error) => {
                    let path = ["ids", &index.to_string()];
                    errors.push(InvalidInput::new(path, error).into());
                }
            }
        }
        if errors.is_empty() {
            Ok(ids)
        } else {
            Err(errors)
        }
    }
}

/// What came of `releaseReservations`.
#[derive(SimpleObject)]
struct ReleaseReservationsPayload {
    /// The reservations as they are now: one that had ended before is as it was. Those that do not exist are left out.
    reservations: Vec<StockReservation>,
    /// Why nothing was given back.
    errors: Vec<ReleaseReservationsError>,
}

/// Why `releaseReservations` changed nothing.
#[derive(Union)]
enum ReleaseReservationsError {
    /// An id is none, or there are too many or too few.
    InvalidInput(InvalidInput),
}
