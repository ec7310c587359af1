//! `adjustStock`.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, Union};
use stockgraph_kit::{
    error::ApiError,
    guard::guarded,
    user_error::{InvalidInput, NotFound},
};

use super::actor;
use crate::{
    graphql::{
        loader, stock,
        stock_level::StockLevel,
        user_error::{InsufficientStock, invalid, short},
    },
    service::{self, AdjustStock},
};

#[derive(Default)]
pub struct AdjustStockMutation;

#[guarded]
#[Object]
impl AdjustStockMutation {
    /// Corrects what is on hand after a count, damage or loss. Never below what is reserved.
    #[requires("stock:write")]
    async fn adjust_stock(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is corrected, and why.")] input: AdjustStockInput,
    ) -> Result<AdjustStockPayload, ApiError> {
        let adjustment = match adjustment(ctx, input) {
            Ok(adjustment) => adjustment,
            Err(error) => return Ok(refused(vec![error.into()])),
        };
        let adjusted = stock(ctx).adjust_stock(adjustment).await;
        loader::forget(ctx);
        Ok(match adjusted {
            Ok(level) => AdjustStockPayload {
                stock_level: Some(level.into()),
                errors: Vec::new(),
            },
            Err(service::AdjustStockError::Invalid(violations)) => refused(invalid(violations)),
            Err(service::AdjustStockError::WarehouseNotFound(id)) => {
                refused(vec![NotFound::new("warehouse", id).into()])
            }
            Err(service::AdjustStockError::Short(shortages)) => refused(short(shortages)),
            Err(service::AdjustStockError::Database(error)) => return Err(error.into()),
        })
    }
}

fn adjustment(ctx: &Context<'_>, input: AdjustStockInput) -> Result<AdjustStock, InvalidInput> {
    Ok(AdjustStock {
        warehouse: InvalidInput::parse_id(["warehouseId"], &input.warehouse_id)?,
        product: InvalidInput::parse_id(["productId"], &input.product_id)?,
        delta: input.delta,
        reason: input.reason,
        key: input.idempotency_key,
        actor: actor(ctx),
    })
}

const fn refused(errors: Vec<AdjustStockError>) -> AdjustStockPayload {
    AdjustStockPayload {
        stock_level: None,
        errors,
    }
}

/// A correction.
#[derive(InputObject)]
struct AdjustStockInput {
    /// The warehouse.
    warehouse_id: ID,
    /// The product.
    product_id: ID,
    /// The number to add; negative takes away. Up to 1,000,000 either way.
    delta: i32,
    /// Why, for the ledger; 1 to 500 characters.
    reason: String,
    /// The same again under the same key moves nothing twice; 1 to 200 characters.
    idempotency_key: Option<String>,
}

/// What came of `adjustStock`.
#[derive(SimpleObject)]
struct AdjustStockPayload {
    /// The level as it is now.
    stock_level: Option<StockLevel>,
    /// Why it is as it was.
    errors: Vec<AdjustStockError>,
}

/// Why `adjustStock` changed nothing.
#[derive(Union)]
enum AdjustStockError {
    /// An argument breaks a rule.
    InvalidInput(InvalidInput),
    /// There is no such warehouse.
    NotFound(NotFound),
    /// Less is free than would be taken away.
    InsufficientStock(InsufficientStock),
}
