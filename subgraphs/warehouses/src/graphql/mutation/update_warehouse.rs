//! `updateWarehouse`.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject, Union};
use stockgraph_kit::{
    error::ApiError,
    guard::guarded,
    user_error::{InvalidInput, NotFound},
};

use crate::{
    graphql::{loader, stock, user_error::invalid, warehouse::Warehouse},
    service::{self, UpdateWarehouse},
};

#[derive(Default)]
pub struct UpdateWarehouseMutation;

#[guarded]
#[Object]
impl UpdateWarehouseMutation {
    /// Changes what a warehouse is called, where it is, and when it gives. What is left out stays.
    #[requires("stock:write")]
    async fn update_warehouse(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: UpdateWarehouseInput,
    ) -> Result<UpdateWarehousePayload, ApiError> {
        let id = match NotFound::parse_id(&input.id) {
            Ok(id) => id,
            Err(error) => return Ok(vec![error.into()].into()),
        };
        let updated = stock(ctx)
            .update_warehouse(UpdateWarehouse {
                id,
                name: input.name,
                location: match input.location {
                    MaybeUndefined::Undefined => None,
                    MaybeUndefined::Null => Some(None),
                    MaybeUndefined::Value(location) => Some(Some(location)),
                },
                priority: input.priority,
            })
            .await;
        loader::forget(ctx);
        let errors = match updated {
            Ok(warehouse) => {
                return Ok(UpdateWarehousePayload {
                    warehouse: Some(Warehouse(warehouse)),
                    errors: Vec::new(),
                });
            }
            Err(service::UpdateWarehouseError::Invalid(violations)) => invalid(violations),
            Err(service::UpdateWarehouseError::NotFound(id)) => {
                vec![NotFound::new("warehouse", id).into()]
            }
            Err(service::UpdateWarehouseError::Database(error)) => return Err(error.into()),
        };
        Ok(errors.into())
    }
}

/// What changes of a warehouse.
#[derive(InputObject)]
struct UpdateWarehouseInput {
    /// Which warehouse.
    id: ID,
    /// Its name, 1 to 200 characters.
    name: Option<String>,
    /// Where it is, in words; null forgets it.
    location: MaybeUndefined<String>,
    /// Stock is taken from the warehouse with the lowest number first.
    priority: Option<i32>,
}

/// What came of `updateWarehouse`.
#[derive(SimpleObject)]
struct UpdateWarehousePayload {
    /// The warehouse as it is now.
    warehouse: Option<Warehouse>,
    /// Why it is as it was.
    errors: Vec<UpdateWarehouseError>,
}

impl From<Vec<UpdateWarehouseError>> for UpdateWarehousePayload {
    fn from(errors: Vec<UpdateWarehouseError>) -> Self {
        Self {
            warehouse: None,
            errors,
        }
    }
}

/// Why `updateWarehouse` changed nothing.
#[derive(Union)]
enum UpdateWarehouseError {
    /// An argument breaks a rule.
    InvalidInput(InvalidInput),
    /// There is no such warehouse.
    NotFound(NotFound),
}
