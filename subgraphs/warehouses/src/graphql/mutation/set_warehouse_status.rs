//! `activateWarehouse` and `deactivateWarehouse`.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, Union};
use stockgraph_kit::{error::ApiError, guard::guarded, user_error::NotFound};

use crate::{
    domain::warehouse::WarehouseStatus,
    graphql::{loader, stock, warehouse::Warehouse},
    service::SetWarehouseStatusError,
};

#[derive(Default)]
pub struct SetWarehouseStatusMutation;

#[guarded]
#[Object]
impl SetWarehouseStatusMutation {
    /// Counts the warehouse's stock as available again.
    #[requires("stock:write")]
    async fn activate_warehouse(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which warehouse.")] input: ActivateWarehouseInput,
    ) -> Result<ActivateWarehousePayload, ApiError> {
        Ok(match set(ctx, &input.id, WarehouseStatus::Active).await? {
            Ok(warehouse) => ActivateWarehousePayload {
                warehouse: Some(warehouse),
                errors: Vec::new(),
            },
            Err(error) => ActivateWarehousePayload {
                warehouse: None,
                errors: vec![error.into()],
            },
        })
    }

    /// Takes the warehouse's stock out of what is available. What is already reserved there stays reserved and can still be sold.
    #[requires("stock:write")]
    async fn deactivate_warehouse(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which warehouse.")] input: DeactivateWarehouseInput,
    ) -> Result<DeactivateWarehousePayload, ApiError> {
        Ok(
            match set(ctx, &input.id, WarehouseStatus::Inactive).await? {
                Ok(warehouse) => DeactivateWarehousePayload {
                    warehouse: Some(warehouse),
                    errors: Vec::new(),
                },
                Err(error) => DeactivateWarehousePayload {
                    warehouse: None,
                    errors: vec![error.into()],
                },
            },
        )
    }
}

async fn set(
    ctx: &Context<'_>,
    id: &ID,
    status: WarehouseStatus,
) -> Result<Result<Warehouse, NotFound>, ApiError> {
    let id = match NotFound::parse_id(id) {
        Ok(id) => id,
        Err(error) => return Ok(Err(error)),
    };
    let set = stock(ctx).set_warehouse_status(id, status).await;
    loader::forget(ctx);
    match set {
        Ok(warehouse) => Ok(Ok(Warehouse(warehouse))),
        Err(SetWarehouseStatusError::NotFound(id)) => Ok(Err(NotFound::new("warehouse", id))),
        Err(SetWarehouseStatusError::Database(error)) => Err(error.into()),
    }
}

/// Which warehouse is activated.
#[derive(InputObject)]
struct ActivateWarehouseInput {
    /// Which warehouse.
    id: ID,
}

/// What came of `activateWarehouse`.
#[derive(SimpleObject)]
struct ActivateWarehousePayload {
    /// The warehouse as it is now.
    warehouse: Option<Warehouse>,
    /// Why nothing changed.
    errors: Vec<ActivateWarehouseError>,
}

/// Why `activateWarehouse` changed nothing.
#[derive(Union)]
enum ActivateWarehouseError {
    /// There is no such warehouse.
    NotFound(NotFound),
}

/// Which warehouse is deactivated.
#[derive(InputObject)]
struct DeactivateWarehouseInput {
    /// Which warehouse.
    id: ID,
}

/// What came of `deactivateWarehouse`.
#[derive(SimpleObject)]
struct DeactivateWarehousePayload {
    /// The warehouse as it is now.
    warehouse: Option<Warehouse>,
    /// Why nothing changed.
    errors: Vec<DeactivateWarehouseError>,
}

/// Why `deactivateWarehouse` changed nothing.
#[derive(Union)]
enum DeactivateWarehouseError {
    /// There is no such warehouse.
    NotFound(NotFound),
}
