//! Every query of the domain, a file per noun. Rows go no further than this.

pub mod keys;
pub mod levels;
pub mod movements;
pub mod reservations;
pub mod restocks;
pub mod transfers;
pub mod verification;
pub mod warehouses;

use sea_orm::DbErr;

/// How many rows go into one statement: far below the bound on its parameters (32,766 on SQLite, 65,535 on PostgreSQL).
pub const CHUNK: usize = 500;

/// What a stored text stands for.
fn known<T>(value: Option<T>, column: &str) -> Result<T, DbErr> {
    value.ok_or_else(|| DbErr::Type(format!("`{column}` has a text that it cannot have")))
}

/// Makes sure that a guarded statement changed every row that it was to change.
fn changed_all(changed: u64, expected: usize, what: &str) -> Result<(), DbErr> {
    if changed == expected as u64 {
        Ok(())
    } else {
        Err(DbErr::Custom(format!(
            "{what}: {changed} of {expected} rows were as they had been read"
        )))
    }
}
