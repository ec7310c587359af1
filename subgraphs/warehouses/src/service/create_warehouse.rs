//! Opens a warehouse.

use sea_orm::DbErr;
use stockgraph_kit::error::Fault;

use super::Warehouses;
use crate::{
    domain::{
        violation::Violation,
        warehouse::{
            Warehouse, WarehouseId, WarehouseStatus, check_code, check_location, check_name,
        },
    },
    repo,
};

/// A warehouse to be.
#[derive(Clone, Debug)]
pub struct CreateWarehouse {
    /// Its id.
    pub id: WarehouseId,
    /// Short and unique, e.g. `JKT`.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Where it is, in words.
    pub location: Option<String>,
    /// Stock is taken from the warehouse with the lowest number first.
    pub priority: i32,
}

/// Why a warehouse cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum CreateWarehouseError {
    /// The input breaks rules.
    #[error("the warehouse is not valid: {0:?}")]
    Invalid(Vec<Violation>),
    /// Another has this code.
    #[error("the code `{0}` is taken")]
    CodeTaken(String),
    /// The database fails.
    #[error(transparent)]
    Database(DbErr),
}

impl Warehouses {
    /// Opens a warehouse, active and empty.
    ///
    /// # Errors
    ///
    /// [`CreateWarehouseError`].
    pub async fn create_warehouse(
        &self,
        input: CreateWarehouse,
    ) -> Result<Warehouse, CreateWarehouseError> {
        let now = self.clock.now();
        let warehouse = match (
            check_code(&input.code),
            check_name(&input.name),
            check_location(input.location.as_deref()),
        ) {
            (Ok(code), Ok(name), Ok(location)) => Warehouse {
                id: input.id,
                code,
                name,
                location,
                status: WarehouseStatus::Active,
                priority: input.priority,
                created_at: now,
                updated_at: now,
            },
            (code, name, location) => {
                let violations = [code.err(), name.err(), location.err()];
                return Err(CreateWarehouseError::Invalid(
                    violations.into_iter().flatten().collect(),
                ));
            }
        };
        match repo::warehouses::insert(self.database.writer(), &warehouse).await {
            Ok(()) => Ok(warehouse),
            Err(error) if Fault::of(&error) == Fault::UniqueViolation => {
                Err(CreateWarehouseError::CodeTaken(warehouse.code))
            }
            Err(error) => Err(CreateWarehouseError::Database(error)),
        }
    }
}
