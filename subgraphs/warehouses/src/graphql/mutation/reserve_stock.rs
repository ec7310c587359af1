//! `reserveStock`.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, Union};
use stockgraph_kit::{
    error::ApiError,
    guard::guarded,
    id::{Id, ReservationId},
    instant::Instant,
    user_error::{InvalidInput, WrongState},
};

use super::{
    actor,
    line::{StockLineInput, lines},
};
use crate::{
    domain::reservation::Reservation,
    graphql::{
        loader,
        reservation::StockReservation,
        stock,
        user_error::{InsufficientStock, invalid, reservation_state, short},
    },
    service::{self, ReserveStock},
};

#[derive(Default)]
pub struct ReserveStockMutation;

#[guarded]
#[Object]
impl ReserveStockMutation {
    /// Holds stock for a reference until it is committed, released or expires: every line or none, across the active warehouses.
    /// Idempotent by `id`: the same call again returns the same reservation; the same id with other lines is an error. A reservation
    /// that was given back since is returned with an error that says so.
    #[requires("stock:reserve")]
    async fn reserve_stock(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be held, and until when.")] input: ReserveStockInput,
    ) -> Result<ReserveStockPayload, ApiError> {
        let reserved = match hold(ctx, &input) {
            Ok(hold) => stock(ctx).reserve_stock(hold).await,
            Err(errors) => return Ok(told(None, errors)),
        };
        loader::forget(ctx);
        Ok(match reserved {
            Ok(reservation) => told(Some(reservation), Vec::new()),
            Err(service::ReserveStockError::Invalid(violations)) => told(None, invalid(violations)),
            Err(service::ReserveStockError::Short(shortages)) => told(None, short(shortages)),
            Err(service::ReserveStockError::OtherLines(known)) => {
                let error = WrongState {
                    message: format!(
                        "This id was used for other lines, by a reservation that is {}.",
                        known.status
                    ),
                    state: known.status.to_string(),
                };
                told(None, vec![error.into()])
            }
            Err(service::ReserveStockError::WrongState(reservation)) => {
                let error = reservation_state(&reservation).into();
                told(Some(reservation), vec![error])
            }
            Err(service::ReserveStockError::Overloaded) => return Err(ApiError::overloaded()),
            Err(service::ReserveStockError::Database(error)) => return Err(error.into()),
        })
    }
}

fn hold(
    ctx: &Context<'_>,
    input: &ReserveStockInput,
) -> Result<ReserveStock, Vec<ReserveStockError>> {
    let id = ReservationId::parse_chosen(&input.id)
        .map_err(|error| vec![InvalidInput::new(["id"], error).into()])?;
    let owner = input
        .owner_id
        .as_ref()
        .map(|id| InvalidInput::parse_id(["ownerId"], id))
        .transpose()
        .map_err(|error| vec![error.into()])?;
    let lines = lines(&input.lines).map_err(|errors| {
        let members = errors.into_iter().map(Into::into);
        members.collect::<Vec<ReserveStockError>>()
    })?;
    Ok(ReserveStock {
        id,
        lines,
        expires_at: input.expires_at.0,
        owner,
        actor: actor(ctx),
    })
}

fn told(reservation: Option<Reservation>, errors: Vec<ReserveStockError>) -> ReserveStockPayload {
    ReserveStockPayload {
        reservation: reservation.map(StockReservation),
        errors,
    }
}

/// Stock to be held.
#[derive(InputObject)]
struct ReserveStockInput {
    /// Chosen by the caller; for an order, the order's id. A reservation's id or a bare UUID.
    id: ID,
    /// What is to be held: 1 to 100 lines.
    lines: Vec<StockLineInput>,
    /// From when on the stock is given back, if it is still held; in the future.
    expires_at: Instant,
    /// The user who may see the reservation beside those with `stock:read`.
    owner_id: Option<ID>,
}

/// What came of `reserveStock`.
#[derive(SimpleObject)]
struct ReserveStockPayload {
    /// The reservation.
    reservation: Option<StockReservation>,
    /// Why nothing is held.
    errors: Vec<ReserveStockError>,
}

/// Why `reserveStock` holds nothing.
#[derive(Union)]
enum ReserveStockError {
    /// An argument breaks a rule.
    InvalidInput(InvalidInput),
    /// A line is short.
    InsufficientStock(InsufficientStock),
    /// The id was used before: for other lines, or for the same and they were given back since.
    WrongState(WrongState),
}
