//! `setStockPolicy`.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, Union};
use stockgraph_kit::{
    error::ApiError,
    guard::guarded,
    user_error::{InvalidInput, NotFound},
};

use crate::{
    graphql::{loader, stock, stock_level::StockLevel, user_error::invalid},
    service::{self, SetStockPolicy},
};

#[derive(Default)]
pub struct SetStockPolicyMutation;

#[guarded]
#[Object]
impl SetStockPolicyMutation {
    /// Sets how much is kept back from sale, and from which level the stock counts as low. What is left out stays.
    #[requires("stock:write")]
    async fn set_stock_policy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The policy.")] input: SetStockPolicyInput,
    ) -> Result<SetStockPolicyPayload, ApiError> {
        let policy = match policy(&input) {
            Ok(policy) => policy,
            Err(error) => return Ok(refused(vec![error.into()])),
        };
        let set = stock(ctx).set_stock_policy(policy).await;
        loader::forget(ctx);
        Ok(match set {
            Ok(level) => SetStockPolicyPayload {
                stock_level: Some(level.into()),
                errors: Vec::new(),
            },
            Err(service::SetStockPolicyError::Invalid(violations)) => refused(invalid(violations)),
            Err(service::SetStockPolicyError::WarehouseNotFound(id)) => {
                refused(vec![NotFound::new("warehouse", id).into()])
            }
            Err(service::SetStockPolicyError::Database(error)) => return Err(error.into()),
        })
    }
}

fn policy(input: &SetStockPolicyInput) -> Result<SetStockPolicy, InvalidInput> {
    Ok(SetStockPolicy {
        warehouse: InvalidInput::parse_id(["warehouseId"], &input.warehouse_id)?,
        product: InvalidInput::parse_id(["productId"], &input.product_id)?,
        safety_stock: input.safety_stock,
        low_stock_threshold: input.low_stock_threshold,
    })
}

const fn refused(errors: Vec<SetStockPolicyError>) -> SetStockPolicyPayload {
    SetStockPolicyPayload {
        stock_level: None,
        errors,
    }
}

/// A policy for a product in a warehouse.
#[derive(InputObject)]
struct SetStockPolicyInput {
    /// The warehouse.
    warehouse_id: ID,
    /// The product, which may never have been there.
    product_id: ID,
    /// How much is kept back from sale: 0 to 1,000,000.
    safety_stock: Option<i32>,
    /// From which number of available units the stock counts as low: 0 to 1,000,000.
    low_stock_threshold: Option<i32>,
}

/// What came of `setStockPolicy`.
#[derive(SimpleObject)]
struct SetStockPolicyPayload {
    /// The level with its policy.
    stock_level: Option<StockLevel>,
    /// Why the policy is as it was.
    errors: Vec<SetStockPolicyError>,
}

/// Why `setStockPolicy` changed nothing.
#[derive(Union)]
enum SetStockPolicyError {
    /// An argument breaks a rule.
    InvalidInput(InvalidInput),
    /// There is no such warehouse.
    NotFound(NotFound),
}
