//! `restock`.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, Union};
use stockgraph_kit::{
    error::ApiError,
    guard::guarded,
    id::{Id, ReservationId},
    user_error::{InvalidInput, NotFound, WrongState},
};

use super::{
    actor,
    line::{StockLineInput, lines},
};
use crate::{
    domain::restock::RestockId,
    graphql::{
        loader, stock,
        stock_level::StockLevel,
        user_error::{invalid, reservation_state},
    },
    service::{self, RestockGoods},
};

#[derive(Default)]
pub struct RestockMutation;

#[guarded]
#[Object]
impl RestockMutation {
    /// Puts sold goods back on hand after a return. Idempotent by `id`.
    #[requires("stock:reserve")]
    async fn restock(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What came back.")] input: RestockInput,
    ) -> Result<RestockPayload, ApiError> {
        let restocked = match goods(ctx, input) {
            Ok(goods) => stock(ctx).restock(goods).await,
            Err(errors) => return Ok(refused(errors)),
        };
        loader::forget(ctx);
        Ok(match restocked {
            Ok(levels) => RestockPayload {
                stock_levels: levels.into_iter().map(StockLevel::from).collect(),
                errors: Vec::new(),
            },
            Err(service::RestockError::Invalid(violations)) => refused(invalid(violations)),
            Err(service::RestockError::ReservationNotFound(id)) => {
                refused(vec![NotFound::new("reservation", id).into()])
            }
            Err(service::RestockError::WarehouseNotFound(id)) => {
                refused(vec![NotFound::new("warehouse", id).into()])
            }
            Err(service::RestockError::WrongState(reservation)) => {
                refused(vec![reservation_state(&reservation).into()])
            }
            Err(service::RestockError::Database(error)) => return Err(error.into()),
        })
    }
}

fn goods(ctx: &Context<'_>, input: RestockInput) -> Result<RestockGoods, Vec<RestockError>> {
    let invalid = |field: &str, error| vec![InvalidInput::new([field], error).into()];
    let warehouse = input
        .warehouse_id
        .as_ref()
        .map(|id| Id::parse(id))
        .transpose()
        .map_err(|error| invalid("warehouseId", error))?;
    let lines = lines(&input.lines).map_err(|errors| {
        let members = errors.into_iter().map(Into::into);
        members.collect::<Vec<RestockError>>()
    })?;
    Ok(RestockGoods {
        id: RestockId::parse_chosen(&input.id).map_err(|error| invalid("id", error))?,
        reservation: ReservationId::parse_chosen(&input.reservation_id)
            .map_err(|error| invalid("reservationId", error))?,
        lines,
        warehouse,
        reason: input.reason,
        actor: actor(ctx),
    })
}

const fn refused(errors: Vec<RestockError>) -> RestockPayload {
    RestockPayload {
        stock_levels: Vec::new(),
        errors,
    }
}

/// Goods that came back.
#[derive(InputObject)]
struct RestockInput {
    /// Chosen by the caller: a restock's id or a bare UUID.
    id: ID,
    /// The reservation by which the goods were sold.
    reservation_id: ID,
    /// What came back: never more than was sold and has not come back yet.
    lines: Vec<StockLineInput>,
    /// The warehouse that the goods go to; without it each goes back to where it came from.
    warehouse_id: Option<ID>,
    /// Why, for the ledger.
    reason: Option<String>,
}

/// What came of `restock`.
#[derive(SimpleObject)]
struct RestockPayload {
    /// The levels that the goods went to, in the order of the lines.
    stock_levels: Vec<StockLevel>,
    /// Why nothing was booked.
    errors: Vec<RestockError>,
}

/// Why `restock` booked nothing.
#[derive(Union)]
enum RestockError {
    /// An argument breaks a rule, or more would come back than was sold.
    InvalidInput(InvalidInput),
    /// There is no such reservation or warehouse.
    NotFound(NotFound),
    /// The reservation's stock was not sold.
    WrongState(WrongState),
}
