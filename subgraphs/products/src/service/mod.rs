//! The use cases, a file for each.

pub mod create_category;
pub mod create_product;
mod find_products;
pub mod import_products;
pub mod update_product;

use stockgraph_kit::{clock::Clock, database::Database, id::IdSource};

/// What the use cases work with. Clones share it.
#[derive(Clone, Debug)]
pub struct Catalogue {
    database: Database,
    clock: Clock,
    ids: IdSource,
}

impl Catalogue {
    /// The catalogue in this database.
    #[must_use]
    pub const fn new(database: Database, clock: Clock, ids: IdSource) -> Self {
        Self {
            database,
            clock,
            ids,
        }
    }

    /// The database.
    #[must_use]
    pub const fn database(&self) -> &Database {
        &self.database
    }

    /// Makes the ids of what is new.
    #[must_use]
    pub const fn ids(&self) -> &IdSource {
        &self.ids
    }
}
