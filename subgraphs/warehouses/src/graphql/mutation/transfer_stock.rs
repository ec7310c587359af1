//! `transferStock`.

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
    graphql::{
        loader, stock,
        transfer::StockTransfer,
        user_error::{InsufficientStock, invalid, short},
    },
    service::{self, TransferStock},
};

#[derive(Default)]
pub struct TransferStockMutation;

#[guarded]
#[Object]
impl TransferStockMutation {
    /// Moves goods between warehouses: at once, or, with `inTransit`, by a dispatch now and a receipt later.
    #[requires("stock:write")]
    async fn transfer_stock(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is moved, from where and to where.")] input: TransferStockInput,
    ) -> Result<TransferStockPayload, ApiError> {
        let transferred = match transfer(ctx, input) {
            Ok(transfer) => stock(ctx).transfer_stock(transfer).await,
            Err(errors) => return Ok(refused(errors)),
        };
        loader::forget(ctx);
        Ok(match transferred {
            Ok(transfer) => TransferStockPayload {
                transfer: Some(StockTransfer(transfer)),
                errors: Vec::new(),
            },
            Err(service::TransferStockError::Invalid(violations)) => refused(invalid(violations)),
            Err(service::TransferStockError::WarehouseNotFound(id)) => {
                refused(vec![NotFound::new("warehouse", id).into()])
            }
            Err(service::TransferStockError::Short(shortages)) => refused(short(shortages)),
            Err(service::TransferStockError::Database(error)) => return Err(error.into()),
        })
    }
}

fn transfer(
    ctx: &Context<'_>,
    input: TransferStockInput,
) -> Result<TransferStock, Vec<TransferStockError>> {
    let place = |field: &str, id: &ID| {
        InvalidInput::parse_id([field], id).map_err(|error| vec![error.into()])
    };
    let source = place("sourceId", &input.source_id)?;
    let destination = place("destinationId", &input.destination_id)?;
    let lines = lines(&input.lines).map_err(|errors| {
        let members = errors.into_iter().map(Into::into);
        members.collect::<Vec<TransferStockError>>()
    })?;
    Ok(TransferStock {
        id: stock(ctx).ids().next(),
        source,
        destination,
        lines,
        in_transit: input.in_transit.unwrap_or_default(),
        key: input.idempotency_key,
        actor: actor(ctx),
    })
}

const fn refused(errors: Vec<TransferStockError>) -> TransferStockPayload {
    TransferStockPayload {
        transfer: None,
        errors,
    }
}

/// A move of goods.
#[derive(InputObject)]
struct TransferStockInput {
    /// The warehouse that the goods leave.
    source_id: ID,
    /// The warehouse that they go to.
    destination_id: ID,
    /// What is moved: 1 to 100 lines.
    lines: Vec<StockLineInput>,
    /// False books both sides at once.
    #[graphql(default_with = "Some(false)")]
    in_transit: Option<bool>,
    /// The same again under the same key moves nothing twice; 1 to 200 characters.
    idempotency_key: Option<String>,
}

/// What came of `transferStock`.
#[derive(SimpleObject)]
struct TransferStockPayload {
    /// The transfer.
    transfer: Option<StockTransfer>,
    /// Why nothing was moved.
    errors: Vec<TransferStockError>,
}

/// Why `transferStock` moved nothing.
#[derive(Union)]
enum TransferStockError {
    /// An argument breaks a rule.
    InvalidInput(InvalidInput),
    /// There is no such warehouse.
    NotFound(NotFound),
    /// Less is free at the source than is to be moved.
    InsufficientStock(InsufficientStock),
}
