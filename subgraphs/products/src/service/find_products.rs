//! Which products there are, for whoever has many of their SKUs or ids in hand.

use std::collections::{HashMap, HashSet};

use sea_orm::DbErr;
use stockgraph_kit::id::ProductId;

use super::Catalogue;
use crate::repo;

impl Catalogue {
    /// The ids of the products with these SKUs, whatever their status; a SKU that no product has is left out.
    ///
    /// # Errors
    ///
    /// The database's.
    pub async fn ids_by_sku(&self, skus: &[&str]) -> Result<HashMap<String, ProductId>, DbErr> {
        let known = repo::product::ids_by_skus(self.database.reader(), skus).await?;
        Ok(known.into_iter().collect())
    }

    /// Those of these products that exist, whatever their status.
    ///
    /// # Errors
    ///
    /// The database's.
    pub async fn existing(&self, products: &[ProductId]) -> Result<HashSet<ProductId>, DbErr> {
        let known = repo::product::existing(self.database.reader(), products).await?;
        Ok(known.into_iter().collect())
    }
}
