//! `createWarehouse`.

use async_graphql::{Context, InputObject, Object, SimpleObject, Union};
use stockgraph_kit::{error::ApiError, guard::guarded, user_error::InvalidInput};

use crate::{
    graphql::{
        loader, stock,
        user_error::{WarehouseCodeTaken, invalid},
        warehouse::Warehouse,
    },
    service::{self, CreateWarehouse},
};

#[derive(Default)]
pub struct CreateWarehouseMutation;

#[guarded]
#[Object]
impl CreateWarehouseMutation {
    /// Opens a warehouse, active and empty.
    #[requires("stock:write")]
    async fn create_warehouse(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is like.")] input: CreateWarehouseInput,
    ) -> Result<CreateWarehousePayload, ApiError> {
        let stock = stock(ctx);
        let created = stock
            .create_warehouse(CreateWarehouse {
                id: stock.ids().next(),
                code: input.code,
                name: input.name,
                location: input.location,
                priority: input.priority.unwrap_or_default(),
            })
            .await;
        loader::forget(ctx);
        let errors = match created {
            Ok(warehouse) => {
                return Ok(CreateWarehousePayload {
                    warehouse: Some(Warehouse(warehouse)),
                    errors: Vec::new(),
                });
            }
            Err(service::CreateWarehouseError::Invalid(violations)) => invalid(violations),
            Err(service::CreateWarehouseError::CodeTaken(code)) => {
                vec![WarehouseCodeTaken::new(code).into()]
            }
            Err(service::CreateWarehouseError::Database(error)) => return Err(error.into()),
        };
        Ok(CreateWarehousePayload {
            warehouse: None,
            errors,
        })
    }
}

/// A warehouse to be.
#[derive(InputObject)]
struct CreateWarehouseInput {
    /// Short and unique, e.g. `JKT`: 1 to 32 letters, digits, `-` and `_`.
    code: String,
    /// Its name, 1 to 200 characters.
    name: String,
    /// Where it is, in words.
    location: Option<String>,
    /// Stock is taken from the warehouse with the lowest number first.
    #[graphql(default_with = "Some(0)")]
    priority: Option<i32>,
}

/// What came of `createWarehouse`.
#[derive(SimpleObject)]
struct CreateWarehousePayload {
    /// The new warehouse.
    warehouse: Option<Warehouse>,
    /// Why there is none.
    errors: Vec<CreateWarehouseError>,
}

/// Why `createWarehouse` made none.
#[derive(Union)]
enum CreateWarehouseError {
    /// An argument breaks a rule.
    InvalidInput(InvalidInput),
    /// Another warehouse has the code.
    WarehouseCodeTaken(WarehouseCodeTaken),
}
