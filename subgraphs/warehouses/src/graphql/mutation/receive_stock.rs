//! `receiveStock`.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, Union};
use stockgraph_kit::{
    error::ApiError,
    guard::guarded,
    user_error::{InvalidInput, NotFound},
};

use super::{
    actor,
    line::{StockLineInput, lines},
};
use crate::{
    domain::level::Level,
    graphql::{loader, stock, stock_level::StockLevel, user_error::invalid},
    service::{self, ReceiveStock},
};

#[derive(Default)]
pub struct ReceiveStockMutation;

#[guarded]
#[Object]
impl ReceiveStockMutation {
    /// Adds goods that came in.
    #[requires("stock:write")]
    async fn receive_stock(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What came in, and where.")] input: ReceiveStockInput,
    ) -> Result<ReceiveStockPayload, ApiError> {
        let received = match receipt(ctx, input) {
            Ok(receipt) => stock(ctx).receive_stock(receipt).await,
            Err(errors) => return Ok(refused(errors)),
        };
        loader::forget(ctx);
        Ok(match received {
            Ok(levels) => booked(levels),
            Err(service::ReceiveStockError::Invalid(violations)) => refused(invalid(violations)),
            Err(service::ReceiveStockError::WarehouseNotFound(id)) => {
                refused(vec![NotFound::new("warehouse", id).into()])
            }
            Err(service::ReceiveStockError::Database(error)) => return Err(error.into()),
        })
    }
}

fn receipt(
    ctx: &Context<'_>,
    input: ReceiveStockInput,
) -> Result<ReceiveStock, Vec<ReceiveStockError>> {
    let warehouse = InvalidInput::parse_id(["warehouseId"], &input.warehouse_id)
        .map_err(|error| vec![error.into()])?;
    let lines = lines(&input.lines).map_err(|errors| {
        let members = errors.into_iter().map(Into::into);
        members.collect::<Vec<ReceiveStockError>>()
    })?;
    Ok(ReceiveStock {
        warehouse,
        lines,
        reason: input.reason,
        key: input.idempotency_key,
        actor: actor(ctx),
    })
}

fn booked(levels: Vec<Level>) -> ReceiveStockPayload {
    ReceiveStockPayload {
        stock_levels: levels.into_iter().map(StockLevel::from).collect(),
        errors: Vec::new(),
    }
}

const fn refused(errors: Vec<ReceiveStockError>) -> ReceiveStockPayload {
    ReceiveStockPayload {
        stock_levels: Vec::new(),
        errors,
    }
}

/// Goods that came in.
#[derive(InputObject)]
struct ReceiveStockInput {
    /// The warehouse that they are in.
    warehouse_id: ID,
    /// What came in: 1 to 100 lines.
    lines: Vec<StockLineInput>,
    /// Why, for the ledger.
    reason: Option<String>,
    /// The same again under the same key moves nothing twice; 1 to 200 characters.
    idempotency_key: Option<String>,
}

/// What came of `receiveStock`.
#[derive(SimpleObject)]
struct ReceiveStockPayload {
    /// The warehouse's levels of what came in, in the order of the lines.
    stock_levels: Vec<StockLevel>,
    /// Why nothing was booked.
    errors: Vec<ReceiveStockError>,
}

/// Why `receiveStock` booked nothing.
#[derive(Union)]
enum ReceiveStockError {
    /// An argument breaks a rule.
    InvalidInput(InvalidInput),
    /// There is no such warehouse.
    NotFound(NotFound),
}
