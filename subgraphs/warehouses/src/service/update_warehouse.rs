//! Changes what a warehouse is called, where it is, and when it gives.

use sea_orm::DbErr;
use stockgraph_kit::database::{self, persistently};

use super::Warehouses;
use crate::{
    domain::{
        violation::Violation,
        warehouse::{Warehouse, WarehouseId, check_location, check_name},
    },
    repo,
};

/// What is to change; what is `None` stays.
#[derive(Clone, Debug)]
pub struct UpdateWarehouse {
    /// Which warehouse.
    pub id: WarehouseId,
    /// Its name.
    pub name: Option<String>,
    /// Where it is; `Some(None)` forgets it.
    pub location: Option<Option<String>>,
    /// Stock is taken from the warehouse with the lowest number first.
    pub priority: Option<i32>,
}

/// Why a warehouse cannot be changed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateWarehouseError {
    /// The input breaks rules.
    #[error("the warehouse is not valid: {0:?}")]
    Invalid(Vec<Violation>),
    /// There is none.
    #[error("there is no warehouse {0}")]
    NotFound(WarehouseId),
    /// The database fails.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// What is to be changed, checked; what is `None` stays.
struct Change {
    id: WarehouseId,
    name: Option<String>,
    location: Option<Option<String>>,
    priority: Option<i32>,
}

impl Warehouses {
    /// Changes a warehouse.
    ///
    /// # Errors
    ///
    /// [`UpdateWarehouseError`].
    pub async fn update_warehouse(
        &self,
        input: UpdateWarehouse,
    ) -> Result<Warehouse, UpdateWarehouseError> {
        let name = input.name.as_deref().map(check_name).transpose();
        let location = input
            .location
            .as_ref()
            .map(|location| check_location(location.as_deref()))
            .transpose();
        let (name, location) = match (name, location) {
            (Ok(name), Ok(location)) => (name, location),
            (name, location) => {
                let violations = [name.err(), location.err()];
                return Err(UpdateWarehouseError::Invalid(
                    violations.into_iter().flatten().collect(),
                ));
            }
        };
        let change = Change {
            id: input.id,
            name,
            location,
            priority: input.priority,
        };
        persistently(|| self.try_to_update(&change)).await
    }

    async fn try_to_update(&self, change: &Change) -> Result<Warehouse, UpdateWarehouseError> {
        let tx = self.database.begin().await?;
        let mut warehouse = repo::warehouses::lock(&tx, change.id)
            .await?
            .ok_or(UpdateWarehouseError::NotFound(change.id))?;
        if let Some(name) = &change.name {
            warehouse.name.clone_from(name);
        }
        if let Some(location) = &change.location {
            warehouse.location.clone_from(location);
        }
        if let Some(priority) = change.priority {
            warehouse.priority = priority;
        }
        warehouse.updated_at = self.clock.now();
        repo::warehouses::update(&tx, &warehouse).await?;
        database::commit(tx, "update warehouse").await?;
        Ok(warehouse)
    }
}
