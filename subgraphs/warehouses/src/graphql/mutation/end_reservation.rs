//! `commitReservation` and `releaseReservation`.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, Union};
use stockgraph_kit::{
    error::ApiError,
    guard::guarded,
    id::{Id, ReservationId},
    user_error::{NotFound, WrongState},
};

use super::actor;
use crate::{
    domain::reservation::Reservation,
    graphql::{loader, reservation::StockReservation, stock, user_error::reservation_state},
    service::EndReservationError,
};

#[derive(Default)]
pub struct EndReservationMutation;

#[guarded]
#[Object]
impl EndReservationMutation {
    /// Takes the held stock off hand: it is sold. Idempotent. A reservation whose time is up can be committed until the expiry job has
    /// closed it.
    #[requires("stock:reserve")]
    async fn commit_reservation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which reservation.")] input: CommitReservationInput,
    ) -> Result<CommitReservationPayload, ApiError> {
        let id = match parse(&input.id) {
            Ok(id) => id,
            Err(error) => {
                return Ok(CommitReservationPayload {
                    reservation: None,
                    errors: vec![error.into()],
                });
            }
        };
        let ended = stock(ctx).commit_reservation(id, actor(ctx)).await;
        loader::forget(ctx);
        Ok(match told(ended)? {
            Ok(reservation) => CommitReservationPayload {
                reservation: Some(reservation),
                errors: Vec::new(),
            },
            Err(Refusal::NotFound(error)) => CommitReservationPayload {
                reservation: None,
                errors: vec![error.into()],
            },
            Err(Refusal::WrongState(error)) => CommitReservationPayload {
                reservation: None,
                errors: vec![error.into()],
            },
        })
    }

    /// Gives the held stock back. Idempotent.
    #[requires("stock:reserve")]
    async fn release_reservation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which reservation.")] input: ReleaseReservationInput,
    ) -> Result<ReleaseReservationPayload, ApiError> {
        let id = match parse(&input.id) {
            Ok(id) => id,
            Err(error) => {
                return Ok(ReleaseReservationPayload {
                    reservation: None,
                    errors: vec![error.into()],
                });
            }
        };
        let ended = stock(ctx).release_reservation(id, actor(ctx)).await;
        loader::forget(ctx);
        Ok(match told(ended)? {
            Ok(reservation) => ReleaseReservationPayload {
                reservation: Some(reservation),
                errors: Vec::new(),
            },
            Err(Refusal::NotFound(error)) => ReleaseReservationPayload {
                reservation: None,
                errors: vec![error.into()],
            },
            Err(Refusal::WrongState(error)) => ReleaseReservationPayload {
                reservation: None,
                errors: vec![error.into()],
            },
        })
    }
}

/// Reads an id that its caller chose.
fn parse(id: &ID) -> Result<ReservationId, NotFound> {
    ReservationId::parse_chosen(id).map_err(|error| NotFound {
        message: error.to_string(),
        id: id.clone(),
    })
}

/// Why a reservation stays as it is.
enum Refusal {
    NotFound(NotFound),
    WrongState(WrongState),
}

fn told(
    ended: Result<Reservation, EndReservationError>,
) -> Result<Result<StockReservation, Refusal>, ApiError> {
    Ok(match ended {
        Ok(reservation) => Ok(StockReservation(reservation)),
        Err(EndReservationError::NotFound(id)) => {
            Err(Refusal::NotFound(NotFound::new("reservation", id)))
        }
        Err(EndReservationError::WrongState(reservation)) => {
            Err(Refusal::WrongState(reservation_state(&reservation)))
        }
        Err(EndReservationError::Overloaded) => return Err(ApiError::overloaded()),
        Err(EndReservationError::Database(error)) => return Err(error.into()),
    })
}

/// Which reservation is sold.
#[derive(InputObject)]
struct CommitReservationInput {
    /// The id that was chosen when the stock was reserved.
    id: ID,
}

/// What came of `commitReservation`.
#[derive(SimpleObject)]
struct CommitReservationPayload {
    /// The reservation as it is now.
    reservation: Option<StockReservation>,
    /// Why it is as it was.
    errors: Vec<CommitReservationError>,
}

/// Why `commitReservation` changed nothing.
#[derive(Union)]
enum CommitReservationError {
    /// There is no such reservation.
    NotFound(NotFound),
    /// The reservation has ended otherwise.
    WrongState(WrongState),
}

/// Which reservation is given back.
#[derive(InputObject)]
struct ReleaseReservationInput {
    /// The id that was chosen when the stock was reserved.
    id: ID,
}

/// What came of `releaseReservation`.
#[derive(SimpleObject)]
struct ReleaseReservationPayload {
    /// The reservation as it is now.
    reservation: Option<StockReservation>,
    /// Why it is as it was.
    errors: Vec<ReleaseReservationError>,
}

/// Why `releaseReservation` changed nothing.
#[derive(Union)]
enum ReleaseReservationError {
    /// There is no such reservation.
    NotFound(NotFound),
    /// The reservation has ended otherwise.
    WrongState(WrongState),
}
